//! A draft whose form has got a new version: what was added and removed, and the draft taken over to the new one.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::{Map, Value as Json, json};

use super::desk::Desk;
use super::draft::{field_titles, mark_overrides, open_draft};
use super::event::{Step, note};
use super::prefill::prefill;
use crate::clock::china_date;
use crate::error::Result;
use crate::store::{
    Conn, Document, DocumentId, Json as JsonText, get_record, list_document_events, list_document_values,
    replace_document_values, save_document,
};

/// What a new version of a form changes for a draft.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TemplateChange {
    /// Version the draft is bound to.
    pub from: String,
    /// Version in force.
    pub to: String,
    /// Titles of the fields that are new.
    pub added: Vec<String>,
    /// The fields that are gone.
    pub removed: Vec<Removed>,
}

/// A field a form no longer has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Removed {
    /// Its title.
    pub title: String,
    /// What the draft has in it; empty when nothing was filled in.
    pub filled: String,
}

/// The change a draft is confronted with; none while its form has the version it was drafted with.
pub fn template_change(conn: &mut Conn, desk: &Desk, document: &Document) -> Result<Option<TemplateChange>> {
    let kind = desk.kind(&document.kind)?;
    let to = kind.version.to_string();
    if document.template_version == to {
        return Ok(None);
    }
    let before = known_fields(conn, document)?;
    let values: Map<String, Json> = document.form.read()?;
    let added =
        kind.fields.iter().filter(|it| !before.contains_key(&it.name)).map(|it| it.title.clone()).collect();
    let removed = before
        .into_iter()
        .filter(|(name, _)| kind.field(name).is_none())
        .map(|(name, title)| Removed { title, filled: values.get(&name).map(text).unwrap_or_default() })
        .collect();
    Ok(Some(TemplateChange { from: document.template_version.clone(), to, added, removed }))
}

fn text(value: &Json) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// Names and titles of the fields the draft was made with, as its events say.
fn known_fields(conn: &mut Conn, document: &Document) -> Result<BTreeMap<String, String>> {
    let events = list_document_events(conn, &document.id)?;
    for event in events.iter().rev().filter(|it| matches!(it.action.as_str(), "drafted" | "rebound")) {
        let detail: Json = event.detail.read()?;
        if let Some(fields) = detail.get("fields").and_then(Json::as_object) {
            return Ok(fields.iter().map(|(name, title)| (name.clone(), text(title))).collect());
        }
    }
    let values: Map<String, Json> = document.form.read()?;
    Ok(values.keys().map(|name| (name.clone(), name.clone())).collect())
}

/// Takes a draft over to the present version of its form: what the form no longer asks is dropped, what it newly asks is
/// filled from the record.
///
/// # Errors
/// The document is no draft.
pub fn rebind(
    conn: &mut Conn,
    desk: &Desk,
    id: &DocumentId,
    actor: &str,
    now: DateTime<Utc>,
) -> Result<Document> {
    let mut document = open_draft(conn, id)?;
    let Some(change) = template_change(conn, desk, &document)? else { return Ok(document) };
    let kind = desk.kind(&document.kind)?;
    let mut values: Map<String, Json> = document.form.read()?;
    values.retain(|name, _| kind.field(name).is_some());
    let before = list_document_values(conn, id)?;
    let mut origins = Vec::new();
    if let Some(record) = document.record_id.clone() {
        let record = get_record(conn, &record)?;
        let found = prefill(conn, desk, kind, &record, (id, china_date(now)))?;
        for (name, value) in found.values {
            values.entry(name).or_insert(value);
        }
        origins = found.origins;
    }
    for field in &kind.fields {
        if let Some(value) = &field.default {
            values.entry(field.name.clone()).or_insert_with(|| value.clone());
        }
    }
    let reasons = before.into_iter().filter_map(|it| Some((it.name, it.override_reason?))).collect();
    mark_overrides(&values, &mut origins, &reasons, actor)?;
    document.form = JsonText::of(&values)?;
    document.title = kind.label(&values);
    document.template_version.clone_from(&change.to);
    save_document(conn, &mut document, now)?;
    replace_document_values(conn, id, &origins)?;
    let detail = json!({ "from": change.from, "to": change.to, "fields": field_titles(kind) });
    let step = Step { from: Some(document.state), action: "rebound", actor, opinion: None, detail };
    note(conn, &document, &step, now)?;
    Ok(document)
}
