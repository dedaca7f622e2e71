//! Goes on with a decision over messages in quarantine for some seconds, then leaves the rest to the next job.

use std::time::{Duration, Instant};

use chrono::TimeDelta;

use super::Context;
use crate::clock;
use crate::error::{Error, Result};
use crate::intake;
use crate::store::{Job, MendingId, extend_lease};

/// Name in the queue.
pub const KIND: &str = intake::MENDING_JOB;

/// One job's share: short enough that other jobs get their turn.
const SHARE: Duration = Duration::from_secs(20);

#[derive(serde::Deserialize)]
struct Payload {
    mending: MendingId,
}

/// Runs messages again. A second run goes on behind the last message that was done; what cannot go on for the machine's sake
/// is tried again later, and in the end paused with the reason for a person to see.
pub fn run(context: &Context, job: &Job) -> Result<()> {
    let Payload { mending } = job.payload.read()?;
    let started = Instant::now();
    let lease = TimeDelta::from_std(context.settings.lease).map_err(Error::internal)?;
    let enough = || {
        let held = context.store.write(|conn| extend_lease(conn, job, clock::now() + lease))?;
        Ok(!held || started.elapsed() > SHARE)
    };
    let done = intake::run_mending(&context.intake, &mending, &clock::now, enough);
    if let Err(error) = &done
        && job.tries >= job.max_tries
    {
        intake::interrupt_mending(&context.intake, &mending, &error.detail, clock::now())?;
    }
    done
}
