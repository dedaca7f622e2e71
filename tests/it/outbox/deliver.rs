//! Pushed deliveries against a partner's real HTTP server, well-behaved and not.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use hub::store::{Circuit, DeliveryState, Standing, get_delivery, get_subscription, list_outlets};
use serde_json::json;

use super::{QUICK, Working, deliveries, subscribe, wait, wish};
use crate::support::app::App;
use crate::support::parcels::{message, no, row, row_with};
use crate::support::subscriber::{Got, Says, Subscriber};

fn all(rows: &[hub::store::Delivery], state: DeliveryState, n: usize) -> bool {
    rows.len() == n && rows.iter().all(|it| it.state == state)
}

#[test]
fn a_change_arrives_signed_with_the_agreed_fields_and_stands_in_the_log() {
    let (app, neighbour) = (App::with(QUICK), Subscriber::start());
    let client = app.partner("trial-neighbour");
    let mut it = wish("parcels", Some(&format!("{}/in", neighbour.base)));
    it.fields = ["supervision_no", "location", "price"].map(str::to_owned).to_vec();
    let id = subscribe(&app, &it);
    let _working = Working::start(&app);
    app.partner("trial").send("parcels", message("M1", &[row(1)])).expect(200);

    let rows = wait(&app, &id, |rows| all(rows, DeliveryState::Delivered, 1));
    let got = neighbour.got();
    assert_eq!(got.len(), 1);
    assert_eq!((got[0].path.as_str(), got[0].id()), ("/in", rows[0].id.as_str()));
    assert!(got[0].is_signed_by(&app.hub.keys.webhook_secret(&client.key).unwrap()));
    assert!(!got[0].is_signed_by(b"another secret"));
    let told = got[0].json();
    assert_eq!(told["type"], "record.changed");
    let fields: Vec<&String> = told["data"]["fields"].as_object().unwrap().keys().collect();
    assert_eq!(fields, ["supervision_no", "location", "price"]);
    assert_eq!(told["data"]["keys"]["supervision_no"], no(1));

    // The partner sees its own log; another does not.
    let path = format!("/api/v1/deliveries/{}", rows[0].id);
    let shown = client.get(&path).expect(200).json;
    assert_eq!(shown["tries"][0]["status"], 204);
    assert!(shown["tries"][0]["request"].as_str().unwrap().contains(&no(1)), "{shown}");
    assert_eq!(app.partner("trial").get(&path).expect(404).code(), "E5001");
    assert_eq!(client.get("/api/v1/deliveries?state=delivered").expect(200).json["total"], 1);

    // What a subscriber cannot see does not reach it as noise.
    app.partner("trial").send("parcels", message("M2", &[row_with(1, json!({ "way": "21" }))])).expect(200);
    app.partner("trial")
        .send("parcels", message("M3", &[row_with(1, json!({ "way": "21", "price": "9" }))]))
        .expect(200);
    let rows = wait(&app, &id, |rows| all(rows, DeliveryState::Delivered, 2));
    assert_eq!(rows.iter().map(|it| it.version).collect::<Vec<_>>(), [1, 3]);
}

#[test]
fn a_hub_with_an_sm2_key_signs_with_it_too() {
    use base64::Engine;
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("sm2.pem");
    std::fs::write(&file, include_str!("../../../src/crypto/sm2/gbt32918-5.private.pem")).unwrap();
    let mode = |bits| {
        let may = std::os::unix::fs::PermissionsExt::from_mode(bits);
        std::fs::set_permissions(&file, may).unwrap();
    };
    mode(0o644);
    let open = |path: &str| hub::boot::sm2_key(std::path::Path::new(path)).map(|_key| ());
    let error = open(file.to_str().unwrap()).unwrap_err();
    assert!(error.detail.contains("chmod 600"), "{error:?}");
    mode(0o600);
    let settings = [QUICK, &[("outbox.sm2_key", file.to_str().unwrap())]].concat();
    let (app, neighbour) = (App::with(&settings), Subscriber::start());
    let client = app.partner("trial-neighbour");
    subscribe(&app, &wish("parcels", Some(&neighbour.base)));
    let _working = Working::start(&app);
    app.partner("trial").send("parcels", message("M1", &[row(1)])).expect(200);
    let got = neighbour.wait(|got| !got.is_empty()).remove(0);
    assert!(
        got.is_signed_by(&app.hub.keys.webhook_secret(&client.key).unwrap()),
        "the shared secret counts too"
    );
    let sm2 = got.header("webhook-signature").split(' ').find_map(|it| it.strip_prefix("v1sm2,")).unwrap();
    let sm2 = base64::engine::general_purpose::STANDARD.decode(sm2).unwrap();
    let mut signed = format!("{}.{}.", got.id(), got.header("webhook-timestamp")).into_bytes();
    signed.extend_from_slice(&got.body);
    let public = include_str!("../../../src/crypto/sm2/gbt32918-5.public.pem");
    assert!(hub::crypto::sm2_verify(public, &signed, &sm2).unwrap());
}

#[test]
fn while_a_key_is_changed_over_both_signatures_verify() {
    let (app, neighbour) = (App::with(QUICK), Subscriber::start());
    let keys = [app.partner("trial-neighbour").key, app.partner("trial-neighbour").key];
    let id = subscribe(&app, &wish("parcels", Some(&neighbour.base)));
    let _working = Working::start(&app);
    app.partner("trial").send("parcels", message("M1", &[row(1)])).expect(200);
    wait(&app, &id, |rows| all(rows, DeliveryState::Delivered, 1));
    let got = neighbour.got();
    for key in &keys {
        assert!(got[0].is_signed_by(&app.hub.keys.webhook_secret(key).unwrap()), "{key}");
    }
    app.hub
        .store
        .write(|conn| hub::store::revoke_key(conn, &keys[0].as_str().into(), hub::clock::now()))
        .unwrap();
    app.partner("trial").send("parcels", message("M2", &[row(2)])).expect(200);
    wait(&app, &id, |rows| all(rows, DeliveryState::Delivered, 2));
    let last = neighbour.got().pop().unwrap();
    let signed = |key: &String| last.is_signed_by(&app.hub.keys.webhook_secret(key).unwrap());
    assert_eq!(keys.each_ref().map(signed), [false, true]);
}

/// Versions in the order they were first taken, by record.
fn accepted(got: &[Got], refused: &BTreeSet<usize>) -> BTreeMap<String, Vec<i64>> {
    let mut seen = BTreeSet::new();
    let mut by_record: BTreeMap<String, Vec<i64>> = BTreeMap::new();
    for (n, it) in got.iter().enumerate() {
        if !refused.contains(&n) && seen.insert(it.id().to_owned()) {
            let (record, version) = it.version();
            by_record.entry(record).or_default().push(version);
        }
    }
    by_record
}

#[test]
fn the_versions_of_a_record_arrive_in_order_though_every_third_request_fails() {
    let app = App::with(QUICK);
    app.partner("trial-neighbour");
    let count = AtomicUsize::new(0);
    let neighbour = Subscriber::with(move |_| {
        let fails = count.fetch_add(1, Ordering::Relaxed) % 3 == 2;
        Says::status(if fails { 500 } else { 200 })
    });
    let id = subscribe(&app, &wish("parcels", Some(&neighbour.base)));
    let _working = Working::start(&app);
    let sender = app.partner("trial");
    for version in 1..=6 {
        let rows: Vec<_> =
            (1..=5).map(|n| row_with(n, json!({ "price": (version * 1000).to_string() }))).collect();
        sender.send("parcels", message(&format!("M{version}"), &rows)).expect(200);
    }
    let rows = wait(&app, &id, |rows| all(rows, DeliveryState::Delivered, 30));
    let got = neighbour.got();
    let refused: BTreeSet<usize> = (0..got.len()).filter(|n| n % 3 == 2).collect();
    let by_record = accepted(&got, &refused);
    assert_eq!(by_record.len(), 5);
    for (record, versions) in by_record {
        assert_eq!(versions, (1..=6).collect::<Vec<_>>(), "{record}");
    }
    // One receipt id for all tries of a delivery, and every try in the log.
    let tries: i32 = rows.iter().map(|it| it.tries).sum();
    assert_eq!(usize::try_from(tries).unwrap(), got.len());
    let ids: BTreeSet<&str> = got.iter().map(Got::id).collect();
    assert_eq!(ids.len(), 30);
}

#[test]
fn a_dead_partner_opens_its_circuit_keeps_nobody_waiting_and_gets_everything_later() {
    let app = App::with(QUICK);
    app.partner("trial-neighbour");
    app.partner("trial");
    let (healthy, dead) = (Subscriber::start(), Subscriber::with(|_| Says::status(503)));
    let mut own = wish("own", Some(&healthy.base));
    own.partner = "trial".to_owned();
    let own = subscribe(&app, &own);
    let other = subscribe(&app, &wish("other", Some(&dead.base)));
    let _working = Working::start(&app);
    let rows: Vec<_> = (1..=40).map(row).collect();
    app.partner("trial").send("parcels", message("M1", &rows)).expect(200);
    wait(&app, &own, |rows| all(rows, DeliveryState::Delivered, 40));

    let outlet = |partner: &str| {
        let found = app.read(list_outlets).into_iter().find(|it| it.partner.as_str() == partner);
        found.unwrap()
    };
    assert_eq!(outlet("trial").circuit, Circuit::Closed);
    dead.wait(|got| got.len() >= 7);
    // The partner has its requests a moment before the hub has written down what became of them.
    let started = std::time::Instant::now();
    let mut way = outlet("trial-neighbour");
    while way.circuit != Circuit::Open && started.elapsed() < Duration::from_secs(30) {
        std::thread::sleep(Duration::from_millis(5));
        way = outlet("trial-neighbour");
    }
    assert_eq!((way.circuit, way.note.as_deref()), (Circuit::Open, Some("对方答复 HTTP 503")));
    // Open means: single probes, not forty requests again and again.
    assert!(dead.got().len() < 20, "{}", dead.got().len());
    assert!(deliveries(&app, &other).iter().any(|it| it.tries == 0), "the rest is not even tried");

    dead.change(|_| Says::status(200));
    wait(&app, &other, |rows| all(rows, DeliveryState::Delivered, 40));
    assert_eq!(outlet("trial-neighbour").circuit, Circuit::Closed);
}

#[test]
fn retry_after_is_honoured() {
    let app = App::with(QUICK);
    app.partner("trial-neighbour");
    let neighbour = Subscriber::with(|_| Says::status(429).header("retry-after", "2"));
    let id = subscribe(&app, &wish("parcels", Some(&neighbour.base)));
    let _working = Working::start(&app);
    app.partner("trial").send("parcels", message("M1", &[row(1)])).expect(200);
    neighbour.wait(|got| got.len() == 1);
    neighbour.change(|_| Says::status(200));
    wait(&app, &id, |rows| all(rows, DeliveryState::Delivered, 1));
    let got = neighbour.got();
    assert_eq!(got.len(), 2);
    // Not a measure of speed: without the header the second try would come after 40 ms.
    assert!(got[1].at - got[0].at >= Duration::from_millis(1_900), "{:?}", got[1].at - got[0].at);
}

#[test]
fn gone_stops_the_subscription_and_loses_nothing() {
    let app = App::with(QUICK);
    app.partner("trial-neighbour");
    let neighbour = Subscriber::with(|_| Says::status(410));
    let id = subscribe(&app, &wish("parcels", Some(&neighbour.base)));
    let _working = Working::start(&app);
    app.partner("trial").send("parcels", message("M1", &[row(1)])).expect(200);
    wait(&app, &id, |rows| rows.first().is_some_and(|it| it.tries == 1));
    let stopped = app.read(|conn| get_subscription(conn, &id));
    assert_eq!(stopped.status, Standing::Disabled);
    assert!(stopped.stopped.unwrap().contains("410"));
    app.partner("trial").send("parcels", message("M2", &[row(2)])).expect(200);

    neighbour.change(|_| Says::status(200));
    app.hub
        .store
        .write(|conn| hub::store::set_subscription_status(conn, &id, None, hub::clock::now()))
        .unwrap();
    wait(&app, &id, |rows| all(rows, DeliveryState::Delivered, 2));
}

#[test]
fn a_failure_inside_http_200_is_a_failure_and_a_replay_keeps_the_receipt_id() {
    let app = App::with(QUICK);
    let client = app.partner("trial-neighbour");
    let neighbour = Subscriber::with(|_| Says::status(200).body(r#"{"code":"7","text":"宗地不在本区"}"#));
    let mut it = wish("parcels", Some(&neighbour.base));
    it.answer = Some("parcels".to_owned());
    let id = subscribe(&app, &it);
    let _working = Working::start(&app);
    app.partner("trial").send("parcels", message("M1", &[row(1)])).expect(200);
    let rows = wait(&app, &id, |rows| all(rows, DeliveryState::Refused, 1));
    assert!(rows[0].reason.as_deref().unwrap().contains("宗地不在本区"), "{rows:?}");
    assert_eq!(rows[0].tries, 4, "a partner that declines in its own words is asked four times");
    let outlet = app.read(list_outlets).remove(0);
    assert_eq!(outlet.circuit, Circuit::Closed, "the way itself is good");

    neighbour.change(|_| Says::status(200).body(r#"{"code":"0","text":"ok"}"#));
    client.request("POST", &format!("/api/v1/deliveries/{}/replay", rows[0].id), "").send().expect(202);
    let rows = wait(&app, &id, |rows| all(rows, DeliveryState::Delivered, 1));
    let ids: BTreeSet<String> = neighbour.got().iter().map(|it| it.id().to_owned()).collect();
    assert_eq!(ids, BTreeSet::from([rows[0].id.to_string()]));
    let (_, tries) = app.read(|conn| get_delivery(conn, &rows[0].id));
    assert_eq!(tries.iter().map(|it| it.n).collect::<Vec<_>>(), [1, 2, 3, 4, 5]);
}

#[test]
fn an_expired_credential_is_a_failure_of_the_way_and_is_tried_until_it_is_renewed() {
    let app = App::with(QUICK);
    app.partner("trial-neighbour");
    let neighbour = Subscriber::with(|_| Says::status(200).body(r#"{"code":"2002","text":"token 已过期"}"#));
    let mut it = wish("parcels", Some(&neighbour.base));
    it.answer = Some("parcels".to_owned());
    let id = subscribe(&app, &it);
    let _working = Working::start(&app);
    app.partner("trial").send("parcels", message("M1", &[row(1)])).expect(200);
    // More often than a partner that declines is asked.
    neighbour.wait(|got| got.len() > 4);
    let rows = deliveries(&app, &id);
    assert!(all(&rows, DeliveryState::Ready, 1), "{rows:?}");
    assert!(rows[0].reason.as_deref().unwrap().contains("token 已过期"), "{rows:?}");

    neighbour.change(|_| Says::status(200).body(r#"{"code":"0","text":"ok"}"#));
    wait(&app, &id, |rows| all(rows, DeliveryState::Delivered, 1));
}

#[test]
fn a_refused_delivery_lets_the_next_pass_and_only_the_missing_are_sent_again() {
    let app = App::with(QUICK);
    app.partner("trial-neighbour");
    let refused = no(2);
    let neighbour = Subscriber::with(move |it| {
        let bad = String::from_utf8_lossy(&it.body).contains(&refused);
        Says::status(if bad { 422 } else { 200 })
    });
    let id = subscribe(&app, &wish("parcels", Some(&neighbour.base)));
    let _working = Working::start(&app);
    app.partner("trial").send("parcels", message("M1", &[row(1), row(2), row(3)])).expect(200);
    let rows = wait(&app, &id, |rows| rows.len() == 3 && rows.iter().all(|it| it.finished_at.is_some()));
    let states: Vec<_> = rows.iter().map(|it| it.state).collect();
    assert_eq!(states, [DeliveryState::Delivered, DeliveryState::Refused, DeliveryState::Delivered]);

    neighbour.change(|_| Says::status(200));
    let filter = hub::store::DeliveryFilter { missing: true, ..Default::default() };
    let now = hub::clock::now();
    let replay =
        || app.hub.store.write(|conn| hub::store::replay_deliveries(conn, &filter, now, hub::clock::now()));
    assert_eq!(replay().unwrap(), 1);
    wait(&app, &id, |rows| all(rows, DeliveryState::Delivered, 3));
    assert_eq!(neighbour.got().len(), 4, "only the missing one was sent again");
    assert_eq!(replay().unwrap(), 0);
}

#[test]
fn a_redirect_is_not_followed_and_a_host_off_the_list_is_not_called() {
    let app = App::with(QUICK);
    app.partner("trial-neighbour");
    let elsewhere = Subscriber::start();
    let target = elsewhere.base.clone();
    let neighbour = Subscriber::with(move |_| Says::status(307).header("location", &target));
    let id = subscribe(&app, &wish("parcels", Some(&neighbour.base)));
    let _working = Working::start(&app);
    app.partner("trial").send("parcels", message("M1", &[row(1)])).expect(200);
    let rows = wait(&app, &id, |rows| rows.first().is_some_and(|it| it.tries >= 2));
    assert!(rows[0].reason.as_deref().unwrap().contains("不跟随转向"), "{rows:?}");
    assert!(elsewhere.got().is_empty());
}

#[test]
fn what_is_not_accepted_before_its_deadline_waits_for_a_person() {
    let app = App::with(QUICK);
    app.partner("trial-neighbour");
    let neighbour = Subscriber::with(|_| Says::status(500));
    let mut it = wish("parcels", Some(&neighbour.base));
    it.deadline_seconds = 60;
    let id = subscribe(&app, &it);
    app.partner("trial").send("parcels", message("M1", &[row(1)])).expect(200);
    {
        let _working = Working::start(&app);
        wait(&app, &id, |rows| rows.first().is_some_and(|it| it.tries >= 1));
    }
    // An hour later, as the outbox is told; the worker's own clock cannot be moved.
    let later = hub::clock::now() + chrono::TimeDelta::hours(1);
    let (outbox, partner) = (app.hub.outbox(), "trial-neighbour".into());
    let courier =
        hub::store::Courier { id: "me", until: later + chrono::TimeDelta::hours(1), alive_since: later };
    app.hub.store.write(|conn| hub::store::hold_outlets(conn, courier, later)).unwrap();
    let turn = outbox.turn(&partner, "me", Vec::new(), 0, later).unwrap();
    let hub::outbox::Turn::Go(mut go) = turn else { panic!("{turn:?}") };
    let taken = std::mem::take(&mut go.deliveries);
    let hub::outbox::Built::Parcel(parcel) = outbox.load(taken, later).unwrap().remove(0) else { panic!() };
    let answer = hub::outbox::transport::Answer { status: Some(500), ..Default::default() };
    let verdict = hub::outbox::Verdict::Failed("对方答复 HTTP 500".to_owned(), None);
    let done = hub::outbox::Done::sent(*parcel, &answer, verdict, later);
    outbox.turn(&partner, "me", vec![done], 0, later).unwrap();
    assert!(all(&deliveries(&app, &id), DeliveryState::Dead, 1));
}
