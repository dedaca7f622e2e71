//! One page of the display list as drawing operations.

use std::collections::BTreeMap;

use printpdf::{
    Color, DictItem, Greyscale, Line, LinePoint, Op, PdfFontHandle, Point, Pt, Rgb, TextItem, TextMatrix,
};

use super::{Base, Part, Slot, font_id};
use crate::document::font::FontStore;
use crate::document::layout::item::{Glyphs, Ink, Item, Page};
use crate::document::layout::measure::{PAGE_HEIGHT, POINT};

/// Millimetres from the top of the sheet, as points from its foot.
fn up(y: f64) -> f32 {
    ((PAGE_HEIGHT - y) / POINT) as f32
}

fn points(x: f64) -> f32 {
    (x / POINT) as f32
}

fn color(ink: Ink) -> Color {
    match ink {
        Ink::Black => Color::Greyscale(Greyscale::new(0.0, None)),
        Ink::Pale => Color::Greyscale(Greyscale::new(0.88, None)),
        // Red Y 80 M 80 of 6.2 in sRGB.
        Ink::Red => Color::Rgb(Rgb::new(0.86, 0.0, 0.0, None)),
    }
}

/// What was set last, so that nothing is said twice.
#[derive(Default)]
struct State {
    ops: Vec<Op>,
    in_text: bool,
    font: Option<(Slot, f64)>,
    tracking: Option<f64>,
    fill: Option<Ink>,
    marked: Vec<usize>,
}

/// The operations of a page, and the element of each marked stretch in the order of its number.
pub(super) fn page(page: &Page, base: &Base, fonts: &FontStore) -> (Vec<Op>, Vec<usize>) {
    let mut state = State::default();
    state.ops.reserve(page.items.len() * 4);
    for item in &page.items {
        match item {
            Item::Glyphs(it) => state.glyphs(it, base, fonts),
            Item::Line(at, ink) => state.line(*at, *ink),
            Item::Begin(element) => state.begin(*element),
            Item::End => {
                state.end_text();
                state.ops.push(Op::EndMarkedContent);
            }
        }
    }
    state.end_text();
    (state.ops, state.marked)
}

impl State {
    fn end_text(&mut self) {
        if self.in_text {
            self.ops.push(Op::EndTextSection);
            self.in_text = false;
        }
    }

    fn begin(&mut self, element: Option<usize>) {
        self.end_text();
        let Some(element) = element else {
            self.ops.push(Op::BeginMarkedContent { tag: "Artifact".to_owned() });
            return;
        };
        let number = i64::try_from(self.marked.len()).unwrap_or(i64::MAX);
        self.marked.push(element);
        let map = BTreeMap::from([("MCID".to_owned(), DictItem::Int(number))]);
        self.ops.push(Op::BeginMarkedContentWithProperties {
            tag: "Span".to_owned(),
            properties: DictItem::Dict { map },
        });
    }

    fn line(&mut self, [x1, y1, x2, y2, width]: [f64; 5], ink: Ink) {
        self.end_text();
        let point = |x, y| LinePoint { p: Point { x: Pt(points(x)), y: Pt(up(y)) }, bezier: false };
        self.ops.push(Op::SetOutlineColor { col: color(ink) });
        self.ops.push(Op::SetOutlineThickness { pt: Pt(points(width)) });
        self.ops.push(Op::DrawLine {
            line: Line { points: vec![point(x1, y1), point(x2, y2)], is_closed: false },
        });
    }

    /// Splits the characters between the two fonts of the face.
    fn glyphs(&mut self, it: &Glyphs, base: &Base, fonts: &FontStore) {
        let Some(face) = fonts.face(it.face) else { return };
        let em = it.size * POINT;
        let (mut along, mut from, mut run) = (0.0, 0.0, String::new());
        let mut part = None;
        for c in it.text.chars() {
            let next = if base.has(it.face, c) { Part::Shared } else { Part::Own };
            if let Some(current) = part
                && current != next
            {
                self.show(it, (it.face, current), from, std::mem::take(&mut run));
                from = along;
            }
            part = Some(next);
            run.push(c);
            along += face.advance_em(face.glyph(c)) * em + it.tracking;
        }
        if let Some(part) = part {
            self.show(it, (it.face, part), from, run);
        }
    }

    fn show(&mut self, it: &Glyphs, slot: Slot, along: f64, text: String) {
        if self.fill != Some(it.ink) {
            self.end_text();
            self.ops.push(Op::SetFillColor { col: color(it.ink) });
            self.fill = Some(it.ink);
        }
        if !self.in_text {
            self.ops.push(Op::StartTextSection);
            self.in_text = true;
        }
        if self.font != Some((slot, it.size)) {
            let font = PdfFontHandle::External(font_id(slot));
            self.ops.push(Op::SetFont { font, size: Pt(it.size as f32) });
            self.font = Some((slot, it.size));
        }
        if self.tracking != Some(it.tracking) {
            // Despite its name this field is the character spacing in points.
            self.ops.push(Op::SetCharacterSpacing { multiplier: points(it.tracking) });
            self.tracking = Some(it.tracking);
        }
        let (sin, cos) = it.angle.to_radians().sin_cos();
        let (x, y) = (it.x + along * cos, it.y - along * sin);
        let matrix = [cos as f32, sin as f32, -sin as f32, cos as f32, points(x), up(y)];
        self.ops.push(Op::SetTextMatrix { matrix: TextMatrix::Raw(matrix) });
        self.ops.push(Op::ShowText { items: vec![TextItem::Text(text)] });
    }
}
