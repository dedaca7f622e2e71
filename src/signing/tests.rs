//! Every scheme's examples, the headers, the clock.

use std::time::Duration;

use chrono::DateTime;

use super::{Example, HIDDEN, Head, Keying, SCHEMES, Scheme, check_clock, find, once, read};
use crate::error::codes;

type Pairs = &'static [(&'static str, &'static str)];

fn find_header(pairs: Pairs, name: &str) -> Option<&'static str> {
    pairs.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| *value)
}

fn head<'a>(of: &Example, header: &'a dyn Fn(&str) -> Option<&'a str>) -> Head<'a> {
    Head { method: of.method, path: of.path, query: of.query, header }
}

const GOOD: Pairs = &[
    ("X-Hub-Key", "tax-1"),
    ("X-Hub-Timestamp", "1767225600"),
    ("X-Hub-Nonce", "n0nce-0001"),
    ("X-Hub-Signature", "AAEC"),
];

fn good<'a>(header: &'a dyn Fn(&str) -> Option<&'a str>) -> Head<'a> {
    Head { method: "GET", path: "/", query: "", header }
}

#[test]
fn every_example_reads_signs_and_verifies() {
    for scheme in SCHEMES {
        assert!(!scheme.examples.is_empty(), "{} has no example", scheme.name);
        for example in scheme.examples {
            check(scheme, example);
        }
    }
}

fn check(scheme: &Scheme, example: &Example) {
    let header = |name: &str| find_header(example.headers, name);
    let head = head(example, &header);
    let (form, claimed) = read(&head).unwrap();
    assert!(scheme.speaks(form), "{}", scheme.name);
    let body = example.body.as_bytes();
    let text = (scheme.form.text)(&head, &claimed, body, HIDDEN).unwrap();
    assert_eq!(String::from_utf8(text).unwrap(), example.text, "{}", scheme.name);
    scheme.verify(&head, &claimed, body, example.key).unwrap();

    let mut bent = claimed.clone();
    bent.signature[7] ^= 1;
    let error = scheme.verify(&head, &bent, body, example.key).unwrap_err();
    assert_eq!(error.code, codes::transport::SIGNATURE_WRONG);
    assert!(error.detail.ends_with(example.text), "{}", error.detail);
    bent.signature.clear();
    assert!(scheme.verify(&head, &bent, body, example.key).is_err(), "{}: no signature", scheme.name);
    assert_eq!(
        scheme.verify(&head, &claimed, b"other", example.key).is_err(),
        scheme.covers_body,
        "{}",
        scheme.name
    );

    if scheme.keying == Keying::Shared {
        let nonce = claimed.nonce.clone().unwrap_or_default();
        let signed = scheme.sign(&head, body, (&claimed.key, example.key), (claimed.at, &nonce)).unwrap();
        for (name, value) in signed {
            assert_eq!(header(name), Some(value.as_str()), "{} {name}", scheme.name);
        }
    }
}

#[test]
fn what_a_gateway_puts_into_the_query_is_found_there() {
    let scheme = find("gateway-md5").unwrap();
    let [example] = scheme.examples else { panic!("one example") };
    let query: Vec<String> = example.headers.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let query = format!("additional=%7B%7D&{}", query.join("&"));
    let none = |_: &str| None;
    let head = Head { query: &query, ..good(&none) };
    let (form, claimed) = read(&head).unwrap();
    assert!(scheme.speaks(form));
    scheme.verify(&head, &claimed, b"", example.key).unwrap();
    let header = |name: &str| if name == "X-Hub-Key" { Some("x") } else { None };
    let error = read(&Head { query: "appKey=a", ..good(&header) }).unwrap_err();
    assert!(error.detail.contains("X-Hub-Timestamp"), "the hub's own headers come first: {}", error.detail);
}

#[test]
fn missing_headers_are_all_named() {
    let header = |name: &str| find_header(&[("X-Hub-Key", "k"), ("X-Hub-Nonce", " ")], name);
    let error = read(&good(&header)).unwrap_err();
    assert_eq!(error.code, codes::transport::SIGNATURE_MISSING);
    assert_eq!(error.detail, "请求缺少签名头 X-Hub-Timestamp、X-Hub-Nonce、X-Hub-Signature。");
    let header = |name: &str| find_header(&[("x-bg-hmac-access-key", "k")], name);
    let error = read(&good(&header)).unwrap_err();
    assert_eq!(error.detail, "请求缺少签名头 X-BG-HMAC-ALGORITHM、X-BG-DATE-TIME、X-BG-HMAC-SIGNATURE。");
}

#[test]
fn malformed_headers_are_told_apart() {
    let long = "k".repeat(65);
    let cases: &[(&str, &str, &str)] = &[
        ("hmac-sha256", "X-Hub-Key", &long),
        ("hmac-sha256", "X-Hub-Timestamp", "yesterday"),
        ("hmac-sha256", "X-Hub-Timestamp", "99999999999999999"),
        ("hmac-sha256", "X-Hub-Nonce", "short"),
        ("hmac-sha256", "X-Hub-Nonce", "with space in it"),
        ("hmac-sha256", "X-Hub-Signature", "***"),
        ("irs-hmac-sha256", "X-BG-HMAC-ALGORITHM", "hmac-sha1"),
        ("irs-hmac-sha256", "X-BG-DATE-TIME", "Fri, 01 Jan 2026 00:00:00 GMT"),
        ("irs-hmac-sha256", "X-BG-DATE-TIME", "2026-01-01 00:00:00"),
        ("national-hmac-sha256", "gjzwfwpt_rtime", "9223372036854775807"),
        ("gateway-md5", "requestTime", "soon"),
        ("gateway-md5", "sign", "xyz"),
    ];
    for (scheme, name, value) in cases {
        let [example] = find(scheme).unwrap().examples else { panic!("one example") };
        let header =
            |asked: &str| if asked == *name { Some(*value) } else { find_header(example.headers, asked) };
        let error = read(&head(example, &header)).unwrap_err();
        assert_eq!(error.code, codes::transport::SIGNATURE_MALFORMED, "{name}={value}");
        assert!(error.detail.contains(name), "{}", error.detail);
    }
}

#[test]
fn the_clock_may_be_off_by_the_window_either_way() {
    let header = |name: &str| find_header(GOOD, name);
    let (_, claimed) = read(&good(&header)).unwrap();
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
fn a_dialect_without_nonce_is_used_once_by_its_whole_request() {
    let [example] = find("irs-hmac-sha256").unwrap().examples else { panic!("one example") };
    let header = |name: &str| find_header(example.headers, name);
    let head = head(example, &header);
    let (_, claimed) = read(&head).unwrap();
    let first = once(&head, &claimed, b"{}").unwrap();
    assert_eq!(first, once(&head, &claimed, b"{}").unwrap());
    assert_ne!(first, once(&head, &claimed, b"[]").unwrap());
    assert_ne!(first, once(&Head { path: "/other", ..head }, &claimed, b"{}").unwrap());
    let header = |name: &str| find_header(GOOD, name);
    let (_, claimed) = read(&good(&header)).unwrap();
    assert_eq!(once(&good(&header), &claimed, b"{}").unwrap(), "n0nce-0001");
}
