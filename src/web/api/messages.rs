//! `GET /api/v1/messages/{id}`: what became of a message, for its sender.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use serde_json::{Value, json};

use crate::error::{Error, Result, codes};
use crate::store::{MessageId, find_message};
use crate::web::answer::{self, deed, finish};
use crate::web::app::App;
use crate::web::auth;

/// State and receipt of one of the caller's own messages.
pub async fn show(req: HttpRequest, app: web::Data<App>) -> HttpResponse {
    let shown = load(&req, &app).await;
    finish(&req, shown)
}

async fn load(req: &HttpRequest, app: &App) -> Result<HttpResponse> {
    let caller = auth::admit(req, app).await?;
    let id = MessageId::from(req.match_info().query("id"));
    let store = app.intake.store.clone();
    let asked = id.clone();
    let found = deed(move || store.read(|conn| find_message(conn, &asked))).await?;
    // Another partner's message is answered like one that does not exist: ids tell nothing about others.
    let message = found.filter(|it| it.partner == caller.partner.id).ok_or_else(|| {
        Error::new(
            codes::transport::MESSAGE_NOT_FOUND,
            format!("没有编号为“{id}”的报文，或不是本单位发送的。"),
        )
    })?;
    let receipt: Value = message.receipt.read()?;
    Ok(answer::json(
        StatusCode::OK,
        &json!({
            "message_id": message.id,
            "partner": message.partner,
            "message": message.name,
            "state": message.state,
            "state_title": message.state.title(),
            "received_at": message.received_at,
            "settled_at": message.settled_at,
            "settled_note": message.settled_note,
            "receipt": receipt,
        }),
    ))
}
