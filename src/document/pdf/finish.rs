//! The pass over the finished document: identifier, dates, metadata, output intent, structure, compression.

use std::sync::OnceLock;

use lopdf::{Dictionary, Document, Object, ObjectId, StringFormat, dictionary};

use super::{Meta, Profile, attach, icc, outline, pack, structure, words, xmp};
use crate::document::layout::item::{Item, Pages};
use crate::error::{Error, Result};

/// Makes the document complete and independent of when and where it was made.
pub(super) fn finish(file: &mut Document, pages: &Pages, marks: &[Vec<usize>], meta: &Meta) -> Result<()> {
    file.version = if meta.profile == Profile::A1b { "1.4" } else { "1.7" }.to_owned();
    let root = reference(file, b"Root")?;
    let ids: Vec<ObjectId> = file.get_pages().into_values().collect();
    information(file, meta)?;
    let mut catalog = file.get_object(root).and_then(Object::as_dict).map_err(Error::internal)?.clone();
    catalog.remove(b"PageLayout");
    catalog.set("Lang", Object::string_literal("zh-CN"));
    catalog.set("ViewerPreferences", dictionary! { "DisplayDocTitle" => true });
    catalog.set("OutputIntents", output_intents(file)?);
    catalog.set("Metadata", metadata(file, meta));
    catalog.set("MarkInfo", dictionary! { "Marked" => true });
    catalog.set("StructTreeRoot", structure::add(file, &pages.elements, &ids, marks));
    if let Some(outlines) = outline::add(file, pages, &ids) {
        catalog.set("Outlines", outlines);
    }
    if let Some(data) = meta.attached() {
        attach::add(file, &mut catalog, data, meta)?;
    }
    file.set_object(root, catalog);
    for id in ids {
        drop_empty_annotations(file, id);
    }
    identify(file, pages, meta);
    compress(file)
}

fn reference(file: &Document, key: &[u8]) -> Result<ObjectId> {
    file.trailer.get(key).and_then(Object::as_reference).map_err(Error::internal)
}

/// Midnight China time.
pub(super) fn pdf_date(date: chrono::NaiveDate) -> Object {
    Object::string_literal(date.format("D:%Y%m%d000000+08'00'").to_string())
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
        info.set("CreationDate", pdf_date(date));
        info.set("ModDate", pdf_date(date));
    }
    file.set_object(id, info);
    Ok(())
}

fn metadata(file: &mut Document, meta: &Meta) -> Object {
    // PDF/A wants it readable without a PDF library.
    let packet = pack::plain(dictionary! { "Type" => "Metadata", "Subtype" => "XML" }, xmp::packet(meta));
    Object::Reference(file.add_object(packet))
}

fn output_intents(file: &mut Document) -> Result<Object> {
    static PROFILE: OnceLock<Vec<u8>> = OnceLock::new();
    let packed = match PROFILE.get() {
        Some(packed) => packed,
        None => {
            let made = pack::deflate(&icc::srgb())?;
            PROFILE.get_or_init(|| made)
        }
    };
    let stream = pack::plain(dictionary! { "N" => 3, "Filter" => "FlateDecode" }, packed.clone());
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
    let about = format!("{meta:?}");
    let printed = pages.pages.iter().flat_map(|page| &page.items).filter_map(|item| match item {
        Item::Glyphs(it) => Some(it.text.bytes().chain(it.x.to_be_bytes()).chain(it.y.to_be_bytes())),
        _ => None,
    });
    let low = pack::fnv(printed.flatten().chain(about.bytes()));
    let high = pack::fnv(about.bytes().chain(low.to_be_bytes()));
    let id = Object::String([low.to_be_bytes(), high.to_be_bytes()].concat(), StringFormat::Hexadecimal);
    file.trailer.set("ID", Object::Array(vec![id.clone(), id]));
}

/// What is left to compress: the contents of the pages.
fn compress(file: &mut Document) -> Result<()> {
    for object in file.objects.values_mut() {
        let Object::Stream(stream) = object else { continue };
        if stream.allows_compression && stream.dict.get(b"Filter").is_err() {
            let packed = pack::deflate(&stream.content)?;
            stream.dict.set("Filter", "FlateDecode");
            stream.set_content(packed);
        }
        stream.allows_compression = false;
    }
    Ok(())
}
