//! 文号簿: every number of every series, and the gaps nobody explained.

use actix_web::{HttpRequest, HttpResponse, web};
use serde_json::{Value, json};

use super::records::query;
use super::shell::show;
use super::view;
use crate::store::{get_document, list_counters, list_gaps, list_register, list_series};
use crate::web::app::App;

/// `GET /registers[?series=…&year=…]`.
pub async fn page(req: HttpRequest, app: web::Data<App>) -> HttpResponse {
    let query = query(&req);
    show(&req, &app, "registers.html", move |conn, _| {
        let counters = list_counters(conn)?;
        let asked = query.get("series").cloned().zip(query.get("year").and_then(|it| it.parse::<i32>().ok()));
        let first = counters.first().map(|(series, year, _)| (series.clone(), *year));
        let (mut rows, mut gaps) = (Vec::new(), Vec::new());
        let chosen = asked.or(first);
        if let Some((series, year)) = &chosen {
            for it in list_register(conn, series, *year)? {
                let document = it.document_id.as_ref().map(|id| get_document(conn, id)).transpose()?;
                rows.push(json!({ "number": it.number, "n": it.n, "state": view::number_state(it.state), "reason": it.reason,
                    "by": it.taken_by, "at": view::time(it.taken_at.utc()), "manual": it.manual,
                    "document": document.map(|it| json!({ "id": it.id, "title": it.title })) }));
            }
            gaps = list_gaps(conn, series, *year)?;
        }
        let series: Vec<Value> = list_series(conn)?
            .iter()
            .map(|it| {
                let years: Vec<Value> = counters
                    .iter()
                    .filter(|(id, ..)| *id == it.id)
                    .map(|(_, year, last)| json!({ "year": year, "last": last }))
                    .collect();
                json!({ "id": it.id, "title": it.title, "pattern": it.pattern.replace("{year}", "年").replace("{n}", "×"), "years": years })
            })
            .collect();
        Ok(json!({ "series": series, "rows": rows, "gaps": gaps,
            "chosen": chosen.map(|(series, year)| json!({ "series": series, "year": year })) }))
    })
    .await
}
