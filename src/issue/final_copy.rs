//! Preview and issue. Issuing takes the number, renders, and keeps file, hash, printed values, event and audit in one
//! transaction: after a kill at any moment they are all there or none is.

use chrono::{DateTime, NaiveDate, Utc};
use serde_json::{Map, Value as Json, json};

use super::desk::Desk;
use super::draft::{at_path, problems};
use super::event::{Step, note};
use crate::crypto;
use crate::document::{Kind, Options, Placed, Purpose, Rendered, render};
use crate::error::{Error, Result, codes};
use crate::store::{
    Conn, Document, DocumentFile, DocumentId, DocumentState, DocumentValue, FileId, FileRole,
    Json as JsonText, Taking, get_document, insert_document_file, list_document_values,
    replace_document_values, save_document, take_number,
};

/// The document as it would look now, marked as a draft. What is missing is shown as 【its title】.
///
/// # Errors
/// A character that no face draws, or a value the template cannot print.
pub fn preview(conn: &mut Conn, desk: &Desk, id: &DocumentId) -> Result<Rendered> {
    let document = get_document(conn, id)?;
    let kind = desk.kind(&document.kind)?;
    let values: Map<String, Json> = document.form.read()?;
    let options = Options {
        number: document.number.as_deref(),
        date: document.signed_on,
        purpose: Purpose::Preview,
        watermark: Some(if document.demo { "演示草稿" } else { "草稿" }),
        id: id.as_str(),
    };
    render(kind, &values, &options, desk.faces()?)
}

/// Issues a document: 编号, 成文日期, PDF. A document that is issued already is handed back as it is, so that two windows give one number.
///
/// # Errors
/// Everything that stands in the way, collected, each by its field; then no number is taken.
pub fn issue(
    conn: &mut Conn,
    desk: &Desk,
    id: &DocumentId,
    date: NaiveDate,
    actor: &str,
    now: DateTime<Utc>,
) -> Result<Document> {
    let mut document = get_document(conn, id)?;
    if document.state == DocumentState::Issued {
        return Ok(document);
    }
    document = super::draft::open_draft(conn, id)?;
    let kind = desk.kind(&document.kind)?;
    bound_to_this_version(kind, &document)?;
    let found = problems(conn, desk, &document)?;
    if !found.is_empty() {
        let detail = format!("《{}》还不能签发：有 {} 处需要补正。", document.title, found.len());
        return Err(Error::new(codes::document::FORM_FIELD, detail).with_problems(found));
    }
    let from = document.state;
    number(conn, kind, &mut document, date, actor, now)?;
    let values: Map<String, Json> = document.form.read()?;
    let options = Options {
        number: document.number.as_deref(),
        date: Some(date),
        purpose: Purpose::Issue,
        watermark: document.demo.then_some("演示"),
        id: id.as_str(),
    };
    let rendered = render(kind, &values, &options, desk.faces()?)?;
    document.state = DocumentState::Issued;
    document.signed_on = Some(date);
    document.signer = Some(actor.to_owned());
    document.issued_at = Some(now.into());
    document.holder = None;
    document.verify_code = Some(verify_code()?);
    document.sha256 = Some(keep_file(conn, &document, &rendered, actor, now)?);
    save_document(conn, &mut document, now)?;
    keep_values(conn, &document, &values, &rendered.placed)?;
    let detail =
        json!({ "number": document.number, "sha256": document.sha256, "pages": rendered.page_count });
    note(conn, &document, &Step { from: Some(from), action: "issued", actor, opinion: None, detail }, now)?;
    Ok(document)
}

/// A document is issued with the form it was drafted with.
fn bound_to_this_version(kind: &Kind, document: &Document) -> Result<()> {
    if document.template_version == kind.version.to_string() {
        return Ok(());
    }
    Err(Error::new(
        codes::document::TEMPLATE_CHANGED,
        format!(
            "《{}》按第 {} 版模板拟稿，现行模板为第 {} 版。请重新拟稿。",
            document.title, document.template_version, kind.version
        ),
    ))
}

fn number(
    conn: &mut Conn,
    kind: &Kind,
    document: &mut Document,
    date: NaiveDate,
    actor: &str,
    now: DateTime<Utc>,
) -> Result<()> {
    if let Some(numbering) = &kind.numbering {
        let taking =
            Taking { series: &numbering.series, year: chrono::Datelike::year(&date), by: actor, now };
        document.number = Some(take_number(conn, taking, &document.id)?.number);
    }
    Ok(())
}

/// Sixteen letters and digits that nobody can guess and anybody can read out: no 0, O, 1, I.
fn verify_code() -> Result<String> {
    const LETTERS: &[u8; 32] = b"23456789ABCDEFGHJKLMNPQRSTUVWXYZ";
    let bytes = crypto::random_bytes::<16>()?;
    Ok(bytes
        .iter()
        .filter_map(|byte| LETTERS.get(usize::from(byte % 32)))
        .map(|it| char::from(*it))
        .collect())
}

fn keep_file(
    conn: &mut Conn,
    document: &Document,
    rendered: &Rendered,
    actor: &str,
    now: DateTime<Utc>,
) -> Result<String> {
    let sha256 = crypto::sha256_hex(&rendered.pdf)?;
    let name = match &document.number {
        Some(number) => format!("{number} {}.pdf", document.title),
        None => format!("{}.pdf", document.title),
    };
    let file = DocumentFile {
        id: FileId::fresh(now),
        document_id: document.id.clone(),
        role: FileRole::Final,
        name,
        media_type: "application/pdf".to_owned(),
        sha256: sha256.clone(),
        size: i64::try_from(rendered.pdf.len()).unwrap_or(i64::MAX),
        pages: i32::try_from(rendered.page_count).ok(),
        created_at: now.into(),
        created_by: actor.to_owned(),
    };
    insert_document_file(conn, &file, &rendered.pdf)?;
    Ok(sha256)
}

/// Keeps every printed value: those of records with their source, those a clerk typed without.
fn keep_values(
    conn: &mut Conn,
    document: &Document,
    values: &Map<String, Json>,
    placed: &[Placed],
) -> Result<()> {
    let mut rows = list_document_values(conn, &document.id)?;
    for row in &mut rows {
        row.printed = printed(placed, &row.name);
        if let Some(value) = at_path(values, &row.name) {
            row.value = JsonText::of(value)?;
        }
    }
    for it in placed {
        let covered = |row: &DocumentValue| {
            it.path == row.name || it.path.strip_prefix(&row.name).is_some_and(|rest| rest.starts_with('/'))
        };
        if !rows.iter().any(covered) {
            rows.push(typed(document, values, it)?);
        }
    }
    replace_document_values(conn, &document.id, &rows)
}

/// What stands on paper for a value; a table is told by its cells.
fn printed(placed: &[Placed], name: &str) -> String {
    let table = format!("{name}/");
    let texts: Vec<&str> = placed
        .iter()
        .filter(|it| it.path == name || it.path.starts_with(&table))
        .map(|it| it.text.as_str())
        .collect();
    if placed.iter().any(|it| it.path == name) {
        texts.first().copied().unwrap_or_default().to_owned()
    } else {
        texts.join("；")
    }
}

fn typed(document: &Document, values: &Map<String, Json>, placed: &Placed) -> Result<DocumentValue> {
    Ok(DocumentValue {
        document_id: document.id.clone(),
        name: placed.path.clone(),
        printed: placed.text.clone(),
        value: at_path(values, &placed.path).map_or_else(|| JsonText::of(&placed.text), JsonText::of)?,
        record_kind: None,
        record_id: None,
        record_version: None,
        field: None,
        claim_id: None,
        message_id: None,
        place: None,
        department: None,
        source_at: None,
        overridden: false,
        override_reason: None,
        override_by: Some(document.created_by.clone()),
    })
}
