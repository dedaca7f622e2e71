//! Spellings of deadlines, and the days they fall on with 调休.

use chrono::NaiveDate;

use super::{Due, parse};

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

#[track_caller]
fn check(text: &str, expected: Option<Due>) {
    assert_eq!(parse(text, day("2026-03-02")), Ok(expected), "{text}");
}

fn on(text: &str) -> Option<Due> {
    Some(Due::On { date: day(text) })
}

#[test]
fn dates_as_people_write_them() {
    check("2026-12-31", on("2026-12-31"));
    check("2026年3月1日前", on("2026-03-01"));
    check("于2026年3月1日前完成", on("2026-03-01"));
    check("２０２６年３月１日", on("2026-03-01"));
    check("2022年年底", on("2022-12-31"));
    check("到2022年年底", on("2022-12-31"));
    check("2023年底前", on("2023-12-31"));
    check("年底前", on("2026-12-31"));
    check("年底", on("2026-12-31"));
    check("明年6月底前", on("2027-06-30"));
    check("2024年2月底", on("2024-02-29"));
    check("12月底前", on("2026-12-31"));
    check("2026年6月", on("2026-06-30"));
    check("2026年上半年", on("2026-06-30"));
    check("第三季度", on("2026-09-30"));
    check("2026年1季度末", on("2026-03-31"));
    check("2027年", on("2027-12-31"));
}

#[test]
fn spans_start_on_the_base_day() {
    let after = day("2026-03-02");
    check("15个工作日", Some(Due::WorkingDays { count: 15, after }));
    check("15个工作日内完成", Some(Due::WorkingDays { count: 15, after }));
    check("竣工备案后15个工作日内", Some(Due::WorkingDays { count: 15, after }));
    check("收到之日起30日内", Some(Due::Days { count: 30, after }));
    let own = Due::WorkingDays { count: 15, after: day("2025-09-26") };
    check("2025年9月26日起15个工作日内", Some(own));
    check(&own.chinese(), Some(own));
    check("长期坚持", Some(Due::Ongoing));
    check("持续推进", Some(Due::Ongoing));
    check("", None);
    check("无", None);
}

#[test]
fn what_cannot_be_read_is_handed_back() {
    for text in ["尽快", "2026年13月", "第五季度", "0个工作日", "3", "2026-02-30", "季度"] {
        assert_eq!(parse(text, day("2026-03-02")), Err(text.to_owned()));
    }
}
