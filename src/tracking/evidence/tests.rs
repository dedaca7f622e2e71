//! Counting bindings.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{Binding, Counted, Side, Test, Things, count};

fn binding() -> Binding {
    let side = |kind: &str| Side { kind: kind.to_owned(), tests: Vec::new() };
    Binding {
        title: "已移交的人防工程中已办理不动产登记的".to_owned(),
        by: vec!["works_no".to_owned(), "unit_no".to_owned()],
        done: Side {
            tests: vec![Test { field: "right_state".to_owned(), any_of: vec!["1".to_owned()] }],
            ..side("title_registration")
        },
        of: side("handover"),
        via: Some("works".to_owned()),
    }
}

fn counted(done: &[Value], of: &[Value], via: &[Value]) -> Counted {
    let binding = binding();
    let mut things = Things::default();
    let mut named = |side: Option<&Side>, bodies: &[Value]| -> BTreeSet<usize> {
        let bodies = bodies.iter().map(|body| body.as_object().unwrap());
        bodies
            .filter(|body| side.is_none_or(|side| side.takes(body)))
            .filter_map(|body| things.add(&binding.by, body))
            .collect()
    };
    let done = named(Some(&binding.done), done);
    let of = named(Some(&binding.of), of);
    named(None, via);
    count(&binding, &things, &done, &of)
}

fn registered(field: &str, name: &str) -> Value {
    json!({ field: name, "right_state": "1" })
}

#[test]
fn counts_things_not_records_and_only_those_the_task_is_about() {
    let of = [json!({"works_no": "A"}), json!({"works_no": "B"}), json!({"works_no": "C"}), json!({})];
    let done = [
        registered("works_no", "A"),
        registered("works_no", "A"),
        json!({"works_no": "B", "right_state": "2"}),
        json!({"works_no": "C"}),
        registered("works_no", "Z"),
    ];
    let counted = counted(&done, &of, &[]);
    assert_eq!((counted.done, counted.of, counted.percent), (1, 3, Some(33)));
    assert_eq!(counted.missing, ["B", "C"]);
    assert_eq!(counted.to_string(), "已移交的人防工程中已办理不动产登记的：1/3，33%");
}

#[test]
fn the_same_thing_under_two_names_is_one_thing() {
    let of = [json!({"works_no": "A"}), json!({"works_no": "B", "unit_no": "U2"}), json!({"works_no": "C"})];
    let done = [registered("unit_no", "U1"), registered("unit_no", "U2"), registered("unit_no", "U3")];
    let by_handover_alone = counted(&done, &of, &[]);
    assert_eq!(by_handover_alone.done, 1, "only B's handover names its unit");
    let works = [json!({"works_no": "A", "unit_no": "U1"}), json!({"works_no": "C", "unit_no": "U9"})];
    let counted = counted(&done, &of, &works);
    assert_eq!((counted.done, counted.of), (2, 3));
    assert_eq!(counted.missing, ["C"]);
    // A number that is 工程编号 in one place and 不动产单元号 in another names two things.
    let other =
        super::Things::default().add(&["a".to_owned(), "b".to_owned()], json!({}).as_object().unwrap());
    assert_eq!(other, None);
}

#[test]
fn nothing_to_count_is_not_a_hundred_percent() {
    let counted = counted(&[], &[], &[]);
    assert_eq!(counted.percent, None);
    assert!(counted.to_string().ends_with("尚无数据"));
}
