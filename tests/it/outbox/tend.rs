//! What a person does: holds the way to a partner and lets it go on, sends again what did not arrive.

use chrono::TimeDelta;
use hub::clock;
use hub::error::codes;
use hub::outbox::{By, Turn, hold, reopen, send_all_again, stop};
use hub::store::{
    AuditFilter, Circuit, Courier, DeliveryFilter, DeliveryState, Page, PartnerId, Role, hold_outlets,
    list_audit, list_outlets, save_circuit,
};

use super::{QUICK, Working, deliveries, subscribe, wait, wish};
use crate::support::app::App;
use crate::support::parcels::{message, row};
use crate::support::person::{Person, account};
use crate::support::subscriber::{Says, Subscriber};

fn by() -> By<'static> {
    By { actor: "test", trace_id: None, now: clock::now() }
}

/// A turn of a courier of this test.
fn turn(app: &App, partner: &PartnerId) -> Turn {
    let now = clock::now();
    let courier =
        Courier { id: "me", until: now + TimeDelta::hours(1), alive_since: now - TimeDelta::hours(1) };
    app.hub.store.write(|conn| hold_outlets(conn, courier, now)).unwrap();
    app.hub.outbox().turn(partner, "me", Vec::new(), 0, now).unwrap()
}

#[test]
fn a_way_that_is_held_lets_nothing_through_until_a_person_opens_it() {
    let app = App::with(QUICK);
    app.partner("trial-neighbour");
    let partner = PartnerId::from("trial-neighbour");
    let id = subscribe(&app, &wish("parcels", Some("http://127.0.0.1:9/in")));
    app.partner("trial").send("parcels", message("M1", &[row(1)])).expect(200);
    app.hub.store.write(|conn| hub::store::number_changes(conn, 10)).unwrap();
    let store = &app.hub.store;
    let nobody = store.write(|conn| hold(conn, &"nobody".into(), "检修", by())).unwrap_err();
    assert_eq!(nobody.code, codes::record::NOT_FOUND);
    assert_eq!(
        store.write(|conn| hold(conn, &partner, " ", by())).unwrap_err().code,
        codes::transport::PARAMETER
    );

    store.write(|conn| hold(conn, &partner, "检修", by())).unwrap();
    assert!(matches!(turn(&app, &partner), Turn::Wait(_)));
    assert!(deliveries(&app, &id).is_empty(), "it waits in the feed");
    store.write(|conn| reopen(conn, &partner, by())).unwrap();
    let Turn::Go(go) = turn(&app, &partner) else { panic!("should send") };
    assert_eq!(go.deliveries.len(), 1);

    // An open circuit is tried at once, and by one delivery only: it stays open until that one has arrived.
    let mut way = app.read(list_outlets).remove(0);
    (way.circuit, way.open_until) = (Circuit::Open, Some((clock::now() + TimeDelta::hours(1)).into()));
    store.write(|conn| save_circuit(conn, &way)).unwrap();
    assert!(matches!(turn(&app, &partner), Turn::Wait(_)));
    store.write(|conn| reopen(conn, &partner, by())).unwrap();
    assert!(matches!(turn(&app, &partner), Turn::Go(_)));
    assert_eq!(app.read(list_outlets).remove(0).circuit, Circuit::Open);
    let filter = AuditFilter { action: Some("outlet.".to_owned()), ..AuditFilter::default() };
    let told = app.read(|conn| list_audit(conn, &filter, Page::first(10)));
    let done: Vec<&str> = told.rows.iter().map(|it| it.action.as_str()).collect();
    assert_eq!(done, ["outlet.reopened", "outlet.reopened", "outlet.held"]);
}

#[test]
fn sending_everything_again_asks_since_when_and_a_stop_asks_why() {
    let app = App::with(QUICK);
    app.partner("trial-neighbour");
    let neighbour = Subscriber::start();
    let id = subscribe(&app, &wish("parcels", Some(&neighbour.base)));
    let _working = Working::start(&app);
    app.partner("trial").send("parcels", message("M1", &[row(1), row(2)])).expect(200);
    wait(&app, &id, |rows| rows.len() == 2 && rows.iter().all(|it| it.state == DeliveryState::Delivered));
    let again = |filter: &DeliveryFilter| send_all_again(&app.hub.store, filter, by());
    assert_eq!(again(&DeliveryFilter::default()).unwrap_err().code, codes::transport::PARAMETER);
    assert_eq!(again(&DeliveryFilter { missing: true, ..DeliveryFilter::default() }).unwrap(), 0);
    let since = Some(clock::now() - TimeDelta::hours(1));
    assert_eq!(again(&DeliveryFilter { since, ..DeliveryFilter::default() }).unwrap(), 2);
    neighbour.wait(|got| got.len() == 4);
    let why = app.hub.store.write(|conn| stop(conn, &id, "", by())).unwrap_err();
    assert_eq!(why.code, codes::transport::PARAMETER);
}

#[test]
fn the_list_is_paged_and_only_a_steward_tends_it() {
    let app = App::with(QUICK);
    app.partner("trial-neighbour");
    let neighbour = Subscriber::with(|_| Says::status(422));
    let id = subscribe(&app, &wish("parcels", Some(&neighbour.base)));
    let _working = Working::start(&app);
    let rows: Vec<_> = (1..=35).map(row).collect();
    app.partner("trial").send("parcels", message("M1", &rows)).expect(200);
    let rows = wait(&app, &id, |rows| rows.len() == 35 && rows.iter().all(|it| it.finished_at.is_some()));
    account(&app.hub, "shuju", None, &[Role::Steward]);
    account(&app.hub, "chayue", None, &[Role::Viewer]);
    let (steward, viewer) = (Person::of(&app.base, "shuju"), Person::of(&app.base, "chayue"));
    let listed = |page: &str| steward.get(page).1.matches("▲ 被退回").count();
    assert_eq!(listed("/exchange/deliveries?subscription=parcels"), 30);
    assert_eq!(listed("/exchange/deliveries?subscription=parcels&page=2"), 5);
    assert_eq!(listed("/exchange/deliveries?state=delivered"), 0);

    let one = format!("/exchange/deliveries/{}", rows[0].id);
    let number = crate::support::parcels::no(1);
    assert!(steward.get(&one).1.contains(&number) && steward.get(&one).1.contains("再发一次"));
    assert!(!viewer.get(&one).1.contains(&number), "who only looks on does not see what was sent");
    let csrf = viewer.csrf();
    let paths = [
        format!("{one}/again"),
        "/exchange/subscriptions/parcels/again".to_owned(),
        "/exchange/subscriptions/parcels/stop".to_owned(),
        "/exchange/subscriptions/parcels/resume".to_owned(),
        "/exchange/subscriptions/way/trial-neighbour/hold".to_owned(),
        "/exchange/subscriptions/way/trial-neighbour/reopen".to_owned(),
    ];
    for path in &paths {
        assert_eq!(viewer.post(path, &[("csrf", &csrf), ("note", "试")]).0, 403, "{path}");
        assert_eq!(steward.post(path, &[("note", "试")]).0, 403, "{path} without its token");
    }
    assert_eq!(steward.get("/exchange/deliveries/nothing").0, 404);
    assert_eq!(steward.get("/exchange/subscriptions/nothing").0, 404);
}
