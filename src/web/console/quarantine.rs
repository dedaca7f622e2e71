//! 集中处理: the messages that wait for the same reason, what is wrong with them, one decision over them all, looked at first.

use actix_web::{HttpRequest, HttpResponse, web};
use serde_json::{Value, json};

use super::messages::{cause_title, title};
use super::person;
use super::records::query;
use super::shell::{self, Form, show};
use super::view;
use crate::clock;
use crate::error::{Error, Result, codes};
use crate::intake::{self, Asked, Cure, Intake, MendingDeed, Offer, Preview};
use crate::mapping::Substitution;
use crate::store::{Group, Mending, MendingId, MendingState, Role, list_mendings};
use crate::web::answer::{deed, trace_id};
use crate::web::app::App;

/// The page of a group, without its query.
pub const PAGE: &str = "/exchange/groups";
/// Decisions shown with a group.
const SHOWN: i64 = 10;

/// `GET /exchange/groups?partner=…&name=…&cause=…`.
pub async fn page(req: HttpRequest, app: web::Data<App>) -> HttpResponse {
    let query = query(&req);
    group_page(&req, &app, group(&query), None, query.contains_key("live")).await
}

/// `POST /exchange/groups/preview`: what the decision in the form would do.
pub async fn preview(req: HttpRequest, app: web::Data<App>, form: web::Form<Form>) -> HttpResponse {
    let form = form.into_inner();
    group_page(&req, &app, group(&form), Some(form), false).await
}

/// The group a query or form names.
fn group(form: &Form) -> Group {
    let text = |name: &str| form.get(name).map(|it| it.trim().to_owned()).unwrap_or_default();
    Group {
        partner: text("partner").into(),
        name: text("name"),
        cause: Some(text("cause")).filter(|it| !it.is_empty()),
    }
}

/// The decision a form describes: `path-1`, `from-1`, `to-1` … ; an empty `to` leaves the value as it is.
fn cure(form: &Form) -> Cure {
    let substitutions = form.iter().filter_map(|(name, to)| {
        let (n, to) = (name.strip_prefix("to-")?, to.trim());
        let (path, from) = (form.get(&format!("path-{n}"))?, form.get(&format!("from-{n}"))?);
        (!to.is_empty()).then(|| Substitution { path: path.clone(), from: from.clone(), to: to.to_owned() })
    });
    let note = form.get("note").map(|it| it.trim().to_owned()).unwrap_or_default();
    Cure { substitutions: substitutions.collect(), note }
}

/// The page of a group; with a form, also what its decision would do. `live` asks for the part that moves.
async fn group_page(
    req: &HttpRequest,
    app: &web::Data<App>,
    group: Group,
    form: Option<Form>,
    live: bool,
) -> HttpResponse {
    let (token, intake) = (person::token(req), app.intake.clone());
    let (asked, given) = (group.clone(), form.clone());
    let looked = deed(move || {
        let person = intake.store.read(|conn| person::find(conn, token.as_deref()))?;
        person.must_be(&[Role::Steward], "处理隔离报文")?;
        // What moves is polled often and shows neither.
        if live {
            return Ok((None, None));
        }
        let now = intake::preview(&intake, &asked, &Cure::default())?;
        let then = match given {
            Some(form) => {
                shell::check_csrf(&person, &form)?;
                Some(intake::preview(&intake, &asked, &cure(&form))?)
            }
            None => None,
        };
        Ok((Some(now), then))
    })
    .await;
    let (now, then) = match looked {
        Ok(looked) => looked,
        Err(error) => return shell::refuse(req, app, &error),
    };
    let (state, given) = (app.clone(), form.unwrap_or_default());
    show(req, app, "quarantine_group.html", move |conn, _| {
        let mendings = list_mendings(conn, &group, SHOWN)?;
        let busy = mendings.iter().any(|it| it.finished_at.is_none());
        let rows = mendings.iter().map(decision).collect::<Result<Vec<Value>>>()?;
        Ok(json!({ "partner": group.partner, "name": group.name, "cause": group.cause,
            "title": title(&state, group.partner.as_str(), &group.name),
            "cause_title": group.cause.as_deref().map(cause_title), "here": address(PAGE, &group), "each": each(&group), "now": now.as_ref().map(shown),
            "then": then.as_ref().map(shown), "mendings": rows, "busy": busy, "given": given, "polled": live,
            "running": mendings.iter().any(|it| it.state == MendingState::Running) }))
    })
    .await
}

fn shown(it: &Preview) -> Value {
    json!({ "total": it.total, "tried": it.tried, "accepted": it.accepted, "records": it.records,
        "refused": it.refused, "offers": it.offers.iter().map(offer).collect::<Vec<_>>(), "examples": it.examples })
}

fn offer(it: &Offer) -> Value {
    json!({ "path": it.path, "from": it.from, "code": it.problem.code, "value": it.problem.value,
        "rule": it.problem.rule, "hint": it.problem.hint, "messages": it.messages, "example": it.example })
}

fn decision(it: &Mending) -> Result<Value> {
    let substitutions: Vec<Substitution> = it.substitutions.read()?;
    let percent = if it.total == 0 { 100 } else { i64::from(it.settled()) * 100 / i64::from(it.total) };
    Ok(json!({ "id": it.id, "substitutions": substitutions, "note": it.note, "state": it.state,
        "state_title": it.state.title(), "total": it.total, "settled": it.settled(), "percent": percent,
        "accepted": it.accepted, "refused": it.refused, "skipped": it.skipped, "by": it.created_by,
        "at": view::time(it.created_at.utc()) }))
}

/// `POST /exchange/groups`: decides over the group.
pub async fn start(req: HttpRequest, app: web::Data<App>, form: web::Form<Form>) -> HttpResponse {
    let form = form.into_inner();
    let back = address(PAGE, &group(&form));
    settle(req, app, form, back, "mending", |intake, form, asked| {
        intake::start_mending(intake, &group(form), &cure(form), asked).map(|_id| ())
    })
    .await
}

/// `POST /exchange/groups/{id}/{deed}`: pause, resume, cancel.
pub async fn act(req: HttpRequest, app: web::Data<App>, form: web::Form<Form>) -> HttpResponse {
    let part = |name: &str| req.match_info().query(name).to_owned();
    let (id, wanted, form) = (MendingId::from(part("id")), part("deed"), form.into_inner());
    let back = address(PAGE, &group(&form));
    settle(req, app, form, back, "changed", move |intake, _, asked| {
        let found = MendingDeed::ALL.iter().find(|(name, _)| *name == wanted);
        let (_, deed) = found.ok_or_else(|| {
            Error::new(codes::transport::PATH_UNKNOWN, format!("集中处理没有“{wanted}”这一步。"))
        })?;
        intake::act_mending(intake, &id, *deed, asked).map(|_row| ())
    })
    .await
}

async fn settle(
    req: HttpRequest,
    app: web::Data<App>,
    form: Form,
    back: String,
    say: &'static str,
    work: impl FnOnce(&Intake, &Form, &Asked) -> Result<()> + Send + 'static,
) -> HttpResponse {
    let (token, intake, trace, given) =
        (person::token(&req), app.intake.clone(), trace_id(&req), form.clone());
    let done = deed(move || {
        let person = intake.store.read(|conn| person::find(conn, token.as_deref()))?;
        shell::check_csrf(&person, &form)?;
        person.must_be(&[Role::Steward], "处理隔离报文")?;
        let asked = Asked { by: person.login().to_owned(), trace_id: trace, at: clock::now() };
        work(&intake, &form, &asked)
    })
    .await;
    match done {
        Ok(()) => shell::go(&back, say),
        Err(error) => shell::refuse_form(&req, &app, &error, &given),
    }
}

/// The list of the group's messages.
#[must_use]
pub fn each(group: &Group) -> String {
    format!("{}&state=quarantined", address("/exchange", group))
}

/// A path with the group in its query.
#[must_use]
pub fn address(path: &str, group: &Group) -> String {
    let mut query = Form::new();
    query.insert("partner".to_owned(), group.partner.to_string());
    query.insert("name".to_owned(), group.name.clone());
    query.insert("cause".to_owned(), group.cause.clone().unwrap_or_default());
    view::base(path, &query).trim_end_matches('&').to_owned()
}
