//! `/portal/receipts`: what a message is answered: the statuses, the receipt and every field of it, as the API describes them.

use actix_web::{HttpRequest, HttpResponse, web};
use serde_json::{Map, Value, json};

use super::shell::show;
use crate::web::app::App;
use crate::web::openapi::schemas;

/// The shapes of a receipt, in reading order: name in the description, title.
const SHAPES: &[(&str, &str)] = &[
    ("Receipt", "回执"),
    ("RecordOutcome", "收下的一条记录（records）"),
    ("RefusedRow", "退回的一行（refused_rows）"),
    ("Problem", "一处问题（problems）"),
    ("Place", "报文中的位置（place）"),
    ("ErrorBody", "错误（error）"),
];

/// `GET /portal/receipts`.
pub async fn page(req: HttpRequest, app: web::Data<App>) -> HttpResponse {
    let all = schemas(&app);
    show(&req, &app, "portal/receipts.html", move |_, _| {
        let shapes: Vec<Value> = SHAPES
            .iter()
            .filter_map(|(name, title)| Some(json!({ "title": title, "fields": fields(all.get(*name)?) })))
            .collect();
        Ok(json!({ "shapes": shapes }))
    })
    .await
}

fn fields(shape: &Value) -> Vec<Value> {
    let required: Vec<&str> =
        shape["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let properties = shape["properties"].as_object().into_iter().flat_map(Map::iter);
    properties
        .map(|(name, of)| {
            json!({ "name": name, "type": type_of(of), "always": required.contains(&name.as_str()),
                "about": of["description"].as_str().unwrap_or_default() })
        })
        .collect()
}

/// A type in words.
fn type_of(of: &Value) -> String {
    let words = |all: &[Value]| all.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(" / ");
    if let Some(name) = of["$ref"].as_str() {
        let name = name.rsplit('/').next().unwrap_or(name);
        return match SHAPES.iter().find(|(shape, _)| *shape == name) {
            Some((_, title)) => (*title).to_owned(),
            None => "错误码".to_owned(),
        };
    }
    if let Some(all) = of["enum"].as_array() {
        return words(all);
    }
    match of["type"].as_str() {
        Some("string") if of["format"] == "date-time" => "时间（RFC 3339）".to_owned(),
        Some("string") => "文字".to_owned(),
        Some("integer") => "整数".to_owned(),
        Some("boolean") => "true / false".to_owned(),
        Some("array") => format!("列表：{}", type_of(&of["items"])),
        _ => "对象".to_owned(),
    }
}
