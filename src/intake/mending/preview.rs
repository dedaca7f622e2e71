//! What a decision over a group would do, without doing it.

use std::collections::BTreeMap;

use super::super::quarantine::work;
use super::super::{Intake, receipt};
use super::Cure;
use crate::error::{Problem, Result, Severity, codes};
use crate::mapping::{Outcome, general};
use crate::store::{Group, MessageId, count_group, list_group};

/// Messages that are tried: the oldest of the group.
pub const TRIED: i64 = 50;

/// The same finding of several messages.
#[derive(Debug, Clone, PartialEq)]
pub struct Offer {
    /// Path with the numbers of rows left out; none for a finding about the message as a whole.
    pub path: Option<String>,
    /// What is written there, when a person may decide how it is to be read: it is not masked and not cut.
    pub from: Option<String>,
    /// The finding as one message has it.
    pub problem: Problem,
    /// How many of the messages tried have it.
    pub messages: usize,
    /// One of them.
    pub example: MessageId,
}

/// What a decision would do to the messages tried.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Preview {
    /// Messages of the group.
    pub total: i64,
    /// Messages tried.
    pub tried: usize,
    /// Those that would be accepted, some with single rows refused.
    pub accepted: usize,
    /// Records those would make or change.
    pub records: usize,
    /// Those that would go on waiting.
    pub refused: usize,
    /// What would still be wrong, the most frequent first.
    pub offers: Vec<Offer>,
    /// Messages that would be accepted, the first few.
    pub examples: Vec<MessageId>,
}

/// Tries a cure on the oldest messages of a group, each by itself, and stores nothing.
///
/// Memory: one message and its reading.
///
/// # Errors
/// `unknown_message` when the mapping is gone; what the store says.
pub fn preview(intake: &Intake, group: &Group, cure: &Cure) -> Result<Preview> {
    intake.mapping(group.partner.as_str(), &group.name)?;
    let (ids, total) =
        intake.store.read(|conn| Ok((list_group(conn, group, "", TRIED)?, count_group(conn, group)?.0)))?;
    let mut out = Preview { total, ..Preview::default() };
    let mut found: BTreeMap<(Option<String>, Option<String>, String), Offer> = BTreeMap::new();
    for id in ids {
        let work = match work(intake, &id, "", cure.substitutions.clone()) {
            Ok(work) => work,
            // Somebody dealt with it a moment ago.
            Err(error) if error.code == codes::transport::PARAMETER => continue,
            Err(error) => return Err(error),
        };
        let receipt = intake.store.read(|conn| {
            let plan = work.plan(conn, &id)?;
            Ok(receipt::of(&work, &plan, &id))
        })?;
        out.tried += 1;
        if receipt.outcome == Outcome::Refused {
            out.refused += 1;
        } else {
            out.accepted += 1;
            out.records += receipt.records.len();
            if out.examples.len() < 5 {
                out.examples.push(id.clone());
            }
        }
        let errors =
            receipt.problems.iter().map(|it| &it.problem).filter(|it| it.severity == Severity::Error);
        let mut told = std::collections::BTreeSet::new();
        for problem in errors {
            let key = key(problem);
            if told.insert(key.clone()) {
                let (path, from, _) = key.clone();
                let new = || Offer { path, from, problem: problem.clone(), messages: 0, example: id.clone() };
                found.entry(key).or_insert_with(new).messages += 1;
            }
        }
    }
    out.offers = found.into_values().collect();
    out.offers.sort_by_key(|it| std::cmp::Reverse(it.messages));
    Ok(out)
}

/// What makes two findings the same: path, value, rule.
fn key(problem: &Problem) -> (Option<String>, Option<String>, String) {
    let path = problem.place.as_ref().map(|it| general(&it.path)).filter(|it| !it.is_empty());
    let from = problem.value.as_deref().map(str::trim);
    let from = from.filter(|it| !it.contains('*') && !it.ends_with('…') && path.is_some());
    (path, from.map(str::to_owned), format!("{} {}", problem.code, problem.rule))
}
