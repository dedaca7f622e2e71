//! How a field is written back: in which form, where else it stands too, what is written for nothing.

use toml::Spanned;
use toml::de::DeValue;

use super::super::path::Path;
use super::super::source::{At, Table, as_text};
use super::{parse_path, path};
use crate::error::codes::mapping as codes;

/// How a field is written back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) enum WriteAs {
    /// As text (XML has nothing else; in JSON a string).
    Text,
    /// In JSON a number or `true`/`false`, unquoted.
    Bare,
    /// Not at all.
    Skip,
}

/// A further place of a written value: the partner says one thing several times.
#[derive(Debug)]
pub(in super::super) struct AlsoFile {
    pub at: At<Path>,
    /// Steps that make its text of the text written at the first place.
    pub steps: Vec<At<String>>,
}

/// What `write` says.
pub(super) struct Back {
    pub how: WriteAs,
    pub null: Option<String>,
    pub also: Vec<AlsoFile>,
    pub cut: Option<Vec<usize>>,
}

impl Back {
    pub fn read(table: &Table<'_>) -> Self {
        let mut back = Self { how: WriteAs::Text, null: None, also: Vec::new(), cut: None };
        let Some(value) = table.get("write") else { return back };
        if let Some(said) = as_text(value) {
            back.how = write_word(table, &said);
            return back;
        }
        let Some(inner) = table.table("write") else { return back };
        if let Some(said) = inner.text("as") {
            back.how = write_word(&inner, &said);
        }
        back.null = inner.scalar("null").map(|it| it.value);
        back.also = also(&inner);
        back.cut = cut(&inner);
        inner.finish();
        back
    }
}

fn also(table: &Table<'_>) -> Vec<AlsoFile> {
    let Some(value) = table.get("also") else { return Vec::new() };
    let Some(items) = value.get_ref().as_array() else {
        table.wrong("also", value, "列表，如 [\"/Message/Head/EstateNum\", { at = \"/Message/Head/AreaCode\", as = \"substring:1,6\" }]");
        return Vec::new();
    };
    items.iter().filter_map(|item| one_also(table, item)).collect()
}

fn one_also(outer: &Table<'_>, item: &Spanned<DeValue<'_>>) -> Option<AlsoFile> {
    if let Some(short) = as_text(item) {
        return Some(AlsoFile { at: parse_path(outer.source, short)?, steps: Vec::new() });
    }
    let Some(table) = Table::of(outer.source, item) else {
        outer.wrong("also", item, "路径，或 { at = \"路径\", as = \"substring:1,6\" }");
        return None;
    };
    let at = path(&table, "at");
    let steps = table.texts("as").unwrap_or_default();
    if table.get("at").is_none() {
        table.missing("at", "写明还要写到哪里");
    }
    table.finish();
    Some(AlsoFile { at: at?, steps })
}

/// `cut = [8]`: how many characters go to each place but the last.
fn cut(table: &Table<'_>) -> Option<Vec<usize>> {
    let value = table.get("cut")?;
    let said = table.texts("cut")?;
    let widths: Option<Vec<usize>> = said.iter().map(|it| it.value.parse().ok()).collect();
    if widths.is_none() {
        table.wrong("cut", value, "整数的列表，如 [8]（前 8 个字写到第一处，其余写到第二处）");
    }
    widths
}

fn write_word(table: &Table<'_>, said: &At<String>) -> WriteAs {
    match said.value.as_str() {
        "text" => WriteAs::Text,
        "bare" => WriteAs::Bare,
        "skip" => WriteAs::Skip,
        other => {
            table.source.error(
                codes::MAPPING_SHAPE,
                &said.span,
                format!("write 不能写“{other}”"),
                "可写 text（带引号）、bare（JSON 数字或 true/false，不带引号）、skip（不写出）",
            );
            WriteAs::Text
        }
    }
}
