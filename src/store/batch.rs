//! Batches of documents: the batch, the rows of which each becomes a document, and what was done to the batch.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use serde::Serialize;

use super::conn::{Conn, each_backend};
use super::types::{BatchId, DocumentId, Instant, Json, Listed, Page, RecordId};
use super::words::{BatchSource, BatchState, DocumentState, ItemState, RowFault};
use crate::error::{Error, Result, codes};
use crate::schema::{document, document_batch, document_batch_event, document_batch_item};

/// A batch.
#[derive(
    Debug, Clone, PartialEq, Queryable, Selectable, Insertable, AsChangeset, Identifiable, Serialize,
)]
#[diesel(table_name = document_batch, treat_none_as_default_value = false, treat_none_as_null = true)]
pub struct Batch {
    /// Its id.
    pub id: BatchId,
    /// Kind of its documents.
    pub kind: String,
    /// Version of the form they are bound to.
    pub template_version: String,
    /// Where its rows come from.
    pub source: BatchSource,
    /// Name of the file, or the query in words.
    pub name: String,
    /// Titles of the columns of the sheet, JSON list.
    pub heads: Json,
    /// Those of them that the form does not know, JSON list.
    pub ignored: Json,
    /// SHA-256 of the file, hex.
    pub sha256: Option<String>,
    /// Where it stands.
    pub state: BatchState,
    /// Grows with every change; the compare-and-set of [`save_batch`].
    pub version: i32,
    /// Department that issues its documents.
    pub department: Option<String>,
    /// Division whose people decide on it; every document lies in it.
    pub division: Option<String>,
    /// 成文日期, once started.
    pub signed_on: Option<NaiveDate>,
    /// When its numbers began to be taken.
    pub started_at: Option<Instant>,
    /// When its last row was tried.
    pub finished_at: Option<Instant>,
    /// Whether it is a demonstration.
    pub demo: bool,
    /// Who drafted it.
    pub created_by: String,
    /// When.
    pub created_at: Instant,
    /// Last change.
    pub updated_at: Instant,
}

/// A row of a batch.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable, Insertable, Serialize)]
#[diesel(table_name = document_batch_item, treat_none_as_default_value = false)]
pub struct BatchItem {
    /// The batch.
    pub batch_id: BatchId,
    /// Its number as Excel shows it; for a query its place from 2 on, as in the workbook that is handed out.
    pub row: i32,
    /// Title of the document.
    pub title: String,
    /// The cells as they came, JSON list in the order of the columns.
    pub cells: Json,
    /// The filled form, canonical JSON object.
    pub form: Json,
    /// The record it is about.
    pub record_id: Option<RecordId>,
    /// Why values differ from those of the record.
    pub reason: Option<String>,
    /// Pages it will have, once it could be laid out.
    pub pages: Option<i32>,
    /// Where it stands.
    pub state: ItemState,
    /// What is to be put right first.
    pub fault: Option<RowFault>,
    /// Everything that stands in its way, JSON list.
    pub problems: Json,
    /// Its document, once issued.
    pub document_id: Option<DocumentId>,
    /// When it was issued or failed.
    pub settled_at: Option<Instant>,
}

/// Something done to a batch.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable, Insertable, Serialize)]
#[diesel(table_name = document_batch_event, treat_none_as_default_value = false)]
pub struct BatchEvent {
    /// The batch.
    pub batch_id: BatchId,
    /// Place in its life, from 1; given by [`append_batch_event`].
    pub n: i32,
    /// When.
    pub at: Instant,
    /// Who.
    pub actor: String,
    /// What, in the past tense.
    pub action: String,
    /// State before; none for the first.
    pub from_state: Option<BatchState>,
    /// State after.
    pub to_state: BatchState,
    /// What the person wrote.
    pub opinion: Option<String>,
    /// Particulars, JSON.
    pub detail: Json,
}

/// Adds a batch.
pub fn insert_batch(conn: &mut Conn, row: &Batch) -> Result<()> {
    diesel::insert_into(document_batch::table).values(row).execute(conn)?;
    Ok(())
}

/// Writes a batch if nobody changed it since it was read, and moves its version on. Otherwise [`codes::record::STALE`].
pub fn save_batch(conn: &mut Conn, row: &mut Batch, now: DateTime<Utc>) -> Result<()> {
    let as_read = document_batch::table.find(row.id.clone()).filter(document_batch::version.eq(row.version));
    let next = Batch { version: row.version + 1, updated_at: now.into(), ..row.clone() };
    if diesel::update(as_read).set(&next).execute(conn)? == 0 {
        return Err(Error::new(codes::record::STALE, "这一批在您打开之后已有改动，请重新打开后再办。"));
    }
    *row = next;
    Ok(())
}

/// A batch that must exist.
pub fn get_batch(conn: &mut Conn, id: &BatchId) -> Result<Batch> {
    let found: Option<Batch> =
        document_batch::table.find(id).select(Batch::as_select()).get_result(conn).optional()?;
    found.ok_or_else(|| Error::new(codes::record::NOT_FOUND, format!("没有编号为“{id}”的批次。")))
}

/// A batch that must exist, held until the transaction ends. A write transaction on SQLite is alone anyway.
pub fn hold_batch(conn: &mut Conn, id: &BatchId) -> Result<Batch> {
    if let Conn::Postgres(conn) = conn {
        document_batch::table.find(id).select(document_batch::id).for_update().execute(conn)?;
    }
    get_batch(conn, id)
}

/// The batches of a division or of those whose code begins so, last changed first.
pub fn list_batches(conn: &mut Conn, division: Option<&str>, page: Page) -> Result<Listed<Batch>> {
    let query = || {
        let mut query = document_batch::table.into_boxed();
        if let Some(division) = division {
            query = query.filter(document_batch::division.like(format!("{division}%")).assume_not_null());
        }
        query
    };
    let total = query().count().get_result(conn)?;
    let rows = query()
        .order((document_batch::updated_at.desc(), document_batch::id.desc()))
        .limit(page.limit())
        .offset(page.offset())
        .select(Batch::as_select())
        .load(conn)?;
    Ok(Listed { rows, total })
}

/// Other batches of the same kind made from the same file and not called off, newest first.
pub fn list_same_batches(conn: &mut Conn, batch: &Batch) -> Result<Vec<Batch>> {
    let Some(sha256) = &batch.sha256 else { return Ok(Vec::new()) };
    Ok(document_batch::table
        .filter(document_batch::sha256.eq(sha256).assume_not_null())
        .filter(document_batch::kind.eq(&batch.kind))
        .filter(document_batch::id.ne(&batch.id))
        .filter(document_batch::state.ne_all([
            BatchState::Checking,
            BatchState::Checked,
            BatchState::Cancelled,
        ]))
        .order(document_batch::id.desc())
        .select(Batch::as_select())
        .load(conn)?)
}

/// Adds rows to a batch.
pub fn insert_batch_items(conn: &mut Conn, rows: &[BatchItem]) -> Result<()> {
    for chunk in rows.chunks(100) {
        let chunk: Vec<&BatchItem> = chunk.iter().collect();
        each_backend!(conn => diesel::insert_into(document_batch_item::table).values(chunk).execute(conn))?;
    }
    Ok(())
}

/// Which rows of a batch are asked for; empty fields do not restrict.
#[derive(Debug, Clone, Copy, Default)]
pub struct ItemFilter {
    /// Where they stand.
    pub state: Option<ItemState>,
    /// What is to be put right first.
    pub fault: Option<RowFault>,
    /// Only rows behind this one.
    pub after: i32,
}

/// Rows of a batch in order.
pub fn list_batch_items(
    conn: &mut Conn,
    of: &BatchId,
    filter: ItemFilter,
    limit: i64,
) -> Result<Vec<BatchItem>> {
    let mut query = document_batch_item::table
        .filter(document_batch_item::batch_id.eq(of).and(document_batch_item::row.gt(filter.after)))
        .into_boxed();
    if let Some(state) = filter.state {
        query = query.filter(document_batch_item::state.eq(state));
    }
    if let Some(fault) = filter.fault {
        query = query.filter(document_batch_item::fault.eq(fault).assume_not_null());
    }
    Ok(query.order(document_batch_item::row).limit(limit).select(BatchItem::as_select()).load(conn)?)
}

/// A page of the rows of a batch that are or will be documents.
pub fn page_batch_items(conn: &mut Conn, of: &BatchId, page: Page) -> Result<Vec<BatchItem>> {
    Ok(document_batch_item::table
        .filter(document_batch_item::batch_id.eq(of))
        .filter(document_batch_item::state.ne(ItemState::Faulty))
        .order(document_batch_item::row)
        .limit(page.limit())
        .offset(page.offset())
        .select(BatchItem::as_select())
        .load(conn)?)
}

/// One row of a batch.
pub fn get_batch_item(conn: &mut Conn, of: &BatchId, row: i32) -> Result<BatchItem> {
    let found: Option<BatchItem> = document_batch_item::table
        .find((of, row))
        .select(BatchItem::as_select())
        .get_result(conn)
        .optional()?;
    found.ok_or_else(|| Error::new(codes::record::NOT_FOUND, format!("这一批没有第 {row} 行。")))
}

/// The same, held until the transaction ends.
pub fn hold_batch_item(conn: &mut Conn, of: &BatchId, row: i32) -> Result<BatchItem> {
    if let Conn::Postgres(conn) = conn {
        let held = document_batch_item::table.find((of, row)).select(document_batch_item::row);
        held.for_update().execute(conn)?;
    }
    get_batch_item(conn, of, row)
}

/// An issued row of a batch as the index of its archive lists it.
#[derive(Debug, Clone, PartialEq, Queryable)]
pub struct IssuedItem {
    /// Its row.
    pub row: i32,
    /// Its document.
    pub document: DocumentId,
    /// Title.
    pub title: String,
    /// 文号; none when the kind is not numbered.
    pub number: Option<String>,
    /// Where it stands by now.
    pub state: DocumentState,
    /// SHA-256 of the final file.
    pub sha256: Option<String>,
}

/// The issued rows of a batch behind a row, in order.
pub fn list_issued_items(conn: &mut Conn, of: &BatchId, after: i32, limit: i64) -> Result<Vec<IssuedItem>> {
    Ok(document_batch_item::table
        .inner_join(document::table.on(document_batch_item::document_id.eq(document::id.nullable())))
        .filter(document_batch_item::batch_id.eq(of).and(document_batch_item::row.gt(after)))
        .order(document_batch_item::row)
        .limit(limit)
        .select((
            document_batch_item::row,
            document::id,
            document::title,
            document::number,
            document::state,
            document::sha256,
        ))
        .load(conn)?)
}

/// How many rows of a batch stand where, and their pages.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct BatchCounts {
    /// Cannot be issued as handed in.
    pub faulty: i64,
    /// Wait.
    pub ready: i64,
    /// Issued.
    pub done: i64,
    /// Tried in vain.
    pub failed: i64,
    /// Rows that are about a record of the hub.
    pub of_records: i64,
    /// Pages of all rows that could be laid out.
    pub pages: i64,
}

impl BatchCounts {
    /// Rows that are issued or are to be.
    #[must_use]
    pub fn total(&self) -> i64 {
        self.ready + self.done + self.failed
    }
}

/// Counts the rows of a batch.
pub fn count_batch_items(conn: &mut Conn, of: &BatchId) -> Result<BatchCounts> {
    let rows: Vec<(ItemState, i64, i64, Option<i64>)> = document_batch_item::table
        .filter(document_batch_item::batch_id.eq(of))
        .group_by(document_batch_item::state)
        .select((
            document_batch_item::state,
            diesel::dsl::count_star(),
            diesel::dsl::count(document_batch_item::record_id),
            diesel::dsl::sum(document_batch_item::pages),
        ))
        .load(conn)?;
    let mut counts = BatchCounts::default();
    for (state, n, of_records, pages) in rows {
        match state {
            ItemState::Faulty => counts.faulty = n,
            ItemState::Ready => counts.ready = n,
            ItemState::Done => counts.done = n,
            ItemState::Failed => counts.failed = n,
        }
        counts.of_records += of_records;
        counts.pages += pages.unwrap_or_default();
    }
    Ok(counts)
}

/// How many rows have what to be put right first.
pub fn count_batch_faults(conn: &mut Conn, of: &BatchId) -> Result<Vec<(RowFault, i64)>> {
    let rows: Vec<(Option<RowFault>, i64)> = document_batch_item::table
        .filter(document_batch_item::batch_id.eq(of).and(document_batch_item::state.eq(ItemState::Faulty)))
        .group_by(document_batch_item::fault)
        .select((document_batch_item::fault, diesel::dsl::count_star()))
        .load(conn)?;
    let mut found: Vec<(RowFault, i64)> =
        rows.into_iter().filter_map(|(fault, n)| Some((fault?, n))).collect();
    found.sort();
    Ok(found)
}

/// What became of a row.
#[derive(Debug, Clone, Copy)]
pub struct Settled<'a> {
    /// Where it stood.
    pub from: ItemState,
    /// Where it stands now.
    pub to: ItemState,
    /// Its document, once issued.
    pub document: Option<&'a DocumentId>,
    /// What stood in its way, JSON list.
    pub problems: &'a Json,
}

/// Moves a row on if it still stands where it stood; `false` when somebody else has moved it.
pub fn settle_batch_item(
    conn: &mut Conn,
    (of, row): (&BatchId, i32),
    settled: Settled<'_>,
    now: DateTime<Utc>,
) -> Result<bool> {
    let as_read =
        document_batch_item::table.find((of, row)).filter(document_batch_item::state.eq(settled.from));
    let changed = diesel::update(as_read)
        .set((
            document_batch_item::state.eq(settled.to),
            document_batch_item::document_id.eq(settled.document),
            document_batch_item::problems.eq(settled.problems),
            document_batch_item::settled_at.eq(Some(Instant::from(now))),
        ))
        .execute(conn)?;
    Ok(changed == 1)
}

/// Lets every failed row be tried again; how many there are.
pub fn reopen_failed_items(conn: &mut Conn, of: &BatchId) -> Result<usize> {
    let failed = document_batch_item::table
        .filter(document_batch_item::batch_id.eq(of).and(document_batch_item::state.eq(ItemState::Failed)));
    Ok(diesel::update(failed)
        .set((
            document_batch_item::state.eq(ItemState::Ready),
            document_batch_item::problems.eq(Json::list()),
            document_batch_item::settled_at.eq(None::<Instant>),
        ))
        .execute(conn)?)
}

/// Adds an event, gives it the next place (whatever `row.n` says) and returns that place. [`save_batch`] goes before.
pub fn append_batch_event(conn: &mut Conn, row: &BatchEvent) -> Result<i32> {
    let last: Option<i32> = document_batch_event::table
        .filter(document_batch_event::batch_id.eq(&row.batch_id))
        .select(diesel::dsl::max(document_batch_event::n))
        .get_result(conn)?;
    let n = last.unwrap_or(0) + 1;
    diesel::insert_into(document_batch_event::table)
        .values(&BatchEvent { n, ..row.clone() })
        .execute(conn)?;
    Ok(n)
}

/// What was done to a batch, in order.
pub fn list_batch_events(conn: &mut Conn, of: &BatchId) -> Result<Vec<BatchEvent>> {
    Ok(document_batch_event::table
        .filter(document_batch_event::batch_id.eq(of))
        .order(document_batch_event::n)
        .select(BatchEvent::as_select())
        .load(conn)?)
}
