//! The rows of a sheet, one at a time, with merged cells filled down.

use std::io::Read;
use std::sync::Arc;

use quick_xml::events::{BytesStart, Event};

use super::super::Limits;
use super::super::table::{Cell, Line, cell_place, row_place};
use super::super::tree::{Kind, Style};
use super::merged::Merged;
use super::number::render;
use super::strings::{Strings, push_text, rich_text, unescape_from};
use super::styles::Styles;
use super::{Checked, Events, attribute, unreadable};
use crate::error::{Problem, codes};

/// Excel's own bound of rows.
pub(super) const MAX_ROW: u32 = 1_048_576;
/// Excel's own bound of columns.
const MAX_COLUMN: u32 = 16_384;

pub(in super::super) struct SheetRows<'z, R: Read> {
    events: Events<'z, R>,
    strings: &'z Strings,
    styles: &'z Styles,
    style: Style,
    merged: Merged,
    /// Values that still reach down: column, last row, row they stand in, text and kind.
    reaching: Vec<Reaching>,
    columns: u32,
    row_bytes: usize,
    /// Number of the last row.
    last: u32,
    ended: bool,
}

struct Reaching {
    column: u32,
    until: u32,
    origin: u32,
    kind: Kind,
    text: String,
}

impl<'z, R: Read> SheetRows<'z, R> {
    pub(super) fn new(
        events: Events<'z, R>,
        strings: &'z Strings,
        styles: &'z Styles,
        sheet: &str,
        merged: Merged,
        limits: &Limits,
    ) -> Self {
        let style = Style::Sheet(Arc::from(sheet));
        let columns = limits.columns as u32;
        let row_bytes = limits.row;
        Self {
            events,
            strings,
            styles,
            style,
            merged,
            reaching: Vec::new(),
            columns,
            row_bytes,
            last: 0,
            ended: false,
        }
    }

    /// The next row that holds anything.
    pub fn next(&mut self) -> Option<Result<Line, Problem>> {
        while !self.ended {
            match self.row() {
                Ok(Some(line)) if line.cells.is_empty() => {}
                Ok(Some(line)) => return Some(Ok(line)),
                Ok(None) => self.ended = true,
                Err(problem) => {
                    self.ended = true;
                    return Some(Err(problem));
                }
            }
        }
        None
    }

    fn row(&mut self) -> Checked<Option<Line>> {
        loop {
            let (number, empty) = match self.events.next()? {
                None => return Ok(None),
                Some(Event::Start(tag)) if tag.local_name().as_ref() == "row" => {
                    (attribute(&tag, "r"), false)
                }
                Some(Event::Empty(tag)) if tag.local_name().as_ref() == "row" => (attribute(&tag, "r"), true),
                Some(Event::End(tag)) if tag.local_name().as_ref() == "sheetData" => return Ok(None),
                Some(_) => continue,
            };
            let number = match number {
                Some(text) => text.trim().parse().ok().filter(|n| (1..=MAX_ROW).contains(n)),
                None => Some(self.last + 1),
            };
            let Some(number) = number.filter(|number| *number > self.last) else {
                return Err(
                    unreadable("工作表的行号不连续或重复。").at(row_place(&self.style, self.last + 1))
                );
            };
            self.last = number;
            if !empty {
                let mut line = Line { number, ..Line::default() };
                self.cells(&mut line)?;
                self.fill_down(&mut line);
                return Ok(Some(line));
            }
        }
    }

    fn cells(&mut self, line: &mut Line) -> Checked<()> {
        let mut column = 0;
        loop {
            let (tag, empty) = match self.events.next()? {
                None => return Ok(()),
                Some(Event::Start(tag)) if tag.local_name().as_ref() == "c" => (CellTag::of(&tag), false),
                Some(Event::Empty(tag)) if tag.local_name().as_ref() == "c" => (CellTag::of(&tag), true),
                Some(Event::End(tag)) if tag.local_name().as_ref() == "row" => return Ok(()),
                Some(_) => continue,
            };
            column = match &tag.reference {
                Some(reference) => column_of(reference).ok_or_else(|| {
                    unreadable(&format!("单元格位置“{reference}”不正确。"))
                        .at(row_place(&self.style, line.number))
                })?,
                None => column,
            };
            if column >= self.columns {
                let rule = format!("列数超过 {}。", self.columns);
                let problem = Problem::error(codes::format::TOO_MANY_NODES, rule, "请删去多余的列。");
                return Err(problem.at(cell_place(&self.style, column, line.number)));
            }
            if line.cells.last().is_some_and(|before| before.column >= column) {
                return Err(unreadable("同一个单元格出现了两次。").at(cell_place(
                    &self.style,
                    column,
                    line.number,
                )));
            }
            if !empty {
                self.cell(&tag, column, line)?;
            }
            if line.text.len() > self.row_bytes {
                let rule = format!("一行的内容超过 {}。", super::size(self.row_bytes as u64));
                let problem = Problem::error(codes::format::TOO_LARGE, rule, "请核对单元格内容。");
                return Err(problem.at(row_place(&self.style, line.number)));
            }
            column += 1;
        }
    }

    /// Reads one cell up to its end tag and appends its text.
    fn cell(&mut self, tag: &CellTag, column: u32, line: &mut Line) -> Checked<()> {
        let from = line.text.len();
        let mut raw = String::new();
        let mut formula = false;
        loop {
            let inline = match self.events.next()? {
                None => break,
                Some(Event::Start(inner)) => match inner.local_name().as_ref() {
                    "v" => {
                        self.value(&mut raw)?;
                        false
                    }
                    "is" => true,
                    name => {
                        formula |= name == "f";
                        false
                    }
                },
                Some(Event::Empty(inner)) => {
                    formula |= inner.local_name().as_ref() == "f";
                    false
                }
                Some(Event::End(inner)) if inner.local_name().as_ref() == "c" => break,
                Some(_) => false,
            };
            if inline {
                rich_text(&mut self.events, "is", &mut line.text)?;
            }
        }
        let kind = self.understand(tag, &raw, column, line);
        if matches!(tag.kind.as_str(), "inlineStr" | "str") {
            unescape_from(&mut line.text, from);
        }
        let to = line.text.len();
        if to > from {
            line.cells.push(Cell { column, from: from as u32, to: to as u32, kind, origin: 0 });
        } else if formula && tag.kind != "str" {
            let (rule, hint) = ("公式没有保存计算结果。", "请用表格软件打开、保存后再发，或改填数值。");
            let problem = Problem::error(codes::format::CELL_ERROR, rule, hint);
            line.problems.push(problem.at(cell_place(&self.style, column, line.number)));
        }
        Ok(())
    }

    /// The content of `<v>`.
    fn value(&mut self, raw: &mut String) -> Checked<()> {
        while let Some(event) = self.events.next()? {
            match event {
                Event::End(tag) if tag.local_name().as_ref() == "v" => break,
                event => push_text(&event, raw),
            }
        }
        Ok(())
    }

    /// Turns what stands in the file into text, by the type of the cell.
    fn understand(&self, tag: &CellTag, raw: &str, column: u32, line: &mut Line) -> Kind {
        let place = || cell_place(&self.style, column, line.number);
        match tag.kind.as_str() {
            "s" => match raw.trim().parse().ok().and_then(|index| self.strings.get(index)) {
                Some(text) => line.text.push_str(text),
                None if raw.is_empty() => {}
                None => line.problems.push(unreadable("单元格引用的文本不存在。").at(place())),
            },
            "inlineStr" => {}
            "b" => {
                line.text.push_str(if raw.trim() == "1" { "true" } else { "false" });
                return Kind::Bool;
            }
            "e" => {
                line.text.push_str(raw);
                let rule = "单元格是错误值。";
                let problem = Problem::error(codes::format::CELL_ERROR, rule, "请修正公式或改填数值。");
                line.problems.push(problem.at(place()).showing(raw));
            }
            "str" | "d" => line.text.push_str(raw),
            _ if raw.trim().is_empty() => {}
            _ => match render(raw, self.styles.look(tag.style), self.styles.from_1904) {
                Some(number) => {
                    if number.digits_lost {
                        let rule = "长数字按数值存放，第 15 位以后可能已被表格软件改成 0。";
                        let problem = Problem::warning(
                            codes::format::DIGITS_LOST,
                            rule,
                            "编号类的列请先设为文本格式再填写。",
                        );
                        line.problems.push(problem.at(place()).showing(&number.text));
                    }
                    line.text.push_str(&number.text);
                    return match self.styles.look(tag.style) {
                        super::styles::Look::Number => Kind::Number,
                        _ => Kind::Text,
                    };
                }
                None => line.text.push_str(raw),
            },
        }
        Kind::Text
    }

    /// Gives a cell that lies in a merged range the value of the range's first cell.
    fn fill_down(&mut self, line: &mut Line) {
        let number = line.number;
        self.reaching.retain(|it| it.until >= number);
        if !line.cells.is_empty() {
            for it in &self.reaching {
                let at = line.cells.partition_point(|cell| cell.column < it.column);
                if line.cells.get(at).is_none_or(|cell| cell.column != it.column) {
                    let from = line.text.len() as u32;
                    line.text.push_str(&it.text);
                    let to = line.text.len() as u32;
                    line.cells
                        .insert(at, Cell { column: it.column, from, to, kind: it.kind, origin: it.origin });
                }
            }
        }
        if self.merged.is_empty() {
            return;
        }
        for cell in line.cells.iter().filter(|cell| cell.origin == 0) {
            if let Some(until) = self.merged.get(&(number, cell.column)) {
                let text = line.text_of(cell).to_owned();
                let (column, kind) = (cell.column, cell.kind);
                self.reaching.push(Reaching { column, until: *until, origin: number, kind, text });
            }
        }
    }
}

/// Attributes of `<c>`.
struct CellTag {
    reference: Option<String>,
    style: usize,
    kind: String,
}

impl CellTag {
    fn of(tag: &BytesStart<'_>) -> Self {
        let mut found = Self { reference: None, style: 0, kind: String::new() };
        for attribute in tag.attributes().with_checks(false).flatten() {
            match attribute.key.as_ref() {
                "r" => found.reference = Some(attribute.value.into_owned()),
                "s" => found.style = attribute.value.parse().unwrap_or(0),
                "t" => found.kind = attribute.value.into_owned(),
                _ => {}
            }
        }
        found
    }
}

/// Column number from 0 of a reference like `AB12`.
pub(super) fn column_of(reference: &str) -> Option<u32> {
    let letters = reference.bytes().take_while(u8::is_ascii_alphabetic);
    let column = letters.fold(0u32, |sum, b| {
        sum.saturating_mul(26).saturating_add(u32::from(b.to_ascii_uppercase() - b'A') + 1)
    });
    (1..=MAX_COLUMN).contains(&column).then(|| column - 1)
}
