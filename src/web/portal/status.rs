//! `/portal/status`: whether the hub takes requests, and the limits an engineer runs into. The facts are those of `/healthz`
//! and `/readyz`.

use actix_web::{HttpRequest, HttpResponse, web};
use serde_json::json;

use super::shell::show;
use crate::clock;
use crate::web::app::App;
use crate::web::tls::ClientCertificate;

/// `GET /portal/status`. A page that can be shown has read the database: the hub is ready.
pub async fn page(req: HttpRequest, app: web::Data<App>) -> HttpResponse {
    let state = app.clone();
    show(&req, &app, "portal/status.html", move |_, _| {
        let settings = &state.settings;
        let certificate = match settings.tls.client {
            ClientCertificate::Off => "不要求",
            ClientCertificate::Optional => "可代替签名",
            ClientCertificate::Required => "必须出示",
        };
        let now = clock::now();
        Ok(json!({
            "version": env!("CARGO_PKG_VERSION"), "waiting": state.intake.writer.stats().waiting,
            "messages": state.intake.mappings.iter().count(),
            "now": now.with_timezone(&clock::china()).format("%Y-%m-%d %H:%M:%S").to_string(), "unix": now.timestamp(),
            "window": state.signature.window.as_secs(), "body_limit": settings.body_limit,
            "body_mib": settings.body_limit >> 20, "patience": settings.client_timeout.as_secs(), "certificate": certificate,
        }))
    })
    .await
}
