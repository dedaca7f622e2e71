//! `GET /api/v1/exchange/{partner}/reconciliation`: what the hub counts of a day with the caller, as XML.

use actix_web::http::header::CONTENT_TYPE;
use actix_web::{HttpRequest, HttpResponse, web};

use super::records::{Query, query};
use crate::clock;
use crate::error::{Error, Result, codes};
use crate::outbox::reconciliation::{Day, Reported};
use crate::text::date;
use crate::web::answer::{deed, finish};
use crate::web::app::App;
use crate::web::auth;

/// `?date=2026-03-01[&sent.MESSAGE=N…][&taken.SUBSCRIPTION=N…]`: the caller may give its own figures.
pub async fn show(req: HttpRequest, app: web::Data<App>) -> HttpResponse {
    let shown = shown(&req, &app).await;
    finish(&req, shown)
}

async fn shown(req: &HttpRequest, app: &App) -> Result<HttpResponse> {
    let knocking = auth::knock(req, app).await?;
    knocking.must_be(req.match_info().query("partner"))?;
    let caller = knocking.verify(req, app, b"")?;
    auth::take(app, &caller).await?;
    let (day, reported) = asked(&query(req)?)?;
    let outbox = app.outbox.clone();
    let xml = deed(move || outbox.reconciliation(&caller.partner.id, &day, &reported)?.xml()).await?;
    Ok(HttpResponse::Ok().insert_header((CONTENT_TYPE, "application/xml; charset=utf-8")).body(xml))
}

fn asked(query: &Query) -> Result<(Day, Reported)> {
    let wrong = |detail: String| Error::new(codes::transport::PARAMETER, detail);
    let text = query.get("date").filter(|it| !it.is_empty());
    let text = text.ok_or_else(|| wrong("缺少参数 date：对哪一天的账，如 2026-03-01。".to_owned()))?;
    let day = date::parse(text)
        .ok_or_else(|| wrong(format!("date 的值“{text}”不是有效日期，请写成 2026-03-01。")))?;
    let mut reported = Reported::default();
    for (name, value) in query {
        let (figures, of) = match name.split_once('.') {
            Some(("sent", of)) => (&mut reported.sent, of),
            Some(("taken", of)) => (&mut reported.taken, of),
            _ => continue,
        };
        let n = value.parse().ok().filter(|n: &i64| *n >= 0);
        let n = n.ok_or_else(|| wrong(format!("{name} 的值“{value}”不对，应为份数。")))?;
        figures.insert(of.to_owned(), n);
    }
    let now = clock::now();
    Ok((Day::new(day, clock::day(day), now), reported))
}
