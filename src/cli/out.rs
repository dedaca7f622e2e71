//! The only place that writes to stdout and stderr: results there, progress and errors here.

use std::io::{IsTerminal, Write};

use serde::Serialize;

use crate::error::{Error, Problem};

/// Where a command writes; a copy writes to the same.
#[derive(Clone, Copy)]
pub(crate) struct Out {
    json: bool,
    quiet: bool,
}

impl Out {
    pub(super) fn new(json: bool, quiet: bool) -> Self {
        Self { json, quiet }
    }

    /// Whether the caller asked for JSON.
    pub(crate) fn is_json(&self) -> bool {
        self.json
    }

    /// A line of the result. A reader that went away (`| head`) is no failure.
    pub(crate) fn line(&mut self, text: &str) {
        let mut stdout = std::io::stdout().lock();
        let _ = stdout.write_all(text.as_bytes()).and_then(|()| stdout.write_all(b"\n"));
    }

    /// Bytes of the result as they are.
    pub(crate) fn bytes(&mut self, bytes: &[u8]) {
        let _ = std::io::stdout().lock().write_all(bytes);
    }

    /// One JSON object on one line.
    pub(crate) fn json(&mut self, value: &impl Serialize) {
        // Only a map with non-text keys could fail here, and none of our results has one.
        self.line(&serde_json::to_string(value).unwrap_or_default());
    }

    /// JSON when asked for, else the text.
    pub(crate) fn either(&mut self, value: &impl Serialize, text: impl FnOnce() -> String) {
        if self.json { self.json(value) } else { self.line(text().trim_end()) }
    }

    /// A note for the person at the terminal.
    pub(crate) fn note(&mut self, text: &str) {
        if !self.quiet {
            let _ = writeln!(std::io::stderr().lock(), "{text}");
        }
    }

    /// Progress that replaces itself, only where both ends are a terminal: captured text stays clean.
    pub(crate) fn progress(&mut self, text: &str) {
        let seen = std::io::stderr().is_terminal() && std::io::stdout().is_terminal();
        if seen && !self.quiet {
            let _ = write!(std::io::stderr().lock(), "\r\x1b[2K{text}");
        }
    }

    /// Why the command did not do what was asked: on stderr, with `--json` as an object of the API's shape.
    pub(crate) fn failure(&mut self, error: &Error) {
        let mut stderr = std::io::stderr().lock();
        if self.json {
            let info = error.code.info();
            let object = serde_json::json!({ "error": {
                "code": error.code, "name": info.name, "title": info.title,
                "detail": error.detail, "problems": error.problems,
            }});
            let _ = writeln!(stderr, "{object}");
            return;
        }
        let _ = writeln!(stderr, "{}（{}）", error.detail, error.code);
        for problem in &error.problems {
            let _ = writeln!(stderr, "  {}", finding(problem));
        }
        if error.problems.is_empty() {
            let _ = writeln!(stderr, "  {}", error.code.info().cure);
        }
    }
}

/// A finding on one line: code, place, value, rule, fix.
pub(crate) fn finding(problem: &Problem) -> String {
    problem.to_string()
}
