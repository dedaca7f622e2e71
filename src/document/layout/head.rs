//! 版头 (GB/T 9704-2012, 7.2): everything above and including the red line.

use super::item::{ElementKind, Glyphs, Ink, Item};
use super::line::Line;
use super::measure::{CELL, CHAR_3, LEFT, PITCH, POINT, RIGHT, TOP, WIDTH};
use super::shape::width_em;
use super::strip::{Body, Builder};
use crate::document::block::{Head, Text};
use crate::document::font::Role;

/// 发文机关标志: its upper edge stands this far below the upper edge of the text area (7.2.4).
const MARK_TOP: f64 = 35.0;
/// 小初, the largest size in use for the mark; a long name is set smaller so that it fits.
const MARK_SIZE: f64 = 36.0;
/// From the 发文字号 to the red line (7.2.7).
const LINE_BELOW: f64 = 4.0;
/// The standard gives no thickness; 0.5 mm is usual.
const LINE_WIDTH: f64 = 0.5;

impl Builder<'_> {
    pub(super) fn head(&mut self, head: &Head) {
        let mut items = Vec::new();
        let labels = [(&head.serial, Role::Fang), (&head.secrecy, Role::Hei), (&head.urgency, Role::Hei)];
        for (row, (text, role)) in
            labels.iter().filter_map(|(text, role)| Some((text.as_ref()?, *role))).enumerate()
        {
            let line = self.single(text, role, 0.0);
            items.extend(self.at_row(&line, row));
        }
        let below = self.mark(head, &mut items);
        // Two blank lines below the mark (7.2.5), counted on the grid.
        let mut row = ((below - TOP) / PITCH).ceil() as usize + 2;
        let last_signer = self.signers(&head.signers, row, &mut items);
        if let Some(number) = &head.number {
            let mut line = self.single(number, Role::Fang, 0.0);
            // Upward documents: one character in, on the line of the last signer; else centred.
            line.x = if head.signers.is_empty() { (WIDTH - line.right()) / 2.0 } else { CELL };
            items.extend(self.at_row(&line, last_signer));
        }
        row = last_signer;
        let rule = TOP + row as f64 * PITCH + CHAR_3 + LINE_BELOW;
        items.push(Item::Begin(None));
        items.push(Item::Line([LEFT, rule, RIGHT, rule, LINE_WIDTH], Ink::Red));
        items.push(Item::End);
        // Two blank lines below the red line (7.3.1).
        let next = ((rule - TOP) / PITCH).ceil() as usize + 2;
        self.push(Body::Head(items, next), true);
    }

    fn at_row(&mut self, line: &Line, row: usize) -> Vec<Item> {
        let element = self.element(ElementKind::P, None);
        let mut items = self.set(line, LEFT, Some(element));
        shift(&mut items, TOP + row as f64 * PITCH);
        items
    }

    /// The mark; gives its lower edge. Organs that issue jointly stand under one another, “文件” to the right in the middle.
    fn mark(&mut self, head: &Head, items: &mut Vec<Item>) -> f64 {
        let names: Vec<_> = head.organs.iter().map(|organ| self.shaper.shape(organ, Role::Title)).collect();
        let word =
            if head.file_word { self.shaper.shape(&Text::plain("文件"), Role::Title) } else { Vec::new() };
        let widest = names.iter().map(|name| width_em(name)).fold(0.0, f64::max);
        let whole = widest + width_em(&word);
        if whole == 0.0 {
            return TOP + MARK_TOP;
        }
        let size = MARK_SIZE.min(WIDTH / (whole * POINT));
        let em = size * POINT;
        let leading = em * 1.25;
        let ink_top = self.shaper.fonts.first(Role::Title).map_or(0.8, |face| face.ink_top);
        let left = (WIDTH - whole * em) / 2.0;
        let first = TOP + MARK_TOP + ink_top * em;
        let element = self.element(ElementKind::P, None);
        let mut put = |glyphs: Vec<_>, x: f64, width: f64, baseline: f64| {
            let gaps = glyphs.len().saturating_sub(1).max(1) as f64;
            let tracking = (width - width_em(&glyphs)) * em / gaps;
            let line = Line { glyphs, x, tracking: tracking.max(0.0), size };
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
        first + (rows - 1.0) * leading + (1.0 - ink_top) * em
    }

    /// 签发人: two to a line, the label before the first (7.2.6); gives the row of the last.
    fn signers(&mut self, signers: &[Text], first: usize, items: &mut Vec<Item>) -> usize {
        let mut row = first;
        for (nth, pair) in signers.chunks(2).enumerate() {
            row = first + nth;
            let mut text = Text::default();
            for (at, signer) in pair.iter().enumerate() {
                let names = signer.0.iter().cloned().map(|mut run| {
                    run.role = Some(Role::Kai);
                    run
                });
                if at > 0 {
                    text = text.before("\u{3000}");
                }
                text.0.extend(names);
            }
            let label = if nth == 0 { "签发人：" } else { "\u{3000}\u{3000}\u{3000}\u{3000}" };
            let mut line = self.single(&text.after(label), Role::Fang, 0.0);
            line.x = WIDTH - CELL - line.right();
            items.extend(self.at_row(&line, row));
        }
        row
    }
}

fn shift(items: &mut [Item], by: f64) {
    for item in items {
        match item {
            Item::Glyphs(it) => it.y += by,
            Item::Line([_, y1, _, y2, _], _) => {
                *y1 += by;
                *y2 += by;
            }
            Item::Begin(_) | Item::End => {}
        }
    }
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
