//! Issuing the rows of a batch, one document after the other.
//!
//! Rows are prepared some at a time: drafted in one read, then rendered on all cores with the numbers they will get if nobody
//! else takes one. Each document is then kept in a transaction of its own, with its number, files, values, events and audit rows
//! and the mark of its row: after a kill at any moment they are all there or none is, and the next run goes on with the first
//! row that has none. When somebody did take a number meanwhile, the document is rendered again inside that transaction.

use chrono::{DateTime, Datelike, NaiveDate, Utc};
use serde_json::{Map, Value as Json, json};

use super::super::desk::Desk;
use super::super::draft::{self, Drafted};
use super::super::event::{Step, note, note_at};
use super::super::final_copy::{self, Numbering, Wish};
use super::super::life::{Deed, MOVES};
use super::check::{findings, new_draft};
use super::event::{BatchStep, note_batch};
use super::life::BatchDeed;
use super::{cores, deed};
use crate::document::{Kind, Rendered};
use crate::error::{Error, Problem, Result, codes};
use crate::store::{
    Batch, BatchEvent, BatchId, BatchItem, BatchState, Conn, Document, DocumentState, ItemFilter, ItemState,
    Json as JsonText, Settled, Store, get_batch, hold_batch, hold_batch_item, insert_document, last_number,
    list_batch_events, list_batch_items, replace_document_values, save_batch, save_document,
    settle_batch_item,
};

/// Rows prepared at once. Memory: two files of each, about 300 kB a row.
const AT_ONCE: i64 = 16;

/// Issues rows of a running batch until `enough` says so; whether rows are left.
///
/// A row that cannot be issued is marked failed with what stands in its way and takes no number. What is wrong with the machine
/// or the database stops the run instead: the rows are not to blame.
///
/// # Errors
/// Those of the machine; fonts that are missing.
pub fn run_batch(
    store: &Store,
    desk: &Desk,
    id: &BatchId,
    now: &dyn Fn() -> DateTime<Utc>,
    mut enough: impl FnMut() -> Result<bool>,
) -> Result<bool> {
    loop {
        let Some(slice) = Slice::next(store, desk, id, now())? else { return Ok(false) };
        if slice.rows.is_empty() {
            store.write(|conn| finish(conn, id, now()))?;
            return Ok(false);
        }
        if !slice.issue(store, now)? {
            return Ok(false);
        }
        if enough()? {
            return Ok(true);
        }
    }
}

/// Some rows of a batch and what all of them share.
struct Slice<'a> {
    desk: &'a Desk,
    kind: &'a Kind,
    batch: Batch,
    /// 成文日期.
    day: NaiveDate,
    /// What people decided on the whole batch.
    events: Vec<BatchEvent>,
    rows: Vec<(BatchItem, std::result::Result<Drafted, Vec<Problem>>)>,
    /// The last number taken when the rows were drafted.
    last: i32,
}

/// A row ready to be kept.
struct Prepared {
    drafted: Drafted,
    /// The number it was rendered with.
    number: Option<String>,
    numbered: Rendered,
    sealed: Rendered,
}

/// What became of an attempt to keep a row.
#[derive(PartialEq, Eq)]
enum Kept {
    /// It is issued, or another run was faster.
    Yes,
    /// The batch was paused or called off.
    Stopped,
}

impl<'a> Slice<'a> {
    /// The next rows, drafted; none when the batch is not running.
    fn next(store: &Store, desk: &'a Desk, id: &BatchId, now: DateTime<Utc>) -> Result<Option<Self>> {
        store.read(|conn| {
            let batch = get_batch(conn, id)?;
            let Some(day) = batch.signed_on.filter(|_| batch.state == BatchState::Running) else {
                return Ok(None);
            };
            let kind = desk.kind(&batch.kind)?;
            let events = list_batch_events(conn, id)?;
            let last = match &kind.numbering {
                Some(numbering) => last_number(conn, &numbering.series, day.year())?,
                None => 0,
            };
            let waiting = ItemFilter { state: Some(ItemState::Ready), ..ItemFilter::default() };
            let mut rows = Vec::new();
            for item in list_batch_items(conn, id, waiting, AT_ONCE)? {
                let drafted = of_the_row(draft_row(conn, desk, &batch, &item, now))?;
                rows.push((item, drafted));
            }
            Ok(Some(Self { desk, kind, batch, day, events, rows, last }))
        })
    }

    /// Renders the rows and keeps them one by one; `false` when the batch was stopped.
    fn issue(self, store: &Store, now: &dyn Fn() -> DateTime<Utc>) -> Result<bool> {
        let mut numbers = self.last.saturating_add(1)..;
        // Only rows that could be drafted take a number.
        let likely: Vec<Option<i32>> =
            self.rows.iter().map(|(_, it)| it.as_ref().ok().and_then(|_drafted| numbers.next())).collect();
        let rows: Vec<_> = self.rows.iter().map(|(_, drafted)| drafted).zip(likely).collect();
        let prepared = cores::each(&rows, |(drafted, n)| match drafted {
            Ok(drafted) => of_the_row(self.prepare(drafted, *n)),
            Err(problems) => Ok(Err(problems.clone())),
        })?;
        for ((item, _), prepared) in self.rows.iter().zip(prepared) {
            let at = now();
            let outcome = match prepared? {
                Ok(prepared) => of_the_row(store.write(|conn| self.keep(conn, item, &prepared, at)))?,
                Err(problems) => Err(problems),
            };
            match outcome {
                Ok(Kept::Yes) => {}
                Ok(Kept::Stopped) => return Ok(false),
                Err(problems) => store.write(|conn| fail(conn, item, &problems, at))?,
            }
        }
        Ok(true)
    }

    /// Renders a row with the number it is likely to get.
    fn prepare(&self, drafted: &Drafted, n: Option<i32>) -> Result<Prepared> {
        let mut document = drafted.document.clone();
        document.signed_on = Some(self.day);
        let n = n.and_then(|it| u32::try_from(it).ok());
        document.number =
            self.kind.numbering.as_ref().zip(n).map(|(numbering, n)| numbering.format(self.day.year(), n));
        Ok(Prepared {
            numbered: final_copy::render_numbered(self.desk, &document)?,
            sealed: final_copy::render_sealed(self.desk, &document)?,
            number: document.number,
            drafted: drafted.clone(),
        })
    }

    /// Keeps a document and everything that belongs to it.
    fn keep(&self, conn: &mut Conn, item: &BatchItem, it: &Prepared, now: DateTime<Utc>) -> Result<Kept> {
        if get_batch(conn, &self.batch.id)?.state != BatchState::Running {
            return Ok(Kept::Stopped);
        }
        if hold_batch_item(conn, &item.batch_id, item.row)?.state != ItemState::Ready {
            return Ok(Kept::Yes);
        }
        let mut document = it.drafted.document.clone();
        insert_document(conn, &document)?;
        replace_document_values(conn, &document.id, &it.drafted.origins)?;
        draft::must_be_complete(conn, self.desk, &document, "印发")?;
        self.tell_decisions(conn, &mut document, now)?;
        self.number_and_seal(conn, &mut document, it, now)?;
        let none = JsonText::list();
        let settled = Settled {
            from: ItemState::Ready,
            to: ItemState::Done,
            document: Some(&document.id),
            problems: &none,
        };
        if settle_batch_item(conn, (&item.batch_id, item.row), settled, now)? {
            return Ok(Kept::Yes);
        }
        Err(Error::new(codes::machine::LOST_RACE, "这一行刚由另一个进程办理。"))
    }

    /// The steps that were decided for the whole batch, each by its person and at its time.
    fn tell_decisions(&self, conn: &mut Conn, document: &mut Document, now: DateTime<Utc>) -> Result<()> {
        let batch = &self.batch;
        let drafted = Step {
            from: None,
            action: "drafted",
            actor: &batch.created_by,
            opinion: None,
            detail: json!({ "kind": batch.kind, "batch": batch.id, "fields": draft::field_titles(self.kind) }),
        };
        note_at(conn, document, &drafted, batch.created_at.utc(), now)?;
        for (deed, decision) in
            [(Deed::Submit, BatchDeed::Submit), (Deed::Pass, BatchDeed::Pass), (Deed::Sign, BatchDeed::Sign)]
        {
            let event = self.decision(decision)?;
            let from = Some(document.state);
            document.state = next_state(deed, document.state)?;
            let step = Step {
                from,
                action: deed.past(),
                actor: &event.actor,
                opinion: event.opinion.as_deref(),
                detail: json!({ "batch": batch.id }),
            };
            note_at(conn, document, &step, event.at.utc(), now)?;
            if deed == Deed::Sign {
                document.signer = Some(event.actor.clone());
            }
        }
        Ok(())
    }

    /// The last time a deed was done to the batch.
    fn decision(&self, deed: BatchDeed) -> Result<&BatchEvent> {
        let found = self.events.iter().rev().find(|it| it.action == deed.past());
        found.ok_or_else(|| Error::internal(format!("batch {} runs without {}", self.batch.id, deed.name())))
    }

    fn number_and_seal(
        &self,
        conn: &mut Conn,
        document: &mut Document,
        it: &Prepared,
        now: DateTime<Utc>,
    ) -> Result<()> {
        let actor = &self.decision(BatchDeed::Start)?.actor;
        let how = Numbering { wish: Wish::Next, date: self.day, actor, now };
        final_copy::number(conn, self.desk, document, &how)?;
        let again = if document.number == it.number {
            None
        } else {
            Some((
                final_copy::render_numbered(self.desk, document)?,
                final_copy::render_sealed(self.desk, document)?,
            ))
        };
        let (numbered, sealed) = again.as_ref().map_or((&it.numbered, &it.sealed), |(a, b)| (a, b));
        let detail = final_copy::keep_rendered(conn, document, numbered, actor, now)?;
        self.step(conn, document, Deed::Number, actor, detail, now)?;
        let detail = final_copy::keep_sealed(conn, document, sealed, actor, now)?;
        self.step(conn, document, Deed::Seal, actor, detail, now)?;
        document.issued_at = Some(now.into());
        document.holder = None;
        self.step(conn, document, Deed::Issue, actor, json!({}), now)?;
        save_document(conn, document, now)
    }

    fn step(
        &self,
        conn: &mut Conn,
        document: &mut Document,
        deed: Deed,
        actor: &str,
        mut detail: Json,
        now: DateTime<Utc>,
    ) -> Result<()> {
        let from = Some(document.state);
        document.state = next_state(deed, document.state)?;
        if let Some(detail) = detail.as_object_mut() {
            detail.insert("batch".to_owned(), Json::from(self.batch.id.as_str()));
        }
        note(conn, document, &Step { from, action: deed.past(), actor, opinion: None, detail }, now)
    }
}

/// Where a step of a single document leads.
fn next_state(deed: Deed, from: DocumentState) -> Result<DocumentState> {
    let row = MOVES.iter().find(|row| row.deed == deed && row.from == from);
    row.map(|it| it.to).ok_or_else(|| Error::internal(format!("no {} from {from}", deed.name())))
}

/// Drafts a row from the values that were checked and signed.
///
/// # Errors
/// `source_changed` when the record says something else by now: nobody has seen that value.
fn draft_row(
    conn: &mut Conn,
    desk: &Desk,
    batch: &Batch,
    item: &BatchItem,
    now: DateTime<Utc>,
) -> Result<Drafted> {
    let values: Map<String, Json> = item.form.read()?;
    let new = new_draft(batch, values.clone(), item.record_id.as_ref());
    let mut drafted = draft::compose(conn, desk, &new, now)?;
    let changed: Vec<Problem> = drafted
        .origins
        .iter()
        .filter(|it| it.overridden && item.reason.is_none())
        .map(|it| {
            let title = it.name.split('/').next().and_then(|name| desk.kind(&batch.kind).ok()?.field(name));
            let title = title.map_or(it.name.as_str(), |it| it.title.as_str());
            let rule = format!("{title}的来源数据在核对之后已经变更。");
            Problem::error(codes::document::SOURCE_CHANGED, rule, "请把这一行另起一批，重新核对。")
                .of_field(&it.name)
        })
        .collect();
    if !changed.is_empty() {
        let detail = format!("《{}》的来源数据在核对之后已经变更。", item.title);
        return Err(Error::new(codes::document::SOURCE_CHANGED, detail).with_problems(changed));
    }
    for origin in drafted.origins.iter_mut().filter(|it| it.overridden) {
        origin.override_reason.clone_from(&item.reason);
        origin.override_by = Some(batch.created_by.clone());
    }
    Ok(drafted)
}

/// Tells what is wrong with a row from what is wrong with the machine.
fn of_the_row<T>(outcome: Result<T>) -> Result<std::result::Result<T, Vec<Problem>>> {
    match outcome {
        Ok(value) => Ok(Ok(value)),
        Err(error) if is_the_rows_own(&error) => Ok(Err(findings(error))),
        Err(error) => Err(error),
    }
}

/// Values (4xxx), records (5xxx) and documents (6xxx) are the row's; fonts are the machine's.
fn is_the_rows_own(error: &Error) -> bool {
    (4..=6).contains(&(error.code.number() / 1000)) && error.code != codes::document::FONT_FILE
}

fn fail(conn: &mut Conn, item: &BatchItem, problems: &[Problem], now: DateTime<Utc>) -> Result<()> {
    let problems = JsonText::of(problems)?;
    let settled =
        Settled { from: ItemState::Ready, to: ItemState::Failed, document: None, problems: &problems };
    settle_batch_item(conn, (&item.batch_id, item.row), settled, now).map(|_moved| ())
}

fn finish(conn: &mut Conn, id: &BatchId, now: DateTime<Utc>) -> Result<()> {
    let mut batch = hold_batch(conn, id)?;
    if batch.state != BatchState::Running {
        return Ok(());
    }
    let counts = crate::store::count_batch_items(conn, id)?;
    if counts.ready > 0 {
        return Ok(());
    }
    batch.state = BatchState::Done;
    batch.finished_at = Some(now.into());
    save_batch(conn, &mut batch, now)?;
    let detail = json!({ "done": counts.done, "failed": counts.failed });
    let from = Some(BatchState::Running);
    let step = BatchStep { from, action: "finished", actor: "hub", opinion: None, detail };
    note_batch(conn, &batch, &step, now)
}

/// The worker's next slice follows as a job of its own, so that other jobs get their turn and a slice fits its lease.
///
/// # Errors
/// `database`.
pub fn continue_batch(conn: &mut Conn, id: &BatchId, now: DateTime<Utc>) -> Result<()> {
    deed::enqueue_batch(conn, id, now)
}
