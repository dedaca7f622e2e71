//! One box for everything: 文号, titles, projects, parties, 信用代码, parcel numbers, message numbers, tasks.

use actix_web::{HttpRequest, HttpResponse, web};
use serde_json::{Value, json};

use super::records::query;
use super::shell::{Form, show};
use super::view;
use crate::clock;
use crate::error::Result;
use crate::store::{
    Conn, DocumentFilter, MessageFilter, Page, RecordFilter, list_documents, list_messages, list_plans,
    list_records,
};
use crate::text::width;
use crate::tracking::board::{Filter, board};
use crate::web::app::App;

/// How many of each group the page shows; the link below leads to the whole list.
const SHOWN: u32 = 8;

/// `GET /search?q=…`.
pub async fn page(req: HttpRequest, app: web::Data<App>) -> HttpResponse {
    let (query, state) = (query(&req), app.clone());
    show(&req, &app, "search.html", move |conn, _| {
        let asked = query.get("q").map(|it| it.trim().to_owned()).unwrap_or_default();
        if asked.is_empty() {
            return Ok(json!({ "q": "", "groups": [], "total": 0 }));
        }
        let plain = width::half_width(&asked).into_owned();
        let mut groups = vec![documents(conn, &asked)?];
        groups.extend(records(conn, &state, &plain)?);
        groups.extend(tasks(conn, &state, &plain)?);
        groups.push(messages(conn, &state, &plain)?);
        groups.retain(|it| it.get("total").and_then(Value::as_i64).unwrap_or(0) > 0);
        let total: i64 = groups.iter().filter_map(|it| it.get("total").and_then(Value::as_i64)).sum();
        Ok(json!({ "q": asked, "asked": asked, "groups": groups, "total": total }))
    })
    .await
}

/// The brackets of a 文号 are 〔〕 (GB/T 9704-2012 §7.2.5); people type whatever the keyboard gives.
fn number_brackets(text: &str) -> String {
    let opened = text.replace(['[', '(', '【', '（', '［'], "〔");
    opened.replace([']', ')', '】', '）', '］'], "〕")
}

fn address(path: &str, pairs: &[(&str, &str)]) -> String {
    let given: Form = pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    view::base(path, &given).trim_end_matches('&').to_owned()
}

fn documents(conn: &mut Conn, asked: &str) -> Result<Value> {
    let mut tried = vec![asked.to_owned(), number_brackets(asked)];
    tried.dedup();
    for text in tried {
        let filter = DocumentFilter { text: Some(text.clone()), ..DocumentFilter::default() };
        let found = list_documents(conn, &filter, Page::first(SHOWN))?;
        if found.total > 0 {
            let rows: Vec<Value> = found
                .rows
                .iter()
                .map(|it| json!({ "href": format!("/documents/{}", it.id), "title": it.title, "fact": it.number }))
                .collect();
            return Ok(
                json!({ "title": "文书", "rows": rows, "total": found.total, "all": address("/documents", &[("q", &text)]) }),
            );
        }
    }
    Ok(json!({ "total": 0 }))
}

/// Records of every kind that hold all the words, grouped by kind in the order of the model.
fn records(conn: &mut Conn, app: &App, text: &str) -> Result<Vec<Value>> {
    let mut groups = Vec::new();
    for kind in app.intake.schema.kinds() {
        let filter = RecordFilter {
            kind: Some(kind.name.clone()),
            text: Some(text.to_owned()),
            ..RecordFilter::default()
        };
        let found = list_records(conn, &filter, Page::first(SHOWN))?;
        let mut rows = Vec::new();
        for it in &found.rows {
            rows.push(json!({ "href": format!("/records/{}/{}", kind.name, it.id), "title": it.title,
                "fact": super::records::facts(kind, &it.fields()?) }));
        }
        groups.push(json!({ "title": kind.title, "rows": rows, "total": found.total,
            "all": address(&format!("/records/{}", kind.name), &[("q", text)]) }));
    }
    Ok(groups)
}

fn tasks(conn: &mut Conn, app: &App, text: &str) -> Result<Vec<Value>> {
    let mut groups = Vec::new();
    for plan in list_plans(conn)? {
        let filter = Filter { q: Some(text.to_owned()), ..Filter::default() };
        let board = board(conn, &app.tracking.desk(clock::now()), plan.id.as_str(), &filter)?;
        let shown = usize::try_from(SHOWN).unwrap_or(usize::MAX);
        let rows: Vec<Value> = board
            .lines
            .iter()
            .take(shown)
            .map(|it| json!({ "href": format!("/tasks/{}/{}", board.plan, it.no), "title": it.title, "fact": it.lead.name }))
            .collect();
        groups.push(
            json!({ "title": format!("任务　{}", board.title), "rows": rows, "total": board.lines.len(),
            "all": address("/tasks", &[("plan", &board.plan), ("q", text)]) }),
        );
    }
    Ok(groups)
}

/// Messages by their own number or by the whole business key of a record they touched.
fn messages(conn: &mut Conn, app: &App, text: &str) -> Result<Value> {
    let filter = MessageFilter { key: Some(text.to_owned()), ..MessageFilter::default() };
    let found = list_messages(conn, &filter, Page::first(SHOWN))?;
    let rows: Vec<Value> = found
        .rows
        .iter()
        .map(|it| {
            json!({ "href": format!("/exchange/{}", it.id), "title": super::messages::title(app, it.partner.as_str(), &it.name),
                "fact": view::time(it.received_at.utc()) })
        })
        .collect();
    Ok(
        json!({ "title": "报文", "rows": rows, "total": found.total, "all": address("/exchange", &[("q", text)]) }),
    )
}
