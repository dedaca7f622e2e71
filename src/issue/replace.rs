//! 重发: a new draft that takes the place of an issued document. The old one is marked as replaced when the new one is issued,
//! not before, so that there is always one that holds.

use chrono::{DateTime, NaiveDate, Utc};
use serde_json::{Map, Value as Json, json};

use super::desk::Desk;
use super::draft::{NewDraft, create};
use super::event::{Step, note};
use super::life::Actor;
use super::rule;
use crate::clock::china_date;
use crate::error::Result;
use crate::store::{
    Conn, Document, DocumentState, get_document, get_record, list_document_values, list_replacements,
    save_document,
};

/// The draft that will replace a document: one that is under way already, or a new one with the present values of the
/// records and what the clerk had typed.
pub(super) fn reissue(
    conn: &mut Conn,
    desk: &Desk,
    old: &Document,
    who: &Actor,
    now: DateTime<Utc>,
) -> Result<Document> {
    let under_way = list_replacements(conn, &old.id)?.into_iter().find(|it| it.state != DocumentState::Void);
    if let Some(draft) = under_way {
        return Ok(draft);
    }
    let new = NewDraft {
        kind: &old.kind,
        subject: old.record_id.as_ref(),
        values: typed(conn, desk, old, china_date(now))?,
        department: old.department.as_deref(),
        division: old.division.as_deref(),
        actor: &who.login,
        demo: old.demo,
    };
    let mut draft = create(conn, desk, &new, now)?;
    draft.replaces = Some(old.id.clone());
    save_document(conn, &mut draft, now)?;
    let detail = json!({ "replacement": draft.id });
    let step = Step { from: Some(old.state), action: "reissued", actor: &who.login, opinion: None, detail };
    note(conn, old, &step, now)?;
    Ok(draft)
}

/// What a clerk typed in the old document and the form still asks: values no record gives.
fn typed(conn: &mut Conn, desk: &Desk, old: &Document, today: NaiveDate) -> Result<Map<String, Json>> {
    let kind = desk.kind(&old.kind)?;
    let origins = list_document_values(conn, &old.id)?;
    let from_record = |name: &str| {
        let table = format!("{name}/");
        origins.iter().any(|it| it.record_id.is_some() && (it.name == name || it.name.starts_with(&table)))
    };
    let values: Map<String, Json> = old.form.read()?;
    // What a rule can compute from the present record is computed anew.
    let mut computed = Map::new();
    if let Some(id) = &old.record_id {
        rule::fill(desk, kind, &get_record(conn, id)?, today, &mut computed)?;
    }
    Ok(values
        .into_iter()
        .filter(|(name, _)| kind.field(name).is_some() && !from_record(name) && !computed.contains_key(name))
        .collect())
}

/// Marks the document that a newly issued one replaces.
pub(super) fn mark_replaced(
    conn: &mut Conn,
    document: &Document,
    who: &Actor,
    now: DateTime<Utc>,
) -> Result<()> {
    let Some(old) = &document.replaces else { return Ok(()) };
    let mut old = get_document(conn, old)?;
    old.replaced_by = Some(document.id.clone());
    save_document(conn, &mut old, now)?;
    let detail = json!({ "by": document.id, "number": document.number });
    let step = Step { from: Some(old.state), action: "replaced", actor: &who.login, opinion: None, detail };
    note(conn, &old, &step, now)
}
