//! The tables of one face that layout and writer need, read once.

use std::collections::HashMap;

/// One face: character → glyph, advances and boxes in font units.
pub(in crate::document) struct Face {
    /// `PostScript` name.
    pub name: String,
    pub units_per_em: u16,
    pub ascent: i16,
    pub descent: i16,
    pub bounds: [i16; 4],
    pub weight: u16,
    /// Whether outlines are CFF (else `glyf`).
    pub cff: bool,
    /// Top of the Han character box above the baseline, in em. Faces differ (Fandol 0.80, Noto 0.88), so it is measured.
    pub box_top: f64,
    /// Top of the ink of a wide Han character above the baseline, in em.
    pub ink_top: f64,
    /// Bottom of the ink of a wide Han character above the baseline, in em; mostly negative.
    pub ink_bottom: f64,
    /// Top of the ink of the dash `—` above the baseline, in em.
    pub dash_top: f64,
    basic: Vec<u16>,
    astral: HashMap<u32, u16>,
    advances: Vec<u16>,
}

impl Face {
    pub(super) fn read(bytes: &[u8], index: u32) -> Option<Self> {
        let font = ttf_parser::Face::parse(bytes, index).ok()?;
        let (basic, astral) = characters(&font);
        let advances = (0..font.number_of_glyphs())
            .map(|glyph| font.glyph_hor_advance(ttf_parser::GlyphId(glyph)).unwrap_or(0))
            .collect();
        let bounds = font.global_bounding_box();
        let cff = font.raw_face().table(ttf_parser::Tag::from_bytes(b"CFF ")).is_some();
        Some(Self {
            name: name(&font),
            units_per_em: font.units_per_em(),
            ascent: font.ascender(),
            descent: font.descender(),
            bounds: [bounds.x_min, bounds.y_min, bounds.x_max, bounds.y_max],
            weight: font.weight().to_number(),
            cff,
            box_top: box_top(&font),
            ink_top: ink(&font, '国').map_or(0.75, |(_, top)| top),
            ink_bottom: ink(&font, '国').map_or(-0.1, |(bottom, _)| bottom),
            dash_top: ink(&font, '—').map_or(0.33, |(_, top)| top),
            basic,
            astral,
            advances,
        })
    }

    /// The glyph of a character; 0 when the face does not draw it.
    pub(in crate::document) fn glyph(&self, c: char) -> u16 {
        let code = u32::from(c);
        match usize::try_from(code).ok().and_then(|at| self.basic.get(at)) {
            Some(&glyph) => glyph,
            None => self.astral.get(&code).copied().unwrap_or(0),
        }
    }

    /// The glyph that draws a character that layout resolved: a no-break space may be drawn by the plain one.
    pub(in crate::document) fn glyph_or_space(&self, c: char) -> u16 {
        match self.glyph(c) {
            0 => self.glyph(' '),
            glyph => glyph,
        }
    }

    /// Advance of a glyph in font units.
    pub(in crate::document) fn advance(&self, glyph: u16) -> u16 {
        self.advances.get(usize::from(glyph)).copied().unwrap_or(0)
    }

    /// Advance of a glyph in em.
    pub(in crate::document) fn advance_em(&self, glyph: u16) -> f64 {
        f64::from(self.advance(glyph)) / f64::from(self.units_per_em.max(1))
    }
}

/// The Basic Multilingual Plane as a flat table, everything above it as a map.
fn characters(font: &ttf_parser::Face<'_>) -> (Vec<u16>, HashMap<u32, u16>) {
    let mut basic = vec![0u16; 0x1_0000];
    let mut astral = HashMap::new();
    let tables = font.tables().cmap.into_iter().flat_map(|cmap| cmap.subtables);
    for table in tables.filter(ttf_parser::cmap::Subtable::is_unicode) {
        table.codepoints(|code| {
            let Some(glyph) = table.glyph_index(code) else { return };
            match usize::try_from(code).ok().and_then(|at| basic.get_mut(at)) {
                Some(place) => *place = glyph.0,
                None => {
                    astral.insert(code, glyph.0);
                }
            }
        });
    }
    (basic, astral)
}

/// Bottom and top of a character's ink, in em.
fn ink(font: &ttf_parser::Face<'_>, c: char) -> Option<(f64, f64)> {
    let bounds = font.glyph_bounding_box(font.glyph_index(c)?)?;
    let em = f64::from(font.units_per_em().max(1));
    Some((f64::from(bounds.y_min) / em, f64::from(bounds.y_max) / em))
}

/// Full-width brackets stand exactly in the middle of the character box; half an em above their middle is its top.
fn box_top(font: &ttf_parser::Face<'_>) -> f64 {
    ink(font, '（').or_else(|| ink(font, '国')).map_or(0.88, |(bottom, top)| (bottom + top) / 2.0 + 0.5)
}

fn name(font: &ttf_parser::Face<'_>) -> String {
    font.names()
        .into_iter()
        .find(|name| name.name_id == ttf_parser::name_id::POST_SCRIPT_NAME && name.is_unicode())
        .and_then(|name| name.to_string())
        .unwrap_or_else(|| "Unnamed".to_owned())
}
