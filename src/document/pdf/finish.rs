//! The pass over the finished document: identifier, dates, metadata, output intent, structure, compression.

use std::collections::HashMap;
use std::io::Write;
use std::sync::OnceLock;

use lopdf::{Dictionary, Document, Object, ObjectId, Stream, StringFormat, dictionary};

use super::{Meta, icc, structure, xmp};
use crate::document::layout::item::Pages;
use crate::error::{Error, Result};

/// Streams that were compressed before, found again by their contents.
#[derive(Default)]
pub(super) struct Deflated(HashMap<(usize, u64), (Vec<u8>, Vec<u8>)>);

/// Smaller streams are compressed faster than looked up.
const WORTH_KEEPING: usize = 2_000;

impl Deflated {
    /// Compresses the streams of a document and keeps them.
    pub(super) fn of(file: &Document) -> Result<Self> {
        let mut kept = HashMap::new();
        for object in file.objects.values() {
            if let Object::Stream(stream) = object
                && stream.content.len() >= WORTH_KEEPING
            {
                kept.insert(key(&stream.content), (stream.content.clone(), deflate(&stream.content)?));
            }
        }
        Ok(Self(kept))
    }

    fn get(&self, content: &[u8]) -> Result<Vec<u8>> {
        if content.len() >= WORTH_KEEPING
            && let Some((plain, packed)) = self.0.get(&key(content))
            && plain == content
        {
            return Ok(packed.clone());
        }
        deflate(content)
    }
}

/// A sample of the bytes is enough, because the contents are compared after.
fn key(content: &[u8]) -> (usize, u64) {
    (content.len(), fnv(content.iter().step_by((content.len() / 256).max(1)).copied()))
}

/// FNV-1a: tells contents apart where nobody would gain from a collision.
pub(super) fn fnv(bytes: impl IntoIterator<Item = u8>) -> u64 {
    bytes
        .into_iter()
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

fn deflate(content: &[u8]) -> Result<Vec<u8>> {
    let mut encoder =
        flate2::write::ZlibEncoder::new(Vec::with_capacity(content.len() / 2), flate2::Compression::new(6));
    encoder.write_all(content).and_then(|()| encoder.finish()).map_err(Error::internal)
}

/// Makes the document complete and independent of when and where it was made.
pub(super) fn finish(
    file: &mut Document,
    pages: &Pages,
    marks: &[Vec<usize>],
    deflated: &Deflated,
    meta: &Meta,
) -> Result<()> {
    file.version = "1.7".to_owned();
    let root = reference(file, b"Root")?;
    let ids: Vec<ObjectId> = file.get_pages().into_values().collect();
    information(file, meta)?;
    let mut entries = vec![
        ("Lang", Object::string_literal("zh-CN")),
        ("ViewerPreferences", Object::Dictionary(dictionary! { "DisplayDocTitle" => true })),
        ("PageMode", Object::Name(b"UseNone".to_vec())),
        ("OutputIntents", output_intents(file)?),
        ("Metadata", metadata(file, meta)),
        ("MarkInfo", Object::Dictionary(dictionary! { "Marked" => true })),
    ];
    let tree = structure::add(file, &pages.elements, &ids, marks);
    entries.push(("StructTreeRoot", Object::Reference(tree)));
    let catalog = file.get_object_mut(root).and_then(Object::as_dict_mut).map_err(Error::internal)?;
    catalog.remove(b"PageLayout");
    for (key, value) in entries {
        catalog.set(key, value);
    }
    for id in ids {
        drop_empty_annotations(file, id);
    }
    identify(file, pages, meta);
    compress(file, deflated)
}

fn reference(file: &Document, key: &[u8]) -> Result<ObjectId> {
    file.trailer.get(key).and_then(Object::as_reference).map_err(Error::internal)
}

/// UTF-16 with its mark, which every reader shows.
fn words(text: &str) -> Object {
    let bytes = [0xFE, 0xFF].into_iter().chain(text.encode_utf16().flat_map(u16::to_be_bytes)).collect();
    Object::String(bytes, StringFormat::Hexadecimal)
}

fn information(file: &mut Document, meta: &Meta) -> Result<()> {
    let id = reference(file, b"Info")?;
    let mut info = Dictionary::new();
    let facts = [("Title", &meta.title), ("Author", &meta.author), ("Subject", &meta.subject)];
    for (key, value) in facts.into_iter().filter(|(_, value)| !value.is_empty()) {
        info.set(key, words(value));
    }
    info.set("Creator", Object::string_literal(xmp::PRODUCER));
    info.set("Producer", Object::string_literal(xmp::PRODUCER));
    if let Some(date) = meta.date {
        let at = date.format("D:%Y%m%d000000+08'00'").to_string();
        info.set("CreationDate", Object::string_literal(at.clone()));
        info.set("ModDate", Object::string_literal(at));
    }
    file.set_object(id, info);
    Ok(())
}

fn metadata(file: &mut Document, meta: &Meta) -> Object {
    let mut stream = Stream::new(dictionary! { "Type" => "Metadata", "Subtype" => "XML" }, xmp::packet(meta));
    // PDF/A wants it readable without a PDF library.
    stream.allows_compression = false;
    Object::Reference(file.add_object(stream))
}

fn output_intents(file: &mut Document) -> Result<Object> {
    static PROFILE: OnceLock<Vec<u8>> = OnceLock::new();
    let packed = match PROFILE.get() {
        Some(packed) => packed,
        None => {
            let made = deflate(&icc::srgb())?;
            PROFILE.get_or_init(|| made)
        }
    };
    let mut stream = Stream::new(dictionary! { "N" => 3, "Filter" => "FlateDecode" }, packed.clone());
    stream.allows_compression = false;
    let profile = file.add_object(stream);
    Ok(Object::Array(vec![Object::Dictionary(dictionary! {
        "Type" => "OutputIntent",
        "S" => "GTS_PDFA1",
        "OutputConditionIdentifier" => Object::string_literal("sRGB"),
        "Info" => Object::string_literal("sRGB IEC61966-2.1"),
        "DestOutputProfile" => profile,
    })]))
}

fn drop_empty_annotations(file: &mut Document, page: ObjectId) {
    if let Ok(page) = file.get_object_mut(page).and_then(Object::as_dict_mut)
        && matches!(page.get(b"Annots"), Ok(Object::Array(all)) if all.is_empty())
    {
        page.remove(b"Annots");
    }
}

/// The identifier of the file, from what is printed and what the file says about itself.
fn identify(file: &mut Document, pages: &Pages, meta: &Meta) {
    let listing = pages.to_listing();
    let about = format!("{meta:?}");
    let low = fnv(listing.bytes().chain(about.bytes()));
    let high = fnv(about.bytes().chain(listing.bytes()).chain([1]));
    let bytes = [low.to_be_bytes(), high.to_be_bytes()].concat();
    let id = Object::String(bytes, StringFormat::Hexadecimal);
    file.trailer.set("ID", Object::Array(vec![id.clone(), id]));
}

fn compress(file: &mut Document, deflated: &Deflated) -> Result<()> {
    for object in file.objects.values_mut() {
        let Object::Stream(stream) = object else { continue };
        if stream.allows_compression && stream.dict.get(b"Filter").is_err() {
            let packed = deflated.get(&stream.content)?;
            if packed.len() + 19 < stream.content.len() {
                stream.dict.set("Filter", "FlateDecode");
                stream.set_content(packed);
            }
        }
        stream.allows_compression = false;
    }
    Ok(())
}
