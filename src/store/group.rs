//! Group commit: many small writes share one durable transaction, so that their fsyncs are shared too.
//!
//! A thread takes the closures that were submitted, runs up to [`GroupSettings::batch`] of them in one transaction, each in a
//! savepoint of its own, and answers after COMMIT. A closure that fails is undone alone; the others stay. When the commit
//! itself fails, each is run again alone. With nothing else waiting, a closure is committed at once: one client loses nothing.
//!
//! Memory is bounded by the queue: [`GroupSettings::queue`] closures with what they carry, plus one batch per thread.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::thread::JoinHandle;

use diesel::connection::TransactionManager;

use super::conn::{Conn, Transactions, begin_write, lost_race, savepoint, write_tx};
use super::{Address, Store, check_out};
use crate::error::codes::machine;
use crate::error::{Error, Result};

/// How a group writer works.
#[derive(Debug, Clone, Copy)]
pub struct GroupSettings {
    /// Closures in one transaction, at most.
    pub batch: usize,
    /// Closures that may wait; one more is answered "busy".
    pub queue: usize,
    /// Threads that write at the same time. SQLite has one writer whatever stands here.
    pub writers: usize,
}

impl Default for GroupSettings {
    fn default() -> Self {
        Self { batch: 256, queue: 4096, writers: 4 }
    }
}

/// What a group writer has done since it was started.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
pub struct GroupStats {
    /// Closures waiting or running.
    pub waiting: u64,
    /// Transactions committed.
    pub commits: u64,
    /// Closures answered, well or ill.
    pub answered: u64,
}

#[derive(Default)]
struct Counters {
    submitted: AtomicU64,
    commits: AtomicU64,
    answered: AtomicU64,
}

/// Takes closures and commits them in groups. Dropping it waits until everything submitted is answered.
pub struct GroupWriter {
    sender: RwLock<Option<SyncSender<Box<dyn Work>>>>,
    threads: Mutex<Vec<JoinHandle<()>>>,
    counters: Arc<Counters>,
}

impl GroupWriter {
    /// Starts the threads.
    pub fn start(store: &Store, settings: GroupSettings) -> Result<Self> {
        let (sender, receiver) = sync_channel(settings.queue.max(1));
        let receiver = Arc::new(Mutex::new(receiver));
        let counters = Arc::new(Counters::default());
        let writers = match store.address() {
            Address::Sqlite(_) => 1,
            Address::Postgres(_) => settings.writers.max(1),
        };
        let threads = (0..writers)
            .map(|n| {
                let writer = Writer {
                    store: store.clone(),
                    receiver: Arc::clone(&receiver),
                    counters: Arc::clone(&counters),
                    batch: settings.batch.max(1),
                };
                std::thread::Builder::new().name(format!("group-writer-{n}")).spawn(move || writer.run())
            })
            .collect::<std::io::Result<Vec<_>>>()
            .map_err(|cause| Error::internal(format!("group writer thread: {cause}")))?;
        Ok(Self { sender: RwLock::new(Some(sender)), threads: Mutex::new(threads), counters })
    }

    /// Hands over a closure. `answer` is called once, on the writer's thread, after the commit or the failure: it must be
    /// quick, such as sending into a channel.
    ///
    /// `f` may run several times; only its last run counts. After a connection broke during COMMIT nobody knows whether it
    /// happened, so `f` must find out by its own keys whether it was done before, as idempotent intake does.
    ///
    /// # Errors
    /// [`machine::BUSY`] when the queue is full, [`machine::SHUTTING_DOWN`] after [`GroupWriter::close`].
    pub fn submit<T, F>(&self, f: F, answer: impl FnOnce(Result<T>) + Send + 'static) -> Result<()>
    where
        T: Send + 'static,
        F: FnMut(&mut Conn) -> Result<T> + Send + 'static,
    {
        let work = Box::new(Task { f, answer, value: None });
        let sender = self.sender.read().unwrap_or_else(PoisonError::into_inner);
        let stopping = || Error::new(machine::SHUTTING_DOWN, "系统正在停机，请稍后重发。");
        let sender = sender.as_ref().ok_or_else(stopping)?;
        // Counted before it is sent, so that "waiting" is never less than none.
        self.counters.submitted.fetch_add(1, Ordering::Relaxed);
        sender.try_send(work).map_err(|refused| {
            self.counters.submitted.fetch_sub(1, Ordering::Relaxed);
            match refused {
                TrySendError::Full(_) => {
                    Error::new(machine::BUSY, "同时办理的请求过多，请稍等片刻后用同一幂等键重发。")
                }
                TrySendError::Disconnected(_) => stopping(),
            }
        })
    }

    /// Hands over a closure and waits for its answer.
    pub fn write<T, F>(&self, f: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnMut(&mut Conn) -> Result<T> + Send + 'static,
    {
        let (sender, receiver) = sync_channel(1);
        self.submit(f, move |outcome| drop(sender.send(outcome)))?;
        receiver
            .recv()
            .unwrap_or_else(|_gone| Err(Error::internal("the group writer died without an answer")))
    }

    /// Takes no more closures, waits until those submitted are answered, and ends the threads.
    pub fn close(&self) {
        drop(self.sender.write().unwrap_or_else(PoisonError::into_inner).take());
        let threads = std::mem::take(&mut *self.threads.lock().unwrap_or_else(PoisonError::into_inner));
        for thread in threads {
            if thread.join().is_err() {
                tracing::error!("store.group.writer_panicked");
            }
        }
    }

    /// What it has done so far.
    #[must_use]
    pub fn stats(&self) -> GroupStats {
        let answered = self.counters.answered.load(Ordering::Relaxed);
        GroupStats {
            waiting: self.counters.submitted.load(Ordering::Relaxed).saturating_sub(answered),
            commits: self.counters.commits.load(Ordering::Relaxed),
            answered,
        }
    }
}

impl Drop for GroupWriter {
    fn drop(&mut self) {
        self.close();
    }
}

/// A closure with its answer, whatever their types.
trait Work: Send {
    /// Runs the closure and keeps what it gave.
    fn attempt(&mut self, conn: &mut Conn) -> Result<()>;
    /// Gives the answer.
    fn settle(self: Box<Self>, outcome: Result<()>);
}

struct Task<T, F, A> {
    f: F,
    answer: A,
    value: Option<T>,
}

impl<T, F, A> Work for Task<T, F, A>
where
    T: Send,
    F: FnMut(&mut Conn) -> Result<T> + Send,
    A: FnOnce(Result<T>) + Send,
{
    fn attempt(&mut self, conn: &mut Conn) -> Result<()> {
        self.value = None;
        // A panic in one closure must not end the thread that serves all; the savepoint undoes what it did.
        let outcome = catch_unwind(AssertUnwindSafe(|| (self.f)(conn)));
        let value = outcome.unwrap_or_else(|_panic| Err(Error::internal("a write closure panicked")))?;
        self.value = Some(value);
        Ok(())
    }

    fn settle(self: Box<Self>, outcome: Result<()>) {
        let Self { answer, value, .. } = *self;
        let missing = || Error::internal("a write closure kept no value");
        answer(outcome.and_then(|()| value.ok_or_else(missing)));
    }
}

/// Whether the transaction of the batch is still whole; it is not when the connection broke.
fn in_transaction(conn: &mut Conn) -> bool {
    Transactions::transaction_manager_status_mut(conn)
        .transaction_depth()
        .is_ok_and(|depth| depth.is_some_and(|depth| depth.get() == 1))
}

struct Writer {
    store: Store,
    receiver: Arc<Mutex<Receiver<Box<dyn Work>>>>,
    counters: Arc<Counters>,
    batch: usize,
}

impl Writer {
    fn run(self) {
        while let Some(batch) = self.next_batch() {
            self.commit(batch);
        }
    }

    fn settle(&self, work: Box<dyn Work>, outcome: Result<()>) {
        // Counted first, so that who has its answer also sees it counted.
        self.counters.answered.fetch_add(1, Ordering::Relaxed);
        work.settle(outcome);
    }

    /// Waits for the first closure, then takes what else is there. None after the last sender is gone.
    fn next_batch(&self) -> Option<Vec<Box<dyn Work>>> {
        let receiver = self.receiver.lock().unwrap_or_else(PoisonError::into_inner);
        let mut batch = vec![receiver.recv().ok()?];
        batch.extend(receiver.try_iter().take(self.batch - 1));
        Some(batch)
    }

    fn commit(&self, mut batch: Vec<Box<dyn Work>>) {
        if batch.len() == 1 {
            batch.into_iter().for_each(|work| self.alone(work));
            return;
        }
        match self.together(&mut batch) {
            Ok(outcomes) => {
                self.counters.commits.fetch_add(1, Ordering::Relaxed);
                for (work, outcome) in batch.into_iter().zip(outcomes) {
                    match outcome {
                        Err(error) if lost_race(&error) => self.alone(work),
                        outcome => self.settle(work, outcome),
                    }
                }
            }
            Err(error) if error.code == machine::BUSY => {
                batch.into_iter().for_each(|work| self.settle(work, Err(error.clone())));
            }
            Err(error) => {
                tracing::warn!(
                    cause = error.cause.as_deref(),
                    size = batch.len(),
                    "store.group.commit_failed"
                );
                batch.into_iter().for_each(|work| self.alone(work));
            }
        }
    }

    /// Runs all in one transaction. An error means that nothing of it was committed, as far as one can know.
    fn together(&self, batch: &mut [Box<dyn Work>]) -> Result<Vec<Result<()>>> {
        let conn = &mut *check_out(&self.store.pools.writers)?;
        begin_write(conn)?;
        let mut outcomes = Vec::with_capacity(batch.len());
        for work in batch {
            let outcome = savepoint(conn, |conn| work.attempt(conn));
            if !in_transaction(conn) {
                let cause = outcome.err().and_then(|error| error.cause).unwrap_or_default();
                // The pool throws the broken connection away; the transaction went with it.
                return Err(Error::new(machine::DATABASE, "与数据库的连接中断，请稍后重试。").because(cause));
            }
            outcomes.push(outcome);
        }
        if let Err(cause) = Transactions::commit_transaction(conn) {
            // After a failed COMMIT PostgreSQL has already rolled back; SQLite may still hold the transaction open.
            let rolled_back = Transactions::rollback_transaction(conn);
            return Err(Error::from(cause).because(format!("commit failed; rollback: {rolled_back:?}")));
        }
        Ok(outcomes)
    }

    /// Runs one in a transaction of its own, again when it loses a race.
    fn alone(&self, mut work: Box<dyn Work>) {
        let outcome = check_out(&self.store.pools.writers)
            .and_then(|mut conn| write_tx(&mut conn, |conn| work.attempt(conn)));
        if outcome.is_ok() {
            self.counters.commits.fetch_add(1, Ordering::Relaxed);
        }
        self.settle(work, outcome);
    }
}
