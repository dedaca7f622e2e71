//! `GET /api/v1/records/…`: a record by key or id, now or as of a past moment, and where its values came from.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use chrono::{DateTime, Utc};
use serde_json::{Map, Value, json};

use crate::clock;
use crate::error::{Error, Result, codes};
use crate::model::{self, Body, Field, FieldType, Kind, Sensitivity};
use crate::store::{
    Conn, Partner, PastRecord, RecordId, find_record_at, find_record_by_key, list_record_keys, load_sources,
};
use crate::text::date;
use crate::web::answer::{self, deed, finish};
use crate::web::app::App;
use crate::web::auth;

/// `/{kind}?key=VALUE[&as_of=…]`.
pub async fn find(req: HttpRequest, app: web::Data<App>) -> HttpResponse {
    let found = find_by_key(&req, &app).await;
    finish(&req, found)
}

/// `/{kind}/{id}[?as_of=…]`.
pub async fn show(req: HttpRequest, app: web::Data<App>) -> HttpResponse {
    let shown = show_by_id(&req, &app, false).await;
    finish(&req, shown)
}

/// `/{kind}/{id}/provenance[?as_of=…]`.
pub async fn provenance(req: HttpRequest, app: web::Data<App>) -> HttpResponse {
    let shown = show_by_id(&req, &app, true).await;
    finish(&req, shown)
}

async fn find_by_key(req: &HttpRequest, app: &App) -> Result<HttpResponse> {
    let caller = auth::admit(req, app).await?;
    let query = query(req)?;
    let key = query.get("key").filter(|key| !key.is_empty()).cloned().ok_or_else(|| {
        Error::new(codes::transport::PARAMETER, "缺少参数 key：要查的业务键，如 ?key=3304002026A00001。")
    })?;
    let at = as_of(&query)?;
    let (store, schema) = (app.intake.store.clone(), app.intake.schema.clone());
    let kind_name = req.match_info().query("kind").to_owned();
    let shown = deed(move || {
        let kind = kind(schema.kind(&kind_name), &kind_name)?;
        store.read(|conn| {
            let mut found = None;
            for candidate in &kind.keys {
                let name = kind.key_name(candidate);
                if let Some(record) = find_record_by_key(conn, &kind.name, &name, &key)? {
                    found = Some(record.id);
                    break;
                }
            }
            let id = found.ok_or_else(|| not_found(kind, &key))?;
            view(conn, kind, &id, at, &caller.partner)
        })
    })
    .await?;
    Ok(answer::json(StatusCode::OK, &shown))
}

async fn show_by_id(req: &HttpRequest, app: &App, with_sources: bool) -> Result<HttpResponse> {
    let caller = auth::admit(req, app).await?;
    let at = as_of(&query(req)?)?;
    let (store, schema) = (app.intake.store.clone(), app.intake.schema.clone());
    let kind_name = req.match_info().query("kind").to_owned();
    let id = RecordId::from(req.match_info().query("id"));
    let shown = deed(move || {
        let kind = kind(schema.kind(&kind_name), &kind_name)?;
        store.read(|conn| {
            let mut shown = view(conn, kind, &id, at, &caller.partner)?;
            if with_sources {
                let fields = sources(conn, kind, &id, at, &caller.partner)?;
                shown.insert("provenance".to_owned(), fields);
            }
            Ok(shown)
        })
    })
    .await?;
    Ok(answer::json(StatusCode::OK, &shown))
}

fn kind<'a>(found: Option<&'a Kind>, name: &str) -> Result<&'a Kind> {
    found.ok_or_else(|| {
        Error::new(codes::record::NOT_FOUND, format!("没有“{name}”这类记录，类别见 /openapi.json。"))
    })
}

fn not_found(kind: &Kind, key: &str) -> Error {
    Error::new(codes::record::NOT_FOUND, format!("没有业务键或编号为“{key}”的{}。", kind.title))
}

/// The record as the caller may see it.
fn view(
    conn: &mut Conn,
    kind: &Kind,
    id: &RecordId,
    at: Option<DateTime<Utc>>,
    partner: &Partner,
) -> Result<Map<String, Value>> {
    let record = load(conn, kind, id, at, partner)?;
    let body = Body::from_json(&kind.fields, &record.body.read()?)
        .map_err(|(field, fault)| Error::internal(format!("stored body, field {field}: {}", fault.rule)))?;
    let keys: Map<String, Value> =
        list_record_keys(conn, id)?.into_iter().map(|key| (key.name, Value::from(key.value))).collect();
    let (fields, masked) = masked_fields(kind, &body, partner);
    let shown = json!({
        "kind": kind.name, "kind_title": kind.title, "id": record.id, "title": record.title,
        "division": record.division, "version": record.version,
        "valid_from": record.valid_from, "valid_to": record.valid_to,
        "keys": keys, "fields": fields, "masked": masked,
    });
    match shown {
        Value::Object(shown) => Ok(shown),
        _ => Err(Error::internal("a view that is no object")),
    }
}

fn load(
    conn: &mut Conn,
    kind: &Kind,
    id: &RecordId,
    at: Option<DateTime<Utc>>,
    partner: &Partner,
) -> Result<PastRecord> {
    let found = find_record_at(conn, id, at.unwrap_or_else(clock::now))?;
    // A county's partner sees its county only (§2: every row carries its division).
    let mine = |record: &PastRecord| match &partner.division {
        None => true,
        Some(own) => record.division.as_deref().is_some_and(|it| it.starts_with(own.as_str())),
    };
    found.filter(|it| it.kind == kind.name && mine(it)).ok_or_else(|| not_found(kind, id.as_str()))
}

/// Canonical values by name; personal ones of other departments are masked and named in the second part.
fn masked_fields(kind: &Kind, body: &Body, partner: &Partner) -> (Map<String, Value>, Vec<String>) {
    let mut masked = Vec::new();
    let mut shown = Map::new();
    for (id, value) in body.iter() {
        let Some(field) = kind.fields.get(id) else { continue };
        let own = field.authority.as_deref() == Some(partner.department.as_str());
        let (json, hidden) = if own { (value.to_json(&field.ty), false) } else { mask(field, value) };
        if hidden {
            masked.push(field.name.clone());
        }
        shown.insert(field.name.clone(), json);
    }
    (shown, masked)
}

fn mask(field: &Field, value: &model::Value) -> (Value, bool) {
    if field.sensitivity == Sensitivity::Personal {
        return (Value::from(field.display_masked(value)), true);
    }
    let (model::Value::Rows(rows), FieldType::Rows(columns)) = (value, &field.ty) else {
        return (value.to_json(&field.ty), false);
    };
    let mut hidden = false;
    let rows = rows.iter().map(|row| {
        let cells = row.iter().filter_map(|(id, cell)| {
            let column = columns.get(id)?;
            let (json, masked) = mask(column, cell);
            hidden |= masked;
            Some((column.name.clone(), json))
        });
        Value::Object(cells.collect())
    });
    let rows: Vec<Value> = rows.collect();
    (Value::Array(rows), hidden)
}

/// Where each value came from, down to the place in the message.
fn sources(
    conn: &mut Conn,
    kind: &Kind,
    id: &RecordId,
    at: Option<DateTime<Utc>>,
    partner: &Partner,
) -> Result<Value> {
    let record = load(conn, kind, id, at, partner)?;
    let rows: Vec<Value> = load_sources(conn, &record.sources)?
        .into_iter()
        .map(|it| {
            json!({
                "field": it.field,
                "field_title": kind.field(&it.field).map(|field| field.title.as_str()),
                "department": it.department, "partner": it.partner,
                "message": it.message_name, "message_id": it.message_id, "message_key": it.message_key,
                "mapping": it.mapping, "row": it.row, "place": it.place, "at": it.at,
            })
        })
        .collect();
    Ok(Value::Array(rows))
}

/// The pairs of a query.
pub(super) type Query = std::collections::BTreeMap<String, String>;

/// Reads them.
pub(super) fn query(req: &HttpRequest) -> Result<Query> {
    web::Query::<Query>::from_query(req.query_string()).map(web::Query::into_inner).map_err(|e| {
        Error::new(codes::transport::PARAMETER, "网址中的查询参数读不懂，请按 名称=值 书写并做百分号编码。")
            .because(e)
    })
}

/// A moment, or the end of a civil day.
fn as_of(query: &Query) -> Result<Option<DateTime<Utc>>> {
    let Some(text) = query.get("as_of").filter(|text| !text.is_empty()) else { return Ok(None) };
    if let Ok(at) = DateTime::parse_from_rfc3339(text) {
        return Ok(Some(at.with_timezone(&Utc)));
    }
    date::parse(text).map(|day| Some(clock::end_of_day(day))).ok_or_else(|| {
        Error::new(
            codes::transport::PARAMETER,
            format!("as_of 的值“{text}”不对，应为日期（2026-03-01，指当日终了）或 RFC 3339 时间。"),
        )
    })
}
