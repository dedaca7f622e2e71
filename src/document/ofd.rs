//! Pages → OFD (GB/T 33190-2016), the national format for fixed pages: the same places as in the PDF, text that can be selected, faces embedded.
//!
//! The same pages and the same [`Meta`] give the same bytes.

mod font;
mod page;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use super::font::{FaceId, FontStore};
use super::layout::item::{Item, Pages};
use super::package;
use super::pdf::Meta;
use super::xml::escape;
use crate::error::Result;

const HEAD: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";
const SPACE: &str = "xmlns:ofd=\"http://www.ofdspec.org/2016\"";

/// Gives out the numbers by which parts of a document name each other (GB/T 33190, 7.5).
#[derive(Default)]
struct Ids(u32);

impl Ids {
    fn next(&mut self) -> u32 {
        self.0 += 1;
        self.0
    }
}

/// Writes pages.
///
/// # Errors
/// When a face file has gone since layout read it, or cannot be cut down.
pub fn write(pages: &Pages, meta: &Meta, store: &FontStore) -> Result<Vec<u8>> {
    let mut ids = Ids::default();
    let used = used(pages);
    let faces: BTreeMap<FaceId, u32> = used.keys().map(|face| (*face, ids.next())).collect();
    let page_ids: Vec<u32> = pages.pages.iter().map(|_| ids.next()).collect();
    let mut parts = vec![("OFD.xml".to_owned(), entry(meta).into_bytes())];
    let mut contents = Vec::new();
    for (number, page) in pages.pages.iter().enumerate() {
        let name = format!("Doc_0/Pages/Page_{number}/Content.xml");
        contents.push((name, page::content(page, &faces, &mut ids, store).into_bytes()));
    }
    parts.push(("Doc_0/Document.xml".to_owned(), document(&page_ids, &ids).into_bytes()));
    let mut resources = format!("{HEAD}<ofd:Res {SPACE} BaseLoc=\"Res\"><ofd:Fonts>");
    let mut files = Vec::new();
    for (face, chars) in &used {
        let Some(id) = faces.get(face) else { continue };
        let (name, file) = font::make(store, *face, chars)?;
        let (name, place) = (escape(&name).into_owned(), format!("font_{id}.{}", font::ending(&file)));
        // Writing to a String cannot fail.
        let _ = write!(
            resources,
            "<ofd:Font ID=\"{id}\" FontName=\"{name}\" FamilyName=\"{name}\"><ofd:FontFile>{place}</ofd:FontFile></ofd:Font>"
        );
        files.push((format!("Doc_0/Res/{place}"), file));
    }
    resources.push_str("</ofd:Fonts></ofd:Res>");
    parts.push(("Doc_0/PublicRes.xml".to_owned(), resources.into_bytes()));
    parts.extend(contents);
    parts.extend(files);
    package::pack(&parts)
}

/// The characters each face is asked for.
fn used(pages: &Pages) -> BTreeMap<FaceId, BTreeSet<char>> {
    let mut used: BTreeMap<FaceId, BTreeSet<char>> = BTreeMap::new();
    for item in pages.pages.iter().flat_map(|page| &page.items) {
        if let Item::Glyphs(it) = item {
            used.entry(it.face).or_default().extend(it.text.chars());
        }
    }
    used
}

/// The entry of the file: what it is, and where its only document begins.
fn entry(meta: &Meta) -> String {
    let mut info = format!("<ofd:DocID>{}</ofd:DocID>", super::pdf::identifier(&format!("{meta:?}")));
    let mut tell = |name: &str, value: &str| {
        if !value.is_empty() {
            let _ = write!(info, "<ofd:{name}>{}</ofd:{name}>", escape(value));
        }
    };
    tell("Title", &meta.title);
    tell("Author", &meta.author);
    tell("Subject", &meta.subject);
    tell("CreationDate", &meta.date.map(|date| date.to_string()).unwrap_or_default());
    tell("Creator", "hub");
    format!(
        "{HEAD}<ofd:OFD {SPACE} DocType=\"OFD\" Version=\"1.0\"><ofd:DocBody><ofd:DocInfo>{info}</ofd:DocInfo>\
         <ofd:DocRoot>Doc_0/Document.xml</ofd:DocRoot></ofd:DocBody></ofd:OFD>"
    )
}

fn document(page_ids: &[u32], ids: &Ids) -> String {
    let mut out = format!(
        "{HEAD}<ofd:Document {SPACE}><ofd:CommonData><ofd:MaxUnitID>{}</ofd:MaxUnitID>\
         <ofd:PageArea><ofd:PhysicalBox>0 0 210 297</ofd:PhysicalBox></ofd:PageArea>\
         <ofd:PublicRes>PublicRes.xml</ofd:PublicRes></ofd:CommonData><ofd:Pages>",
        ids.0
    );
    for (number, id) in page_ids.iter().enumerate() {
        let _ = write!(out, "<ofd:Page ID=\"{id}\" BaseLoc=\"Pages/Page_{number}/Content.xml\"/>");
    }
    out.push_str("</ofd:Pages></ofd:Document>");
    out
}
