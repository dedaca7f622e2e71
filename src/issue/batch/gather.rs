//! A batch made from a sheet or from a query. Its rows are checked and kept some at a time, so that others get their turn at the
//! database and memory is that of the rows at hand.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, Utc};
use serde_json::{Map, Value as Json, json};

use super::super::desk::Desk;
use super::super::form::read_form;
use super::super::life::Actor;
use super::check::{Checker, Found, Said, keys};
use super::event::{BatchStep, note_batch};
use super::sheet::{self, MAX_ROWS, cells_of, heads, refused};
use super::{cores, deed};
use crate::crypto;
use crate::document::{FormField, FormType, Kind};
use crate::error::Result;
use crate::store::{
    Batch, BatchId, BatchItem, BatchSource, BatchState, ItemState, Json as JsonText, Page, RecordFilter,
    RecordId, RowFault, Store, hold_batch, insert_batch, insert_batch_items, list_records, save_batch,
};

/// Rows checked and kept at once.
const AT_ONCE: usize = 100;

/// Who makes a batch of what.
#[derive(Debug, Clone, Copy)]
pub struct NewBatch<'a> {
    /// Kind of document.
    pub kind: &'a str,
    /// Department that issues.
    pub department: Option<&'a str>,
    /// The drafter; the batch belongs to that division.
    pub who: &'a Actor,
    /// Whether it is a demonstration.
    pub demo: bool,
}

/// Makes a batch from a workbook or CSV file.
///
/// Memory: the file, its texts (see [`MAX_ROWS`]) and the documents of a hundred rows.
///
/// # Errors
/// `batch_sheet` when the sheet as a whole cannot be used; then there is no batch. What is wrong with single rows is kept
/// with them.
pub fn batch_from_sheet(
    store: &Store,
    desk: &Desk,
    new: NewBatch<'_>,
    (name, bytes): (&str, &[u8]),
    now: DateTime<Utc>,
) -> Result<BatchId> {
    let kind = desk.kind(new.kind)?;
    desk.faces()?;
    let keys = keys(desk, kind);
    let keys: Vec<Vec<&str>> = keys.iter().map(|key| key.iter().map(|(_, field)| *field).collect()).collect();
    let sheet = sheet::read(kind, &keys, bytes)?;
    let batch = Batch {
        name: name.to_owned(),
        heads: JsonText::of(&sheet.heads)?,
        ignored: JsonText::of(&sheet.ignored)?,
        sha256: Some(crypto::sha256_hex(bytes)?),
        ..empty(kind, new, BatchSource::Sheet, now)
    };
    let mut seen: HashMap<String, u32> = HashMap::new();
    let mut said = Vec::with_capacity(sheet.rows.len());
    for row in sheet.rows {
        let digest = crypto::sha256_hex(row.cells.join("\u{1f}").as_bytes())?;
        let same_as = seen.get(&digest).copied();
        seen.entry(digest).or_insert(row.number);
        said.push(Said { same_as, ..Said::of(kind, row) });
    }
    gather(store, desk, new, batch, said, now)
}

/// Makes a batch of the records a filter finds; `words` says the query to people, `shared` are the texts of the fields that no
/// record fills, the same in every document.
///
/// # Errors
/// `batch_sheet` when the query finds nothing or more than [`MAX_ROWS`].
pub fn batch_from_query(
    store: &Store,
    desk: &Desk,
    new: NewBatch<'_>,
    (filter, words): (&RecordFilter, &str),
    shared: &BTreeMap<String, String>,
    now: DateTime<Utc>,
) -> Result<BatchId> {
    let kind = desk.kind(new.kind)?;
    desk.faces()?;
    let found = find(store, filter)?;
    let titles: Vec<String> = heads(kind).into_iter().map(|head| head.title).collect();
    let batch = Batch {
        name: words.to_owned(),
        heads: JsonText::of(&titles)?,
        ..empty(kind, new, BatchSource::Query, now)
    };
    let values = read_form(kind, shared).values;
    let said = (2..)
        .zip(found)
        .map(|(row, record)| Said { row, record: Some(record), values: values.clone(), ..Said::default() })
        .collect();
    gather(store, desk, new, batch, said, now)
}

/// The fields a query asks once for all documents: those that no record fills and no rule computes.
pub fn shared_fields(kind: &Kind) -> impl Iterator<Item = &FormField> {
    kind.fields.iter().filter(|field| {
        field.source.is_none() && matches!(field.ty, FormType::Value(_)) && !kind.computes(&field.name)
    })
}

fn find(store: &Store, filter: &RecordFilter) -> Result<Vec<RecordId>> {
    let mut ids = Vec::new();
    store.read(|conn| {
        for number in 1.. {
            let found = list_records(conn, filter, Page { number, size: 500 })?;
            if found.total > i64::try_from(MAX_ROWS).unwrap_or(i64::MAX) {
                let detail = format!("符合条件的有 {} 条，一批最多 {MAX_ROWS} 份，请缩小范围。", found.total);
                return Err(refused(&detail));
            }
            if found.rows.is_empty() {
                break;
            }
            ids.extend(found.rows.into_iter().map(|it| it.id));
        }
        Ok(())
    })?;
    if ids.is_empty() {
        return Err(refused("没有符合条件的记录。"));
    }
    Ok(ids)
}

fn empty(kind: &Kind, new: NewBatch<'_>, source: BatchSource, now: DateTime<Utc>) -> Batch {
    Batch {
        id: BatchId::fresh(now),
        kind: kind.name.clone(),
        template_version: kind.version.to_string(),
        source,
        name: String::new(),
        heads: JsonText::list(),
        ignored: JsonText::list(),
        sha256: None,
        state: BatchState::Checking,
        version: 1,
        department: new.department.map(str::to_owned),
        division: new.who.division.clone(),
        signed_on: None,
        started_at: None,
        finished_at: None,
        demo: new.demo,
        created_by: new.who.login.clone(),
        created_at: now.into(),
        updated_at: now.into(),
    }
}

fn gather(
    store: &Store,
    desk: &Desk,
    new: NewBatch<'_>,
    batch: Batch,
    mut said: Vec<Said>,
    now: DateTime<Utc>,
) -> Result<BatchId> {
    let kind = desk.kind(new.kind)?;
    let detail = json!({ "kind": batch.kind, "rows": said.len(), "sha256": batch.sha256 });
    let drafted =
        BatchStep { from: None, action: "drafted", actor: &batch.created_by, opinion: None, detail };
    store.write(|conn| {
        insert_batch(conn, &batch)?;
        note_batch(conn, &batch, &drafted, now)
    })?;
    let checker = Checker { desk, kind, batch: &batch, who: new.who, now };
    while !said.is_empty() {
        let chunk: Vec<Said> = said.drain(..said.len().min(AT_ONCE)).collect();
        let kept = keep(store, &checker, chunk);
        if let Err(error) = kept {
            // Half a batch is of no use to anybody.
            store.write(|conn| deed::drop_unfinished(conn, &batch.id, &error.detail, now))?;
            return Err(error);
        }
    }
    store.write(|conn| {
        let mut checked = hold_batch(conn, &batch.id)?;
        if checked.state != BatchState::Checking {
            return Ok(());
        }
        checked.state = BatchState::Checked;
        save_batch(conn, &mut checked, now)
    })?;
    Ok(batch.id)
}

fn keep(store: &Store, checker: &Checker<'_>, chunk: Vec<Said>) -> Result<()> {
    let mut items: Vec<BatchItem> =
        store.read(|conn| chunk.into_iter().map(|said| checker.check(conn, said)).collect())?;
    let printed = cores::each(&items, |item| match item.state {
        ItemState::Ready => checker.print(item).map(Some),
        _ => Ok(None),
    })?;
    let all = heads(checker.kind);
    for (item, printed) in items.iter_mut().zip(printed) {
        match printed? {
            Some(Ok(pages)) => item.pages = i32::try_from(pages).ok(),
            Some(Err(problems)) => {
                let fault = RowFault::Unprintable;
                let found: Vec<Found> =
                    problems.into_iter().map(|problem| Found { fault, problem }).collect();
                item.state = ItemState::Faulty;
                item.fault = Some(fault);
                item.problems = JsonText::of(&found)?;
            }
            None => {}
        }
        if checker.batch.source == BatchSource::Query {
            let values: Map<String, Json> = item.form.read()?;
            item.cells = JsonText::of(&cells_of(&all, &values))?;
        }
    }
    store.write(|conn| insert_batch_items(conn, &items))
}
