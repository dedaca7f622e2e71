//! `/portal`: from nothing to a first call that succeeds, step by step, with programs for the chosen message.

use actix_web::{HttpRequest, HttpResponse, web};
use serde_json::{Value, json};

use super::shell::show;
use super::{reference, samples, snippets};
use crate::clock;
use crate::mapping::Mapping;
use crate::web::app::App;
use crate::web::console::records::query;

/// `GET /portal[?message=partner/message][&key=…]`.
pub async fn page(req: HttpRequest, app: web::Data<App>) -> HttpResponse {
    let given = query(&req);
    let asked = given.get("message").and_then(|it| it.split_once('/'));
    let asked = asked.and_then(|(partner, message)| app.intake.mappings.get(partner, message));
    let chosen = asked.or_else(|| app.intake.mappings.iter().next()).map(|it| chosen(&req, &app, it));
    let partners = reference::partners(&app.intake.mappings);
    let (base, window) = (snippets::base(&req, &app), app.signature.window.as_secs());
    show(&req, &app, "portal/start.html", move |_| {
        let now = clock::now().with_timezone(&clock::china()).format("%Y-%m-%d %H:%M:%S").to_string();
        Ok(json!({ "partners": partners, "chosen": chosen, "base": base, "window": window, "now": now, "given": given }))
    })
    .await
}

fn chosen(req: &HttpRequest, app: &App, of: &Mapping) -> Value {
    let (good, _) = samples::read(of, &app.mapping_files, &app.intake.schema);
    let sample = good.first().map(samples::Sample::shown);
    json!({ "partner": of.partner, "partner_title": of.partner_title, "message": of.message, "title": of.title,
        "id": format!("{}/{}", of.partner, of.message), "path": format!("/api/v1/exchange/{}/{}", of.partner, of.message),
        "content_type": reference::content_type(of), "sample": sample, "snippets": snippets::all(req, app, of) })
}
