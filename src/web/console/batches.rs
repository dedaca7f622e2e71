//! 批量办理: the list, one batch from check to archive, its rows, its sheet with what is wrong.

use actix_web::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use actix_web::{HttpRequest, HttpResponse, web};
use chrono::{DateTime, Utc};
use futures_util::stream;
use serde_json::{Map, Value, json};

use super::batch_new::workbook;
use super::deeds::day;
use super::files::Sent;
use super::person::{self, Person};
use super::records::{page_of, query};
use super::shell::{self, CLERKS, Done, Form, show};
use super::view;
use crate::clock;
use crate::error::{Error, Result, codes};
use crate::issue::{self, BatchArchive, BatchDeed, BatchOrder, Which};
use crate::store::{
    Batch, BatchCounts, BatchEvent, BatchId, BatchItem, BatchSource, BatchState, Conn, ItemFilter, ItemState,
    Page, Role, RowFault, count_batch_faults, count_batch_items, get_batch, get_document, list_batch_events,
    list_batch_items, list_batches, list_same_batches,
};
use crate::text::date;
use crate::web::answer::deed;
use crate::web::app::App;

const PAGE: u32 = 30;
/// Rows with errors shown at once; all of them stand in the workbook.
const SHOWN: i64 = 15;

fn id_of(req: &HttpRequest) -> BatchId {
    BatchId::from(req.match_info().query("id"))
}

/// A batch this person may see, also one that is not there for others.
fn seen(conn: &mut Conn, id: &BatchId, person: &Person) -> Result<Batch> {
    let batch = get_batch(conn, id)?;
    if person.is_one_of(CLERKS) && person.actor().covers(batch.division.as_deref()) {
        return Ok(batch);
    }
    Err(Error::new(codes::record::NOT_FOUND, format!("没有编号为“{id}”的批次。")))
}

/// `GET /batches`.
pub async fn list(req: HttpRequest, app: web::Data<App>) -> HttpResponse {
    let (query, state) = (query(&req), app.clone());
    show(&req, &app, "batches.html", move |conn, person| {
        person.must_be(CLERKS, "批量办理")?;
        let number = page_of(&query);
        let found = list_batches(conn, person.scope().as_deref(), Page { number, size: PAGE })?;
        let rows = found
            .rows
            .iter()
            .map(|it| {
                let counts = count_batch_items(conn, &it.id)?;
                Ok(json!({ "batch": head(&state, it), "counts": counts, "total": counts.total() }))
            })
            .collect::<Result<Vec<Value>>>()?;
        Ok(json!({ "rows": rows, "may_draft": person.is_one_of(&[Role::Drafter]),
            "pager": view::pager(number, PAGE, found.total, &view::base("/batches", &query)) }))
    })
    .await
}

fn head(app: &App, it: &Batch) -> Value {
    let kind = app.desk.kinds.get(&it.kind).map_or(it.kind.as_str(), |kind| kind.title.as_str());
    json!({ "id": it.id, "kind": it.kind, "kind_title": kind, "name": it.name, "source": it.source.title(),
        "is_sheet": it.source == BatchSource::Sheet, "state": view::batch_state(it.state), "at_state": it.state,
        "version": it.version, "by": it.created_by, "at": view::time(it.updated_at.utc()),
        "signed_on": it.signed_on.map(date::chinese) })
}

/// What is wrong with a deed or a sheet.
#[must_use]
pub fn refusal(error: &Error) -> Value {
    let problems: Vec<Value> = error.problems.iter().map(view::problem).collect();
    json!({ "detail": error.detail, "code": error.code, "problems": problems })
}

/// `GET /batches/{id}[?live=1]`; `live` asks for the part that moves, and what follows when it has come to rest.
pub async fn one(req: HttpRequest, app: web::Data<App>) -> HttpResponse {
    page(&req, &app, None).await
}

/// One batch; after a refused deed with what is wrong.
async fn page(req: &HttpRequest, app: &web::Data<App>, refused: Option<Error>) -> HttpResponse {
    let (id, query, state) = (id_of(req), query(req), app.clone());
    show(req, app, "batch.html", move |conn, person| {
        let batch = seen(conn, &id, person)?;
        let (events, counts) = (list_batch_events(conn, &id)?, count_batch_items(conn, &id)?);
        let status = if refused.is_some() { 422 } else { 200 };
        Ok(json!({ "batch": head(&state, &batch), "counts": counts, "live": live(&batch, counts, &events, clock::now())?,
            "check": if is_open(&batch) { check(conn, &batch)? } else { Value::Null },
            "rows": rows(conn, &batch, page_of(&query), counts)?, "failed": failed(conn, &batch)?,
            "pager": view::pager(page_of(&query), PAGE, counts.total(), &format!("/batches/{id}?")),
            "numbers": numbers(conn, &state, &batch, &events)?, "deeds": deeds(&batch, &events, person),
            "events": timeline(&events), "refused": refused.as_ref().map(refusal), "status": status,
            "has_issued": counts.done > 0, "polled": query.contains_key("live") }))
    })
    .await
}

/// Whether it is still at its drafter's.
fn is_open(batch: &Batch) -> bool {
    matches!(batch.state, BatchState::Checking | BatchState::Checked | BatchState::Returned)
}

/// What the drafter looks at before it is submitted: one class of error at a time, the one to be put right first.
fn check(conn: &mut Conn, batch: &Batch) -> Result<Value> {
    let faults = count_batch_faults(conn, &batch.id)?;
    let mut first = Value::Null;
    if let Some((fault, n)) = faults.first() {
        let filter =
            ItemFilter { state: Some(ItemState::Faulty), fault: Some(*fault), ..ItemFilter::default() };
        let rows = list_batch_items(conn, &batch.id, filter, SHOWN)?;
        let rows = rows.iter().map(|it| faulty_view(it, *fault)).collect::<Result<Vec<Value>>>()?;
        first = json!({ "title": fault.title(), "count": n, "rows": rows, "more": n - SHOWN.min(*n) });
    }
    let later: Vec<Value> =
        faults.iter().skip(1).map(|(fault, n)| json!({ "title": fault.title(), "count": n })).collect();
    let ignored: Vec<String> = batch.ignored.read()?;
    let same = list_same_batches(conn, batch)?;
    let same = same.first().map(|it| {
        json!({ "id": it.id, "at": view::time(it.created_at.utc()), "by": it.created_by,
        "state": it.state.title() })
    });
    Ok(json!({ "first": first, "later": later, "ignored": ignored, "same": same }))
}

fn item_view(it: &BatchItem) -> Result<Value> {
    let problems: Vec<Map<String, Value>> = it.problems.read()?;
    Ok(
        json!({ "row": it.row, "title": it.title, "pages": it.pages, "record": it.record_id, "problems": problems,
        "document": it.document_id, "state": it.state.title(), "done": it.state == ItemState::Done,
        "failed": it.state == ItemState::Failed }),
    )
}

/// A row with the findings of one class.
fn faulty_view(it: &BatchItem, fault: RowFault) -> Result<Value> {
    let mut shown = item_view(it)?;
    if let Some(problems) = shown.get_mut("problems").and_then(Value::as_array_mut) {
        problems.retain(|it| it.get("fault").and_then(Value::as_str) == Some(fault.as_str()));
    }
    Ok(shown)
}

/// The rows that are or will be documents, a page of them.
fn rows(conn: &mut Conn, batch: &Batch, page: u32, counts: BatchCounts) -> Result<Vec<Value>> {
    if batch.state == BatchState::Checking || counts.total() == 0 {
        return Ok(Vec::new());
    }
    let items = crate::store::page_batch_items(conn, &batch.id, Page { number: page, size: PAGE })?;
    items
        .iter()
        .map(|it| {
            let mut shown = item_view(it)?;
            let document = it.document_id.as_ref().map(|id| get_document(conn, id)).transpose()?;
            if let (Some(shown), Some(document)) = (shown.as_object_mut(), document) {
                shown.insert("number".to_owned(), json!(document.number));
            }
            Ok(shown)
        })
        .collect()
}

fn failed(conn: &mut Conn, batch: &Batch) -> Result<Vec<Value>> {
    let filter = ItemFilter { state: Some(ItemState::Failed), ..ItemFilter::default() };
    list_batch_items(conn, &batch.id, filter, SHOWN)?.iter().map(item_view).collect()
}

/// The numbers it would take if it were started now.
fn numbers(conn: &mut Conn, app: &App, batch: &Batch, events: &[BatchEvent]) -> Result<Value> {
    let before = matches!(
        batch.state,
        BatchState::Checked
            | BatchState::Returned
            | BatchState::Reviewing
            | BatchState::ToSign
            | BatchState::ToIssue
    );
    if !before {
        return Ok(Value::Null);
    }
    let day = issue::signing_day(events, clock::now());
    let range = issue::number_range(conn, &app.desk, batch, day)?;
    Ok(json!({ "day": day, "first": range.as_ref().map(|it| &it.0), "last": range.as_ref().map(|it| &it.1) }))
}

/// Progress since it was last set going.
fn live(batch: &Batch, counts: BatchCounts, events: &[BatchEvent], now: DateTime<Utc>) -> Result<Value> {
    let settled = counts.done + counts.failed;
    let going =
        events.iter().rev().find(|it| BatchDeed::of_event(&it.action).is_some_and(BatchDeed::sets_going));
    let mut speed = None;
    if let Some(going) = going.filter(|_| batch.state == BatchState::Running) {
        let detail: Value = going.detail.read()?;
        let before = detail.get("settled").and_then(Value::as_i64).unwrap_or_default();
        let seconds = (now - going.at.utc()).num_seconds().max(1);
        speed = Some(((settled - before) * 60).div_euclid(seconds)).filter(|it| *it > 0);
    }
    let left = speed.map(|it| counts.ready.div_euclid(it) + 1);
    Ok(json!({ "total": counts.total(), "settled": settled, "done": counts.done, "failed": counts.failed,
        "percent": (settled * 100).checked_div(counts.total()).unwrap_or(0), "per_minute": speed, "minutes_left": left,
        "checking": batch.state == BatchState::Checking, "running": batch.state == BatchState::Running,
        "started": batch.started_at.is_some() }))
}

fn deeds(batch: &Batch, events: &[BatchEvent], person: &Person) -> Vec<Value> {
    issue::open_batch_deeds(issue::batch_standing(batch), &person.actor())
        .into_iter()
        .map(|row| {
            json!({ "name": row.deed.name(), "title": row.deed.title(), "opinion": row.opinion, "hint": hint(row.deed),
                "is_step": !matches!(row.deed, BatchDeed::Return | BatchDeed::Cancel),
                "says": matches!(row.deed, BatchDeed::Pass | BatchDeed::Sign) || row.opinion,
                "date": (row.deed == BatchDeed::Start).then(|| issue::signing_day(events, clock::now())) })
        })
        .collect()
}

fn hint(deed: BatchDeed) -> &'static str {
    match deed {
        BatchDeed::Submit => "提交后由核稿人、签发人各对全批作一次决定；文号在印发时才取，现在不占号。",
        BatchDeed::Pass => "对全批作一次决定，记入每份文书。可逐行看样稿；有一份不妥的，请退回全批。",
        BatchDeed::Sign => "对全批作一次决定，记入每份文书。签发后文字即定。",
        BatchDeed::Start => {
            "按行的顺序逐份取号、生成定稿和正本并印发，文号连续。一份办不成不占号，不影响其余。"
        }
        BatchDeed::Pause => "正在办的一份办完即停，可以继续。",
        BatchDeed::Resume => "从第一份未办的接着办。",
        BatchDeed::Rerun => "只办未办成的行，已印发的不动。",
        BatchDeed::Return => "退回拟稿人，全批不办。",
        BatchDeed::Cancel => "未办的不再办；已印发的文书不受影响，需要撤回的请逐份作废。",
    }
}

fn timeline(events: &[BatchEvent]) -> Vec<Value> {
    let word = |action: &str| match (BatchDeed::of_event(action), action) {
        (Some(deed), _) => deed.title(),
        (None, "drafted") => "上传核对",
        (None, "finished") => "全批办完",
        (None, "interrupted") => "因故暂停",
        _ => "办理",
    };
    let numbers = |it: &BatchEvent| {
        let detail: Value = it.detail.read().unwrap_or(Value::Null);
        detail
            .get("numbers")
            .and_then(|it| Some(format!("{} 至 {}", it.get(0)?.as_str()?, it.get(1)?.as_str()?)))
    };
    events
        .iter()
        .map(|it| {
            json!({ "at": view::time(it.at.utc()), "by": if it.actor == "hub" { "系统" } else { &it.actor },
                "word": word(&it.action), "opinion": it.opinion, "numbers": numbers(it) })
        })
        .collect()
}

/// `POST /batches/{id}/deeds/{deed}`.
pub async fn act(req: HttpRequest, app: web::Data<App>, form: web::Form<Form>) -> HttpResponse {
    let (id, name, state) = (id_of(&req), req.match_info().query("deed").to_owned(), app.clone());
    let form = form.into_inner();
    let done = shell::attempt(&req, &app, &form, move |conn, person, form| {
        seen(conn, &id, person)?;
        let deed = BatchDeed::parse(&name).ok_or_else(|| {
            Error::new(codes::document::WRONG_STATE, format!("没有“{name}”这种办理，请从批次页操作。"))
        })?;
        let text = |name: &str| form.get(name).map(|it| it.trim()).filter(|it| !it.is_empty());
        let order = BatchOrder {
            id: &id,
            version: text("version").and_then(|it| it.parse().ok()),
            opinion: text("opinion"),
            date: text("date").map(day).transpose()?,
            leave_out: form.contains_key("leave_out"),
            again: form.contains_key("again"),
        };
        issue::act_batch(conn, &state.desk, deed, &order, &person.actor(), clock::now())?;
        Ok(Done { to: format!("/batches/{id}"), say: said(deed) })
    })
    .await;
    match done {
        Ok(done) => shell::go(&done.to, done.say),
        Err(error) if is_mendable(&error) => page(&req, &app, Some(error)).await,
        Err(error) => shell::refuse_form(&req, &app, &error, &form),
    }
}

/// Whether the person can put it right on the page it came from.
fn is_mendable(error: &Error) -> bool {
    [codes::document::BATCH, codes::document::OPINION, codes::document::FORM_FIELD].contains(&error.code)
}

fn said(deed: BatchDeed) -> &'static str {
    match deed {
        BatchDeed::Submit => "batch_submitted",
        BatchDeed::Pass => "batch_passed",
        BatchDeed::Sign => "batch_signed",
        BatchDeed::Start => "batch_started",
        BatchDeed::Pause => "batch_paused",
        BatchDeed::Resume => "batch_resumed",
        BatchDeed::Rerun => "batch_rerun",
        BatchDeed::Return => "batch_returned",
        BatchDeed::Cancel => "batch_cancelled",
    }
}

/// `GET /batches/{id}/items/{row}`: a row as its document will look.
pub async fn item(req: HttpRequest, app: web::Data<App>) -> HttpResponse {
    let (id, state) = (id_of(&req), app.clone());
    let row = req.match_info().query("row").parse().unwrap_or(0);
    shell::send(&req, &app, move |conn, person| {
        let batch = seen(conn, &id, person)?;
        let rendered = issue::preview_item(conn, &state.desk, &batch, row)?;
        let media_type = "application/pdf".to_owned();
        Ok(Sent { media_type, name: format!("第 {row} 行样稿.pdf"), inline: true, bytes: rendered.pdf })
    })
    .await
}

/// `GET /batches/{id}/faults.xlsx[?which=unissued]`.
pub async fn faults(req: HttpRequest, app: web::Data<App>) -> HttpResponse {
    let (id, query) = (id_of(&req), query(&req));
    shell::send(&req, &app, move |conn, person| {
        let batch = seen(conn, &id, person)?;
        let which =
            if query.get("which").is_some_and(|it| it == "unissued") { Which::Unissued } else { Which::All };
        let stem = batch.name.rsplit_once('.').map_or(batch.name.as_str(), |(stem, _)| stem);
        Ok(workbook(format!("{stem}（注明错误）.xlsx"), issue::fault_workbook(conn, &batch, which)?))
    })
    .await
}

/// `GET /batches/{id}/archive.zip`: made while it is sent, one document in memory at a time.
pub async fn archive(req: HttpRequest, app: web::Data<App>) -> HttpResponse {
    let (id, token, store) = (id_of(&req), person::token(&req), app.intake.store.clone());
    let known = deed(move || {
        store.read(|conn| {
            let person = person::find(conn, token.as_deref())?;
            seen(conn, &id, &person)
        })
    });
    let batch = match known.await {
        Ok(batch) => batch,
        Err(error) => return shell::refuse(&req, &app, &error),
    };
    let name: String =
        format!("{} 批量办理.zip", batch.name).bytes().map(|byte| format!("%{byte:02X}")).collect();
    let archive = BatchArchive::begin(app.intake.store.clone(), batch.id);
    let pieces = stream::unfold(Some(archive), |archive| async move {
        let mut archive = archive?;
        let made = deed(move || archive.next_piece().map(|piece| piece.map(|it| (it, archive)))).await;
        match made {
            Ok(Some((piece, archive))) => Some((Ok(web::Bytes::from(piece)), Some(archive))),
            Ok(None) => None,
            // The connection breaks off, so that nobody takes half an archive for a whole one.
            Err(error) => Some((Err(std::io::Error::other(error)), None)),
        }
    });
    HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, "application/zip"))
        .insert_header((CONTENT_DISPOSITION, format!("attachment; filename*=UTF-8''{name}")))
        .streaming(pieces)
}
