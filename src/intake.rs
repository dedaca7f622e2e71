//! Intake: a partner's message in, records and a receipt out, in one transaction.
//!
//! ```text
//! bytes ─ mapping ─► Reading (claims, problems)          pure, outside any transaction
//!   └─ repeated? ─ yes ─► the receipt it got the first time
//!      └─ no ─ resolve ─► which real thing each claim is about
//!            └─ weigh ─► what each record becomes
//!                 └─ save: message, claims, records, versions, differences, changes, jobs, audit
//! ```
//!
//! A message that cannot be read or taken is kept with its problems (quarantine), shown grouped by cause, and run again
//! when its mapping was mended or a person decided how the same value of the whole group is to be read; it never blocks another.

mod import;
mod mending;
mod plan;
mod quarantine;
mod read;
mod receipt;
mod receive;
mod resolve;
mod save;
mod weigh;

pub use import::{File, Progress, RowOutcome, Settings as ImportSettings, import};
pub use mending::{
    Cure, MENDING_JOB, MendingDeed, Offer, Preview, act_mending, interrupt_mending, preview, run_mending,
    start_mending,
};
pub use quarantine::{Asked, close, replay};
pub use receipt::{Effect, Fault, Finding, Receipt, RecordOutcome, fault};
pub use receive::{Answer, Inbound, Nonce, check, receive, replayed};

use std::sync::Arc;

use crate::mapping::Mappings;
use crate::model::Schema;
use crate::store::{GroupWriter, Store};

/// What intake works with; cheap to clone.
#[derive(Clone)]
pub struct Intake {
    /// The database, for reading.
    pub store: Store,
    /// The way into the database that shares one commit among concurrent messages.
    pub writer: Arc<GroupWriter>,
    /// The canonical model.
    pub schema: Arc<Schema>,
    /// The mappings in force.
    pub mappings: Arc<Mappings>,
}
