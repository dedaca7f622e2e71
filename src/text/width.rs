//! Full-width and half-width forms: departments type `１０８号` and `（1-1）` where ASCII is meant.

use std::borrow::Cow;

/// Distance between an ASCII character and its full-width form (U+FF01 ↔ `!`).
const OFFSET: u32 = 0xFEE0;

/// Full-width ASCII and the ideographic space become ASCII; everything else stays. Borrows when nothing changes.
#[must_use]
pub fn half_width(text: &str) -> Cow<'_, str> {
    convert(text, half)
}

/// Only full-width digits and Latin letters become ASCII, so Chinese punctuation in prose and addresses stays.
#[must_use]
pub fn half_width_alphanumeric(text: &str) -> Cow<'_, str> {
    convert(text, |c| Some(half(c)?).filter(char::is_ascii_alphanumeric))
}

/// ASCII becomes full width, the space becomes the ideographic space.
#[must_use]
pub fn full_width(text: &str) -> Cow<'_, str> {
    convert(text, |c| match c {
        ' ' => Some('\u{3000}'),
        '!'..='~' => char::from_u32(c as u32 + OFFSET),
        _ => None,
    })
}

/// How many columns a text takes in a terminal: Chinese and full-width characters take two.
#[must_use]
pub fn columns(text: &str) -> usize {
    text.chars().map(|c| if is_wide(c) { 2 } else { 1 }).sum()
}

/// The text with blanks after it up to `width` columns, never cut.
#[must_use]
pub fn pad(text: &str, width: usize) -> String {
    let blanks = width.saturating_sub(columns(text));
    format!("{text}{:blanks$}", "")
}

/// East Asian wide and full-width blocks, as far as this field writes them.
fn is_wide(c: char) -> bool {
    matches!(c, '\u{1100}'..='\u{115f}' | '\u{2e80}'..='\u{a4cf}' | '\u{ac00}'..='\u{d7a3}' | '\u{f900}'..='\u{faff}'
        | '\u{fe30}'..='\u{fe4f}' | '\u{ff00}'..='\u{ff60}' | '\u{ffe0}'..='\u{ffe6}' | '\u{20000}'..='\u{3fffd}')
}

/// The half-width form of one character, when it has one.
fn half(c: char) -> Option<char> {
    match c {
        '\u{3000}' | '\u{a0}' => Some(' '),
        '！'..='～' => char::from_u32(c as u32 - OFFSET),
        _ => None,
    }
}

fn convert(text: &str, map: impl Fn(char) -> Option<char>) -> Cow<'_, str> {
    if text.is_ascii() && map(' ').is_none() {
        return Cow::Borrowed(text);
    }
    if !text.chars().any(|c| map(c).is_some()) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.chars().map(|c| map(c).unwrap_or(c)).collect())
}

#[cfg(test)]
mod tests {
    use super::{columns, full_width, half_width, half_width_alphanumeric, pad};

    #[test]
    fn widths_convert_both_ways() {
        assert_eq!(half_width("（１－１）　Ａ"), "(1-1) A");
        assert_eq!(half_width_alphanumeric("中山路１０８号（Ａ座）"), "中山路108号（A座）");
        assert_eq!(full_width("(1-1) A"), "（１－１）　Ａ");
        assert!(matches!(half_width("南湖区 108"), std::borrow::Cow::Borrowed(_)));
    }

    #[test]
    fn chinese_takes_two_columns() {
        assert_eq!(columns("人防 RF（1）"), 12);
        assert_eq!(pad("人防", 6), "人防  ");
        assert_eq!(pad("人防工程", 6), "人防工程");
    }
}
