//! 拟稿: choose a kind and a record, fill the form with the source of every value beside it, save, take the newest data.

use std::collections::BTreeMap;

use actix_web::{HttpRequest, HttpResponse, web};
use serde_json::{Map, Value, json};

use super::documents::{id_of, kinds, seen};
use super::messages;
use super::records::query;
use super::shell::{self, Done, Form, show};
use super::view;
use crate::clock;
use crate::error::{Error, Result, codes};
use crate::issue::{self, Edit, FormField, FormType, NewDraft};
use crate::store::{
    Document, DocumentValue, Page, RecordFilter, RecordId, Role, find_setting, list_document_values,
    list_records,
};
use crate::web::app::App;

/// Empty rows a table of the form offers beyond those it has.
const SPARE_ROWS: usize = 2;

/// `GET /documents/new[?kind=…&q=…]`.
pub async fn choose(req: HttpRequest, app: web::Data<App>) -> HttpResponse {
    let (query, state) = (query(&req), app.clone());
    show(&req, &app, "document_new.html", move |conn, person| {
        person.must_be(&[Role::Drafter], "拟稿")?;
        let chosen = query.get("kind").and_then(|it| state.desk.kinds.get(it));
        let records = match chosen {
            Some(kind) => {
                let filter = RecordFilter {
                    kind: Some(kind.subject.clone()),
                    text: query.get("q").filter(|it| !it.trim().is_empty()).cloned(),
                    ..RecordFilter::default()
                };
                let found = list_records(conn, &filter, Page::first(50))?;
                found.rows.iter().map(|it| json!({ "id": it.id, "title": it.title, "at": view::time(it.updated_at.utc()) })).collect()
            }
            None => Vec::new(),
        };
        Ok(json!({ "kinds": kinds(&state), "chosen": chosen.map(|it| it.name.clone()), "chosen_title": chosen.map(|it| it.title.clone()),
            "records": records, "q": query.get("q") }))
    })
    .await
}

/// `POST /documents`.
pub async fn create(req: HttpRequest, app: web::Data<App>, form: web::Form<Form>) -> HttpResponse {
    let state = app.clone();
    shell::act(&req, &app, form.into_inner(), move |conn, person, form| {
        person.must_be(&[Role::Drafter], "拟稿")?;
        let text = |name: &str| form.get(name).map(String::as_str).filter(|it| !it.is_empty());
        let kind = text("kind").ok_or_else(|| Error::new(codes::document::UNKNOWN_KIND, "请先选文种。"))?;
        let subject = text("record").map(RecordId::from);
        let new = NewDraft {
            kind,
            subject: subject.as_ref(),
            values: Map::new(),
            department: person.0.account.department.as_deref(),
            division: person.0.account.division.as_deref(),
            actor: person.login(),
            demo: find_setting(conn, "demo")?.is_some(),
        };
        let document = issue::create(conn, &state.desk, &new, clock::now())?;
        Ok(Done { to: format!("/documents/{}/edit", document.id), say: "drafted" })
    })
    .await
}

/// `GET /documents/{id}/edit`.
pub async fn edit(req: HttpRequest, app: web::Data<App>) -> HttpResponse {
    let (id, state) = (id_of(&req), app.clone());
    show(&req, &app, "document_edit.html", move |conn, person| {
        person.must_be(&[Role::Drafter], "拟稿")?;
        let document = seen(conn, &id, person)?;
        let values: Map<String, Value> = document.form.read()?;
        let origins = list_document_values(conn, &id)?;
        let problems = issue::problems(conn, &state.desk, &document)?;
        let mut page =
            form_page(&state, &document, &values, &origins, problems.iter().map(view::problem).collect())?;
        let change = issue::template_change(conn, &state.desk, &document)?;
        if let Some(page) = page.as_object_mut() {
            page.insert("template_change".into(), serde_json::to_value(change).map_err(Error::internal)?);
        }
        Ok(page)
    })
    .await
}

fn form_page(
    app: &App,
    document: &Document,
    values: &Map<String, Value>,
    origins: &[DocumentValue],
    problems: Vec<Value>,
) -> Result<Value> {
    let kind = app.desk.kind(&document.kind)?;
    let mut groups: Vec<(String, Vec<Value>)> = Vec::new();
    for field in &kind.fields {
        let shown = field_view(field, &field.name, values.get(&field.name), origins, &problems)?;
        match groups.last_mut() {
            Some((title, fields)) if *title == field.group => fields.push(shown),
            _ => groups.push((field.group.clone(), vec![shown])),
        }
    }
    let groups: Vec<Value> =
        groups.into_iter().map(|(title, fields)| json!({ "title": title, "fields": fields })).collect();
    Ok(
        json!({ "document": { "id": document.id, "title": document.title, "kind": kind.title, "version": document.version },
        "groups": groups, "problems": problems }),
    )
}

fn field_view(
    field: &FormField,
    path: &str,
    value: Option<&Value>,
    origins: &[DocumentValue],
    problems: &[Value],
) -> Result<Value> {
    let errors: Vec<&Value> =
        problems.iter().filter(|it| it.get("field").and_then(Value::as_str) == Some(path)).collect();
    let origin = origins.iter().find(|it| it.name == path);
    let mut shown = json!({ "name": path, "title": field.title, "required": field.required, "unit": field.unit,
        "hint": field.hint, "long": field.long, "errors": errors, "origin": origin.map(origin_view).transpose()? });
    let more = match &field.ty {
        FormType::Value(ty) => {
            let options = match ty {
                crate::model::FieldType::Code(list) => {
                    list.codes.iter().map(|it| json!({ "code": it.code, "title": it.title })).collect()
                }
                crate::model::FieldType::Boolean => {
                    vec![json!({ "code": "true", "title": "是" }), json!({ "code": "false", "title": "否" })]
                }
                _ => Vec::new(),
            };
            json!({ "value": typed(value), "options": options })
        }
        FormType::Table(columns) => {
            let head: Vec<Value> =
                columns.iter().map(|it| json!({ "name": it.name, "title": it.title })).collect();
            let rows = value.and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
            let lines: Vec<Vec<Value>> = (0..rows.len() + SPARE_ROWS)
                .map(|n| {
                    columns
                        .iter()
                        .map(|column| {
                            let path = format!("{path}/{n}/{}", column.name);
                            let cell = rows.get(n).and_then(|row| row.get(&column.name));
                            let errors: Vec<&Value> =
                                problems.iter().filter(|it| it.get("field").and_then(Value::as_str) == Some(&path)).collect();
                            json!({ "name": path, "title": column.title, "value": typed(cell), "errors": errors })
                        })
                        .collect()
                })
                .collect();
            json!({ "head": head, "rows": lines })
        }
    };
    if let (Some(shown), Value::Object(more)) = (shown.as_object_mut(), more) {
        shown.extend(more);
    }
    Ok(shown)
}

/// A value as it stands in an input.
fn typed(value: Option<&Value>) -> String {
    match value {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(Value::Array(items)) => items.iter().filter_map(Value::as_str).collect::<Vec<_>>().join("、"),
        Some(other) => other.to_string(),
    }
}

fn origin_view(it: &DocumentValue) -> Result<Value> {
    let place: Option<crate::error::Place> = it.place.as_ref().map(|it| it.read()).transpose()?;
    let link =
        it.message_id.as_ref().zip(place.as_ref()).map(|(message, place)| messages::link(message, place));
    let value: Value = it.value.read()?;
    Ok(
        json!({ "department": it.department, "path": place.map(|it| it.path), "link": link, "value": typed(Some(&value)),
        "at": it.source_at.map(|at| view::time(at.utc())), "overridden": it.overridden, "reason": it.override_reason }),
    )
}

/// `POST /documents/{id}/save`: what is wrong is said beside each field, and nothing the clerk wrote is lost.
pub async fn save(req: HttpRequest, app: web::Data<App>, form: web::Form<Form>) -> HttpResponse {
    let (id, state) = (id_of(&req), app.clone());
    shell::act(&req, &app, form.into_inner(), move |conn, person, form| {
        person.must_be(&[Role::Drafter], "拟稿")?;
        let document = seen(conn, &id, person)?;
        let kind = state.desk.kind(&document.kind)?;
        // Half-filled drafts are saved as they are; their findings stand beside the fields until they are mended.
        let filled = issue::read_form(kind, form);
        let reasons: BTreeMap<String, String> = form
            .iter()
            .filter_map(|(name, text)| Some((name.strip_prefix("reason:")?.to_owned(), text.clone())))
            .collect();
        let version = form.get("version").and_then(|it| it.parse().ok()).unwrap_or(document.version);
        let edit = Edit { id: &id, version, values: &filled.values, reasons: &reasons };
        issue::save(conn, &state.desk, &edit, person.login(), clock::now())?;
        let to = if form.contains_key("look") {
            format!("/documents/{id}")
        } else {
            format!("/documents/{id}/edit")
        };
        Ok(Done { to, say: "saved" })
    })
    .await
}

/// `POST /documents/{id}/refresh`.
pub async fn refresh(req: HttpRequest, app: web::Data<App>, form: web::Form<Form>) -> HttpResponse {
    let (id, state) = (id_of(&req), app.clone());
    shell::act(&req, &app, form.into_inner(), move |conn, person, _| {
        person.must_be(&[Role::Drafter], "拟稿")?;
        seen(conn, &id, person)?;
        issue::refresh(conn, &state.desk, &id, person.login(), clock::now())?;
        Ok(Done { to: format!("/documents/{id}/edit"), say: "refreshed" })
    })
    .await
}
