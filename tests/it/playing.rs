//! The partner kit against a real hub: it plays departments from their message folders, well and badly.

mod receive;
mod send;
mod verify;

use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::support::app::Client;
use crate::support::command::{Said, hub, run};

/// `hub partner play` of the partner that a client stands for, against a hub.
pub fn play(dir: &Path, base: &str, client: &Client, secret: &str) -> Command {
    let mut command = hub(dir);
    command.args(["--json", "partner", "play", &client.partner, "--to", base]);
    command.arg("--key").arg(format!("{}:{secret}", client.key));
    command
}

/// What a command printed, one JSON object a line.
pub fn lines(said: &Said) -> Vec<Value> {
    said.out
        .lines()
        .map(|line| serde_json::from_str(line).unwrap_or_else(|e| panic!("{e}: {line}")))
        .collect()
}

/// Runs a command that must end with a code; what it printed.
#[track_caller]
pub fn told(code: i32, command: &mut Command) -> Vec<Value> {
    let said = run(command);
    assert_eq!(said.code, code, "{command:?}\n{}\n{}", said.out, said.err);
    lines(&said)
}
