//! Prefilling: each form field that names a source is filled from the record the document is about and from what that record
//! is linked to; every value keeps the claim it came from.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde_json::{Map, Value as Json};

use super::desk::Desk;
use super::rule;
use crate::document::{Binding, FormField, FormType, Kind, Step};
use crate::error::Result;
use crate::store::{
    Conn, DocumentId, DocumentValue, FieldSource, Json as JsonText, Record, RecordId, find_link_target,
    list_linking_to, load_sources,
};

/// Values taken from records, and where each was taken from.
#[derive(Default)]
pub(super) struct Prefilled {
    /// Canonical values by form field.
    pub values: Map<String, Json>,
    /// One row for each value, `field` or `field/row/column`.
    pub origins: Vec<DocumentValue>,
}

/// Fills what records can tell.
pub(super) fn prefill(
    conn: &mut Conn,
    desk: &Desk,
    kind: &Kind,
    subject: &Record,
    (document, today): (&DocumentId, NaiveDate),
) -> Result<Prefilled> {
    let mut reader = Reader { conn, document, sources: BTreeMap::new(), found: Prefilled::default() };
    for field in &kind.fields {
        match &field.source {
            Some(Binding::Field(steps)) => reader.field(field, steps, subject)?,
            Some(Binding::Children(step)) => reader.children(field, step, subject)?,
            Some(Binding::Rule(_)) | None => {}
        }
    }
    let mut found = reader.found;
    rule::fill(desk, kind, subject, today, &mut found.values)?;
    Ok(found)
}

struct Reader<'a> {
    conn: &'a mut Conn,
    document: &'a DocumentId,
    /// Sources of each record that was read, so that they are loaded once.
    sources: BTreeMap<RecordId, Vec<FieldSource>>,
    found: Prefilled,
}

impl Reader<'_> {
    fn field(&mut self, field: &FormField, steps: &[Step], subject: &Record) -> Result<()> {
        let Some((last, links)) = steps.split_last() else { return Ok(()) };
        let mut record = subject.clone();
        for step in links {
            match self.follow(&record, step)? {
                Some(next) => record = next,
                None => return Ok(()),
            }
        }
        let Some(value) = record.fields()?.remove(&last.field) else { return Ok(()) };
        let value = match &field.ty {
            FormType::Value(_) => value,
            FormType::Table(columns) => choose_columns(columns, &value),
        };
        let origin = self.origin(&field.name, &value, &record, &last.field)?;
        self.found.origins.push(origin);
        self.found.values.insert(field.name.clone(), value);
        Ok(())
    }

    /// The record a link leads to; for a step back, the record that links here. Of several the newest holds: an earlier
    /// parcel of a project was superseded by it.
    fn follow(&mut self, record: &Record, step: &Step) -> Result<Option<Record>> {
        if !step.back {
            return find_link_target(self.conn, &record.id, &step.field);
        }
        let linking = list_linking_to(self.conn, &record.id)?;
        Ok(linking
            .into_iter()
            .rfind(|(field, it)| it.kind == step.kind && *field == step.field)
            .map(|(_, it)| it))
    }

    /// Every record of a kind that points at the subject, one row each.
    fn children(&mut self, field: &FormField, step: &Step, subject: &Record) -> Result<()> {
        let FormType::Table(columns) = &field.ty else { return Ok(()) };
        let mut rows = Vec::new();
        for (link, child) in list_linking_to(self.conn, &subject.id)? {
            if child.kind != step.kind || link != step.field {
                continue;
            }
            let body = child.fields()?;
            let mut row = Map::new();
            for column in columns {
                let Some((from, value)) =
                    column_source(column).and_then(|from| Some((from, body.get(from)?)))
                else {
                    continue;
                };
                let path = format!("{}/{}/{}", field.name, rows.len(), column.name);
                let origin = self.origin(&path, value, &child, from)?;
                self.found.origins.push(origin);
                row.insert(column.name.clone(), value.clone());
            }
            rows.push(Json::Object(row));
        }
        if !rows.is_empty() {
            self.found.values.insert(field.name.clone(), Json::Array(rows));
        }
        Ok(())
    }

    fn origin(&mut self, path: &str, value: &Json, record: &Record, field: &str) -> Result<DocumentValue> {
        if !self.sources.contains_key(&record.id) {
            let sources = load_sources(self.conn, &record.sources)?;
            self.sources.insert(record.id.clone(), sources);
        }
        let source = self.sources.get(&record.id).and_then(|all| all.iter().find(|it| it.field == field));
        Ok(DocumentValue {
            document_id: self.document.clone(),
            name: path.to_owned(),
            printed: String::new(),
            value: JsonText::of(value)?,
            record_kind: Some(record.kind.clone()),
            record_id: Some(record.id.clone()),
            record_version: Some(record.version),
            field: Some(field.to_owned()),
            claim_id: source.map(|it| it.claim_id.clone()),
            message_id: source.map(|it| it.message_id.clone()),
            place: source.map(|it| JsonText::of(&it.place)).transpose()?,
            department: source.map(|it| it.department.clone()),
            source_at: source.map(|it| it.at.into()),
            overridden: false,
            override_reason: None,
            override_by: None,
        })
    }
}

/// The field of the child, or of the table, that a column shows.
pub(super) fn column_source(column: &FormField) -> Option<&str> {
    match &column.source {
        Some(Binding::Field(steps)) => steps.last().map(|step| step.field.as_str()),
        _ => None,
    }
}

/// A table of a record, cut down to the columns the form has.
fn choose_columns(columns: &[FormField], value: &Json) -> Json {
    let rows = value.as_array().map(Vec::as_slice).unwrap_or_default();
    rows.iter()
        .map(|row| {
            let cells = columns.iter().filter_map(|column| {
                let cell = row.get(column_source(column)?)?;
                Some((column.name.clone(), cell.clone()))
            });
            Json::Object(cells.collect())
        })
        .collect()
}
