//! Writing CSV.

use super::{Content, Item, Path};
use crate::error::{Problem, codes};
use crate::text::charset::Charset;

/// How a CSV file is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CsvLayout {
    /// Charset of the bytes.
    pub charset: Charset,
    /// Writes a byte order mark in front of UTF-8, without which Excel takes it for GBK.
    pub mark: bool,
    /// Separator.
    pub delimiter: u8,
    /// Columns in order; the header row.
    pub columns: Vec<String>,
}

impl Default for CsvLayout {
    fn default() -> Self {
        Self { charset: Charset::Utf8, mark: true, delimiter: b',', columns: Vec::new() }
    }
}

/// Writes an array of objects, one row each; a cell is the child named like its column, empty when there is none.
pub fn csv(table: &Item, layout: &CsvLayout) -> Result<Vec<u8>, Vec<Problem>> {
    let mut path = Path::default();
    let Content::Array(rows) = &table.content else {
        path.refuse(
            codes::format::WRITE_SHAPE,
            &table.name,
            "表格只能写一层行和列。",
            "请修改映射文件的输出层次。",
        );
        return Err(path.problems);
    };
    if layout.columns.is_empty() {
        path.refuse(codes::format::WRITE_SHAPE, "", "CSV 至少要有一列。", "请在映射文件里列出各列。");
        return Err(path.problems);
    }
    let mut writer = csv::WriterBuilder::new()
        .delimiter(layout.delimiter)
        .terminator(csv::Terminator::CRLF)
        .from_writer(Vec::new());
    let mut record = csv::StringRecord::from(layout.columns.as_slice());
    let mut failed = writer.write_record(&record).is_err();
    for (at, row) in rows.iter().enumerate() {
        record.clear();
        for column in &layout.columns {
            record.push_field(&cell(row, column, at + 2, &mut path));
        }
        failed |= writer.write_record(&record).is_err();
    }
    let text = writer.into_inner().ok().and_then(|bytes| String::from_utf8(bytes).ok());
    match text.filter(|_| !failed) {
        Some(text) if layout.mark && layout.charset == Charset::Utf8 => {
            path.finish(format!("\u{FEFF}{text}"), layout.charset)
        }
        Some(text) => path.finish(text, layout.charset),
        None => {
            path.refuse(codes::format::WRITE_SHAPE, "", "CSV 写不出来。", "请核对分隔符和各列的内容。");
            Err(path.problems)
        }
    }
}

/// The text of a cell; `number` is the row as Excel will show it.
pub(super) fn cell(row: &Item, column: &str, number: usize, path: &mut Path) -> String {
    let children = match &row.content {
        Content::Object(children) => children.as_slice(),
        _ => &[],
    };
    let Some(item) = children.iter().find(|it| it.name == column) else { return String::new() };
    path.steps.extend([number.to_string(), column.to_owned()]);
    let text = item.as_text(path);
    match &text {
        Some(text) => path.check_text(text),
        None => {
            path.refuse(codes::format::WRITE_SHAPE, "", "单元格不能再分层。", "请修改映射文件的输出层次。")
        }
    }
    path.leave();
    path.leave();
    text.unwrap_or_default()
}
