//! What one department says about one thing in one message.

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
    pub fields: Vec<ClaimedField>,
    /// Row of a bulk file it came from, as the spreadsheet counts.
    pub row: Option<u32>,
}

/// One value and where it stands in the message.
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
