//! Text → characters with face and advance. No shaping engine: Han text needs none (measured: no glyph differs).

use super::line::tick_box;
use crate::document::block::{FieldNo, Run, Text};
use crate::document::font::{FaceId, FontStore, Role};

/// One character, ready to be set.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Glyph {
    pub c: char,
    pub face: FaceId,
    pub role: Role,
    /// Advance in em.
    pub advance: f64,
    pub field: Option<FieldNo>,
}

/// A character that no face of its role draws.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MissingGlyph {
    /// The character.
    pub c: char,
    /// The role that was asked for it.
    pub role: Role,
    /// The field it stands in.
    pub field: Option<FieldNo>,
    /// The block it stands in, Chinese.
    pub block: String,
}

/// Resolves characters and remembers those that cannot be drawn.
pub(super) struct Shaper<'a> {
    pub fonts: &'a FontStore,
    pub missing: Vec<MissingGlyph>,
    /// What is being set, for the report of a missing glyph.
    pub block: String,
}

impl<'a> Shaper<'a> {
    pub(super) fn new(fonts: &'a FontStore) -> Self {
        Self { fonts, missing: Vec::new(), block: String::new() }
    }

    /// Characters of a text; line ends are left out, use [`Text::lines`] where they matter.
    pub(super) fn shape(&mut self, text: &Text, role: Role) -> Vec<Glyph> {
        let mut glyphs = Vec::with_capacity(text.0.iter().map(|run| run.text.len() / 3 + 1).sum());
        for run in &text.0 {
            self.shape_run(run, run.role.unwrap_or(role), &mut glyphs);
        }
        glyphs
    }

    fn shape_run(&mut self, run: &Run, role: Role, glyphs: &mut Vec<Glyph>) {
        for c in run.text.chars().filter(|c| !c.is_control()) {
            if tick_box(c).is_some() {
                let (face, _) = self.fonts.resolve(role, '口').unwrap_or_default();
                glyphs.push(Glyph { c, face, role, advance: 1.0, field: run.field });
                continue;
            }
            let found = self.fonts.resolve(role, c).or_else(|| {
                // A face without a no-break space draws the plain one.
                (c == '\u{a0}').then(|| self.fonts.resolve(role, ' ')).flatten()
            });
            let (face, glyph) = found.unwrap_or_else(|| {
                let lost = MissingGlyph { c, role, field: run.field, block: self.block.clone() };
                if !self.missing.contains(&lost) {
                    self.missing.push(lost);
                }
                (0, 0)
            });
            let advance = self.fonts.face(face).map_or(1.0, |face| face.advance_em(glyph));
            glyphs.push(Glyph { c, face, role, advance, field: run.field });
        }
    }

    /// Top of the character box above the baseline for a face, in em.
    pub(super) fn box_top(&self, face: FaceId) -> f64 {
        self.fonts.face(face).map_or(0.88, |face| face.box_top)
    }
}

/// Natural width in em.
pub(super) fn width_em(glyphs: &[Glyph]) -> f64 {
    glyphs.iter().map(|glyph| glyph.advance).sum()
}
