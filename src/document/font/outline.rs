//! Outlines of single glyphs, for marks that are drawn instead of written.

use super::FontStore;
use crate::document::font::Role;
use crate::error::Result;

/// A piece of an outline, in em, y upwards.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in crate::document) enum Segment {
    /// Begins a contour.
    Move([f64; 2]),
    /// A straight line.
    Line([f64; 2]),
    /// A cubic curve: two control points and its end.
    Curve([[f64; 2]; 3]),
    /// Closes the contour.
    Close,
}

impl FontStore {
    /// The outlines of a line of text that begins at the origin, and its length in em. Characters no face draws are left out.
    pub(in crate::document) fn outline(&self, role: Role, text: &str) -> Result<(Vec<Segment>, f64)> {
        let mut pen = Pen::default();
        for c in text.chars() {
            let Some((id, glyph)) = self.resolve(role, c) else { continue };
            let advance = self.face(id).map_or(1.0, |face| face.advance_em(glyph));
            self.with_bytes(id, |bytes, index| {
                let Ok(font) = ttf_parser::Face::parse(bytes, index) else { return };
                pen.em = f64::from(font.units_per_em().max(1));
                font.outline_glyph(ttf_parser::GlyphId(glyph), &mut pen);
            })?;
            pen.x += advance;
        }
        Ok((pen.segments, pen.x))
    }
}

/// Collects what the font file draws.
#[derive(Default)]
struct Pen {
    segments: Vec<Segment>,
    at: [f64; 2],
    /// Where the present glyph begins, em.
    x: f64,
    em: f64,
}

impl Pen {
    fn point(&self, x: f32, y: f32) -> [f64; 2] {
        [self.x + f64::from(x) / self.em, f64::from(y) / self.em]
    }
}

/// A point `part` of the way from one point to another.
fn between([ax, ay]: [f64; 2], [bx, by]: [f64; 2], part: f64) -> [f64; 2] {
    [ax + (bx - ax) * part, ay + (by - ay) * part]
}

impl ttf_parser::OutlineBuilder for Pen {
    fn move_to(&mut self, x: f32, y: f32) {
        self.at = self.point(x, y);
        self.segments.push(Segment::Move(self.at));
    }

    fn line_to(&mut self, x: f32, y: f32) {
        self.at = self.point(x, y);
        self.segments.push(Segment::Line(self.at));
    }

    /// A quadratic curve is the cubic one whose control points lie two thirds of the way to its own.
    fn quad_to(&mut self, x1: f32, y1: f32, x: f32, y: f32) {
        let (control, end) = (self.point(x1, y1), self.point(x, y));
        let curve = [between(self.at, control, 2.0 / 3.0), between(end, control, 2.0 / 3.0), end];
        self.segments.push(Segment::Curve(curve));
        self.at = end;
    }

    fn curve_to(&mut self, x1: f32, y1: f32, x2: f32, y2: f32, x: f32, y: f32) {
        let end = self.point(x, y);
        self.segments.push(Segment::Curve([self.point(x1, y1), self.point(x2, y2), end]));
        self.at = end;
    }

    fn close(&mut self) {
        self.segments.push(Segment::Close);
    }
}
