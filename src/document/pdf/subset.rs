//! Cuts a face down to the characters asked for, and makes of it the objects of a PDF font, ready compressed.
//!
//! What is made here depends on the face and the characters alone, so it can be kept and put into any number of files.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use lopdf::{Dictionary, Document, Object, ObjectId, Stream, dictionary};

use super::pack;
use crate::document::font::{Face, FaceId, FontStore, sfnt};
use crate::error::{Error, Result};

/// A face with only some characters.
pub(in crate::document) struct Subset {
    /// The font file: outlines and widths, without a character map.
    pub file: Vec<u8>,
    /// The glyph of each character. Numbered in the order of the characters, so that the same characters give the same bytes.
    pub glyphs: BTreeMap<char, u16>,
    /// Advances in font units, by glyph.
    pub advances: Vec<u16>,
}

/// Cuts a face down.
pub(in crate::document) fn cut(fonts: &FontStore, id: FaceId, chars: &BTreeSet<char>) -> Result<Subset> {
    let face = face(fonts, id)?;
    let mut remapper = subsetter::GlyphRemapper::new();
    let mut glyphs = BTreeMap::new();
    let mut advances = vec![face.advance(0)];
    for &c in chars {
        let old = face.glyph_or_space(c);
        let new = remapper.remap(old);
        glyphs.insert(c, new);
        // Two characters may share one glyph.
        if usize::from(new) == advances.len() {
            advances.push(face.advance(old));
        }
    }
    let file = fonts
        .with_bytes(id, |bytes, index| subsetter::subset(bytes, index, &remapper))?
        .map_err(|cause| Error::internal(format!("face {} cannot be cut down: {cause}", face.name)))?;
    Ok(Subset { file, glyphs, advances })
}

fn face(fonts: &FontStore, id: FaceId) -> Result<&Face> {
    fonts.face(id).ok_or_else(|| Error::internal("face lost between layout and writing"))
}

/// A subset as the objects of a PDF font.
pub(in crate::document) struct Embedded {
    /// The code of each character in the contents of a page.
    pub codes: BTreeMap<char, u16>,
    name: String,
    cff: bool,
    program: Stream,
    descriptor: Dictionary,
    widths: Vec<Object>,
    to_unicode: Stream,
    cid_set: Stream,
}

impl Embedded {
    pub(super) fn make(fonts: &FontStore, id: FaceId, chars: &BTreeSet<char>) -> Result<Self> {
        let face = face(fonts, id)?;
        let subset = cut(fonts, id, chars)?;
        let name = format!("{}+{}", tag(chars), face.name);
        let program = if face.cff {
            // A bare CFF table under its true name is what every reader takes.
            let table = sfnt::table(&subset.file, b"CFF ")
                .ok_or_else(|| Error::internal(format!("subset of {} has no outlines", face.name)))?;
            pack::stream(dictionary! { "Subtype" => "CIDFontType0C" }, table)?
        } else {
            let length = i64::try_from(subset.file.len()).unwrap_or(i64::MAX);
            pack::stream(dictionary! { "Length1" => length }, &subset.file)?
        };
        Ok(Self {
            descriptor: descriptor(face, &name),
            widths: widths(face, &subset.advances),
            to_unicode: pack::stream(Dictionary::new(), to_unicode(&subset.glyphs).as_bytes())?,
            cid_set: pack::stream(Dictionary::new(), &cid_set(subset.advances.len()))?,
            codes: subset.glyphs,
            cff: face.cff,
            name,
            program,
        })
    }

    /// Puts the font into a file. `with_cid_set` adds the list of its glyphs, which PDF/A-1 wants.
    pub(super) fn add(&self, file: &mut Document, with_cid_set: bool) -> ObjectId {
        let mut descriptor = self.descriptor.clone();
        let program = file.add_object(self.program.clone());
        descriptor.set(if self.cff { "FontFile3" } else { "FontFile2" }, program);
        if with_cid_set {
            let list = file.add_object(self.cid_set.clone());
            descriptor.set("CIDSet", list);
        }
        let descriptor = file.add_object(descriptor);
        let mut descendant = dictionary! {
            "Type" => "Font",
            "Subtype" => if self.cff { "CIDFontType0" } else { "CIDFontType2" },
            "BaseFont" => Object::Name(self.name.clone().into_bytes()),
            "CIDSystemInfo" => dictionary! {
                "Registry" => Object::string_literal("Adobe"),
                "Ordering" => Object::string_literal("Identity"),
                "Supplement" => 0,
            },
            "DW" => 1000,
            "W" => Object::Array(self.widths.clone()),
            "FontDescriptor" => descriptor,
        };
        if !self.cff {
            descendant.set("CIDToGIDMap", "Identity");
        }
        let to_unicode = file.add_object(self.to_unicode.clone());
        let descendant = file.add_object(descendant);
        file.add_object(dictionary! {
            "Type" => "Font",
            "Subtype" => "Type0",
            "BaseFont" => Object::Name(self.name.clone().into_bytes()),
            "Encoding" => "Identity-H",
            "DescendantFonts" => vec![Object::Reference(descendant)],
            "ToUnicode" => to_unicode,
        })
    }

    /// Bytes it takes in a file, about.
    pub(super) fn size(&self) -> usize {
        self.program.content.len() + self.to_unicode.content.len()
    }
}

/// Thousandths of an em, as PDF counts.
fn thousandths(face: &Face, units: i32) -> i64 {
    let em = i64::from(face.units_per_em.max(1));
    (i64::from(units) * 1000 + em / 2).div_euclid(em)
}

fn descriptor(face: &Face, name: &str) -> Dictionary {
    let scaled = |units: i16| thousandths(face, i32::from(units));
    // No table tells the width of stems; it grows with the weight, 88 at 400 and 166 at 700.
    let stem = 50 + (i64::from(face.weight) * i64::from(face.weight) + 2112) / 4225;
    dictionary! {
        "Type" => "FontDescriptor",
        "FontName" => Object::Name(name.as_bytes().to_vec()),
        "Flags" => 32,
        "FontBBox" => face.bounds.iter().map(|it| Object::Integer(scaled(*it))).collect::<Vec<_>>(),
        "ItalicAngle" => 0,
        "Ascent" => scaled(face.ascent),
        "Descent" => scaled(face.descent),
        "CapHeight" => scaled(face.ascent),
        "StemV" => stem,
    }
}

/// Only the widths that are not a whole em: Han characters all are.
fn widths(face: &Face, advances: &[u16]) -> Vec<Object> {
    let mut out = Vec::new();
    let mut run: Vec<Object> = Vec::new();
    let mut start = 0;
    for (glyph, advance) in advances.iter().enumerate() {
        let width = thousandths(face, i32::from(*advance));
        if width == 1000 {
            finish_run(&mut out, start, &mut run);
            continue;
        }
        if run.is_empty() {
            start = glyph;
        }
        run.push(Object::Integer(width));
    }
    finish_run(&mut out, start, &mut run);
    out
}

fn finish_run(out: &mut Vec<Object>, start: usize, run: &mut Vec<Object>) {
    if !run.is_empty() {
        out.push(Object::Integer(i64::try_from(start).unwrap_or(i64::MAX)));
        out.push(Object::Array(std::mem::take(run)));
    }
}

/// Glyph → character, for readers that copy or search. Of two characters that share a glyph the later one is told.
fn to_unicode(glyphs: &BTreeMap<char, u16>) -> String {
    let by_glyph: BTreeMap<u16, char> = glyphs.iter().map(|(c, glyph)| (*glyph, *c)).collect();
    let mut out = String::from(
        "/CIDInit /ProcSet findresource begin 12 dict begin begincmap\n\
         /CIDSystemInfo <</Registry (Adobe) /Ordering (UCS) /Supplement 0>> def\n\
         /CMapName /Adobe-Identity-UCS def /CMapType 2 def\n\
         1 begincodespacerange <0000> <FFFF> endcodespacerange\n",
    );
    let pairs: Vec<(u16, char)> = by_glyph.into_iter().collect();
    for block in pairs.chunks(100) {
        // Writing to a String cannot fail.
        let _ = writeln!(out, "{} beginbfchar", block.len());
        for (glyph, c) in block {
            let _ = write!(out, "<{glyph:04X}> <");
            for unit in c.encode_utf16(&mut [0; 2]) {
                let _ = write!(out, "{unit:04X}");
            }
            out.push_str(">\n");
        }
        out.push_str("endbfchar\n");
    }
    out.push_str("endcmap CMapName currentdict /CMap defineresource pop end end");
    out
}

/// A bit for each glyph, all set.
fn cid_set(count: usize) -> Vec<u8> {
    let mut bits = vec![0xFFu8; count.div_ceil(8)];
    if let Some(last) = bits.last_mut() {
        *last <<= (8 - count % 8) % 8;
    }
    bits
}

/// Six capitals that tell subsets of one face apart (ISO 32000-1, 9.6.4).
fn tag(chars: &BTreeSet<char>) -> String {
    let hash = pack::fnv(chars.iter().flat_map(|c| u32::from(*c).to_be_bytes()));
    (0..6u32).map(|at| char::from(b'A' + ((hash >> (at * 9)) % 26) as u8)).collect()
}

#[cfg(test)]
mod tests {
    use super::{cid_set, to_unicode};

    #[test]
    fn a_bit_for_each_glyph() {
        assert_eq!(cid_set(9), [0xFF, 0x80]);
        assert_eq!(cid_set(16), [0xFF, 0xFF]);
    }

    #[test]
    fn characters_above_the_basic_plane_are_told_in_two_units() {
        let map = to_unicode(&[('一', 1), ('𠮷', 2)].into());
        assert!(map.contains("<0001> <4E00>\n<0002> <D842DFB7>\n"), "{map}");
    }
}
