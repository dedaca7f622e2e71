//! The receipt a sender gets: what was taken, what was refused, every finding with its place, whose fault and fix.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::Value;

use super::plan::{Plan, Planned};
use super::receive::Work;
use crate::error::{Code, Place, Problem, Severity, codes};
use crate::mapping::{Outcome, RowVerdict};
use crate::store::{MessageId, fresh_id};

/// Who can mend a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Fault {
    /// The sender, by sending something else.
    Sender,
    /// The hub, by mending a mapping or itself.
    Hub,
    /// Not to be told from here: the sender's data left what was agreed, or the agreement changed and the mapping did not.
    Unclear,
}

/// Codes that say the message and the mapping do not fit, whichever of them is wrong.
const UNCLEAR: &[Code] =
    &[codes::mapping::MESSAGE_ROOT, codes::mapping::MESSAGE_GROUP, codes::mapping::MESSAGE_CODE];

/// Who can mend a finding of this code.
#[must_use]
pub fn fault(code: Code) -> Fault {
    match code.number() {
        _ if UNCLEAR.contains(&code) => Fault::Unclear,
        3000..=3099 | 9000..=9999 => Fault::Hub,
        _ => Fault::Sender,
    }
}

/// A finding and who can mend it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// The finding.
    #[serde(flatten)]
    pub problem: Problem,
    /// Who can mend it.
    pub fault: Fault,
}

impl From<Problem> for Finding {
    fn from(problem: Problem) -> Self {
        let fault = fault(problem.code);
        Self { problem, fault }
    }
}

/// What a record went through.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Effect {
    /// It is new.
    Created,
    /// It has a new version.
    Updated,
    /// The same was known already.
    Unchanged,
}

/// A record that was taken.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RecordOutcome {
    /// Kind, a file of the model.
    pub kind: String,
    /// Chinese title of the kind.
    pub title: String,
    /// Business keys the message gave, by name.
    pub keys: BTreeMap<String, String>,
    /// Its id; in a dry run only that of a record there is already.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub record_id: Option<String>,
    /// The version that holds now.
    pub version: i32,
    /// What it went through.
    pub effect: Effect,
    /// Fields that are new, changed or gone.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub changed: Vec<String>,
    /// Fields about which another department says otherwise; each is a difference to be checked (校核).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub differing: Vec<String>,
    /// Rows of the message it came in, as its sender counts; none when the message is one piece.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub rows: Vec<u32>,
}

/// A row that was refused.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RefusedRow {
    /// As its sender counts; 0 for the message as a whole.
    pub row: u32,
    /// Where it stands.
    pub place: Place,
    /// Keys of what it speaks of, `kind:key`, as far as they could be read.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub keys: Vec<String>,
    /// Its findings, as places in the receipt's `problems`.
    pub problems: Vec<usize>,
}

/// The receipt of one message.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Receipt {
    /// Its id.
    pub receipt_id: String,
    /// The message as the hub keeps it; none in a dry run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message_id: Option<String>,
    /// Sender.
    pub partner: String,
    /// Name of the message.
    pub message: String,
    /// Mapping that read it, `partner/message@version`.
    pub mapping: String,
    /// The sender's own id, found in the message.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message_key: Option<String>,
    /// SHA-256 of the bytes, hex.
    pub digest: String,
    /// When it came.
    pub received_at: DateTime<Utc>,
    /// How it ended.
    pub outcome: Outcome,
    /// Whether nothing was stored because it was only to be checked.
    pub dry_run: bool,
    /// Whether the same message had been taken before; this is its receipt again.
    pub duplicate: bool,
    /// Rows taken; a message that is one piece counts as one.
    pub accepted: usize,
    /// Rows refused.
    pub refused: usize,
    /// The records of the rows that were taken.
    pub records: Vec<RecordOutcome>,
    /// The rows that were not.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub refused_rows: Vec<RefusedRow>,
    /// Every finding.
    pub problems: Vec<Finding>,
    /// Trace id of the request.
    pub trace_id: String,
}

impl Receipt {
    /// The code quarantine is grouped by: the first error's.
    #[must_use]
    pub fn cause(&self) -> Option<Code> {
        let error = self.problems.iter().find(|it| it.problem.severity == Severity::Error)?;
        Some(error.problem.code)
    }

    /// Says that nothing was stored: ids of what would have been made are taken out.
    pub(super) fn as_dry_run(&mut self) {
        self.dry_run = true;
        self.message_id = None;
        for record in self.records.iter_mut().filter(|it| it.effect == Effect::Created) {
            record.record_id = None;
        }
    }

    /// Whether nothing was taken.
    #[must_use]
    pub fn is_refused(&self) -> bool {
        self.outcome == Outcome::Refused
    }
}

/// The receipt of a message that does what `plan` says.
pub(super) fn of(work: &Work, plan: &Plan, id: &MessageId) -> Receipt {
    let reading = &work.read.reading;
    let mut problems: Vec<Finding> = reading.problems.iter().cloned().map(Finding::from).collect();
    let mut refused_rows: Vec<RefusedRow> =
        reading.rows.iter().filter(|it| !it.accepted).map(RefusedRow::from).collect();
    refused_rows.extend(refused_by_store(work, plan, problems.len()));
    problems.extend(plan.problems.iter().map(|(_, problem)| Finding::from(problem.clone())));
    let taken = |it: &&RowVerdict| it.accepted && !it.keys.is_empty() && !plan.refused.contains(&row_of(it));
    let accepted = reading.rows.iter().filter(taken).count();
    let whole_refused = reading.outcome == Outcome::Refused;
    let outcome = match reading.outcome {
        Outcome::Accepted | Outcome::Partial if accepted == 0 => Outcome::Refused,
        Outcome::Accepted if !refused_rows.is_empty() => Outcome::Partial,
        other => other,
    };
    Receipt {
        receipt_id: fresh_id(work.inbound.at),
        message_id: Some(id.to_string()),
        partner: work.inbound.partner.to_string(),
        message: work.inbound.name.clone(),
        mapping: work.label.clone(),
        message_key: reading.message_key.clone(),
        digest: work.digest.clone(),
        received_at: work.inbound.at,
        outcome,
        dry_run: false,
        duplicate: false,
        accepted,
        refused: refused_rows.len().max(usize::from(whole_refused)),
        records: plan.records.iter().map(|it| record(work, it)).collect(),
        refused_rows,
        problems,
        trace_id: work.inbound.trace_id.clone(),
    }
}

fn row_of(verdict: &RowVerdict) -> Option<u32> {
    (verdict.row > 0).then_some(verdict.row)
}

impl From<&RowVerdict> for RefusedRow {
    fn from(it: &RowVerdict) -> Self {
        Self { row: it.row, place: it.place.clone(), keys: it.keys.clone(), problems: it.problems.clone() }
    }
}

/// Rows the mapping took and the store's content forbids; their findings come after the mapping's.
fn refused_by_store(work: &Work, plan: &Plan, before: usize) -> Vec<RefusedRow> {
    let rows: BTreeSet<Option<u32>> = plan.refused.clone();
    let verdicts = work.read.reading.rows.iter().filter(|it| it.accepted && rows.contains(&row_of(it)));
    verdicts
        .map(|verdict| {
            let mine =
                |n: usize| work.read.statements.get(n).is_some_and(|it| it.claim.row == row_of(verdict));
            let found = plan.problems.iter().enumerate().filter(|(_, (n, _))| mine(*n));
            let mut row = RefusedRow::from(verdict);
            row.problems.extend(found.map(|(at, _)| before + at));
            row
        })
        .collect()
}

fn record(work: &Work, it: &Planned) -> RecordOutcome {
    let kind = work.schema.kind_at(it.thing.kind);
    let before = it.thing.before.as_ref();
    let becoming = &it.becoming;
    let (effect, version) = match before {
        None => (Effect::Created, 1),
        Some(before) if becoming.changed.is_empty() => (Effect::Unchanged, before.version),
        Some(before) => (Effect::Updated, before.version + 1),
    };
    let statements = it.thing.statements.iter().filter_map(|n| work.read.statements.get(*n));
    RecordOutcome {
        kind: kind.map(|it| it.name.clone()).unwrap_or_default(),
        title: kind.map(|it| it.title.clone()).unwrap_or_default(),
        keys: it.thing.keys.iter().map(|key| (key.name.clone(), key.value.clone())).collect(),
        record_id: Some(becoming.id.to_string()),
        version,
        effect,
        changed: becoming.changed.clone(),
        differing: becoming.discrepancies.iter().map(|it| it.field.clone()).collect(),
        rows: statements.filter_map(|it| it.claim.row).collect(),
    }
}

/// A stored receipt as it is given again to a repetition.
#[must_use]
pub fn as_duplicate(mut stored: Value, trace_id: &str) -> Value {
    if let Value::Object(fields) = &mut stored {
        fields.insert("duplicate".to_owned(), Value::Bool(true));
        fields.insert("trace_id".to_owned(), Value::from(trace_id));
    }
    stored
}
