//! 版头 (GB/T 9704-2012, 7.2 and 10): everything above the title, and the red lines.

use super::item::{ElementKind, Glyphs, Ink, Item};
use super::line::Line;
use super::measure::{CELL, CHAR_3, LEFT, PAGE_HEIGHT, PAGE_WIDTH, PITCH, POINT, RIGHT, TOP, WIDTH};
use super::shape::{Glyph, width_em};
use super::strip::{Body, Builder};
use crate::document::block::{Head, HeadForm, Text};
use crate::document::font::Role;

/// 发文机关标志: its upper edge, mm from the top of the sheet (7.2.4, 10.1, 10.2).
const FILE_MARK: f64 = TOP + 35.0;
const LETTER_MARK: f64 = 30.0;
const ORDER_MARK: f64 = TOP + 20.0;
/// 小初, the largest size in use for the mark; a long name is set smaller so that it fits.
const MARK_SIZE: f64 = 36.0;
/// From the 发文字号 to the red line (7.2.7), and from the mark of a letter to its lines (10.1).
const LINE_BELOW: f64 = 4.0;
/// The standard gives no thickness; 0.5 mm is usual.
const LINE_WIDTH: f64 = 0.5;
/// The double line of letters: 2.25 and 0.75 points are usual, the standard gives no thickness.
const THICK: f64 = 0.8;
const THIN: f64 = 0.25;
/// White between the two.
const BETWEEN: f64 = 0.55;
/// The lines of a letter are 170 mm long and centred on the sheet (10.1).
const LETTER_LINE: f64 = 170.0;
/// From the lower line of a letter to the foot of the sheet (10.1).
const LETTER_FOOT: f64 = 20.0;
/// Seven eighths of the height of a 三号 character, from the line of a letter to what stands below (10.1).
const LETTER_GAP: f64 = CHAR_3 * 7.0 / 8.0;

impl Builder<'_> {
    pub(super) fn head(&mut self, head: &Head) {
        match head.form {
            HeadForm::File => self.file_head(head),
            HeadForm::Letter => self.letter_head(head),
            HeadForm::Order => self.order_head(head),
        }
    }

    fn file_head(&mut self, head: &Head) {
        let mut items = self.labels(head, TOP);
        let organs: Vec<&Text> = head.organs.iter().collect();
        let (below, _) = self.mark(&organs, head.file_word, FILE_MARK, &mut items);
        // Two blank lines below the mark (7.2.5), counted on the grid.
        let row = ((below - TOP) / PITCH).ceil() as usize + 2;
        let row = self.signers(&head.signers, row, &mut items);
        if let Some(number) = &head.number {
            let mut line = self.single(number, Role::Fang, 0.0);
            // Upward documents: one character in, on the line of the last signer; else centred.
            line.x = if head.signers.is_empty() { (WIDTH - line.right()) / 2.0 } else { CELL };
            items.extend(self.at(&line, TOP + row as f64 * PITCH));
        }
        let rule = TOP + row as f64 * PITCH + CHAR_3 + LINE_BELOW;
        items.extend(rules(&[[LEFT, rule, RIGHT, rule, LINE_WIDTH]]));
        // Two blank lines below the red line (7.3.1).
        let next = ((rule - TOP) / PITCH).ceil() + 2.0;
        self.push(Body::Head(items, TOP + next * PITCH), true);
    }

    /// 信函: a joint letter bears the mark of the leading organ only (10.1).
    fn letter_head(&mut self, head: &Head) {
        let mut items = Vec::new();
        let organs: Vec<&Text> = head.organs.iter().take(1).collect();
        let (_, ink) = self.mark(&organs, false, LETTER_MARK, &mut items);
        let left = (PAGE_WIDTH - LETTER_LINE) / 2.0;
        let right = left + LETTER_LINE;
        let line = |y: f64, width: f64| [left, y, right, y, width];
        let thick = ink + LINE_BELOW + THICK / 2.0;
        let thin = thick + (THICK + THIN) / 2.0 + BETWEEN;
        let foot = PAGE_HEIGHT - LETTER_FOOT - THICK / 2.0;
        let above_foot = foot - (THICK + THIN) / 2.0 - BETWEEN;
        items.extend(rules(&[
            line(thick, THICK),
            line(thin, THIN),
            line(above_foot, THIN),
            line(foot, THICK),
        ]));
        let first = thin + THIN / 2.0 + LETTER_GAP;
        items.extend(self.labels(head, first));
        if let Some(number) = &head.number {
            let mut line = self.single(number, Role::Fang, 0.0);
            line.x = WIDTH - line.right();
            items.extend(self.at(&line, first));
        }
        // The title stands two lines below the last element above it.
        let labels = [&head.serial, &head.secrecy, &head.urgency].into_iter().flatten().count();
        let last = first + (labels.max(1) - 1) as f64 * PITCH;
        self.push(Body::Head(items, last + 3.0 * PITCH), true);
    }

    /// 命令（令）: number and text stand two blank lines below what is above them (10.2).
    fn order_head(&mut self, head: &Head) {
        let mut items = Vec::new();
        let organs: Vec<&Text> = head.organs.iter().collect();
        let (below, _) = self.mark(&organs, false, ORDER_MARK, &mut items);
        let row = ((below - TOP) / PITCH).ceil() + 2.0;
        if let Some(number) = &head.number {
            let mut line = self.single(number, Role::Fang, 0.0);
            line.x = (WIDTH - line.right()) / 2.0;
            items.extend(self.at(&line, TOP + row * PITCH));
        }
        self.push(Body::Head(items, TOP + (row + 3.0) * PITCH), true);
    }

    /// 份号、密级和保密期限、紧急程度, under one another at the left (7.2.1 to 7.2.3).
    fn labels(&mut self, head: &Head, first: f64) -> Vec<Item> {
        let labels = [(&head.serial, Role::Fang), (&head.secrecy, Role::Hei), (&head.urgency, Role::Hei)];
        let mut items = Vec::new();
        for (row, (text, role)) in
            labels.iter().filter_map(|(text, role)| Some((text.as_ref()?, *role))).enumerate()
        {
            let line = self.single(text, role, 0.0);
            items.extend(self.at(&line, first + row as f64 * PITCH));
        }
        items
    }

    /// One line of 三号 with the top of its character box at `top`.
    fn at(&mut self, line: &Line, top: f64) -> Vec<Item> {
        let element = self.element(ElementKind::P, None);
        self.set(line, LEFT, Some(element)).into_iter().map(|item| item.moved(0.0, top)).collect()
    }

    /// The mark, its ink beginning at `top`; gives the lower edges of its character box and of its ink. Organs that issue
    /// jointly stand under one another, “文件” to the right in the middle.
    fn mark(&mut self, organs: &[&Text], file_word: bool, top: f64, items: &mut Vec<Item>) -> (f64, f64) {
        let names: Vec<_> = organs.iter().map(|organ| self.shaper.shape(organ, Role::Title)).collect();
        let word =
            if file_word { self.shaper.shape(&Text::plain("文件"), Role::Title) } else { Vec::new() };
        let widest = names.iter().map(|name| width_em(name)).fold(0.0, f64::max);
        let whole = widest + width_em(&word);
        if whole == 0.0 {
            return (top, top);
        }
        let size = MARK_SIZE.min(WIDTH / (whole * POINT));
        let em = size * POINT;
        let leading = em * 1.25;
        let (ink_top, ink_bottom) =
            self.shaper.fonts.first(Role::Title).map_or((0.8, -0.1), |face| (face.ink_top, face.ink_bottom));
        let left = (WIDTH - whole * em) / 2.0;
        let first = top + ink_top * em;
        let element = self.element(ElementKind::P, None);
        let mut put = |glyphs: Vec<Glyph>, x: f64, width: f64, baseline: f64| {
            let gaps = glyphs.len().saturating_sub(1).max(1) as f64;
            let tracking = (width - width_em(&glyphs)) * em / gaps;
            let line = Line::even(glyphs, x, tracking.max(0.0), size);
            items.push(Item::Begin(Some(element)));
            items.extend(baseline_at(line.items(&self.shaper, LEFT, 0.0, Ink::Red), baseline));
            items.push(Item::End);
        };
        let rows = names.len().max(1) as f64;
        for (nth, name) in names.into_iter().enumerate() {
            // Shorter names are spread to the width of the widest.
            put(name, left, widest, first + nth as f64 * leading);
        }
        if !word.is_empty() {
            let width = width_em(&word);
            put(word, left + widest * em, width, first + (rows - 1.0) * leading / 2.0);
        }
        let last = first + (rows - 1.0) * leading;
        (last + (1.0 - ink_top) * em, last - ink_bottom * em)
    }

    /// 签发人: two to a line, the label before the first, one character free on the right; the names of further lines stand
    /// under the first name (7.2.6). Gives the row of the last.
    fn signers(&mut self, signers: &[Text], first: usize, items: &mut Vec<Item>) -> usize {
        let rows: Vec<Line> =
            signers.chunks(2).map(|pair| self.single(&names(pair), Role::Kai, 0.0)).collect();
        let widest = rows.iter().map(Line::right).fold(0.0, f64::max);
        let names_x = WIDTH - CELL - widest;
        let mut last = first;
        for (nth, mut line) in rows.into_iter().enumerate() {
            last = first + nth;
            let top = TOP + last as f64 * PITCH;
            line.x = names_x;
            if nth == 0 {
                let mut label = self.single(&Text::plain("签发人："), Role::Fang, 0.0);
                label.x = names_x - 4.0 * CELL;
                items.extend(self.at(&label, top));
            }
            items.extend(self.at(&line, top));
        }
        last
    }
}

/// Names on one line, a character apart.
fn names(pair: &[Text]) -> Text {
    let mut text = Text::default();
    for (at, signer) in pair.iter().enumerate() {
        if at > 0 {
            text = text.before("\u{3000}");
        }
        text.0.extend(signer.0.iter().cloned());
    }
    text
}

/// Red lines, as decoration.
fn rules(lines: &[[f64; 5]]) -> Vec<Item> {
    let drawn = lines.iter().map(|line| Item::Line(*line, Ink::Red));
    std::iter::once(Item::Begin(None)).chain(drawn).chain([Item::End]).collect()
}

fn baseline_at(items: Vec<Item>, baseline: f64) -> Vec<Item> {
    items
        .into_iter()
        .map(|item| match item {
            Item::Glyphs(it) => Item::Glyphs(Glyphs { y: baseline, ..it }),
            other => other,
        })
        .collect()
}
