//! A file that somebody uploads (XLSX or CSV) to the rows of a sheet, the header found wherever it stands.

use std::io::Cursor;

use super::table::{Columns, Sheet, SheetRow};
use crate::error::{Error, Problem, Result, codes::task as code};
use crate::format::{Format, ReadSpec, Row, Table, TableSpec};

/// Titles above the table may take this many rows.
const HEADER_WITHIN: u32 = 20;

/// Reads a workbook or CSV file. `sheet` names a sheet of the workbook; without it the first visible one is read.
///
/// Memory: the whole table; a breakdown has hundreds of rows, and the format room bounds what a file may expand to.
pub fn open(bytes: &[u8], sheet: Option<&str>) -> Result<Sheet> {
    // A workbook is a zip archive and begins like one; anything else is read as CSV in the charset it turns out to have.
    let format = if bytes.starts_with(b"PK") { Format::Xlsx } else { Format::Csv };
    let mut first = None;
    for header_row in 1..=HEADER_WITHIN {
        let spec = ReadSpec {
            format,
            table: TableSpec { header_row, sheet: sheet.map(str::to_owned), ..TableSpec::default() },
            ..ReadSpec::default()
        };
        match read(bytes, &spec) {
            Ok(found) if Columns::of(&found.header).is_some() => return Ok(found),
            Ok(found) if first.is_none() && found.header.iter().any(|title| !title.is_empty()) => {
                first = Some(found);
            }
            Ok(_) => {}
            // A blank row cannot be a header; what else is wrong is wrong with every row.
            Err(problems) if problems.iter().all(|it| it.code == crate::error::codes::format::NO_HEADER) => {}
            Err(problems) => return Err(unreadable(problems)),
        }
    }
    // The caller refuses it with the titles there are.
    first.ok_or_else(|| unreadable(Vec::new()))
}

fn unreadable(problems: Vec<Problem>) -> Error {
    Error::new(code::TABLE_UNREADABLE, "任务表读不出来；请另存为 XLSX 后重新上传。").with_problems(problems)
}

/// Reads the header, and the rows too if it is the header of a breakdown.
fn read(bytes: &[u8], spec: &ReadSpec) -> std::result::Result<Sheet, Vec<Problem>> {
    let mut table = Table::open(Cursor::new(bytes), spec)?;
    let rows = table.rows()?;
    let header: Vec<String> = rows.columns().map(str::to_owned).collect();
    let mut sheet = Sheet { name: String::new(), header, rows: Vec::new() };
    if Columns::of(&sheet.header).is_some() {
        for row in rows {
            let row = row.map_err(|problem| vec![problem])?;
            if sheet.name.is_empty() {
                sheet.name = name_of_sheet(&row);
            }
            sheet.rows.push(cells(row, &sheet.header));
        }
    }
    Ok(sheet)
}

/// From a place such as `任务台账!A5`; CSV has no sheets.
fn name_of_sheet(row: &Row) -> String {
    let first = row.tree.children(row.tree.root()).next();
    let path = first.map(|id| row.tree.place(id).path).unwrap_or_default();
    path.rsplit_once('!').map(|(sheet, _)| sheet.to_owned()).unwrap_or_default()
}

/// Cells by the place of their title; columns without a title are not read.
fn cells(row: Row, header: &[String]) -> SheetRow {
    let mut cells = vec![String::new(); header.len()];
    for id in row.tree.children(row.tree.root()) {
        let name = row.tree.name(id);
        let at = header.iter().position(|title| title.as_str() == name);
        if let Some(slot) = at.and_then(|at| cells.get_mut(at)) {
            *slot = row.tree.value(id).unwrap_or_default().to_owned();
        }
    }
    SheetRow { number: row.number, cells, problems: row.problems }
}
