//! 对接: messages as they came, what became of them, quarantine by cause, replay. A link from a value marks its bytes.

use actix_web::{HttpRequest, HttpResponse, web};
use serde_json::{Value, json};

use super::person;
use super::quarantine;
use super::records::{page_of, query};
use super::shell::{self, CLERKS, Form, show};
use super::view;
use crate::clock;
use crate::error::{Error, Place, Result, codes};
use crate::intake::{self, Asked};
use crate::store::{
    ClaimId, Group, Message, MessageFilter, MessageId, MessageState, Page, Role, get_message,
    list_claims_of_message, list_messages, list_partners, list_quarantine, load_claims_by_id, load_raw,
};
use crate::web::answer::{deed, trace_id};
use crate::web::app::App;

const PAGE: u32 = 30;
/// How much of a message a page shows; the rest is in the download.
const SHOWN: usize = 64 * 1024;

/// `GET /exchange`.
pub async fn list(req: HttpRequest, app: web::Data<App>) -> HttpResponse {
    let (query, state) = (query(&req), app.clone());
    show(&req, &app, "messages.html", move |conn, person| {
        let is_steward = person.is_one_of(&[Role::Steward]);
        let text = |name: &str| query.get(name).map(|it| it.trim().to_owned()).filter(|it| !it.is_empty());
        let filter = MessageFilter {
            partner: text("partner").map(Into::into),
            name: text("name"),
            state: text("state").and_then(|it| MessageState::parse(&it)),
            cause: text("cause"),
            key: text("q"),
            since: query.contains_key("today").then(|| clock::now() - chrono::TimeDelta::days(1)),
            ..MessageFilter::default()
        };
        let number = page_of(&query);
        let found = list_messages(conn, &filter, Page { number, size: PAGE })?;
        let rows: Vec<Value> = found.rows.iter().map(|it| row(&state, it)).collect();
        let groups: Vec<Value> = list_quarantine(conn)?
            .iter()
            .map(|it| {
                let group = Group { partner: it.partner.clone(), name: it.name.clone(), cause: it.cause.clone() };
                json!({ "href": href(&group, is_steward), "partner": it.partner, "name": it.name, "title": title(&state, it.partner.as_str(), &it.name),
                    "cause": it.cause, "cause_title": it.cause.as_deref().map(cause_title), "count": it.count,
                    "last": it.last_at.map(|at| view::time(at.utc())) })
            })
            .collect();
        let partners: Vec<Value> =
            list_partners(conn)?.iter().map(|it| json!({ "id": it.id, "title": it.title })).collect();
        let states: Vec<Value> =
            MessageState::ALL.iter().map(|it| json!({ "name": it.as_str(), "title": it.title() })).collect();
        Ok(json!({ "rows": rows, "groups": groups, "partners": partners, "states": states, "given": query,
            "tab": "messages", "pager": view::pager(number, PAGE, found.total, &view::base("/exchange", &query)) }))
    })
    .await
}

/// Where a group is looked at: by stewards as a whole, by others message by message.
fn href(group: &Group, is_steward: bool) -> String {
    match is_steward {
        true => quarantine::address(quarantine::PAGE, group),
        false => quarantine::each(group),
    }
}

/// What an error code is called.
#[must_use]
pub fn cause_title(code: &str) -> String {
    let found = crate::error::all_codes().into_iter().find(|it| it.to_string() == code);
    found.map_or_else(|| code.to_owned(), |it| it.info().title.to_owned())
}

/// What a message is called.
#[must_use]
pub fn title(app: &App, partner: &str, name: &str) -> String {
    app.intake.mappings.get(partner, name).map_or_else(|| name.to_owned(), |it| it.title.clone())
}

fn row(app: &App, it: &Message) -> Value {
    json!({ "id": it.id, "partner": it.partner, "name": it.name, "title": title(app, it.partner.as_str(), &it.name),
        "key": it.message_key, "state": view::message_state(it.state), "cause": it.cause,
        "cause_title": it.cause.as_deref().map(cause_title), "records": it.record_count, "size": it.size,
        "at": view::time(it.received_at.utc()), "file": it.file_name })
}

/// `GET /exchange/{id}[?start=…&end=…]`.
pub async fn one(req: HttpRequest, app: web::Data<App>) -> HttpResponse {
    let (query, state) = (query(&req), app.clone());
    let id = MessageId::from(req.match_info().query("id"));
    show(&req, &app, "message.html", move |conn, person| {
        let message = get_message(conn, &id)?;
        let raw = load_raw(conn, &id)?;
        let receipt: Value = message.receipt.read().unwrap_or_default();
        let own = &message.id;
        let claims: Vec<Value> = list_claims_of_message(conn, &id, -1, 200)?
            .iter()
            .flat_map(|claim| {
                let kind = state.intake.schema.kind(&claim.kind);
                claim.fields.iter().filter_map(move |it| {
                    let field = kind?.field(&it.field)?;
                    let mut shown = view::field(field, &it.value, None, "");
                    let more = json!({ "kind": claim.kind, "kind_title": kind?.title, "record": claim.record_id,
                        "path": it.place.path, "link": link(own, &it.place) });
                    if let (Some(shown), Value::Object(more)) = (shown.as_object_mut(), more) {
                        shown.extend(more);
                    }
                    Some(shown)
                })
            })
            .collect();
        let problems: Vec<Value> = message.problems.read().unwrap_or_default();
        // A message holds names and numbers of persons unmasked: only who works on data or documents sees its text.
        let text = (person.is_one_of(CLERKS) || person.is_one_of(&[Role::Steward]))
            .then(|| marked(&raw, message.charset.as_deref(), range(&query)));
        Ok(json!({ "message": row(&state, &message), "digest": message.digest, "charset": message.charset,
            "receipt": serde_json::to_string_pretty(&receipt).unwrap_or_default(), "problems": problems,
            "text": text, "claims": claims, "path": query.get("path"),
            "waiting": message.state == MessageState::Quarantined, "settled": message.settled_note,
            "is_steward": person.is_one_of(&[Role::Steward]) }))
    })
    .await
}

/// The page of a message with the bytes of a place marked.
#[must_use]
pub fn link(message: &MessageId, place: &Place) -> String {
    let mut given = Form::new();
    given.insert("start".to_owned(), place.start.to_string());
    given.insert("end".to_owned(), place.end.to_string());
    given.insert("path".to_owned(), place.path.clone());
    format!("{}#here", view::base(&format!("/exchange/{message}"), &given).trim_end_matches('&'))
}

fn range(query: &Form) -> Option<(usize, usize)> {
    let number = |name: &str| query.get(name)?.parse().ok();
    Some((number("start")?, number("end")?))
}

/// Text before the mark, the marked part, text after it. Places count the text in UTF-8, which is the bytes themselves
/// unless the message came in another charset.
fn marked(raw: &[u8], charset: Option<&str>, range: Option<(usize, usize)>) -> Value {
    let decoded = crate::text::charset::decode(raw, charset);
    let text: &str = decoded.text.as_ref();
    let Some((start, end)) = range.filter(|(start, end)| start < end && text.get(*start..*end).is_some())
    else {
        return json!({ "before": cut(text, SHOWN), "here": "", "after": "", "cut": text.len() > SHOWN });
    };
    let from = floor(text, start.saturating_sub(SHOWN / 2));
    let to = floor(text, (end + SHOWN / 2).min(text.len()));
    json!({ "before": text.get(from..start), "here": text.get(start..end), "after": text.get(end..to),
        "cut": from > 0 || to < text.len() })
}

fn cut(text: &str, at: usize) -> &str {
    text.get(..floor(text, at.min(text.len()))).unwrap_or(text)
}

fn floor(text: &str, mut at: usize) -> usize {
    while at > 0 && !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

/// `GET /exchange/{id}/raw`: the bytes as they came.
pub async fn raw(req: HttpRequest, app: web::Data<App>) -> HttpResponse {
    let id = MessageId::from(req.match_info().query("id"));
    shell::send(&req, &app, move |conn, person| {
        person.must_be(&[Role::Steward], "下载报文原文")?;
        let message = get_message(conn, &id)?;
        Ok(super::files::Sent {
            media_type: "application/octet-stream".to_owned(),
            name: message.file_name.unwrap_or_else(|| format!("{}-{}.bin", message.name, message.id)),
            inline: false,
            bytes: load_raw(conn, &id)?,
        })
    })
    .await
}

/// `POST /exchange/{id}/replay`.
pub async fn replay(req: HttpRequest, app: web::Data<App>, form: web::Form<Form>) -> HttpResponse {
    settle(req, app, form.into_inner(), "replayed", |intake, id, _, asked| {
        intake::replay(intake, id, asked).map(|_| ())
    })
    .await
}

/// `POST /exchange/{id}/close`.
pub async fn close(req: HttpRequest, app: web::Data<App>, form: web::Form<Form>) -> HttpResponse {
    settle(req, app, form.into_inner(), "closed", |intake, id, note, asked| {
        intake::close(intake, id, note, &asked)
    })
    .await
}

async fn settle(
    req: HttpRequest,
    app: web::Data<App>,
    form: Form,
    say: &'static str,
    work: impl FnOnce(&intake::Intake, &MessageId, &str, Asked) -> Result<()> + Send + 'static,
) -> HttpResponse {
    let id = MessageId::from(req.match_info().query("id"));
    let (token, intake, trace, target) =
        (person::token(&req), app.intake.clone(), trace_id(&req), id.clone());
    let given = form.clone();
    let done = deed(move || {
        let person = intake.store.read(|conn| person::find(conn, token.as_deref()))?;
        shell::check_csrf(&person, &form)?;
        person.must_be(&[Role::Steward], "处理隔离报文")?;
        let note = form.get("note").map(|it| it.trim().to_owned()).unwrap_or_default();
        let asked = Asked { by: person.login().to_owned(), trace_id: trace, at: clock::now() };
        work(&intake, &id, &note, asked)
    })
    .await;
    match done {
        Ok(()) => shell::go(&format!("/exchange/{target}"), say),
        Err(error) => shell::refuse_form(&req, &app, &error, &given),
    }
}

/// `GET /claims/{id}/{field}`: sends the browser to the place of a claimed value in its message.
pub async fn claim(req: HttpRequest, app: web::Data<App>) -> HttpResponse {
    let part = |name: &str| req.match_info().query(name).to_owned();
    let (id, field, token, store) =
        (ClaimId::from(part("id")), part("field"), person::token(&req), app.intake.store.clone());
    let found = deed(move || {
        store.read(|conn| {
            person::find(conn, token.as_deref())?;
            let claims = load_claims_by_id(conn, std::slice::from_ref(&id))?;
            let claim =
                claims.first().and_then(|it| Some((it, it.fields.iter().find(|at| at.field == field)?)));
            let (claim, at) = claim
                .ok_or_else(|| Error::new(codes::record::NOT_FOUND, "没有这一项来源，可能链接已过期。"))?;
            Ok(link(&claim.message_id, &at.place))
        })
    })
    .await;
    match found {
        Ok(to) => shell::go(&to, ""),
        Err(error) => shell::refuse(&req, &app, &error),
    }
}
