//! From bytes to what they say, before any database is asked: mapping, keys, canonical JSON.

use super::Intake;
use crate::error::{Error, Problem, Result, codes};
use crate::mapping::{Hints, Mapping, Outcome, Reading};
use crate::model::{Body, BusinessKey, Claim, FieldType, Kind, Schema};
use crate::store::{RecordKey, StoredField};

/// A claim ready for the store.
#[derive(Debug, Clone)]
pub(super) struct Statement {
    pub claim: Claim,
    /// Business keys the claim completes.
    pub keys: Vec<RecordKey>,
    /// The claim's fields in canonical JSON.
    pub fields: Vec<StoredField>,
    /// Links whose target must have come, each with its place among the claim's fields.
    pub needed: Vec<(usize, Target)>,
}

/// A thing named by one of its keys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Target {
    pub kind: String,
    pub key: RecordKey,
}

/// A message as read.
#[derive(Debug, Clone)]
pub(super) struct Read {
    pub statements: Vec<Statement>,
    pub reading: Reading,
}

impl Intake {
    /// The mapping of an address.
    ///
    /// # Errors
    /// `unknown_partner` or `unknown_message`, naming those there are.
    pub fn mapping(&self, partner: &str, message: &str) -> Result<&Mapping> {
        if let Some(mapping) = self.mappings.get(partner, message) {
            return Ok(mapping);
        }
        let known: Vec<&str> = self
            .mappings
            .iter()
            .filter(|mapping| mapping.partner == partner)
            .map(|mapping| mapping.message.as_str())
            .collect();
        if known.is_empty() {
            return Err(Error::new(
                codes::transport::UNKNOWN_PARTNER,
                format!("没有登记对接单位“{partner}”。"),
            ));
        }
        Err(Error::new(
            codes::transport::UNKNOWN_MESSAGE,
            format!("“{partner}”没有“{message}”这种报文，现有：{}。", known.join("、")),
        ))
    }
}

/// Reads a message; what is wrong with it stands in the reading.
pub(super) fn read(schema: &Schema, mapping: &Mapping, bytes: &[u8], hints: &Hints) -> Read {
    let mut reading = mapping.read(bytes, hints);
    let claims = std::mem::take(&mut reading.claims);
    let statements = claims.into_iter().filter_map(|claim| statement(schema, mapping, claim)).collect();
    Read { statements, reading }
}

/// None only for a kind that is not in the model, which loading the mapping has ruled out.
pub(super) fn statement(schema: &Schema, mapping: &Mapping, claim: Claim) -> Option<Statement> {
    let kind = schema.kind_at(claim.kind)?;
    let body: Body = claim.fields.iter().map(|it| (it.field, it.value.clone())).collect();
    let keys = kind.keys_of(&body).into_iter().map(record_key).collect();
    let fields = claim
        .fields
        .iter()
        .filter_map(|it| {
            let field = kind.fields.get(it.field)?;
            Some(StoredField {
                field: field.name.clone(),
                value: it.value.to_json(&field.ty),
                place: it.spot.place(),
            })
        })
        .collect();
    let needed = needed(mapping, kind, &claim);
    Some(Statement { claim, keys, fields, needed })
}

fn needed(mapping: &Mapping, kind: &Kind, claim: &Claim) -> Vec<(usize, Target)> {
    let links = claim.fields.iter().enumerate().filter_map(|(n, it)| {
        let field = kind.fields.get(it.field)?;
        let FieldType::Ref { kind: target, field: key, .. } = &field.ty else { return None };
        let key = RecordKey { name: key.clone(), value: it.value.key_text() };
        mapping.needs_target(kind.id, it.field).then(|| (n, Target { kind: target.clone(), key }))
    });
    links.collect()
}

pub(super) fn record_key(key: BusinessKey) -> RecordKey {
    RecordKey { name: key.name, value: key.value }
}

/// A claim that gives none of its kind's keys: nobody could tell which thing it is about.
pub(super) fn no_key(kind: &Kind, statement: &Statement) -> Problem {
    let keys: Vec<String> = kind
        .keys
        .iter()
        .map(|key| {
            let titles: Vec<&str> =
                key.iter().filter_map(|id| Some(kind.fields.get(*id)?.title.as_str())).collect();
            titles.join("＋")
        })
        .collect();
    let problem = Problem::error(
        codes::mapping::MESSAGE_KEY,
        format!("看不出这条{}指的是哪一个，须给出以下任一业务键：{}。", kind.title, keys.join("、")),
        "补上业务键后重发。",
    );
    match statement.claim.fields.first() {
        Some(first) => problem.at(first.spot.place()),
        None => problem,
    }
}

/// Whether anything of a reading may be stored.
pub(super) fn is_open(outcome: Outcome) -> bool {
    matches!(outcome, Outcome::Accepted | Outcome::Partial)
}
