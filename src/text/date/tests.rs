//! Dates: the spellings of real messages and forms, and what must be refused.

use chrono::NaiveDate;

use super::{chinese, chinese_numerals, parse, parse_instant};

fn day(y: i32, m: u32, d: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(y, m, d).unwrap()
}

#[test]
fn reads_every_spelling() {
    for text in [
        "2026-3-1",
        "2026-03-01",
        "2026/3/1",
        "2026.03.01",
        "20260301",
        "20260301143000",
        "20260301143000123",
        "２０２６－０３－０１",
        "2026年3月1日",
        "2026年03月01日",
        "二〇二六年三月一日",
        "二○二六年三月一日",
        "2026-03-01T10:30:18",
        "2026-03-01T10:30:18+08:00",
        "2026-03-01 1:45:54",
        "2026/3/1 9:25:05",
        "2026-03-01 00:00:00.000000000",
        "2026年3月1日14时30分",
        "2026年3月1日 14:30",
        "2026-02-28T16:00:00Z",
        " 2026-03-01 ",
    ] {
        assert_eq!(parse(text), Some(day(2026, 3, 1)), "{text}");
    }
    assert_eq!(parse("二〇二二年十二月三十一日"), Some(day(2022, 12, 31)));
    assert_eq!(parse("二〇二二年十月二十日"), Some(day(2022, 10, 20)));
    assert_eq!(parse("1900年01月01日"), Some(day(1900, 1, 1)));
}

#[test]
fn refuses_impossible_and_foreign_texts() {
    for text in [
        "",
        "无",
        "/",
        "2026",
        "2026-02-30",
        "1985-02-29",
        "20261301",
        "26-3-1",
        "2026-3",
        "2026-3-1-1",
        "3/1/2026",
        "2026年13月1日",
        "2026-03-01 25:00:00",
        "2026-03-01 10",
        "123456789",
        "2026年二十十月1日",
    ] {
        assert_eq!(parse(text), None, "{text}");
    }
}

#[test]
fn instants_without_offset_are_china_time() {
    for text in ["2026-03-01 08:00:00", "20260301080000", "2026-03-01T00:00:00Z", "2026-03-01T08:00:00+0800"]
    {
        assert_eq!(parse_instant(text).unwrap().to_rfc3339(), "2026-03-01T00:00:00+00:00", "{text}");
    }
    assert_eq!(parse_instant("2026-03-01").unwrap().to_rfc3339(), "2026-02-28T16:00:00+00:00");
    let micros = parse_instant("2026-03-01 08:00:00.123456789").unwrap();
    assert_eq!(micros.timestamp_subsec_micros(), 123_456);
}

#[test]
fn documents_print_dates_without_padding() {
    assert_eq!(chinese(day(2022, 1, 28)), "2022年1月28日");
    assert_eq!(chinese_numerals(day(2022, 1, 28)), "二〇二二年一月二十八日");
    assert_eq!(chinese_numerals(day(2030, 10, 20)), "二〇三〇年十月二十日");
    assert_eq!(super::below_hundred(48), "四十八");
}
