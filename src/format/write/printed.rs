//! Small workbooks made to be read and printed: a title over the table, borders, wrapped cells, rows that share one merged
//! cell, A4 with the head repeated on every page.

use rust_xlsxwriter::{
    DocProperties, ExcelDateTime, Format, FormatAlign, FormatBorder, Workbook, Worksheet, XlsxError,
};

use super::xlsx::failed;
use crate::error::Result;

/// A column of a printed table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PrintedColumn {
    /// Its title in the head.
    pub title: String,
    /// Width in characters of the default font; a Chinese character takes two.
    pub width: u16,
    /// Centred; otherwise the text starts at the left.
    pub centred: bool,
    /// One merged cell for all rows of a group, with the text of its first row; otherwise a cell for each row.
    pub merged: bool,
}

/// A table on a sheet of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PrintedTable {
    /// Name of the sheet, at most 31 characters.
    pub sheet: String,
    /// Title over all columns.
    pub title: String,
    /// Landscape; otherwise portrait.
    pub landscape: bool,
    /// Columns.
    pub columns: Vec<PrintedColumn>,
    /// Groups of rows; lines are drawn between groups, not within.
    pub groups: Vec<Vec<Vec<String>>>,
}

/// Writes the tables into one workbook. Memory: the whole workbook, so this is for tables that people read.
pub fn printed(tables: &[PrintedTable]) -> Result<Vec<u8>> {
    write(tables).map_err(|e| failed(&e))
}

fn write(tables: &[PrintedTable]) -> std::result::Result<Vec<u8>, XlsxError> {
    let mut book = Workbook::new();
    // The same content must give the same bytes, so the creation time is a constant.
    let created = ExcelDateTime::from_ymd(2000, 1, 1)?;
    book.set_properties(&DocProperties::new().set_creation_datetime(&created));
    for table in tables {
        fill(book.add_worksheet(), table)?;
    }
    book.save_to_buffer()
}

/// Rows above the first row of the body: title and head.
const ABOVE: u32 = 2;

fn fill(sheet: &mut Worksheet, table: &PrintedTable) -> std::result::Result<(), XlsxError> {
    sheet.set_name(&table.sheet)?;
    page(sheet, table)?;
    let last = u16::try_from(table.columns.len().saturating_sub(1)).unwrap_or(u16::MAX);
    let title = Format::new().set_bold().set_font_size(16).set_align(FormatAlign::Center).set_text_wrap();
    across(sheet, (0, 0, 0, last), &table.title, &title.set_align(FormatAlign::VerticalCenter))?;
    sheet.set_row_height(0, 36)?;
    for (at, column) in (0u16..).zip(&table.columns) {
        sheet.set_column_width(at, f64::from(column.width))?;
        let head = plain(true).set_bold().set_border(FormatBorder::Thin);
        sheet.write_string_with_format(1, at, &column.title, &head)?;
    }
    let mut row = ABOVE;
    for group in table.groups.iter().filter(|group| !group.is_empty()) {
        let end = row + group.len() as u32 - 1;
        for (at, column) in (0u16..).zip(&table.columns) {
            column_of_group(sheet, (row, end), at, column, group)?;
        }
        row = end + 1;
    }
    Ok(())
}

fn page(sheet: &mut Worksheet, table: &PrintedTable) -> std::result::Result<(), XlsxError> {
    const A4: u8 = 9;
    sheet.set_paper_size(A4).set_print_fit_to_pages(1, 0).set_print_center_horizontally(true);
    if table.landscape {
        sheet.set_landscape();
    }
    sheet.set_repeat_rows(1, 1)?.set_footer("&C— &P —");
    sheet.set_freeze_panes(ABOVE, 0)?;
    Ok(())
}

fn column_of_group(
    sheet: &mut Worksheet,
    (first, last): (u32, u32),
    at: u16,
    column: &PrintedColumn,
    group: &[Vec<String>],
) -> std::result::Result<(), XlsxError> {
    let text = |row: &Vec<String>| row.get(usize::from(at)).cloned().unwrap_or_default();
    if column.merged {
        let shared = group.first().map(text).unwrap_or_default();
        let format = plain(column.centred).set_border(FormatBorder::Thin);
        return across(sheet, (first, at, last, at), &shared, &format);
    }
    for (row, cells) in (first..=last).zip(group) {
        let mut format =
            plain(column.centred).set_border_left(FormatBorder::Thin).set_border_right(FormatBorder::Thin);
        if row == first {
            format = format.set_border_top(FormatBorder::Thin);
        }
        if row == last {
            format = format.set_border_bottom(FormatBorder::Thin);
        }
        sheet.write_string_with_format(row, at, text(cells), &format)?;
    }
    Ok(())
}

/// Text cells: codes with leading zeros and long digits stay as they are.
fn plain(centred: bool) -> Format {
    let format = Format::new().set_text_wrap().set_align(FormatAlign::VerticalCenter).set_num_format("@");
    if centred { format.set_align(FormatAlign::Center) } else { format }
}

/// Merges where there is more than one cell; a single cell cannot be merged.
fn across(
    sheet: &mut Worksheet,
    (first_row, first_column, last_row, last_column): (u32, u16, u32, u16),
    text: &str,
    format: &Format,
) -> std::result::Result<(), XlsxError> {
    if (first_row, first_column) == (last_row, last_column) {
        sheet.write_string_with_format(first_row, first_column, text, format)?;
    } else {
        sheet.merge_range(first_row, first_column, last_row, last_column, text, format)?;
    }
    Ok(())
}
