//! A day with a partner, counted: by the store on both databases, as the partner asks for it, as the command prints it.

use chrono::TimeDelta;
use hub::clock;
use hub::outbox::reconciliation::{Day, Reported, Way};
use hub::store::*;
use serde_json::{Value, json};

use super::feed::{change, pushed, record};
use super::{QUICK, Working, subscribe, wait, wish};
use crate::store::builders::{at, partner};
use crate::support::app::App;
use crate::support::command::{expect, hub};
use crate::support::each_db::each_db;
use crate::support::parcels::{message, no, row, row_with};
use crate::support::subscriber::{Says, Subscriber};

#[test]
fn changes_count_for_the_day_they_were_made_whenever_they_are_delivered() {
    each_db(|store| {
        let span = Span { from: at(-10), to: at(10) };
        let all = |_: &Subscription, _: &FeedItem| true;
        let of = store
            .write(|conn| {
                let of = partner(conn, "trial");
                save_subscription(conn, &pushed(&of))?;
                let first = record(conn, 1, at(0));
                // Others before and after lie between the first and the last of the span.
                record(conn, 2, at(20));
                change(conn, &first, 2, at(-20));
                record(conn, 3, at(9));
                record(conn, 4, at(10));
                Ok(of)
            })
            .unwrap();
        while store.write(|conn| number_changes(conn, 7)).unwrap() > 0 {}
        let between = store.read(|conn| find_positions(conn, span)).unwrap().unwrap();
        assert_eq!(between, (1, 4), "the bounds are those of the span, not the span itself");
        let window = Window { open: 100, batch: 100 };
        // Taken an hour later: the day is that of the change.
        let taken = store.write(|conn| take_deliveries(conn, &of, window, &all, at(60))).unwrap();
        assert_eq!(taken.len(), 4, "the second version of the first record waits for the first");
        let id = pushed(&of).id;
        let count = || store.read(|conn| count_deliveries_of(conn, &id, span, between)).unwrap();
        assert_eq!(count(), [(DeliveryState::Ready, 2)]);
        let tried = Tried {
            id: taken.iter().find(|it| it.position == 1).unwrap().id.clone(),
            n: 1,
            at: at(61),
            ms: 1,
            status: Some(200),
            request: String::new(),
            answer: String::new(),
            state: DeliveryState::Delivered,
            reason: None,
            next_at: at(61),
        };
        store.write(|conn| settle_delivery(conn, &tried, at(61))).unwrap();
        assert_eq!(count(), [(DeliveryState::Delivered, 1), (DeliveryState::Ready, 1)]);
        let open = store.read(|conn| list_deliveries_not_taken(conn, &id, span, between, 10)).unwrap();
        assert_eq!(open.iter().map(|it| it.position).collect::<Vec<_>>(), [4]);
        let nothing = Span { from: at(-100), to: at(-50) };
        assert_eq!(store.read(|conn| find_positions(conn, nothing)).unwrap(), None);
        let missing = store.read(count_not_arrived).unwrap();
        assert_eq!(missing, [(id.clone(), DeliveryState::Ready, 4)], "the whole log, not the span");
    });
}

/// A hub where the trial partner sent four messages, of which two were taken as a whole; its neighbour, who is told of every
/// parcel, refused one; another subscription of the neighbour is pulled.
fn story() -> (App, Working, Subscriber) {
    let app = App::with(QUICK);
    app.partner("trial-neighbour");
    let refused = no(2);
    let neighbour = Subscriber::with(move |it| {
        let bad = String::from_utf8_lossy(&it.body).contains(&refused);
        Says::status(if bad { 422 } else { 200 })
    });
    let id = subscribe(&app, &wish("pushed", Some(&neighbour.base)));
    subscribe(&app, &wish("pulled", None));
    let working = Working::start(&app);
    let sender = app.partner("trial");
    sender.send("parcels", message("M1", &[row(1), row(2)])).expect(200);
    sender.send("parcels", message("M1", &[row(1), row(2)])).expect(200);
    sender.send("parcels", message("M2", &[row(3)])).expect(200);
    sender.send("parcels", message("M3", &[row(4), row_with(5, json!({ "area": "很大" }))])).expect(207);
    sender.send("parcels", b"{".to_vec());
    wait(&app, &id, |rows| rows.len() == 4 && rows.iter().all(|it| it.finished_at.is_some()));
    (app, working, neighbour)
}

fn line<'a>(told: &'a Value, name: &str) -> &'a Value {
    told["lines"].as_array().unwrap().iter().find(|it| it["name"] == name).unwrap()
}

#[test]
fn both_directions_are_counted_and_what_was_not_taken_is_listed() {
    let (app, _working, _neighbour) = story();
    let today = clock::china_date(clock::now());
    let day = |date: chrono::NaiveDate| Day::new(date, clock::day(date), clock::now());
    let count = |partner: &str, reported: &Reported| {
        app.hub.outbox().reconciliation(&partner.into(), &day(today), reported).unwrap()
    };
    let sent = count("trial", &Reported::default());
    let told = sent.json();
    let parcels = line(&told, "parcels");
    let states = ["total", "accepted", "partial", "refused", "waiting", "records"]
        .map(|it| parcels[it].as_i64().unwrap());
    assert_eq!(states, [4, 2, 1, 0, 1, 4], "the repetition is no message of its own: {told}");
    assert_eq!(sent.open.len(), 2);
    assert!(!sent.is_even() && !sent.is_over);

    let mut reported = Reported::default();
    reported.taken.insert("pushed".to_owned(), 2);
    reported.sent.insert("lost".to_owned(), 3);
    let got = count("trial-neighbour", &reported);
    let told = got.json();
    let states = ["total", "accepted", "refused", "waiting", "reported", "difference"]
        .map(|it| line(&told, "pushed")[it].as_i64().unwrap());
    assert_eq!(states, [4, 3, 1, 0, 2, -1]);
    assert_eq!(
        (&line(&told, "pulled")["total"], &line(&told, "pulled")["way"]),
        (&json!(4), &json!("pulled"))
    );
    assert_eq!(line(&told, "lost")["difference"], 3, "said to be sent, never came");
    assert_eq!(got.open.iter().map(|it| it.way).collect::<Vec<_>>(), [Way::Pushed]);

    let before = day(today - TimeDelta::days(2));
    let empty = app.hub.outbox().reconciliation(&"trial".into(), &before, &Reported::default()).unwrap();
    assert!(empty.lines.is_empty() && empty.is_even() && empty.is_over);
}

#[test]
fn the_partner_asks_for_its_day_and_only_for_its_own() {
    let (app, _working, _neighbour) = story();
    let client = app.partner("trial-neighbour");
    let today = clock::china_date(clock::now());
    let at = |query: &str| client.get(&format!("/api/v1/exchange/trial-neighbour/reconciliation{query}"));
    let answer = at(&format!("?date={today}&taken.pushed=4")).expect(200);
    assert_eq!(answer.headers["content-type"], "application/xml; charset=utf-8");
    let xml = answer.text;
    assert!(xml.starts_with("<?xml version=\"1.0\" encoding=\"UTF-8\"?>"), "{xml}");
    let push = "<push name=\"pushed\" title=\"试点订阅\" total=\"4\" accepted=\"3\" refused=\"1\" waiting=\"0\" reported=\"4\" difference=\"1\"/>";
    assert!(xml.contains(push), "{xml}");
    assert!(xml.contains("<pull name=\"pulled\" title=\"试点订阅\" total=\"4\"/>"), "{xml}");
    assert!(xml.contains("even=\"false\"") && xml.contains("state=\"被退回\""), "{xml}");

    assert_eq!(at("").expect(400).code(), "E1018");
    assert_eq!(at("?date=2026-13-01").expect(400).code(), "E1018");
    assert_eq!(at("?date=2026-03-01&taken.pushed=viele").expect(400).code(), "E1018");
    let other =
        app.partner("trial").get(&format!("/api/v1/exchange/trial-neighbour/reconciliation?date={today}"));
    other.expect(403);

    // The operator's command counts the same and ends as a check that found something.
    let out = app.hub.config.data.join("day.xml");
    let book = app.hub.config.data.join("day.xlsx");
    let today = today.to_string();
    let run = |code: i32, arguments: &[&str]| {
        let mut command = hub(&app.hub.config.data);
        expect(code, command.args(["reconciliation"]).args(arguments))
    };
    let files = ["--xml", out.to_str().unwrap(), "--xlsx", book.to_str().unwrap()];
    let printed =
        run(4, &[&["trial-neighbour", "--date", &today, "--taken", "pushed=4"][..], &files].concat());
    assert!(printed.out.contains("合计 4 收下 3 退回 1 等待 0 对方所报 4 差额 +1"), "{}", printed.out);
    let saved = std::fs::read_to_string(out).unwrap();
    assert!(saved.contains(push), "{saved}");
    assert!(std::fs::read(book).unwrap().starts_with(b"PK"));
    run(0, &["--date", "2020-01-01"]);
    run(5, &["nobody"]);
}
