//! 批量拟稿: choose a kind, then upload its sheet or choose records by a query.

use std::collections::BTreeMap;

use actix_web::{HttpRequest, HttpResponse, web};
use serde_json::{Value, json};

use super::documents::kinds;
use super::files::Sent;
use super::person::{self, Person};
use super::records::query;
use super::shell::{self, Form, show};
use crate::clock;
use crate::error::{Error, Result, codes};
use crate::issue::{self, FormField, FormType, NewBatch};
use crate::model::FieldType;
use crate::store::{BatchId, RecordFilter, Role, find_setting};
use crate::web::answer::deed;
use crate::web::app::App;
use crate::web::upload;

/// Largest sheet that is uploaded.
const MAX_SHEET: usize = 10 << 20;

/// `GET /batches/new[?kind=…]`.
pub async fn choose(req: HttpRequest, app: web::Data<App>) -> HttpResponse {
    let query = query(&req);
    form(&req, &app, query, None).await
}

/// The page; after a refused sheet or query with what is wrong and what was filled in.
async fn form(req: &HttpRequest, app: &web::Data<App>, given: Form, refused: Option<Error>) -> HttpResponse {
    let state = app.clone();
    show(req, app, "batch_new.html", move |_, person| {
        person.must_be(&[Role::Drafter], "拟稿")?;
        let chosen = given.get("kind").and_then(|it| state.desk.kinds.get(it));
        let shared: Vec<Value> = chosen.map(|kind| shared(issue::shared_fields(kind), &given)).unwrap_or_default();
        let subject = chosen.and_then(|it| state.intake.schema.kind(&it.subject)).map(|it| it.title.clone());
        let chosen = chosen.map(|it| json!({ "name": it.name, "title": it.title, "subject": it.subject, "subject_title": subject }));
        let status = if refused.is_some() { 422 } else { 200 };
        Ok(json!({ "kinds": kinds(&state), "chosen": chosen, "shared": shared, "given": given, "status": status,
            "max_rows": issue::MAX_ROWS, "divisions": super::records::divisions(&state.intake.schema), "refused": refused.as_ref().map(super::batches::refusal) }))
    })
    .await
}

/// The fields asked once for all documents of a query.
fn shared<'a>(fields: impl Iterator<Item = &'a FormField>, given: &Form) -> Vec<Value> {
    fields
        .map(|it| {
            let options = match &it.ty {
                FormType::Value(FieldType::Code(list)) => {
                    list.codes.iter().map(|it| json!({ "code": it.code, "title": it.title })).collect()
                }
                FormType::Value(FieldType::Boolean) => {
                    vec![json!({ "code": "true", "title": "是" }), json!({ "code": "false", "title": "否" })]
                }
                _ => Vec::new(),
            };
            let default = it.default.as_ref().and_then(Value::as_str).unwrap_or_default();
            let value = given.get(&format!("all:{}", it.name)).map_or(default, String::as_str);
            json!({ "name": it.name, "title": it.title, "unit": it.unit, "required": it.required, "hint": it.hint,
                "long": it.long, "value": value, "options": options })
        })
        .collect()
}

/// `GET /batches/blank?kind=…`: the empty sheet of a kind.
pub async fn blank(req: HttpRequest, app: web::Data<App>) -> HttpResponse {
    let (query, state) = (query(&req), app.clone());
    shell::send(&req, &app, move |_, person| {
        person.must_be(&[Role::Drafter], "拟稿")?;
        let kind = state.desk.kind(query.get("kind").map(String::as_str).unwrap_or_default())?;
        let bytes = issue::blank_workbook(&state.desk, &kind.name)?;
        Ok(workbook(format!("{} 批量办理空表.xlsx", kind.title), bytes))
    })
    .await
}

/// A workbook to be saved.
pub(super) fn workbook(name: String, bytes: Vec<u8>) -> Sent {
    let media_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet".to_owned();
    Sent { media_type, name, inline: false, bytes }
}

/// `POST /batches`: a sheet. Nobody who may not draft gets to send a body.
pub async fn upload(req: HttpRequest, app: web::Data<App>, payload: web::Payload) -> HttpResponse {
    let (token, store) = (person::token(&req), app.intake.store.clone());
    let known = deed(move || {
        store.read(|conn| person::find(conn, token.as_deref())?.must_be(&[Role::Drafter], "拟稿"))
    });
    if let Err(error) = known.await {
        return shell::refuse(&req, &app, &error);
    }
    let uploaded = match upload::read(&req, payload, MAX_SHEET).await {
        Ok(uploaded) => uploaded,
        Err(error) => return shell::refuse(&req, &app, &error),
    };
    let (name, bytes) = uploaded.file.unwrap_or_default();
    make(&req, &app, uploaded.form, move |app, new, _| {
        if bytes.is_empty() {
            return Err(Error::new(codes::document::BATCH_SHEET, "没有选择文件，或文件是空的。"));
        }
        issue::batch_from_sheet(&app.intake.store, &app.desk, new, (&name, &bytes), clock::now())
    })
    .await
}

/// `POST /batches/query`.
pub async fn from_query(req: HttpRequest, app: web::Data<App>, form: web::Form<Form>) -> HttpResponse {
    make(&req, &app, form.into_inner(), move |app, new, form| {
        let kind = app.desk.kind(new.kind)?;
        let subject = super::records::known(&app.intake.schema, &kind.subject)?;
        let mut filter = super::records::filter_of(subject, form);
        let mine = new.who.division.as_deref().map(issue::life::scope);
        // Somebody of a county asks for records of that county, whatever the form says.
        if let Some(mine) =
            mine.filter(|mine| !filter.division.as_ref().is_some_and(|it| it.starts_with(mine)))
        {
            filter.division = Some(mine.to_owned());
        }
        let shared: BTreeMap<String, String> = form
            .iter()
            .filter_map(|(name, text)| Some((name.strip_prefix("all:")?.to_owned(), text.clone())))
            .collect();
        let words = words(&subject.title, &filter);
        issue::batch_from_query(&app.intake.store, &app.desk, new, (&filter, &words), &shared, clock::now())
    })
    .await
}

/// A query in words: `建设项目，含“嘉禾”，行政区 3304`.
fn words(subject: &str, filter: &RecordFilter) -> String {
    let text = filter.text.as_ref().map(|it| format!("，含“{it}”")).unwrap_or_default();
    let division = filter.division.as_ref().map(|it| format!("，行政区 {it}")).unwrap_or_default();
    format!("{subject}{text}{division}")
}

/// Makes a batch and sends the browser to its check page; what is wrong as a whole is shown where the sheet was chosen.
async fn make(
    req: &HttpRequest,
    app: &web::Data<App>,
    form: Form,
    work: impl FnOnce(&App, NewBatch<'_>, &Form) -> Result<BatchId> + Send + 'static,
) -> HttpResponse {
    let (token, state, given) = (person::token(req), app.clone(), form.clone());
    let made = deed(move || {
        let (person, demo) = state.intake.store.read(|conn| {
            let person = person::find(conn, token.as_deref())?;
            Ok((person, find_setting(conn, "demo")?.is_some()))
        })?;
        shell::check_csrf(&person, &given)?;
        person.must_be(&[Role::Drafter], "拟稿")?;
        work(&state, new_batch(&person, &person.actor(), &given, demo), &given)
    })
    .await;
    match made {
        Ok(id) => shell::go(&format!("/batches/{id}"), ""),
        Err(error) if error.code == codes::document::BATCH_SHEET => {
            self::form(req, app, form, Some(error)).await
        }
        Err(error) => shell::refuse_form(req, app, &error, &form),
    }
}

fn new_batch<'a>(person: &'a Person, who: &'a issue::Actor, form: &'a Form, demo: bool) -> NewBatch<'a> {
    let kind = form.get("kind").map(String::as_str).unwrap_or_default();
    NewBatch { kind, department: person.0.account.department.as_deref(), who, demo }
}
