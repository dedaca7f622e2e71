//! The book of what came: one line of JSON for each delivery, written before it is answered, so that a receiver that is killed knows
//! afterwards what it had taken.

use std::collections::BTreeSet;
use std::fs::{File, OpenOptions};
use std::io::{BufRead, BufReader, Write};
use std::path::Path;

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::Value;

use super::manners::Misdeed;
use crate::error::{Error, Result, codes};
use crate::outbox::Seal;

/// One delivery as it came and what was done with it.
#[derive(Debug, Clone, Serialize)]
pub struct Entry {
    /// When it came.
    pub at: DateTime<Utc>,
    /// Its number since the start, from 1.
    pub n: u64,
    /// Path it came to.
    pub path: String,
    /// Receipt id, `webhook-id`; empty when there was none.
    pub id: String,
    /// What its seal says.
    pub seal: Seal,
    /// Whether it was taken: entered, and to be counted once for its id.
    pub taken: bool,
    /// Whether one of this id had been taken before, also before a restart.
    pub repeat: bool,
    /// HTTP status answered; none where the connection was closed instead.
    pub answered: Option<u16>,
    /// What was done wrong on purpose.
    pub misdeeds: Vec<Misdeed>,
    /// Kind of the record, where the delivery is in canonical JSON.
    pub kind: Option<String>,
    /// The record.
    pub record: Option<String>,
    /// And the version it tells.
    pub version: Option<i64>,
    /// How many bytes were sent.
    pub size: usize,
    /// What was sent: JSON as it is, other formats as text.
    pub body: Value,
}

/// The book; holds the ids that were taken, 32 letters each.
pub struct Book {
    file: Option<File>,
    taken: BTreeSet<String>,
}

impl Book {
    /// Opens a book to write on, reading which ids it has; without a path nothing is written.
    ///
    /// # Errors
    /// `file` when it cannot be read or written.
    pub fn open(path: Option<&Path>) -> Result<Self> {
        let Some(path) = path else { return Ok(Self { file: None, taken: BTreeSet::new() }) };
        let failed = |e: std::io::Error| {
            Error::new(codes::machine::FILE, format!("打不开记录文件 {}。", path.display())).because(e)
        };
        let mut options = OpenOptions::new();
        let file = options.create(true).read(true).append(true).open(path).map_err(failed)?;
        let mut taken = BTreeSet::new();
        let mut torn = false;
        for line in BufReader::new(&file).split(b'\n') {
            let entry: Option<Value> = serde_json::from_slice(&line.map_err(failed)?).ok();
            torn = entry.is_none();
            let of = |name: &str| entry.as_ref().and_then(|it| it.get(name));
            if of("taken").and_then(Value::as_bool) == Some(true) {
                taken.extend(of("id").and_then(Value::as_str).map(str::to_owned));
            }
        }
        if torn {
            // The process died while it wrote the last line; the next one must not be joined to it.
            (&file).write_all(b"\n").map_err(failed)?;
        }
        Ok(Self { file: Some(file), taken })
    }

    /// Whether a receipt id has been taken.
    #[must_use]
    pub fn has(&self, id: &str) -> bool {
        self.taken.contains(id)
    }

    /// Enters a delivery; when this returns, the line is with the operating system and outlives the process.
    ///
    /// # Errors
    /// `file` when it cannot be written; the delivery must then not be answered as taken.
    pub fn enter(&mut self, entry: &Entry) -> Result<()> {
        if let Some(file) = &mut self.file {
            let mut line = serde_json::to_vec(entry).map_err(Error::internal)?;
            line.push(b'\n');
            let failed = |e| Error::new(codes::machine::FILE, "写不进记录文件。").because(e);
            file.write_all(&line).map_err(failed)?;
        }
        if entry.taken {
            self.taken.insert(entry.id.clone());
        }
        Ok(())
    }
}
