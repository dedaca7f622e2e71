//! Tables row by row: CSV and XLSX of any length in bounded memory.
//!
//! A row is a small [`Tree`] of its own: an object with one cell for each column of the header, named by it, [`Kind::Null`]
//! where the cell is empty. Its number is the one Excel shows. Memory: one row (at most [`super::Limits::row`] bytes) and
//! fixed buffers; for a workbook in addition its shared texts, its cell formats and the merged ranges of the sheet, which
//! together stay below [`super::Limits::workbook`].

mod csv;
mod header;
#[cfg(test)]
pub(super) mod tests;

use std::io::{Read, Seek};
use std::sync::Arc;

use super::tree::{Arena, Frame, Kind, NOTHING, Piece, Row as RowPlace, Style};
use super::xlsx::{SheetRows, Workbook};
use super::xml::forbidden;
use super::{Format, ReadSpec, Tree};
use crate::error::{Place, Problem, codes};
use crate::text::charset::Charset;

use csv::CsvLines;
use header::Header;

/// A table that can be read row by row.
pub struct Table<R> {
    source: Source<R>,
    spec: ReadSpec,
}

enum Source<R> {
    Csv(Box<CsvLines<R>>),
    Xlsx(Box<Workbook<R>>),
}

/// A row that was read.
#[derive(Debug, Clone)]
pub struct Row {
    /// Its number as Excel shows it.
    pub number: u32,
    /// Its cells.
    pub tree: Tree<'static>,
    /// What is wrong with the row or doubtful about it; with an error among them it must not be accepted.
    pub problems: Vec<Problem>,
}

/// The rows below the header. An error ends the iteration.
pub struct Rows<'t, R: Read + Seek> {
    lines: Lines<'t, R>,
    header: Header,
    style: Style,
    warnings: Vec<Problem>,
    ended: bool,
}

enum Lines<'t, R: Read + Seek> {
    Csv(&'t mut CsvLines<R>),
    Xlsx(Box<SheetRows<'t, R>>),
}

/// A row as its format gives it.
#[derive(Debug, Default)]
pub(super) struct Line {
    pub number: u32,
    /// Line in a text file from 1; 0 in a workbook.
    pub line: u32,
    /// Where it stands in the file; a line end and blank lines before it may be included.
    pub span: (u64, u64),
    pub text: String,
    /// In order of columns.
    pub cells: Vec<Cell>,
    pub problems: Vec<Problem>,
}

/// A cell that is not empty.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cell {
    pub column: u32,
    /// Range in the line's text.
    pub from: u32,
    pub to: u32,
    pub kind: Kind,
    /// Row the value really stands in, when it was filled down from a merged cell; else 0.
    pub origin: u32,
}

impl Line {
    pub fn text_of(&self, cell: &Cell) -> &str {
        self.text.get(cell.from as usize..cell.to as usize).unwrap_or_default()
    }
}

impl<R: Read + Seek> Table<R> {
    /// Opens a table. The format of `spec` must be CSV or XLSX.
    ///
    /// # Errors
    /// For a workbook: it is no workbook, it is encrypted, it expands too much, or the sheet is missing.
    pub fn open(reader: R, spec: &ReadSpec) -> Result<Self, Vec<Problem>> {
        let source = match spec.format {
            Format::Xlsx => Source::Xlsx(Box::new(Workbook::open(reader, spec)?)),
            _ => Source::Csv(Box::new(CsvLines::new(reader, spec))),
        };
        Ok(Self { source, spec: spec.clone() })
    }

    /// Reads the header and then gives the rows. To be called once.
    pub fn rows(&mut self) -> Result<Rows<'_, R>, Vec<Problem>> {
        let spec = &self.spec;
        let (mut lines, style) = match &mut self.source {
            Source::Csv(lines) => (Lines::Csv(lines), Style::Grid),
            Source::Xlsx(book) => {
                let style = Style::Sheet(Arc::from(book.sheet()));
                (Lines::Xlsx(Box::new(book.rows(spec)?)), style)
            }
        };
        let mut warnings = Vec::new();
        let header = read_header(&mut lines, &style, spec, &mut warnings)?;
        Ok(Rows { lines, header, style, warnings, ended: false })
    }
}

fn read_header<R: Read + Seek>(
    lines: &mut Lines<'_, R>,
    style: &Style,
    spec: &ReadSpec,
    warnings: &mut Vec<Problem>,
) -> Result<Header, Vec<Problem>> {
    let wanted = spec.table.header_row;
    while let Some(line) = lines.next().transpose().map_err(|problem| vec![problem])? {
        if line.number == wanted {
            return Header::of(&line, style, &spec.limits, warnings).map_err(|problem| vec![problem]);
        }
        if line.number > wanted {
            break;
        }
    }
    let rule = format!("第 {wanted} 行应是表头，却是空行或文件已结束。");
    Err(vec![
        Problem::error(codes::format::NO_HEADER, rule, "请核对表头所在的行；表头上方的标题行也要计入行号。")
            .at(row_place(style, wanted)),
    ])
}

impl<R: Read + Seek> Lines<'_, R> {
    fn next(&mut self) -> Option<Result<Line, Problem>> {
        match self {
            Self::Csv(lines) => lines.next(),
            Self::Xlsx(rows) => rows.next(),
        }
    }
}

impl<R: Read + Seek> Rows<'_, R> {
    /// The column titles in order, as cells are named; empty for columns without a title.
    pub fn columns(&self) -> impl Iterator<Item = &str> {
        self.header.names()
    }

    /// Warnings about the table as a whole: titles that stand twice, a wrongly declared charset. Complete once the rows are
    /// read to their end.
    #[must_use]
    pub fn warnings(&self) -> Vec<Problem> {
        let mut all = self.warnings.clone();
        if let Lines::Csv(lines) = &self.lines {
            all.extend(lines.charset_warning());
        }
        all
    }

    pub(super) fn charset(&self) -> Charset {
        match &self.lines {
            Lines::Csv(lines) => lines.charset(),
            Lines::Xlsx(_) => Charset::Utf8,
        }
    }

    pub(super) fn next_line(&mut self) -> Option<Result<Line, Problem>> {
        if self.ended {
            return None;
        }
        let next = self.lines.next();
        self.ended = !matches!(next, Some(Ok(_)));
        let mut line = match next? {
            Ok(line) => line,
            Err(problem) => return Some(Err(problem)),
        };
        self.check(&mut line);
        Some(Ok(line))
    }

    /// Cells beyond the header, undecodable bytes, control characters.
    fn check(&self, line: &mut Line) {
        let width = self.header.width();
        let beyond = line.cells.last().is_some_and(|cell| cell.column >= width);
        let replaced = line.text.contains(char::REPLACEMENT_CHARACTER);
        let controls = forbidden(&line.text).is_some();
        if beyond || replaced || controls {
            let mut found = Vec::new();
            for cell in &line.cells {
                self.check_cell(cell, line, &mut found);
            }
            line.problems.append(&mut found);
        }
    }

    #[cold]
    fn check_cell(&self, cell: &Cell, line: &Line, found: &mut Vec<Problem>) {
        let text = line.text_of(cell);
        let place = || cell_place(&self.style, cell.column, line.number);
        if cell.column >= self.header.width() {
            let (rule, hint) =
                ("这个单元格上方没有表头。", "请核对这一行的列数；内容里的分隔符要用引号括起来。");
            let new = if self.style == Style::Grid { Problem::error } else { Problem::warning };
            found.push(new(codes::format::EXTRA_CELL, rule, hint).at(place()).showing(text));
        }
        if text.contains(char::REPLACEMENT_CHARACTER) {
            let (rule, hint) = ("单元格里有无法解码的字节。", "请核对文件的字符集后重新导出。");
            found.push(
                Problem::error(codes::format::CHARSET_UNDECODABLE, rule, hint).at(place()).showing(text),
            );
        }
        if forbidden(text).is_some() {
            let (rule, hint) = ("单元格里有控制字符。", "请清除不可见字符。");
            let shown = text.replace(|c: char| c < ' ', "·");
            found.push(
                Problem::error(codes::format::CONTROL_CHARACTER, rule, hint).at(place()).showing(&shown),
            );
        }
    }

    /// Adds a line as a row of a tree that holds the whole table. `file` is the text of the table, if it is a text, and
    /// `base` where the line's cells were put.
    pub(super) fn push_row(
        &self,
        line: &Line,
        file: &str,
        base: u32,
        table: &mut Frame,
        tree: &mut Tree<'_>,
    ) {
        let raw = file.get(line.span.0 as usize..line.span.1 as usize).unwrap_or_default();
        let blank = raw.len() - raw.trim_start_matches(['\r', '\n']).len();
        let span =
            if raw.is_empty() { (0, 0) } else { (line.span.0 as u32 + blank as u32, line.span.1 as u32) };
        let name = Piece { start: span.0, end: span.0 };
        let row = tree.arena.push(table, Kind::Object, name, Piece::NONE, span);
        if let Some(node) = tree.arena.nodes.get_mut(row as usize) {
            node.ordinal = line.number;
        }
        self.push_cells(line, row, base, span, tree);
    }

    /// Adds the cells of a line under a row node; cells without a header are left out, they were reported.
    fn push_cells(&self, line: &Line, row: u32, base: u32, span: (u32, u32), tree: &mut Tree<'_>) {
        let mut frame = Frame::of(row);
        let mut cells = line.cells.iter().peekable();
        for (column, name) in self.header.pieces() {
            while cells.next_if(|cell| cell.column < column).is_some() {}
            let cell = cells.next_if(|cell| cell.column == column);
            let (kind, value) = match cell {
                Some(cell) => (cell.kind, Piece { start: base + cell.from, end: base + cell.to }),
                None => (Kind::Null, Piece::NONE),
            };
            let id = tree.arena.push(&mut frame, kind, name, value, span);
            if let Some(node) = tree.arena.nodes.get_mut(id as usize) {
                node.ordinal = column;
            }
            if let Some(cell) = cell.filter(|cell| cell.origin > 0) {
                tree.moved.push((id, cell.origin));
            }
        }
    }

    pub(super) fn style(&self) -> &Style {
        &self.style
    }

    pub(super) fn names(&self) -> Arc<str> {
        self.header.buffer()
    }

    fn row(&self, line: Line) -> Row {
        let mut arena = Arena::default();
        arena.nodes.reserve_exact(self.header.width() as usize + 1);
        let span = (0, line.text.len() as u32);
        let root = arena.push_root(Kind::Object, NOTHING, span.0, span.1);
        let mut tree = Tree::new("".into(), arena, self.style.clone());
        tree.names = self.header.buffer();
        tree.decoded = self.charset() != Charset::Utf8;
        self.push_cells(&line, root, Piece::TEXT, span, &mut tree);
        tree.row = RowPlace { number: line.number, line: line.line, span: line.span };
        tree.text = line.text.into();
        Row { number: line.number, tree, problems: line.problems }
    }
}

impl<R: Read + Seek> Iterator for Rows<'_, R> {
    type Item = Result<Row, Problem>;

    fn next(&mut self) -> Option<Self::Item> {
        Some(self.next_line()?.map(|line| self.row(line)))
    }
}

/// Place of a cell that may have no node.
pub(super) fn cell_place(style: &Style, column: u32, row: u32) -> Place {
    let path = match style {
        Style::Sheet(sheet) => format!("{sheet}!{}{row}", super::column_letters(column)),
        _ => format!("R{row}C{}", column + 1),
    };
    Place { path, ..Place::default() }
}

pub(super) fn row_place(style: &Style, row: u32) -> Place {
    let path = match style {
        Style::Sheet(sheet) => format!("{sheet}!{row}:{row}"),
        _ => format!("R{row}"),
    };
    Place { path, ..Place::default() }
}
