//! The display list: what stands where on which page, whoever draws it.

use std::fmt::Write;

use serde::Serialize;

use crate::document::block::FieldNo;
use crate::document::font::{FaceId, Role};

/// Ink.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Ink {
    /// Black.
    Black,
    /// The red of heads and lines.
    Red,
    /// The light grey of a watermark.
    Pale,
}

/// Characters in one face on one baseline.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Glyphs {
    /// Left edge of the first character box, mm.
    pub x: f64,
    /// Baseline, mm from the top of the sheet.
    pub y: f64,
    /// Size in points.
    pub size: f64,
    /// What it is set in.
    pub role: Role,
    /// The face that draws it.
    pub face: FaceId,
    /// Added to each advance, mm.
    pub tracking: f64,
    /// Counter-clockwise, degrees.
    pub angle: f64,
    /// Ink.
    pub ink: Ink,
    /// The field it prints.
    pub field: Option<FieldNo>,
    /// The characters.
    pub text: String,
}

/// One thing on a page.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Item {
    /// Characters.
    Glyphs(Glyphs),
    /// A straight line: x1, y1, x2, y2, width, all mm.
    Line([f64; 5], Ink),
    /// Filled polygons, drawn as one path; corners as x and y in mm. Polygons of one item do not overlap.
    Fill(Vec<Vec<[f64; 2]>>, Ink),
    /// The outline of a circle: x and y of its centre, radius, width of the line, all mm.
    Circle([f64; 4], Ink),
    /// What follows shows only within this rectangle (x, y, width, height in mm), until [`Item::Unclip`]. Not nested.
    Clip([f64; 4]),
    /// Ends [`Item::Clip`].
    Unclip,
    /// What follows belongs to this element of [`Pages::elements`]; `None` is decoration (page numbers, rules).
    Begin(Option<usize>),
    /// End of the element.
    End,
}

/// The place of a seal: the organ, and the centre of the seal in mm.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SealPlace {
    /// 发文机关.
    pub organ: String,
    /// Page, from 1.
    pub page: usize,
    /// Centre, mm from the left.
    pub x: f64,
    /// Centre, mm from the top.
    pub y: f64,
}

/// One page.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct Page {
    /// In drawing order.
    pub items: Vec<Item>,
}

/// What an element is, for readers that speak the page aloud.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum ElementKind {
    /// Title.
    H1,
    /// Heading of level 1.
    H2,
    /// Heading of level 2.
    H3,
    /// Paragraph.
    P,
    /// Table.
    Table,
    /// Table row.
    TR,
    /// Head cell.
    TH,
    /// Cell.
    TD,
}

/// One element of the structure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Element {
    /// What it is.
    pub kind: ElementKind,
    /// The element that holds it; none for the document itself.
    pub parent: Option<usize>,
}

/// A laid-out document.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct Pages {
    /// Pages in order.
    pub pages: Vec<Page>,
    /// Structure; parents stand before their children.
    pub elements: Vec<Element>,
    /// Where seals go.
    pub seals: Vec<SealPlace>,
    /// The seal pressed over the edges of all pages (骑缝章), when the document asks for one.
    pub edge_seal: Option<EdgeSeal>,
}

/// 骑缝章: one seal over the right edges of all pages laid fanwise; each page bears its share, from left to right.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct EdgeSeal {
    /// Whose seal.
    pub organ: String,
    /// Centre, mm from the top of each page.
    pub y: f64,
}

impl Item {
    /// Moves it by `x` and `y` mm.
    #[must_use]
    pub fn moved(self, x: f64, y: f64) -> Self {
        self.mapped(0.0, |[px, py]| [px + x, py + y])
    }

    /// Turns it a quarter counter-clockwise, so that the upper left corner of what was drawn comes to `x`, `y` as its lower
    /// left corner; for tables that lie on their side (GB/T 9704-2012, 8).
    #[must_use]
    pub fn turned(self, x: f64, y: f64) -> Self {
        self.mapped(90.0, |[along, across]| [x + across, y - along])
    }

    fn mapped(self, angle: f64, place: impl Fn([f64; 2]) -> [f64; 2]) -> Self {
        match self {
            Self::Glyphs(it) => {
                let [x, y] = place([it.x, it.y]);
                Self::Glyphs(Glyphs { x, y, angle: it.angle + angle, ..it })
            }
            Self::Line([x1, y1, x2, y2, width], ink) => {
                let ([x1, y1], [x2, y2]) = (place([x1, y1]), place([x2, y2]));
                Self::Line([x1, y1, x2, y2, width], ink)
            }
            Self::Fill(mut polygons, ink) => {
                for corner in polygons.iter_mut().flatten() {
                    *corner = place(*corner);
                }
                Self::Fill(polygons, ink)
            }
            Self::Circle([x, y, radius, width], ink) => {
                let [x, y] = place([x, y]);
                Self::Circle([x, y, radius, width], ink)
            }
            Self::Clip([x, y, width, height]) => {
                let ([x1, y1], [x2, y2]) = (place([x, y]), place([x + width, y + height]));
                Self::Clip([x1.min(x2), y1.min(y2), (x2 - x1).abs(), (y2 - y1).abs()])
            }
            other @ (Self::Unclip | Self::Begin(_) | Self::End) => other,
        }
    }
}

impl Pages {
    /// One line per item: page, x, y, size, face, string; for tests and for eyes. Structure marks are left out.
    #[must_use]
    pub fn to_listing(&self) -> String {
        let mut out = String::new();
        for (page, number) in self.pages.iter().zip(1..) {
            for item in &page.items {
                list(&mut out, number, item);
            }
        }
        for seal in &self.seals {
            // Writing to a String cannot fail.
            let _ = writeln!(out, "{} seal {:.2} {:.2} {}", seal.page, seal.x, seal.y, seal.organ);
        }
        out
    }

    /// The text in reading order, a line per element, page numbers and watermark left out.
    #[must_use]
    pub fn to_text(&self) -> String {
        let mut out = String::new();
        let mut open: Option<usize> = None;
        let mut last: Option<usize> = None;
        for item in self.pages.iter().flat_map(|page| &page.items) {
            match item {
                Item::Begin(element) => open = *element,
                Item::End => open = None,
                Item::Glyphs(glyphs) if open.is_some() => {
                    if last.is_some() && last != open {
                        out.push('\n');
                    }
                    last = open;
                    out.push_str(&glyphs.text);
                }
                _ => {}
            }
        }
        out
    }
}

fn list(out: &mut String, page: usize, item: &Item) {
    let written = match item {
        Item::Glyphs(it) => {
            let turned = if it.angle == 0.0 { String::new() } else { format!(" ∠{:.0}", it.angle) };
            let place = format!("{:.2} {:.2} {}{turned}", it.x, it.y, it.size);
            writeln!(out, "{page} {place} {} {}", it.role.title(), it.text)
        }
        Item::Line([x1, y1, x2, y2, width], _) => {
            writeln!(out, "{page} line {x1:.2} {y1:.2} {x2:.2} {y2:.2} {width}")
        }
        Item::Fill(polygons, _) => list_fill(out, page, polygons),
        Item::Circle([x, y, radius, width], _) => {
            writeln!(out, "{page} circle {x:.2} {y:.2} {radius:.2} {width}")
        }
        Item::Clip([x, y, width, height]) => {
            writeln!(out, "{page} clip {x:.2} {y:.2} {width:.2} {height:.2}")
        }
        Item::Begin(_) | Item::End | Item::Unclip => Ok(()),
    };
    // Writing to a String cannot fail.
    let _ = written;
}

/// How many polygons, and the first corner: a QR code has hundreds.
fn list_fill(out: &mut String, page: usize, polygons: &[Vec<[f64; 2]>]) -> std::fmt::Result {
    let [x, y] = polygons.first().and_then(|it| it.first()).copied().unwrap_or_default();
    writeln!(out, "{page} fill {x:.2} {y:.2} {}", polygons.len())
}
