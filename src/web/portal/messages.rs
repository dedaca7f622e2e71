//! `/portal/messages`: which messages each partner sends, and everything about one of them.

use actix_web::{HttpRequest, HttpResponse, web};
use serde_json::{Value, json};

use super::shell::{missing, show};
use super::{reference, snippets};
use crate::error::Result;
use crate::mapping::Mapping;
use crate::web::app::App;

/// `GET /portal/messages`.
pub async fn list(req: HttpRequest, app: web::Data<App>) -> HttpResponse {
    let partners = reference::partners(&app.intake.mappings);
    show(&req, &app, "portal/messages.html", move |_, _| Ok(json!({ "partners": partners }))).await
}

/// `GET /portal/messages/{partner}/{message}`.
pub async fn one(req: HttpRequest, app: web::Data<App>) -> HttpResponse {
    let made = found(&req, &app).map(|mapping| {
        let mut values = reference::message(&app, mapping);
        if let Value::Object(values) = &mut values {
            values.insert("snippets".to_owned(), snippets::all(&req, &app, mapping));
        }
        values
    });
    show(&req, &app, "portal/message.html", move |_, _| made).await
}

/// The mapping that the address names.
pub(super) fn found<'a>(req: &HttpRequest, app: &'a App) -> Result<&'a Mapping> {
    let (partner, message) = (req.match_info().query("partner"), req.match_info().query("message"));
    let found = app.intake.mappings.get(partner, message);
    found.ok_or_else(|| missing(format!("没有报文“{partner}/{message}”，全部报文见“报文”一页。")))
}
