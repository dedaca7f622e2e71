//! Vectors for lights: events and a day in, shape, word and reason out, by the rules that ship.

use super::super::due::Due;
use super::super::event::{Deed, Event, Report};
use super::super::fixture::{calendar, day, event, rules};
use super::{Colour, Day, Light, Period, light};

fn on(date: &str) -> Due {
    Due::On { date: day(date) }
}

/// Handed out on Monday 2026-03-02 with the deadline 2026-06-30, received the next day.
fn course(more: &[(&str, Deed)]) -> Vec<Event> {
    let first =
        [("2026-03-02", Deed::Assigned { due: Some(on("2026-06-30")) }), ("2026-03-03", Deed::Received)];
    first.iter().chain(more).map(|(on, deed)| event(on, deed.clone())).collect()
}

fn report(period: &str, percent: u8) -> Deed {
    Deed::Reported(Report {
        period: Period::parse(period),
        percent,
        progress: "按计划推进".to_owned(),
        ..Report::default()
    })
}

/// Every month reported, percent in step with time.
fn reported() -> Vec<(&'static str, Deed)> {
    vec![
        ("2026-04-03", report("2026-03", 30)),
        ("2026-05-04", report("2026-04", 60)),
        ("2026-06-04", report("2026-05", 90)),
    ]
}

fn extended(to: &str) -> Deed {
    Deed::ExtensionRequested { due: on(to), reason: "测绘未完成".to_owned() }
}

fn ask_done() -> Deed {
    Deed::CompletionRequested { statement: "完成".to_owned(), evidence: vec!["台账".to_owned()] }
}

fn ok() -> Deed {
    Deed::CompletionApproved { comment: String::new() }
}

fn judge(events: &[Event], counted: Option<u8>, today: &str) -> Light {
    light(events, counted, Day { today: day(today), calendar: &calendar(), rules: &rules() })
}

#[track_caller]
fn check(events: &[Event], today: &str, expected: &str) -> Light {
    let light = judge(events, None, today);
    assert_eq!(light.to_string(), expected, "{}", light.why);
    light
}

#[test]
fn green_then_yellow_then_red() {
    let events = course(&reported());
    let normal = check(&events, "2026-06-20", "● 正常");
    assert_eq!(normal.why, "时限为2026年6月30日，还有 10 天，进展正常。");
    assert!(normal.also.is_empty());
    let soon = check(&events, "2026-06-27", "▲ 临期 3 天");
    assert_eq!(soon.why, "时限为2026年6月30日，还有 3 天（2 个工作日），尚未办结（提前 7 天亮黄灯）。");
    check(&events, "2026-06-23", "▲ 临期 7 天");
    check(&events, "2026-06-22", "● 正常");
    check(&events, "2026-06-30", "▲ 临期 0 天");
    check(&events, "2026-07-01", "■ 逾期 1 天");
    let late = check(&events, "2026-07-07", "■ 逾期 7 天");
    assert_eq!(late.why, "时限为2026年6月30日，截至2026年7月7日已逾期 7 天（5 个工作日），尚未办结。");
    assert_eq!(late.also, ["2026年6月的进展应在2026年7月5日前填报，至今未报，连续 1 期未报。"]);
}

#[test]
fn red_made_good_by_an_extension_becomes_yellow_not_green() {
    let mut more = reported();
    more.push(("2026-07-03", extended("2026-09-30")));
    more.push(("2026-07-03", Deed::ExtensionApproved { comment: String::new() }));
    let events = course(&more);
    let light = check(&events, "2026-07-04", "▲ 曾亮红灯");
    assert_eq!(light.why, "2026年7月1日曾亮红灯，现已补齐；补齐后为黄灯，不转绿灯。");
    // Asked for and granted in time, the light stays green.
    let mut in_time = reported();
    in_time.push(("2026-06-20", extended("2026-09-30")));
    in_time.push(("2026-06-22", Deed::ExtensionApproved { comment: String::new() }));
    check(&course(&in_time), "2026-07-04", "● 正常");
}

#[test]
fn red_made_good_by_a_report_becomes_yellow() {
    let events = course(&[("2026-04-03", report("2026-03", 5))]);
    // 78 of 120 days gone: 65 % expected, 5 % reported.
    let behind = check(&events, "2026-05-19", "■ 滞后 60 点");
    assert!(behind.why.contains("应达 65%，现为 5%"), "{}", behind.why);
    let mut better = events;
    better.push(event("2026-05-20", report("2026-04", 70)));
    let light = check(&better, "2026-05-21", "▲ 曾亮红灯");
    assert!(light.why.starts_with("2026年5月20日曾亮红灯"), "{}", light.why);
}

#[test]
fn done_in_time_is_green_done_late_is_yellow() {
    let mut in_time = reported();
    in_time.extend([("2026-06-29", ask_done()), ("2026-07-20", ok())]);
    check(&course(&in_time), "2026-08-01", "● 办结");
    let mut late = reported();
    late.extend([("2026-07-03", ask_done()), ("2026-07-06", ok()), ("2026-07-07", Deed::Closed)]);
    let light = check(&course(&late), "2026-08-01", "▲ 逾期办结");
    assert_eq!(light.why, "时限为2026年6月30日，2026年7月3日才办结，超过时限 3 天；红灯补齐后转为黄灯。");
    assert!(light.also.is_empty(), "{:?}", light.also);
    let mut extended_late = reported();
    extended_late.extend([
        ("2026-07-03", extended("2026-08-31")),
        ("2026-07-03", Deed::ExtensionApproved { comment: String::new() }),
        ("2026-08-03", ask_done()),
        ("2026-08-06", ok()),
    ]);
    check(&course(&extended_late), "2026-08-10", "▲ 办结");
}

#[test]
fn the_clock_stands_still_during_review_and_runs_on_when_refused() {
    let mut more = reported();
    more.push(("2026-06-29", ask_done()));
    check(&course(&more), "2026-07-20", "● 待复核");
    more.push(("2026-07-20", Deed::CompletionRefused { reason: "缺台账".to_owned() }));
    check(&course(&more), "2026-07-20", "■ 逾期 20 天");
    let mut late = reported();
    late.push(("2026-07-03", ask_done()));
    check(&course(&late), "2026-07-20", "■ 逾期 3 天");
}

#[test]
fn not_received_and_not_reported() {
    let assigned = [event("2026-03-02", Deed::Assigned { due: Some(on("2026-06-30")) })];
    check(&assigned, "2026-03-05", "● 正常");
    let light = check(&assigned, "2026-03-06", "▲ 未签收");
    assert!(light.why.contains("已过 4 个工作日"), "{}", light.why);
    // Over the 2026 Qingming holiday (4–6 April) only two working days pass in five days.
    let holiday = [event("2026-04-02", Deed::Assigned { due: Some(on("2026-06-30")) })];
    check(&holiday, "2026-04-08", "● 正常");
    let silent = course(&[]);
    check(&silent, "2026-04-05", "● 正常");
    let missed = check(&silent, "2026-04-06", "▲ 未填报");
    assert_eq!(missed.why, "2026年3月的进展应在2026年4月5日前填报，至今未报，连续 1 期未报。");
    let twice = check(&silent, "2026-05-06", "▲ 未填报");
    assert!(twice.why.contains("连续 2 期未报"), "{}", twice.why);
}

#[test]
fn paused_and_endless_tasks() {
    let paused = course(&[("2026-03-10", Deed::Paused { reason: "机构改革".to_owned() })]);
    let light = check(&paused, "2026-12-01", "○ 暂缓");
    assert_eq!(light.colour, Colour::Off);
    let endless = [
        event("2026-03-02", Deed::Assigned { due: Some(Due::Ongoing) }),
        event("2026-03-03", Deed::Received),
        event("2026-04-02", report("2026-03", 50)),
    ];
    check(&endless, "2026-04-20", "● 长期");
    check(&endless, "2026-05-20", "▲ 未填报");
}

#[test]
fn counted_progress_goes_before_what_was_reported() {
    let events = course(&[("2026-04-03", report("2026-03", 90)), ("2026-05-04", report("2026-04", 95))]);
    check(&events, "2026-05-19", "● 正常");
    let light = judge(&events, Some(10), "2026-05-19");
    assert_eq!(light.to_string(), "■ 滞后 55 点");
    assert_eq!(light.also, Vec::<String>::new(), "the yellow 滞后 adds nothing to the red one");
}

#[test]
fn working_day_deadlines_know_the_make_up_days() {
    for (after, count, expected) in
        [("2026-02-12", 10, "2026-03-04"), ("2026-09-24", 7, "2026-10-12"), ("2026-09-28", 15, "2026-10-23")]
    {
        let due = Due::WorkingDays { count, after: day(after) };
        let deadline = due.resolve(&calendar()).unwrap();
        assert_eq!((deadline.date, deadline.provisional), (day(expected), false));
    }
    // A period in calendar days that would end on a holiday ends on the next working day.
    let due = Due::Days { count: 7, after: day("2026-09-25") };
    assert_eq!(due.resolve(&calendar()).unwrap().date, day("2026-10-08"));
    let due = Due::Days { count: 7, after: day("2026-03-02") };
    assert_eq!(due.resolve(&calendar()).unwrap().date, day("2026-03-09"));
}

#[test]
fn a_deadline_beyond_the_published_calendar_is_called_provisional() {
    let events = [event(
        "2026-12-25",
        Deed::Assigned { due: Some(Due::WorkingDays { count: 30, after: day("2026-12-25") }) },
    )];
    let light = judge(&events, None, "2026-12-26");
    assert!(light.why.ends_with("（该年度放假安排尚未公布，时限为暂定。）"), "{}", light.why);
}

#[test]
fn working_days_of_years_that_are_not_known_are_only_about_right() {
    let events = [
        event("2022-03-01", Deed::Assigned { due: Some(on("2023-12-31")) }),
        event("2022-03-02", Deed::Received),
    ];
    let light = judge(&events, None, "2024-01-05");
    assert!(light.why.contains("逾期 5 天（约 5 个工作日）"), "{}", light.why);
}

#[test]
fn a_report_without_a_month_speaks_of_the_month_that_is_due() {
    let rule = rules().on(day("2026-04-01")).unwrap().report;
    let mut snapshot = super::Snapshot::replay(&course(&[]));
    assert_eq!(rule.period_for(&snapshot, day("2026-03-20")).to_string(), "2026-03");
    assert_eq!(rule.period_for(&snapshot, day("2026-04-05")).to_string(), "2026-03");
    assert_eq!(rule.period_for(&snapshot, day("2026-04-06")).to_string(), "2026-04");
    snapshot.apply(&event("2026-04-02", report("2026-03", 10)));
    assert_eq!(rule.period_for(&snapshot, day("2026-04-03")).to_string(), "2026-04");
    // The task was received in March: nothing to say of February.
    let early = super::Snapshot::replay(&course(&[]));
    assert_eq!(rule.period_for(&early, day("2026-03-04")).to_string(), "2026-03");
}
