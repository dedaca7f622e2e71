//! What each record becomes when the message's claims are weighed with those it had. Only reads.

use chrono::{DateTime, Utc};
use serde_json::{Map, Value};

use super::read::{Statement, record_key};
use super::resolve::Thing;
use crate::error::{Error, Result, codes};
use crate::model::{self, Body, FieldType, Kind, Merged, Schema, Sensitivity, merge};
use crate::store::{
    ClaimId, Conn, Discrepancy, DiscrepancyId, DiscrepancyState, Json, MessageId, PartnerId, RecordId,
    RecordKey, RecordLink, Sources, StoredClaim, find_record_by_keys,
};
use crate::text::width::half_width;

/// Who says it, in which message, and when it came.
#[derive(Debug, Clone)]
pub(super) struct Stamp {
    pub message_id: MessageId,
    pub partner: PartnerId,
    pub department: String,
    /// `partner/message@version`.
    pub mapping: String,
    /// Division of the message, for records that do not tell theirs.
    pub division: Option<String>,
    /// When the message came: claims are weighed by it, also when a message is run again later.
    pub at: DateTime<Utc>,
}

/// A record as it is to be saved.
#[derive(Debug)]
pub(super) struct Becoming {
    pub id: RecordId,
    pub title: String,
    pub division: Option<String>,
    pub body: Map<String, Value>,
    pub sources: Sources,
    pub keys: Vec<RecordKey>,
    pub links: Vec<RecordLink>,
    pub search: String,
    pub claims: Vec<StoredClaim>,
    pub discrepancies: Vec<Discrepancy>,
    /// Fields that are new, changed or gone.
    pub changed: Vec<String>,
}

/// Weighs one thing's claims.
///
/// # Errors
/// `ambiguous_key` when the merged record completes a key that belongs to another one.
pub(super) fn weigh(
    conn: &mut Conn,
    schema: &Schema,
    thing: &Thing,
    statements: &[Statement],
    stamp: &Stamp,
) -> Result<Becoming> {
    let kind = schema.kind_at(thing.kind).ok_or_else(|| Error::internal("kind not in the model"))?;
    let id = thing.before.as_ref().map_or_else(|| RecordId::fresh(stamp.at), |it| it.id.clone());
    let claims: Vec<StoredClaim> = thing
        .statements
        .iter()
        .filter_map(|n| statements.get(*n))
        .map(|statement| claim(kind, &id, statement, stamp))
        .collect();
    let all: Vec<model::StoredClaim> =
        thing.older.iter().chain(&claims).map(|it| readable(kind, it)).collect();
    let merged = merge(kind, &all);
    let keys = keys(conn, kind, thing, &merged.body, &id)?;
    let body = merged.body.to_json(&kind.fields);
    let before = thing.before.as_ref().map(|it| it.fields()).transpose()?.unwrap_or_default();
    Ok(Becoming {
        title: kind.label_of(&merged.body).unwrap_or_else(|| kind.title.clone()),
        division: kind.division_of(&merged.body).or_else(|| stamp.division.clone()),
        sources: sources(kind, &merged),
        links: links(kind, &merged.body),
        search: search(kind, &merged.body, &keys),
        discrepancies: discrepancies(kind, &id, &merged, stamp)?,
        changed: changed(&before, &body),
        id,
        body,
        keys,
        claims,
    })
}

fn claim(kind: &Kind, record: &RecordId, statement: &Statement, stamp: &Stamp) -> StoredClaim {
    StoredClaim {
        id: ClaimId::fresh(stamp.at),
        record_id: record.clone(),
        message_id: stamp.message_id.clone(),
        kind: kind.name.clone(),
        department: stamp.department.clone(),
        partner: stamp.partner.clone(),
        mapping: stamp.mapping.clone(),
        row: statement.claim.row.and_then(|row| i32::try_from(row).ok()),
        current: true,
        claimed_at: stamp.at,
        fields: statement.fields.clone(),
    }
}

/// A stored claim as the model weighs it. A value the model no longer understands (a field was removed or changed its
/// type) does not count; it stays in the claim.
fn readable(kind: &Kind, stored: &StoredClaim) -> model::StoredClaim {
    let fields = stored
        .fields
        .iter()
        .filter_map(|it| {
            let field = kind.field(&it.field)?;
            let value = model::Value::from_json(&field.ty, &it.value).ok()?;
            Some(model::ClaimedField { field: field.id, value, place: it.place.clone() })
        })
        .collect();
    model::StoredClaim {
        claim_id: stored.id.to_string(),
        message_id: stored.message_id.to_string(),
        department: stored.department.clone(),
        partner: stored.partner.to_string(),
        at: stored.claimed_at,
        mapping: stored.mapping.clone(),
        fields,
    }
}

/// Keys of the statements and of the merged body. The body may complete a key none of the claims had alone.
fn keys(conn: &mut Conn, kind: &Kind, thing: &Thing, body: &Body, id: &RecordId) -> Result<Vec<RecordKey>> {
    let mut keys = thing.keys.clone();
    let completed: Vec<RecordKey> =
        kind.keys_of(body).into_iter().map(record_key).filter(|key| !keys.contains(key)).collect();
    if !completed.is_empty() {
        let owner = find_record_by_keys(conn, &kind.name, &completed)?;
        if owner.is_some_and(|owner| owner != *id) {
            let shown: Vec<&str> = completed.iter().map(|key| key.value.as_str()).collect();
            return Err(Error::new(
                codes::record::AMBIGUOUS_KEY,
                format!("合并后的业务键“{}”已属于另一条{}。", shown.join("、"), kind.title),
            ));
        }
        keys.extend(completed);
    }
    Ok(keys)
}

/// The things the record names by their keys; they may arrive later.
fn links(kind: &Kind, body: &Body) -> Vec<RecordLink> {
    let link = |it: model::Link<'_>| {
        Some(RecordLink {
            field: kind.fields.get(it.field)?.name.clone(),
            target_kind: it.kind.to_owned(),
            target_key: it.target.to_owned(),
            target_value: body.get(it.field)?.key_text(),
        })
    };
    kind.links().filter_map(link).collect()
}

fn sources(kind: &Kind, merged: &Merged) -> Sources {
    let named = merged.sources.iter().filter_map(|(id, source)| {
        Some((kind.fields.get(*id)?.name.clone(), ClaimId::from(source.claim_id.as_str())))
    });
    Sources(named.collect())
}

/// What departments say differently, as rows for the checking (校核).
fn discrepancies(kind: &Kind, of: &RecordId, merged: &Merged, stamp: &Stamp) -> Result<Vec<Discrepancy>> {
    let division = kind.division_of(&merged.body).or_else(|| stamp.division.clone());
    let mut rows = Vec::with_capacity(merged.discrepancies.len());
    for it in &merged.discrepancies {
        let Some(field) = kind.fields.get(it.field) else { continue };
        let value = |voice: &model::Voice| Json::of(&voice.value.to_json(&field.ty));
        rows.push(Discrepancy {
            id: DiscrepancyId::fresh(stamp.at),
            record_id: of.clone(),
            kind: kind.name.clone(),
            field: field.name.clone(),
            division: division.clone(),
            winner_department: it.winner.source.department.clone(),
            winner_value: value(&it.winner)?,
            winner_claim_id: ClaimId::from(it.winner.source.claim_id.as_str()),
            other_department: it.other.source.department.clone(),
            other_value: value(&it.other)?,
            other_claim_id: ClaimId::from(it.other.source.claim_id.as_str()),
            state: DiscrepancyState::Open,
            opened_at: stamp.at.into(),
            due_on: None,
            assignee: None,
            closed_at: None,
            resolution: None,
        });
    }
    Ok(rows)
}

/// What a search finds the record by: keys and texts that are not about persons, half width and lower case.
fn search(kind: &Kind, body: &Body, keys: &[RecordKey]) -> String {
    let mut words: Vec<String> = keys.iter().map(|key| key.value.clone()).collect();
    for (id, value) in body.iter() {
        let Some(field) = kind.fields.get(id) else { continue };
        if field.sensitivity == Sensitivity::Personal {
            continue;
        }
        if let (model::Value::Text(text), FieldType::Text | FieldType::Ident(_) | FieldType::Ref { .. }) =
            (value, &field.ty)
        {
            words.push(half_width(text).to_lowercase());
        }
    }
    words.dedup();
    words.join(" ")
}

fn changed(before: &Map<String, Value>, after: &Map<String, Value>) -> Vec<String> {
    let moved =
        after.iter().filter(|(field, value)| before.get(*field) != Some(value)).map(|(field, _)| field);
    let gone = before.keys().filter(|field| !after.contains_key(*field));
    moved.chain(gone).cloned().collect()
}
