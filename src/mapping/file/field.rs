//! One field: where its value comes from, through which steps, and what happens when it is missing or unknown.

use std::ops::Range;

use toml::Spanned;
use toml::de::DeValue;

use super::super::path::Path;
use super::super::source::{At, Table, as_scalar, as_text};
use super::back::{AlsoFile, Back, WriteAs};
use super::condition::{self, Condition};
use super::{parse_path, path, paths};
use crate::error::codes::mapping as codes;

/// One entry of `[record.fields]`.
#[derive(Debug)]
pub(in super::super) struct FieldFile {
    pub name: At<String>,
    pub span: Range<usize>,
    pub origin: Origin,
    /// The steps of `as`, in order.
    pub steps: Vec<At<String>>,
    /// The inline table of `map`, as (theirs, ours).
    pub map: Option<Vec<(At<String>, At<String>)>>,
    pub null: Option<Vec<At<String>>>,
    pub default: Option<At<String>>,
    pub unknown: Option<At<String>>,
    pub when: Vec<Condition>,
    pub required: bool,
    pub many: Many,
    pub write: WriteAs,
    /// What is written for an absent value instead of the file's `[write] null`.
    pub write_null: Option<String>,
    /// Further places where the written text stands.
    pub also: Vec<AlsoFile>,
    /// How many characters of a text that is joined without anything between go to each place but the last.
    pub cut: Option<Vec<usize>>,
    pub note: String,
}

/// Where a value comes from.
#[derive(Debug)]
pub(in super::super) enum Origin {
    /// One place.
    From(At<Path>),
    /// Several places put together with this between.
    Join(Vec<At<Path>>, String),
    /// The first place that has a value.
    First(Vec<At<Path>>),
    /// Always this.
    Constant(At<String>),
    /// Sub-rows below the row.
    Rows(At<Path>, Vec<FieldFile>),
    /// Sub-rows written inside one text.
    Table(MiniTable, Vec<FieldFile>),
    /// Nothing usable was written; a finding says so.
    Nowhere,
}

/// A table written inside one text: `项目码|名称|金额#项目码|名称|金额#`.
#[derive(Debug)]
pub(in super::super) struct MiniTable {
    pub from: At<Path>,
    pub row: String,
    pub cell: String,
    pub columns: Vec<String>,
}

/// What several values in one place mean.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in super::super) enum Many {
    /// A finding, unless they are equal.
    Refuse,
    First,
    Last,
    Join(String),
}

/// The fields of a table, in order.
pub(super) fn read_all(table: &Table<'_>) -> Vec<FieldFile> {
    table.entries().into_iter().filter_map(|(name, value)| read(table, name, value)).collect()
}

fn read(outer: &Table<'_>, name: At<String>, value: &Spanned<DeValue<'_>>) -> Option<FieldFile> {
    if let Some(short) = as_text(value) {
        let origin = parse_path(outer.source, short).map_or(Origin::Nowhere, Origin::From);
        return Some(FieldFile::plain(name, value.span(), origin));
    }
    let Some(table) = Table::of(outer.source, value) else {
        outer.wrong(&name.value, value, "路径文字或表，如 { from = \"xmmc\", as = \"text\" }");
        return None;
    };
    let origin = origin(&table);
    let steps = table.texts("as").unwrap_or_default();
    let back = Back::read(&table);
    let field = FieldFile {
        name,
        span: table.head(),
        origin,
        steps,
        map: inline_map(&table),
        null: table.texts("null"),
        default: table.scalar("default"),
        unknown: table.text("unknown"),
        when: condition::read_all(&table, "when"),
        required: table.flag("required").is_some_and(|it| it.value),
        many: many(&table),
        write: back.how,
        write_null: back.null,
        also: back.also,
        cut: back.cut,
        note: table.text("note").map(|it| it.value).unwrap_or_default(),
    };
    table.finish();
    Some(field)
}

impl FieldFile {
    fn plain(name: At<String>, span: Range<usize>, origin: Origin) -> Self {
        Self {
            name,
            span,
            origin,
            steps: Vec::new(),
            map: None,
            null: None,
            default: None,
            unknown: None,
            when: Vec::new(),
            required: false,
            many: Many::Refuse,
            write: WriteAs::Text,
            write_null: None,
            also: Vec::new(),
            cut: None,
            note: String::new(),
        }
    }
}

fn origin(table: &Table<'_>) -> Origin {
    let from = paths(table, "from");
    let first = paths(table, "first");
    let constant = table.scalar("constant");
    let rows = path(table, "rows");
    let join = table.text("join");
    let inner = table.table("fields").map(|it| read_all(&it));
    let mini = table.table("table");
    let ways =
        ["from", "first", "constant", "rows"].into_iter().filter(|key| table.get(key).is_some()).count();
    if ways != 1 {
        let (message, hint) = if ways == 0 {
            (
                "没有写明值从哪里来",
                "写 from（一处）、first（几处取第一个非空）、constant（固定值）或 rows（下级多行）",
            )
        } else {
            ("值的来处写了不止一种", "from、first、constant、rows 只能写一个")
        };
        table.source.error(codes::MAPPING_CONFLICT, &table.head(), message, hint);
        return Origin::Nowhere;
    }
    if let Some(rows) = rows {
        if let Some(inner) = inner {
            return Origin::Rows(rows, inner);
        }
        table.missing("fields", "写明每行有哪些字段，如 fields = { name = \"xm\" }");
        return Origin::Nowhere;
    }
    if let Some(constant) = constant {
        return Origin::Constant(constant);
    }
    if !first.is_empty() {
        return Origin::First(first);
    }
    match (mini, inner) {
        (Some(mini), Some(inner)) => return mini_table(&mini, from, inner),
        (Some(mini), None) => {
            mini.missing("fields", "写明每行有哪些字段，from 写 columns 里的列名");
            return Origin::Nowhere;
        }
        _ => {}
    }
    joined(table, from, join)
}

fn joined(table: &Table<'_>, mut from: Vec<At<Path>>, join: Option<At<String>>) -> Origin {
    match (from.len(), join) {
        (0, _) => Origin::Nowhere,
        (1, None) => from.pop().map_or(Origin::Nowhere, Origin::From),
        (_, Some(between)) => Origin::Join(from, between.value),
        (_, None) => {
            table.missing(
                "join",
                "from 写了几处，要用 join 写明中间用什么连接，如 join = \"\"；只取其中一处用 first",
            );
            Origin::Nowhere
        }
    }
}

fn mini_table(table: &Table<'_>, mut from: Vec<At<Path>>, inner: Vec<FieldFile>) -> Origin {
    let row = table.need_text("row", "写明行之间的分隔符，如 row = \"#\"");
    let cell = table.need_text("cell", "写明一行里各列的分隔符，如 cell = \"|\"");
    let columns = table.texts("columns").unwrap_or_default();
    if columns.is_empty() {
        table.missing("columns", "按顺序写出各列的名称，如 columns = [\"code\", \"name\"]");
    }
    table.finish();
    match (from.pop(), row, cell) {
        (Some(from), Some(row), Some(cell)) => Origin::Table(
            MiniTable {
                from,
                row: row.value,
                cell: cell.value,
                columns: columns.into_iter().map(|it| it.value).collect(),
            },
            inner,
        ),
        _ => Origin::Nowhere,
    }
}

fn inline_map(table: &Table<'_>) -> Option<Vec<(At<String>, At<String>)>> {
    let inner = table.table("map")?;
    let mut pairs = Vec::new();
    for (theirs, value) in inner.entries() {
        match as_scalar(value) {
            Some(ours) => pairs.push((theirs, ours)),
            None => inner.wrong(&theirs.value, value, "文字，如 \"1\" = \"state\""),
        }
    }
    Some(pairs)
}

fn many(table: &Table<'_>) -> Many {
    let Some(said) = table.text("many") else { return Many::Refuse };
    match said.value.as_str() {
        "first" => Many::First,
        "last" => Many::Last,
        other => match other.strip_prefix("join:") {
            Some(between) => Many::Join(between.to_owned()),
            None => {
                table.source.error(
                    codes::MAPPING_SHAPE,
                    &said.span,
                    format!("many 不能写“{other}”"),
                    "可写 first、last 或 join:连接符；不写则几个值不同时报错",
                );
                Many::Refuse
            }
        },
    }
}
