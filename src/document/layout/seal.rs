//! Seals as drawings: a ring, the name of the organ on an arc, a star (国发〔1999〕25号). A drawing is no seal: until a document is
//! really sealed or signed the drawing says 样章, and issued files leave its place free.

use super::item::{EdgeSeal, Glyphs, Ink, Item, Pages, SealPlace};
use super::measure::{PAGE_HEIGHT, PAGE_WIDTH, POINT};
use crate::document::font::{FontStore, Role};

/// Radius of the seal of a city's department: 42 mm across.
pub const RADIUS: f64 = 21.0;
/// Width of the ring.
const RING: f64 = 1.2;
/// Radius of the star.
const STAR: f64 = 7.0;
/// White between the ring and the name.
const MARGIN: f64 = 1.0;
/// The largest characters of the name, mm.
const MOST_CHAR: f64 = 5.6;
/// The name takes at most this much of the ring, degrees.
const MOST_ARC: f64 = 260.0;
/// From the middle of one character to the next, degrees, when the name is short.
const MOST_STEP: f64 = 26.0;

/// The seal of `organ` with its centre at `x`, `y`; `specimen` writes 样章 below the star. Characters that no face draws are left out:
/// the name is printed as text as well, where they are reported.
#[must_use]
pub fn draw(organ: &str, x: f64, y: f64, specimen: bool, fonts: &FontStore) -> Vec<Item> {
    let mut items = vec![
        Item::Begin(None),
        Item::Circle([x, y, RADIUS - RING / 2.0, RING], Ink::Red),
        Item::Fill(vec![star(x, y)], Ink::Red),
    ];
    items.extend(arc(organ, x, y, fonts));
    if specimen {
        let size = 5.0 / POINT;
        let words = "样章".chars().enumerate();
        items.extend(words.filter_map(|(nth, c)| {
            let at = [x - 5.6 + nth as f64 * 6.2, y + 14.5];
            glyph(c, at, size, 0.0, fonts)
        }));
    }
    items.push(Item::End);
    items
}

/// The name from left to right over the top, each character upright on its radius.
fn arc(organ: &str, x: f64, y: f64, fonts: &FontStore) -> Vec<Item> {
    let chars: Vec<char> = organ.chars().filter(|c| !c.is_whitespace()).collect();
    let count = chars.len() as f64;
    let step = MOST_STEP.min(MOST_ARC / (count - 1.0).max(1.0)).to_radians();
    // As large as the arc allows at the foot of the characters, where it is narrowest.
    let inner = RADIUS - RING - MARGIN;
    let size = MOST_CHAR.min(inner * step / (1.0 + step));
    let middle = (count - 1.0) / 2.0;
    let placed = chars.into_iter().enumerate().filter_map(|(nth, c)| {
        let turn = (nth as f64 - middle) * step;
        let (sin, cos) = turn.sin_cos();
        // From the centre out to the baseline, then half a character back along it.
        let foot = inner - size * 0.88;
        let at = [x + foot * sin - size / 2.0 * cos, y - foot * cos - size / 2.0 * sin];
        glyph(c, at, size / POINT, -turn.to_degrees(), fonts)
    });
    placed.collect()
}

fn glyph(c: char, [x, y]: [f64; 2], size: f64, angle: f64, fonts: &FontStore) -> Option<Item> {
    let (role, face) = [Role::Song, Role::Title, Role::Fang]
        .into_iter()
        .find_map(|role| Some((role, fonts.resolve(role, c)?.0)))?;
    let text = c.to_string();
    Some(Item::Glyphs(Glyphs {
        x,
        y,
        size,
        role,
        face,
        tracking: 0.0,
        angle,
        ink: Ink::Red,
        field: None,
        text,
    }))
}

/// Five points; the inner corners lie where lines between the outer ones cross.
fn star(x: f64, y: f64) -> Vec<[f64; 2]> {
    (0..10)
        .map(|nth| {
            let radius = if nth % 2 == 0 { STAR } else { STAR * 0.381_966 };
            let (sin, cos) = (f64::from(nth) * 36.0).to_radians().sin_cos();
            [x + radius * sin, y - radius * cos]
        })
        .collect()
}

/// Draws specimens where seals go, under the text they press.
pub(super) fn specimens(pages: &mut Pages, fonts: &FontStore) {
    let seals: Vec<SealPlace> = pages.seals.clone();
    for seal in seals {
        if let Some(page) = seal.page.checked_sub(1).and_then(|at| pages.pages.get_mut(at)) {
            page.items.splice(0..0, draw(&seal.organ, seal.x, seal.y, true, fonts));
        }
    }
    if let Some(edge) = pages.edge_seal.clone() {
        for number in 0..pages.pages.len() {
            let share = share(&edge, number, pages.pages.len(), fonts);
            if let Some(page) = pages.pages.get_mut(number) {
                page.items.splice(0..0, share);
            }
        }
    }
}

/// The share of one page in the seal over all edges: page `number` (from 0) of `count` bears one of `count` equal stripes.
fn share(edge: &EdgeSeal, number: usize, count: usize, fonts: &FontStore) -> Vec<Item> {
    let stripe = 2.0 * RADIUS / count.max(1) as f64;
    let left = PAGE_WIDTH - stripe;
    let centre = left + RADIUS - number as f64 * stripe;
    let mut items = vec![Item::Clip([left, edge.y - RADIUS, stripe, 2.0 * RADIUS])];
    items.extend(draw(&edge.organ, centre, edge.y, false, fonts));
    items.push(Item::Unclip);
    items
}

/// Where the edge seal stands: half way down.
pub(super) const EDGE_Y: f64 = PAGE_HEIGHT / 2.0;
