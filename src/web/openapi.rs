//! `GET /openapi.json`: the API described from the route table, the mappings, the model and the codes, so that it cannot
//! say anything else than what is served. What each operation takes and answers stands in [`described`].

mod described;

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use serde_json::{Map, Value, json};

use super::answer;
use super::app::App;
use super::routes::{API, Door, Entry};
use crate::error::all_codes;
use crate::mapping::Mapping;

/// `GET /openapi.json`.
pub async fn show(app: web::Data<App>) -> HttpResponse {
    answer::json(StatusCode::OK, &describe(&app))
}

/// The description, OpenAPI 3.1.
#[must_use]
pub fn describe(app: &App) -> Value {
    let mut paths: Map<String, Value> = Map::new();
    for entry in API {
        if entry.path.contains("{message}") {
            for mapping in app.intake.mappings.iter() {
                let path =
                    entry.path.replace("{partner}", &mapping.partner).replace("{message}", &mapping.message);
                put(&mut paths, &path, entry, exchange(app, entry, mapping));
            }
        } else {
            put(&mut paths, entry.path, entry, operation(entry, entry.path));
        }
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "人防工程产权数据中枢", "version": env!("CARGO_PKG_VERSION"),
            "description": "签名请求头：X-Hub-Key、X-Hub-Timestamp、X-Hub-Nonce、X-Hub-Signature；算法见 README。密钥可约定其他签名方案或客户端证书。",
            "license": { "name": "Apache-2.0", "identifier": "Apache-2.0" },
        },
        "servers": [{ "url": "/" }],
        "paths": paths,
        "components": {
            "schemas": schemas(app),
            "securitySchemes": { "signature": {
                "type": "apiKey", "in": "header", "name": "X-Hub-Signature",
                "description": "base64；密钥的方案决定算法（默认 HMAC-SHA256）；与 X-Hub-Key、X-Hub-Timestamp、X-Hub-Nonce 一起使用。",
            } },
        },
    })
}

fn put(paths: &mut Map<String, Value>, path: &str, entry: &Entry, operation: Value) {
    let item = paths.entry(path.to_owned()).or_insert_with(|| json!({}));
    if let Some(item) = item.as_object_mut() {
        item.insert(entry.method.as_str().to_lowercase(), operation);
    }
}

/// What every operation says: summary, parameters, body, answers, who may call. `path` names the parameters it has left.
fn operation(entry: &Entry, path: &str) -> Value {
    let names = path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'));
    let mut parameters: Vec<Value> = names
        .map(|name| json!({ "name": name, "in": "path", "required": true, "schema": { "type": "string" } }))
        .collect();
    let of = described::of(entry);
    parameters.extend(of.parameters());
    let mut answers = of.answers();
    let error = json!({ "application/json": { "schema": { "$ref": "#/components/schemas/Error" } } });
    answers.insert(
        "default".to_owned(),
        json!({ "description": "未能办理；错误码见 /api/v1/codes", "content": error }),
    );
    let signed = entry.door == Door::Signed;
    if signed {
        let refused = json!({ "description": "签名缺失、有误、过期或重放", "content": error });
        answers.insert("401".to_owned(), refused);
    }
    let security = if signed { json!([{ "signature": [] }]) } else { json!([]) };
    let mut said = json!({ "summary": entry.about, "parameters": parameters, "responses": answers, "security": security });
    if let (Some(said), Some(body)) = (said.as_object_mut(), of.body()) {
        said.insert("requestBody".to_owned(), body);
    }
    said
}

/// One message of one partner, with the samples of its folder as examples.
fn exchange(app: &App, entry: &Entry, mapping: &Mapping) -> Value {
    let mut described = operation(entry, "");
    let examples: Map<String, Value> = mapping
        .samples(&app.mapping_files)
        .filter_map(|(name, bytes)| {
            let text = std::str::from_utf8(bytes).ok()?;
            let value = serde_json::from_str(text).unwrap_or_else(|_not_json| Value::from(text));
            Some((name.rsplit('/').next().unwrap_or(name).to_owned(), json!({ "value": value })))
        })
        .collect();
    if let Some(described) = described.as_object_mut() {
        described.insert("summary".to_owned(), Value::from(format!("{}：{}", mapping.title, entry.about)));
        described.insert("tags".to_owned(), json!([mapping.partner_title]));
        let mut content = Map::new();
        content.insert("multipart/form-data".to_owned(), json!({ "schema": form(mapping) }));
        content.insert(media_type(&examples).to_owned(), json!({ "schema": {}, "examples": examples }));
        let body = json!({ "required": true, "content": content });
        described.insert("requestBody".to_owned(), body);
    }
    described
}

/// What the parts of a form are: the message as a file, or its fields.
fn form(mapping: &Mapping) -> Value {
    if mapping.is_form() {
        return json!({ "type": "object", "additionalProperties": { "type": "string" } });
    }
    let file = json!({ "type": "string", "contentMediaType": "application/octet-stream" });
    json!({ "type": "object", "minProperties": 1, "maxProperties": 1, "additionalProperties": file })
}

/// The media type of the first sample; a message that is no text has none that could be shown.
fn media_type(examples: &Map<String, Value>) -> &'static str {
    match examples.keys().next().and_then(|name| name.rsplit('.').next()) {
        Some("json") => "application/json",
        Some("xml") => "application/xml",
        Some("csv") => "text/csv",
        _ => "application/octet-stream",
    }
}

/// The shapes by name: records, answers, errors.
pub(super) fn schemas(app: &App) -> Map<String, Value> {
    let mut schemas: Map<String, Value> = app
        .intake
        .schema
        .kinds()
        .filter_map(|kind| Some((kind.name.clone(), app.intake.schema.json_schema(&kind.name)?)))
        .collect();
    schemas.extend(described::schemas());
    let codes: Vec<String> = all_codes().iter().map(ToString::to_string).collect();
    schemas.insert("Code".to_owned(), json!({ "type": "string", "enum": codes }));
    let body = json!({
        "type": "object", "required": ["code", "name", "title", "detail", "trace_id"], "properties": {
            "code": { "$ref": "#/components/schemas/Code" }, "name": { "type": "string" },
            "title": { "type": "string" }, "detail": { "type": "string" }, "trace_id": { "type": "string" },
            "problems": { "type": "array", "items": { "$ref": "#/components/schemas/Problem" } },
        },
    });
    schemas.insert("ErrorBody".to_owned(), body);
    let error = json!({
        "type": "object", "required": ["error"], "properties": { "error": { "$ref": "#/components/schemas/ErrorBody" } },
    });
    schemas.insert("Error".to_owned(), error);
    schemas
}
