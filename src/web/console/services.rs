//! 送达: registering who is served and how, receipts and what was photographed, and the list of what is still out.

use actix_web::{HttpRequest, HttpResponse, web};
use chrono::{DateTime, NaiveDateTime, Utc};
use serde_json::{Value, json};

use super::deeds::day;
use super::documents::id_of;
use super::person::{self, Person};
use super::records::{page_of, query};
use super::shell::{self, Done, Form, show};
use super::view;
use crate::clock::{self, china_date};
use crate::error::{Error, Result, codes};
use crate::issue::{self, Deed, MAX_UPLOAD, NewService, Receipt, Upload, life};
use crate::store::{
    Conn, Document, DocumentService, Page, Role, ServiceId, ServiceMethod, ServiceState,
    list_document_events, list_document_files, list_services, list_services_by_state,
};
use crate::text::{date, width};
use crate::web::answer::deed;
use crate::web::app::App;
use crate::web::upload;

const PAGE: u32 = 50;

/// The services of a document, and whether this person may register more.
pub fn of(conn: &mut Conn, document: &Document, person: &Person) -> Result<Value> {
    let events = list_document_events(conn, &document.id)?;
    let may = life::allow(Deed::Serve, &issue::standing(document, &events), &person.actor()).is_ok();
    let files = list_document_files(conn, &document.id)?;
    let rows = list_services(conn, &document.id)?
        .iter()
        .map(|it| {
            let mine: Vec<Value> = files
                .iter()
                .filter(|file| file.service_id.as_ref() == Some(&it.id))
                .map(|file| json!({ "id": file.id, "name": file.name }))
                .collect();
            row(it).map(|mut shown| {
                if let Some(shown) = shown.as_object_mut() {
                    shown.insert("files".to_owned(), Value::from(mine));
                }
                shown
            })
        })
        .collect::<Result<Vec<Value>>>()?;
    let methods: Vec<Value> =
        ServiceMethod::ALL.iter().map(|it| json!({ "name": it.as_str(), "title": it.title() })).collect();
    Ok(json!({ "rows": rows, "may": may, "methods": methods, "today": china_date(clock::now()) }))
}

fn row(it: &DocumentService) -> Result<Value> {
    let receipt: Receipt = it.receipt.read()?;
    let overdue =
        it.state == ServiceState::Pending && it.due_on.is_some_and(|due| due <= china_date(clock::now()));
    Ok(json!({ "id": it.id, "recipient": it.recipient, "method": it.method.title(), "method_name": it.method,
        "place": it.place, "state": view::service_state(it.state), "pending": it.state == ServiceState::Pending,
        "started_on": it.started_on, "due_on": it.due_on, "due_rule": it.due_rule, "due_reached": overdue,
        "served_at": it.served_at.map(|at| view::time(at.utc())), "receipt": receipt, "by": it.settled_by }))
}

/// `GET /deliveries[?state=…]`.
pub async fn list(req: HttpRequest, app: web::Data<App>) -> HttpResponse {
    let query = query(&req);
    show(&req, &app, "deliveries.html", move |conn, person| {
        let state =
            query.get("state").and_then(|it| ServiceState::parse(it)).unwrap_or(ServiceState::Pending);
        let number = page_of(&query);
        let found =
            list_services_by_state(conn, state, person.scope().as_deref(), Page { number, size: PAGE })?;
        let rows = found
            .rows
            .iter()
            .map(|(it, title, no)| {
                Ok(json!({ "service": row(it)?, "id": it.document_id, "title": title, "number": no }))
            })
            .collect::<Result<Vec<Value>>>()?;
        let states: Vec<Value> =
            ServiceState::ALL.iter().map(|it| json!({ "name": it.as_str(), "title": it.title() })).collect();
        Ok(json!({ "rows": rows, "states": states, "chosen": state.as_str(),
            "pager": view::pager(number, PAGE, found.total, &view::base("/deliveries", &query)) }))
    })
    .await
}

fn text<'a>(form: &'a Form, name: &str) -> &'a str {
    form.get(name).map(|it| it.trim()).unwrap_or_default()
}

fn receipt(form: &Form) -> Receipt {
    let text = |name: &str| text(form, name).to_owned();
    Receipt {
        receiver: text("receiver"),
        relation: text("relation"),
        refusal: text("refusal"),
        witnesses: text("witnesses"),
        servers: text("servers"),
        tracking_no: text("tracking_no"),
        entrusted: text("entrusted"),
        consent: text("consent"),
        cause: text("cause"),
        note: text("note"),
    }
}

/// `POST /documents/{id}/services`.
pub async fn begin(req: HttpRequest, app: web::Data<App>, form: web::Form<Form>) -> HttpResponse {
    let (id, state) = (id_of(&req), app.clone());
    shell::act(&req, &app, form.into_inner(), move |conn, person, form| {
        let method = ServiceMethod::parse(text(form, "method"))
            .ok_or_else(|| Error::new(codes::document::RECEIPT, "请先选送达方式。"))?;
        let new = NewService {
            document: &id,
            recipient: text(form, "recipient"),
            method,
            place: text(form, "place"),
            started_on: day(text(form, "started_on"))?,
            receipt: receipt(form),
        };
        issue::register(conn, &state.desk, &new, &person.actor(), clock::now())?;
        Ok(Done { to: format!("/documents/{id}"), say: "service" })
    })
    .await
}

fn service_of(req: &HttpRequest) -> ServiceId {
    ServiceId::from(req.match_info().query("id"))
}

/// `POST /deliveries/{id}/finish`.
pub async fn finish(req: HttpRequest, app: web::Data<App>, form: web::Form<Form>) -> HttpResponse {
    let id = service_of(&req);
    shell::act(&req, &app, form.into_inner(), move |conn, person, form| {
        let at = instant(text(form, "served_at"))?;
        let done = issue::finish(conn, &id, receipt(form), at, &person.actor(), clock::now())?;
        Ok(Done { to: format!("/documents/{}", done.document_id), say: "service" })
    })
    .await
}

/// `2026-03-01 14:30` as a clerk in China writes it; a day alone counts from its beginning.
fn instant(text: &str) -> Result<DateTime<Utc>> {
    let half = width::half_width(text);
    let half = half.replace('T', " ");
    let (day, time) = half.split_once(' ').unwrap_or((&half, "00:00"));
    let time = chrono::NaiveTime::parse_from_str(time.trim(), "%H:%M").ok();
    let at = date::parse(day).zip(time).map(|(day, time)| NaiveDateTime::new(day, time));
    at.and_then(|it| it.and_local_timezone(clock::china()).single())
        .map(|it| it.with_timezone(&Utc))
        .ok_or_else(|| {
            Error::new(
                codes::document::RECEIPT,
                format!("送达时间“{text}”写法不对，请写成 2026-03-01 14:30。"),
            )
        })
}

/// `POST /deliveries/{id}/fail`.
pub async fn fail(req: HttpRequest, app: web::Data<App>, form: web::Form<Form>) -> HttpResponse {
    let id = service_of(&req);
    shell::act(&req, &app, form.into_inner(), move |conn, person, form| {
        let done = issue::fail(conn, &id, text(form, "cause"), &person.actor(), clock::now())?;
        Ok(Done { to: format!("/documents/{}", done.document_id), say: "service" })
    })
    .await
}

/// `POST /deliveries/{id}/files`: a photograph or scan. Nobody who is not signed in gets to send a body.
pub async fn attach(req: HttpRequest, app: web::Data<App>, payload: web::Payload) -> HttpResponse {
    let (token, store) = (person::token(&req), app.intake.store.clone());
    let known = deed(move || {
        store.read(|conn| {
            person::find(conn, token.as_deref())?.must_be(&[Role::Drafter, Role::Registrar], "登记送达")
        })
    });
    if let Err(error) = known.await {
        return shell::refuse(&req, &app, &error);
    }
    let uploaded = match upload::read(&req, payload, MAX_UPLOAD).await {
        Ok(uploaded) => uploaded,
        Err(error) => return shell::refuse(&req, &app, &error),
    };
    let (id, (name, bytes)) = (service_of(&req), uploaded.file.unwrap_or_default());
    let file = Upload { name, bytes };
    shell::act(&req, &app, uploaded.form, move |conn, person, _| {
        let kept = issue::attach(conn, &id, &file, &person.actor(), clock::now())?;
        Ok(Done { to: format!("/documents/{}", kept.document_id), say: "attached" })
    })
    .await
}
