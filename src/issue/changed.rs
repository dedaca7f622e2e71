//! 印发后数据已变: values a document printed that their records say differently now.

use serde::Serialize;
use serde_json::Value as Json;

use super::desk::Desk;
use crate::document::{FormType, Kind};
use crate::error::Result;
use crate::store::{
    Conn, Document, DocumentState, DocumentValue, RecordId, find_record, list_document_values,
    list_documents_of_record,
};

/// A printed value whose source says something else now.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Changed {
    /// Name of the form field.
    pub name: String,
    /// Its title, with the row for a value of a table.
    pub title: String,
    /// As printed.
    pub printed: String,
    /// As the form would print it now; empty when the record has no such value any more.
    pub now: String,
    /// When the record last changed.
    pub at: crate::store::Instant,
}

/// What changed at the source after a document was signed. A value a clerk wrote over is no longer the record's and left out.
pub fn changed_since_issue(conn: &mut Conn, desk: &Desk, document: &Document) -> Result<Vec<Changed>> {
    if !is_out(document) {
        return Ok(Vec::new());
    }
    let mut found = Vec::new();
    for value in list_document_values(conn, &document.id)? {
        found.extend(compare(conn, desk, document, &value)?);
    }
    Ok(found)
}

/// The documents that are out and printed a value of this record which it no longer has, each with those values; those
/// replaced or void already are left out.
pub fn touched_by(conn: &mut Conn, desk: &Desk, record: &RecordId) -> Result<Vec<(Document, Vec<Changed>)>> {
    let mut found: Vec<(Document, Vec<Changed>)> = Vec::new();
    for (document, value) in list_documents_of_record(conn, record)? {
        if !is_out(&document) || document.replaced_by.is_some() {
            continue;
        }
        let Some(changed) = compare(conn, desk, &document, &value)? else { continue };
        match found.iter_mut().find(|(it, _)| it.id == document.id) {
            Some((_, all)) => all.push(changed),
            None => found.push((document, vec![changed])),
        }
    }
    Ok(found)
}

/// Whether a document is out and holds.
pub(super) fn is_out(document: &Document) -> bool {
    matches!(document.state, DocumentState::Issued | DocumentState::Served | DocumentState::Archived)
}

fn compare(
    conn: &mut Conn,
    desk: &Desk,
    document: &Document,
    value: &DocumentValue,
) -> Result<Option<Changed>> {
    let (Some(record), Some(field)) = (&value.record_id, &value.field) else { return Ok(None) };
    if value.overridden {
        return Ok(None);
    }
    let Some(record) = find_record(conn, record)?.filter(|it| Some(it.version) != value.record_version)
    else {
        return Ok(None);
    };
    let now = record.fields()?.remove(field);
    let printed: Json = value.value.read()?;
    let kind = desk.kinds.get(&document.kind);
    if same(kind, &value.name, now.as_ref(), &printed) {
        return Ok(None);
    }
    Ok(Some(Changed {
        name: value.name.clone(),
        title: title(kind, &value.name),
        printed: value.printed.clone(),
        now: now.as_ref().map(|it| show(kind, &value.name, it)).unwrap_or_default(),
        at: record.valid_from,
    }))
}

/// A table is printed with the columns of the form only, so only those are compared.
fn same(kind: Option<&Kind>, name: &str, now: Option<&Json>, printed: &Json) -> bool {
    let Some(now) = now else { return false };
    let table = kind.and_then(|it| it.field(name)).map(|it| &it.ty);
    let (Some(FormType::Table(columns)), Json::Array(now), Json::Array(printed)) = (table, now, printed)
    else {
        return now == printed;
    };
    now.len() == printed.len()
        && now.iter().zip(printed).all(|(now, printed)| {
            columns.iter().all(|column| {
                let from = super::prefill::column_source(column).unwrap_or(&column.name);
                now.get(from) == printed.get(&column.name)
            })
        })
}

/// `建筑面积`, `设备清单第 3 行名称`.
fn title(kind: Option<&Kind>, path: &str) -> String {
    let mut parts = path.split('/');
    let Some(field) = parts.next().and_then(|name| kind?.field(name)) else { return path.to_owned() };
    let row = parts.next().and_then(|it| it.parse::<usize>().ok());
    let (Some(row), Some(column), FormType::Table(columns)) = (row, parts.next(), &field.ty) else {
        return field.title.clone();
    };
    let column = columns.iter().find(|it| it.name == column).map_or(column, |it| it.title.as_str());
    format!("{}第 {} 行{column}", field.title, row + 1)
}

/// A value of a form as its document would print it.
#[must_use]
pub fn show(kind: Option<&Kind>, path: &str, value: &Json) -> String {
    let mut parts = path.split('/');
    let field = parts.next().and_then(|name| kind?.field(name));
    let shown = match (field.map(|it| &it.ty), parts.nth(1)) {
        (Some(FormType::Table(columns)), Some(column)) => {
            columns.iter().find(|it| it.name == column).map(|it| it.show(value))
        }
        (Some(FormType::Table(_)), None) => {
            return format!("{} 行", value.as_array().map_or(0, Vec::len));
        }
        _ => field.map(|it| it.show(value)),
    };
    let shown = shown.unwrap_or_else(|| value.clone());
    shown.as_str().map_or_else(|| shown.to_string(), str::to_owned)
}
