//! 文书: the list, one document with every printed value and its source, its files.

use actix_web::{HttpRequest, HttpResponse, web};
use serde_json::{Value, json};

use super::deeds;
use super::files::Sent;
use super::messages;
use super::person::Person;
use super::records::{page_of, query};
use super::services;
use super::shell::{self, CLERKS, Form, show};
use super::view;
use crate::error::{Error, Result, codes};
use crate::issue::life::{Deed, MOVES};
use crate::issue::{self, Traced};
use crate::store::{
    Conn, Document, DocumentEvent, DocumentFilter, DocumentId, DocumentState, FileId, FileRole, Page, Role,
    get_document, list_document_events, list_document_files, list_documents, load_document_file,
};
use crate::text::date;
use crate::web::app::App;

const PAGE: u32 = 30;

/// The document a path names.
#[must_use]
pub fn id_of(req: &HttpRequest) -> DocumentId {
    DocumentId::from(req.match_info().query("id"))
}

/// A document this person may see.
///
/// # Errors
/// `record_not_found`, also for a document of another division.
pub fn seen(conn: &mut Conn, id: &DocumentId, person: &Person) -> Result<Document> {
    let document = get_document(conn, id)?;
    person.must_see(&document)?;
    Ok(document)
}

/// `GET /documents`.
pub async fn list(req: HttpRequest, app: web::Data<App>) -> HttpResponse {
    let (query, state) = (query(&req), app.clone());
    show(&req, &app, "documents.html", move |conn, person| {
        let number = page_of(&query);
        let found = list_documents(conn, &filter(&query, person), Page { number, size: PAGE })?;
        let rows: Vec<Value> = found.rows.iter().map(|it| row(&state, it)).collect();
        let states: Vec<Value> =
            DocumentState::ALL.iter().map(|it| json!({ "name": it.as_str(), "title": it.title() })).collect();
        Ok(json!({ "rows": rows, "kinds": kinds(&state), "states": states, "given": query,
            "is_clerk": person.is_one_of(CLERKS),
            "pager": view::pager(number, PAGE, found.total, &view::base("/documents", &query)) }))
    })
    .await
}

fn filter(query: &Form, person: &Person) -> DocumentFilter {
    let text = |name: &str| query.get(name).map(|it| it.trim().to_owned()).filter(|it| !it.is_empty());
    let day = |name: &str| text(name).and_then(|it| date::parse(&it));
    DocumentFilter {
        kind: text("kind"),
        state: text("state").and_then(|it| DocumentState::parse(&it)),
        text: text("q"),
        division: person.scope(),
        signed_from: day("from"),
        signed_to: day("to"),
        waits_for: text("mine").map(|_| (my_states(person), person.login().to_owned())),
        ..DocumentFilter::default()
    }
}

/// The states in which a document waits for one of the person's roles.
#[must_use]
pub fn my_states(person: &Person) -> Vec<DocumentState> {
    let mut states: Vec<DocumentState> = MOVES
        .iter()
        .filter(|it| it.deed.is_step() && it.deed != Deed::Archive && person.is_one_of(it.roles))
        .map(|it| it.from)
        .collect();
    states.sort();
    states.dedup();
    states
}

fn row(app: &App, it: &Document) -> Value {
    let kind = app.desk.kinds.get(&it.kind).map_or(it.kind.as_str(), |kind| kind.title.as_str());
    json!({ "id": it.id, "title": it.title, "number": it.number, "kind": kind, "state": view::document_state(it.state),
        "signed_on": it.signed_on.map(date::chinese), "by": it.created_by, "holder": it.holder,
        "replaced": it.replaced_by.is_some(), "at": view::time(it.updated_at.utc()) })
}

/// The kinds of documents, for choosing.
#[must_use]
pub fn kinds(app: &App) -> Vec<Value> {
    app.desk
        .kinds
        .iter()
        .map(|it| {
            let subject = app.intake.schema.kind(&it.subject).map_or(it.subject.as_str(), |kind| kind.title.as_str());
            json!({ "name": it.name, "title": it.title, "description": it.description, "version": it.version,
                "subject": it.subject, "subject_title": subject,
                "series": it.numbering.as_ref().map(|numbering| numbering.pattern.replace("{year}", "年").replace("{n}", "×")) })
        })
        .collect()
}

/// `GET /documents/{id}`.
pub async fn one(req: HttpRequest, app: web::Data<App>) -> HttpResponse {
    let (id, state) = (id_of(&req), app.clone());
    show(&req, &app, "document.html", move |conn, person| {
        let document = seen(conn, &id, person)?;
        let open = matches!(document.state, DocumentState::Draft | DocumentState::Returned);
        let problems = if open { issue::problems(conn, &state.desk, &document)? } else { Vec::new() };
        let problems: Vec<Value> = problems.iter().map(view::problem).collect();
        let events = list_document_events(conn, &id)?;
        Ok(json!({
            "document": row(&state, &document), "version": document.version, "verify_code": document.verify_code,
            "void_reason": document.void_reason, "open": open, "problems": problems, "files": files(conn, &id)?,
            "has_file": document.sha256.is_some(), "steps": steps(&document, &events),
            "record": document.record_id.as_ref().zip(document.record_kind.as_ref()).map(|(id, kind)| json!({ "id": id, "kind": kind })),
            "values": values(conn, &state, &document)?, "events": timeline(&events),
            "is_clerk": person.is_one_of(CLERKS), "may_edit": open && person.is_one_of(&[Role::Drafter]),
            "deeds": deeds::offered(conn, &state, &document, &events, person)?,
            "services": services::of(conn, &document, person)?,
            "changed": changes(issue::changed_since_issue(conn, &state.desk, &document)?),
            "template_change": if open { issue::template_change(conn, &state.desk, &document)? } else { None },
            "replaces": linked(conn, document.replaces.as_ref())?,
            "replaced_by": linked(conn, document.replaced_by.as_ref())?,
        }))
    })
    .await
}

fn files(conn: &mut Conn, id: &DocumentId) -> Result<Vec<Value>> {
    Ok(list_document_files(conn, id)?
        .iter()
        .map(|it| {
            json!({ "id": it.id, "name": it.name, "sha256": it.sha256, "pages": it.pages, "size": it.size,
                "role": it.role.title(), "at": view::time(it.created_at.utc()), "by": it.created_by })
        })
        .collect())
}

fn changes(found: Vec<issue::Changed>) -> Vec<Value> {
    let shown = |it: issue::Changed| {
        let now = Some(it.now).filter(|it| !it.is_empty());
        json!({ "title": it.title, "printed": it.printed, "now": now, "at": view::time(it.at.utc()) })
    };
    found.into_iter().map(shown).collect()
}

fn linked(conn: &mut Conn, id: Option<&DocumentId>) -> Result<Value> {
    let Some(id) = id else { return Ok(Value::Null) };
    let it = get_document(conn, id)?;
    Ok(
        json!({ "id": it.id, "title": it.title, "number": it.number, "state": view::document_state(it.state) }),
    )
}

/// The way of a document, with what is behind it and where it stands.
fn steps(document: &Document, events: &[DocumentEvent]) -> Vec<Value> {
    const WAY: &[(&str, DocumentState)] = &[
        ("拟稿", DocumentState::Draft),
        ("核稿", DocumentState::Reviewing),
        ("签发", DocumentState::ToSign),
        ("编号", DocumentState::ToNumber),
        ("用印", DocumentState::ToSeal),
        ("印发", DocumentState::ToIssue),
        ("送达", DocumentState::Issued),
        ("归档", DocumentState::Served),
    ];
    // A void document shows how far it had come.
    let before_void =
        events.iter().rev().find(|it| it.to_state == DocumentState::Void).and_then(|it| it.from_state);
    let at = before_void.unwrap_or(document.state);
    let now = match at {
        DocumentState::Returned => Some(0),
        DocumentState::Archived => Some(WAY.len()),
        _ => WAY.iter().position(|(_, state)| *state == at),
    };
    let is_void = document.state == DocumentState::Void;
    WAY.iter()
        .enumerate()
        .map(|(n, (title, _))| {
            let look = match now {
                Some(now) if n < now => "done",
                Some(now) if n == now && !is_void => "now",
                _ => "",
            };
            json!({ "title": title, "look": look })
        })
        .collect()
}

fn values(conn: &mut Conn, app: &App, document: &Document) -> Result<Vec<Value>> {
    let kind = app.desk.kinds.get(&document.kind);
    let title = |path: &str| {
        let mut parts = path.split('/');
        let field = kind.and_then(|kind| kind.field(parts.next()?));
        let name = match path {
            "number" => "发文字号".to_owned(),
            "date" => "成文日期".to_owned(),
            _ => field.map_or_else(|| path.to_owned(), |it| it.title.clone()),
        };
        parts
            .next()
            .and_then(|row| row.parse::<usize>().ok())
            .map_or(name.clone(), |row| format!("{name} 第 {} 行", row + 1))
    };
    let traced = issue::trace(conn, &document.id, None)?;
    traced
        .iter()
        .map(|it| {
            let shown = match it.value.printed.as_str() {
                "" => issue::show(kind, &it.value.name, &it.value.value.read()?),
                printed => printed.to_owned(),
            };
            Ok(value(it, &title(&it.value.name), &shown))
        })
        .collect()
}

fn value(it: &Traced, title: &str, shown: &str) -> Value {
    let value = &it.value;
    let link = value
        .message_id
        .as_ref()
        .zip(it.place.as_ref())
        .map(|(message, place)| messages::link(message, place));
    json!({
        "name": value.name, "title": title, "printed": shown, "message": it.message, "link": link,
        "path": it.place.as_ref().map(|place| place.path.clone()), "record_id": value.record_id, "record_kind": value.record_kind,
        "department": value.department, "at": value.source_at.map(|at| view::time(at.utc())),
        "overridden": value.overridden, "reason": value.override_reason, "by": value.override_by,
    })
}

/// What was done, when, by whom, with the opinion and the hash of what came of it.
#[must_use]
pub fn timeline(events: &[DocumentEvent]) -> Vec<Value> {
    events
        .iter()
        .map(|it| {
            let detail: Value = it.detail.read().unwrap_or(Value::Null);
            json!({ "at": view::time(it.at.utc()), "by": it.actor, "word": word(&it.action), "opinion": it.opinion,
                "number": detail.get("number"), "sha256": detail.get("sha256"), "to": detail.get("to") })
        })
        .collect()
}

/// What an event is called.
fn word(action: &str) -> &'static str {
    if let Some(deed) = Deed::of_event(action) {
        return deed.title();
    }
    match action {
        "drafted" => "拟稿",
        "saved" => "修改",
        "refreshed" => "取最新数据",
        "rebound" => "改用现行模板",
        "issued_at_once" => "签发、编号、用印、印发",
        "replaced" => "被替代",
        "service_begun" => "开始送达",
        "service_done" => "送达",
        "service_failed" => "未送达",
        "receipt_attached" => "上传回证材料",
        _ => "办理",
    }
}

/// `GET /documents/{id}/file`: the final file, or the numbered text while there is none. A void document comes with 作废 across
/// every page; what was issued stays as it was under its own address, see [`attached`].
pub async fn file(req: HttpRequest, app: web::Data<App>) -> HttpResponse {
    let (id, state) = (id_of(&req), app.clone());
    shell::send(&req, &app, move |conn, person| {
        let document = seen(conn, &id, person)?;
        let files = list_document_files(conn, &id)?;
        let of = |role: FileRole| files.iter().find(|it| it.role == role);
        let found = of(FileRole::Final).or_else(|| of(FileRole::Numbered));
        let found = found.map(|it| load_document_file(conn, &it.id)).transpose()?.flatten();
        let (file, bytes) = found
            .ok_or_else(|| Error::new(codes::record::NOT_FOUND, "这份文书还没有编号，没有定稿和正本。"))?;
        let bytes = match document.state {
            DocumentState::Void => issue::stamp_void(&state.desk, &bytes)?,
            _ => bytes,
        };
        Ok(Sent { media_type: file.media_type, name: file.name, inline: true, bytes })
    })
    .await
}

/// `GET /documents/{id}/files/{file}`: a kept file, byte for byte.
pub async fn attached(req: HttpRequest, app: web::Data<App>) -> HttpResponse {
    let (id, file) = (id_of(&req), FileId::from(req.match_info().query("file")));
    shell::send(&req, &app, move |conn, person| {
        seen(conn, &id, person)?;
        let found = load_document_file(conn, &file)?.filter(|(it, _)| it.document_id == id);
        let (file, bytes) = found.ok_or_else(|| Error::new(codes::record::NOT_FOUND, "没有这个文件。"))?;
        Ok(Sent { media_type: file.media_type, name: file.name, inline: true, bytes })
    })
    .await
}

/// `GET /documents/{id}/preview`: the draft as it would be printed.
pub async fn preview(req: HttpRequest, app: web::Data<App>) -> HttpResponse {
    let (id, state) = (id_of(&req), app.clone());
    shell::send(&req, &app, move |conn, person| {
        seen(conn, &id, person)?;
        let rendered = issue::preview(conn, &state.desk, &id)?;
        Ok(Sent {
            media_type: "application/pdf".to_owned(),
            name: "样稿.pdf".to_owned(),
            inline: true,
            bytes: rendered.pdf,
        })
    })
    .await
}
