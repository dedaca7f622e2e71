//! Survivorship: authority before recency, the latest word of each department, and nothing silently lost.

use chrono::{DateTime, Utc};

use super::{Merged, merge};
use crate::error::Place;
use crate::model::{ClaimedField, Kind, StoredClaim, shipped};

fn works() -> Kind {
    shipped::schema().kind("works").unwrap().clone()
}

/// A claim of a department, `hour` after midnight, with values as text.
fn claim(kind: &Kind, department: &str, hour: u32, values: &[(&str, &str)]) -> StoredClaim {
    let fields = values.iter().map(|(name, raw)| {
        let field = kind.field(name).unwrap();
        let place = Place { path: format!("/{department}/{name}"), ..Place::default() };
        ClaimedField { field: field.id, value: field.parse(raw).unwrap().value, place }
    });
    let at: DateTime<Utc> = format!("2026-03-01T{hour:02}:00:00Z").parse().unwrap();
    StoredClaim {
        claim_id: format!("{department}-{hour:02}"),
        message_id: format!("m-{department}-{hour}"),
        department: department.to_owned(),
        partner: department.to_owned(),
        at,
        mapping: "test/works@1".to_owned(),
        fields: fields.collect(),
    }
}

/// `field=value by department` of every field, then every discrepancy.
fn told(kind: &Kind, merged: &Merged) -> Vec<String> {
    let name = |id| kind.fields.get(id).unwrap().name.clone();
    let fields = merged.sources.iter().map(|(id, source)| {
        format!("{}={} by {}", name(*id), merged.body.get(*id).unwrap().plain_text(), source.claim_id)
    });
    let discrepancies = merged.discrepancies.iter().map(|it| {
        let rank = if it.by_authority { "over" } else { "after" };
        format!("{}: {} {rank} {}", name(it.field), it.winner.source.claim_id, it.other.source.claim_id)
    });
    fields.chain(discrepancies).collect()
}

/// Department, hour, and what it says.
type Said<'a> = (&'a str, u32, &'a [(&'a str, &'a str)]);

#[track_caller]
fn check(claims: &[Said<'_>], expected: &[&str]) {
    let kind = works();
    let mut claims: Vec<_> =
        claims.iter().map(|(who, hour, values)| claim(&kind, who, *hour, values)).collect();
    let merged = merge(&kind, &claims);
    assert_eq!(told(&kind, &merged), expected);
    assert_eq!(merged.body.len(), merged.sources.len());
    claims.reverse();
    assert_eq!(told(&kind, &merge(&kind, &claims)), expected, "the order of claims must not matter");
}

#[test]
fn nothing_claimed_is_nothing_known() {
    check(&[], &[]);
    check(&[("tax", 1, &[])], &[]);
}

#[test]
fn claims_complete_each_other() {
    check(
        &[
            ("civil_defence", 1, &[("works_no", "RF-1")]),
            ("civil_affairs", 2, &[("standard_address", "中山路1号")]),
        ],
        &["works_no=RF-1 by civil_defence-01", "standard_address=中山路1号 by civil_affairs-02"],
    );
}

#[test]
fn the_authority_wins_over_a_later_word() {
    check(
        &[
            ("civil_defence", 1, &[("floor_area", "3250.50")]),
            ("natural_resources", 9, &[("floor_area", "3200")]),
        ],
        &["floor_area=3250.50 by civil_defence-01", "floor_area: civil_defence-01 over natural_resources-09"],
    );
}

#[test]
fn without_the_authority_the_latest_word_wins() {
    check(
        &[
            ("tax", 1, &[("floor_area", "3000")]),
            ("natural_resources", 9, &[("floor_area", "3200")]),
            ("construction", 5, &[("floor_area", "3100")]),
        ],
        &[
            "floor_area=3200.00 by natural_resources-09",
            "floor_area: natural_resources-09 after construction-05",
            "floor_area: natural_resources-09 after tax-01",
        ],
    );
}

#[test]
fn the_latest_claim_of_each_department_counts() {
    check(
        &[
            ("civil_defence", 1, &[("floor_area", "100")]),
            ("civil_defence", 3, &[("floor_area", "300")]),
            ("civil_defence", 2, &[("floor_area", "200")]),
            ("tax", 1, &[("floor_area", "100")]),
            ("tax", 4, &[("floor_area", "300.00")]),
        ],
        &["floor_area=300.00 by civil_defence-03"],
    );
}

#[test]
fn a_later_message_without_the_field_takes_nothing_back() {
    check(
        &[
            ("civil_defence", 1, &[("name", "甲工程"), ("works_no", "RF-1")]),
            ("civil_defence", 2, &[("works_no", "RF-1")]),
        ],
        &["works_no=RF-1 by civil_defence-02", "name=甲工程 by civil_defence-01"],
    );
}

#[test]
fn the_same_said_differently_is_no_discrepancy() {
    check(
        &[
            ("civil_defence", 1, &[("name", "南湖人防工程（一期）"), ("storey_height", "3.60")]),
            ("construction", 2, &[("name", "南湖人防工程 (一期)"), ("storey_height", "3.6")]),
        ],
        &["name=南湖人防工程（一期） by civil_defence-01", "storey_height=3.6 by civil_defence-01"],
    );
}

#[test]
fn within_one_instant_the_later_id_wins() {
    let kind = works();
    let mut first = claim(&kind, "tax", 1, &[("remark", "一")]);
    let mut second = claim(&kind, "tax", 1, &[("remark", "二")]);
    (first.claim_id, second.claim_id) = ("a".to_owned(), "b".to_owned());
    for claims in [[first.clone(), second.clone()], [second, first]] {
        assert_eq!(told(&kind, &merge(&kind, &claims)), ["remark=二 by b"]);
    }
}

#[test]
fn the_place_in_the_message_is_kept() {
    let kind = works();
    let merged = merge(&kind, &[claim(&kind, "tax", 1, &[("remark", "一")])]);
    let (_, source) = merged.sources.first().unwrap();
    assert_eq!(source.place.path, "/tax/remark");
    assert_eq!((source.message_id.as_str(), source.mapping.as_str()), ("m-tax-1", "test/works@1"));
}
