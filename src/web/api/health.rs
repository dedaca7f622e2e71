//! `/healthz`, `/readyz`, `/metrics`: for the operator and the load balancer.

use actix_web::http::StatusCode;
use actix_web::http::header::CONTENT_TYPE;
use actix_web::{HttpResponse, web};
use serde_json::json;

use crate::web::answer;
use crate::web::app::App;

/// The process answers.
pub async fn live() -> HttpResponse {
    answer::json(StatusCode::OK, &json!({ "status": "ok", "version": env!("CARGO_PKG_VERSION") }))
}

/// The process can take requests.
pub async fn ready(_app: web::Data<App>) -> HttpResponse {
    answer::json(StatusCode::OK, &json!({ "status": "ok" }))
}

/// Counters for Prometheus.
pub async fn metrics(app: web::Data<App>) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8"))
        .body(app.metrics.text())
}
