//! One page of the display list as drawing operations.

use std::collections::{BTreeMap, BTreeSet};

use printpdf::{
    Color, DictItem, FontId, Greyscale, Line, LinePoint, Op, PaintMode, PdfFontHandle, Point, Polygon,
    PolygonRing, Pt, Rgb, TextMatrix, WindingOrder,
};

use super::{Fonts, Part, Slot, font_name};
use crate::document::font::FontStore;
use crate::document::layout::item::{Glyphs, Ink, Item, Page};
use crate::document::layout::measure::{PAGE_HEIGHT, POINT};

/// Millimetres from the top of the sheet, as points from its foot.
pub(super) fn up(y: f64) -> f32 {
    points(PAGE_HEIGHT - y)
}

/// Millimetres as points, to the thousandth: a third of a micrometre, and short to write.
pub(super) fn points(x: f64) -> f32 {
    ((x / POINT * 1000.0).round() / 1000.0) as f32
}

fn corner([x, y]: [f64; 2]) -> LinePoint {
    LinePoint { p: Point { x: Pt(points(x)), y: Pt(up(y)) }, bezier: false }
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
    slots: BTreeSet<Slot>,
}

/// A page as `printpdf` takes it.
pub(super) struct Drawn {
    /// The operations.
    pub ops: Vec<Op>,
    /// The element of each marked stretch in the order of its number.
    pub marked: Vec<usize>,
    /// The fonts in use.
    pub slots: BTreeSet<Slot>,
}

/// Draws a page.
pub(super) fn page(page: &Page, fonts: &Fonts<'_>, store: &FontStore) -> Drawn {
    let mut state = State::default();
    state.ops.reserve(page.items.len() * 4);
    for item in &page.items {
        match item {
            Item::Glyphs(it) => state.glyphs(it, fonts, store),
            Item::Line(at, ink) => state.line(*at, *ink),
            Item::Fill(polygons, ink) => state.fill(polygons, *ink),
            Item::Circle(at, ink) => state.circle(*at, *ink),
            Item::Clip(at) => state.clip(*at),
            Item::Unclip => state.unclip(),
            Item::Begin(element) => state.begin(*element),
            Item::End => {
                state.end_text();
                state.ops.push(Op::EndMarkedContent);
            }
        }
    }
    state.end_text();
    Drawn { ops: state.ops, marked: state.marked, slots: state.slots }
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
        self.stroke(vec![corner([x1, y1]), corner([x2, y2])], width, ink);
    }

    fn stroke(&mut self, points_of_line: Vec<LinePoint>, width: f64, ink: Ink) {
        self.end_text();
        self.ops.push(Op::SetOutlineColor { col: color(ink) });
        self.ops.push(Op::SetOutlineThickness { pt: Pt(points(width)) });
        self.ops.push(Op::DrawLine { line: Line { points: points_of_line, is_closed: false } });
    }

    fn fill(&mut self, polygons: &[Vec<[f64; 2]>], ink: Ink) {
        self.end_text();
        if self.fill != Some(ink) {
            self.ops.push(Op::SetFillColor { col: color(ink) });
            self.fill = Some(ink);
        }
        let rings = polygons.iter().map(|it| it.iter().copied().map(corner).collect());
        self.polygon(rings.collect(), PaintMode::Fill);
    }

    fn polygon(&mut self, rings: Vec<Vec<LinePoint>>, mode: PaintMode) {
        let rings = rings.into_iter().map(|points| PolygonRing { points }).collect();
        let polygon = Polygon { rings, mode, winding_order: WindingOrder::NonZero };
        self.ops.push(Op::DrawPolygon { polygon });
    }

    /// Four cubic curves; their handles stand 0.5523 of the radius from the ends of each quarter.
    fn circle(&mut self, [x, y, radius, width]: [f64; 4], ink: Ink) {
        const HANDLE: f64 = 0.552_284_75;
        let at = |along: f64, across: f64| corner([x + along * radius, y + across * radius]);
        let handle = |along: f64, across: f64| LinePoint { bezier: true, ..at(along, across) };
        let mut curve = vec![at(1.0, 0.0)];
        for (a, b) in [
            ([1.0, 0.0], [0.0, 1.0]),
            ([0.0, 1.0], [-1.0, 0.0]),
            ([-1.0, 0.0], [0.0, -1.0]),
            ([0.0, -1.0], [1.0, 0.0]),
        ] {
            let ([ax, ay], [bx, by]) = (a, b);
            curve.push(handle(ax + HANDLE * bx, ay + HANDLE * by));
            curve.push(handle(bx + HANDLE * ax, by + HANDLE * ay));
            curve.push(at(bx, by));
        }
        self.stroke(curve, width, ink);
    }

    fn clip(&mut self, [x, y, width, height]: [f64; 4]) {
        self.end_text();
        self.ops.push(Op::SaveGraphicsState);
        let corners = [[x, y], [x + width, y], [x + width, y + height], [x, y + height]];
        self.polygon(vec![corners.map(corner).to_vec()], PaintMode::Clip);
    }

    /// Everything set since [`State::clip`] is forgotten by the reader, so it is said again when needed.
    fn unclip(&mut self) {
        self.end_text();
        self.ops.push(Op::RestoreGraphicsState);
        (self.font, self.tracking, self.fill) = (None, None, None);
    }

    /// Splits the characters between the two fonts of the face.
    fn glyphs(&mut self, it: &Glyphs, fonts: &Fonts<'_>, store: &FontStore) {
        let Some(face) = store.face(it.face) else { return };
        let em = it.size * POINT;
        let (mut along, mut from) = (0.0, 0.0);
        let mut run: Option<(Part, Vec<u8>)> = None;
        for c in it.text.chars() {
            let (part, code) = fonts.code(it.face, c);
            match &mut run {
                Some((current, codes)) if *current == part => codes.extend(code.to_be_bytes()),
                _ => {
                    if let Some((part, codes)) = run.replace((part, code.to_be_bytes().to_vec())) {
                        self.show(it, (it.face, part), from, codes);
                    }
                    from = along;
                }
            }
            along += face.advance_em(face.glyph_or_space(c)) * em + it.tracking;
        }
        if let Some((part, codes)) = run {
            self.show(it, (it.face, part), from, codes);
        }
    }

    fn show(&mut self, it: &Glyphs, slot: Slot, along: f64, codes: Vec<u8>) {
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
            let font = PdfFontHandle::External(FontId(font_name(slot)));
            self.ops.push(Op::SetFont { font, size: Pt(it.size as f32) });
            self.font = Some((slot, it.size));
            self.slots.insert(slot);
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
        // The fonts are not among those of `printpdf`, so it is given codes.
        let codes = DictItem::String { data: codes, literal: false };
        self.ops.push(Op::Unknown { key: "Tj".to_owned(), value: vec![codes] });
    }
}
