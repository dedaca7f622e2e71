//! Strips: what stands under one another before pages are cut, and the builder that makes them from blocks.

use super::item::{Element, ElementKind, Ink, Item};
use super::line::{Line, Measure, lines};
use super::measure::{CELL, CHAR_3, LEFT, POINT, SIZE_3, TRACKING, WIDTH};
use super::shape::Shaper;
use super::table::{Group, Open};
use crate::document::block::{Align, Text};
use crate::document::font::Role;

/// One strip.
#[derive(Debug, Clone)]
pub(super) struct Strip {
    pub body: Body,
    /// Must stand on the page of the strip that follows.
    pub keep_next: bool,
    /// Seals pressed here: organ, x, and y from the top of the row.
    pub seals: Vec<(String, f64, f64)>,
}

#[derive(Debug, Clone)]
pub(super) enum Body {
    /// A line of the grid; y counts from the top of its character box.
    Row(Vec<Item>),
    /// An empty line of the grid.
    Blank,
    /// 版头 of the first page: items where they stand, and the first free height below.
    Head(Vec<Item>, f64),
    /// A drawing; y counts from its top, which is the height given.
    Figure(Vec<Item>, f64),
    /// A sheet of its own: items where they stand.
    Sheet(Vec<Item>),
    /// Begins a table.
    Open(Open),
    /// Rows of the open table that belong together.
    Group(Group),
    /// Ends the table.
    Close,
    /// A new page.
    PageBreak,
}

/// Makes strips.
pub(super) struct Builder<'a> {
    pub shaper: Shaper<'a>,
    pub strips: Vec<Strip>,
    pub elements: Vec<Element>,
    /// The element with which the text of the body begins.
    pub first_text: Option<usize>,
    /// Whose seal goes over the edges of all pages.
    pub edge_seal: Option<String>,
}

/// How a paragraph is set.
#[derive(Debug, Clone, Copy)]
pub(super) struct Style {
    pub role: Role,
    pub kind: ElementKind,
    /// Indents in characters.
    pub first: f64,
    pub rest: f64,
    pub align: Align,
    pub keep_next: bool,
}

impl Style {
    /// 正文: two characters in, further lines flush (7.3.3).
    pub(super) const BODY: Style = Style {
        role: Role::Fang,
        kind: ElementKind::P,
        first: 2.0,
        rest: 0.0,
        align: Align::Justify,
        keep_next: false,
    };
}

impl<'a> Builder<'a> {
    pub(super) fn new(shaper: Shaper<'a>) -> Self {
        Self { shaper, strips: Vec::new(), elements: Vec::new(), first_text: None, edge_seal: None }
    }

    pub(super) fn element(&mut self, kind: ElementKind, parent: Option<usize>) -> usize {
        self.elements.push(Element { kind, parent });
        self.elements.len() - 1
    }

    pub(super) fn push(&mut self, body: Body, keep_next: bool) {
        self.strips.push(Strip { body, keep_next, seals: Vec::new() });
    }

    pub(super) fn blank(&mut self, rows: usize) {
        for _ in 0..rows {
            self.push(Body::Blank, false);
        }
    }

    /// A paragraph of 三号 on the grid; each `\n` starts another.
    pub(super) fn paragraph(&mut self, text: &Text, style: Style) {
        for part in text.lines().iter().filter(|part| !part.is_blank()) {
            let glyphs = self.shaper.shape(part, style.role);
            let measure = Measure {
                width: WIDTH,
                first: style.first * CELL,
                rest: style.rest * CELL,
                size: SIZE_3,
                tracking: TRACKING,
                align: style.align,
            };
            let element = self.element(style.kind, None);
            for line in lines(&glyphs, &measure) {
                self.row(&line, element, style.keep_next);
            }
        }
    }

    /// One line on the grid, in the middle of its row whatever its size.
    pub(super) fn row(&mut self, line: &Line, element: usize, keep_next: bool) {
        let items = self.set(line, LEFT, Some(element));
        self.push(Body::Row(items), keep_next);
    }

    /// The items of a line whose measure begins at `x`, for a row of the grid.
    pub(super) fn set(&self, line: &Line, x: f64, element: Option<usize>) -> Vec<Item> {
        let top = (CHAR_3 - line.size * POINT) / 2.0;
        let mut items = vec![Item::Begin(element)];
        items.extend(line.items(&self.shaper, x, top, Ink::Black));
        items.push(Item::End);
        items
    }

    /// One line of 三号 that is never broken, its left edge at `x`.
    pub(super) fn single(&mut self, text: &Text, role: Role, x: f64) -> Line {
        let glyphs = self.shaper.shape(text, role);
        Line::even(glyphs, x, TRACKING, SIZE_3)
    }

    /// The last strip with words, so that what follows keeps text beside it.
    pub(super) fn keep_last_rows(&mut self, rows: usize) {
        let words = |strip: &&mut Strip| matches!(strip.body, Body::Row(_) | Body::Group(_) | Body::Close);
        let mut seen = 0;
        for strip in self.strips.iter_mut().rev() {
            strip.keep_next = true;
            if words(&strip) {
                seen += 1;
            }
            if seen == rows {
                return;
            }
        }
    }
}
