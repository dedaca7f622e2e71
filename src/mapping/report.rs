//! A reading as JSON: for `hub mapping run`, for expected results beside the samples, and for pages.

use serde_json::{Map, Value as Json, json};

use super::reading::Reading;
use crate::error::{Place, Problem};
use crate::model::{Claim, Schema};

/// How much is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Detail {
    /// What expected results hold: values and paths, problems without their wording.
    Expected,
    /// Everything, with byte ranges, rules and hints.
    Full,
}

impl Reading {
    /// The reading as JSON.
    #[must_use]
    pub fn to_json(&self, schema: &Schema, detail: Detail) -> Json {
        let mut out = Map::new();
        out.insert("outcome".into(), json!(self.outcome));
        out.insert("message_key".into(), json!(self.message_key));
        if let Some(division) = &self.division {
            out.insert("division".into(), json!(division));
        }
        out.insert("claims".into(), self.claims.iter().map(|it| claim(it, schema, detail)).collect());
        out.insert("problems".into(), self.problems.iter().map(|it| problem(it, detail)).collect());
        if detail == Detail::Full {
            out.insert("rows".into(), json!(self.rows));
        }
        Json::Object(out)
    }
}

fn claim(claim: &Claim, schema: &Schema, detail: Detail) -> Json {
    let Some(kind) = schema.kind_at(claim.kind) else { return Json::Null };
    let mut fields = Map::new();
    for it in &claim.fields {
        let Some(field) = kind.fields.get(it.field) else { continue };
        let mut said = Map::new();
        said.insert("value".into(), it.value.to_json(&field.ty));
        put_place(&mut said, &it.spot.place(), detail);
        fields.insert(field.name.clone(), Json::Object(said));
    }
    let mut out = Map::new();
    out.insert("kind".into(), json!(kind.name));
    if let Some(row) = claim.row {
        out.insert("row".into(), json!(row));
    }
    out.insert("fields".into(), Json::Object(fields));
    Json::Object(out)
}

fn problem(problem: &Problem, detail: Detail) -> Json {
    let mut out = Map::new();
    out.insert("code".into(), json!(problem.code));
    out.insert("severity".into(), json!(problem.severity));
    if let Some(place) = &problem.place {
        put_place(&mut out, place, detail);
    }
    if let Some(field) = &problem.field {
        out.insert("field".into(), json!(field));
    }
    if let Some(value) = &problem.value {
        out.insert("value".into(), json!(value));
    }
    if detail == Detail::Full {
        out.insert("rule".into(), json!(problem.rule));
        out.insert("hint".into(), json!(problem.hint));
    }
    Json::Object(out)
}

fn put_place(out: &mut Map<String, Json>, place: &Place, detail: Detail) {
    out.insert("at".into(), json!(place.path));
    if detail == Detail::Full {
        out.insert("bytes".into(), json!([place.start, place.end]));
        if let Some(line) = place.line {
            out.insert("line".into(), json!(line));
        }
        if place.decoded {
            out.insert("decoded".into(), json!(true));
        }
    }
}

/// JSON for people: small objects and lists on one line, so that a field is a line and a change is a line of difference.
#[must_use]
pub fn pretty(value: &Json) -> String {
    let mut out = String::new();
    write(value, 0, &mut out);
    out.push('\n');
    out
}

fn write(value: &Json, level: usize, out: &mut String) {
    let (open, close, count) = match value {
        Json::Object(all) if !is_small(value) => ('{', '}', all.len()),
        Json::Array(all) if !is_small(value) => ('[', ']', all.len()),
        other => return inline(other, out),
    };
    out.push(open);
    for n in 0..count {
        out.push_str(if n == 0 { "\n" } else { ",\n" });
        out.push_str(&"  ".repeat(level + 1));
        match value {
            Json::Object(all) => {
                if let Some((key, inner)) = all.iter().nth(n) {
                    out.push_str(&Json::from(key.as_str()).to_string());
                    out.push_str(": ");
                    write(inner, level + 1, out);
                }
            }
            Json::Array(all) => {
                if let Some(inner) = all.get(n) {
                    write(inner, level + 1, out);
                }
            }
            _ => {}
        }
    }
    out.push('\n');
    out.push_str(&"  ".repeat(level));
    out.push(close);
}

/// Nothing but plain values inside, and few of them.
fn is_small(value: &Json) -> bool {
    let plain = |it: &Json| !it.is_object() && !it.is_array();
    match value {
        Json::Object(all) => all.len() <= 6 && all.values().all(plain),
        Json::Array(all) => all.iter().all(plain) && all.len() <= 12,
        _ => true,
    }
}

fn inline(value: &Json, out: &mut String) {
    match value {
        Json::Object(all) if !all.is_empty() => {
            out.push_str("{ ");
            for (n, (key, inner)) in all.iter().enumerate() {
                out.push_str(if n == 0 { "" } else { ", " });
                out.push_str(&Json::from(key.as_str()).to_string());
                out.push_str(": ");
                inline(inner, out);
            }
            out.push_str(" }");
        }
        Json::Array(all) if !all.is_empty() => {
            out.push('[');
            for (n, inner) in all.iter().enumerate() {
                out.push_str(if n == 0 { "" } else { ", " });
                inline(inner, out);
            }
            out.push(']');
        }
        other => out.push_str(&other.to_string()),
    }
}
