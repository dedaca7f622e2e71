//! Official documents: the document, what happened to it, what it printed and from where, its files.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use serde::Serialize;

use super::conn::{Conn, each_backend};
use super::types::{
    ClaimId, DocumentId, FileId, Instant, Json, Listed, MessageId, Page, RecordId, ServiceId,
};
use super::words::{DocumentState, FileRole};
use crate::error::{Error, Result, codes};
use crate::schema::{document, document_event, document_file, document_value};

/// A document.
#[derive(
    Debug, Clone, PartialEq, Queryable, Selectable, Insertable, AsChangeset, Identifiable, Serialize,
)]
#[diesel(table_name = document, treat_none_as_default_value = false, treat_none_as_null = true)]
pub struct Document {
    /// Its id.
    pub id: DocumentId,
    /// Kind, the folder of its template.
    pub kind: String,
    /// Title, as printed.
    pub title: String,
    /// Where it stands.
    pub state: DocumentState,
    /// Grows with every change; the compare-and-set of [`save_document`].
    pub version: i32,
    /// Version of the template it is bound to.
    pub template_version: String,
    /// The filled form, JSON object.
    pub form: Json,
    /// Kind of the record it is about.
    pub record_kind: Option<String>,
    /// That record.
    pub record_id: Option<RecordId>,
    /// Department that issues it.
    pub department: Option<String>,
    /// Division it belongs to.
    pub division: Option<String>,
    /// Who has to act next.
    pub holder: Option<String>,
    /// Series its number comes from.
    pub series: Option<String>,
    /// 文号, once taken.
    pub number: Option<String>,
    /// 签发人.
    pub signer: Option<String>,
    /// 成文日期.
    pub signed_on: Option<NaiveDate>,
    /// When it was issued (印发).
    pub issued_at: Option<Instant>,
    /// When it was served (送达).
    pub served_at: Option<Instant>,
    /// When it was archived.
    pub archived_at: Option<Instant>,
    /// Code by which anyone can check it.
    pub verify_code: Option<String>,
    /// SHA-256 of the final file.
    pub sha256: Option<String>,
    /// Document it replaces.
    pub replaces: Option<DocumentId>,
    /// Document that replaces it.
    pub replaced_by: Option<DocumentId>,
    /// Why it is void.
    pub void_reason: Option<String>,
    /// When it became void.
    pub voided_at: Option<Instant>,
    /// Whether it is a demonstration.
    pub demo: bool,
    /// Who drafted it.
    pub created_by: String,
    /// When.
    pub created_at: Instant,
    /// Last change.
    pub updated_at: Instant,
}

/// Adds a document.
pub fn insert_document(conn: &mut Conn, row: &Document) -> Result<()> {
    diesel::insert_into(document::table).values(row).execute(conn)?;
    Ok(())
}

/// Writes a document if nobody changed it since it was read with version `row.version`, and moves the version on.
/// Otherwise [`codes::record::STALE`].
pub fn save_document(conn: &mut Conn, row: &mut Document, now: DateTime<Utc>) -> Result<()> {
    let as_read = document::table.find(row.id.clone()).filter(document::version.eq(row.version));
    let next = Document { version: row.version + 1, updated_at: now.into(), ..row.clone() };
    if diesel::update(as_read).set(&next).execute(conn)? == 0 {
        return Err(Error::new(
            codes::record::STALE,
            format!("《{}》在您打开之后已被他人改动，请重新打开后再办。", row.title),
        ));
    }
    *row = next;
    Ok(())
}

/// A document that must exist.
pub fn get_document(conn: &mut Conn, id: &DocumentId) -> Result<Document> {
    let found: Option<Document> =
        document::table.find(id).select(Document::as_select()).get_result(conn).optional()?;
    found.ok_or_else(|| Error::new(codes::record::NOT_FOUND, format!("没有编号为“{id}”的文书。")))
}

/// A document that must exist, held until the transaction ends: who holds it next reads what this transaction made of it.
/// A write transaction on SQLite is alone anyway.
pub fn hold_document(conn: &mut Conn, id: &DocumentId) -> Result<Document> {
    if let Conn::Postgres(conn) = conn {
        document::table.find(id).select(document::id).for_update().execute(conn)?;
    }
    get_document(conn, id)
}

/// The document a verification code belongs to.
pub fn find_document_by_verify_code(conn: &mut Conn, code: &str) -> Result<Option<Document>> {
    Ok(document::table
        .filter(document::verify_code.eq(code))
        .select(Document::as_select())
        .get_result(conn)
        .optional()?)
}

/// The documents drafted to replace one, newest first.
pub fn list_replacements(conn: &mut Conn, of: &DocumentId) -> Result<Vec<Document>> {
    Ok(document::table
        .filter(document::replaces.eq(of))
        .order(document::id.desc())
        .select(Document::as_select())
        .load(conn)?)
}

/// Which documents a list shows; empty fields do not restrict.
#[derive(Debug, Clone, Default)]
pub struct DocumentFilter {
    /// Kind.
    pub kind: Option<String>,
    /// Where it stands.
    pub state: Option<DocumentState>,
    /// About this record.
    pub record: Option<RecordId>,
    /// Who has to act next.
    pub holder: Option<String>,
    /// Who drafted it.
    pub created_by: Option<String>,
    /// Division, or the beginning of one.
    pub division: Option<String>,
    /// Part of its title, its number or anything in its form: project, party, credit code.
    pub text: Option<String>,
    /// 成文日期 from this day on.
    pub signed_from: Option<NaiveDate>,
    /// 成文日期 up to this day.
    pub signed_to: Option<NaiveDate>,
    /// Waits for a person: in one of these states, and held by nobody or by this login.
    pub waits_for: Option<(Vec<DocumentState>, String)>,
}

impl DocumentFilter {
    fn query(&self) -> document::BoxedQuery<'_, super::conn::MultiBackend> {
        let mut query = document::table.into_boxed();
        if let Some(kind) = &self.kind {
            query = query.filter(document::kind.eq(kind));
        }
        if let Some(state) = self.state {
            query = query.filter(document::state.eq(state));
        }
        if let Some(record) = &self.record {
            query = query.filter(document::record_id.eq(record));
        }
        if let Some(holder) = &self.holder {
            query = query.filter(document::holder.eq(holder));
        }
        if let Some(by) = &self.created_by {
            query = query.filter(document::created_by.eq(by));
        }
        if let Some(division) = &self.division {
            query = query.filter(document::division.like(format!("{division}%")));
        }
        if let Some(text) = &self.text {
            let pattern = super::types::containing(text);
            let number = document::number.like(pattern.clone()).escape('\\').assume_not_null();
            let form = document::form.like(pattern.clone()).escape('\\');
            query = query.filter(document::title.like(pattern).escape('\\').or(form).or(number));
        }
        if let Some(day) = self.signed_from {
            query = query.filter(document::signed_on.ge(day).assume_not_null());
        }
        if let Some(day) = self.signed_to {
            query = query.filter(document::signed_on.le(day).assume_not_null());
        }
        if let Some((states, login)) = &self.waits_for {
            let free = document::holder.is_null().or(document::holder.eq(login).assume_not_null());
            query = query.filter(document::state.eq_any(states)).filter(free);
        }
        query
    }
}

/// Documents, last changed first.
pub fn list_documents(conn: &mut Conn, filter: &DocumentFilter, page: Page) -> Result<Listed<Document>> {
    let total = filter.query().count().get_result(conn)?;
    let rows = filter
        .query()
        .order((document::updated_at.desc(), document::id.desc()))
        .limit(page.limit())
        .offset(page.offset())
        .select(Document::as_select())
        .load(conn)?;
    Ok(Listed { rows, total })
}

/// How many documents stand in each state.
pub fn count_documents(conn: &mut Conn) -> Result<Vec<(DocumentState, i64)>> {
    Ok(document::table
        .group_by(document::state)
        .select((document::state, diesel::dsl::count_star()))
        .load(conn)?)
}

/// One step of a document's life.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable, Insertable, Serialize)]
#[diesel(table_name = document_event, treat_none_as_default_value = false)]
pub struct DocumentEvent {
    /// The document.
    pub document_id: DocumentId,
    /// Place in its life, from 1; given by [`append_document_event`].
    pub n: i32,
    /// When.
    pub at: Instant,
    /// Who.
    pub actor: String,
    /// What was done (`submit`, `return`, `sign`, …).
    pub action: String,
    /// State before; none for the first.
    pub from_state: Option<DocumentState>,
    /// State after.
    pub to_state: DocumentState,
    /// What the person wrote.
    pub opinion: Option<String>,
    /// Particulars, JSON.
    pub detail: Json,
}

/// Adds a step, gives it the next place (whatever `row.n` says) and returns that place.
/// Two steps at once of one document cannot both pass [`save_document`], which goes before.
pub fn append_document_event(conn: &mut Conn, row: &DocumentEvent) -> Result<i32> {
    let last: Option<i32> = document_event::table
        .filter(document_event::document_id.eq(&row.document_id))
        .select(diesel::dsl::max(document_event::n))
        .get_result(conn)?;
    let n = last.unwrap_or(0) + 1;
    diesel::insert_into(document_event::table).values(&DocumentEvent { n, ..row.clone() }).execute(conn)?;
    Ok(n)
}

/// The life of a document, in order.
pub fn list_document_events(conn: &mut Conn, of: &DocumentId) -> Result<Vec<DocumentEvent>> {
    Ok(document_event::table
        .filter(document_event::document_id.eq(of))
        .order(document_event::n)
        .select(DocumentEvent::as_select())
        .load(conn)?)
}

/// A value a document prints, and the claim it comes from.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable, Insertable, Serialize)]
#[diesel(table_name = document_value, treat_none_as_default_value = false)]
pub struct DocumentValue {
    /// The document.
    pub document_id: DocumentId,
    /// Name of the form field.
    pub name: String,
    /// As printed.
    pub printed: String,
    /// As filled in, canonical JSON; where a clerk wrote another value over it, that of the source.
    pub value: Json,
    /// Kind of the record it was taken from; none when a clerk typed it.
    pub record_kind: Option<String>,
    /// That record.
    pub record_id: Option<RecordId>,
    /// The version of the record it was read from.
    pub record_version: Option<i32>,
    /// The field of that record.
    pub field: Option<String>,
    /// The claim behind that field.
    pub claim_id: Option<ClaimId>,
    /// The message of that claim.
    pub message_id: Option<MessageId>,
    /// The place in that message, JSON of `error::Place`.
    pub place: Option<Json>,
    /// Department that claimed it.
    pub department: Option<String>,
    /// When that message came.
    pub source_at: Option<Instant>,
    /// Whether a clerk wrote another value over it.
    pub overridden: bool,
    /// Why.
    pub override_reason: Option<String>,
    /// Who.
    pub override_by: Option<String>,
}

/// Writes the printed values of a document anew; until it is issued they follow the form.
pub fn replace_document_values(conn: &mut Conn, of: &DocumentId, rows: &[DocumentValue]) -> Result<()> {
    diesel::delete(document_value::table.filter(document_value::document_id.eq(of))).execute(conn)?;
    for chunk in rows.chunks(200) {
        let chunk: Vec<&DocumentValue> = chunk.iter().collect();
        each_backend!(conn => diesel::insert_into(document_value::table).values(chunk).execute(conn))?;
    }
    Ok(())
}

/// What a document printed, by name.
pub fn list_document_values(conn: &mut Conn, of: &DocumentId) -> Result<Vec<DocumentValue>> {
    Ok(document_value::table
        .filter(document_value::document_id.eq(of))
        .order(document_value::name)
        .select(DocumentValue::as_select())
        .load(conn)?)
}

/// The documents that printed a field of a record: what a correction of that field touches.
pub fn list_documents_printing(
    conn: &mut Conn,
    record: &RecordId,
    field: &str,
) -> Result<Vec<(Document, DocumentValue)>> {
    Ok(document_value::table
        .inner_join(document::table)
        .filter(document_value::record_id.eq(record).assume_not_null())
        .filter(document_value::field.eq(field).assume_not_null())
        .order(document::updated_at.desc())
        .select((Document::as_select(), DocumentValue::as_select()))
        .load(conn)?)
}

/// The documents that printed any field of a record, with what they printed: what a new version of it may touch.
pub fn list_documents_of_record(
    conn: &mut Conn,
    record: &RecordId,
) -> Result<Vec<(Document, DocumentValue)>> {
    Ok(document_value::table
        .inner_join(document::table)
        .filter(document_value::record_id.eq(record).assume_not_null())
        .order((document::updated_at.desc(), document_value::name))
        .select((Document::as_select(), DocumentValue::as_select()))
        .load(conn)?)
}

/// A file of a document, without its bytes.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable, Insertable, Serialize)]
#[diesel(table_name = document_file, treat_none_as_default_value = false)]
pub struct DocumentFile {
    /// Its id.
    pub id: FileId,
    /// The document.
    pub document_id: DocumentId,
    /// What it is to the document.
    pub role: FileRole,
    /// Name for downloading.
    pub name: String,
    /// Media type.
    pub media_type: String,
    /// SHA-256 of the bytes, hex.
    pub sha256: String,
    /// Bytes.
    pub size: i64,
    /// Pages, for what has pages.
    pub pages: Option<i32>,
    /// When it was added.
    pub created_at: Instant,
    /// By whom.
    pub created_by: String,
    /// The service it proves, for receipts, photographs and scans.
    pub service_id: Option<ServiceId>,
}

/// Adds a file with its bytes.
pub fn insert_document_file(conn: &mut Conn, row: &DocumentFile, bytes: &[u8]) -> Result<()> {
    diesel::insert_into(document_file::table).values((row, document_file::bytes.eq(bytes))).execute(conn)?;
    Ok(())
}

/// The files of a document, newest first.
pub fn list_document_files(conn: &mut Conn, of: &DocumentId) -> Result<Vec<DocumentFile>> {
    Ok(document_file::table
        .filter(document_file::document_id.eq(of))
        .order((document_file::created_at.desc(), document_file::id.desc()))
        .select(DocumentFile::as_select())
        .load(conn)?)
}

/// A file with its bytes.
pub fn load_document_file(conn: &mut Conn, id: &FileId) -> Result<Option<(DocumentFile, Vec<u8>)>> {
    Ok(document_file::table
        .find(id)
        .select((DocumentFile::as_select(), document_file::bytes))
        .get_result(conn)
        .optional()?)
}

/// The issued file with this SHA-256 and its document: the check of a file somebody uploads.
pub fn find_document_file_by_sha256(
    conn: &mut Conn,
    sha256: &str,
) -> Result<Option<(DocumentFile, Document)>> {
    Ok(document_file::table
        .inner_join(document::table.on(document::id.eq(document_file::document_id)))
        .filter(document_file::sha256.eq(sha256))
        .filter(document_file::role.eq(FileRole::Final))
        .select((DocumentFile::as_select(), Document::as_select()))
        .get_result(conn)
        .optional()?)
}
