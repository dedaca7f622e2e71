//! The signed text, the headers, the clock.

use std::time::Duration;

use chrono::DateTime;

use super::{Target, check_clock, read, text_to_sign};
use crate::error::codes;

fn headers(pairs: &'static [(&'static str, &'static str)]) -> impl Fn(&str) -> Option<&'static str> {
    move |name| pairs.iter().find(|(key, _)| *key == name).map(|(_, value)| *value)
}

const GOOD: &[(&str, &str)] = &[
    ("X-Hub-Key", "tax-1"),
    ("X-Hub-Timestamp", "1767225600"),
    ("X-Hub-Nonce", "n0nce-0001"),
    ("X-Hub-Signature", "AAEC"),
];

#[test]
fn the_signed_text_has_seven_lines_with_the_query_sorted() {
    let claimed = read(headers(GOOD)).unwrap();
    let target = Target { method: "POST", path: "/api/v1/exchange/tax/x", query: "b=2&a=%20&&b=1" };
    assert_eq!(
        text_to_sign(target, &claimed, "e3b0"),
        "POST\n/api/v1/exchange/tax/x\na=%20&b=1&b=2\ntax-1\n1767225600\nn0nce-0001\ne3b0"
    );
}

#[test]
fn missing_headers_are_all_named() {
    let error = read(headers(&[("X-Hub-Key", "k"), ("X-Hub-Nonce", " ")])).unwrap_err();
    assert_eq!(error.code, codes::transport::SIGNATURE_MISSING);
    assert_eq!(error.detail, "请求缺少签名头 X-Hub-Timestamp、X-Hub-Nonce、X-Hub-Signature。");
}

#[test]
fn malformed_headers_are_told_apart() {
    for (name, value, part) in [
        ("X-Hub-Timestamp", "yesterday", "X-Hub-Timestamp"),
        ("X-Hub-Timestamp", "99999999999999999", "X-Hub-Timestamp"),
        ("X-Hub-Nonce", "short", "X-Hub-Nonce"),
        ("X-Hub-Nonce", "with space in it", "X-Hub-Nonce"),
        ("X-Hub-Signature", "***", "X-Hub-Signature"),
    ] {
        let error = read(|asked| if asked == name { Some(value) } else { headers(GOOD)(asked) }).unwrap_err();
        assert_eq!(error.code, codes::transport::SIGNATURE_MALFORMED, "{name}={value}");
        assert!(error.detail.contains(part), "{}", error.detail);
    }
}

#[test]
fn the_clock_may_be_off_by_the_window_either_way() {
    let claimed = read(headers(GOOD)).unwrap();
    let window = Duration::from_secs(90);
    let at = |seconds| DateTime::from_timestamp(1_767_225_600 + seconds, 0).unwrap();
    for off in [-90, 0, 90] {
        check_clock(&claimed, at(off), window).unwrap();
    }
    for off in [-300_i64, -91, 91, 300] {
        let error = check_clock(&claimed, at(off), window).unwrap_err();
        assert_eq!(error.code, codes::transport::CLOCK_SKEW);
        assert!(error.detail.contains(&format!("相差 {} 秒", off.abs())), "{}", error.detail);
    }
}

#[test]
fn rfc_3339_times_are_understood_and_signed_as_sent() {
    let claimed =
        read(
            |name| {
                if name == "X-Hub-Timestamp" {
                    Some("2026-01-01T08:00:00+08:00")
                } else {
                    headers(GOOD)(name)
                }
            },
        )
        .unwrap();
    assert_eq!(claimed.at.timestamp(), 1_767_225_600);
    assert_eq!(claimed.timestamp, "2026-01-01T08:00:00+08:00");
}
