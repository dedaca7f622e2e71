//! `GET /api/v1/changes`: a partner pulls what it subscribed to; `GET /api/v1/deliveries`: what was pushed to it.

use actix_web::http::StatusCode;
use actix_web::http::header::CONTENT_TYPE;
use actix_web::{HttpRequest, HttpResponse, web};
use serde_json::json;

use super::records::{Query, query};
use crate::clock;
use crate::error::{Error, Result, codes};
use crate::outbox::{Asked, By, fed, send_again};
use crate::store::{
    DeliveryFilter, DeliveryId, DeliveryState, Page, get_delivery, is_unnumbered, list_deliveries,
    number_changes,
};
use crate::web::answer::{self, deed, finish, trace_id};
use crate::web::app::App;
use crate::web::auth;

/// Changes looked at by one request, when it does not say.
const USUAL: i64 = 100;
/// And at most.
const MOST: i64 = 1_000;

/// `?subscription=ID[&since=CURSOR][&limit=N]` or `?subscription=ID&key=VALUE`.
pub async fn pull(req: HttpRequest, app: web::Data<App>) -> HttpResponse {
    let pulled = pulled(&req, &app).await;
    finish(&req, pulled)
}

async fn pulled(req: &HttpRequest, app: &App) -> Result<HttpResponse> {
    let caller = auth::admit(req, app).await?;
    let asked = asked(&query(req)?)?;
    let outbox = app.outbox.clone();
    let fed = deed(move || {
        // A partner that asks right after a commit sees it: it does not have to wait for the next numberer.
        if outbox.store.read(is_unnumbered)? {
            outbox.store.write(|conn| number_changes(conn, MOST))?;
        }
        outbox.store.read(|conn| fed(&outbox, conn, &caller.partner.id, &asked, clock::now()))
    })
    .await?;
    let status = if fed.body.is_empty() { StatusCode::NO_CONTENT } else { StatusCode::OK };
    let mut answer = HttpResponse::build(status);
    answer.insert_header((CONTENT_TYPE, fed.media_type));
    if let Some(next) = fed.next {
        answer.insert_header(("X-Hub-Next-Cursor", next.to_string()));
        answer.insert_header(("X-Hub-More", fed.more.to_string()));
    }
    Ok(answer.body(fed.body))
}

fn asked(query: &Query) -> Result<Asked> {
    let text = |name: &str| query.get(name).filter(|it| !it.is_empty()).cloned();
    let wrong = |detail: String| Error::new(codes::transport::PARAMETER, detail);
    let subscription = text("subscription")
        .ok_or_else(|| wrong("缺少参数 subscription：订阅编号，由中枢管理员告知。".to_owned()))?;
    let since = match text("since") {
        None => None,
        Some(it) => Some(
            it.parse()
                .ok()
                .filter(|n: &i64| *n >= 0)
                .ok_or_else(|| wrong(format!("since 的值“{it}”不对，应为上次答复里的 next。")))?,
        ),
    };
    let limit = match text("limit") {
        None => USUAL,
        Some(it) => it
            .parse()
            .ok()
            .filter(|n| (1..=MOST).contains(n))
            .ok_or_else(|| wrong(format!("limit 的值“{it}”不对，应为 1 到 {MOST} 之间的整数。")))?,
    };
    Ok(Asked { subscription: subscription.into(), since, limit, key: text("key") })
}

/// `?state=…&subscription=…&page=…`: the caller's own deliveries, newest first.
pub async fn list(req: HttpRequest, app: web::Data<App>) -> HttpResponse {
    let listed = listed(&req, &app).await;
    finish(&req, listed)
}

async fn listed(req: &HttpRequest, app: &App) -> Result<HttpResponse> {
    let caller = auth::admit(req, app).await?;
    let query = query(req)?;
    let wrong =
        |name: &str, it: &str| Error::new(codes::transport::PARAMETER, format!("{name} 的值“{it}”不对。"));
    let state = match query.get("state").filter(|it| !it.is_empty()) {
        None => None,
        Some(it) => Some(DeliveryState::parse(it).ok_or_else(|| wrong("state", it))?),
    };
    let number = match query.get("page").filter(|it| !it.is_empty()) {
        None => 1,
        Some(it) => it.parse().ok().filter(|n| *n >= 1).ok_or_else(|| wrong("page", it))?,
    };
    let filter = DeliveryFilter {
        partner: Some(caller.partner.id.clone()),
        subscription: query.get("subscription").filter(|it| !it.is_empty()).map(|it| it.as_str().into()),
        state,
        ..DeliveryFilter::default()
    };
    let store = app.intake.store.clone();
    let page = Page { number, size: 100 };
    let found = deed(move || store.read(|conn| list_deliveries(conn, &filter, page))).await?;
    Ok(answer::json(StatusCode::OK, &json!({ "deliveries": found.rows, "total": found.total })))
}

/// `/{id}`: one delivery with its tries.
pub async fn show(req: HttpRequest, app: web::Data<App>) -> HttpResponse {
    let shown = shown(&req, &app, false).await;
    finish(&req, shown)
}

/// `/{id}/replay`: sends one again under its old id.
pub async fn replay(req: HttpRequest, app: web::Data<App>) -> HttpResponse {
    let shown = shown(&req, &app, true).await;
    finish(&req, shown)
}

async fn shown(req: &HttpRequest, app: &App, again: bool) -> Result<HttpResponse> {
    let caller = auth::admit(req, app).await?;
    let (store, trace) = (app.intake.store.clone(), trace_id(req));
    let id = DeliveryId::from(req.match_info().query("id"));
    let shown = deed(move || {
        let (found, tries) = store.read(|conn| get_delivery(conn, &id))?;
        if found.partner != caller.partner.id {
            // As if it did not exist: ids tell nothing about other partners.
            return Err(Error::new(codes::record::NOT_FOUND, format!("没有编号为“{id}”的投递记录。")));
        }
        if again {
            let by = By { actor: caller.partner.id.as_str(), trace_id: Some(&trace), now: clock::now() };
            store.write(|conn| send_again(conn, &id, by))?;
        }
        Ok(json!({ "delivery": found, "tries": tries }))
    })
    .await?;
    Ok(answer::json(if again { StatusCode::ACCEPTED } else { StatusCode::OK }, &shown))
}
