//! Signatures of PDF files as incremental updates (ISO 32000-1, 12.8; ETSI EN 319 142): the signed bytes are never touched again.
//!
//! [`prepare`] appends everything but the signature itself and leaves a hole for it; whoever has the key signs
//! [`Prepared::parts`] and hands the result to [`Prepared::embed`]. A visible seal is the appearance of the signature, so that it
//! cannot be had without it. [`find`] lists the signatures of a file with the bytes each covers and what was changed behind it.

mod compare;

use std::ops::Range;

use chrono::{DateTime, FixedOffset};
use lopdf::{Dictionary, Document, IncrementalDocument, Object, ObjectId, StringFormat, dictionary};
use printpdf::{PdfDocument, PdfPage};

use super::ops::{points, up};
use super::{Base, Fonts, Profile, ops, pack, save_options, words};
use crate::document::font::FontStore;
use crate::document::layout::item::{Item, Page};
use crate::error::{Error, Result, codes};
pub use compare::Change;

/// Room for the signature: 8 KiB hold some six certificates.
const ROOM: usize = 8 * 1024;
/// Stands for a number of ten digits until the places are known.
const UNKNOWN: i64 = 9_999_999_999;

/// What kind of signature will be put in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// `PAdES` (`ETSI.CAdES.detached`): RSA or ECDSA.
    Pades,
    /// `adbe.pkcs7.detached`: SM2, for which `PAdES` has no profile.
    Pkcs7,
}

/// What a signature says to people.
#[derive(Debug, Clone)]
pub struct Signing<'a> {
    /// In whose name.
    pub name: &'a str,
    /// What for.
    pub reason: &'a str,
    /// When, by the clock of the signer.
    pub at: DateTime<FixedOffset>,
    /// What will be put in.
    pub form: Form,
    /// What shows on paper; none for a signature that is not seen.
    pub seal: Option<VisibleSeal<'a>>,
}

/// The drawing of a seal, bound to the signature.
#[derive(Debug, Clone)]
pub struct VisibleSeal<'a> {
    /// Page, from 1.
    pub page: usize,
    /// Left, top, width and height of the square around it, mm from the upper left corner of the sheet.
    pub frame: [f64; 4],
    /// What is drawn, in places on the sheet.
    pub items: &'a [Item],
}

/// A file that lacks only its signature.
#[derive(Debug)]
pub struct Prepared {
    bytes: Vec<u8>,
    /// The hexadecimal string with its angle brackets.
    hole: Range<usize>,
}

impl Prepared {
    /// The bytes to be signed, one after another: everything but the hole.
    #[must_use]
    pub fn parts(&self) -> [&[u8]; 2] {
        [
            self.bytes.get(..self.hole.start).unwrap_or_default(),
            self.bytes.get(self.hole.end..).unwrap_or_default(),
        ]
    }

    /// The signed file.
    ///
    /// # Errors
    /// When the signature is larger than the hole.
    pub fn embed(mut self, signature: &[u8]) -> Result<Vec<u8>> {
        if signature.len() > ROOM {
            return Err(Error::internal(format!("signature of {} bytes, room for {ROOM}", signature.len())));
        }
        let hex = signature.iter().flat_map(|byte| format!("{byte:02X}").into_bytes());
        for (place, digit) in self.bytes.iter_mut().skip(self.hole.start + 1).zip(hex) {
            *place = digit;
        }
        Ok(self.bytes)
    }
}

fn no_pdf(cause: impl std::fmt::Display) -> Error {
    Error::new(codes::document::NOT_A_PDF, "这个文件不是完整的 PDF，读不出来。").because(cause)
}

fn load(pdf: &[u8]) -> Result<Document> {
    let file = Document::load_mem(pdf).map_err(no_pdf)?;
    if file.is_encrypted() {
        return Err(no_pdf("encrypted"));
    }
    Ok(file)
}

/// Appends a signature field, its appearance and a signature with a hole in it.
///
/// # Errors
/// When `pdf` cannot be read, has no such page, or the seal cannot be drawn.
pub fn prepare(pdf: &[u8], signing: &Signing<'_>, store: &FontStore) -> Result<Prepared> {
    let old = load(pdf)?;
    let number = signing.seal.as_ref().map_or(old.get_pages().len(), |seal| seal.page);
    let page = u32::try_from(number).ok().and_then(|number| old.get_pages().get(&number).copied());
    let page = page.ok_or_else(|| no_pdf(format!("no page {number}")))?;
    let root = old.trailer.get(b"Root").and_then(Object::as_reference).map_err(no_pdf)?;
    let mut catalog = old.get_dictionary(root).map_err(no_pdf)?.clone();
    let mut sheet = old.get_dictionary(page).map_err(no_pdf)?.clone();
    let mut form =
        followed(&old, &catalog, b"AcroForm").and_then(|it| it.as_dict().ok().cloned()).unwrap_or_default();
    let mut fields = array(&old, &form, b"Fields");
    let mut notes = array(&old, &sheet, b"Annots");
    let mut update = IncrementalDocument::create_from(pdf.to_vec(), old);
    let file = &mut update.new_document;

    let signature = file.add_object(about(signing));
    let (rect, appearance) = appearance(file, signing.seal.as_ref(), store)?;
    let widget = file.add_object(dictionary! {
        "Type" => "Annot", "Subtype" => "Widget", "FT" => "Sig",
        "T" => Object::string_literal(format!("Signature{}", fields.len() + 1)),
        "V" => signature, "P" => page, "Rect" => rect,
        // Printed, and fixed in its place (12.5.3).
        "F" => 132,
        "AP" => dictionary! { "N" => appearance },
    });
    fields.push(Object::Reference(widget));
    notes.push(Object::Reference(widget));
    form.set("Fields", fields);
    // Signatures exist, and the file may only be appended to (12.7.2).
    form.set("SigFlags", 3);
    catalog.set("AcroForm", form);
    sheet.set("Annots", notes);
    file.set_object(root, catalog);
    file.set_object(page, sheet);
    let mut bytes = Vec::with_capacity(pdf.len() + 4 * ROOM);
    update.save_to(&mut bytes).map_err(Error::internal)?;
    with_places(bytes, pdf.len())
}

fn about(signing: &Signing<'_>) -> Dictionary {
    let sub_filter = match signing.form {
        Form::Pades => "ETSI.CAdES.detached",
        Form::Pkcs7 => "adbe.pkcs7.detached",
    };
    let at = signing.at.format("D:%Y%m%d%H%M%S%:z").to_string();
    dictionary! {
        "Type" => "Sig",
        "Filter" => "Adobe.PPKLite",
        "SubFilter" => sub_filter,
        "Name" => words(signing.name),
        "Reason" => words(signing.reason),
        // +08:00 is written +08'00'.
        "M" => Object::string_literal(match at.rsplit_once(':') {
            Some((hours, minutes)) => format!("{hours}'{minutes}'"),
            None => at,
        }),
        "ByteRange" => vec![Object::Integer(0), UNKNOWN.into(), UNKNOWN.into(), UNKNOWN.into()],
        "Contents" => Object::String(vec![0; ROOM], StringFormat::Hexadecimal),
    }
}

fn followed<'a>(file: &'a Document, dict: &'a Dictionary, key: &[u8]) -> Option<&'a Object> {
    file.dereference(dict.get(key).ok()?).ok().map(|(_, object)| object)
}

fn array(file: &Document, dict: &Dictionary, key: &[u8]) -> Vec<Object> {
    followed(file, dict, key).and_then(|it| it.as_array().ok()).cloned().unwrap_or_default()
}

/// The place of the widget, and what it looks like: a form with the coordinates of the sheet, so that nothing is scaled.
fn appearance(
    file: &mut Document,
    seal: Option<&VisibleSeal<'_>>,
    store: &FontStore,
) -> Result<(Vec<Object>, ObjectId)> {
    let (rect, content, resources) = match seal {
        None => (vec![Object::Integer(0); 4], Vec::new(), Dictionary::new()),
        Some(seal) => {
            let [x, y, width, height] = seal.frame;
            let corners = [points(x), up(y + height), points(x + width), up(y)];
            let (content, fonts) = drawn(file, seal.items, store)?;
            (corners.map(Object::Real).to_vec(), content, dictionary! { "Font" => fonts })
        }
    };
    let about = dictionary! {
        "Type" => "XObject", "Subtype" => "Form", "BBox" => rect.clone(), "Resources" => resources,
    };
    let id = file.add_object(pack::stream(about, &content)?);
    Ok((rect, id))
}

/// The operations of a drawing, its fonts put into `file`.
fn drawn(file: &mut Document, items: &[Item], store: &FontStore) -> Result<(Vec<u8>, Dictionary)> {
    let base = Base::empty();
    let fonts = Fonts::of(items.iter(), &base, store)?;
    let drawn = ops::page(&Page { items: items.to_vec() }, &fonts, store);
    let mut sheet = PdfDocument::new("");
    sheet.pages.push(PdfPage::new(printpdf::Mm(210.0), printpdf::Mm(297.0), drawn.ops));
    let sheet = sheet.to_lopdf_document(&save_options(), &mut Vec::new());
    let content = sheet.get_pages().values().next().map(|page| sheet.get_page_content(*page));
    let named = fonts.add(file, &drawn.slots, Profile::Tagged);
    Ok((content.unwrap_or_default(), named))
}

/// Fills in which bytes are signed, now that they are known; `from` is where the update begins.
fn with_places(mut bytes: Vec<u8>, from: usize) -> Result<Prepared> {
    let lost = || Error::internal("the update has no room for a signature");
    let find = |bytes: &[u8], wanted: &[u8]| {
        let update = bytes.get(from..)?;
        Some(from + update.windows(wanted.len()).position(|it| it == wanted)?)
    };
    let zeros = [b"<".as_slice(), &[b'0'; 2 * ROOM], b">"].concat();
    let start = find(&bytes, &zeros).ok_or_else(lost)?;
    let hole = start..start + zeros.len();
    let unknown = format!("0 {UNKNOWN} {UNKNOWN} {UNKNOWN}");
    let at = find(&bytes, unknown.as_bytes()).ok_or_else(lost)?;
    let known = format!("0 {} {} {}", hole.start, hole.end, bytes.len() - hole.end);
    let known = format!("{known:width$}", width = unknown.len());
    for (place, byte) in bytes.iter_mut().skip(at).zip(known.bytes()) {
        *place = byte;
    }
    Ok(Prepared { bytes, hole })
}

/// A signature as it stands in a file. Whether it is right is for whoever can check [`Found::contents`].
#[derive(Debug, Clone)]
pub struct Found {
    /// In whose name, as it says.
    pub name: String,
    /// What for, as it says.
    pub reason: String,
    /// When, as it says; none when it does not or not in a way that can be read.
    pub at: Option<DateTime<FixedOffset>>,
    /// The signature itself, zeros behind it.
    pub contents: Vec<u8>,
    /// Whether the file was changed behind it, and how.
    pub change: Change,
    ranges: [Range<usize>; 2],
}

impl Found {
    /// The bytes that were signed, taken from the file it was found in.
    #[must_use]
    pub fn parts<'a>(&self, pdf: &'a [u8]) -> [&'a [u8]; 2] {
        self.ranges.clone().map(|range| pdf.get(range).unwrap_or_default())
    }
}

/// The signatures of a file, in the order of its fields; none when it has none.
///
/// # Errors
/// When the file cannot be read, or a signature leaves out more of it than itself.
pub fn find(pdf: &[u8]) -> Result<Vec<Found>> {
    let file = load(pdf)?;
    let root = file.trailer.get(b"Root").and_then(Object::as_reference).map_err(no_pdf)?;
    let catalog = file.get_dictionary(root).map_err(no_pdf)?;
    let Some(form) = followed(&file, catalog, b"AcroForm").and_then(|it| it.as_dict().ok()) else {
        return Ok(Vec::new());
    };
    let fields = array(&file, form, b"Fields");
    let signed = fields.iter().filter_map(|field| {
        let field = file.dereference(field).ok()?.1.as_dict().ok()?;
        (field.get(b"FT").and_then(Object::as_name).ok()? == b"Sig").then_some(())?;
        followed(&file, field, b"V")?.as_dict().ok()
    });
    signed.map(|signature| found(pdf, &file, signature)).collect()
}

fn found(pdf: &[u8], file: &Document, signature: &Dictionary) -> Result<Found> {
    let broken =
        || Error::new(codes::document::SIGNATURE_BROKEN, "签名没有写明它保护文件的哪些字节，不能核验。");
    let numbers: Vec<usize> = array(file, signature, b"ByteRange")
        .iter()
        .filter_map(|it| it.as_i64().ok().and_then(|it| usize::try_from(it).ok()))
        .collect();
    let [0, first, second, length] = numbers[..] else { return Err(broken()) };
    let end = second.checked_add(length).filter(|end| *end <= pdf.len()).ok_or_else(broken)?;
    // What is left out must be the signature and nothing else, or anything could be put there.
    let hole = pdf.get(first..second).ok_or_else(broken)?;
    let contents = unhex(hole).ok_or_else(broken)?;
    let text = |key: &[u8]| {
        followed(file, signature, key).and_then(|it| lopdf::decode_text_string(it).ok()).unwrap_or_default()
    };
    Ok(Found {
        name: text(b"Name"),
        reason: text(b"Reason"),
        at: moment(&text(b"M")),
        contents,
        change: compare::behind(pdf, file, end),
        ranges: [0..first, second..end],
    })
}

fn unhex(hole: &[u8]) -> Option<Vec<u8>> {
    let digits = hole.strip_prefix(b"<")?.strip_suffix(b">")?;
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|it| u8::try_from(it).ok());
    digits
        .chunks(2)
        .map(|pair| match pair {
            [high, low] => Some(digit(*high)? << 4 | digit(*low)?),
            _ => None,
        })
        .collect()
}

/// `D:20260302093000+08'00'`.
fn moment(text: &str) -> Option<DateTime<FixedOffset>> {
    let plain = text.trim_start_matches("D:").replace('\'', "").replace('Z', "+0000");
    DateTime::parse_from_str(&plain, "%Y%m%d%H%M%S%z").ok()
}
