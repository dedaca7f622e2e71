//! Once an hour: forgets nonces and sessions that have expired and jobs done long ago.

use chrono::{DateTime, TimeDelta, Utc};

use super::Context;
use crate::clock;
use crate::error::Result;
use crate::store::{self, Conn, Job, NewJob, purge_jobs, purge_nonces, purge_sessions};

/// Name in the queue.
pub const KIND: &str = "housekeeping";

/// Done jobs stay to be looked at for so long.
const KEEP_JOBS: TimeDelta = TimeDelta::days(7);

/// Purges, and enqueues the next run.
pub fn run(context: &Context, _job: &Job) -> Result<()> {
    let now = clock::now();
    let (nonces, sessions, jobs) = context.store.write(|conn| {
        let purged =
            (purge_nonces(conn, now)?, purge_sessions(conn, now)?, purge_jobs(conn, now - KEEP_JOBS)?);
        enqueue(conn, now + TimeDelta::hours(1), now)?;
        Ok(purged)
    })?;
    tracing::debug!(nonces, sessions, jobs, "housekeeping.done");
    Ok(())
}

/// Enqueues a run at `at` unless one waits for that hour: the hour is part of the key, so a run that is itself still marked
/// running does not keep the next from being enqueued, and two processes that start together enqueue one.
pub fn enqueue(conn: &mut Conn, at: DateTime<Utc>, now: DateTime<Utc>) -> Result<()> {
    let key = format!("{KIND} {}", at.format("%Y-%m-%dT%H"));
    let new = NewJob {
        kind: KIND,
        payload: &serde_json::json!({}),
        order_key: None,
        dedup_key: Some(&key),
        priority: 10,
        run_at: at,
        max_tries: 10,
    };
    store::enqueue(conn, &new, now).map(|_id| ())
}
