//! 订阅: which department gets what, whether the way to it is open, what waits; stopping, resuming, sending again, and
//! holding the way to a department as a whole.

use std::collections::BTreeMap;

use actix_web::{HttpRequest, HttpResponse, web};
use serde_json::{Value, json};

use super::person::{self, Person};
use super::shell::{self, Done, Form, show};
use super::view;
use crate::clock;
use crate::error::{Error, Result, codes};
use crate::model::Schema;
use crate::outbox::{self, By};
use crate::store::{
    Circuit, Conn, DeliveryFilter, DeliveryState, Outlet, PartnerId, Role, Subscription, SubscriptionId,
    SubscriptionMode, count_behind, count_not_arrived, get_subscription, list_outlets, list_partners,
    list_subscriptions,
};
use crate::text::date;
use crate::web::answer::{deed, trace_id};
use crate::web::app::App;

/// What has not arrived, by subscription and state.
type Counts = BTreeMap<(SubscriptionId, &'static str), i64>;

fn counts(conn: &mut Conn) -> Result<Counts> {
    Ok(count_not_arrived(conn)?.into_iter().map(|(id, state, n)| ((id, state.as_str()), n)).collect())
}

/// What the workbench says of it: how much is still to be delivered, what did not arrive, partners nothing gets through to.
///
/// # Errors
/// What the store says.
pub fn queue(conn: &mut Conn) -> Result<Value> {
    let counted = count_not_arrived(conn)?;
    let of = |state: DeliveryState| counted.iter().filter(|it| it.1 == state).map(|it| it.2).sum::<i64>();
    let mut waiting = of(DeliveryState::Ready);
    for it in list_subscriptions(conn, None)?.iter().filter(|it| it.mode == SubscriptionMode::Push) {
        waiting += count_behind(conn, &it.kind, it.cursor)?;
    }
    let blocked = list_outlets(conn)?.iter().filter(|it| it.circuit != Circuit::Closed).count();
    let missing = of(DeliveryState::Refused) + of(DeliveryState::Dead);
    Ok(json!({ "waiting": waiting, "missing": missing, "blocked": blocked }))
}

/// `GET /exchange/subscriptions`.
pub async fn list(req: HttpRequest, app: web::Data<App>) -> HttpResponse {
    let schema = app.intake.schema.clone();
    show(&req, &app, "exchange_subscriptions.html", move |conn, person| {
        let (outlets, counts) = (list_outlets(conn)?, counts(conn)?);
        let mut rows: BTreeMap<String, Vec<Value>> = BTreeMap::new();
        for it in list_subscriptions(conn, None)? {
            rows.entry(it.partner.to_string()).or_default().push(row(conn, &schema, &counts, &it)?);
        }
        let partners: Vec<Value> = list_partners(conn)?
            .iter()
            .filter_map(|it| {
                let outlet = outlets.iter().find(|at| at.partner == it.id);
                let rows = rows.remove(it.id.as_str())?;
                let pushed = rows.iter().any(|it| it["pushed"] == true);
                let way = outlet.filter(|_| pushed).map(way);
                Some(json!({ "id": it.id, "title": it.title, "way": way, "rows": rows }))
            })
            .collect();
        Ok(json!({ "partners": partners, "may_tend": may_tend(person).is_ok(), "tab": "subscriptions" }))
    })
    .await
}

fn row(conn: &mut Conn, schema: &Schema, counts: &Counts, it: &Subscription) -> Result<Value> {
    let pushed = it.mode == SubscriptionMode::Push;
    // Who pulls keeps the cursor himself; only of what is pushed does the hub know what is still to come.
    let behind = if pushed { Some(count_behind(conn, &it.kind, it.cursor)?) } else { None };
    let of = |state: DeliveryState| counts.get(&(it.id.clone(), state.as_str())).copied().unwrap_or_default();
    Ok(json!({
        "id": it.id, "title": it.title, "partner": it.partner, "pushed": pushed, "mode": it.mode.title(),
        "url": it.url, "kind": it.kind, "kind_title": schema.kind(&it.kind).map(|it| it.title.as_str()),
        "state": view::subscription_state(it, clock::now()), "stopped": it.stopped, "behind": behind,
        "ready": of(DeliveryState::Ready), "refused": of(DeliveryState::Refused), "dead": of(DeliveryState::Dead),
    }))
}

/// The way to a partner in words.
fn way(of: &Outlet) -> Value {
    let state = view::circuit(of);
    json!({ "state": state, "note": of.note, "failures": of.failures, "partner": of.partner,
        "passes": of.circuit == Circuit::Closed, "held": of.circuit == Circuit::Held,
        "until": of.open_until.filter(|_| of.circuit == Circuit::Open).map(|at| view::time(at.utc())) })
}

/// `GET /exchange/subscriptions/{id}`.
pub async fn one(req: HttpRequest, app: web::Data<App>) -> HttpResponse {
    let schema = app.intake.schema.clone();
    let id = SubscriptionId::from(req.match_info().query("id"));
    show(&req, &app, "exchange_subscription.html", move |conn, person| {
        let it = get_subscription(conn, &id)?;
        let counts = counts(conn)?;
        let outlet = list_outlets(conn)?.into_iter().find(|at| at.partner == it.partner);
        let partner = list_partners(conn)?.into_iter().find(|at| at.id == it.partner).map(|at| at.title);
        let row = row(conn, &schema, &counts, &it)?;
        let way = outlet.as_ref().filter(|_| it.mode == SubscriptionMode::Push).map(way);
        Ok(json!({ "it": row, "agreed": agreed(&schema, &it)?, "partner_title": partner, "way": way,
            "may_tend": may_tend(person).is_ok(), "tab": "subscriptions" }))
    })
    .await
}

/// What was agreed, for people.
fn agreed(schema: &Schema, it: &Subscription) -> Result<Value> {
    let kind = schema.kind(&it.kind);
    let title = |name: &String| {
        kind.and_then(|it| it.field(name)).map_or_else(|| name.clone(), |it| it.title.clone())
    };
    let titles = |names: Vec<String>| names.iter().map(title).collect::<Vec<_>>();
    Ok(json!({
        "fields": titles(it.fields.read()?), "personal": titles(it.personal.read()?), "purpose": it.purpose,
        "watched": titles(it.watched.read()?), "division": it.division, "message": it.message, "answer": it.answer,
        "deadline": it.deadline_seconds / 3600, "expires": it.expires_at.map(|at| view::time(at.utc())),
        "by": it.created_by, "at": view::time(it.created_at.utc()),
    }))
}

pub(super) fn may_tend(person: &Person) -> Result<()> {
    person.must_be(&[Role::Steward], "管理订阅和重发")
}

/// `POST /exchange/subscriptions/{id}/stop`: with the reason.
pub async fn stop(req: HttpRequest, app: web::Data<App>, form: web::Form<Form>) -> HttpResponse {
    set(&req, &app, form.into_inner(), "stopped", |conn, id, form, by| {
        let why = form.get("note").map(String::as_str).unwrap_or_default();
        outbox::stop(conn, id, why, by).map(|_| ())
    })
    .await
}

/// `POST /exchange/subscriptions/{id}/resume`.
pub async fn resume(req: HttpRequest, app: web::Data<App>, form: web::Form<Form>) -> HttpResponse {
    set(&req, &app, form.into_inner(), "resumed", |conn, id, _, by| outbox::resume(conn, id, by).map(|_| ()))
        .await
}

async fn set(
    req: &HttpRequest,
    app: &web::Data<App>,
    form: Form,
    say: &'static str,
    work: fn(&mut Conn, &SubscriptionId, &Form, By<'_>) -> Result<()>,
) -> HttpResponse {
    let (id, trace) = (SubscriptionId::from(req.match_info().query("id")), trace_id(req));
    shell::act(req, app, form, move |conn, person, form| {
        may_tend(person)?;
        work(conn, &id, form, By { actor: person.login(), trace_id: Some(&trace), now: clock::now() })?;
        Ok(Done { to: format!("/exchange/subscriptions/{id}"), say })
    })
    .await
}

/// `POST /exchange/subscriptions/way/{partner}/hold`: with the reason.
pub async fn hold(req: HttpRequest, app: web::Data<App>, form: web::Form<Form>) -> HttpResponse {
    set_way(&req, &app, form.into_inner(), "held", |conn, partner, form, by| {
        let why = form.get("note").map(String::as_str).unwrap_or_default();
        outbox::hold(conn, partner, why, by).map(|_| ())
    })
    .await
}

/// `POST /exchange/subscriptions/way/{partner}/reopen`.
pub async fn reopen(req: HttpRequest, app: web::Data<App>, form: web::Form<Form>) -> HttpResponse {
    set_way(&req, &app, form.into_inner(), "reopened", |conn, partner, _, by| {
        outbox::reopen(conn, partner, by).map(|_| ())
    })
    .await
}

async fn set_way(
    req: &HttpRequest,
    app: &web::Data<App>,
    form: Form,
    say: &'static str,
    work: fn(&mut Conn, &PartnerId, &Form, By<'_>) -> Result<()>,
) -> HttpResponse {
    let (partner, trace) = (PartnerId::from(req.match_info().query("partner")), trace_id(req));
    shell::act(req, app, form, move |conn, person, form| {
        may_tend(person)?;
        work(conn, &partner, form, By { actor: person.login(), trace_id: Some(&trace), now: clock::now() })?;
        Ok(Done { to: "/exchange/subscriptions".to_owned(), say })
    })
    .await
}

/// `POST /exchange/subscriptions/{id}/again`: what was made since a time, or only what did not arrive. In as many transactions as
/// it takes, so that others get their turn.
pub async fn again(req: HttpRequest, app: web::Data<App>, form: web::Form<Form>) -> HttpResponse {
    let (id, form) = (SubscriptionId::from(req.match_info().query("id")), form.into_inner());
    let (token, store, trace) = (person::token(&req), app.intake.store.clone(), trace_id(&req));
    let (given, of) = (form.clone(), id.clone());
    let done = deed(move || {
        let person = store.read(|conn| {
            let person = person::find(conn, token.as_deref())?;
            get_subscription(conn, &of)?;
            Ok(person)
        })?;
        shell::check_csrf(&person, &form)?;
        may_tend(&person)?;
        let by = By { actor: person.login(), trace_id: Some(&trace), now: clock::now() };
        outbox::send_all_again(&store, &asked(&form, of)?, by)
    })
    .await;
    match done {
        Ok(0) => shell::go(&format!("/exchange/subscriptions/{id}"), "none"),
        Ok(_) => shell::go(&format!("/exchange/deliveries?subscription={id}"), "again"),
        Err(error) => shell::refuse_form(&req, &app, &error, &given),
    }
}

fn asked(form: &Form, of: SubscriptionId) -> Result<DeliveryFilter> {
    let since = match form.get("since").map(|it| it.trim()).filter(|it| !it.is_empty()) {
        None => None,
        Some(text) => Some(date::parse_instant(text).ok_or_else(|| {
            let detail = format!("“{text}”不是有效日期，请写成 2026-03-01 或 2026-03-01 09:30。");
            Error::new(codes::transport::PARAMETER, detail)
        })?),
    };
    let missing = form.get("which").is_none_or(|it| it != "all");
    Ok(DeliveryFilter { subscription: Some(of), since, missing, ..DeliveryFilter::default() })
}
