//! Cuts a face down to the characters asked for, as `printpdf` takes it.

use std::collections::{BTreeMap, BTreeSet};

use printpdf::{FontMetrics, FontType, ParsedFont, PdfFontMetricsStub};

use crate::document::font::{Face, FaceId, FontStore};
use crate::error::{Error, Result};

/// A font with only some characters, and which.
pub(super) struct Subset {
    pub font: ParsedFont,
    pub chars: BTreeSet<char>,
}

/// Glyphs are numbered in the order of their characters, so that the same characters give the same bytes.
pub(super) fn subset(fonts: &FontStore, id: FaceId, chars: &BTreeSet<char>) -> Result<Subset> {
    let face = fonts.face(id).ok_or_else(|| Error::internal("face lost between layout and writing"))?;
    let mut remapper = subsetter::GlyphRemapper::new();
    let mut glyphs = BTreeMap::new();
    let mut widths = BTreeMap::from([(0u16, face.advance(0))]);
    for &c in chars {
        // A no-break space may be drawn by the plain one.
        let old = Some(face.glyph(c)).filter(|glyph| *glyph != 0).unwrap_or_else(|| face.glyph(' '));
        let new = remapper.remap(old);
        glyphs.insert(u32::from(c), new);
        widths.insert(new, face.advance(old));
    }
    let bytes = fonts
        .with_bytes(id, |bytes, index| subsetter::subset(bytes, index, &remapper))?
        .map_err(|cause| Error::internal(format!("face {} cannot be cut down: {cause}", face.name)))?;
    let font = parsed(face, bytes, glyphs, widths);
    Ok(Subset { font, chars: chars.clone() })
}

fn parsed(face: &Face, bytes: Vec<u8>, glyphs: BTreeMap<u32, u16>, widths: BTreeMap<u16, u16>) -> ParsedFont {
    let [x_min, y_min, x_max, y_max] = face.bounds;
    ParsedFont {
        original_bytes: bytes,
        font_index: 0,
        font_name: Some(format!("{}+{}", tag(glyphs.keys()), face.name)),
        codepoint_to_glyph: glyphs,
        glyph_widths: widths,
        units_per_em: face.units_per_em,
        font_metrics: FontMetrics { ascent: face.ascent, descent: face.descent },
        font_type: if face.cff { FontType::OpenTypeCFF(()) } else { FontType::TrueType },
        pdf_font_metrics: PdfFontMetricsStub {
            units_per_em: face.units_per_em,
            x_min,
            y_min,
            x_max,
            y_max,
            caret_slope_rise: 1,
            caret_slope_run: 0,
            us_weight_class: face.weight,
        },
    }
}

/// Six capitals that tell subsets of one face apart (ISO 32000-1, 9.6.4).
fn tag<'a>(chars: impl Iterator<Item = &'a u32>) -> String {
    let hash = super::finish::fnv(chars.flat_map(|c| c.to_be_bytes()));
    (0..6u32).map(|at| char::from(b'A' + ((hash >> (at * 9)) % 26) as u8)).collect()
}
