//! What marks look like, and what a template may not do.

use std::collections::BTreeSet;

use serde_json::json;

use super::Template;
use super::marks::mark;

fn visible(text: &str) -> String {
    text.chars()
        .map(|c| match u32::from(c) {
            code @ 1..=5 => char::from_u32(0x2400 + code).unwrap_or(c),
            _ => c,
        })
        .collect()
}

#[test]
fn values_stand_between_marks() {
    let marked = mark("名称：{{ name }}\n{% if raw.a %}有{% endif %}").unwrap();
    assert_eq!(visible(&marked.text), "␄1␅名称：␁name␂{{ name }}␃\n␄2␅{% if raw.a %}有{% endif %}");
}

#[test]
fn rows_know_their_number() {
    let template =
        Template::compile("body.tera", "{% for unit in units %}{{ unit.area }}；{% endfor %}").unwrap();
    let shown = json!({"units": [{"area": "1.00"}, {"area": "2.00"}]});
    let text = template.fill(shown.as_object().unwrap(), &serde_json::Map::new()).unwrap();
    assert_eq!(visible(&text), "␄1␅␁units/0/area␂1.00␃；␁units/1/area␂2.00␃；");
}

#[test]
fn a_value_cannot_carry_marks() {
    let template = Template::compile("body.tera", "{{ name }}").unwrap();
    let shown = json!({"name": "甲\u{3}@标题 乙"});
    let text = template.fill(shown.as_object().unwrap(), &serde_json::Map::new()).unwrap();
    assert_eq!(visible(&text), "␄1␅␁name␂甲@标题 乙␃");
}

#[test]
fn unknown_names_are_found_with_their_line() {
    let template =
        Template::compile("body.tera", "标题\n{% if raw.x %}{{ projct_name }}{% endif %}").unwrap();
    let known = BTreeSet::from(["project_name", "address"]);
    let problems = template.unknown_names(&known);
    assert_eq!(problems.len(), 1);
    let place = problems[0].place.clone().unwrap();
    assert_eq!((place.path.as_str(), place.line), ("body.tera", Some(2)));
    assert!(problems[0].hint.contains("project_name"), "{}", problems[0].hint);
}

#[test]
fn faults_tell_the_line_of_the_template_as_written() {
    let fault = Template::compile("body.tera", "甲\n乙 {{ a }}\n{% if %}\n").unwrap_err();
    assert_eq!(fault.place.unwrap().line, Some(3));
    let fault = Template::compile("body.tera", "甲\n{{- a -}}").unwrap_err();
    assert_eq!(fault.place.unwrap().line, Some(2));
    let template = Template::compile("body.tera", "甲\n\n{{ a }} {{ b }}").unwrap();
    let shown = json!({"a": "1"});
    let error = template.fill(shown.as_object().unwrap(), &serde_json::Map::new()).unwrap_err();
    assert_eq!(error.problems[0].place.clone().unwrap().line, Some(3));
}

#[test]
fn amounts_and_numbers_have_filters() {
    let template = Template::compile("body.tera", "{{ fee | capital }}；{{ raw.days | numeral }}").unwrap();
    let shown = json!({"fee": "1234.50"});
    let raw = json!({"days": 15});
    let text = template.fill(shown.as_object().unwrap(), raw.as_object().unwrap()).unwrap();
    assert_eq!(visible(&text), "␄1␅␁fee␂壹仟贰佰叁拾肆元伍角整␃；␁days␂十五␃");
}
