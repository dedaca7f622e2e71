//! 对账: a day with every partner at a glance, one partner in detail, and the same as a file.

use actix_web::{HttpRequest, HttpResponse, web};
use chrono::NaiveDate;
use serde_json::{Value, json};

use super::files::Sent;
use super::records::query;
use super::shell::{self, Form, show};
use super::view;
use crate::clock;
use crate::error::{Error, Result, codes};
use crate::outbox::Outbox;
use crate::outbox::reconciliation::{Day, Line, Open, Reconciliation, Reported, Way, reconcile};
use crate::store::{Conn, PartnerId, list_partners};
use crate::text::date;
use crate::web::app::App;

/// `GET /exchange/reconciliation[?date=…&partner=…]`; today when no day is given.
pub async fn page(req: HttpRequest, app: web::Data<App>) -> HttpResponse {
    let (query, outbox) = (query(&req), app.outbox.clone());
    show(&req, &app, "exchange_reconciliation.html", move |conn, _| {
        let date = date_of(&query)?;
        let chosen = query.get("partner").filter(|it| !it.is_empty()).map(|it| PartnerId::from(it.as_str()));
        let mut rows = Vec::new();
        let partners = list_partners(conn)?;
        for it in partners.iter().filter(|it| chosen.as_ref().is_none_or(|of| *of == it.id)) {
            rows.push(counted(&outbox, conn, &it.id, date)?);
        }
        let one = rows.first().filter(|_| chosen.is_some()).map(detail);
        let rows: Vec<Value> = rows.iter().map(summary).collect();
        let partners: Vec<Value> =
            partners.iter().map(|it| json!({ "id": it.id, "title": it.title })).collect();
        Ok(json!({ "rows": rows, "one": one, "partners": partners, "given": query, "date": date,
            "before": date.pred_opt(), "after": date.succ_opt(), "tab": "reconciliation" }))
    })
    .await
}

/// `GET /exchange/reconciliation/export?date=…&partner=…[&format=xml]`: a workbook, or the XML the partner gets.
pub async fn export(req: HttpRequest, app: web::Data<App>) -> HttpResponse {
    let (query, outbox) = (query(&req), app.outbox.clone());
    shell::send(&req, &app, move |conn, _| {
        let (date, partner) = (date_of(&query)?, query.get("partner").cloned().unwrap_or_default());
        let day = counted(&outbox, conn, &PartnerId::from(partner), date)?;
        let (media_type, ending, bytes) = match query.get("format").map(String::as_str) {
            Some("xml") => ("application/xml; charset=utf-8", "xml", day.xml()?),
            _ => (
                "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
                "xlsx",
                day.workbook(view::time)?,
            ),
        };
        let name = format!("{}{date}对账.{ending}", day.title);
        Ok(Sent { media_type: media_type.to_owned(), name, inline: false, bytes })
    })
    .await
}

fn date_of(query: &Form) -> Result<NaiveDate> {
    match query.get("date").map(|it| it.trim()).filter(|it| !it.is_empty()) {
        None => Ok(clock::china_date(clock::now())),
        Some(text) => date::parse(text).ok_or_else(|| {
            let detail = format!("“{text}”不是有效日期，请写成 2026-03-01。");
            Error::new(codes::transport::PARAMETER, detail)
        }),
    }
}

fn counted(outbox: &Outbox, conn: &mut Conn, partner: &PartnerId, date: NaiveDate) -> Result<Reconciliation> {
    let day = Day::new(date, clock::day(date), clock::now());
    reconcile(outbox, conn, partner, &day, &Reported::default())
}

/// One partner in one row: both directions summed up.
fn summary(it: &Reconciliation) -> Value {
    let sum = |way: Way, of: fn(&Line) -> i64| -> i64 {
        it.lines.iter().filter(|line| line.way == way).map(of).sum()
    };
    let side = |way: Way| {
        json!({ "total": sum(way, |it| it.total), "accepted": sum(way, |it| it.accepted + it.partial),
            "refused": sum(way, |it| it.refused), "waiting": sum(way, |it| it.waiting) })
    };
    json!({ "id": it.partner, "title": it.title, "received": side(Way::Received), "pushed": side(Way::Pushed),
        "pulled": sum(Way::Pulled, |it| it.total), "discrepancies": it.discrepancies,
        "even": it.is_even() })
}

fn detail(it: &Reconciliation) -> Value {
    let line = |it: &Line| {
        json!({ "way": it.way.title(), "name": it.name, "title": it.title, "total": it.total,
            "accepted": it.accepted, "partial": it.partial, "refused": it.refused, "waiting": it.waiting,
            "records": it.records, "is_received": it.way == Way::Received, "is_pulled": it.way == Way::Pulled,
            "is_even": it.is_even() })
    };
    let open = |it: &Open| {
        let to = if it.way == Way::Received { "/exchange" } else { "/exchange/deliveries" };
        json!({ "way": it.way.title(), "name": it.name, "href": format!("{to}/{}", it.id), "id": it.id,
            "key": it.key, "state": it.state, "reason": it.reason, "at": view::time(it.at) })
    };
    json!({ "id": it.partner, "title": it.title, "even": it.is_even(), "discrepancies": it.discrepancies,
        "counted_at": view::time(it.counted_at), "is_over": it.is_over,
        "lines": it.lines.iter().map(line).collect::<Vec<_>>(), "open": it.open.iter().map(open).collect::<Vec<_>>(),
        "is_cut": it.open.len() >= crate::outbox::reconciliation::MOST_OPEN })
}
