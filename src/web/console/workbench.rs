//! 工作台: what waits for whom, each number a link to the list behind it.

use actix_web::{HttpRequest, HttpResponse, web};
use chrono::TimeDelta;
use serde_json::{Value, json};

use super::documents::my_states;
use super::person::Person;
use super::shell::{CLERKS, show};
use super::view;
use crate::clock;
use crate::error::Result;
use crate::store::{
    Conn, DiscrepancyFilter, DiscrepancyState, DocumentFilter, DocumentState, MessageFilter, MessageState,
    Page, Role, count_documents, count_records, list_discrepancies, list_documents, list_messages,
};
use crate::web::app::App;

/// `GET /`.
pub async fn page(req: HttpRequest, app: web::Data<App>) -> HttpResponse {
    let state = app.clone();
    show(&req, &app, "workbench.html", move |conn, person| {
        let board = super::tasks::counts(conn, &state.tracking)?;
        Ok(json!({
            "documents": documents(conn)?,
            "waiting": waiting(conn, person)?,
            "drafts": drafts(conn, person.login())?,
            "exchange": exchange(conn)?,
            "queue": super::subscriptions::queue(conn)?,
            "records": records(conn, &state)?,
            "tasks": board,
            "is_clerk": person.is_one_of(CLERKS),
            "is_steward": person.is_one_of(&[Role::Steward]),
        }))
    })
    .await
}

fn documents(conn: &mut Conn) -> Result<Value> {
    let counts = count_documents(conn)?;
    let of = |state: DocumentState| counts.iter().find(|(it, _)| *it == state).map_or(0, |(_, n)| *n);
    Ok(
        json!({ "draft": of(DocumentState::Draft), "issued": of(DocumentState::Issued), "void": of(DocumentState::Void) }),
    )
}

/// How many documents wait for a step of this person.
fn waiting(conn: &mut Conn, person: &Person) -> Result<i64> {
    let filter = DocumentFilter {
        division: person.scope(),
        waits_for: Some((my_states(person), person.login().to_owned())),
        ..DocumentFilter::default()
    };
    Ok(list_documents(conn, &filter, Page::first(1))?.total)
}

fn drafts(conn: &mut Conn, login: &str) -> Result<Value> {
    let filter = DocumentFilter {
        state: Some(DocumentState::Draft),
        created_by: Some(login.to_owned()),
        ..DocumentFilter::default()
    };
    let rows = list_documents(conn, &filter, Page::first(6))?.rows;
    Ok(rows
        .iter()
        .map(|it| json!({ "id": it.id, "title": it.title, "at": view::time(it.updated_at.utc()) }))
        .collect())
}

fn exchange(conn: &mut Conn) -> Result<Value> {
    let since = clock::now() - TimeDelta::days(1);
    let day = MessageFilter { since: Some(since), ..MessageFilter::default() };
    let waiting = MessageFilter { state: Some(MessageState::Quarantined), ..MessageFilter::default() };
    let open = DiscrepancyFilter { state: Some(DiscrepancyState::Open), ..DiscrepancyFilter::default() };
    Ok(json!({
        "today": list_messages(conn, &day, Page::first(1))?.total,
        "quarantined": list_messages(conn, &waiting, Page::first(1))?.total,
        "discrepancies": list_discrepancies(conn, &open, Page::first(1))?.total,
    }))
}

fn records(conn: &mut Conn, app: &App) -> Result<Value> {
    let counts = count_records(conn)?;
    Ok(app
        .intake
        .schema
        .kinds()
        .filter_map(|kind| {
            let (_, n) = counts.iter().find(|(name, _)| *name == kind.name)?;
            Some(json!({ "kind": kind.name, "title": kind.title, "count": n }))
        })
        .collect())
}
