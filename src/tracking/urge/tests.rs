//! The ladder goes up one rung at a time and never nags.

use super::super::due::Due as Deadline;
use super::super::event::{Deed, Event};
use super::super::fixture::{calendar, day, event, rules};
use super::super::light::Day;
use super::super::state::Snapshot;
use super::due;

fn start() -> Vec<Event> {
    vec![
        event("2026-03-02", Deed::Assigned { due: Some(Deadline::On { date: day("2026-06-30") }) }),
        event("2026-03-03", Deed::Received),
    ]
}

fn step(events: &[Event], today: &str) -> Option<String> {
    let day = Day { today: day(today), calendar: &calendar(), rules: &rules() };
    due("门牌登记", &Snapshot::replay(events), day).map(|rung| rung.title)
}

fn take(events: &mut Vec<Event>, today: &str) -> Option<String> {
    let day = Day { today: day(today), calendar: &calendar(), rules: &rules() };
    let rung = due("门牌登记", &Snapshot::replay(events), day)?;
    events.push(event(
        today,
        Deed::Urged { step: rung.step, title: rung.title.clone(), message: rung.message },
    ));
    Some(rung.title)
}

#[test]
fn the_ladder_day_by_day() {
    let mut events = start();
    let mut said = Vec::new();
    for today in day("2026-06-01").iter_days().take_while(|today| *today <= day("2026-08-20")) {
        if let Some(title) = take(&mut events, &today.to_string()) {
            said.push(format!("{} {title}", today.format("%m-%d")));
        }
    }
    assert_eq!(
        said,
        [
            "06-23 提醒",
            "06-26 提醒",
            "06-29 提醒",
            "07-01 催办",
            "07-06 催办",
            "07-10 督办单",
            "07-25 督办单",
            "07-30 通报"
        ]
    );
}

#[test]
fn a_late_start_climbs_from_the_first_rung_that_still_makes_sense() {
    let mut events = start();
    assert_eq!(take(&mut events, "2026-08-15").as_deref(), Some("催办"));
    assert_eq!(step(&events, "2026-08-16"), None, "two days between steps");
    assert_eq!(take(&mut events, "2026-08-17").as_deref(), Some("督办单"));
    assert_eq!(step(&events, "2026-08-19").as_deref(), Some("通报"));
}

#[test]
fn a_new_deadline_starts_the_ladder_anew_and_rest_states_are_left_alone() {
    let mut events = start();
    take(&mut events, "2026-07-01");
    events.push(event(
        "2026-07-02",
        Deed::ExtensionRequested { due: Deadline::On { date: day("2026-09-30") }, reason: "x".to_owned() },
    ));
    events.push(event("2026-07-02", Deed::ExtensionApproved { comment: String::new() }));
    assert_eq!(step(&events, "2026-07-10"), None);
    assert_eq!(step(&events, "2026-09-25").as_deref(), Some("提醒"));
    events.push(event("2026-09-26", Deed::Paused { reason: "x".to_owned() }));
    assert_eq!(step(&events, "2026-12-01"), None);
}
