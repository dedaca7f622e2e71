//! One page of the display list as OFD objects (GB/T 33190, 8 to 11). Places are relative to the boundary of each object.

use std::collections::BTreeMap;
use std::fmt::Write;

use super::{HEAD, Ids, SPACE};
use crate::document::font::{FaceId, FontStore};
use crate::document::layout::item::{Glyphs, Ink, Item, Page};
use crate::document::layout::measure::{PAGE_HEIGHT, PAGE_WIDTH, POINT};
use crate::document::xml::escape;

/// The whole sheet as a boundary.
const SHEET: [f64; 4] = [0.0, 0.0, PAGE_WIDTH, PAGE_HEIGHT];

/// A length in mm, to the ten-thousandth, without zeros at its end.
struct Mm(f64);

impl std::fmt::Display for Mm {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let rounded = (self.0 * 10_000.0).round() / 10_000.0;
        // Not “-0”.
        write!(f, "{}", if rounded == 0.0 { 0.0 } else { rounded })
    }
}

fn color(ink: Ink) -> &'static str {
    match ink {
        Ink::Black => "0 0 0",
        Ink::Red => "219 0 0",
        Ink::Pale => "224 224 224",
    }
}

/// The content of a page; each object takes a number of `ids`.
pub(super) fn content(
    page: &Page,
    faces: &BTreeMap<FaceId, u32>,
    ids: &mut Ids,
    store: &FontStore,
) -> String {
    let mut out = format!(
        "{HEAD}<ofd:Page {SPACE}><ofd:Area><ofd:PhysicalBox>0 0 210 297</ofd:PhysicalBox></ofd:Area>\
         <ofd:Content><ofd:Layer ID=\"{}\" Type=\"Body\">",
        ids.next()
    );
    // The boundary of an object is also what it is cut off at.
    let mut clip: Option<[f64; 4]> = None;
    for item in &page.items {
        match item {
            Item::Glyphs(it) => {
                if let Some(face) = faces.get(&it.face) {
                    text(&mut out, it, *face, ids.next(), (store, clip));
                }
            }
            Item::Line(at, ink) => line(&mut out, *at, *ink, ids.next()),
            Item::Fill(polygons, ink) => fill(&mut out, polygons, *ink, (ids.next(), clip)),
            Item::Circle(at, ink) => circle(&mut out, *at, *ink, (ids.next(), clip)),
            Item::Clip(at) => clip = Some(*at),
            Item::Unclip => clip = None,
            Item::Begin(_) | Item::End => {}
        }
    }
    out.push_str("</ofd:Layer></ofd:Content></ofd:Page>");
    out
}

fn text(out: &mut String, it: &Glyphs, font: u32, id: u32, (store, clip): (&FontStore, Option<[f64; 4]>)) {
    let Some(face) = store.face(it.face) else { return };
    let em = it.size * POINT;
    let advances: Vec<f64> =
        it.text.chars().map(|c| face.advance_em(face.glyph_or_space(c)) * em + it.tracking).collect();
    let width: f64 = advances.iter().sum();
    let (turn, boundary, start) = if it.angle == 0.0 && clip.is_none() {
        // Room above and below for every face; what stands outside the boundary would not be drawn.
        let boundary = [it.x, it.y - em * 1.1, width + em * 0.5, em * 1.6];
        (String::new(), boundary, [0.0, em * 1.1])
    } else {
        let (sin, cos) = it.angle.to_radians().sin_cos();
        let boundary = clip.unwrap_or(SHEET);
        let [left, top, ..] = boundary;
        let (x, y) = (it.x - left, it.y - top);
        let turn = format!(" CTM=\"{} {} {} {} {} {}\"", Mm(cos), Mm(-sin), Mm(sin), Mm(cos), Mm(x), Mm(y));
        (turn, boundary, [0.0, 0.0])
    };
    let [x, y, w, h] = boundary.map(Mm);
    // Writing to a String cannot fail.
    let _ = write!(
        out,
        "<ofd:TextObject ID=\"{id}\" Boundary=\"{x} {y} {w} {h}\" Font=\"{font}\" Size=\"{}\"{turn}>\
         <ofd:FillColor Value=\"{}\"/><ofd:TextCode X=\"{}\" Y=\"{}\"",
        Mm(em),
        color(it.ink),
        Mm(start[0]),
        Mm(start[1]),
    );
    if let Some((_, steps)) = advances.split_last()
        && !steps.is_empty()
    {
        let _ = write!(out, " DeltaX=\"{}\"", deltas(steps));
    }
    let _ = write!(out, ">{}</ofd:TextCode></ofd:TextObject>", escape(&it.text));
}

/// Advances with repeated ones told once: `g 3 5.6444` (GB/T 33190, 11.3).
fn deltas(steps: &[f64]) -> String {
    let written: Vec<String> = steps.iter().map(|step| Mm(*step).to_string()).collect();
    let runs = written.chunk_by(|a, b| a == b);
    let told = runs.map(|run| match run {
        [one] => one.clone(),
        [first, ..] => format!("g {} {first}", run.len()),
        [] => String::new(),
    });
    told.collect::<Vec<_>>().join(" ")
}

fn line(out: &mut String, [x1, y1, x2, y2, width]: [f64; 5], ink: Ink, id: u32) {
    let (left, top) = (x1.min(x2) - width, y1.min(y2) - width);
    let (w, h) = ((x2 - x1).abs() + 2.0 * width, (y2 - y1).abs() + 2.0 * width);
    let _ = write!(
        out,
        "<ofd:PathObject ID=\"{id}\" Boundary=\"{} {} {} {}\" LineWidth=\"{}\">\
         <ofd:StrokeColor Value=\"{}\"/><ofd:AbbreviatedData>M {} {} L {} {}</ofd:AbbreviatedData></ofd:PathObject>",
        Mm(left),
        Mm(top),
        Mm(w),
        Mm(h),
        Mm(width),
        color(ink),
        Mm(x1 - left),
        Mm(y1 - top),
        Mm(x2 - left),
        Mm(y2 - top),
    );
}

/// Polygons as one filled path.
fn fill(out: &mut String, polygons: &[Vec<[f64; 2]>], ink: Ink, (id, clip): (u32, Option<[f64; 4]>)) {
    let [left, top, w, h] = clip.unwrap_or(SHEET);
    // Writing to a String cannot fail.
    let _ = write!(
        out,
        "<ofd:PathObject ID=\"{id}\" Boundary=\"{} {} {} {}\" Stroke=\"false\" Fill=\"true\">\
         <ofd:FillColor Value=\"{}\"/><ofd:AbbreviatedData>",
        Mm(left),
        Mm(top),
        Mm(w),
        Mm(h),
        color(ink),
    );
    for polygon in polygons {
        for (nth, [x, y]) in polygon.iter().enumerate() {
            let _ = write!(out, "{} {} {} ", if nth == 0 { 'M' } else { 'L' }, Mm(x - left), Mm(y - top));
        }
        out.push_str("C ");
    }
    out.push_str("</ofd:AbbreviatedData></ofd:PathObject>");
}

/// A circle as two arcs.
fn circle(out: &mut String, [x, y, radius, width]: [f64; 4], ink: Ink, (id, clip): (u32, Option<[f64; 4]>)) {
    let [left, top, w, h] = clip.unwrap_or(SHEET);
    let (west, east, y, r) = (Mm(x - radius - left), Mm(x + radius - left), Mm(y - top), Mm(radius));
    let _ = write!(
        out,
        "<ofd:PathObject ID=\"{id}\" Boundary=\"{} {} {} {}\" LineWidth=\"{}\">\
         <ofd:StrokeColor Value=\"{}\"/><ofd:AbbreviatedData>M {west} {y} A {r} {r} 0 0 1 {east} {y} \
         A {r} {r} 0 0 1 {west} {y}</ofd:AbbreviatedData></ofd:PathObject>",
        Mm(left),
        Mm(top),
        Mm(w),
        Mm(h),
        Mm(width),
        color(ink),
    );
}

#[cfg(test)]
mod tests {
    use super::{Mm, deltas};

    #[test]
    fn lengths_are_short_and_never_minus_zero() {
        assert_eq!(Mm(5.644_444_444).to_string(), "5.6444");
        assert_eq!(Mm(-0.000_01).to_string(), "0");
        assert_eq!(Mm(28.0).to_string(), "28");
    }

    #[test]
    fn equal_advances_are_told_once() {
        assert_eq!(deltas(&[5.5, 5.5, 5.5, 2.75]), "g 3 5.5 2.75");
        assert_eq!(deltas(&[2.0]), "2");
    }
}
