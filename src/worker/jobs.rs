//! The kinds of jobs, one file each.

mod housekeeping;
mod issue_batch;
mod mend_messages;
mod urge_tasks;

use chrono::{DateTime, Utc};

use super::Context;
use crate::error::Result;
use crate::store::{Job, Store};

/// One kind of job.
pub struct Entry {
    /// Its name in the queue.
    pub kind: &'static str,
    /// Does it. Must do no harm when it runs twice.
    pub run: fn(&Context, &Job) -> Result<()>,
}

/// Every kind this program can do.
pub const JOBS: &[Entry] = &[
    Entry { kind: housekeeping::KIND, run: housekeeping::run },
    Entry { kind: issue_batch::KIND, run: issue_batch::run },
    Entry { kind: mend_messages::KIND, run: mend_messages::run },
    Entry { kind: urge_tasks::KIND, run: urge_tasks::run },
];

/// Enqueues the jobs that are always there; those waiting already stay as they are.
pub(super) fn enqueue_standing(store: &Store, now: DateTime<Utc>) -> Result<()> {
    store.write(|conn| {
        housekeeping::enqueue(conn, now, now)?;
        urge_tasks::enqueue_first(conn, now)
    })
}
