//! Rules as shipped: what must be built, what must be cited, when it is due; and faulty files.

use chrono::NaiveDate;

use super::{Rules, Share, Topic};
use crate::error::codes;
use crate::model::calendar::Calendar;
use crate::model::shipped;
use crate::text::area::Area;

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn area(text: &str) -> Area {
    Area::parse(text).unwrap()
}

fn rules() -> Rules {
    Rules::load(&shipped::files("model"), &shipped::schema())
        .unwrap_or_else(|problems| panic!("{problems:#?}"))
}

fn share<'a>(class: Option<&'a str>, residential: &str, other: &str) -> Share<'a> {
    Share {
        division: "330402",
        city_class: class,
        residential: area(residential),
        other: area(other),
        on: day("2026-03-01"),
    }
}

#[test]
fn ratios_follow_article_12_for_every_class() {
    // 浙江实施办法 art 12: homes 11/10/9/8/7 %, other civil buildings 8/7/6/5/4 %.
    for (class, homes, other) in [
        ("class_1", "11000.00", "8000.00"),
        ("class_2", "10000.00", "7000.00"),
        ("class_3", "9000.00", "6000.00"),
        ("provincial", "8000.00", "5000.00"),
        ("town", "7000.00", "4000.00"),
    ] {
        let found = rules().required_area(&share(Some(class), "100000", "100000")).unwrap();
        assert_eq!(found.residential_part.to_string(), homes, "{class}");
        assert_eq!(found.other_part.to_string(), other, "{class}");
        assert!(found.cautions.is_empty(), "{:?}", found.cautions);
    }
}

#[test]
fn every_step_is_shown() {
    let found = rules().required_area(&share(Some("class_3"), "50000", "3000")).unwrap();
    assert_eq!(
        found.steps,
        [
            "国家三类人防重点城市，居民住宅按地上建筑面积的9%、其他民用建筑按6%修建（《浙江省实施〈中华人民共和国人民防空法〉办法》第十二条）。",
            "居民住宅：50000.00平方米×9%＝4500.00平方米。",
            "其他民用建筑：3000.00平方米×6%＝180.00平方米。",
            "应建防空地下室建筑面积：4500.00＋180.00＝4680.00平方米。",
        ]
    );
    assert_eq!(found.area, area("4680"));
    assert_eq!(found.relocation, None);
    assert_eq!(found.basis.name, "《浙江省实施〈中华人民共和国人民防空法〉办法》第十二条");
}

#[test]
fn thresholds_include_or_exclude_as_the_law_says() {
    // “二千平方米以上” includes 2 000; “小于一千平方米” excludes 1 000.
    let of = |residential: &str, other: &str| {
        rules().required_area(&share(Some("class_2"), residential, other)).unwrap()
    };
    assert_eq!(of("0", "2000").area, area("140"));
    let below = of("0", "1999.99");
    assert_eq!(below.area, Area::ZERO);
    assert_eq!(below.relocation, None, "no duty, nothing to pay for");
    assert!(below.steps.iter().any(|step| step.contains("不足2000平方米，不计")), "{:?}", below.steps);
    assert_eq!(of("10000", "0").relocation, None);
    let small = of("9999.90", "0");
    assert_eq!(small.area, area("999.99"));
    assert_eq!(small.relocation.unwrap().article, 13);
    assert_eq!(of("33.35", "0").area, area("3.34"), "3.335 rounds half up");
}

#[test]
fn what_is_not_verified_is_said() {
    let found = rules().required_area(&share(None, "50000", "0")).unwrap();
    assert_eq!(found.city_class, "class_3");
    assert!(found.cautions.iter().any(|it| it.contains("未经核实")), "{:?}", found.cautions);
    let county = rules().city("330421", day("2026-03-01")).unwrap().class.clone();
    assert_eq!(county, "provincial");
    assert_eq!(rules().city("330402013", day("2026-03-01")).unwrap().division, "330400");
}

#[test]
fn without_a_rule_there_is_no_answer() {
    let early = Share { on: day("2019-01-01"), ..share(Some("class_1"), "1", "1") };
    assert_eq!(rules().required_area(&early).unwrap_err().code, codes::value::NO_RULE);
    let elsewhere = Share { division: "370303", ..share(Some("class_1"), "1", "1") };
    assert!(rules().required_area(&elsewhere).unwrap_err().rule.contains("370303"));
    let nowhere = Share { division: "330106", ..share(None, "1", "1") };
    assert!(rules().required_area(&nowhere).unwrap_err().rule.contains("城市类别"));
    let nonsense = rules().required_area(&share(Some("class_9"), "1", "1"));
    assert!(nonsense.unwrap_err().rule.contains("class_9"));
    let huge = Area::from_hundredths(i64::MAX);
    let overflow = Share { residential: huge, other: huge, ..share(Some("class_1"), "1", "1") };
    assert!(rules().required_area(&overflow).is_ok(), "11 % + 8 % of the largest area still fit");
}

#[test]
fn consequences_are_cited_law_before_regulation() {
    let names = |topic, division: &str| {
        let found = rules().articles(topic, division, day("2026-03-01"));
        found.into_iter().map(|it| it.name).collect::<Vec<_>>()
    };
    assert_eq!(
        names(Topic::Consequence, "330402"),
        [
            "《中华人民共和国人民防空法》第四十八条",
            "《中华人民共和国人民防空法》第四十九条",
            "《中华人民共和国人民防空法》第五十条",
            "《浙江省实施〈中华人民共和国人民防空法〉办法》第二十九条",
            "《浙江省实施〈中华人民共和国人民防空法〉办法》第三十条",
            "《浙江省实施〈中华人民共和国人民防空法〉办法》第三十一条",
            "《浙江省实施〈中华人民共和国人民防空法〉办法》第三十二条",
        ]
    );
    assert_eq!(names(Topic::Consequence, "370303").len(), 3, "Zhejiang's articles do not hold in Zibo");
    let article = rules().article("civil_air_defence_law", 48, day("2026-03-01")).unwrap();
    assert!(article.verified && article.text.contains("可以并处十万元以下的罚款"), "{}", article.text);
    let summary = rules().article("zhejiang_works_rules", 25, day("2026-03-01")).unwrap();
    assert!(!summary.verified, "a summary must not pass for the text");
    assert_eq!(rules().article("zhejiang_measures", 12, day("2019-01-01")), None);
}

#[test]
fn handover_is_due_15_working_days_after_filing() {
    let rules = rules();
    let calendar = Calendar::load(&shipped::files("calendar")).unwrap();
    let period = rules.period("handover", "330402", day("2026-09-28")).unwrap();
    let due = period.last_day(day("2026-09-28"), &calendar);
    assert_eq!((due.date, due.provisional), (day("2026-10-23"), false));
    assert_eq!(period.chinese(), "15个工作日");
    assert_eq!(
        period.citation(&rules, day("2026-09-28")).unwrap().name,
        "《浙江省人民防空工程管理办法》第二十五条"
    );
    assert!(rules.period("handover", "370303", day("2026-09-28")).is_none());
}

#[test]
fn faulty_rules_are_refused_with_file_and_line() {
    let text = |path: &str| {
        let files = shipped::files("model");
        files.into_iter().find(|(name, _)| name == path).unwrap().1
    };
    let faults = |path: &str, from: &str, to: &str| -> Vec<String> {
        let mut files: Vec<_> =
            shipped::files("model").into_iter().filter(|(name, _)| name != path).collect();
        assert!(text(path).contains(from), "{from}");
        files.push((path.to_owned(), text(path).replacen(from, to, 1)));
        let problems = Rules::load(&files, &shipped::schema()).expect_err(to);
        problems.iter().map(ToString::to_string).collect()
    };
    for (path, from, to, said) in [
        ("rules/ratios.toml", "\"0.11\"", "\"11\"", "大于 0 小于 1"),
        ("rules/ratios.toml", "class_1 = \"0.11\"", "class_7 = \"0.11\"", "class_7"),
        ("rules/ratios.toml", "article = 12", "article = 99", "第 99 条"),
        ("rules/cities.toml", "division = \"330421\"", "division = \"330400\"", "重叠"),
        ("rules/cities.toml", "class = \"class_3\"", "class = \"class_0\"", "class_0"),
        (
            "rules/cities.toml",
            "from = \"2020-11-27\"",
            "from = \"2020-11-27\"\nto = \"2019-01-01\"",
            "早于施行日期",
        ),
        ("rules/deadlines.toml", "works.completion_filed_on", "works.name", "不是日期"),
        ("rules/laws.toml", "number = 22", "number = 5", "条号重复"),
    ] {
        let found = faults(path, from, to);
        assert!(found.iter().any(|it| it.contains(said) && it.contains(path)), "{to}: {found:#?}");
    }
}
