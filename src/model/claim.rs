//! What one department says about one thing in one message.

use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::field::FieldId;
use super::kind::KindId;
use super::value::Value;
use crate::error::Place;

/// What a message says about one thing, as mapping found it.
#[derive(Debug, Clone, PartialEq)]
pub struct Claim {
    /// Kind of the thing.
    pub kind: KindId,
    /// What is said, each with its place in the message.
    pub fields: Vec<ReadField>,
    /// Row of a bulk file it came from, as the spreadsheet counts.
    pub row: Option<u32>,
}

/// One value as a mapping read it, and where it stands.
#[derive(Debug, Clone, PartialEq)]
pub struct ReadField {
    /// Field of the kind.
    pub field: FieldId,
    /// The value.
    pub value: Value,
    /// Its place in the message.
    pub spot: Spot,
}

/// A place whose path is still in two shared parts: that of the row and what follows it.
///
/// Reading makes one for every value, and most messages are rows of the same few fields; so the path is put together only
/// where it is stored or shown, by [`Spot::place`]. Nothing is lost: the two always say the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spot {
    row: Arc<str>,
    rest: Arc<str>,
    start: u64,
    end: u64,
    line: Option<u32>,
    decoded: bool,
}

impl Spot {
    /// The range, line and encoding of `at`, whose own path is not looked at, on the path `row` followed by `rest`.
    #[must_use]
    pub fn along(row: Arc<str>, rest: Arc<str>, at: &Place) -> Self {
        Self { row, rest, start: at.start, end: at.end, line: at.line, decoded: at.decoded }
    }

    /// The place in words.
    #[must_use]
    pub fn place(&self) -> Place {
        let path = [&*self.row, &*self.rest].concat();
        Place { path, start: self.start, end: self.end, line: self.line, decoded: self.decoded }
    }
}

impl From<Place> for Spot {
    fn from(place: Place) -> Self {
        Self::along(Arc::default(), Arc::from(place.path.as_str()), &place)
    }
}

/// One value of a claim in the store and where it stands in the message.
#[derive(Debug, Clone, PartialEq)]
pub struct ClaimedField {
    /// Field of the kind.
    pub field: FieldId,
    /// The value.
    pub value: Value,
    /// Its place in the message.
    pub place: Place,
}

/// A claim as kept by the store, with who made it and when.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredClaim {
    /// Id of the claim; later claims sort later.
    pub claim_id: String,
    /// Message it came in.
    pub message_id: String,
    /// Department that speaks.
    pub department: String,
    /// Partner system that sent it.
    pub partner: String,
    /// When it was received.
    pub at: DateTime<Utc>,
    /// Mapping that read it, `partner/message@version`.
    pub mapping: String,
    /// What is said.
    pub fields: Vec<ClaimedField>,
}

/// Where the current value of a field came from.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Source {
    /// Claim it came from.
    pub claim_id: String,
    /// Message of that claim.
    pub message_id: String,
    /// Department that said it.
    pub department: String,
    /// Partner system that sent it.
    pub partner: String,
    /// When it was received.
    pub at: DateTime<Utc>,
    /// Mapping that read it, `partner/message@version`.
    pub mapping: String,
    /// Its place in the message.
    pub place: Place,
}
