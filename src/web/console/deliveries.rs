//! 投递: what went to whom, each try with what was sent and answered, sending one again.

use actix_web::{HttpRequest, HttpResponse, web};
use serde_json::{Value, json};

use super::records::{page_of, query};
use super::shell::{self, CLERKS, Done, Form, show};
use super::subscriptions::may_tend;
use super::view;
use crate::clock;
use crate::error::Result;
use crate::outbox::{self, By};
use crate::store::{
    Circuit, Conn, Delivery, DeliveryFilter, DeliveryId, DeliveryState, Outlet, Page, RecordId, Role, Try,
    find_record, get_delivery, get_subscription, list_deliveries, list_outlets, list_partners,
    list_subscriptions, load_records,
};
use crate::text::date;
use crate::web::answer::trace_id;
use crate::web::app::App;

const PAGE: u32 = 30;

/// `GET /exchange/deliveries[?partner=…&subscription=…&state=…&record=…&since=…&missing=1]`.
pub async fn list(req: HttpRequest, app: web::Data<App>) -> HttpResponse {
    let (query, schema) = (query(&req), app.intake.schema.clone());
    show(&req, &app, "exchange_deliveries.html", move |conn, _| {
        let text = |name: &str| query.get(name).map(|it| it.trim().to_owned()).filter(|it| !it.is_empty());
        let filter = DeliveryFilter {
            partner: text("partner").map(Into::into),
            subscription: text("subscription").map(Into::into),
            state: text("state").and_then(|it| DeliveryState::parse(&it)),
            record: text("record").map(Into::into),
            since: text("since").and_then(|it| date::parse_instant(&it)),
            missing: query.contains_key("missing"),
        };
        let number = page_of(&query);
        let found = list_deliveries(conn, &filter, Page { number, size: PAGE })?;
        let partners = titles(conn)?;
        let subscriptions = list_subscriptions(conn, filter.partner.as_ref())?;
        let ids: Vec<RecordId> = found.rows.iter().map(|it| it.record_id.clone()).collect();
        let (records, ways) = (load_records(conn, &ids)?, list_outlets(conn)?);
        let rows: Vec<Value> = found
            .rows
            .iter()
            .map(|it| {
                let of = subscriptions.iter().find(|at| at.id == it.subscription_id).map(|at| at.title.as_str());
                let kind = schema.kind(&it.kind).map(|it| it.title.as_str());
                let partner = partners.iter().find(|(id, _)| *id == it.partner.as_str()).map(|(_, title)| title);
                let record = records.iter().find(|at| at.id == it.record_id).map(|at| at.title.as_str());
                json!({ "it": row(it, &ways), "record_title": record, "of": of, "kind_title": kind, "partner_title": partner })
            })
            .collect();
        let states: Vec<Value> =
            DeliveryState::ALL.iter().map(|it| json!({ "name": it.as_str(), "title": it.title() })).collect();
        let partners: Vec<Value> =
            partners.iter().map(|(id, title)| json!({ "id": id, "title": title })).collect();
        let subscriptions: Vec<Value> =
            subscriptions.iter().map(|it| json!({ "id": it.id, "title": it.title })).collect();
        let unread = text("since").filter(|_| filter.since.is_none());
        Ok(json!({ "rows": rows, "unread": unread, "partners": partners, "subscriptions": subscriptions, "states": states, "given": query,
            "tab": "deliveries", "pager": view::pager(number, PAGE, found.total, &view::base("/exchange/deliveries", &query)) }))
    })
    .await
}

fn titles(conn: &mut Conn) -> Result<Vec<(String, String)>> {
    Ok(list_partners(conn)?.into_iter().map(|it| (it.id.to_string(), it.title)).collect())
}

/// A delivery as a list shows it. While the way to its partner is shut, its own next try tells less than that of the way.
fn row(it: &Delivery, ways: &[Outlet]) -> Value {
    let waits = it.state == DeliveryState::Ready;
    let way = ways.iter().find(|at| at.partner == it.partner);
    let shut = way.and_then(|it| it.open_until).map_or(it.next_at, |until| until.max(it.next_at));
    let held = way.is_some_and(|it| it.circuit == Circuit::Held);
    let next = if held { Circuit::Held.title().to_owned() } else { view::time(shut.utc()) };
    json!({ "id": it.id, "partner": it.partner, "subscription": it.subscription_id, "kind": it.kind,
        "record": it.record_id, "version": it.version, "position": it.position, "tries": it.tries,
        "state": view::delivery_state(it.state), "status": it.status, "reason": it.reason,
        "at": view::time(it.created_at.utc()), "finished": it.finished_at.map(|at| view::time(at.utc())),
        "next": waits.then_some(next), "deadline": waits.then(|| view::time(it.deadline_at.utc())) })
}

/// `GET /exchange/deliveries/{id}`.
pub async fn one(req: HttpRequest, app: web::Data<App>) -> HttpResponse {
    let schema = app.intake.schema.clone();
    let id = DeliveryId::from(req.match_info().query("id"));
    show(&req, &app, "exchange_delivery.html", move |conn, person| {
        let (it, tries) = get_delivery(conn, &id)?;
        let ways = list_outlets(conn)?;
        let record = find_record(conn, &it.record_id)?.map(|it| it.title);
        let of = get_subscription(conn, &it.subscription_id)?;
        let kind = schema.kind(&it.kind);
        let names: Vec<String> = it.fields.read()?;
        let moved: Vec<String> = names
            .into_iter()
            .map(|name| kind.and_then(|it| it.field(&name)).map_or(name, |it| it.title.clone()))
            .collect();
        // Personal values are masked in the log, but names of firms and prices are not for everybody's eyes either.
        let reads = person.is_one_of(CLERKS) || person.is_one_of(&[Role::Steward]);
        let partner = titles(conn)?.into_iter().find(|(id, _)| *id == it.partner.as_str()).map(|(_, title)| title);
        let tries: Vec<Value> = tries.iter().map(|it| attempt(it, reads)).collect();
        let again = it.state != DeliveryState::Ready && may_tend(person).is_ok();
        Ok(json!({ "it": row(&it, &ways), "record_title": record, "of": of.title, "kind_title": kind.map(|it| it.title.as_str()), "moved": moved,
            "partner_title": partner, "tries": tries, "reads": reads, "may_send_again": again, "tab": "deliveries" }))
    })
    .await
}

/// One try; what was sent and answered only for who may read it.
fn attempt(it: &Try, reads: bool) -> Value {
    let body = |text: &String| reads.then(|| text.clone());
    json!({ "n": it.n, "at": view::time(it.at.utc()), "ms": it.ms, "status": it.status, "reason": it.reason,
        "request": body(&it.request), "answer": body(&it.answer) })
}

/// `POST /exchange/deliveries/{id}/again`.
pub async fn again(req: HttpRequest, app: web::Data<App>, form: web::Form<Form>) -> HttpResponse {
    let (id, trace) = (DeliveryId::from(req.match_info().query("id")), trace_id(&req));
    shell::act(&req, &app, form.into_inner(), move |conn, person, _| {
        may_tend(person)?;
        let by = By { actor: person.login(), trace_id: Some(&trace), now: clock::now() };
        outbox::send_again(conn, &id, by)?;
        Ok(Done { to: format!("/exchange/deliveries/{id}"), say: "again" })
    })
    .await
}
