//! Many messages wait for the same reason: one person decides once, looks first, may pause and call off; each message is done
//! once and keeps what was sent.

use hub::error::codes;
use hub::intake::{self, Asked, Cure, MendingDeed};
use hub::mapping::Substitution;
use hub::store::*;
use hub::{clock, intake::Intake};
use serde_json::json;

use crate::support::app::{App, Client};
use crate::support::parcels::{message, no, row_with};

fn asked() -> Asked {
    Asked { by: "shuju".to_owned(), at: clock::now(), trace_id: clock::fresh_id() }
}

fn group(cause: &str) -> Group {
    Group { partner: "trial".into(), name: "parcels".to_owned(), cause: Some(cause.to_owned()) }
}

fn way(from: &str, to: &str) -> Cure {
    let one = Substitution { path: "/list/*/way".to_owned(), from: from.to_owned(), to: to.to_owned() };
    Cure { substitutions: vec![one], note: "已与对方核实，99 指挂牌出让".to_owned() }
}

/// Messages that are refused for a code nobody knows.
fn send(partner: &Client, numbers: std::ops::RangeInclusive<u32>, way: &str) -> Vec<MessageId> {
    numbers
        .map(|n| {
            let row = row_with(n, json!({ "way": way }));
            let refused = partner.send("parcels", message(&format!("M{n}"), &[row])).expect(422);
            MessageId::from(refused.json["message_id"].as_str().unwrap())
        })
        .collect()
}

fn run(intake: &Intake, id: &MendingId) {
    intake::run_mending(intake, id, &clock::now, || Ok(false)).unwrap();
}

#[test]
fn one_decision_takes_what_was_looked_at_and_leaves_the_rest() {
    let app = App::start();
    let partner = app.partner("trial");
    let ids = send(&partner, 1..=4, "99");
    send(&partner, 5..=5, "98");
    let intake = &app.hub.intake;

    let now = intake::preview(intake, &group("E4007"), &Cure::default()).unwrap();
    assert_eq!((now.total, now.tried, now.accepted, now.refused), (5, 5, 0, 5));
    let offers: Vec<_> =
        now.offers.iter().map(|it| (it.path.as_deref(), it.from.as_deref(), it.messages)).collect();
    let path = Some("/list/*/way");
    assert_eq!(offers, [(path, Some("99"), 4), (path, Some("98"), 1)]);
    let then = intake::preview(intake, &group("E4007"), &way("99", "23")).unwrap();
    assert_eq!((then.accepted, then.refused, then.offers.len()), (4, 1, 1));
    assert!(app.read(|conn| list_records(conn, &RecordFilter::default(), Page::first(9))).rows.is_empty());

    let id = intake::start_mending(intake, &group("E4007"), &way("99", "23"), &asked()).unwrap();
    let late = send(&partner, 6..=6, "99");
    run(intake, &id);
    run(intake, &id);
    let done = app.read(|conn| get_mending(conn, &id));
    assert_eq!((done.state, done.total, done.accepted, done.refused), (MendingState::Done, 5, 4, 1));
    for it in &ids {
        let it = app.read(|conn| get_message(conn, it));
        assert_eq!(it.state, MessageState::Resolved);
        let note = it.settled_note.unwrap();
        assert!(note.contains("/list/*/way 的“99”读作“23”") && note.contains("已与对方核实"), "{note}");
        let raw = app.read(|conn| load_raw(conn, &it.id));
        assert!(String::from_utf8(raw).unwrap().contains("\"way\":\"99\""), "the bytes stay");
    }
    let late = app.read(|conn| get_message(conn, &late[0]));
    assert_eq!(late.state, MessageState::Quarantined, "what comes later is not part of the decision");
    let record = partner.get(&format!("/api/v1/records/parcel?key={}", no(1))).expect(200).json;
    assert_eq!(record["fields"]["supply_way"], "23");
    let path = format!("/api/v1/records/parcel/{}/provenance", record["id"].as_str().unwrap());
    let sources = partner.get(&path).expect(200).text;
    assert!(sources.contains("/list/0/way"), "the value points to what was sent: {sources}");
    let audit = app.read(|conn| {
        let filter = AuditFilter { object_id: Some(id.to_string()), ..Default::default() };
        list_audit(conn, &filter, Page::first(9))
    });
    let actions: Vec<&str> = audit.rows.iter().map(|it| it.action.as_str()).rev().collect();
    assert_eq!(actions, ["mending.started", "mending.finished"]);
}

#[test]
fn a_decision_pauses_goes_on_and_is_called_off() {
    let app = App::start();
    let partner = app.partner("trial");
    let ids = send(&partner, 1..=6, "99");
    let intake = &app.hub.intake;
    let id = intake::start_mending(intake, &group("E4007"), &way("99", "23"), &asked()).unwrap();
    // As if the machine had stopped behind the first message.
    intake::run_mending(intake, &id, &clock::now, || Ok(true)).unwrap();
    // A person deals with one by hand meanwhile.
    intake::close(intake, &ids[1], "作废", &asked()).unwrap();
    let mut left = 2;
    let stop = || {
        left -= 1;
        if left == 0 {
            intake::act_mending(intake, &id, MendingDeed::Pause, &asked())?;
        }
        Ok(false)
    };
    intake::run_mending(intake, &id, &clock::now, stop).unwrap();
    let paused = app.read(|conn| get_mending(conn, &id));
    assert_eq!((paused.state, paused.accepted), (MendingState::Paused, 3));
    run(intake, &id);
    assert_eq!(app.read(|conn| get_mending(conn, &id)).accepted, 3, "nothing happens while it is paused");

    let other = intake::start_mending(intake, &group("E4007"), &way("99", "21"), &asked()).unwrap_err();
    assert_eq!(other.code, codes::record::MENDING, "one decision at a time");
    intake::act_mending(intake, &id, MendingDeed::Resume, &asked()).unwrap();
    let mut left = 1;
    let stop = || {
        left -= 1;
        if left == 0 {
            intake::act_mending(intake, &id, MendingDeed::Cancel, &asked())?;
        }
        Ok(false)
    };
    intake::run_mending(intake, &id, &clock::now, stop).unwrap();
    let end = app.read(|conn| get_mending(conn, &id));
    assert_eq!((end.state, end.accepted, end.refused), (MendingState::Cancelled, 4, 0));
    let again = intake::act_mending(intake, &id, MendingDeed::Resume, &asked()).unwrap_err();
    assert_eq!(again.code, codes::record::MENDING);
    assert_eq!(app.read(list_quarantine)[0].count, 1, "the rest waits on");
    for it in &ids[..1] {
        let versions = app.read(|conn| list_claims_of_message(conn, it, -1, 9));
        assert_eq!(versions.len(), 1, "taken once");
    }
}

#[test]
fn the_worker_does_it_in_the_background_and_tables_are_read_by_column() {
    let app = App::start();
    let partner = app.partner("trial");
    let csv = "电子监管号,坐落,供地方式,面积,价款,签订日期\n".to_owned()
        + &format!("{},南湖区试验路1号,挂牌九九,10.50,1000000,2026-03-01\n", no(1))
        + &format!("{},南湖区试验路2号,挂牌九九,20.50,1000000,2026-03-01\n", no(2));
    let refused = partner.post("parcels_csv", csv).header("content-type", "text/csv").send().expect(422);
    let group = Group { name: "parcels_csv".to_owned(), ..group(refused.code()) };
    let group = Group { cause: app.read(list_quarantine)[0].cause.clone(), ..group };
    let intake = &app.hub.intake;
    let now = intake::preview(intake, &group, &Cure::default()).unwrap();
    let offer = &now.offers[0];
    assert_eq!((offer.path.as_deref(), offer.from.as_deref()), (Some("C3"), Some("挂牌九九")));
    let one = Substitution { path: "C3".to_owned(), from: "挂牌九九".to_owned(), to: "23".to_owned() };
    let cure = Cure { substitutions: vec![one], note: "核实".to_owned() };
    let works = hub::worker::start(app.hub.worker()).unwrap();
    let id = intake::start_mending(intake, &group, &cure, &asked()).unwrap();
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(60);
    while app.read(|conn| get_mending(conn, &id)).finished_at.is_none() {
        assert!(std::time::Instant::now() < deadline, "the worker does nothing");
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    works.stop();
    assert_eq!(app.read(|conn| get_mending(conn, &id)).accepted, 1);
    assert!(app.read(list_quarantine).is_empty());
    partner.get(&format!("/api/v1/records/parcel?key={}", no(2))).expect(200);
}

#[test]
fn a_decision_needs_a_reason_a_group_and_one_meaning() {
    let app = App::start();
    let partner = app.partner("trial");
    let intake = &app.hub.intake;
    let start =
        |cure: &Cure| intake::start_mending(intake, &group("E4007"), cure, &asked()).map_err(|it| it.code);
    assert_eq!(start(&way("99", "23")), Err(codes::record::MENDING), "nothing waits");
    send(&partner, 1..=1, "99");
    assert_eq!(start(&Cure { note: " ".to_owned(), ..way("99", "23") }), Err(codes::transport::PARAMETER));
    let mut two = way("99", "23");
    two.substitutions.extend(way("99", "21").substitutions);
    assert_eq!(start(&two), Err(codes::transport::PARAMETER));
    let unknown = Group { name: "nothing".to_owned(), ..group("E4007") };
    let unknown = intake::preview(intake, &unknown, &Cure::default()).unwrap_err();
    assert_eq!(unknown.code, codes::transport::UNKNOWN_MESSAGE);
    // What is read must itself be valid.
    let id = intake::start_mending(intake, &group("E4007"), &way("99", "77"), &asked()).unwrap();
    run(intake, &id);
    assert_eq!(app.read(|conn| get_mending(conn, &id)).refused, 1);
}
