//! Writing workbooks row by row.

use rust_xlsxwriter::{DocProperties, ExcelDateTime, Format, FormatAlign, FormatBorder, Workbook, XlsxError};

use crate::error::{Error, Result, codes};

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ColumnKind {
    /// Text, also digits such as certificate numbers, which Excel would otherwise cut to 15 places.
    Text,
    /// A number; written as text when Excel could not hold its digits.
    Number,
}

/// A column of a sheet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// Its title in the header row.
    pub title: String,
    /// What it holds.
    pub kind: ColumnKind,
    /// Width in characters of the default font; a Chinese character takes two.
    pub width: u16,
    /// A note shown when the pointer rests on the title.
    pub note: Option<String>,
}

/// Writes one sheet in constant memory: rows go to a temporary file of the library as they come. The finished workbook is
/// held in memory once.
pub struct SheetWriter {
    book: Workbook,
    columns: Vec<Column>,
    text: Format,
    row: u32,
}

impl SheetWriter {
    /// Begins a sheet: title over all columns when given, header row, panes frozen below it.
    pub fn new(sheet: &str, title: Option<&str>, columns: Vec<Column>) -> Result<Self> {
        let mut book = Workbook::new();
        // The same content must give the same bytes, so the creation time is a constant.
        let created = ExcelDateTime::from_ymd(2000, 1, 1).map_err(|e| failed(&e))?;
        book.set_properties(&DocProperties::new().set_creation_datetime(&created));
        let mut writer = Self { book, columns, text: Format::new().set_num_format("@"), row: 0 };
        writer.header(sheet, title).map_err(|e| failed(&e))?;
        Ok(writer)
    }

    fn header(&mut self, name: &str, title: Option<&str>) -> std::result::Result<(), XlsxError> {
        let head = Format::new()
            .set_bold()
            .set_align(FormatAlign::Center)
            .set_text_wrap()
            .set_border_bottom(FormatBorder::Thin)
            .set_num_format("@");
        let sheet = self.book.add_worksheet_with_constant_memory()?;
        sheet.set_name(name)?;
        for (at, column) in (0u16..).zip(&self.columns) {
            sheet.set_column_width(at, f64::from(column.width))?;
        }
        if let Some(title) = title {
            let format = Format::new().set_bold().set_font_size(14);
            sheet.write_string_with_format(0, 0, title, &format)?;
            self.row = 1;
        }
        for (at, column) in (0u16..).zip(&self.columns) {
            sheet.write_string_with_format(self.row, at, &column.title, &head)?;
            if let Some(note) = &column.note {
                sheet.insert_note(self.row, at, &rust_xlsxwriter::Note::new(note))?;
            }
        }
        self.row += 1;
        sheet.set_freeze_panes(self.row, 0)?;
        Ok(())
    }

    /// Adds a row; cells beyond the columns are an error of the caller and refused.
    pub fn row<T: AsRef<str>>(&mut self, cells: &[T]) -> Result<()> {
        if cells.len() > self.columns.len() {
            return Err(Error::new(codes::format::WRITE_SHAPE, "这一行的单元格比表头多。"));
        }
        self.write_row(cells).map_err(|e| failed(&e))
    }

    fn write_row<T: AsRef<str>>(&mut self, cells: &[T]) -> std::result::Result<(), XlsxError> {
        let sheet = self.book.worksheet_from_index(0)?;
        for ((at, cell), column) in (0u16..).zip(cells).zip(&self.columns) {
            let text = cell.as_ref();
            match exact(text).filter(|_| column.kind == ColumnKind::Number) {
                _ if text.is_empty() => {}
                Some(number) => {
                    sheet.write_number(self.row, at, number)?;
                }
                None => {
                    sheet.write_string_with_format(self.row, at, text, &self.text)?;
                }
            }
        }
        self.row += 1;
        Ok(())
    }

    /// The finished workbook.
    pub fn finish(mut self) -> Result<Vec<u8>> {
        self.book.save_to_buffer().map_err(|e| failed(&e))
    }
}

/// The number, when Excel's 15 digits hold it exactly as written.
fn exact(text: &str) -> Option<f64> {
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    if digits > 15 || !super::is_number(text) || text.contains(['e', 'E']) { None } else { text.parse().ok() }
}

pub(super) fn failed(error: &XlsxError) -> Error {
    Error::new(codes::format::WRITE_SHAPE, "工作簿写不出来：工作表名称或内容超出 Excel 的限制。")
        .because(error)
}
