//! The courier: numbers the feed, holds its share of the partners and gives each of them its turns, all at the same time.
//!
//! Every partner has a task of its own, so a slow or dead one keeps nobody waiting: it can hold its own few requests and
//! nothing else. Whatever touches the database runs on threads that may wait; the network never does.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use crate::clock;
use crate::crypto;
use crate::error::{Error, Result};
use crate::outbox::transport::Transport;
use crate::outbox::{Built, Go, Outbox, Turn};
use crate::store::{
    self, PartnerId, fresh_id, hold_outlets, is_unnumbered, list_partners_with_deliveries, number_changes,
    release_outlets,
};

/// Changes that get their positions in one transaction.
const NUMBERED_AT_ONCE: i64 = 5_000;

/// A courier that runs on threads of its own.
pub struct Couriers {
    stopping: Arc<AtomicBool>,
    thread: std::thread::JoinHandle<()>,
}

/// Starts one.
///
/// # Errors
/// `internal` when threads or TLS cannot be had.
pub fn start(outbox: Outbox) -> Result<Couriers> {
    let transport = Transport::new(&outbox.settings)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .thread_name("courier")
        .enable_all()
        .build()
        .map_err(Error::internal)?;
    let stopping = Arc::new(AtomicBool::new(false));
    let round = Round {
        shared: Arc::new(Shared {
            outbox,
            transport,
            me: fresh_id(clock::now()),
            stopping: stopping.clone(),
        }),
        runtime,
        held: BTreeSet::new(),
        renew_at: DateTime::<Utc>::MIN_UTC,
        running: BTreeSet::new(),
        not_before: BTreeMap::new(),
        ended: channel(),
    };
    let thread = std::thread::Builder::new()
        .name("courier".to_owned())
        .spawn(move || round.run())
        .map_err(Error::internal)?;
    Ok(Couriers { stopping, thread })
}

impl Couriers {
    /// Lets what is on its way arrive, gives the partners back to the other processes, and ends.
    pub fn stop(self) {
        self.stopping.store(true, Ordering::Relaxed);
        self.thread.thread().unpark();
        if self.thread.join().is_err() {
            tracing::error!("courier.panicked");
        }
    }
}

/// What every partner's task works with.
struct Shared {
    outbox: Outbox,
    transport: Transport,
    /// This process among all couriers.
    me: String,
    stopping: Arc<AtomicBool>,
}

/// How a partner's task ended: nothing is sent to it before the moment, where there is one.
type Ended = (PartnerId, Option<DateTime<Utc>>);

struct Round {
    shared: Arc<Shared>,
    runtime: tokio::runtime::Runtime,
    held: BTreeSet<PartnerId>,
    renew_at: DateTime<Utc>,
    running: BTreeSet<PartnerId>,
    not_before: BTreeMap<PartnerId, DateTime<Utc>>,
    ended: (Sender<Ended>, Receiver<Ended>),
}

impl Round {
    fn run(mut self) {
        while !self.shared.stopping.load(Ordering::Relaxed) {
            if let Err(error) = self.round() {
                tracing::warn!(code = %error.code, cause = error.cause.as_deref(), "courier.round_failed");
            }
            std::thread::park_timeout(self.shared.outbox.settings.poll);
        }
        self.let_arrive();
        self.runtime.shutdown_timeout(Duration::from_secs(1));
        let me = self.shared.me.clone();
        if let Err(error) = self.shared.outbox.store.write(|conn| release_outlets(conn, &me)) {
            tracing::warn!(code = %error.code, "courier.not_released");
        }
    }

    /// Waits for the tasks that are sending; each ends after the batch it has. What does not arrive in time is sent again
    /// by the next process, under the same receipt id.
    fn let_arrive(&mut self) {
        let patience = self.shared.outbox.settings.timeout + Duration::from_secs(1);
        while !self.running.is_empty() {
            match self.ended.1.recv_timeout(patience) {
                Ok((partner, _)) => self.running.remove(&partner),
                Err(_too_long) => return,
            };
        }
    }

    fn round(&mut self) -> Result<()> {
        while let Ok((partner, wait)) = self.ended.1.try_recv() {
            self.running.remove(&partner);
            if let Some(until) = wait {
                self.not_before.insert(partner, until);
            }
        }
        let store = &self.shared.outbox.store;
        if store.read(is_unnumbered)? {
            while store.write(|conn| number_changes(conn, NUMBERED_AT_ONCE))? == NUMBERED_AT_ONCE {}
        }
        let now = clock::now();
        let waiting = store.read(|conn| list_partners_with_deliveries(conn, now))?;
        if waiting.is_empty() && self.held.is_empty() {
            return Ok(());
        }
        if now >= self.renew_at {
            self.renew(now)?;
        }
        for partner in waiting {
            let rests = self.not_before.get(&partner).is_some_and(|until| *until > now);
            if self.held.contains(&partner) && !rests && self.running.insert(partner.clone()) {
                self.not_before.remove(&partner);
                self.send_to(partner);
            }
        }
        Ok(())
    }

    fn renew(&mut self, now: DateTime<Utc>) -> Result<()> {
        let lease = TimeDelta::from_std(self.shared.outbox.settings.lease).map_err(Error::internal)?;
        let courier = store::Courier { id: &self.shared.me, until: now + lease, alive_since: now - lease };
        let held = self.shared.outbox.store.write(|conn| hold_outlets(conn, courier, now))?;
        self.held = held.into_iter().collect();
        self.renew_at = now + lease / 4;
        Ok(())
    }

    fn send_to(&self, partner: PartnerId) {
        let (shared, ended) = (self.shared.clone(), self.ended.0.clone());
        self.runtime.spawn(async move {
            // A task of its own, so that one that panics is known to have ended.
            let turns = tokio::spawn(turns(shared, partner.clone())).await;
            let wait = match turns {
                Ok(Ok(wait)) => wait,
                Ok(Err(error)) => {
                    let cause = error.cause.as_deref();
                    tracing::warn!(%partner, code = %error.code, cause, "delivery.turn_failed");
                    Some(clock::now() + TimeDelta::seconds(1))
                }
                Err(_panicked) => {
                    tracing::error!(%partner, "delivery.turn_panicked");
                    Some(clock::now() + TimeDelta::minutes(1))
                }
            };
            // Nobody listens any more when the process is ending.
            let _ = ended.send((partner, wait));
        });
    }
}

/// Turn after turn until nothing is due; the moment before which nothing is sent, where there is one.
async fn turns(shared: Arc<Shared>, partner: PartnerId) -> Result<Option<DateTime<Utc>>> {
    let mut done = Vec::new();
    loop {
        let (it, to, sent) = (shared.clone(), partner.clone(), std::mem::take(&mut done));
        let turn = blocking(move || {
            let random = crypto::random_bytes::<2>().map(u16::from_le_bytes)?;
            it.outbox.turn(&to, &it.me, sent, random, clock::now())
        })
        .await?;
        let go = match turn {
            Turn::Go(go) => go,
            Turn::Idle | Turn::Lost => return Ok(None),
            Turn::Wait(until) => return Ok(Some(until)),
        };
        if shared.stopping.load(Ordering::Relaxed) {
            return Ok(None);
        }
        done = deliver(&shared, go).await?;
    }
}

async fn deliver(shared: &Arc<Shared>, mut go: Go) -> Result<Vec<crate::outbox::Done>> {
    let (it, deliveries) = (shared.clone(), std::mem::take(&mut go.deliveries));
    let built = blocking(move || it.outbox.load(deliveries, clock::now())).await?;
    let (mut done, mut parcels) = (Vec::new(), Vec::new());
    for it in built {
        match it {
            Built::Parcel(parcel) => parcels.push(*parcel),
            Built::Unsayable(delivery, why) => {
                done.push(crate::outbox::Done::unsayable(*delivery, why, clock::now()));
            }
        }
    }
    done.extend(shared.transport.send_all(&shared.outbox, &go, parcels, clock::now).await);
    Ok(done)
}

/// Runs what waits for the database on a thread that may.
async fn blocking<T: Send + 'static>(f: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    tokio::task::spawn_blocking(f).await.map_err(Error::internal)?
}
