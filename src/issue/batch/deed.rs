//! Doing a deed of the table in [`super::life`]: the checks that need the database, the change, its event, its audit row and the
//! job that goes on with it, all in the caller's transaction.

use chrono::{DateTime, Datelike, NaiveDate, Utc};
use serde_json::{Value as Json, json};

use super::super::desk::Desk;
use super::super::life::Actor;
use super::JOB;
use super::event::{BatchStep, note_batch};
use super::life::{BATCH_MOVES, BatchDeed, BatchStanding, allow_batch};
use crate::clock::china_date;
use crate::error::{Error, Result, codes};
use crate::store::{
    Batch, BatchEvent, BatchId, BatchState, Conn, NewJob, count_batch_items, enqueue, hold_batch,
    last_number, list_batch_events, list_same_batches, reopen_failed_items, save_batch,
};

/// A deed a person asks for, with what the form beside the button says.
#[derive(Debug, Clone, Copy)]
pub struct BatchOrder<'a> {
    /// The batch.
    pub id: &'a BatchId,
    /// Its version when the page was opened; none to take it as it stands.
    pub version: Option<i32>,
    /// 意见.
    pub opinion: Option<&'a str>,
    /// 成文日期; none for the day it was signed. Asked at the start only.
    pub date: Option<NaiveDate>,
    /// Whether rows that are wrong are left out. Asked when it is submitted.
    pub leave_out: bool,
    /// Whether the same file may be issued once more. Asked when it is submitted.
    pub again: bool,
}

impl<'a> BatchOrder<'a> {
    /// A deed without particulars.
    #[must_use]
    pub fn of(id: &'a BatchId) -> Self {
        Self { id, version: None, opinion: None, date: None, leave_out: false, again: false }
    }
}

/// What [`allow_batch`] asks of a batch.
#[must_use]
pub fn batch_standing(batch: &Batch) -> BatchStanding<'_> {
    BatchStanding { state: batch.state, division: batch.division.as_deref(), drafter: &batch.created_by }
}

/// Does a deed. A deed that was done a moment ago, in another window or by a colleague, is handed back as it is.
///
/// # Errors
/// Those of [`allow_batch`]; `stale_version`, `opinion_required`; what the single steps say. Then nothing is changed.
pub fn act_batch(
    conn: &mut Conn,
    desk: &Desk,
    deed: BatchDeed,
    order: &BatchOrder<'_>,
    who: &Actor,
    now: DateTime<Utc>,
) -> Result<Batch> {
    let mut batch = hold_batch(conn, order.id)?;
    let events = list_batch_events(conn, order.id)?;
    if is_done(deed, &batch, events.last(), who) {
        return Ok(batch);
    }
    let row = allow_batch(deed, batch_standing(&batch), who)?;
    if order.version.is_some_and(|seen| seen != batch.version) {
        return Err(Error::new(
            codes::record::STALE,
            "这一批在您打开之后已有改动，请重新打开，看过现状再办。",
        ));
    }
    let opinion = order.opinion.map(str::trim).filter(|it| !it.is_empty());
    if row.opinion && opinion.is_none() {
        return Err(Error::new(codes::document::OPINION, format!("{}须写明意见。", deed.title())));
    }
    let detail = change(conn, desk, deed, order, &mut batch, &events, now)?;
    batch.state = row.to;
    save_batch(conn, &mut batch, now)?;
    let step = BatchStep { from: Some(row.from), action: deed.past(), actor: &who.login, opinion, detail };
    note_batch(conn, &batch, &step, now)?;
    if deed.sets_going() {
        enqueue_batch(conn, &batch.id, now)?;
    }
    Ok(batch)
}

fn is_done(deed: BatchDeed, batch: &Batch, last: Option<&BatchEvent>, who: &Actor) -> bool {
    let just_done = last.is_some_and(|it| it.action == deed.past() && it.to_state == batch.state);
    let mine = |to| {
        BATCH_MOVES
            .iter()
            .any(|row| row.deed == deed && row.to == to && row.roles.iter().any(|it| who.roles.contains(it)))
    };
    just_done && mine(batch.state) && who.covers(batch.division.as_deref())
}

/// What a deed changes besides the state; the particulars of its event.
fn change(
    conn: &mut Conn,
    desk: &Desk,
    deed: BatchDeed,
    order: &BatchOrder<'_>,
    batch: &mut Batch,
    events: &[BatchEvent],
    now: DateTime<Utc>,
) -> Result<Json> {
    let counts = count_batch_items(conn, &batch.id)?;
    match deed {
        BatchDeed::Submit => {
            bound_to_this_version(desk, batch)?;
            may_submit(conn, order, batch, counts.ready, counts.faulty)?;
            Ok(json!({ "documents": counts.ready, "left_out": counts.faulty, "pages": counts.pages }))
        }
        BatchDeed::Pass | BatchDeed::Sign => {
            bound_to_this_version(desk, batch)?;
            Ok(json!({ "documents": counts.ready }))
        }
        BatchDeed::Start => {
            bound_to_this_version(desk, batch)?;
            desk.faces()?;
            let day = order.date.unwrap_or_else(|| signing_day(events, now));
            if day > china_date(now) {
                return Err(Error::new(
                    codes::document::FORM_FIELD,
                    format!("成文日期 {day} 还没有到，请填写签发之日。"),
                ));
            }
            batch.signed_on = Some(day);
            batch.started_at = Some(now.into());
            let range = number_range(conn, desk, batch, day)?;
            Ok(json!({ "date": day, "settled": 0, "documents": counts.ready, "numbers": range }))
        }
        BatchDeed::Rerun => {
            if reopen_failed_items(conn, &batch.id)? == 0 {
                return Err(refused("这一批没有未办成的行。".to_owned()));
            }
            batch.finished_at = None;
            Ok(json!({ "settled": counts.done, "documents": counts.failed }))
        }
        BatchDeed::Resume => Ok(json!({ "settled": counts.done + counts.failed })),
        BatchDeed::Pause | BatchDeed::Return | BatchDeed::Cancel => {
            Ok(json!({ "done": counts.done, "failed": counts.failed, "waiting": counts.ready }))
        }
    }
}

fn refused(detail: String) -> Error {
    Error::new(codes::document::BATCH, detail)
}

fn may_submit(conn: &mut Conn, order: &BatchOrder<'_>, batch: &Batch, ready: i64, faulty: i64) -> Result<()> {
    if ready == 0 {
        return Err(refused("这一批没有可以办理的行。请改正后重新上传。".to_owned()));
    }
    if faulty > 0 && !order.leave_out {
        return Err(refused(format!(
            "有 {faulty} 行有误。请改正后重新上传；确实只办其余 {ready} 行的，请勾选“有误的行不办”。"
        )));
    }
    let same = list_same_batches(conn, batch)?;
    if let Some(same) = same.first().filter(|_| !order.again) {
        let at = china_date(same.created_at.utc());
        return Err(refused(format!(
            "同一份文件 {at} 已提交过一批（{}）。确实要再办一次的，请勾选“同一份文件再办一次”。",
            same.state.title()
        )));
    }
    Ok(())
}

/// A batch is issued with the form it was checked with.
fn bound_to_this_version(desk: &Desk, batch: &Batch) -> Result<()> {
    let kind = desk.kind(&batch.kind)?;
    if batch.template_version == kind.version.to_string() {
        return Ok(());
    }
    Err(Error::new(
        codes::document::TEMPLATE_CHANGED,
        format!(
            "这一批按《{}》第 {} 版模板核对，现行模板为第 {} 版，请重新上传核对。",
            kind.title, batch.template_version, kind.version
        ),
    ))
}

/// 成文日期 is the day the responsible person signed (GB/T 9704-2012 7.3.5.4) unless another is given.
#[must_use]
pub fn signing_day(events: &[BatchEvent], now: DateTime<Utc>) -> NaiveDate {
    let signed = events.iter().rev().find(|it| it.action == BatchDeed::Sign.past());
    china_date(signed.map_or(now, |it| it.at.utc()))
}

/// The numbers the waiting rows would get if nobody else took one meanwhile: first and last; none for a kind without numbers.
pub fn number_range(
    conn: &mut Conn,
    desk: &Desk,
    batch: &Batch,
    day: NaiveDate,
) -> Result<Option<(String, String)>> {
    let kind = desk.kind(&batch.kind)?;
    let Some(numbering) = &kind.numbering else { return Ok(None) };
    let waiting = u32::try_from(count_batch_items(conn, &batch.id)?.ready).unwrap_or(u32::MAX);
    let last = u32::try_from(last_number(conn, &numbering.series, day.year())?).unwrap_or_default();
    if waiting == 0 {
        return Ok(None);
    }
    let print = |n: u32| numbering.format(day.year(), n);
    Ok(Some((print(last.saturating_add(1)), print(last.saturating_add(waiting)))))
}

/// The worker goes on with the batch. Jobs of one batch follow each other, so that rows are numbered in their order.
pub(super) fn enqueue_batch(conn: &mut Conn, id: &BatchId, now: DateTime<Utc>) -> Result<()> {
    let key = format!("{JOB} {id}");
    let new = NewJob {
        kind: JOB,
        payload: &json!({ "batch": id }),
        order_key: Some(&key),
        dedup_key: None,
        priority: 0,
        run_at: now,
        // A restart of the machine in the middle costs one try; every slice is a job of its own and begins anew.
        max_tries: 10,
    };
    enqueue(conn, &new, now).map(|_id| ())
}

/// Drops a batch whose rows could not all be checked.
pub(super) fn drop_unfinished(conn: &mut Conn, id: &BatchId, why: &str, now: DateTime<Utc>) -> Result<()> {
    let mut batch = hold_batch(conn, id)?;
    let from = batch.state;
    batch.state = BatchState::Cancelled;
    save_batch(conn, &mut batch, now)?;
    let actor = batch.created_by.clone();
    let step = BatchStep {
        from: Some(from),
        action: BatchDeed::Cancel.past(),
        actor: &actor,
        opinion: Some(why),
        detail: json!({}),
    };
    note_batch(conn, &batch, &step, now)
}

/// Stops a batch that cannot go on, with the reason; a person sets it going again.
pub fn interrupt_batch(conn: &mut Conn, id: &BatchId, why: &str, now: DateTime<Utc>) -> Result<()> {
    let mut batch = hold_batch(conn, id)?;
    if batch.state != BatchState::Running {
        return Ok(());
    }
    batch.state = BatchState::Paused;
    save_batch(conn, &mut batch, now)?;
    let from = Some(BatchState::Running);
    let step = BatchStep { from, action: "interrupted", actor: "hub", opinion: Some(why), detail: json!({}) };
    note_batch(conn, &batch, &step, now)
}
