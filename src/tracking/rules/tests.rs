//! The shipped rules load; mistakes are named with their place.

use super::super::fixture::{day, rules, shipped};
use super::{Colour, Rules};

#[test]
fn the_shipped_rules_are_whole() {
    let rules = rules();
    let version = rules.on(day("2026-11-21")).unwrap();
    assert_eq!(
        version.urge.steps.iter().map(|s| s.title.as_str()).collect::<Vec<_>>(),
        ["提醒", "催办", "督办单", "通报"]
    );
    assert!(!version.source.is_empty());
    assert_eq!(
        rules.on(day("2020-01-01")).unwrap().from,
        version.from,
        "before the first version the first one judges"
    );
}

#[test]
fn a_new_version_judges_from_its_day() {
    let old = shipped("plans/rules.toml");
    let new = old.replace("2022-03-01", "2027-01-01").replace("by_day = 5", "by_day = 8");
    let rules = Rules::parse("r", &format!("{new}\n{old}")).unwrap();
    assert_eq!(rules.on(day("2026-12-31")).unwrap().report.by_day, 5);
    assert_eq!(rules.on(day("2027-01-01")).unwrap().report.by_day, 8);
}

#[track_caller]
fn refused(change: (&str, &str), expected: &str) {
    let text = shipped("plans/rules.toml").replace(change.0, change.1);
    let said: String =
        Rules::parse("plans/rules.toml", &text).unwrap_err().iter().map(ToString::to_string).collect();
    assert!(said.contains(expected), "{said}");
}

#[test]
fn mistakes_are_named() {
    refused(("逾期 {days} 天\"", "逾期 {weeks} 周\""), "填不出 {weeks}");
    refused(("is = \"otherwise\"", "is = \"ongoing\""), "otherwise");
    refused(("by_day = 5", "by_day = 31"), "by_day");
    refused(("light = \"red\"", "light = \"blue\""), "第 ");
    refused(("min_gap = 2", "min_gap = \"two\""), "写法有误");
}

#[test]
fn colours_are_read_as_people_say_them() {
    for (text, colour) in
        [("红", Colour::Red), ("黄灯", Colour::Yellow), ("green", Colour::Green), ("off", Colour::Off)]
    {
        assert_eq!(Colour::parse(text), Some(colour), "{text}");
    }
    assert_eq!(Colour::parse("蓝"), None);
}
