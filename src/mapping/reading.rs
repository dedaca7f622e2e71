//! What came of reading a message: claims, problems, the verdict on each row, and the outcome as a whole.

use chrono::{DateTime, Utc};
use serde::Serialize;

use crate::error::{Place, Problem, Severity};
use crate::model::Claim;

use super::substitution::Substitution;

/// What the caller knows about a message besides its bytes.
#[derive(Debug, Clone, Default)]
pub struct Hints {
    /// The `Content-Type` header, for its charset.
    pub content_type: Option<String>,
    /// The moment of reading.
    pub now: Option<DateTime<Utc>>,
    /// Values a person decided to read otherwise than they were sent.
    pub substitutions: Vec<Substitution>,
}

impl Hints {
    /// The charset of the content type.
    pub(super) fn charset(&self) -> Option<String> {
        let (_, rest) = self
            .content_type
            .as_deref()?
            .to_ascii_lowercase()
            .split_once("charset=")
            .map(|(a, b)| (a.to_owned(), b.to_owned()))?;
        let label: String = rest.chars().take_while(|c| !matches!(c, ';' | ' ' | ',')).collect();
        let label = label.trim_matches('"').to_owned();
        (!label.is_empty()).then_some(label)
    }
}

/// How a message ended as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Every row is accepted.
    Accepted,
    /// Some rows are accepted, others refused.
    Partial,
    /// Nothing is accepted.
    Refused,
    /// The partner says there is nothing, or sends an empty list.
    NotFound,
}

/// The verdict on one row, the unit that is accepted or refused as one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RowVerdict {
    /// Number of the row from 1, as the partner counts; 0 for the message as a whole.
    pub row: u32,
    /// Where it stands.
    pub place: Place,
    /// Business keys of the records read from it, `kind:key`.
    pub keys: Vec<String>,
    /// Whether it was accepted.
    pub accepted: bool,
    /// Its problems, as places in [`Reading::problems`].
    pub problems: Vec<usize>,
}

/// What came of reading a message.
#[derive(Debug, Clone, PartialEq)]
pub struct Reading {
    /// The message's own identifier, for finding repetitions.
    pub message_key: Option<String>,
    /// Administrative division of the message, for records that have none.
    pub division: Option<String>,
    /// What the accepted rows say.
    pub claims: Vec<Claim>,
    /// Every finding, in order of the message.
    pub problems: Vec<Problem>,
    /// The verdict on each row.
    pub rows: Vec<RowVerdict>,
    /// How it ended.
    pub outcome: Outcome,
}

impl Reading {
    /// A message that could not be looked into.
    pub(super) fn refused(problems: Vec<Problem>) -> Self {
        Self {
            message_key: None,
            division: None,
            claims: Vec::new(),
            problems,
            rows: Vec::new(),
            outcome: Outcome::Refused,
        }
    }

    /// Whether anything was accepted or rightly empty.
    #[must_use]
    pub fn is_refused(&self) -> bool {
        self.outcome == Outcome::Refused
    }

    /// The errors among the problems.
    pub fn errors(&self) -> impl Iterator<Item = &Problem> {
        self.problems.iter().filter(|it| it.severity == Severity::Error)
    }
}
