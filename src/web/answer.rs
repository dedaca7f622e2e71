//! Answers: JSON with its status, and errors in their envelope.

use actix_web::http::StatusCode;
use actix_web::http::header::{ALLOW, CONTENT_TYPE, RETRY_AFTER};
use actix_web::{HttpMessage, HttpRequest, HttpResponse, web};
use serde::Serialize;

use super::error::{envelope, status};
use crate::error::{Error, Result};

/// The trace id of a request, put there by `frame`.
#[derive(Debug, Clone)]
pub struct TraceId(pub String);

/// The trace id of this request.
#[must_use]
pub fn trace_id(req: &HttpRequest) -> String {
    req.extensions().get::<TraceId>().map(|it| it.0.clone()).unwrap_or_default()
}

/// A JSON answer.
#[must_use]
pub fn json(status: StatusCode, value: &impl Serialize) -> HttpResponse {
    match serde_json::to_vec(value) {
        Ok(bytes) => HttpResponse::build(status)
            .insert_header((CONTENT_TYPE, "application/json; charset=utf-8"))
            .body(bytes),
        // None of our answers has a map with keys that are no text; should one ever, say so and nothing else.
        Err(cause) => {
            tracing::error!(%cause, "answer is no JSON");
            HttpResponse::InternalServerError().finish()
        }
    }
}

/// An error in its envelope; what is our fault is logged here, once.
#[must_use]
pub fn failure(req: &HttpRequest, error: &Error) -> HttpResponse {
    let trace = trace_id(req);
    let status = status(error.code);
    if status.is_server_error() {
        let cause = error.cause.as_deref().unwrap_or("");
        tracing::error!(trace_id = %trace, code = %error.code, detail = %error.detail, cause, "request failed");
    }
    let mut response = json(status, &serde_json::json!({ "error": envelope(error, &trace) }));
    let usual = (error.code.info().retry && status == StatusCode::SERVICE_UNAVAILABLE).then_some(5);
    if let Some(seconds) = error.retry_after.or(usual) {
        response.headers_mut().insert(RETRY_AFTER, seconds.into());
    }
    response
}

/// The answer of a handler, whichever way it went.
#[must_use]
pub fn finish(req: &HttpRequest, result: Result<HttpResponse>) -> HttpResponse {
    result.unwrap_or_else(|error| failure(req, &error))
}

/// 405 with the methods there are.
#[must_use]
pub fn not_allowed(req: &HttpRequest, methods: &str) -> HttpResponse {
    let error = Error::new(
        crate::error::codes::transport::METHOD_NOT_ALLOWED,
        format!("{} 不接受 {} 方法，可用：{methods}。", req.path(), req.method()),
    );
    let mut response = failure(req, &error);
    if let Ok(value) = methods.parse() {
        response.headers_mut().insert(ALLOW, value);
    }
    response
}

/// Runs a deed on the pool of threads that may wait for the disk.
///
/// # Errors
/// What the deed says; `internal` when it panicked.
pub async fn deed<T: Send + 'static>(f: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    web::block(f).await.map_err(Error::internal)?
}
