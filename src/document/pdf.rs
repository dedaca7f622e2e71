//! Pages → PDF bytes. The writer only obeys: every place was decided by layout.
//!
//! `printpdf` writes pages and fonts, with subsets of our own making (it would embed whole faces otherwise); a pass over the
//! `lopdf` document it hands out adds what it lacks: dates and identifier taken from the input, XMP, output intent, structure.
//! The same pages and the same [`Meta`] give the same bytes.
//!
//! Each face is embedded as up to two fonts: one with the characters of the template, made and compressed once per process
//! ([`Base`]), and one with the few characters that this document adds. That makes a letter about as cheap as its pages.

mod finish;
mod icc;
mod ops;
mod structure;
mod subset;
mod xmp;

use std::collections::{BTreeMap, BTreeSet};

use printpdf::{FontId, PdfDocument, PdfFont, PdfPage, PdfSaveOptions};

use super::font::{FaceId, FontStore};
use super::layout::item::{Item, Pages};
use crate::error::{Error, Result};
use finish::Deflated;
use subset::Subset;

/// What the file says about itself.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Meta {
    /// Title.
    pub title: String,
    /// The issuing organ.
    pub author: String,
    /// Number and kind.
    pub subject: String,
    /// Written as creation and modification date, at midnight China time; none for drafts without a date.
    pub date: Option<chrono::NaiveDate>,
    /// What makes this file different from every other one, e.g. the id of the document; feeds the identifier of the file.
    pub id: String,
}

/// The fonts that all documents of one template share: subsets with the characters of its own words, ready compressed.
pub struct Base {
    faces: BTreeMap<FaceId, Subset>,
    deflated: Deflated,
}

/// Which of the two fonts of a face.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Part {
    Shared,
    Own,
}

type Slot = (FaceId, Part);

fn font_id((face, part): Slot) -> FontId {
    // Lower case, because F1 to F14 are taken by the builtin fonts.
    FontId(format!("{}{face}", if part == Part::Shared { 'b' } else { 'f' }))
}

impl Base {
    /// The characters that the template itself prints, from the pages of its sample, and the digits.
    pub(super) fn build(pages: &Pages, fonts: &FontStore) -> Result<Self> {
        let mut used: BTreeMap<FaceId, BTreeSet<char>> = BTreeMap::new();
        for item in pages.pages.iter().flat_map(|page| &page.items) {
            if let Item::Glyphs(it) = item
                && it.field.is_none()
            {
                used.entry(it.face).or_default().extend(it.text.chars());
            }
        }
        let mut faces = BTreeMap::new();
        let mut document = PdfDocument::new("");
        for (face, mut chars) in used {
            chars.extend("0123456789.年月日".chars().filter(|c| {
                // Only what this very face draws.
                fonts.face(face).is_some_and(|it| it.glyph(*c) != 0)
            }));
            let subset = subset::subset(fonts, face, &chars)?;
            document
                .resources
                .fonts
                .map
                .insert(font_id((face, Part::Shared)), PdfFont::new(subset.font.clone()));
            faces.insert(face, subset);
        }
        let plain = document.to_lopdf_document(&save_options(), &mut Vec::new());
        Ok(Self { faces, deflated: Deflated::of(&plain)? })
    }

    /// A base that shares nothing, for pages that belong to no template.
    #[must_use]
    pub fn empty() -> Self {
        Self { faces: BTreeMap::new(), deflated: Deflated::default() }
    }

    fn has(&self, face: FaceId, c: char) -> bool {
        self.faces.get(&face).is_some_and(|subset| subset.chars.contains(&c))
    }
}

fn save_options() -> PdfSaveOptions {
    PdfSaveOptions { optimize: false, subset_fonts: false, secure: true, image_optimization: None }
}

/// Writes pages.
///
/// # Errors
/// When a face file has gone since layout read it, or cannot be cut down.
pub fn write(pages: &Pages, base: &Base, meta: &Meta, fonts: &FontStore) -> Result<Vec<u8>> {
    let mut document = PdfDocument::new(&meta.title);
    for (slot, chars) in used(pages, base) {
        let (face, part) = slot;
        let font = match (part, base.faces.get(&face)) {
            (Part::Shared, Some(subset)) => subset.font.clone(),
            _ => subset::subset(fonts, face, &chars)?.font,
        };
        document.resources.fonts.map.insert(font_id(slot), PdfFont::new(font));
    }
    let mut marks = Vec::new();
    for page in &pages.pages {
        let (ops, marked) = ops::page(page, base, fonts);
        document.pages.push(PdfPage::new(printpdf::Mm(210.0), printpdf::Mm(297.0), ops));
        marks.push(marked);
    }
    let mut file = document.to_lopdf_document(&save_options(), &mut Vec::new());
    finish::finish(&mut file, pages, &marks, &base.deflated, meta)?;
    let mut bytes = Vec::with_capacity(256 * 1024);
    let options = lopdf::SaveOptions::builder()
        .use_object_streams(true)
        .use_xref_streams(true)
        .max_objects_per_stream(200)
        .compression_level(6)
        .build();
    file.save_with_options(&mut bytes, options)
        .map_err(|cause| Error::internal(format!("pdf could not be written: {cause}")))?;
    Ok(bytes)
}

/// The characters each font is asked for.
fn used(pages: &Pages, base: &Base) -> BTreeMap<Slot, BTreeSet<char>> {
    let mut used: BTreeMap<Slot, BTreeSet<char>> = BTreeMap::new();
    for item in pages.pages.iter().flat_map(|page| &page.items) {
        if let Item::Glyphs(it) = item {
            for c in it.text.chars() {
                let part = if base.has(it.face, c) { Part::Shared } else { Part::Own };
                used.entry((it.face, part)).or_default().insert(c);
            }
        }
    }
    used
}
