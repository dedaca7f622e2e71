//! Tasks that tick themselves: progress counted from records, not typed in.

use hub::store::{RecordId, Sources, Store, Weighed, save_record};
use hub::tracking::event::Deed;
use serde_json::{Value, json};

use super::office::{deed, desk, line, load, open, report};
use crate::support::each_db::each_db;

fn record(store: &Store, kind: &str, body: Value) {
    let now = desk("2022-05-01").now;
    let body = body.as_object().unwrap();
    let new = Weighed {
        id: &RecordId::fresh(now),
        before: None,
        kind,
        title: kind,
        division: Some("330402"),
        body,
        sources: &Sources::default(),
        keys: &[],
        search: "",
        message: None,
    };
    store.write(|conn| save_record(conn, &new, now)).unwrap();
}

fn handover(store: &Store, works: &str, state: &str) {
    record(store, "handover", json!({ "works_no": works, "state": state }));
}

fn registered(store: &Store, unit: &str) {
    record(store, "title_registration", json!({ "unit_no": unit, "right_state": "1" }));
}

#[test]
fn registrations_are_counted_against_handovers_through_the_works_record() {
    each_db(|store| {
        load(store, "2022-03-01");
        let counted = line(store, "2022-05-02", "附10").counted.unwrap();
        assert_eq!((counted.of, counted.percent), (0, None));
        for n in 1..=4 {
            record(store, "works", json!({ "works_no": format!("人防{n}"), "unit_no": format!("U{n}") }));
            handover(store, &format!("人防{n}"), if n == 4 { "applied" } else { "certified" });
        }
        registered(store, "U1");
        registered(store, "U1");
        registered(store, "U4");
        let counted = line(store, "2022-05-02", "附10").counted.unwrap();
        assert_eq!((counted.done, counted.of, counted.percent), (1, 3, Some(33)));
        assert_eq!(counted.missing, ["人防2", "人防3"]);
        assert_eq!(line(store, "2022-05-02", "附2").counted, None, "a task that is not bound");
    });
}

#[test]
fn what_is_reported_does_not_paint_over_what_the_data_says() {
    each_db(|store| {
        load(store, "2022-03-01");
        handover(store, "人防1", "certified");
        handover(store, "人防2", "certified");
        deed(store, "2022-03-02", "附10", "natural_resources", Deed::Received);
        for (on, percent) in [("2023-06-02", 95), ("2023-07-02", 95)] {
            deed(store, on, "附10", "natural_resources", report(percent));
        }
        let told = open(store, "2023-07-10", "附10");
        assert_eq!((told.line.percent, told.line.counted.as_ref().unwrap().percent), (Some(95), Some(0)));
        assert_eq!(told.line.light.rule, "far_behind", "{}", told.line.light.why);
        assert!(told.line.light.why.contains("现为 0%"), "{}", told.line.light.why);
        record(store, "title_registration", json!({ "works_no": "人防1", "right_state": "1" }));
        record(store, "title_registration", json!({ "works_no": "人防2", "right_state": "1" }));
        let done = line(store, "2023-07-10", "附10");
        assert_eq!(done.counted.unwrap().percent, Some(100));
        assert_ne!(done.light.rule, "far_behind", "the records put it right without anybody typing");
    });
}
