//! Ruled tables and form grids: measure the rows, draw them, split what no page can hold.

use super::item::{ElementKind, Ink, Item};
use super::line::{Line, Measure, lines};
use super::measure::{BOTTOM, HEIGHT, LEFT, POINT, WIDTH};
use super::page::{Frame, Paginator};
use super::shape::{Glyph, width_em};
use super::strip::{Body, Builder};
use super::title;
use crate::document::block::{Align, Cell, Column, Row, Table};

/// White between a vertical rule and the text, mm.
const PAD_X: f64 = 1.8;
/// White between a horizontal rule and the line box, mm.
const PAD_Y: f64 = 1.3;
/// Line pitch in a table, in characters.
const LEADING: f64 = 1.42;
/// Longest text that is broken like a title, in characters.
const MOST_BALANCED: usize = 40;
/// Rules within a table, mm.
const THIN: f64 = 0.18;
/// The frame of a table, mm.
const THICK: f64 = 0.35;

/// What each page repeats: the head rows.
#[derive(Debug, Clone)]
pub(super) struct Open {
    pub head: Vec<Group>,
}

impl Open {
    pub(super) fn height(&self) -> f64 {
        self.head.iter().map(Group::height).sum()
    }
}

/// Rows that merged cells tie together; mostly one.
#[derive(Debug, Clone)]
pub(super) struct Group {
    left: f64,
    widths: Vec<f64>,
    heights: Vec<f64>,
    cells: Vec<Placed>,
    /// Whether it may go on on the next page.
    may_split: bool,
}

#[derive(Debug, Clone)]
struct Placed {
    row: usize,
    rows: usize,
    column: usize,
    columns: usize,
    lines: Vec<Line>,
    /// Line pitch, mm.
    leading: f64,
    top: bool,
    element: usize,
}

impl Placed {
    fn height(&self) -> f64 {
        self.lines.len() as f64 * self.leading + 2.0 * PAD_Y
    }
}

impl Builder<'_> {
    /// A table in the text area, or on sheets of its own.
    pub(super) fn table(&mut self, table: &Table) {
        if table.landscape {
            self.sheets(table);
        } else {
            self.rows(table, LEFT, WIDTH);
        }
    }

    /// 横排表格: laid out as on a sheet that is wider than high, then turned, so that its head lies at the left edge of the
    /// sheet — the bound edge of odd pages and the open edge of even ones (8).
    fn sheets(&mut self, table: &Table) {
        let before = std::mem::take(&mut self.strips);
        if let Some(caption) = &table.caption {
            let glyphs = self.shaper.shape(caption, crate::document::font::Role::Hei);
            let measure = Measure {
                width: HEIGHT,
                first: 0.0,
                rest: 0.0,
                size: super::measure::SIZE_3,
                tracking: super::measure::TRACKING,
                align: Align::Center,
            };
            let element = self.element(ElementKind::P, None);
            for line in lines(&glyphs, &measure) {
                let items = self.set(&line, 0.0, Some(element));
                self.push(Body::Row(items), true);
            }
        }
        self.rows(table, 0.0, HEIGHT);
        let strips = std::mem::replace(&mut self.strips, before);
        let (sheets, _) = Paginator::run(self, strips, Frame { top: 0.0, bottom: WIDTH });
        for sheet in sheets.pages {
            let items = sheet.items.into_iter().map(|item| item.turned(LEFT, BOTTOM)).collect();
            self.push(Body::Sheet(items), false);
        }
    }

    /// A table: opened, its groups of rows, closed. Centred when narrower than `room`, which begins at `from`.
    fn rows(&mut self, table: &Table, from: f64, room: f64) {
        let element = self.element(ElementKind::Table, None);
        let fitted = self.fitted(table, room);
        let table = fitted.as_ref().unwrap_or(table);
        let full: f64 = table.columns.iter().map(|column| column.width).sum();
        let left = from + (room - full).max(0.0) / 2.0;
        let mut head = Vec::new();
        let mut body = Vec::new();
        let mut start = 0;
        while start < table.rows.len() {
            let end = group_end(&table.rows, start);
            let rows = table.rows.get(start..end).unwrap_or_default();
            let is_head = start < table.head_rows;
            let group = self.group(table, rows, start, left, element, is_head);
            if is_head {
                head.push(group)
            } else {
                body.push(group)
            }
            start = end;
        }
        self.push(Body::Open(Open { head }), true);
        let last = body.len().saturating_sub(1);
        for (nth, group) in body.into_iter().enumerate() {
            self.push(Body::Group(group), table.whole && nth < last);
        }
        self.push(Body::Close, false);
    }

    /// The table with the widths of its fitting columns settled; none when it has none. Each gets its least width and a part
    /// of what is left, by how much longer its longest text would be on one line.
    fn fitted(&mut self, table: &Table, room: f64) -> Option<Table> {
        if !table.columns.iter().any(|column| column.fit) {
            return None;
        }
        let mut wanted = vec![0.0_f64; table.columns.len()];
        for cell in table.rows.iter().flat_map(|row| &row.cells).filter(|cell| cell.columns == 1) {
            let Some((column, wanted)) = table.columns.get(cell.column).zip(wanted.get_mut(cell.column))
            else {
                continue;
            };
            if column.fit {
                for part in cell.text.lines() {
                    let glyphs = self.shaper.shape(&part, cell.role.unwrap_or(column.role));
                    let width = width_em(&glyphs) * table.size * POINT + 2.0 * PAD_X;
                    *wanted = wanted.max(width - column.width);
                }
            }
        }
        let mut table = table.clone();
        let spare = (room - table.columns.iter().map(|column| column.width).sum::<f64>()).max(0.0);
        let all: f64 = wanted.iter().sum();
        let fitting = table.columns.iter().filter(|column| column.fit).count() as f64;
        for (column, wanted) in table.columns.iter_mut().zip(wanted).filter(|(column, _)| column.fit) {
            column.width += spare * if all > 0.0 { wanted / all } else { 1.0 / fitting };
        }
        Some(table)
    }

    fn group(
        &mut self,
        table: &Table,
        rows: &[Row],
        first: usize,
        left: f64,
        parent: usize,
        head: bool,
    ) -> Group {
        let mut cells = Vec::new();
        for (row, it) in rows.iter().enumerate() {
            let tr = self.element(ElementKind::TR, Some(parent));
            for cell in &it.cells {
                self.shaper.block = format!("表格第 {} 行第 {} 列", first + row + 1, cell.column + 1);
                let kind = if head { ElementKind::TH } else { ElementKind::TD };
                let element = self.element(kind, Some(tr));
                cells.push(self.cell(table, cell, row, rows.len(), element));
            }
        }
        let heights = heights(rows, &cells);
        let widths = table.columns.iter().map(|column| column.width).collect();
        Group { left, widths, heights, cells, may_split: table.split && rows.len() == 1 }
    }

    fn cell(&mut self, table: &Table, cell: &Cell, row: usize, rows: usize, element: usize) -> Placed {
        let covered = table.columns.iter().skip(cell.column).take(cell.columns);
        let width: f64 = covered.map(|column| column.width).sum();
        let column = table.columns.get(cell.column).copied();
        let column = column.unwrap_or(Column {
            width,
            fit: false,
            align: Align::Left,
            role: crate::document::font::Role::Fang,
        });
        let measure = Measure {
            width: width - 2.0 * PAD_X,
            first: 0.0,
            rest: 0.0,
            size: table.size,
            tracking: 0.0,
            align: cell.align.unwrap_or(column.align),
        };
        let mut set = Vec::new();
        if !cell.text.is_blank() {
            for part in cell.text.lines() {
                let glyphs = self.shaper.shape(&part, cell.role.unwrap_or(column.role));
                set.extend(if measure.align == Align::Center {
                    balanced(&glyphs, &measure)
                } else {
                    lines(&glyphs, &measure)
                });
            }
        }
        Placed {
            row,
            rows: cell.rows.min(rows - row),
            column: cell.column,
            columns: cell.columns,
            lines: set,
            leading: table.size * POINT * LEADING,
            top: cell.top,
            element,
        }
    }
}

/// Centred cells hold names: they are broken between words, like titles.
fn balanced(glyphs: &[Glyph], measure: &Measure) -> Vec<Line> {
    let em = measure.size * POINT;
    // Longer texts are no names, and trying every break of them would cost too much.
    if glyphs.len() > MOST_BALANCED || width_em(glyphs) * em <= measure.width {
        return lines(glyphs, measure);
    }
    let mut start = 0;
    let mut out = Vec::new();
    for end in title::split(glyphs, measure.width / em) {
        out.extend(lines(glyphs.get(start..end).unwrap_or_default(), measure));
        start = end;
    }
    out
}

/// The row after the last one that merged cells tie to `start`.
fn group_end(rows: &[Row], start: usize) -> usize {
    let mut end = start + 1;
    let mut row = start;
    while row < end.min(rows.len()) {
        let tallest = rows.get(row).into_iter().flat_map(|it| &it.cells).map(|cell| cell.rows).max();
        end = end.max(row + tallest.unwrap_or(1));
        row += 1;
    }
    end.min(rows.len())
}

fn heights(rows: &[Row], cells: &[Placed]) -> Vec<f64> {
    let mut heights: Vec<f64> = rows.iter().map(|row| row.min_height).collect();
    for cell in cells.iter().filter(|cell| cell.rows == 1) {
        if let Some(height) = heights.get_mut(cell.row) {
            *height = height.max(cell.height());
        }
    }
    for cell in cells.iter().filter(|cell| cell.rows > 1) {
        let have: f64 = heights.iter().skip(cell.row).take(cell.rows).sum();
        if let Some(last) = heights.get_mut(cell.row + cell.rows - 1) {
            *last += (cell.height() - have).max(0.0);
        }
    }
    heights
}

impl Group {
    pub(super) fn height(&self) -> f64 {
        self.heights.iter().sum()
    }

    /// The least height of its upper part when it may be split: two lines of every cell that has as many.
    pub(super) fn least(&self) -> Option<f64> {
        let upper = self.cells.iter().map(|cell| cell.lines.len().min(2) as f64 * cell.leading + 2.0 * PAD_Y);
        let lines = self.cells.iter().map(|cell| cell.lines.len()).max().unwrap_or(0);
        (self.may_split && lines > 3).then(|| upper.fold(0.0, f64::max))
    }

    fn x(&self, column: usize) -> f64 {
        self.left + self.widths.iter().take(column).sum::<f64>()
    }

    fn y(&self, row: usize) -> f64 {
        self.heights.iter().take(row).sum()
    }

    fn right(&self) -> f64 {
        self.x(self.widths.len())
    }

    /// The texts and rules of the group with its top at `y`; `artifact` when it repeats a head shown before.
    pub(super) fn items(&self, builder: &Builder<'_>, y: f64, artifact: bool) -> Vec<Item> {
        let mut items = Vec::new();
        for cell in &self.cells {
            items.push(Item::Begin((!artifact).then_some(cell.element)));
            let height: f64 = self.heights.iter().skip(cell.row).take(cell.rows).sum();
            let text = cell.lines.len() as f64 * cell.leading;
            let above = if cell.top { PAD_Y } else { (height - text) / 2.0 };
            for (nth, line) in cell.lines.iter().enumerate() {
                let em = line.size * POINT;
                let top =
                    y + self.y(cell.row) + above + nth as f64 * cell.leading + (cell.leading - em) / 2.0;
                items.extend(line.items(&builder.shaper, self.x(cell.column) + PAD_X, top, Ink::Black));
            }
            items.push(Item::End);
        }
        items.push(Item::Begin(None));
        items.extend(self.rules(y));
        items.push(Item::End);
        items
    }

    /// The rule above a group: part of the frame at the top of a page, thin between rows.
    pub(super) fn top_rule(&self, y: f64, first: bool) -> Item {
        Item::Line([self.left, y, self.right(), y, if first { THICK } else { THIN }], Ink::Black)
    }

    /// The frame below the last group of a page.
    pub(super) fn bottom_rule(&self, y: f64) -> Item {
        Item::Line([self.left, y, self.right(), y, THICK], Ink::Black)
    }

    fn rules(&self, y: f64) -> Vec<Item> {
        let owner = |row: usize, column: usize| {
            self.cells.iter().position(|cell| {
                (cell.row..cell.row + cell.rows).contains(&row)
                    && (cell.column..cell.column + cell.columns).contains(&column)
            })
        };
        let (rows, columns) = (self.heights.len(), self.widths.len());
        let mut items = Vec::new();
        let bottom = y + self.height();
        for x in [self.left, self.right()] {
            items.push(Item::Line([x, y, x, bottom, THICK], Ink::Black));
        }
        for column in 1..columns {
            for (from, to) in stretches(rows, |row| owner(row, column - 1) != owner(row, column)) {
                let x = self.x(column);
                items.push(Item::Line([x, y + self.y(from), x, y + self.y(to), THIN], Ink::Black));
            }
        }
        for row in 1..rows {
            for (from, to) in stretches(columns, |column| owner(row - 1, column) != owner(row, column)) {
                let at = y + self.y(row);
                items.push(Item::Line([self.x(from), at, self.x(to), at, THIN], Ink::Black));
            }
        }
        items
    }

    /// Splits what no page holds: after the last whole row that fits, else after the last line that fits.
    pub(super) fn split(self, room: f64) -> (Group, Group) {
        let mut whole = 0;
        while whole + 1 < self.heights.len() && self.y(whole + 1) <= room {
            whole += 1;
        }
        if whole == 0 {
            if self.heights.len() > 1 {
                return self.split_rows(1);
            }
            return self.split_lines(room);
        }
        self.split_rows(whole)
    }

    fn split_rows(self, at: usize) -> (Group, Group) {
        let mut upper = Group { heights: Vec::new(), cells: Vec::new(), ..self.clone() };
        let mut lower = upper.clone();
        upper.heights = self.heights.iter().take(at).copied().collect();
        lower.heights = self.heights.iter().skip(at).copied().collect();
        for cell in self.cells {
            let end = cell.row + cell.rows;
            if cell.row >= at {
                lower.cells.push(Placed { row: cell.row - at, ..cell });
                continue;
            }
            if end > at {
                // The text of a merged cell stays above; below, the cell goes on empty.
                lower.cells.push(Placed { row: 0, rows: end - at, lines: Vec::new(), ..cell.clone() });
            }
            upper.cells.push(Placed { rows: cell.rows.min(at - cell.row), ..cell });
        }
        (upper, lower)
    }

    fn split_lines(self, room: f64) -> (Group, Group) {
        let mut upper = Group { cells: Vec::new(), ..self.clone() };
        let mut lower = upper.clone();
        for mut cell in self.cells {
            let fitting = ((room - 2.0 * PAD_Y) / cell.leading).floor().max(1.0) as usize;
            let rest = cell.lines.split_off(fitting.min(cell.lines.len()));
            lower.cells.push(Placed { lines: rest, top: true, ..cell.clone() });
            upper.cells.push(Placed { top: true, ..cell });
        }
        for part in [&mut upper, &mut lower] {
            let height = part.cells.iter().map(Placed::height).fold(0.0, f64::max);
            part.heights = vec![height];
        }
        (upper, lower)
    }
}

/// The stretches of consecutive numbers below `count` for which `drawn` holds.
pub(super) fn stretches(count: usize, drawn: impl Fn(usize) -> bool) -> Vec<(usize, usize)> {
    let mut found: Vec<(usize, usize)> = Vec::new();
    for at in (0..count).filter(|at| drawn(*at)) {
        match found.last_mut() {
            Some((_, end)) if *end == at => *end = at + 1,
            _ => found.push((at, at + 1)),
        }
    }
    found
}
