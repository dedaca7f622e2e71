//! Preview, 编号 and 用印. Each keeps number, file, hash, printed values, event and audit row in one transaction: after a kill
//! at any moment they are all there or none is.

use chrono::{DateTime, Datelike, NaiveDate, Utc};
use serde_json::{Map, Value as Json, json};

use super::changed::is_out;
use super::desk::Desk;
use super::draft::{at_path, must_be_complete, open_draft};
use super::event::{Step, note};
use super::life::Actor;
use super::replace;
use crate::crypto;
use crate::document::{Kind, Options, Placed, Purpose, Rendered, render};
use crate::error::{Error, Result, codes};
use crate::store::{
    Conn, Document, DocumentFile, DocumentId, DocumentState, DocumentValue, FileId, FileRole,
    Json as JsonText, Taking, find_number_of, get_document, hold_document, insert_document_file,
    list_document_values, replace_document_values, save_document, take_chosen_number, take_number,
    use_reserved_number,
};

/// Which number a document asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wish<'a> {
    /// The next of its series.
    Next,
    /// One set aside before (预留), of the year of 成文日期.
    Reserved(i32),
    /// One a person chose (手工编号); the reason also explains the numbers passed over.
    Chosen(i32, &'a str),
}

/// Who takes a number, for which day.
pub(super) struct Numbering<'a> {
    pub wish: Wish<'a>,
    pub date: NaiveDate,
    pub actor: &'a str,
    pub now: DateTime<Utc>,
}

/// What a digital copy without signature says on every page: it shows where the seal stands and is none.
const UNSIGNED: &str = "样章";

/// The document as it would look now, marked as a draft. What is missing is shown as 【its title】.
///
/// # Errors
/// A character that no face draws, or a value the template cannot print.
pub fn preview(conn: &mut Conn, desk: &Desk, id: &DocumentId) -> Result<Rendered> {
    let document = get_document(conn, id)?;
    let watermark = if document.demo { "演示草稿" } else { "草稿" };
    compose(desk, &document, Purpose::Preview, Some(watermark))
}

/// Signs, numbers, seals and issues a draft in one step, for the command line. A document that is issued
/// already is handed back as it is.
///
/// # Errors
/// Everything that stands in the way, collected, each by its field; then no number is taken.
pub fn issue(
    conn: &mut Conn,
    desk: &Desk,
    id: &DocumentId,
    date: NaiveDate,
    who: &Actor,
    now: DateTime<Utc>,
) -> Result<Document> {
    let mut document = hold_document(conn, id)?;
    if is_out(&document) {
        return Ok(document);
    }
    document = open_draft(conn, id)?;
    must_be_complete(conn, desk, &document, "签发")?;
    let from = document.state;
    document.signer = Some(who.login.clone());
    number(conn, desk, &mut document, &Numbering { wish: Wish::Next, date, actor: &who.login, now })?;
    let mut detail = seal(conn, desk, &mut document, &who.login, now)?;
    document.state = DocumentState::Issued;
    document.issued_at = Some(now.into());
    document.holder = None;
    replace::mark_replaced(conn, &document, who, now)?;
    save_document(conn, &mut document, now)?;
    if let Some(detail) = detail.as_object_mut() {
        detail.insert("number".to_owned(), Json::from(document.number.clone()));
    }
    let step = Step { from: Some(from), action: "issued_at_once", actor: &who.login, opinion: None, detail };
    note(conn, &document, &step, now)?;
    Ok(document)
}

/// Takes the number and sets 成文日期. A number the document has already, from before it was sent back, stays.
pub(super) fn number(
    conn: &mut Conn,
    desk: &Desk,
    document: &mut Document,
    how: &Numbering<'_>,
) -> Result<()> {
    let kind = desk.kind(&document.kind)?;
    bound_to_this_version(kind, document)?;
    let year = how.date.year();
    document.signed_on = Some(how.date);
    if let Some(taken) = find_number_of(conn, &document.id)? {
        if taken.year != year {
            return Err(Error::new(
                codes::record::NUMBER_UNAVAILABLE,
                format!("已编 {}，成文日期须在 {} 年；换年度的，请作废后重发。", taken.number, taken.year),
            ));
        }
        document.number = Some(taken.number);
    } else if let Some(numbering) = &kind.numbering {
        let taking = Taking { series: &numbering.series, year, by: how.actor, now: how.now };
        let taken = match how.wish {
            Wish::Next => take_number(conn, taking, &document.id),
            Wish::Reserved(n) => use_reserved_number(conn, taking, n, &document.id),
            Wish::Chosen(_, reason) if reason.trim().is_empty() => {
                Err(Error::new(codes::document::OPINION, "手工编号须写明理由，理由入文号簿。"))
            }
            Wish::Chosen(n, reason) => take_chosen_number(conn, taking, n, reason.trim(), &document.id),
        }?;
        document.number = Some(taken.number);
    }
    if document.verify_code.is_none() {
        document.verify_code = Some(verify_code()?);
    }
    Ok(())
}

/// Keeps the numbered text (定稿) and what it prints. It is what a paper seal is put on.
pub(super) fn keep_numbered(
    conn: &mut Conn,
    desk: &Desk,
    document: &Document,
    actor: &str,
    now: DateTime<Utc>,
) -> Result<Json> {
    keep_rendered(conn, document, &render_numbered(desk, document)?, actor, now)
}

/// The numbered text.
pub(super) fn render_numbered(desk: &Desk, document: &Document) -> Result<Rendered> {
    compose(desk, document, Purpose::Issue, document.demo.then_some("演示"))
}

/// Keeps a numbered text that was made before.
pub(super) fn keep_rendered(
    conn: &mut Conn,
    document: &Document,
    rendered: &Rendered,
    actor: &str,
    now: DateTime<Utc>,
) -> Result<Json> {
    let sha256 = keep_file(conn, document, FileRole::Numbered, rendered, actor, now)?;
    keep_values(conn, document, &rendered.placed)?;
    Ok(json!({ "number": document.number, "date": document.signed_on, "sha256": sha256,
        "pages": rendered.page_count }))
}

/// Makes and keeps the final file. Without a signature it says on every page that its seal is a specimen.
pub(super) fn seal(
    conn: &mut Conn,
    desk: &Desk,
    document: &mut Document,
    actor: &str,
    now: DateTime<Utc>,
) -> Result<Json> {
    bound_to_this_version(desk.kind(&document.kind)?, document)?;
    keep_sealed(conn, document, &render_sealed(desk, document)?, actor, now)
}

/// The final file.
pub(super) fn render_sealed(desk: &Desk, document: &Document) -> Result<Rendered> {
    let watermark = if document.demo { "演示" } else { UNSIGNED };
    compose(desk, document, Purpose::Issue, Some(watermark))
}

/// Keeps a final file that was made before.
pub(super) fn keep_sealed(
    conn: &mut Conn,
    document: &mut Document,
    rendered: &Rendered,
    actor: &str,
    now: DateTime<Utc>,
) -> Result<Json> {
    let sha256 = keep_file(conn, document, FileRole::Final, rendered, actor, now)?;
    keep_values(conn, document, &rendered.placed)?;
    document.sha256 = Some(sha256.clone());
    Ok(json!({ "sha256": sha256, "pages": rendered.page_count, "signed": false }))
}

fn compose(desk: &Desk, document: &Document, purpose: Purpose, watermark: Option<&str>) -> Result<Rendered> {
    let kind = desk.kind(&document.kind)?;
    let values: Map<String, Json> = document.form.read()?;
    let options = Options {
        number: document.number.as_deref(),
        date: document.signed_on,
        purpose,
        watermark,
        id: document.id.as_str(),
    };
    render(kind, &values, &options, desk.faces()?)
}

/// A file of a void document, with 作废 across every page. The file itself is kept as it was issued.
///
/// # Errors
/// No faces on this machine, or the bytes are no PDF.
pub fn stamp_void(desk: &Desk, pdf: &[u8]) -> Result<Vec<u8>> {
    crate::document::pdf::stamp(pdf, "作废", desk.faces()?)
}

/// A document is issued with the form it was drafted with.
pub(super) fn bound_to_this_version(kind: &Kind, document: &Document) -> Result<()> {
    if document.template_version == kind.version.to_string() {
        return Ok(());
    }
    Err(Error::new(
        codes::document::TEMPLATE_CHANGED,
        format!(
            "《{}》按第 {} 版模板拟稿，现行模板为第 {} 版。请在拟稿页核对变化并改用现行版；已送出的先退回。",
            document.title, document.template_version, kind.version
        ),
    ))
}

/// Sixteen letters and digits that nobody can guess and anybody can read out: no 0, O, 1, I.
pub(super) fn verify_code() -> Result<String> {
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
    role: FileRole,
    rendered: &Rendered,
    actor: &str,
    now: DateTime<Utc>,
) -> Result<String> {
    let sha256 = crypto::sha256_hex(&rendered.pdf)?;
    let number = document.number.as_deref().unwrap_or_default();
    let name = format!("{number} {}（{}）.pdf", document.title, role.title());
    let file = DocumentFile {
        id: FileId::fresh(now),
        document_id: document.id.clone(),
        role,
        name: name.trim().to_owned(),
        media_type: "application/pdf".to_owned(),
        sha256: sha256.clone(),
        size: i64::try_from(rendered.pdf.len()).unwrap_or(i64::MAX),
        pages: i32::try_from(rendered.page_count).ok(),
        created_at: now.into(),
        created_by: actor.to_owned(),
        service_id: None,
    };
    insert_document_file(conn, &file, &rendered.pdf)?;
    Ok(sha256)
}

/// Keeps every printed value: those of records with their source, those a clerk typed without.
fn keep_values(conn: &mut Conn, document: &Document, placed: &[Placed]) -> Result<()> {
    let values: Map<String, Json> = document.form.read()?;
    let mut rows = list_document_values(conn, &document.id)?;
    for row in &mut rows {
        row.printed = printed(placed, &row.name);
        // A value that was written over keeps that of its source beside what was printed.
        if let Some(value) = at_path(&values, &row.name).filter(|_| !row.overridden) {
            row.value = JsonText::of(value)?;
        }
    }
    for it in placed {
        let covered = |row: &DocumentValue| {
            it.path == row.name || it.path.strip_prefix(&row.name).is_some_and(|rest| rest.starts_with('/'))
        };
        if !rows.iter().any(covered) {
            rows.push(typed(document, &values, it)?);
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
