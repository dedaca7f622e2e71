//! Progress counted from exchanged records: of the things a task is about, how many have reached what it asks for.
//!
//! Departments name the same basement differently (工程编号, 不动产单元号). A binding therefore lists the fields that name
//! a thing, and every record that carries two of them says that both are names of one thing.

use std::collections::{BTreeSet, HashMap};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// What a task is bound to, as the plan says it: of all things named by `of`, how many does `done` name?
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Binding {
    /// What is counted, Chinese.
    pub title: String,
    /// Fields that name a thing, in every kind concerned; the first one present is shown.
    pub by: Vec<String>,
    /// The things that have reached it.
    pub done: Side,
    /// All things the task is about.
    pub of: Side,
    /// A kind whose records carry several of the names, read only to bring them together.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub via: Option<String>,
}

/// Records of one kind, each speaking of a thing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Side {
    /// Kind of record in the canonical model.
    pub kind: String,
    /// Only records in which all of these hold.
    #[serde(default, rename = "where", skip_serializing_if = "Vec::is_empty")]
    pub tests: Vec<Test>,
}

/// One thing asked of a record: the field is there, and if values are given it has one of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Test {
    /// Field of the record.
    pub field: String,
    /// Values that count; empty: any value.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub any_of: Vec<String>,
}

impl Side {
    /// Whether a record counts on this side.
    #[must_use]
    pub fn takes(&self, body: &Map<String, Value>) -> bool {
        self.tests.iter().all(|test| test.holds(body))
    }
}

impl Test {
    fn holds(&self, body: &Map<String, Value>) -> bool {
        match body.get(&self.field) {
            None | Some(Value::Null) => false,
            Some(_) if self.any_of.is_empty() => true,
            Some(Value::String(text)) => self.any_of.contains(text),
            Some(other) => self.any_of.contains(&other.to_string()),
        }
    }
}

/// Names and which of them name the same thing. Memory: each name once.
#[derive(Debug, Default)]
pub struct Things {
    places: HashMap<(String, String), usize>,
    /// For each name another one of the same thing, or itself; following it ends at the thing's first name.
    same_as: Vec<usize>,
    names: Vec<String>,
}

impl Things {
    /// Takes in a record; gives the place of its first name, none when it has no name at all.
    pub fn add(&mut self, by: &[String], body: &Map<String, Value>) -> Option<usize> {
        let mut first = None;
        for field in by {
            let Some(name) = body.get(field).and_then(Value::as_str).filter(|name| !name.is_empty()) else {
                continue;
            };
            let place = self.place(field, name);
            match first {
                None => first = Some(place),
                Some(first) => self.join(first, place),
            }
        }
        first
    }

    fn place(&mut self, field: &str, name: &str) -> usize {
        let next = self.names.len();
        let place = *self.places.entry((field.to_owned(), name.to_owned())).or_insert(next);
        if place == next {
            self.names.push(name.to_owned());
            self.same_as.push(next);
        }
        place
    }

    fn thing(&self, mut place: usize) -> usize {
        while let Some(other) = self.same_as.get(place).filter(|other| **other != place) {
            place = *other;
        }
        place
    }

    fn join(&mut self, one: usize, other: usize) {
        let (one, other) = (self.thing(one), self.thing(other));
        let (first, later) = (one.min(other), one.max(other));
        if let Some(slot) = self.same_as.get_mut(later) {
            *slot = first;
        }
    }

    fn all<'a>(&'a self, places: &'a BTreeSet<usize>) -> BTreeSet<usize> {
        places.iter().map(|place| self.thing(*place)).collect()
    }
}

/// What was counted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Counted {
    /// What is counted, Chinese.
    pub title: String,
    /// Things that have reached it.
    pub done: usize,
    /// All things.
    pub of: usize,
    /// Whole percent, rounded down so that 100 means all; none while there is nothing to count.
    pub percent: Option<u8>,
    /// The first things that are missing, at most [`MISSING_SHOWN`].
    pub missing: Vec<String>,
}

/// How many missing things are named.
pub const MISSING_SHOWN: usize = 20;

/// Counts one binding from the names that records of its two sides gave.
#[must_use]
pub fn count(binding: &Binding, things: &Things, done: &BTreeSet<usize>, of: &BTreeSet<usize>) -> Counted {
    let (done, of) = (things.all(done), things.all(of));
    let reached = of.intersection(&done).count();
    let missing = of.difference(&done).filter_map(|thing| things.names.get(*thing));
    Counted {
        title: binding.title.clone(),
        done: reached,
        of: of.len(),
        percent: (reached * 100).checked_div(of.len()).and_then(|percent| u8::try_from(percent).ok()),
        missing: missing.take(MISSING_SHOWN).cloned().collect(),
    }
}

impl std::fmt::Display for Counted {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.percent {
            Some(percent) => write!(f, "{}：{}/{}，{percent}%", self.title, self.done, self.of),
            None => write!(f, "{}：尚无数据", self.title),
        }
    }
}

#[cfg(test)]
mod tests;
