//! 文号簿: every number of every series with what it is used for; numbers set aside; the gaps nobody explained.

use actix_web::{HttpRequest, HttpResponse, web};
use chrono::Datelike;
use serde_json::{Value, json};

use super::records::query;
use super::shell::{self, Done, Form, show};
use super::view;
use crate::clock::{self, china_date};
use crate::error::Result;
use crate::issue;
use crate::store::{
    Conn, NumberState, RegisteredNumber, Role, get_document, list_counters, list_gaps, list_register,
    list_series,
};
use crate::web::app::App;

/// `GET /registers[?series=…&year=…]`.
pub async fn page(req: HttpRequest, app: web::Data<App>) -> HttpResponse {
    let query = query(&req);
    show(&req, &app, "registers.html", move |conn, person| {
        let counters = list_counters(conn)?;
        let asked = query.get("series").cloned().zip(query.get("year").and_then(|it| it.parse::<i32>().ok()));
        let first = counters.first().map(|(series, year, _)| (series.clone(), *year));
        let (mut rows, mut gaps, mut counts) = (Vec::new(), Vec::new(), Vec::new());
        let chosen = asked.or(first);
        if let Some((series, year)) = &chosen {
            let register = list_register(conn, series, *year)?;
            for it in &register {
                rows.push(row(conn, it)?);
            }
            counts = count(&register);
            gaps = list_gaps(conn, series, *year)?;
        }
        let all = list_series(conn)?;
        let title = chosen.as_ref().and_then(|(id, _)| all.iter().find(|it| it.id == *id)).map(|it| it.title.clone());
        let series: Vec<Value> = all
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
        Ok(json!({ "series": series, "rows": rows, "gaps": gaps, "counts": counts,
            "is_registrar": person.is_one_of(&[Role::Registrar]), "this_year": china_date(clock::now()).year(),
            "chosen": chosen.map(|(series, year)| json!({ "series": series, "year": year, "title": title })) }))
    })
    .await
}

fn row(conn: &mut Conn, it: &RegisteredNumber) -> Result<Value> {
    let document = it.document_id.as_ref().map(|id| get_document(conn, id)).transpose()?;
    Ok(json!({ "number": it.number, "n": it.n, "state": view::number_state(it.state), "reason": it.reason,
        "by": it.taken_by, "at": view::time(it.taken_at.utc()), "manual": it.manual,
        "reserved": it.state == NumberState::Reserved,
        "document": document.map(|it| json!({ "id": it.id, "title": it.title, "date": it.signed_on })) }))
}

fn count(register: &[RegisteredNumber]) -> Vec<Value> {
    NumberState::ALL
        .iter()
        .map(|state| {
            let n = register.iter().filter(|it| it.state == *state).count();
            json!({ "state": view::number_state(*state), "count": n })
        })
        .collect()
}

fn text<'a>(form: &'a Form, name: &str) -> &'a str {
    form.get(name).map(|it| it.trim()).unwrap_or_default()
}

/// `POST /registers`: sets the next number aside.
pub async fn reserve(req: HttpRequest, app: web::Data<App>, form: web::Form<Form>) -> HttpResponse {
    shell::act(&req, &app, form.into_inner(), move |conn, person, form| {
        person.must_be(&[Role::Registrar], "预留文号")?;
        let year = text(form, "year").parse().unwrap_or_else(|_| china_date(clock::now()).year());
        let (series, reason) = (text(form, "series"), text(form, "reason"));
        issue::reserve(conn, series, year, reason, &person.actor(), clock::now())?;
        Ok(Done { to: here(series, year), say: "reserved" })
    })
    .await
}

/// `POST /registers/skip`: gives a reserved number up; it stays as an explained gap.
pub async fn skip(req: HttpRequest, app: web::Data<App>, form: web::Form<Form>) -> HttpResponse {
    shell::act(&req, &app, form.into_inner(), move |conn, person, form| {
        person.must_be(&[Role::Registrar], "注销预留号")?;
        let n = |name: &str| text(form, name).parse::<i32>().unwrap_or_default();
        let series = text(form, "series");
        issue::give_up_reserved(
            conn,
            (series, n("year"), n("n")),
            text(form, "reason"),
            &person.actor(),
            clock::now(),
        )?;
        Ok(Done { to: here(series, n("year")), say: "skipped" })
    })
    .await
}

fn here(series: &str, year: i32) -> String {
    let query = Form::from([("series".to_owned(), series.to_owned()), ("year".to_owned(), year.to_string())]);
    view::base("/registers", &query).trim_end_matches('&').to_owned()
}
