//! Projects and every other record: lists, the record with the source of each value, what is linked to it, its past.

use actix_web::{HttpRequest, HttpResponse, web};
use serde_json::{Value, json};

use super::beside;
use super::person::Person;
use super::shell::{CLERKS, Form, show};
use super::view;
use crate::clock::{self, china_date};
use crate::error::{Error, Result, codes};
use crate::issue;
use crate::model::{Kind, Schema};
use crate::store::{
    Conn, Discrepancy, DiscrepancyFilter, DiscrepancyState, DocumentFilter, DocumentState, Page, PastRecord,
    RecordFilter, RecordId, Role, find_record_at, list_discrepancies, list_documents, list_field_history,
    list_link_targets, list_linking_to, list_records, list_replacements, list_versions, load_sources,
};
use crate::text::date;
use crate::web::app::App;

const PAGE: u32 = 30;

/// The query of a request.
#[must_use]
pub fn query(req: &HttpRequest) -> Form {
    web::Query::<Form>::from_query(req.query_string()).map(web::Query::into_inner).unwrap_or_default()
}

/// The page number of a query.
#[must_use]
pub fn page_of(query: &Form) -> u32 {
    query.get("page").and_then(|it| it.parse().ok()).filter(|it| *it > 0).unwrap_or(1)
}

/// `GET /projects`: 人防工程项目.
pub async fn projects(req: HttpRequest, app: web::Data<App>) -> HttpResponse {
    list_of(req, app, "project".to_owned()).await
}

/// `GET /records/{kind}`.
pub async fn list(req: HttpRequest, app: web::Data<App>) -> HttpResponse {
    let kind = req.match_info().query("kind").to_owned();
    list_of(req, app, kind).await
}

async fn list_of(req: HttpRequest, app: web::Data<App>, kind: String) -> HttpResponse {
    let (schema, query, path) = (app.intake.schema.clone(), query(&req), req.path().to_owned());
    show(&req, &app, "records.html", move |conn, _| {
        let kind = known(&schema, &kind)?;
        let filter = filter_of(kind, &query);
        let number = page_of(&query);
        let found = list_records(conn, &filter, Page { number, size: PAGE })?;
        let rows: Vec<Value> = found
            .rows
            .iter()
            .map(|it| {
                json!({ "id": it.id, "title": it.title, "division": division_title(&schema, it.division.as_deref()),
                    "version": it.version, "at": view::time(it.updated_at.utc()), "facts": facts(kind, &it.fields().unwrap_or_default()) })
            })
            .collect();
        let kinds: Vec<Value> = schema.kinds().map(|it| json!({ "name": it.name, "title": it.title })).collect();
        Ok(json!({ "kind": { "name": kind.name, "title": kind.title, "description": kind.description }, "kinds": kinds,
            "rows": rows, "given": query, "divisions": divisions(&schema),
            "export": view::base(&format!("/records/{}/export", kind.name), &query),
            "pager": view::pager(number, PAGE, found.total, &view::base(&path, &query)) }))
    })
    .await
}

/// What the query of a list asks for.
#[must_use]
pub fn filter_of(kind: &Kind, query: &Form) -> RecordFilter {
    let given = |name: &str| query.get(name).map(|it| it.trim().to_owned()).filter(|it| !it.is_empty());
    RecordFilter { kind: Some(kind.name.clone()), division: given("division"), text: given("q") }
}

/// The business keys of a record in one line.
#[must_use]
pub fn facts(kind: &Kind, body: &serde_json::Map<String, Value>) -> String {
    let mut shown: Vec<String> = Vec::new();
    for field in kind.keys.iter().flatten().filter_map(|id| kind.fields.get(*id)) {
        let text = body.get(&field.name).and_then(Value::as_str).map(|it| format!("{} {it}", field.title));
        shown.extend(text.filter(|it| !shown.contains(it)));
    }
    shown.join("　")
}

/// The divisions of the model, for choosing.
#[must_use]
pub fn divisions(schema: &Schema) -> Vec<Value> {
    let list = schema.code_list("division");
    list.into_iter()
        .flat_map(|it| it.codes.iter())
        .map(|it| json!({ "code": it.code, "title": it.title }))
        .collect()
}

fn division_title(schema: &Schema, code: Option<&str>) -> Option<String> {
    let code = code?;
    let title = schema.code_list("division").and_then(|it| it.codes.iter().find(|row| row.code == code));
    Some(title.map_or_else(|| code.to_owned(), |row| row.title.clone()))
}

/// A kind of the model.
///
/// # Errors
/// `not_found`.
pub fn known<'a>(schema: &'a Schema, name: &str) -> Result<&'a Kind> {
    schema.kind(name).ok_or_else(|| Error::new(codes::record::NOT_FOUND, format!("没有“{name}”这类记录。")))
}

/// `GET /records/{kind}/{id}[?as_of=2026-03-01]`.
pub async fn one(req: HttpRequest, app: web::Data<App>) -> HttpResponse {
    let (state, query) = (app.clone(), query(&req));
    let (kind, id) =
        (req.match_info().query("kind").to_owned(), RecordId::from(req.match_info().query("id")));
    show(&req, &app, "record.html", move |conn, person| {
        let schema = &state.intake.schema;
        let kind = known(schema, &kind)?;
        let as_of = query.get("as_of").filter(|it| !it.is_empty());
        let at = as_of.and_then(|it| date::parse(it)).map_or_else(clock::now, clock::end_of_day);
        let record = find_record_at(conn, &id, at)?
            .filter(|it| it.kind == kind.name)
            .ok_or_else(|| Error::new(codes::record::NOT_FOUND, format!("没有这条{}，或在所查日期还没有。", kind.title)))?;
        let kinds: Vec<Value> = state
            .desk
            .kinds
            .iter()
            .filter(|it| it.subject == kind.name)
            .map(|it| json!({ "name": it.name, "title": it.title }))
            .collect();
        Ok(json!({
            "kind": { "name": kind.name, "title": kind.title },
            "record": { "id": record.id, "title": record.title, "version": record.version,
                "division": division_title(schema, record.division.as_deref()), "at": view::time(record.valid_from.utc()) },
            "as_of": as_of, "fields": fields(conn, schema, kind, &record)?,
            "linked": linked(conn, schema, &id)?, "versions": versions(conn, &id)?,
            "discrepancies": discrepancies(conn, schema, kind, &id)?, "touched": touched(conn, &state, &id, person)?, "documents": documents(conn, &id)?,
            "claims": beside::claims(conn, schema, kind, &id)?, "tasks": beside::tasks(conn, &state.tracking, &kind.name)?,
            "can_draft": kinds, "is_clerk": person.is_one_of(CLERKS), "is_drafter": person.is_one_of(&[Role::Drafter]),
        }))
    })
    .await
}

/// The documents that are out and printed what this record no longer says, each with the draft that will replace it.
fn touched(conn: &mut Conn, app: &App, id: &RecordId, person: &Person) -> Result<Vec<Value>> {
    let mut rows = Vec::new();
    for (document, changed) in issue::touched_by(conn, &app.desk, id)? {
        if person.must_see(&document).is_err() {
            continue;
        }
        let draft =
            list_replacements(conn, &document.id)?.into_iter().find(|it| it.state != DocumentState::Void);
        rows.push(
            json!({ "id": document.id, "number": document.number, "title": document.title, "changed": changed,
            "draft": draft.map(|it| it.id) }),
        );
    }
    Ok(rows)
}

/// The short name a department has today.
#[must_use]
pub fn department(schema: &Schema, id: &str) -> String {
    let today = china_date(clock::now());
    let name = schema.department(id).and_then(|it| it.name_on(today)).map(|it| it.short.clone());
    name.unwrap_or_else(|| id.to_owned())
}

fn fields(conn: &mut Conn, schema: &Schema, kind: &Kind, record: &PastRecord) -> Result<Vec<Value>> {
    let sources = load_sources(conn, &record.sources)?;
    let body: serde_json::Map<String, Value> = record.body.read()?;
    Ok(kind
        .fields
        .iter()
        .filter_map(|field| {
            let value = body.get(&field.name)?;
            let source = sources.iter().find(|it| it.field == field.name);
            let from = source.map(|it| department(schema, &it.department)).unwrap_or_default();
            Some(view::field(field, value, source, &from))
        })
        .collect())
}

fn linked(conn: &mut Conn, schema: &Schema, id: &RecordId) -> Result<Vec<Value>> {
    let mut found = list_link_targets(conn, id)?;
    found.extend(list_linking_to(conn, id)?);
    let mut seen = std::collections::BTreeSet::new();
    Ok(found
        .into_iter()
        .filter(|(_, it)| it.id != *id && seen.insert(it.id.clone()))
        .map(|(_, it)| {
            let title = schema.kind(&it.kind).map_or(it.kind.as_str(), |kind| kind.title.as_str());
            json!({ "kind": it.kind, "kind_title": title, "id": it.id, "title": it.title, "at": view::time(it.updated_at.utc()) })
        })
        .collect())
}

fn versions(conn: &mut Conn, id: &RecordId) -> Result<Vec<Value>> {
    let all = list_versions(conn, id)?;
    Ok(all
        .iter()
        .map(|it| {
            let day = china_date(it.valid_from.utc());
            json!({ "version": it.version, "at": view::time(it.valid_from.utc()), "day": day, "message_id": it.message_id })
        })
        .collect())
}

fn discrepancies(conn: &mut Conn, schema: &Schema, kind: &Kind, id: &RecordId) -> Result<Vec<Value>> {
    let filter = DiscrepancyFilter { record: Some(id.clone()), ..DiscrepancyFilter::default() };
    let rows = list_discrepancies(conn, &filter, Page::first(50))?.rows;
    Ok(rows.iter().filter(|it| it.closed_at.is_none()).map(|it| difference(schema, kind, it)).collect())
}

fn difference(schema: &Schema, kind: &Kind, it: &Discrepancy) -> Value {
    let field = kind.field(&it.field);
    let show = |json: &crate::store::Json| match (field, json.read::<Value>()) {
        (Some(field), Ok(value)) => crate::model::Value::from_json(&field.ty, &value)
            .map_or_else(|_| value.to_string(), |value| field.display_masked(&value)),
        _ => json.as_str().to_owned(),
    };
    json!({ "field": it.field, "title": field.map_or(it.field.as_str(), |it| it.title.as_str()), "state": it.state.title(),
        "holds": { "department": department(schema, &it.winner_department), "text": show(&it.winner_value) },
        "other": { "department": department(schema, &it.other_department), "text": show(&it.other_value) },
        "at": view::time(it.opened_at.utc()), "due": it.due_on })
}

fn documents(conn: &mut Conn, id: &RecordId) -> Result<Vec<Value>> {
    let filter = DocumentFilter { record: Some(id.clone()), ..DocumentFilter::default() };
    let rows = list_documents(conn, &filter, Page::first(50))?.rows;
    Ok(rows
        .iter()
        .map(|it| json!({ "id": it.id, "title": it.title, "number": it.number, "state": view::document_state(it.state) }))
        .collect())
}

/// `GET /records/{kind}/{id}/fields/{field}`: everything any department ever said about a field.
pub async fn history(req: HttpRequest, app: web::Data<App>) -> HttpResponse {
    let state = app.clone();
    let part = |name: &str| req.match_info().query(name).to_owned();
    let (kind, id, name) = (part("kind"), RecordId::from(part("id")), part("field"));
    show(&req, &app, "field.html", move |conn, _| {
        let schema = &state.intake.schema;
        let kind = known(schema, &kind)?;
        let field = kind.field(&name).ok_or_else(|| {
            Error::new(codes::record::NOT_FOUND, format!("{}没有“{name}”这个字段。", kind.title))
        })?;
        let record = crate::store::get_record(conn, &id)?;
        let said: Vec<Value> = list_field_history(conn, &id, &name)?
            .iter()
            .map(|it| {
                let mut row = view::field(field, &it.value, Some(it), &department(schema, &it.department));
                if let Some(row) = row.as_object_mut() {
                    row.insert("holds".to_owned(), Value::from(it.holds));
                }
                row
            })
            .collect();
        let authority = field.authority.as_deref().map(|it| department(schema, it));
        Ok(json!({ "kind": { "name": kind.name, "title": kind.title }, "record": { "id": record.id, "title": record.title },
            "field": { "name": field.name, "title": field.title, "description": field.description, "authority": authority },
            "said": said }))
    })
    .await
}

/// `GET /discrepancies`: what departments say differently, open first.
pub async fn differences(req: HttpRequest, app: web::Data<App>) -> HttpResponse {
    let (state, query) = (app.clone(), query(&req));
    show(&req, &app, "discrepancies.html", move |conn, _| {
        let schema = &state.intake.schema;
        let number = page_of(&query);
        let filter = DiscrepancyFilter { state: Some(DiscrepancyState::Open), ..DiscrepancyFilter::default() };
        let found = list_discrepancies(conn, &filter, Page { number, size: PAGE })?;
        let mut rows = Vec::new();
        for it in &found.rows {
            let Some(kind) = schema.kind(&it.kind) else { continue };
            let record = crate::store::get_record(conn, &it.record_id)?;
            rows.push(json!({ "record": { "id": record.id, "title": record.title }, "kind": { "name": kind.name, "title": kind.title },
                "it": difference(schema, kind, it) }));
        }
        Ok(json!({ "rows": rows, "pager": view::pager(number, PAGE, found.total, &view::base("/discrepancies", &query)) }))
    })
    .await
}
