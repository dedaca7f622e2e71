//! `POST /api/v1/exchange/{partner}/{message}` and `…/check`: a message in, a receipt out.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use serde_json::Value;

use crate::clock;
use crate::error::{Error, Result, codes};
use crate::intake::{self, Answer, Inbound};
use crate::mapping::Outcome;
use crate::web::answer::{self, deed, finish, trace_id};
use crate::web::app::App;
use crate::web::error::envelope;
use crate::web::{auth, body};

use super::multipart;

/// Takes a message; answers after it is on the disk.
pub async fn post(req: HttpRequest, payload: web::Payload, app: web::Data<App>) -> HttpResponse {
    let taken = take(&req, payload, &app, false).await;
    finish(&req, taken)
}

/// Checks a message and stores nothing of it.
pub async fn check(req: HttpRequest, payload: web::Payload, app: web::Data<App>) -> HttpResponse {
    let taken = take(&req, payload, &app, true).await;
    finish(&req, taken)
}

async fn take(req: &HttpRequest, payload: web::Payload, app: &App, dry_run: bool) -> Result<HttpResponse> {
    let path = req.match_info();
    let (partner, name) = (path.query("partner").to_owned(), path.query("message").to_owned());
    let knocking = auth::knock(req, app).await?;
    app.intake.mapping(&partner, &name)?;
    knocking.must_be(&partner)?;
    let settings = &app.settings;
    let bytes = body::read(req, payload, settings.body_limit, settings.client_timeout).await?;
    let caller = knocking.verify(req, app, &bytes)?;
    if dry_run {
        auth::take(app, &caller).await?;
    }
    let sent = multipart::open(req, app.intake.mapping(&partner, &name)?, bytes).await?;
    let inbound = Inbound {
        partner: caller.partner.id,
        name,
        bytes: sent.bytes,
        content_type: sent.content_type,
        idempotency_key: idempotency_key(req)?,
        key_id: Some(caller.key),
        nonce: caller.nonce.filter(|_| !dry_run),
        file_name: sent.file_name,
        trace_id: trace_id(req),
        at: clock::now(),
    };
    let intake = app.intake.clone();
    let answer =
        deed(
            move || {
                if dry_run { intake::check(&intake, inbound) } else { intake::receive(&intake, inbound) }
            },
        )
        .await?;
    Ok(respond(req, answer))
}

/// 200 when all or nothing was to be taken, 207 when a part was refused, 422 when nothing was taken.
#[must_use]
pub fn status_of(outcome: Outcome) -> StatusCode {
    match outcome {
        Outcome::Accepted | Outcome::NotFound => StatusCode::OK,
        Outcome::Partial => StatusCode::MULTI_STATUS,
        Outcome::Refused => StatusCode::UNPROCESSABLE_ENTITY,
    }
}

fn respond(req: &HttpRequest, answer: Answer) -> HttpResponse {
    let status = status_of(answer.outcome);
    let mut receipt = answer.receipt;
    if answer.outcome == Outcome::Refused
        && let Value::Object(fields) = &mut receipt
    {
        let refused = Error::new(codes::transport::MESSAGE_REFUSED, "报文未被接收，问题逐条列在 problems。");
        let mut error = envelope(&refused, &trace_id(req));
        if let (Some(error), Some(problems)) = (error.as_object_mut(), fields.get("problems")) {
            error.insert("problems".to_owned(), problems.clone());
        }
        fields.insert("error".to_owned(), error);
    }
    answer::json(status, &receipt)
}

fn idempotency_key(req: &HttpRequest) -> Result<Option<String>> {
    let Some(value) = req.headers().get("Idempotency-Key") else { return Ok(None) };
    let text = value.to_str().unwrap_or_default().trim();
    let visible = text.chars().all(|c| c.is_ascii_graphic());
    if (1..=128).contains(&text.len()) && visible {
        return Ok(Some(text.to_owned()));
    }
    Err(Error::new(
        codes::transport::PARAMETER,
        "Idempotency-Key 应为 1 到 128 个可见的 ASCII 字符，不含空格。",
    ))
}
