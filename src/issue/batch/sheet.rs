//! The sheet of a kind: one column for each field of its form, to be handed out empty and read back filled.
//!
//! A table of the form has one column for each of its own columns (`问题：内容`); several rows of it stand in one cell, a line
//! each.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Cursor;

use serde_json::{Map, Value as Json};

use super::super::desk::Desk;
use crate::document::{Binding, FormField, FormType, Kind};
use crate::error::{Error, Problem, Result, codes};
use crate::format::write::{Column, ColumnKind, SheetWriter};
use crate::format::{Format, ReadSpec, Row, Table};
use crate::text::width::half_width;

/// The most documents of one batch: what one person can still look through, and what keeps a batch below an hour.
pub const MAX_ROWS: usize = 2_000;
/// Texts of all rows together may take so much memory.
const MAX_TEXT: usize = 32 << 20;
/// Column of the workbook that is handed back; never read.
pub(super) const FAULT_HEAD: &str = "错误";
/// Column that says why values differ from those of the record.
const REASON_HEAD: &str = "改动理由";

/// A column of the sheet.
pub(super) struct Head<'k> {
    /// Its title, with the unit of its numbers.
    pub title: String,
    /// Where its cells go.
    pub target: Target<'k>,
    /// Whether a row cannot do without it.
    pub required: bool,
    note: String,
}

/// What a column fills.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Target<'k> {
    /// A field of the form.
    Field(&'k str),
    /// A column of a table of the form.
    Cell(&'k str, &'k str),
    /// Why values differ from the record.
    Reason,
}

/// The columns of a kind, in the order of its form.
pub(super) fn heads(kind: &Kind) -> Vec<Head<'_>> {
    let mut heads = Vec::new();
    for field in &kind.fields {
        match &field.ty {
            FormType::Value(_) => heads.push(head(kind, field, None)),
            FormType::Table(columns) => {
                heads.extend(columns.iter().map(|column| head(kind, column, Some(field))));
            }
        }
    }
    if kind.fields.iter().any(|field| matches!(field.source, Some(Binding::Field(_)))) {
        let note = "所填的值与来源部门的数据不同时，写明理由。".to_owned();
        heads.push(Head { title: REASON_HEAD.to_owned(), target: Target::Reason, required: false, note });
    }
    heads
}

fn head<'k>(kind: &'k Kind, field: &'k FormField, table: Option<&'k FormField>) -> Head<'k> {
    let title = match (table, &field.unit) {
        (Some(table), _) => format!("{}：{}", table.title, field.title),
        (None, Some(unit)) => format!("{}（{unit}）", field.title),
        (None, None) => field.title.clone(),
    };
    let outer = table.unwrap_or(field);
    let filled = outer.source.is_some() || outer.default.is_some() || kind.computes(&outer.name);
    let mut note = match (outer.required && field.required, filled) {
        (true, false) => "必填。".to_owned(),
        (true, true) => "必填；能从记录取得或算出的可以留空。".to_owned(),
        (false, _) => String::new(),
    };
    note.push_str(&field.hint);
    if table.is_some() {
        note.push_str("有几行的，在一个单元格里分行填写（Alt+Enter 换行）。");
    }
    let sample = match table {
        Some(table) => kind.sample.values.get(&table.name).and_then(|rows| rows.get(0)?.get(&field.name)),
        None => kind.sample.values.get(&field.name),
    };
    if let Some(sample) = sample {
        note.push_str(&format!("样例：{}", typed(sample)));
    }
    let target = match table {
        Some(table) => Target::Cell(&table.name, &field.name),
        None => Target::Field(&field.name),
    };
    Head { title, target, required: outer.required && field.required && !filled, note }
}

/// A value as it is typed into a cell.
pub(super) fn typed(value: &Json) -> String {
    match value {
        Json::Null => String::new(),
        Json::String(text) => text.clone(),
        Json::Bool(true) => "是".to_owned(),
        Json::Bool(false) => "否".to_owned(),
        Json::Array(items) => items.iter().map(typed).collect::<Vec<_>>().join("、"),
        other => other.to_string(),
    }
}

/// The values of a form as the cells of a row.
pub(super) fn cells_of(heads: &[Head<'_>], values: &Map<String, Json>) -> Vec<String> {
    let text = |target: &Target<'_>| match target {
        Target::Field(name) => values.get(*name).map(typed).unwrap_or_default(),
        Target::Cell(table, column) => {
            let rows = values.get(*table).and_then(Json::as_array).map(Vec::as_slice).unwrap_or_default();
            let lines: Vec<String> =
                rows.iter().map(|row| row.get(*column).map(typed).unwrap_or_default()).collect();
            lines.join("\n")
        }
        Target::Reason => String::new(),
    };
    heads.iter().map(|head| text(&head.target)).collect()
}

/// The empty workbook of a kind; a note at each head says what belongs there, with an example.
///
/// # Errors
/// `unknown_document_kind`.
pub fn blank_workbook(desk: &Desk, kind: &str) -> Result<Vec<u8>> {
    let kind = desk.kind(kind)?;
    let columns = heads(kind)
        .into_iter()
        .map(|head| Column {
            title: if head.required { format!("*{}", head.title) } else { head.title },
            kind: ColumnKind::Text,
            width: 22,
            note: Some(head.note).filter(|it| !it.is_empty()),
        })
        .collect();
    SheetWriter::new(&kind.title, None, columns)?.finish()
}

/// A sheet as it was handed in.
#[derive(Debug, Default)]
pub(super) struct Sheet {
    /// Titles of its columns.
    pub heads: Vec<String>,
    /// Those of them that the form does not know.
    pub ignored: Vec<String>,
    /// Its rows, without blank ones.
    pub rows: Vec<SheetRow>,
}

/// A row as it was handed in.
#[derive(Debug, Default)]
pub(super) struct SheetRow {
    /// Its number as Excel shows it.
    pub number: u32,
    /// Its cells in the order of the columns.
    pub cells: Vec<String>,
    /// Texts by path of the form.
    pub texts: BTreeMap<String, String>,
    /// Why values differ from those of the record.
    pub reason: Option<String>,
    /// What the format found.
    pub problems: Vec<Problem>,
}

/// Reads a workbook or CSV file. `keys` are the form fields that name a record, by alternatives: with one of them there, what
/// the record can tell need not be in the sheet.
///
/// Memory: at most [`MAX_ROWS`] rows and [`MAX_TEXT`] bytes of texts.
///
/// # Errors
/// `batch_sheet`, one class at a time: it cannot be read; columns are missing or stand twice; there are no rows or too many.
pub(super) fn read(kind: &Kind, keys: &[Vec<&str>], bytes: &[u8]) -> Result<Sheet> {
    // A workbook is a zip archive and begins like one; old binary workbooks are told by the format room what they are.
    let is_book = bytes.starts_with(b"PK") || bytes.starts_with(&[0xD0, 0xCF, 0x11, 0xE0]);
    let format = if is_book { Format::Xlsx } else { Format::Csv };
    let spec = ReadSpec { format, ..ReadSpec::default() };
    let unreadable = |problems: Vec<Problem>| {
        refused("表格读不出来。请用下载的空表填写，表头放在第 1 行，存为 XLSX 后重新上传。")
            .with_problems(problems)
    };
    let mut table = Table::open(Cursor::new(bytes), &spec).map_err(unreadable)?;
    let mut rows = table.rows().map_err(unreadable)?;
    let titles: Vec<String> = rows.columns().filter(|it| !it.is_empty()).map(str::to_owned).collect();
    let all = heads(kind);
    let columns: Vec<Option<Target<'_>>> = titles.iter().map(|title| target_of(&all, title)).collect();
    check_columns(kind, keys, &all, &titles, &columns)?;
    let mut sheet = Sheet { heads: titles.clone(), ..Sheet::default() };
    sheet.heads.retain(|title| plain(title) != FAULT_HEAD);
    let unknown =
        titles.iter().zip(&columns).filter(|(title, it)| it.is_none() && plain(title) != FAULT_HEAD);
    sheet.ignored = unknown.map(|(title, _)| title.clone()).collect();
    let mut size = 0;
    for row in &mut rows {
        let row = row.map_err(|problem| unreadable(vec![problem]))?;
        let Some(row) = take(row, &titles, &columns) else { continue };
        size += row.cells.iter().map(String::len).sum::<usize>();
        if sheet.rows.len() == MAX_ROWS || size > MAX_TEXT {
            return Err(refused(&format!(
                "一批最多 {MAX_ROWS} 行、{} MiB 文字，请分几批办理。",
                MAX_TEXT >> 20
            )));
        }
        sheet.rows.push(row);
    }
    if sheet.rows.is_empty() {
        return Err(refused("表格里没有内容：表头下面至少要有一行。"));
    }
    Ok(sheet)
}

pub(super) fn refused(detail: &str) -> Error {
    Error::new(codes::document::BATCH_SHEET, detail)
}

/// A title as it is compared: half width, without blanks, the mark of required columns and the number of a repetition.
fn plain(title: &str) -> String {
    let half = half_width(title);
    let bare: String = half.chars().filter(|c| !c.is_whitespace()).collect();
    bare.trim_start_matches('*').to_owned()
}

fn target_of<'k>(all: &[Head<'k>], title: &str) -> Option<Target<'k>> {
    let given = plain(title);
    let fits = |head: &&Head<'_>| {
        let full = plain(&head.title);
        given == full || full.strip_prefix(given.as_str()).is_some_and(|unit| unit.starts_with('('))
    };
    // The exact title goes before one that only lacks its unit.
    all.iter()
        .find(|head| plain(&head.title) == given)
        .or_else(|| all.iter().find(fits))
        .map(|head| head.target)
}

fn check_columns(
    kind: &Kind,
    keys: &[Vec<&str>],
    all: &[Head<'_>],
    titles: &[String],
    columns: &[Option<Target<'_>>],
) -> Result<()> {
    let there: BTreeSet<Target<'_>> = columns.iter().flatten().copied().collect();
    let is_there = |name: &str| there.contains(&Target::Field(name));
    let from_records = keys.iter().any(|key| !key.is_empty() && key.iter().all(|name| is_there(name)));
    let needed = |head: &&Head<'_>| head.required || (!from_records && is_needed_by_hand(kind, head.target));
    let missing: Vec<&str> = all
        .iter()
        .filter(needed)
        .filter(|head| !there.contains(&head.target))
        .map(|head| head.title.as_str())
        .collect();
    if !missing.is_empty() {
        let detail = format!("缺少列：{}。文件现有列：{}。", missing.join("、"), titles.join("、"));
        return Err(refused(&detail));
    }
    let mut seen = BTreeSet::new();
    let mut twice: Vec<&str> = Vec::new();
    for (title, target) in titles.iter().zip(columns) {
        let repeated = title.rsplit_once('#').is_some_and(|(first, n)| {
            n.parse::<u32>().is_ok() && titles.iter().any(|it| it == first) && target_of(all, first).is_some()
        });
        if repeated || target.is_some_and(|it| !seen.insert(it)) {
            twice.push(title);
        }
    }
    if twice.is_empty() {
        return Ok(());
    }
    Err(refused(&format!("列重复：{}。请只留一列。", twice.join("、"))))
}

/// Whether a field that a record would fill must be in the sheet when no record can be found.
fn is_needed_by_hand(kind: &Kind, target: Target<'_>) -> bool {
    let Target::Field(name) = target else { return false };
    kind.field(name).is_some_and(|it| it.required && it.default.is_none() && !kind.computes(name))
}

/// The texts of a row; none for a blank one, also when its cells are formatted.
fn take(row: Row, titles: &[String], columns: &[Option<Target<'_>>]) -> Option<SheetRow> {
    let root = row.tree.root();
    let text = |title: &String| {
        let cell = row.tree.child(root, title);
        cell.and_then(|it| row.tree.value(it)).unwrap_or_default().trim().to_owned()
    };
    let mut taken = SheetRow { number: row.number, ..SheetRow::default() };
    let mut blank = true;
    for (title, target) in titles.iter().zip(columns) {
        if target.is_none() && plain(title) == FAULT_HEAD {
            continue;
        }
        let text = text(title);
        blank &= text.is_empty();
        match target {
            Some(Target::Field(name)) => {
                taken.texts.insert((*name).to_owned(), text.clone());
            }
            Some(Target::Cell(table, column)) => {
                for (n, line) in text.lines().enumerate() {
                    taken.texts.insert(format!("{table}/{n}/{column}"), line.to_owned());
                }
            }
            Some(Target::Reason) => taken.reason = Some(text.clone()).filter(|it| !it.is_empty()),
            None => {}
        }
        taken.cells.push(text);
    }
    taken.problems = row.problems;
    (!blank).then_some(taken)
}
