//! What every request passes through: trace id, security headers, metrics, one log line.
//!
//! The log line names the route pattern, never the query or the body: both may hold personal data.

use std::time::Instant;

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{
    CACHE_CONTROL, HeaderMap, HeaderName, HeaderValue, REFERRER_POLICY, STRICT_TRANSPORT_SECURITY,
    X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage, web};

use super::answer::TraceId;
use super::app::App;
use crate::clock;

const POLICY: HeaderName = HeaderName::from_static("content-security-policy");
const TRACE: HeaderName = HeaderName::from_static("x-trace-id");

/// Wraps a request.
///
/// # Errors
/// None of its own.
pub async fn frame(
    req: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let started = Instant::now();
    let trace = clock::fresh_id();
    req.extensions_mut().insert(TraceId(trace.clone()));
    let app = req.app_data::<web::Data<App>>().cloned();
    let method = req.method().clone();
    let mut response = next.call(req).await?;
    let pattern = response.request().match_pattern().unwrap_or_else(|| "-".to_owned());
    let status = response.status().as_u16();
    let took = started.elapsed();
    if let Ok(value) = HeaderValue::from_str(&trace) {
        response.headers_mut().insert(TRACE, value);
    }
    if let Some(app) = app {
        protect(response.headers_mut(), app.settings.https_only);
        app.metrics.note(method.as_str(), &pattern, status, took);
    }
    let ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
    tracing::info!(trace_id = %trace, http.method = %method, http.route = %pattern, http.status = status, took_ms = ms, "request");
    Ok(response)
}

/// Nothing from outside, no framing by others, no guessing of types; a handler that set a header keeps it.
fn protect(headers: &mut HeaderMap, https_only: bool) {
    let mut put = |name: HeaderName, value: &'static str| {
        if !headers.contains_key(&name) {
            headers.insert(name, HeaderValue::from_static(value));
        }
    };
    put(
        POLICY,
        "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'self'; \
         frame-ancestors 'self'",
    );
    put(X_CONTENT_TYPE_OPTIONS, "nosniff");
    put(X_FRAME_OPTIONS, "SAMEORIGIN");
    put(REFERRER_POLICY, "same-origin");
    put(CACHE_CONTROL, "no-store");
    if https_only {
        put(STRICT_TRANSPORT_SECURITY, "max-age=31536000");
    }
}
