//! What only whole pages know: 版记 at the foot of the last, page numbers, the mark of a draft.

use super::item::{ElementKind, Glyphs, Ink, Item, Page, Pages};
use super::line::{Line, Measure, lines};
use super::measure::{BOTTOM, LEFT, PAGE_HEIGHT, PAGE_WIDTH, POINT, RIGHT, SIZE_4, WIDTH};
use super::strip::Builder;
use crate::document::block::{Align, Imprint, Text};
use crate::document::font::Role;

/// First and last rule of 版记 (7.4.1).
const RULE_THICK: f64 = 0.35;
/// Rules between its elements (7.4.1).
const RULE_THIN: f64 = 0.25;
/// Height of a line of 版记: 四号 and 7/8 of its height between lines would crowd the rules, so the pitch of the text is kept.
const IMPRINT_LINE: f64 = 8.6;
/// From the lower edge of the text area to the dash of the page number (7.5).
const NUMBER_BELOW: f64 = 7.0;
/// Size of the watermark, points.
const WATERMARK_SIZE: f64 = 130.0;

/// Characters of 四号.
const EM: f64 = SIZE_4 * POINT;

/// 版记: its last rule lies on the lower edge of the text area of the last page (7.4.1). `free` is the first free height there.
/// A letter prints neither rules nor 印发机关 (10.1).
pub(super) fn imprint(
    builder: &mut Builder<'_>,
    imprint: &Imprint,
    pages: &mut Pages,
    (free, letter): (f64, bool),
) {
    builder.shaper.block = "版记".to_owned();
    let mut parts = Vec::new();
    let to = [("主送：", &imprint.addressee), ("抄送：", &imprint.copies)];
    let to: Vec<Vec<Line>> =
        to.iter().filter_map(|(label, text)| Some(wrapped(builder, label, text.as_ref()?))).collect();
    if !to.is_empty() {
        // 主送 and 抄送 stand together without a rule between them (7.4.2).
        parts.push(to.concat());
    }
    if !letter && (imprint.printer.is_some() || imprint.printed_on.is_some()) {
        parts.push(printer(builder, imprint));
    }
    if parts.is_empty() {
        return;
    }
    let height = |part: &Vec<Line>| {
        let rows = part.iter().filter(|line| line.x < WIDTH / 2.0).count().max(1);
        rows as f64 * IMPRINT_LINE
    };
    let whole: f64 = parts.iter().map(height).sum();
    if free > BOTTOM - whole {
        pages.pages.push(Page::default());
    }
    let Some(page) = pages.pages.last_mut() else { return };
    let mut y = BOTTOM - whole;
    let mut rules = vec![(y, RULE_THICK)];
    for part in &parts {
        let element = builder.element(ElementKind::P, None);
        page.items.push(Item::Begin(Some(element)));
        let mut row = y - IMPRINT_LINE;
        for line in part {
            if line.x < WIDTH / 2.0 {
                row += IMPRINT_LINE;
            }
            let top = row.max(y) + (IMPRINT_LINE - EM) / 2.0;
            page.items.extend(line.items(&builder.shaper, LEFT, top, Ink::Black));
        }
        page.items.push(Item::End);
        y += height(part);
        rules.push((y, RULE_THIN));
    }
    if let Some(last) = rules.last_mut() {
        last.1 = RULE_THICK;
    }
    if letter {
        return;
    }
    page.items.push(Item::Begin(None));
    page.items.extend(rules.iter().map(|(y, width)| Item::Line([LEFT, *y, RIGHT, *y, *width], Ink::Black)));
    page.items.push(Item::End);
}

/// One character free on both sides, further lines under the character behind the colon, a full stop at the end (7.4.2).
fn wrapped(builder: &mut Builder<'_>, label: &str, text: &Text) -> Vec<Line> {
    let mut text = text.clone().after(label);
    if !text.to_plain().ends_with('。') {
        text = text.before("。");
    }
    let glyphs = builder.shaper.shape(&text, Role::Fang);
    let measure = Measure {
        width: WIDTH - EM,
        first: EM,
        rest: EM * 4.0,
        size: SIZE_4,
        tracking: 0.0,
        align: Align::Justify,
    };
    lines(&glyphs, &measure)
}

/// 印发机关 one character in from the left, 印发日期 one in from the right, on one line (7.4.3).
fn printer(builder: &mut Builder<'_>, imprint: &Imprint) -> Vec<Line> {
    let mut line = |text: &Text, right: bool| {
        let glyphs = builder.shaper.shape(text, Role::Fang);
        let mut line = Line::even(glyphs, EM, 0.0, SIZE_4);
        if right {
            line.x = WIDTH - EM - (line.right() - EM);
        }
        line
    };
    let mut parts = Vec::new();
    parts.extend(imprint.printer.as_ref().map(|text| line(text, false)));
    parts.extend(imprint.printed_on.as_ref().map(|text| line(&text.clone().before("印发"), true)));
    parts
}

/// 页码: 四号宋体, a dash on each side, 7 mm below the text area; odd pages at the right, even at the left, one character in (7.5).
/// The first page of a letter bears none (10.1).
pub(super) fn page_numbers(builder: &mut Builder<'_>, pages: &mut Pages, letter: bool) {
    builder.shaper.block = "页码".to_owned();
    let dash_top = builder.shaper.fonts.first(Role::Song).map_or(0.33, |face| face.dash_top);
    let box_top = builder.shaper.fonts.first(Role::Song).map_or(0.8, |face| face.box_top);
    // The upper edge of the dash, not of the character box, keeps the distance.
    let top = BOTTOM + NUMBER_BELOW + (dash_top - box_top) * EM;
    for (page, number) in pages.pages.iter_mut().zip(1u32..).skip(usize::from(letter)) {
        let text = Text::plain(format!("— {number} —"));
        let width = builder.width(&text, Role::Song, SIZE_4);
        let x = if number % 2 == 1 { RIGHT - EM - width } else { LEFT + EM };
        page.items.push(Item::Begin(None));
        page.items.extend(builder.fixed(&text, Role::Song, SIZE_4, x, top));
        page.items.push(Item::End);
    }
}

/// Large pale words from lower left to upper right, under everything else.
pub(super) fn watermark(builder: &mut Builder<'_>, words: &str, pages: &mut Pages) {
    builder.shaper.block = "水印".to_owned();
    let em = WATERMARK_SIZE * POINT;
    let text = Text::plain(words);
    let half = builder.width(&text, Role::Hei, WATERMARK_SIZE) / 2.0;
    let items = builder.fixed(&text, Role::Hei, WATERMARK_SIZE, 0.0, 0.0);
    let diagonal = std::f64::consts::FRAC_1_SQRT_2;
    for page in &mut pages.pages {
        let placed = items.iter().filter_map(|item| match item {
            Item::Glyphs(it) => {
                // Walk half the width back along the diagonal and a third of a character down from it.
                let along = it.x - half;
                let x = PAGE_WIDTH / 2.0 + (along + em * 0.3) * diagonal;
                let y = PAGE_HEIGHT / 2.0 - (along - em * 0.3) * diagonal;
                Some(Item::Glyphs(Glyphs { x, y, angle: 45.0, ink: Ink::Pale, ..it.clone() }))
            }
            _ => None,
        });
        let mut under = vec![Item::Begin(None)];
        under.extend(placed);
        under.push(Item::End);
        page.items.splice(0..0, under);
    }
}
