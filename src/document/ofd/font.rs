//! Faces cut down for OFD: whole font files, because its readers look glyphs up by character.

use std::collections::BTreeSet;

use crate::document::font::{FaceId, FontStore, sfnt};
use crate::document::pdf::subset;
use crate::error::{Error, Result};

/// Tables of a subset that are taken over as they are.
const TABLES: [&[u8; 4]; 11] =
    [b"CFF ", b"glyf", b"loca", b"head", b"hhea", b"hmtx", b"maxp", b"cvt ", b"fpgm", b"prep", b"name"];

/// Name and file of a face with only these characters.
pub(super) fn make(store: &FontStore, id: FaceId, chars: &BTreeSet<char>) -> Result<(String, Vec<u8>)> {
    let face = store.face(id).ok_or_else(|| Error::internal("face lost between layout and writing"))?;
    let subset = subset::cut(store, id, chars)?;
    let mut tables: Vec<([u8; 4], Vec<u8>)> =
        TABLES.iter().filter_map(|tag| Some((**tag, sfnt::table(&subset.file, tag)?.to_vec()))).collect();
    tables.push((*b"cmap", sfnt::character_map(subset.glyphs.iter().map(|(c, glyph)| (*c, *glyph)))));
    // Weight, heights and permissions stay those of the whole face.
    let about = store
        .with_bytes(id, |bytes, index| sfnt::table_of_face(bytes, index, b"OS/2").map(<[u8]>::to_vec))?;
    tables.extend(about.map(|about| (*b"OS/2", about)));
    tables.push((*b"post", without_names()));
    Ok((face.name.clone(), sfnt::build(tables)))
}

/// A `post` table of version 3: glyphs have no names.
fn without_names() -> Vec<u8> {
    let mut table = vec![0, 3, 0, 0];
    table.resize(32, 0);
    table
}

/// How the name of a font file ends.
pub(super) fn ending(file: &[u8]) -> &'static str {
    if file.starts_with(b"OTTO") { "otf" } else { "ttf" }
}
