//! From a code to a status, and the one envelope every error of the API is sent in.
//!
//! Errors below know no HTTP; the table here is the only place that gives them a status. What nobody outside can mend is
//! answered with fixed words and a trace id, and its cause goes to the log.

use actix_web::http::StatusCode;
use serde_json::{Value, json};

use crate::error::{Code, Error, codes};

/// Codes with a status of their own; all others go by their range.
const SPECIAL: &[(Code, StatusCode)] = &[
    (codes::transport::UNKNOWN_PARTNER, StatusCode::NOT_FOUND),
    (codes::transport::UNKNOWN_MESSAGE, StatusCode::NOT_FOUND),
    (codes::transport::MESSAGE_NOT_FOUND, StatusCode::NOT_FOUND),
    (codes::transport::PATH_UNKNOWN, StatusCode::NOT_FOUND),
    (codes::transport::METHOD_NOT_ALLOWED, StatusCode::METHOD_NOT_ALLOWED),
    (codes::transport::SIGNATURE_MISSING, StatusCode::UNAUTHORIZED),
    (codes::transport::SIGNATURE_MALFORMED, StatusCode::UNAUTHORIZED),
    (codes::transport::SIGNATURE_WRONG, StatusCode::UNAUTHORIZED),
    (codes::transport::KEY_UNKNOWN, StatusCode::UNAUTHORIZED),
    (codes::transport::KEY_REVOKED, StatusCode::UNAUTHORIZED),
    (codes::transport::KEY_EXPIRED, StatusCode::UNAUTHORIZED),
    (codes::transport::CLOCK_SKEW, StatusCode::UNAUTHORIZED),
    (codes::transport::NONCE_REPLAYED, StatusCode::UNAUTHORIZED),
    (codes::transport::SCHEME_MISMATCH, StatusCode::UNAUTHORIZED),
    (codes::transport::CERTIFICATE_UNKNOWN, StatusCode::UNAUTHORIZED),
    (codes::transport::CERTIFICATE_MISSING, StatusCode::UNAUTHORIZED),
    (codes::transport::KEY_OF_OTHER, StatusCode::FORBIDDEN),
    (codes::transport::PARTNER_DISABLED, StatusCode::FORBIDDEN),
    (codes::transport::ADDRESS_NOT_ALLOWED, StatusCode::FORBIDDEN),
    (codes::transport::TRIAL_TOO_OFTEN, StatusCode::TOO_MANY_REQUESTS),
    (codes::transport::QUOTA_USED_UP, StatusCode::TOO_MANY_REQUESTS),
    (codes::transport::BODY_TOO_LARGE, StatusCode::PAYLOAD_TOO_LARGE),
    (codes::transport::CONTENT_TYPE, StatusCode::UNSUPPORTED_MEDIA_TYPE),
    (codes::record::NOT_FOUND, StatusCode::NOT_FOUND),
    (codes::record::SUBSCRIPTION_WRONG, StatusCode::UNPROCESSABLE_ENTITY),
    (codes::record::URL_NOT_ALLOWED, StatusCode::UNPROCESSABLE_ENTITY),
    (codes::record::SUBSCRIPTION_STOPPED, StatusCode::FORBIDDEN),
    (codes::transport::MESSAGE_REFUSED, StatusCode::UNPROCESSABLE_ENTITY),
    (codes::document::FORM_FIELD, StatusCode::UNPROCESSABLE_ENTITY),
    (codes::document::OPINION, StatusCode::UNPROCESSABLE_ENTITY),
    (codes::document::VOID_REASON, StatusCode::UNPROCESSABLE_ENTITY),
    (codes::document::RECEIPT, StatusCode::UNPROCESSABLE_ENTITY),
    (codes::document::BATCH_SHEET, StatusCode::UNPROCESSABLE_ENTITY),
    (codes::document::BATCH, StatusCode::UNPROCESSABLE_ENTITY),
    (codes::document::UPLOAD, StatusCode::UNPROCESSABLE_ENTITY),
    (codes::document::TOO_MANY_CHECKS, StatusCode::TOO_MANY_REQUESTS),
    (codes::task::UNKNOWN_TASK, StatusCode::NOT_FOUND),
    (codes::task::UNKNOWN_PLAN, StatusCode::NOT_FOUND),
    (codes::task::NOT_CONCERNED, StatusCode::FORBIDDEN),
    (codes::task::NOT_OFFICE, StatusCode::FORBIDDEN),
    (codes::task::REASON_MISSING, StatusCode::UNPROCESSABLE_ENTITY),
    (codes::task::PERCENT_RANGE, StatusCode::UNPROCESSABLE_ENTITY),
    (codes::task::REPORT_EMPTY, StatusCode::UNPROCESSABLE_ENTITY),
    (codes::task::EVIDENCE_MISSING, StatusCode::UNPROCESSABLE_ENTITY),
    (codes::task::PERIOD_CLOSED, StatusCode::UNPROCESSABLE_ENTITY),
    (codes::task::DUE_NOT_LATER, StatusCode::UNPROCESSABLE_ENTITY),
    (codes::task::DUE_UNREADABLE, StatusCode::UNPROCESSABLE_ENTITY),
    (codes::task::UNKNOWN_DEED, StatusCode::UNPROCESSABLE_ENTITY),
    (codes::task::TABLE_HEADER, StatusCode::UNPROCESSABLE_ENTITY),
    (codes::task::TABLE_UNREADABLE, StatusCode::UNPROCESSABLE_ENTITY),
    (codes::task::TABLE_REFUSED, StatusCode::UNPROCESSABLE_ENTITY),
    (codes::machine::DATABASE, StatusCode::SERVICE_UNAVAILABLE),
    (codes::machine::BUSY, StatusCode::SERVICE_UNAVAILABLE),
    (codes::machine::LOST_RACE, StatusCode::SERVICE_UNAVAILABLE),
    (codes::machine::NO_DATABASE, StatusCode::SERVICE_UNAVAILABLE),
    (codes::machine::SCHEMA_BEHIND, StatusCode::SERVICE_UNAVAILABLE),
    (codes::machine::SHUTTING_DOWN, StatusCode::SERVICE_UNAVAILABLE),
];

/// The status a code is answered with.
#[must_use]
pub fn status(code: Code) -> StatusCode {
    if let Some((_, status)) = SPECIAL.iter().find(|(special, _)| *special == code) {
        return *status;
    }
    match code.number() / 1000 {
        1 => StatusCode::BAD_REQUEST,
        2..=4 => StatusCode::UNPROCESSABLE_ENTITY,
        5..=7 => StatusCode::CONFLICT,
        8 => StatusCode::FORBIDDEN,
        _ => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

/// `{"code", "name", "title", "detail", "problems", "trace_id"}`, what stands under `error`.
#[must_use]
pub fn envelope(error: &Error, trace_id: &str) -> Value {
    let info = error.code.info();
    let detail = if status(error.code).is_server_error() && error.code.number() >= 9000 {
        format!("{}，{}。报障编号 {trace_id}", info.title, info.cure)
    } else {
        error.detail.clone()
    };
    json!({
        "code": error.code,
        "name": info.name,
        "title": info.title,
        "detail": detail,
        "problems": error.problems,
        "trace_id": trace_id,
    })
}

#[cfg(test)]
mod tests {
    use super::{envelope, status};
    use crate::error::{Error, all_codes};

    #[test]
    fn every_code_has_an_error_status() {
        for code in all_codes() {
            let status = status(code);
            assert!(status.is_client_error() || status.is_server_error(), "{code} → {status}");
        }
    }

    #[test]
    fn what_is_internal_stays_inside() {
        let error = Error::internal("secret table name");
        let told = envelope(&error, "abc").to_string();
        assert!(told.contains("报障编号 abc") && !told.contains("secret"), "{told}");
    }
}
