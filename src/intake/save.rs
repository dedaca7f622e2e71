//! Writes of one message, in the caller's transaction.

use chrono::{DateTime, Utc};
use serde_json::json;

use super::receipt::Receipt;
use super::resolve::Thing;
use super::weigh::Becoming;
use crate::error::Result;
use crate::model::{KindId, Schema};
use crate::store::{
    Conn, MessageId, NewAudit, NewChange, Saved, Weighed, append_audit, insert_change, insert_claim,
    reconcile_discrepancies, replace_record_links, save_record,
};

/// Saves one record: claims, body with its version, keys, differences, change row.
pub(super) fn save(
    conn: &mut Conn,
    schema: &Schema,
    thing: &Thing,
    becoming: &Becoming,
    message: &MessageId,
    now: DateTime<Utc>,
) -> Result<Saved> {
    let kind = kind_name(schema, thing.kind);
    let mut older = thing.older.clone();
    for claim in &becoming.claims {
        insert_claim(conn, claim, &older)?;
        older.push(claim.clone());
    }
    let weighed = Weighed {
        id: &becoming.id,
        before: thing.before.as_ref(),
        kind,
        title: &becoming.title,
        division: becoming.division.as_deref(),
        body: &becoming.body,
        sources: &becoming.sources,
        keys: &becoming.keys,
        search: &becoming.search,
        message: Some(message),
    };
    let saved = save_record(conn, &weighed, now)?;
    if saved.created || !saved.changed.is_empty() {
        let change = NewChange {
            record: &becoming.id,
            kind,
            version: saved.version,
            division: becoming.division.as_deref(),
            message: Some(message),
            fields: &saved.changed,
        };
        insert_change(conn, &change, now)?;
        replace_record_links(conn, &becoming.id, kind, &becoming.links)?;
    }
    reconcile_discrepancies(conn, &becoming.id, &becoming.discrepancies, now)?;
    Ok(saved)
}

fn kind_name(schema: &Schema, id: KindId) -> &str {
    schema.kind_at(id).map_or("", |kind| kind.name.as_str())
}

/// The account of what became of a message: counts and codes, no values.
pub(super) fn account(
    conn: &mut Conn,
    actor: &str,
    action: &str,
    message: &MessageId,
    receipt: &Receipt,
    now: DateTime<Utc>,
) -> Result<()> {
    let detail = json!({
        "partner": receipt.partner,
        "message": receipt.message,
        "mapping": receipt.mapping,
        "digest": receipt.digest,
        "outcome": receipt.outcome,
        "accepted": receipt.accepted,
        "refused": receipt.refused,
        "cause": receipt.cause(),
    });
    let audit = NewAudit {
        actor,
        action,
        object_kind: "message",
        object_id: message.as_str(),
        detail: &detail,
        trace_id: Some(&receipt.trace_id),
    };
    append_audit(conn, &audit, now)
}
