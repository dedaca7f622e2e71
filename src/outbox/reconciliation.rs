//! 对账: one day with one partner, counted on the hub's side and, where the partner gives its own figures, set against them.
//!
//! What the partner sent counts for the day it came; what was to go out counts for the day of the change. Whatever is not
//! accepted is listed one by one, so that both sides can look for it.

mod count;
mod file;

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;

use super::Outbox;
use crate::error::Result;
use crate::store::{PartnerId, Span, is_unnumbered, number_changes};

pub use count::reconcile;

/// Items that are listed one by one, at most; the counts are complete all the same.
pub const MOST_OPEN: usize = 1_000;

/// What is asked for.
#[derive(Debug, Clone)]
pub struct Day {
    /// The civil day in China.
    pub date: NaiveDate,
    /// Its first instant and the first of the next day.
    pub span: Span,
    /// Now; a day that is not over yet is counted up to here.
    pub now: DateTime<Utc>,
}

impl Day {
    /// A civil day with its first instant and that of the next.
    #[must_use]
    pub fn new(date: NaiveDate, (from, to): (DateTime<Utc>, DateTime<Utc>), now: DateTime<Utc>) -> Self {
        Self { date, span: Span { from, to }, now }
    }
}

/// The partner's own figures: name of the message → how many it sent, id of the subscription → how many it took.
#[derive(Debug, Clone, Default)]
pub struct Reported {
    /// By name of the message.
    pub sent: BTreeMap<String, i64>,
    /// By id of the subscription.
    pub taken: BTreeMap<String, i64>,
}

/// Which way a line goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Way {
    /// The partner sent messages.
    Received,
    /// Changes were pushed to the partner.
    Pushed,
    /// Changes were there for the partner to pull; it alone knows how far it is.
    Pulled,
}

impl Way {
    /// For people.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Received => "收到",
            Self::Pushed => "推送",
            Self::Pulled => "供拉取",
        }
    }
}

/// The counts of one message or one subscription.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Line {
    /// Which way.
    pub way: Way,
    /// Name of the message, or id of the subscription.
    pub name: String,
    /// For people.
    pub title: String,
    /// Messages received, or changes that concern the subscription.
    pub total: i64,
    /// Taken as a whole by whom they were for.
    pub accepted: i64,
    /// Messages of which some rows were taken.
    pub partial: i64,
    /// Not taken, and nobody tries any more: refused, or given up at the deadline.
    pub refused: i64,
    /// Still to come: in quarantine, or on the way.
    pub waiting: i64,
    /// Records that received messages made or changed.
    pub records: i64,
    /// What the partner says it sent or took.
    pub reported: Option<i64>,
}

impl Line {
    /// What the partner counts more (less: negative) than the hub: of what it sent, all that came; of what it took, all that
    /// was accepted, or, when it pulls, all there was.
    #[must_use]
    pub fn difference(&self) -> Option<i64> {
        let ours = if self.way == Way::Pushed { self.accepted } else { self.total };
        self.reported.map(|it| it - ours)
    }

    /// Whether nothing is left to look for.
    #[must_use]
    pub fn is_even(&self) -> bool {
        let arrived = self.way == Way::Pulled || self.accepted == self.total;
        arrived && self.difference().is_none_or(|it| it == 0)
    }
}

/// One message or delivery that was not accepted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Open {
    /// Which way it went.
    pub way: Way,
    /// Name of the message, or id of the subscription.
    pub name: String,
    /// The hub's id of the message, or the receipt id of the delivery.
    pub id: String,
    /// The sender's own id of the message, where it has one.
    pub key: Option<String>,
    /// What became of it, for people.
    pub state: String,
    /// Error code of a message, or why a delivery was not taken.
    pub reason: Option<String>,
    /// When it came, or was taken from the feed.
    pub at: DateTime<Utc>,
}

/// The day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Reconciliation {
    /// With whom.
    pub partner: String,
    /// Its name.
    pub title: String,
    /// Which day, in China.
    pub date: NaiveDate,
    /// When it was counted.
    pub counted_at: DateTime<Utc>,
    /// Whether the day was over then.
    pub is_over: bool,
    /// What the partner sent, by message; then what was to go out to it, by subscription.
    pub lines: Vec<Line>,
    /// What was not accepted, the oldest first, at most [`MOST_OPEN`].
    pub open: Vec<Open>,
    /// Differences about values between this department and others that were found on the day.
    pub discrepancies: i64,
}

/// Changes that get their positions in one transaction.
const NUMBERED_AT_ONCE: i64 = 1_000;

impl Outbox {
    /// Counts a day with a partner, up to the last committed change.
    ///
    /// # Errors
    /// `record_not_found` when there is no such partner.
    pub fn reconciliation(
        &self,
        partner: &PartnerId,
        day: &Day,
        reported: &Reported,
    ) -> Result<Reconciliation> {
        if self.store.read(is_unnumbered)? {
            while self.store.write(|conn| number_changes(conn, NUMBERED_AT_ONCE))? == NUMBERED_AT_ONCE {}
        }
        self.store.read(|conn| reconcile(self, conn, partner, day, reported))
    }
}

impl Reconciliation {
    /// Whether nothing is left to look for.
    #[must_use]
    pub fn is_even(&self) -> bool {
        self.lines.iter().all(Line::is_even)
    }
}
