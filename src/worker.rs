//! Background work: takes jobs from the queue, does them, tries again later what failed.
//!
//! A job is enqueued in the transaction that makes it necessary and may run twice: every job is written so that the second
//! run does no harm. A worker that dies loses its lease and another takes over.

mod courier;
mod jobs;

pub use jobs::{Entry, JOBS};

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::Duration;

use chrono::TimeDelta;

use crate::clock;
use crate::error::{Error, Result};
use crate::intake::Intake;
use crate::issue::Desk;
use crate::outbox::Outbox;
use crate::store::{Job, Store, Taker, claim_jobs, finish_job, fresh_id, retry_job};
use crate::tracking::Tracking;

/// How workers work.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// Threads that do jobs.
    pub threads: usize,
    /// How long an idle worker waits before it looks again.
    pub poll: Duration,
    /// How long a job is held before another worker may take it.
    pub lease: Duration,
}

/// What jobs work with; cheap to clone.
#[derive(Clone)]
pub struct Context {
    /// The database.
    pub store: Store,
    /// Task tracking over it.
    pub tracking: Tracking,
    /// What documents are issued with.
    pub desk: Desk,
    /// What comes in.
    pub intake: Intake,
    /// What goes out.
    pub outbox: Outbox,
    /// How workers work.
    pub settings: Settings,
}

/// Workers that run on threads of their own.
pub struct Works {
    stopping: Arc<AtomicBool>,
    wake: Vec<Sender<()>>,
    threads: Vec<std::thread::JoinHandle<()>>,
    couriers: courier::Couriers,
}

/// Starts the workers.
///
/// # Errors
/// `internal` when a thread cannot be started; what the store says when standing jobs cannot be enqueued.
pub fn start(context: Context) -> Result<Works> {
    jobs::enqueue_standing(&context.store, clock::now())?;
    let stopping = Arc::new(AtomicBool::new(false));
    let couriers = courier::start(context.outbox.clone())?;
    let mut works = Works { stopping: stopping.clone(), wake: Vec::new(), threads: Vec::new(), couriers };
    for n in 0..context.settings.threads.max(1) {
        let (wake, woken) = channel();
        let worker = Worker {
            context: context.clone(),
            name: format!("{}-{n}", fresh_id(clock::now())),
            stopping: stopping.clone(),
        };
        let thread = std::thread::Builder::new()
            .name(format!("worker-{n}"))
            .spawn(move || worker.run(&woken))
            .map_err(Error::internal)?;
        works.wake.push(wake);
        works.threads.push(thread);
    }
    Ok(works)
}

impl Works {
    /// Lets running jobs finish and takes no more.
    pub fn stop(self) {
        self.stopping.store(true, Ordering::Relaxed);
        drop(self.wake);
        self.couriers.stop();
        for thread in self.threads {
            if thread.join().is_err() {
                tracing::error!("worker.panicked");
            }
        }
    }
}

struct Worker {
    context: Context,
    name: String,
    stopping: Arc<AtomicBool>,
}

impl Worker {
    fn run(&self, woken: &Receiver<()>) {
        while !self.stopping.load(Ordering::Relaxed) {
            match self.round() {
                Ok(0) => {}
                Ok(_) => continue,
                Err(error) => {
                    tracing::warn!(code = %error.code, cause = error.cause.as_deref(), "worker.round_failed");
                }
            }
            match woken.recv_timeout(self.context.settings.poll) {
                Err(RecvTimeoutError::Timeout) => {}
                _ => return,
            }
        }
    }

    /// Does the jobs that are due; how many there were.
    fn round(&self) -> Result<usize> {
        let kinds: Vec<&str> = JOBS.iter().map(|it| it.kind).collect();
        let lease = TimeDelta::from_std(self.context.settings.lease).map_err(Error::internal)?;
        let taker = Taker { owner: &self.name, lease, kinds: &kinds };
        let taken = self.context.store.write(|conn| claim_jobs(conn, taker, 1, clock::now()))?;
        for job in &taken {
            self.work(job)?;
        }
        Ok(taken.len())
    }

    fn work(&self, job: &Job) -> Result<()> {
        let store = &self.context.store;
        let Some(entry) = JOBS.iter().find(|it| it.kind == job.kind) else { return Ok(()) };
        // A job that panics is a job that failed; the worker goes on.
        let outcome =
            std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| (entry.run)(&self.context, job)))
                .unwrap_or_else(|_panic| Err(Error::internal("the job panicked")));
        match outcome {
            Ok(()) => store.write(|conn| finish_job(conn, job, clock::now())).map(|_lost| ()),
            Err(error) => {
                tracing::warn!(job.kind, job.tries, code = %error.code, cause = error.cause.as_deref(), "job.failed");
                let now = clock::now();
                let later = now + back_off(job.tries);
                store.write(|conn| retry_job(conn, job, &error.detail, later, now)).map(|_state| ())
            }
        }
    }
}

/// 2, 4, 8 … seconds, at most an hour.
fn back_off(tries: i32) -> TimeDelta {
    let power = u32::try_from(tries.clamp(1, 12)).unwrap_or(1);
    TimeDelta::seconds(2_i64.pow(power).min(3600))
}
