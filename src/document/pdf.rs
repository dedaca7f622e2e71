//! Pages → PDF bytes. The writer only obeys: every place was decided by layout.
//!
//! `printpdf` writes the pages; a pass over the `lopdf` document it hands out adds what it lacks: fonts of our own making (it
//! would embed whole faces), dates and identifier taken from the input, XMP, output intent, structure, bookmarks, attached data.
//! The same pages and the same [`Meta`] give the same bytes.
//!
//! Each face is embedded as up to two fonts: one with the characters of the template, made and compressed once per process
//! ([`Base`]), and one with the few characters that this document adds. That makes a letter about as cheap as its pages.

mod attach;
mod finish;
mod icc;
mod made;
mod ops;
mod outline;
mod pack;
pub mod signature;
mod stamp;
mod structure;
pub(in crate::document) mod subset;
mod xmp;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use lopdf::{Dictionary, Document, Object, ObjectId};
use printpdf::{PdfDocument, PdfPage, PdfSaveOptions};

use super::font::{FaceId, FontStore};
use super::layout::item::{Item, Pages};
use crate::error::{Error, Result};
pub use made::Base;
pub(in crate::document) use made::Made;
pub use stamp::stamp;
use subset::Embedded;

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
    /// Data the document was made from, JSON, attached to the file; left out of [`Profile::A1b`], which forbids attachments.
    pub data: Option<Vec<u8>>,
    /// Which rules the file keeps.
    pub profile: Profile,
}

impl Meta {
    /// What is attached under this profile.
    fn attached(&self) -> Option<&[u8]> {
        self.data.as_deref().filter(|_| self.profile != Profile::A1b)
    }
}

/// The part of PDF/A (ISO 19005) that a file claims.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Profile {
    /// PDF/A-2a: structure and Unicode for every character; PDF/A-3a when data is attached, because part 2 allows only PDF/A
    /// files as attachments.
    #[default]
    Tagged,
    /// PDF/A-1b, PDF 1.4: what the oldest archives take; larger, because objects are not packed.
    A1b,
}

/// Which of the two fonts of a face.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Part {
    Shared,
    Own,
}

type Slot = (FaceId, Part);

/// The fonts of one file.
struct Fonts<'a> {
    base: &'a Base,
    own: BTreeMap<FaceId, Arc<Embedded>>,
}

impl<'a> Fonts<'a> {
    /// What the items need beyond the base.
    fn of<'i>(items: impl Iterator<Item = &'i Item>, base: &'a Base, store: &FontStore) -> Result<Self> {
        let mut missing: BTreeMap<FaceId, BTreeSet<char>> = BTreeMap::new();
        for item in items {
            if let Item::Glyphs(it) = item {
                let shared = base.face(it.face);
                let lacks = |c: &char| shared.is_none_or(|font| !font.codes.contains_key(c));
                for c in it.text.chars().filter(lacks) {
                    missing.entry(it.face).or_default().insert(c);
                }
            }
        }
        let mut own = BTreeMap::new();
        for (face, chars) in missing {
            own.insert(face, store.made.own(store, face, &chars)?);
        }
        Ok(Self { base, own })
    }

    fn get(&self, (face, part): Slot) -> Option<&Embedded> {
        match part {
            Part::Shared => self.base.face(face),
            Part::Own => self.own.get(&face).map(Arc::as_ref),
        }
    }

    /// Which font draws a character, and its code there.
    fn code(&self, face: FaceId, c: char) -> (Part, u16) {
        let in_part =
            |part| self.get((face, part)).and_then(|font| font.codes.get(&c)).map(|code| (part, *code));
        in_part(Part::Shared).or_else(|| in_part(Part::Own)).unwrap_or((Part::Own, 0))
    }

    /// Puts the fonts of these slots into a file; gives the dictionary of resources.
    fn add(&self, file: &mut Document, slots: &BTreeSet<Slot>, profile: Profile) -> Dictionary {
        let mut named = Dictionary::new();
        for &slot in slots {
            if let Some(font) = self.get(slot) {
                named.set(font_name(slot), font.add(file, profile == Profile::A1b));
            }
        }
        named
    }
}

fn font_name((face, part): Slot) -> String {
    // Lower case, because F1 to F14 are taken by the builtin fonts.
    format!("{}{face}", if part == Part::Shared { 'b' } else { 'f' })
}

/// `secure` would drop text that comes as codes instead of characters.
fn save_options() -> PdfSaveOptions {
    PdfSaveOptions { optimize: false, subset_fonts: false, secure: false, image_optimization: None }
}

/// Writes pages.
///
/// # Errors
/// When a face file has gone since layout read it, or cannot be cut down.
pub fn write(pages: &Pages, base: &Base, meta: &Meta, store: &FontStore) -> Result<Vec<u8>> {
    let fonts = Fonts::of(pages.pages.iter().flat_map(|page| &page.items), base, store)?;
    let mut document = PdfDocument::new("");
    let (mut marks, mut slots) = (Vec::new(), BTreeSet::new());
    for page in &pages.pages {
        let drawn = ops::page(page, &fonts, store);
        document.pages.push(PdfPage::new(printpdf::Mm(210.0), printpdf::Mm(297.0), drawn.ops));
        marks.push(drawn.marked);
        slots.extend(drawn.slots);
    }
    let mut file = document.to_lopdf_document(&save_options(), &mut Vec::new());
    let named = fonts.add(&mut file, &slots, meta.profile);
    fill_fonts(&mut file, named)?;
    finish::finish(&mut file, pages, &marks, meta)?;
    save(&mut file, meta.profile)
}

/// `printpdf` gives all pages one dictionary of fonts, which is empty because it knows none.
fn fill_fonts(file: &mut Document, named: Dictionary) -> Result<()> {
    let page = file.get_pages().into_values().next();
    let of = |file: &Document, id: ObjectId| -> Option<ObjectId> {
        let page = file.get_object(id).ok()?.as_dict().ok()?;
        let resources = file.get_object(page.get(b"Resources").ok()?.as_reference().ok()?).ok()?;
        resources.as_dict().ok()?.get(b"Font").ok()?.as_reference().ok()
    };
    let id = page.and_then(|page| of(file, page));
    file.set_object(id.ok_or_else(|| Error::internal("printpdf wrote no font dictionary"))?, named);
    Ok(())
}

fn save(file: &mut Document, profile: Profile) -> Result<Vec<u8>> {
    let mut bytes = Vec::with_capacity(256 * 1024);
    let packed = profile != Profile::A1b;
    let options = lopdf::SaveOptions::builder()
        .use_object_streams(packed)
        .use_xref_streams(packed)
        .max_objects_per_stream(400)
        .compression_level(6)
        .build();
    file.save_with_options(&mut bytes, options)
        .map_err(|cause| Error::internal(format!("pdf could not be written: {cause}")))?;
    Ok(bytes)
}

/// Thirty-two hex digits that tell one document from another, from what it says about itself.
pub(in crate::document) fn identifier(about: &str) -> String {
    let low = pack::fnv(about.bytes());
    format!("{low:016x}{:016x}", pack::fnv(about.bytes().chain(low.to_be_bytes())))
}

/// A number of things as PDF counts.
fn integer(number: usize) -> Object {
    Object::Integer(i64::try_from(number).unwrap_or(i64::MAX))
}

/// UTF-16 with its mark, which every reader shows.
fn words(text: &str) -> Object {
    let bytes = [0xFE, 0xFF].into_iter().chain(text.encode_utf16().flat_map(u16::to_be_bytes)).collect();
    Object::String(bytes, lopdf::StringFormat::Hexadecimal)
}
