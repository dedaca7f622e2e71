//! From a value back to the place it came from: record → claim → message.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use serde::Serialize;
use serde_json::Value;

use super::claim::{StoredClaim, list_claims, load_claims_by_id};
use super::conn::Conn;
use super::record::Sources;
use super::types::{ClaimId, Json, MessageId, PartnerId, RecordId};
use crate::error::{Place, Result};
use crate::schema::message;

/// What one claim says about one field.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FieldSource {
    /// Name of the field.
    pub field: String,
    /// The value in canonical JSON.
    pub value: Value,
    /// Exact place in the message.
    pub place: Place,
    /// The claim.
    pub claim_id: ClaimId,
    /// The message it came in.
    pub message_id: MessageId,
    /// The sender's own id of that message.
    pub message_key: Option<String>,
    /// Name of that message.
    pub message_name: String,
    /// Department that claims.
    pub department: String,
    /// Partner that sent it.
    pub partner: PartnerId,
    /// `partner/message@version` of the mapping that read it.
    pub mapping: String,
    /// Row of a bulk file.
    pub row: Option<i32>,
    /// When the message came.
    pub at: DateTime<Utc>,
    /// Whether the record shows this value.
    pub holds: bool,
}

/// The source of every field of a body, given its `sources` column; in order of field.
pub fn load_sources(conn: &mut Conn, stored: &Json) -> Result<Vec<FieldSource>> {
    let sources = Sources::read(stored)?;
    let mut ids: Vec<ClaimId> = sources.0.values().cloned().collect();
    ids.sort();
    ids.dedup();
    let claims = load_claims_by_id(conn, &ids)?;
    let mut found = walk(conn, &claims)?;
    found.retain(|it| sources.0.get(&it.field) == Some(&it.claim_id));
    found.iter_mut().for_each(|it| it.holds = true);
    found.sort_by(|a, b| a.field.cmp(&b.field));
    Ok(found)
}

/// Everything any department ever said about one field of a record, newest first.
pub fn list_field_history(conn: &mut Conn, of: &RecordId, field: &str) -> Result<Vec<FieldSource>> {
    let Some(record) = super::record::find_record(conn, of)? else { return Ok(Vec::new()) };
    let sources = Sources::read(&record.sources)?;
    let claims = list_claims(conn, of)?;
    let mut found = walk(conn, &claims)?;
    found.retain(|it| it.field == field);
    found.iter_mut().for_each(|it| it.holds = sources.0.get(field) == Some(&it.claim_id));
    found.sort_by(|a, b| b.at.cmp(&a.at).then_with(|| b.claim_id.cmp(&a.claim_id)));
    Ok(found)
}

/// Every field of the claims, each with its message.
fn walk(conn: &mut Conn, claims: &[StoredClaim]) -> Result<Vec<FieldSource>> {
    let mut ids: Vec<&MessageId> = claims.iter().map(|it| &it.message_id).collect();
    ids.sort();
    ids.dedup();
    let messages: Vec<(MessageId, String, Option<String>)> = message::table
        .filter(message::id.eq_any(ids))
        .select((message::id, message::name, message::message_key))
        .load(conn)?;
    let mut found = Vec::new();
    for claim in claims {
        let Some((_, name, key)) = messages.iter().find(|(id, ..)| *id == claim.message_id) else { continue };
        found.extend(claim.fields.iter().map(|it| FieldSource {
            field: it.field.clone(),
            value: it.value.clone(),
            place: it.place.clone(),
            claim_id: claim.id.clone(),
            message_id: claim.message_id.clone(),
            message_key: key.clone(),
            message_name: name.clone(),
            department: claim.department.clone(),
            partner: claim.partner.clone(),
            mapping: claim.mapping.clone(),
            row: claim.row,
            at: claim.claimed_at,
            holds: false,
        }));
    }
    Ok(found)
}
