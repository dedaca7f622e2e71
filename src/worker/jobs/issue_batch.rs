//! Goes on with a running batch of documents for some seconds, then leaves the rest to the next job.

use std::time::{Duration, Instant};

use chrono::TimeDelta;

use super::Context;
use crate::clock;
use crate::error::{Error, Result};
use crate::issue;
use crate::store::{BatchId, Job, extend_lease};

/// Name in the queue.
pub const KIND: &str = issue::BATCH_JOB;

/// One job's share: short enough that other jobs get their turn.
const SHARE: Duration = Duration::from_secs(20);

#[derive(serde::Deserialize)]
struct Payload {
    batch: BatchId,
}

/// Issues rows. A second run goes on with the first row that is not issued; what cannot go on for the machine's sake is tried
/// again later, and in the end paused with the reason for a person to see.
pub fn run(context: &Context, job: &Job) -> Result<()> {
    let Payload { batch } = job.payload.read()?;
    let started = Instant::now();
    let lease = TimeDelta::from_std(context.settings.lease).map_err(Error::internal)?;
    let enough = || {
        let held = context.store.write(|conn| extend_lease(conn, job, clock::now() + lease))?;
        Ok(!held || started.elapsed() > SHARE)
    };
    match issue::run_batch(&context.store, &context.desk, &batch, &clock::now, enough) {
        Ok(true) => context.store.write(|conn| issue::continue_batch(conn, &batch, clock::now())),
        Ok(false) => Ok(()),
        Err(error) => {
            if job.tries >= job.max_tries {
                let why = &error.detail;
                context.store.write(|conn| issue::interrupt_batch(conn, &batch, why, clock::now()))?;
            }
            Err(error)
        }
    }
}
