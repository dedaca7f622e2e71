//! Outbox: committed changes go out to the departments that subscribed to them.
//!
//! ```text
//! change (in intake's transaction) ─ numbered ─► feed ─┬─ pull: GET /api/v1/changes after a cursor
//!                                                     └─ push, one process per partner at a time:
//!        take ─► deliveries (window per subscription, first of each record)
//!          └─ build ─► bytes: canonical JSON, or the partner's own message through its mapping
//!               └─ seal ─► Standard Webhooks headers, the delivery's id as receipt id
//!                    └─ transport ─► answer ─ judge ─► settle: arrived, refused, again later; circuit
//! ```
//!
//! What is promised: each change is delivered at least once to each subscription it concerns, under one receipt id, and the
//! versions of one record in order. At any moment every change × subscription is in exactly one of these places: behind the
//! cursor in the feed, waiting as a delivery, arrived, or refused or given up with its reason. Order is given up only for a
//! refused or expired delivery, which lets the next version of its record pass.

mod backoff;
mod build;
mod feed;
mod judge;
pub mod reconciliation;
mod seal;
mod shipped;
mod subscribe;
mod tend;
pub mod transport;
mod turn;

pub use build::{Built, Parcel};
pub use feed::{Asked, Fed, fed};
pub use judge::Verdict;
pub use seal::{Seal, Sm2Key, check_seal, seal};
pub use shipped::{USUAL_DEADLINE_SECONDS, shipped};
pub use subscribe::{Wish, agree};
pub use tend::{By, hold, reopen, resume, send_again, send_all_again, stop};
pub use turn::{Done, Go, Turn};

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use crate::crypto::MasterKey;
use crate::mapping::Mappings;
use crate::model::Schema;
use crate::store::{GroupWriter, Store};

/// What the outbox works with; cheap to clone.
#[derive(Clone)]
pub struct Outbox {
    /// The database, for reading.
    pub store: Store,
    /// The way into the database that shares one commit among partners.
    pub writer: Arc<GroupWriter>,
    /// The canonical model.
    pub schema: Arc<Schema>,
    /// The mappings in force.
    pub mappings: Arc<Mappings>,
    /// The key the signing secrets are derived from.
    pub keys: MasterKey,
    /// The hub's own SM2 key, where it signs with one too.
    pub sm2: Option<Sm2Key>,
    /// How it delivers.
    pub settings: Settings,
}

/// How the outbox delivers.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// Hosts that may be delivered to; none but these.
    pub allow: transport::Allow,
    /// File with the SM2 private key that signs deliveries beside the shared secrets; none to sign with those alone.
    pub sm2_key: Option<PathBuf>,
    /// Requests to one partner on their way at once.
    pub concurrency: usize,
    /// Deliveries of one partner taken at once; each commit settles so many.
    pub batch: i64,
    /// Waiting deliveries of one subscription outside the feed, at most.
    pub window: i64,
    /// How long one answer may take.
    pub timeout: Duration,
    /// Wait after the first failure; it doubles with each further one.
    pub backoff: Duration,
    /// Failures in a row that open a partner's circuit.
    pub breaker: i32,
    /// How long a process holds a partner before another may take over.
    pub lease: Duration,
    /// How often the feed is looked at.
    pub poll: Duration,
}
