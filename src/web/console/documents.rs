//! 文书: the list, one document with every printed value and its source, its file, issue and void.

use actix_web::{HttpRequest, HttpResponse, web};
use serde_json::{Value, json};

use super::files::Sent;
use super::messages;
use super::records::{page_of, query};
use super::shell::{self, CLERKS, Done, Form, show};
use super::view;
use crate::clock::{self, china_date};
use crate::error::{Error, Result, codes};
use crate::issue::{self, Traced};
use crate::store::{
    Conn, Document, DocumentFilter, DocumentId, DocumentState, FileRole, Page, Role, get_document,
    list_document_events, list_document_files, list_documents, load_document_file,
};
use crate::text::date;
use crate::web::app::App;

const PAGE: u32 = 30;

/// The document a path names.
#[must_use]
pub fn id_of(req: &HttpRequest) -> DocumentId {
    DocumentId::from(req.match_info().query("id"))
}

/// `GET /documents`.
pub async fn list(req: HttpRequest, app: web::Data<App>) -> HttpResponse {
    let (query, state) = (query(&req), app.clone());
    show(&req, &app, "documents.html", move |conn, person| {
        let text = |name: &str| query.get(name).map(|it| it.trim().to_owned()).filter(|it| !it.is_empty());
        let filter = DocumentFilter {
            kind: text("kind"),
            state: text("state").and_then(|it| DocumentState::parse(&it)),
            text: text("q"),
            ..DocumentFilter::default()
        };
        let number = page_of(&query);
        let found = list_documents(conn, &filter, Page { number, size: PAGE })?;
        let rows: Vec<Value> = found.rows.iter().map(|it| row(&state, it)).collect();
        let states: Vec<Value> =
            DocumentState::ALL.iter().map(|it| json!({ "name": it.as_str(), "title": it.title() })).collect();
        Ok(json!({ "rows": rows, "kinds": kinds(&state), "states": states, "given": query,
            "is_clerk": person.is_one_of(CLERKS),
            "pager": view::pager(number, PAGE, found.total, &view::base("/documents", &query)) }))
    })
    .await
}

fn row(app: &App, it: &Document) -> Value {
    let kind = app.desk.kinds.get(&it.kind).map_or(it.kind.as_str(), |kind| kind.title.as_str());
    json!({ "id": it.id, "title": it.title, "number": it.number, "kind": kind, "state": view::document_state(it.state),
        "signed_on": it.signed_on.map(date::chinese), "by": it.created_by, "at": view::time(it.updated_at.utc()) })
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
        let document = get_document(conn, &id)?;
        let open = matches!(document.state, DocumentState::Draft | DocumentState::Returned);
        let problems = if open { issue::problems(conn, &state.desk, &document)? } else { Vec::new() };
        let problems: Vec<Value> = problems.iter().map(view::problem).collect();
        let files: Vec<Value> = list_document_files(conn, &id)?
            .iter()
            .map(|it| json!({ "name": it.name, "sha256": it.sha256, "pages": it.pages, "size": it.size, "role": it.role.title() }))
            .collect();
        Ok(json!({
            "document": row(&state, &document), "version": document.version, "verify_code": document.verify_code,
            "void_reason": document.void_reason, "open": open, "problems": problems, "files": files,
            "record": document.record_id.as_ref().zip(document.record_kind.as_ref()).map(|(id, kind)| json!({ "id": id, "kind": kind })),
            "values": values(conn, &state, &document)?, "events": events(conn, &id)?,
            "today": china_date(clock::now()), "is_clerk": person.is_one_of(CLERKS),
            "may_issue": open && person.is_one_of(&[Role::Signer]),
            "may_void": document.state != DocumentState::Void && person.is_one_of(&[Role::Signer, Role::Registrar]),
        }))
    })
    .await
}

fn values(conn: &mut Conn, app: &App, document: &Document) -> Result<Vec<Value>> {
    let kind = app.desk.kinds.get(&document.kind);
    let title = |path: &str| {
        let mut parts = path.split('/');
        let field = kind.and_then(|kind| kind.field(parts.next()?));
        let name = field.map_or_else(|| path.to_owned(), |it| it.title.clone());
        parts
            .next()
            .and_then(|row| row.parse::<usize>().ok())
            .map_or(name.clone(), |row| format!("{name} 第 {} 行", row + 1))
    };
    let traced = issue::trace(conn, &document.id, None)?;
    Ok(traced.iter().map(|it| value(it, &title(&it.value.name))).collect())
}

fn value(it: &Traced, title: &str) -> Value {
    let value = &it.value;
    let link = value
        .message_id
        .as_ref()
        .zip(it.place.as_ref())
        .map(|(message, place)| messages::link(message, place));
    let shown =
        if value.printed.is_empty() { value.value.as_str().trim_matches('"') } else { &value.printed };
    json!({
        "name": value.name, "title": title, "printed": shown, "message": it.message, "link": link,
        "path": it.place.as_ref().map(|place| place.path.clone()), "record_id": value.record_id, "record_kind": value.record_kind,
        "department": value.department, "at": value.source_at.map(|at| view::time(at.utc())),
        "overridden": value.overridden, "reason": value.override_reason, "by": value.override_by,
    })
}

fn events(conn: &mut Conn, id: &DocumentId) -> Result<Vec<Value>> {
    let word = |action: &str| match action {
        "drafted" => "拟稿",
        "saved" => "修改",
        "refreshed" => "取最新数据",
        "issued" => "签发、编号",
        "voided" => "作废",
        _ => "办理",
    };
    Ok(list_document_events(conn, id)?
        .iter()
        .map(|it| json!({ "at": view::time(it.at.utc()), "by": it.actor, "word": word(&it.action), "opinion": it.opinion }))
        .collect())
}

/// `GET /documents/{id}/file`: the issued file.
pub async fn file(req: HttpRequest, app: web::Data<App>) -> HttpResponse {
    let id = id_of(&req);
    shell::send(&req, &app, move |conn, _| {
        let found = list_document_files(conn, &id)?.into_iter().find(|it| it.role == FileRole::Final);
        let found = found.map(|it| load_document_file(conn, &it.id)).transpose()?.flatten();
        let (file, bytes) =
            found.ok_or_else(|| Error::new(codes::record::NOT_FOUND, "这份文书还没有正本，请先签发。"))?;
        Ok(Sent { media_type: file.media_type, name: file.name, inline: true, bytes })
    })
    .await
}

/// `GET /documents/{id}/preview`: the draft as it would be printed.
pub async fn preview(req: HttpRequest, app: web::Data<App>) -> HttpResponse {
    let (id, state) = (id_of(&req), app.clone());
    shell::send(&req, &app, move |conn, _| {
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

/// `POST /documents/{id}/issue`.
pub async fn sign(req: HttpRequest, app: web::Data<App>, form: web::Form<Form>) -> HttpResponse {
    let (id, state) = (id_of(&req), app.clone());
    shell::act(&req, &app, form.into_inner(), move |conn, person, form| {
        person.must_be(&[Role::Signer], "签发")?;
        let given = form.get("date").map(String::as_str).unwrap_or_default();
        let day = date::parse(given).ok_or_else(|| {
            Error::new(codes::document::FORM_FIELD, format!("成文日期“{given}”写法不对，请写成 2026-03-01。"))
        })?;
        issue::issue(conn, &state.desk, &id, day, person.login(), clock::now())?;
        Ok(Done { to: format!("/documents/{id}"), say: "issued" })
    })
    .await
}

/// `POST /documents/{id}/void`.
pub async fn void(req: HttpRequest, app: web::Data<App>, form: web::Form<Form>) -> HttpResponse {
    let id = id_of(&req);
    shell::act(&req, &app, form.into_inner(), move |conn, person, form| {
        person.must_be(&[Role::Signer, Role::Registrar], "作废")?;
        let reason = form.get("reason").map(String::as_str).unwrap_or_default();
        issue::void(conn, &id, reason, person.login(), clock::now())?;
        Ok(Done { to: format!("/documents/{id}"), say: "voided" })
    })
    .await
}
