//! The real binary, run as an operator runs it.

use std::path::Path;
use std::process::{Command, Output};

use super::app::trial_mappings;

/// The binary with the trial mappings on a data directory; the environment of the test run does not reach it.
pub fn hub(data: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_hub"));
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("HUB_")) {
        command.env_remove(name);
    }
    command.arg("--data").arg(data).arg("--mappings").arg(trial_mappings());
    command
}

/// What a finished command said.
pub struct Said {
    pub code: i32,
    pub out: String,
    pub err: String,
}

/// Runs a command to its end.
pub fn run(command: &mut Command) -> Said {
    let Output { status, stdout, stderr } = command.output().unwrap();
    Said {
        code: status.code().unwrap_or(-1),
        out: String::from_utf8(stdout).unwrap(),
        err: String::from_utf8(stderr).unwrap(),
    }
}

/// Runs a command that must end with a code.
#[track_caller]
pub fn expect(code: i32, command: &mut Command) -> Said {
    let said = run(command);
    assert_eq!(said.code, code, "{command:?}\n{}\n{}", said.out, said.err);
    said
}
