//! What people look at before they decide: the rows that came back with what is wrong, and a sample of any row.

use serde_json::{Map, Value as Json};

use super::super::desk::Desk;
use super::check::findings;
use super::sheet::FAULT_HEAD;
use crate::document::{Options, Purpose, Rendered, render};
use crate::error::{Error, Result};
use crate::format::write::{Column, ColumnKind, SheetWriter};
use crate::store::{Batch, BatchItem, Conn, ItemFilter, ItemState, get_batch_item, list_batch_items};

/// Rows read at once.
const AT_ONCE: i64 = 200;

/// Which rows a workbook holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Which {
    /// All, as they were handed in.
    All,
    /// Those that are wrong or could not be issued: for a batch of their own once they are put right.
    Unissued,
}

/// The rows as they were handed in, with a last column that says what is wrong.
///
/// Memory: the finished workbook.
///
/// # Errors
/// What the store says.
pub fn fault_workbook(conn: &mut Conn, batch: &Batch, which: Which) -> Result<Vec<u8>> {
    let mut titles: Vec<String> = batch.heads.read()?;
    titles.push(FAULT_HEAD.to_owned());
    let last = titles.len() - 1;
    let column = |(at, title)| Column {
        title,
        kind: ColumnKind::Text,
        width: if at == last { 60 } else { 22 },
        note: None,
    };
    let mut sheet = SheetWriter::new("批量办理", None, titles.into_iter().enumerate().map(column).collect())?;
    let mut filter = ItemFilter::default();
    loop {
        let items = list_batch_items(conn, &batch.id, filter, AT_ONCE)?;
        let Some(end) = items.last() else { break };
        filter.after = end.row;
        for item in &items {
            let unissued = matches!(item.state, ItemState::Faulty | ItemState::Failed);
            if which == Which::All || unissued {
                let mut cells: Vec<String> = item.cells.read()?;
                cells.resize(last, String::new());
                cells.push(faults(item)?);
                sheet.row(&cells)?;
            }
        }
    }
    sheet.finish()
}

/// What is wrong with a row in one text: `项目名称未填写。请补填后再生成。`
pub(super) fn faults(item: &BatchItem) -> Result<String> {
    let problems: Vec<Map<String, Json>> = item.problems.read()?;
    let text = |it: &Map<String, Json>, name: &str| {
        it.get(name).and_then(Json::as_str).unwrap_or_default().to_owned()
    };
    let lines: Vec<String> =
        problems.iter().map(|it| format!("{}{}", text(it, "rule"), text(it, "hint"))).collect();
    Ok(lines.join("\n"))
}

/// A row as its document would look now, marked as a draft; what is missing is shown as 【its title】.
///
/// # Errors
/// There is no such row; a character that no face draws.
pub fn preview_item(conn: &mut Conn, desk: &Desk, batch: &Batch, row: i32) -> Result<Rendered> {
    let item = get_batch_item(conn, &batch.id, row)?;
    let values: Map<String, Json> = item.form.read()?;
    let options = Options {
        number: None,
        date: batch.signed_on,
        purpose: Purpose::Preview,
        watermark: Some(if batch.demo { "演示草稿" } else { "草稿" }),
        id: batch.id.as_str(),
    };
    render(desk.kind(&batch.kind)?, &values, &options, desk.faces()?).map_err(|error| {
        let detail = format!("第 {row} 行排不了版：{}", error.detail);
        Error::new(error.code, detail).with_problems(findings(error))
    })
}
