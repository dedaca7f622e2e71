//! `/api/v1/codes`: the reference of all error codes.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use serde_json::json;

use crate::error::all_codes;
use crate::web::answer;
use crate::web::error::status;

/// Every code with its meaning, cause, cure and status.
pub async fn list() -> HttpResponse {
    let rows: Vec<_> = all_codes()
        .into_iter()
        .map(|code| {
            let info = code.info();
            json!({
                "code": code, "name": info.name, "title": info.title, "cause": info.cause, "cure": info.cure,
                "retry": info.retry, "status": status(code).as_u16(),
            })
        })
        .collect();
    answer::json(StatusCode::OK, &json!({ "codes": rows }))
}
