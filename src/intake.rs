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
//! when its mapping was mended; it never blocks another.

mod import;
mod plan;
mod quarantine;
mod read;
mod receipt;
mod receive;
mod resolve;
mod save;
mod weigh;

pub use import::{File, Progress, RowOutcome, Settings as ImportSettings, import};
pub use quarantine::{Asked, close, replay};
pub use receipt::{Effect, Fault, Finding, Receipt, RecordOutcome, fault};
pub use receive::{Answer, Inbound, Nonce, check, receive, replayed};

use std::sync::Arc;

use chrono::{DateTime, NaiveDate, Utc};

use crate::clock::china_date;
use crate::mapping::Mappings;
use crate::model::Schema;
use crate::model::calendar::Calendar;
use crate::model::rules::Rules;
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
    /// Dated rules: the period for answering a difference (校核).
    pub rules: Arc<Rules>,
    /// Working days.
    pub calendar: Arc<Calendar>,
}

impl Intake {
    /// The last day for the answer to a difference that is found at `at`: the period of 政务数据共享条例 art 26.
    fn answer_by(&self, division: Option<&str>, at: DateTime<Utc>) -> Option<NaiveDate> {
        let found = china_date(at);
        let period = self.rules.period("correction", division.unwrap_or_default(), found)?;
        Some(period.last_day(found, &self.calendar).date)
    }
}
