//! How titles fall into lines.

use super::split;
use crate::document::font::Role;
use crate::document::layout::shape::Glyph;

/// `expected` shows the line ends as `|`; 20 characters of 二号 fit the text area.
fn check(expected: &str) {
    let glyphs: Vec<Glyph> = expected
        .chars()
        .filter(|c| *c != '|')
        .map(|c| Glyph { c, face: 0, role: Role::Title, advance: 1.0, field: None })
        .collect();
    let mut shown = String::new();
    let mut start = 0;
    for end in split(&glyphs, 20.1) {
        if start > 0 {
            shown.push('|');
        }
        shown.extend(glyphs[start..end].iter().map(|glyph| glyph.c));
        start = end;
    }
    assert_eq!(shown, expected);
}

#[test]
fn a_short_title_keeps_one_line() {
    check("重大法律事项告知书");
}

#[test]
fn words_stay_whole_and_lines_balance() {
    check("嘉兴市人民政府办公室关于全面推进|人防工程产权制度综合改革的实施意见");
}

#[test]
fn three_lines_are_never_thin_in_the_middle() {
    let title = "嘉兴市人民防空办公室嘉兴市自然资源和规划局嘉兴市住房和城乡建设局关于进一步加强人防工程产权登记管理工作的通知";
    let glyphs: Vec<Glyph> =
        title.chars().map(|c| Glyph { c, face: 0, role: Role::Title, advance: 1.0, field: None }).collect();
    let ends = split(&glyphs, 20.1);
    assert_eq!(ends.len(), 3);
    let lengths = [ends[0], ends[1] - ends[0], ends[2] - ends[1]];
    assert!(lengths[1] >= lengths[0].min(lengths[2]), "{lengths:?}");
}
