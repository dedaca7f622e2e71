//! `/portal`: from nothing to a first call that succeeds, step by step, with programs for the chosen message.

use actix_web::{HttpRequest, HttpResponse, web};
use chrono::TimeDelta;
use serde_json::{Value, json};

use super::shell::show;
use super::{reference, samples, snippets};
use crate::clock;
use crate::mapping::{Mapping, Mappings};
use crate::web::app::App;
use crate::web::console::records::query;
use crate::web::console::shell::Form;

/// How long the key of the example lasts: enough to connect a system, not to run one.
const PRACTICE: TimeDelta = TimeDelta::days(90);

/// `GET /portal[?message=partner/message][&key=…]`.
pub async fn page(req: HttpRequest, app: web::Data<App>) -> HttpResponse {
    let given = query(&req);
    let chosen = choice(&given, &app.intake.mappings).map(|it| chosen(&req, &app, it));
    let partners = reference::partners(&app.intake.mappings);
    let (base, window) = (snippets::base(&req, &app), app.signature.window.as_secs());
    show(&req, &app, "portal/start.html", move |_, _| {
        let now = clock::now().with_timezone(&clock::china());
        let expires = (now + PRACTICE).format("%Y-%m-%d").to_string();
        let now = now.format("%Y-%m-%d %H:%M:%S").to_string();
        Ok(json!({ "partners": partners, "chosen": chosen, "base": base, "window": window, "now": now,
            "expires": expires, "given": given }))
    })
    .await
}

/// The message that was asked for, else the first one of the partner that the key id begins with, else the first of all.
fn choice<'a>(given: &Form, mappings: &'a Mappings) -> Option<&'a Mapping> {
    let asked = given.get("message").and_then(|it| it.split_once('/'));
    let key = given.get("key").map_or("", String::as_str);
    let own = |it: &&Mapping| key.strip_prefix(&it.partner).is_some_and(|rest| rest.starts_with('-'));
    asked
        .and_then(|(partner, message)| mappings.get(partner, message))
        .or_else(|| mappings.iter().find(own))
        .or_else(|| mappings.iter().next())
}

fn chosen(req: &HttpRequest, app: &App, of: &Mapping) -> Value {
    let (good, _) = samples::read(of, &app.mapping_files, &app.intake.schema);
    let sample = good.first().map(samples::Sample::shown);
    json!({ "partner": of.partner, "partner_title": of.partner_title, "message": of.message, "title": of.title,
        "id": format!("{}/{}", of.partner, of.message), "path": format!("/api/v1/exchange/{}/{}", of.partner, of.message),
        "content_type": reference::content_type(of), "sample": sample, "snippets": snippets::all(req, app, of) })
}
