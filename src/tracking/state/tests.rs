//! Which deed may follow which, and what is kept of what came before.

use chrono::NaiveDate;

use super::super::event::{Actor, Deed, Event, Report};
use super::super::fixture::{calendar, day, event};
use super::{Due, Snapshot, State};
use crate::error::codes::task as code;

fn play(deeds: &[(&str, Deed)]) -> Snapshot {
    let events: Vec<Event> = deeds.iter().map(|(on, deed)| event(on, deed.clone())).collect();
    Snapshot::replay(&events)
}

fn on(date: &str) -> Due {
    Due::On { date: day(date) }
}

fn assigned() -> Deed {
    Deed::Assigned { due: Some(on("2026-06-30")) }
}

fn asked(date: &str) -> Deed {
    Deed::ExtensionRequested { due: on(date), reason: "测绘未完成".to_owned() }
}

fn done() -> Deed {
    Deed::CompletionRequested {
        statement: "已全部登记".to_owned(), evidence: vec!["登记台账".to_owned()]
    }
}

#[track_caller]
fn refused(snapshot: &Snapshot, deed: &Deed, today: &str) -> String {
    let error = snapshot.allow(deed, day(today), &calendar()).unwrap_err();
    error.to_string()
}

#[track_caller]
fn allowed(snapshot: &Snapshot, deed: &Deed, today: &str) {
    snapshot.allow(deed, day(today), &calendar()).unwrap();
}

#[test]
fn the_plain_course() {
    let mut snapshot = Snapshot::default();
    for (on, deed, state) in [
        ("2026-03-02", assigned(), State::Assigned),
        ("2026-03-03", Deed::Received, State::Active),
        ("2026-06-25", done(), State::Reviewing),
        ("2026-07-02", Deed::CompletionApproved { comment: String::new() }, State::Done),
        ("2026-07-03", Deed::Closed, State::Closed),
    ] {
        allowed(&snapshot, &deed, on);
        snapshot.apply(&event(on, deed));
        assert_eq!(snapshot.state, state);
    }
    assert_eq!(snapshot.done_on, Some(day("2026-06-25")), "done when asked for, not when checked");
    for deed in [Deed::Received, Deed::Closed, done(), Deed::Paused { reason: "x".to_owned() }] {
        assert!(refused(&snapshot, &deed, "2026-07-04").contains("已销号"));
    }
}

#[test]
fn nothing_before_receipt_but_receipt() {
    let snapshot = play(&[("2026-03-02", assigned())]);
    let said = refused(&snapshot, &done(), "2026-03-03");
    assert!(said.contains("请牵头单位先签收"), "{said}");
    assert!(refused(&snapshot, &Deed::Closed, "2026-03-03").contains("只有“办结”的任务才能销号"));
    assert!(refused(&snapshot, &assigned(), "2026-03-03").contains("任务已交办"));
}

#[test]
fn an_extension_needs_approval_and_keeps_the_old_deadline() {
    let course =
        [("2026-03-02", assigned()), ("2026-03-03", Deed::Received), ("2026-06-20", asked("2026-08-31"))];
    let mut snapshot = play(&course);
    assert_eq!(snapshot.due(), Some(on("2026-06-30")), "asking changes nothing");
    let again = snapshot.allow(&asked("2026-09-30"), day("2026-06-21"), &calendar()).unwrap_err();
    assert_eq!(again.code, code::REQUEST_PENDING);
    assert!(again.detail.contains("延至2026年8月31日"), "{again}");
    snapshot.apply(&event("2026-06-22", Deed::ExtensionApproved { comment: String::new() }));
    assert_eq!(snapshot.due(), Some(on("2026-08-31")));
    assert_eq!(snapshot.original_due(), Some(on("2026-06-30")));
    let nothing = Deed::ExtensionApproved { comment: String::new() };
    assert_eq!(snapshot.allow(&nothing, day("2026-06-23"), &calendar()).unwrap_err().code, code::NO_REQUEST);

    let mut refused_course = play(&course);
    refused_course.apply(&event("2026-06-22", Deed::ExtensionRefused { reason: "可先登记".to_owned() }));
    assert_eq!(refused_course.dues.len(), 1);
    assert!(refused_course.extension.is_none());
}

#[test]
fn an_extension_must_lie_later() {
    let snapshot = play(&[("2026-03-02", assigned()), ("2026-03-03", Deed::Received)]);
    for (asked_for, today) in [("2026-06-30", "2026-06-01"), ("2026-07-10", "2026-07-11")] {
        let error = snapshot.allow(&asked(asked_for), day(today), &calendar()).unwrap_err();
        assert_eq!(error.code, code::DUE_NOT_LATER, "{asked_for}");
    }
    let endless = Deed::ExtensionRequested { due: Due::Ongoing, reason: "x".to_owned() };
    assert!(refused(&snapshot, &endless, "2026-06-01").contains("不能改为长期"));
    let blank = Deed::ExtensionRequested { due: on("2026-09-01"), reason: " ".to_owned() };
    assert!(refused(&snapshot, &blank, "2026-06-01").contains("理由"));
}

#[test]
fn review_goes_back_and_a_request_can_be_withdrawn() {
    let mut snapshot =
        play(&[("2026-03-02", assigned()), ("2026-03-03", Deed::Received), ("2026-06-25", done())]);
    assert!(
        refused(&snapshot, &Deed::CompletionRefused { reason: String::new() }, "2026-06-26")
            .contains("还缺什么")
    );
    snapshot.apply(&event("2026-06-26", Deed::CompletionRefused { reason: "缺台账".to_owned() }));
    assert_eq!((snapshot.state, snapshot.done_on), (State::Active, None));
    snapshot.apply(&event("2026-06-27", done()));
    allowed(&snapshot, &Deed::RequestWithdrawn, "2026-06-27");
    snapshot.apply(&event("2026-06-27", Deed::RequestWithdrawn));
    assert_eq!(snapshot.state, State::Active);
    assert_eq!(
        snapshot.allow(&Deed::RequestWithdrawn, day("2026-06-28"), &calendar()).unwrap_err().code,
        code::NO_REQUEST
    );
}

#[test]
fn a_pause_returns_to_where_it_was() {
    let mut snapshot =
        play(&[("2026-03-02", assigned()), ("2026-03-04", Deed::Paused { reason: "机构改革".to_owned() })]);
    snapshot.apply(&event("2026-09-01", Deed::Resumed { due: Some(on("2026-12-31")) }));
    assert_eq!(snapshot.state, State::Assigned);
    assert_eq!(snapshot.due(), Some(on("2026-12-31")));
    assert_eq!(snapshot.dues.len(), 2);
}

#[test]
fn reports_say_what_is_wrong_with_them() {
    let snapshot = play(&[("2026-03-02", assigned()), ("2026-03-03", Deed::Received)]);
    let report = |percent, progress: &str, period: Option<&str>| {
        Deed::Reported(Report {
            percent,
            progress: progress.to_owned(),
            period: period.and_then(super::Period::parse),
            ..Report::default()
        })
    };
    allowed(&snapshot, &report(20, "已摸底", None), "2026-04-02");
    assert!(refused(&snapshot, &report(101, "已摸底", None), "2026-04-02").contains("101"));
    assert!(refused(&snapshot, &report(20, "　", None), "2026-04-02").contains("本期进展"));
    assert!(refused(&snapshot, &report(20, "已摸底", Some("2026-05")), "2026-04-02").contains("2026年5月"));
    assert!(refused(&snapshot, &report(20, "已摸底", Some("2026-02")), "2026-04-02").contains("2026年2月"));
}

#[test]
fn events_keep_their_stored_form() {
    let stored = r#"{"at":"2026-06-20T01:00:00Z","day":"2026-06-20","actor":{"id":"u1","name":"钱某","department":"natural_resources"},"deed":{"deed":"reported","period":"2026-05","percent":60,"progress":"已登记 6 处"}}"#;
    let event: Event = serde_json::from_str(stored).unwrap();
    assert_eq!(serde_json::to_string(&event).unwrap(), stored);
    let Deed::Reported(report) = &event.deed else { panic!("{event:?}") };
    assert_eq!(report.percent, 60);
    assert_eq!(event.day, NaiveDate::from_ymd_opt(2026, 6, 20).unwrap());
    assert_ne!(event.actor, Actor::system());
}
