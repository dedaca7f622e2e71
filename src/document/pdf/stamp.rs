//! A mark over the pages of a finished file: 作废 across every page of a void document. It is drawn as hollow letters, so that
//! the text below stays readable and no font has to be added.

use std::fmt::Write;

use lopdf::{Dictionary, Document, Object, Stream};

use crate::document::font::{FontStore, Role, Segment};
use crate::error::{Error, Result};

/// Height of the letters, points.
const SIZE: f64 = 150.0;

/// The file with `words` across every page. Memory: the file, taken apart once.
///
/// # Errors
/// The bytes are no PDF, or the face file is gone.
pub fn stamp(bytes: &[u8], words: &str, fonts: &FontStore) -> Result<Vec<u8>> {
    let broken = |cause: lopdf::Error| Error::internal(format!("pdf cannot be stamped: {cause}"));
    let mut document = Document::load_mem(bytes).map_err(broken)?;
    let mark = drawing(words, fonts)?;
    let mark = document.add_object(Stream::new(Dictionary::new(), mark.into_bytes()));
    let open = document.add_object(Stream::new(Dictionary::new(), b"q\n".to_vec()));
    for page in document.get_pages().into_values() {
        let before = document.get_page_contents(page);
        let page = document.get_object_mut(page).and_then(Object::as_dict_mut).map_err(broken)?;
        // What the page set stays within its own brackets.
        let all = std::iter::once(open).chain(before).chain([mark]).map(Object::Reference).collect();
        page.set("Contents", Object::Array(all));
    }
    let mut out = Vec::with_capacity(bytes.len() + 4096);
    document.save_to(&mut out).map_err(|cause| Error::internal(format!("stamped pdf: {cause}")))?;
    Ok(out)
}

/// The letters in red outline, along the diagonal of an A4 page.
fn drawing(words: &str, fonts: &FontStore) -> Result<String> {
    let (segments, length) = fonts.outline(Role::Hei, words)?;
    let (sin, cos) = 52_f64.to_radians().sin_cos();
    let (width, height) = (595.0, 842.0);
    // The middle of the words stands in the middle of the page.
    let (along, up) = (length * SIZE / 2.0, SIZE * 0.35);
    let (x, y) = (width / 2.0 - along * cos + up * sin, height / 2.0 - along * sin - up * cos);
    let mut ops = format!(
        "Q\nq\n/Artifact BMC\n0.86 0 0 RG 2 w {cos:.5} {sin:.5} {:.5} {cos:.5} {x:.2} {y:.2} cm\n",
        -sin
    );
    let at = |[x, y]: [f64; 2]| format!("{:.2} {:.2}", x * SIZE, y * SIZE);
    for segment in segments {
        let _ = match segment {
            Segment::Move(to) => writeln!(ops, "{} m", at(to)),
            Segment::Line(to) => writeln!(ops, "{} l", at(to)),
            Segment::Curve([a, b, to]) => writeln!(ops, "{} {} {} c", at(a), at(b), at(to)),
            Segment::Close => writeln!(ops, "h"),
        };
    }
    ops.push_str("S\nEMC\nQ\n");
    Ok(ops)
}
