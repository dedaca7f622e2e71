//! Characters → lines of a given width: push in, else push out, then justify.

use super::item::{Glyphs, Ink, Item};
use super::kinsoku::{breaks, closes, no_start, squeezes};
use super::measure::POINT;
use super::shape::{Glyph, Shaper};
use crate::document::block::Align;

/// Rounding of sums of advances; a hundredth of a millimetre is far below what print shows.
const SLACK: f64 = 0.01;
/// No gap between two characters grows by more than this part of a character; a line that would need more stays short.
const MAX_STRETCH: f64 = 0.5;

/// How lines are cut.
#[derive(Debug, Clone, Copy)]
pub(super) struct Measure {
    /// Width of all lines, mm.
    pub width: f64,
    /// Indent of the first line, mm.
    pub first: f64,
    /// Indent of the other lines, mm.
    pub rest: f64,
    /// Points.
    pub size: f64,
    /// Added to each advance when a line is not stretched, mm.
    pub tracking: f64,
    pub align: Align,
}

/// A line of characters.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Line {
    pub glyphs: Vec<Glyph>,
    /// The left edge of the first, mm from the left edge of the measure.
    pub x: f64,
    /// Added after each character, mm.
    pub tracking: f64,
    /// The same between two letters or digits: numbers and words keep together when a line is stretched.
    pub within: f64,
    pub size: f64,
}

/// Cuts `glyphs` into lines. An empty text gives one empty line.
pub(super) fn lines(glyphs: &[Glyph], measure: &Measure) -> Vec<Line> {
    let chars: Vec<char> = glyphs.iter().map(|glyph| glyph.c).collect();
    let allowed = breaks(&chars);
    let em = measure.size * POINT;
    let mut out = Vec::new();
    let mut start = 0;
    while start < glyphs.len() || out.is_empty() {
        let indent = if out.is_empty() { measure.first } else { measure.rest };
        let room = measure.width - indent;
        let rest = glyphs.get(start..).unwrap_or_default();
        let free = allowed.get(start..).unwrap_or_default();
        let mut end = cut(rest, free, room, em, measure.tracking).max(1);
        // Spaces at a line end take no room but stay in the text.
        end += rest.iter().skip(end).take_while(|glyph| glyph.c == ' ').count();
        let taken = rest.get(..end).unwrap_or(rest);
        out.push(place(taken, indent, room, measure, start + end >= glyphs.len()));
        start += end;
    }
    out
}

/// How many characters go on a line that offers `room`.
fn cut(glyphs: &[Glyph], allowed: &[bool], room: f64, em: f64, tracking: f64) -> usize {
    let mut fitting = 0;
    let mut width = 0.0;
    for (at, glyph) in glyphs.iter().enumerate() {
        let with = width + glyph.advance * em;
        if at > 0 && with + tracking * at as f64 > room + SLACK {
            break;
        }
        width = with - squeeze(glyphs, at) * em;
        fitting = at + 1;
    }
    let may_end = |at: usize| at == glyphs.len() || allowed.get(at).copied().unwrap_or(false);
    if may_end(fitting) {
        return fitting;
    }
    // 挤进: one closing mark more, when only its blank half would stand over the edge.
    if let Some(mark) = glyphs.get(fitting)
        && closes(mark.c)
        && no_start(mark.c)
        && may_end(fitting + 1)
    {
        let over = width + mark.advance * em + tracking * fitting as f64 - room;
        if over <= em / 2.0 + SLACK {
            return fitting + 1;
        }
    }
    // 推出: back to the last place where a line may end; a piece longer than the line is cut where the line is full.
    (1..fitting).rev().find(|at| may_end(*at)).unwrap_or_else(|| fitting.max(1))
}

/// Half a character where this mark and the next stand side by side, else nothing. In em.
pub(super) fn squeeze(glyphs: &[Glyph], at: usize) -> f64 {
    match (glyphs.get(at), glyphs.get(at + 1)) {
        (Some(a), Some(b)) if a.advance > 0.9 && b.advance > 0.9 && squeezes(a.c, b.c) => 0.5,
        _ => 0.0,
    }
}

fn trim(glyphs: &[Glyph]) -> &[Glyph] {
    let end = glyphs.iter().rposition(|glyph| glyph.c != ' ').map_or(0, |at| at + 1);
    glyphs.get(..end).unwrap_or_default()
}

/// Width of a line without tracking, in em.
pub(super) fn set_width_em(glyphs: &[Glyph]) -> f64 {
    glyphs.iter().enumerate().map(|(at, glyph)| glyph.advance - squeeze(glyphs, at)).sum()
}

fn place(all: &[Glyph], indent: f64, room: f64, measure: &Measure, last: bool) -> Line {
    let glyphs = trim(all);
    let em = measure.size * POINT;
    let gaps = glyphs.len().saturating_sub(1) as f64;
    let narrow = glyphs.windows(2).filter(|pair| is_within(pair)).count() as f64;
    let natural = set_width_em(glyphs) * em;
    let loose = natural + measure.tracking * gaps;
    let over = loose > room + SLACK;
    // What stands over the edge can only be the blank half of a closing mark, or a piece without any place to break.
    let target = match glyphs.last() {
        Some(glyph) if over && closes(glyph.c) => room + em / 2.0,
        _ => room,
    };
    let wide = gaps - narrow;
    let within = if wide > 0.0 { measure.tracking } else { (target - natural) / narrow.max(1.0) };
    let stretched = if wide > 0.0 { (target - natural - within * narrow) / wide } else { within };
    // Letters and digits pulled apart cannot be read: only lines that are mostly Han are stretched.
    let han = glyphs.iter().filter(|glyph| glyph.advance > 0.9).count() * 2 >= glyphs.len();
    let justify = measure.align == Align::Justify && !last && han && stretched <= em * MAX_STRETCH;
    let stretch = over || justify;
    let (tracking, within) = if stretch { (stretched, within) } else { (measure.tracking, measure.tracking) };
    let width = natural + tracking * wide + within * narrow;
    let free = (room - width).max(0.0);
    let x = indent
        + match measure.align {
            Align::Left | Align::Justify => 0.0,
            Align::Center => free / 2.0,
            Align::Right => free,
        };
    Line { glyphs: all.to_vec(), x, tracking, within, size: measure.size }
}

/// Whether two neighbours are letters or digits of one word or number.
fn is_within(pair: &[Glyph]) -> bool {
    pair.iter().all(|it| it.advance <= 0.9 && it.c != ' ')
}

impl Line {
    /// A line whose characters all stand equally far apart.
    pub(super) fn even(glyphs: Vec<Glyph>, x: f64, tracking: f64, size: f64) -> Self {
        Self { glyphs, x, tracking, within: tracking, size }
    }

    /// What is added after a character, mm.
    fn gap(&self, nth: usize) -> f64 {
        match self.glyphs.get(nth..nth + 2) {
            Some(pair) if is_within(pair) => self.within,
            _ => self.tracking,
        }
    }

    /// The line as items, its left edge at `x`, its character box between `top` and one character below.
    pub(super) fn items(&self, shaper: &Shaper<'_>, x: f64, top: f64, ink: Ink) -> Vec<Item> {
        let em = self.size * POINT;
        let mut items: Vec<Item> = Vec::new();
        let mut at = x + self.x;
        let mut open = false;
        for (nth, glyph) in self.glyphs.iter().enumerate() {
            if let Some(ticked) = tick_box(glyph.c) {
                items.extend(draw_box(at, top, em, ticked, ink));
                open = false;
                at += glyph.advance * em + self.gap(nth);
                continue;
            }
            let gap = self.gap(nth);
            let joined = match items.last_mut() {
                Some(Item::Glyphs(run)) if open && run.face == glyph.face && run.field == glyph.field => {
                    run.text.push(glyph.c);
                    true
                }
                _ => false,
            };
            if !joined {
                items.push(Item::Glyphs(Glyphs {
                    x: at,
                    y: top + shaper.box_top(glyph.face) * em,
                    size: self.size,
                    role: glyph.role,
                    face: glyph.face,
                    tracking: gap,
                    angle: 0.0,
                    ink,
                    field: glyph.field,
                    text: glyph.c.to_string(),
                }));
            }
            let taken = squeeze(&self.glyphs, nth);
            // A run holds gaps of one width, so the next one starts where a gap was squeezed or is another.
            let even = matches!(items.last(), Some(Item::Glyphs(run)) if run.tracking == gap);
            open = taken == 0.0 && even;
            at += (glyph.advance - taken) * em + gap;
        }
        items
    }

    /// Right edge of the last character box, mm from the left edge of the measure.
    pub(super) fn right(&self) -> f64 {
        let gaps: f64 = (0..self.glyphs.len().saturating_sub(1)).map(|nth| self.gap(nth)).sum();
        self.x + set_width_em(&self.glyphs) * self.size * POINT + gaps
    }
}

/// ☐ and ☑ are drawn: no free 仿宋 has them.
pub(super) fn tick_box(c: char) -> Option<bool> {
    match c {
        '☐' => Some(false),
        '☑' => Some(true),
        _ => None,
    }
}

/// A square in the middle of the character box, and the tick in it.
fn draw_box(x: f64, top: f64, em: f64, ticked: bool, ink: Ink) -> Vec<Item> {
    let at = |along: f64, down: f64| (x + along * em, top + down * em);
    let line = |(x1, y1): (f64, f64), (x2, y2): (f64, f64), width: f64| {
        Item::Line([x1, y1, x2, y2, width * em], ink)
    };
    let (near, far) = (0.12, 0.88);
    let mut items = vec![
        line(at(near, near), at(far, near), 0.05),
        line(at(far, near), at(far, far), 0.05),
        line(at(far, far), at(near, far), 0.05),
        line(at(near, far), at(near, near), 0.05),
    ];
    if ticked {
        items.push(line(at(0.24, 0.48), at(0.44, 0.72), 0.09));
        items.push(line(at(0.43, 0.73), at(0.80, 0.22), 0.09));
    }
    items
}
