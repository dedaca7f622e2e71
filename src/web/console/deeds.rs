//! What a person may do to a document now, and doing it: one address for every deed of the table in `issue::life`.

use actix_web::{HttpRequest, HttpResponse, web};
use serde_json::{Value, json};

use super::documents::id_of;
use super::person::Person;
use super::shell::{self, Done, Form};
use crate::clock::{self, china_date};
use crate::error::{Error, Result, codes};
use crate::issue::{self, Deed, Order, Wish, life};
use crate::store::{Conn, Document, DocumentEvent, Role, list_reserved};
use crate::text::date;
use crate::web::app::App;

/// The deeds a page offers a person, the next step first, each with what its form asks.
pub fn offered(
    conn: &mut Conn,
    app: &App,
    document: &Document,
    events: &[DocumentEvent],
    person: &Person,
) -> Result<Vec<Value>> {
    let open = life::open_deeds(&issue::standing(document, events), &person.actor());
    let mut forms = Vec::new();
    for row in open {
        let next = match row.deed {
            Deed::Submit | Deed::Pass | Deed::Sign | Deed::Number | Deed::Seal | Deed::Transfer => {
                issue::people_for(conn, row.to, document.division.as_deref())?
            }
            _ => Vec::new(),
        };
        let people: Vec<Value> =
            next.into_iter().map(|(login, name)| json!({ "login": login, "name": name })).collect();
        let number =
            if row.deed == Deed::Number { number_form(conn, app, document, events)? } else { Value::Null };
        forms
            .push(json!({ "name": row.deed.name(), "title": row.deed.title(), "is_step": row.deed.is_step() && !row.opinion,
            "opinion": row.opinion, "people": people, "number": number, "hint": hint(row.deed) }));
    }
    Ok(forms)
}

fn hint(deed: Deed) -> &'static str {
    match deed {
        Deed::Submit => "提交后不能修改；没有人接办前可以取回。",
        Deed::Pass => "核稿通过后送签发人。",
        Deed::Sign => "签发后文字即定，随后编号。",
        Deed::Number => "取得文号、定成文日期并生成定稿。两个窗口同时编号也只得一个号。",
        Deed::Seal => {
            "生成正本并登记指纹。未接入电子签章前，正本逐页标“样章”；纸质件以加盖实体印章的定稿为准。"
        }
        Deed::Issue => "印发后开始送达；重发件印发时，原文书即标为被替代。",
        Deed::Serve => "全部送达都已登记结果后办理。",
        Deed::Archive => "归档后可下载归档包。没有送达记录的须写明理由。",
        Deed::Return => "退回拟稿人修改，已取得的文号保留。",
        Deed::Withdraw => "上一步是您办的，还没有人接办。",
        Deed::Transfer => "改由他人办理这一步。",
        Deed::Void => "作废不能撤回：文号保留，理由入文号簿，文件逐页标“作废”。",
        Deed::Reissue => "按现在的数据另拟一份，印发后替代本文书。",
    }
}

fn number_form(conn: &mut Conn, app: &App, document: &Document, events: &[DocumentEvent]) -> Result<Value> {
    let signed = events.iter().rev().find(|it| it.action == Deed::Sign.past());
    let day = china_date(signed.map_or_else(clock::now, |it| it.at.utc()));
    let numbering = app.desk.kind(&document.kind)?.numbering.as_ref();
    let reserved: Vec<Value> = match numbering {
        Some(numbering) => list_reserved(conn, &numbering.series)?
            .iter()
            .map(|it| json!({ "n": it.n, "number": it.number, "reason": it.reason }))
            .collect(),
        None => Vec::new(),
    };
    Ok(json!({ "date": day, "kept": document.number, "numbered": numbering.is_some(), "reserved": reserved }))
}

/// `POST /documents/{id}/deeds/{deed}`.
pub async fn act(req: HttpRequest, app: web::Data<App>, form: web::Form<Form>) -> HttpResponse {
    let (id, name, state) = (id_of(&req), req.match_info().query("deed").to_owned(), app.clone());
    shell::act(&req, &app, form.into_inner(), move |conn, person, form| {
        let deed = Deed::parse(&name).ok_or_else(|| {
            Error::new(codes::document::WRONG_STATE, format!("没有“{name}”这种办理，请从文书页操作。"))
        })?;
        let text = |name: &str| form.get(name).map(|it| it.trim()).filter(|it| !it.is_empty());
        let order = Order {
            id: &id,
            version: text("version").and_then(|it| it.parse().ok()),
            opinion: text("opinion"),
            to: text("to"),
            date: text("date").map(day).transpose()?,
            number: wish(form)?,
        };
        let done = issue::act(conn, &state.desk, deed, &order, &person.actor(), clock::now())?;
        let to = match deed {
            Deed::Reissue => format!("/documents/{}/edit", done.id),
            _ => format!("/documents/{}", done.id),
        };
        Ok(Done { to, say: deed.past() })
    })
    .await
}

/// `2026-03-01`, `2026.3.1`, `2026年3月1日` …
pub(super) fn day(text: &str) -> Result<chrono::NaiveDate> {
    date::parse(text).ok_or_else(|| {
        Error::new(codes::document::FORM_FIELD, format!("日期“{text}”写法不对，请写成 2026-03-01。"))
    })
}

fn wish(form: &Form) -> Result<Wish<'_>> {
    let text = |name: &str| form.get(name).map(String::as_str).unwrap_or_default().trim();
    let n = |name: &str| {
        text(name).parse::<i32>().ok().filter(|it| *it > 0).ok_or_else(|| {
            Error::new(
                codes::record::NUMBER_UNAVAILABLE,
                format!("“{}”不是顺序号，请填数字，如 12。", text(name)),
            )
        })
    };
    match text("way") {
        "reserved" => n("reserved").map(Wish::Reserved),
        "chosen" => Ok(Wish::Chosen(n("n")?, text("why"))),
        _ => Ok(Wish::Next),
    }
}

/// `POST /documents/{id}/rebind`: takes a draft over to the present version of its form.
pub async fn rebind(req: HttpRequest, app: web::Data<App>, form: web::Form<Form>) -> HttpResponse {
    let (id, state) = (id_of(&req), app.clone());
    shell::act(&req, &app, form.into_inner(), move |conn, person, _| {
        person.must_be(&[Role::Drafter], "拟稿")?;
        super::documents::seen(conn, &id, person)?;
        issue::rebind(conn, &state.desk, &id, person.login(), clock::now())?;
        Ok(Done { to: format!("/documents/{id}/edit"), say: "rebound" })
    })
    .await
}
