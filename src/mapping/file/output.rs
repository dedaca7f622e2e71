//! The way back: `[write]` for the message and `[record.set]` for each row.

use toml::Spanned;
use toml::de::DeValue;

use super::super::path::Path;
use super::super::pattern::Pattern;
use super::super::source::{At, Table, as_scalar};
use super::{parse_path, paths};
use crate::error::codes::mapping as codes;

/// `[write]`: the mapping must be reversible.
#[derive(Debug)]
pub(in super::super) struct WriteFile {
    /// What is written for an absent value; none leaves the element out.
    pub null: Option<String>,
    /// Order of siblings where the partner wants one that differs from the order of the fields.
    pub order: Vec<At<Path>>,
    pub set: Vec<SetFile>,
}

/// Something written that no record says.
#[derive(Debug)]
pub(in super::super) struct SetFile {
    pub path: At<Path>,
    pub stamp: Stamp,
    /// JSON: unquoted.
    pub bare: bool,
}

/// What is written.
#[derive(Debug, Clone)]
pub(in super::super) enum Stamp {
    /// Always this.
    Constant(String),
    /// The moment of writing.
    Now(Pattern),
    /// The message's own identifier, given by the caller.
    MessageId,
    /// A fresh identifier, given by the caller.
    Uuid,
    /// How many rows there are.
    Count,
    /// Something the caller gives by name, and what stands there when the caller does not.
    Argument { name: String, default: Option<String> },
}

impl WriteFile {
    pub fn read(table: &Table<'_>) -> Self {
        let file = Self {
            null: table.scalar("null").map(|it| it.value).filter(|it| it != "omit"),
            order: paths(table, "order"),
            set: read_set(table),
        };
        table.finish();
        file
    }
}

/// The entries of `set`.
pub(super) fn read_set(table: &Table<'_>) -> Vec<SetFile> {
    let Some(inner) = table.table("set") else { return Vec::new() };
    inner.entries().into_iter().filter_map(|(name, value)| one(&inner, name, value)).collect()
}

fn one(outer: &Table<'_>, name: At<String>, value: &Spanned<DeValue<'_>>) -> Option<SetFile> {
    let path = parse_path(outer.source, name)?;
    if let Some(plain) = as_scalar(value) {
        let bare = value.get_ref().as_str().is_none();
        return Some(SetFile { path, stamp: Stamp::Constant(plain.value), bare });
    }
    let Some(table) = Table::of(outer.source, value) else {
        outer.wrong("set", value, "固定值，或 { now = \"格式\" }、{ give = \"message_id\" }");
        return None;
    };
    let bare = table.flag("bare").is_some_and(|it| it.value);
    let constant = table.scalar("constant").map(|it| Stamp::Constant(it.value));
    let now = table.text("now").and_then(|it| now(&table, &it));
    let default = table.scalar("default").map(|it| it.value);
    let give = table.text("give").map(|it| match it.value.as_str() {
        "message_id" => Stamp::MessageId,
        "uuid" => Stamp::Uuid,
        "count" => Stamp::Count,
        other => Stamp::Argument { name: other.to_owned(), default: default.clone() },
    });
    table.finish();
    let Some(stamp) = constant.or(now).or(give) else {
        table.missing("constant、now 或 give", "如 { now = \"yyyyMMddHHmmss\" }、{ give = \"message_id\" }");
        return None;
    };
    Some(SetFile { path, stamp, bare })
}

fn now(table: &Table<'_>, said: &At<String>) -> Option<Stamp> {
    match Pattern::parse(&said.value) {
        Ok(pattern) => Some(Stamp::Now(pattern)),
        Err((message, hint)) => {
            table.source.error(codes::MAPPING_PARAMETER, &said.span, message, hint);
            None
        }
    }
}
