//! `/portal/lists`: the code lists of the model, for those who write codes into their messages.

use actix_web::{HttpRequest, HttpResponse, web};
use serde_json::{Value, json};

use super::shell::show;
use crate::model::CodeList;
use crate::web::app::App;

/// `GET /portal/lists`.
pub async fn page(req: HttpRequest, app: web::Data<App>) -> HttpResponse {
    let schema = app.intake.schema.clone();
    show(&req, &app, "portal/lists.html", move |_, _| {
        let lists: Vec<Value> = schema.code_lists().map(list).collect();
        Ok(json!({ "lists": lists }))
    })
    .await
}

fn list(of: &CodeList) -> Value {
    let codes: Vec<Value> = of
        .codes
        .iter()
        .map(|it| json!({ "code": it.code, "title": it.title, "aliases": it.aliases, "note": it.note }))
        .collect();
    json!({ "name": of.name, "title": of.title, "source": of.source, "verified": of.verified, "codes": codes })
}
