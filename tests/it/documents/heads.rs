//! Heads, signatures and attachments of the special formats and of joint documents, in mm against GB/T 9704-2012.

use std::path::PathBuf;

use super::measure::{CELL, INK, NEAR, PITCH, near};
use super::read::{self, Line, Picture};
use super::{files, fonts, kinds, sample};

/// Height of a 三号 character.
const CHAR: f64 = 16.0 * 25.4 / 72.0;

fn file(kind: &str) -> PathBuf {
    let kinds = kinds(&files("tests/documents"));
    sample(kinds.get(kind).unwrap(), &fonts()).1
}

/// The first line of a page that contains `text`.
#[track_caller]
fn line(file: &std::path::Path, page: usize, text: &str) -> Line {
    let lines = read::lines(file, page);
    lines.iter().find(|line| line.text.contains(text)).unwrap_or_else(|| panic!("{text}: {lines:#?}")).clone()
}

/// Baseline of a line of 三号: Fandol faces declare 0.12 below it.
fn baseline(line: &Line) -> f64 {
    line.bottom - 0.12 * CHAR
}

#[test]
fn joint_documents_bear_their_marks_and_signers_in_order() {
    let file = file("joint_report");
    let picture = Picture::of(&file, 1);
    // 7.2.4: the first organ begins 35 mm below the edge of the text area; names are as wide as the widest.
    near(picture.rows(Picture::is_red, 3)[0], 72.0, INK);
    let marks: Vec<Line> =
        read::lines(&file, 1).into_iter().filter(|line| line.bottom - line.top > 10.0).collect();
    // “文件” stands to the right of the three, on the height of the middle one.
    let texts: Vec<&str> = marks.iter().map(|line| line.text.as_str()).collect();
    assert_eq!(texts, ["嘉兴市人民防空办公室", "嘉兴市财政局文件", "嘉兴市自然资源和规划局"]);
    for mark in &marks {
        near(mark.left, 28.0, NEAR);
    }
    near(marks[1].right, 184.0, NEAR);
    near(marks[0].right, marks[2].right, NEAR);
    // 7.2.6: two signers to a line, one character free on the right, the third under the first.
    let first = line(&file, 1, "签发人");
    near(first.right, 184.0 - CELL, 0.15);
    let last = line(&file, 1, "周志强");
    near(last.bottom - first.bottom, PITCH, NEAR);
    near(read::place_of(&file, 1, "周志强").0, first.left + 4.0 * CELL, 0.15);
    // 7.2.5: the number one character in, on the line of the last signer.
    near(last.left, 28.0 + CELL, NEAR);
    assert!(last.text.starts_with("嘉人防请〔2026〕3号"), "{last:?}");
    // 7.2.7: the red line 4 mm below.
    let rule = picture.rows(Picture::is_red, 1500)[0];
    near(rule + 0.25, baseline(&last) + 0.2 * CHAR + 4.0, INK);
}

#[test]
fn joint_seals_stand_in_rows_and_do_not_touch() {
    let kinds = kinds(&files("tests/documents"));
    let (made, file) = sample(kinds.get("joint_report").unwrap(), &fonts());
    assert_eq!(made.seals.len(), 3);
    for (nth, a) in made.seals.iter().enumerate() {
        assert!(a.x - 21.0 >= 28.0 && a.x + 21.0 <= 184.0, "{a:?} leaves the text area");
        for b in made.seals.iter().skip(nth + 1) {
            assert!((a.x - b.x).hypot(a.y - b.y) > 42.0, "{a:?} meets {b:?}");
        }
        // 7.3.5.1: each seal stands on the middle of its name.
        let name = read::lines(&file, a.page).into_iter().find(|it| it.text.contains(&a.organ)).unwrap();
        assert!((a.y - baseline(&name)).abs() < 5.0, "{a:?} does not press {name:?}");
    }
    // The last one presses the date too.
    let date = line(&file, 2, "2026年4月9日");
    near((date.left + date.right) / 2.0, made.seals[2].x, 0.15);
    assert!(made.seals[2].y + 21.0 > date.bottom);
}

#[test]
fn attachments_begin_pages_and_repeat_what_was_announced() {
    let file = file("joint_report");
    let announced: Vec<Line> = read::lines(&file, 2)
        .into_iter()
        .filter(|line| line.text.contains("1.2026年度") || line.text.starts_with("2."))
        .collect();
    // 7.3.4: two characters in; the names stand under one another, without a mark behind them.
    near(announced[0].left, 28.0 + 2.0 * CELL, NEAR);
    near(announced[1].left, 28.0 + 5.0 * CELL, 0.1);
    assert!(announced[0].text.ends_with("测算表"), "{announced:?}");
    for (page, label) in [(3, "附件1"), (4, "附件2")] {
        let lines = read::lines(&file, page);
        assert_eq!(lines[0].text, label);
        near(baseline(&lines[0]), 37.0 + 0.8 * CHAR, NEAR);
        // 7.3.7: the title on line 3.
        let larger = 6.0 * 25.4 / 72.0;
        near(lines[1].bottom - lines[0].bottom, 2.0 * PITCH + (0.5 - 0.2 + 0.12) * larger, NEAR);
    }
    assert_eq!(read::lines(&file, 3)[1].text, "2026年度人防工程专项维护经费测算表");
    // 7.4: the imprint stands on the last page, behind the attachments, on the lower edge of the text area.
    near(*Picture::of(&file, 4).rows(Picture::is_black, 1500).last().unwrap(), 262.0, INK);
}

#[test]
fn a_letter_has_double_lines_and_its_number_at_the_right() {
    let file = file("official_letter");
    let picture = Picture::of(&file, 1);
    let red = picture.rows(Picture::is_red, 3);
    // 10.1: the mark 30 mm from the edge of the sheet, lines of 170 mm 4 mm below it and 20 mm from the foot.
    near(red[0], 30.0, INK);
    let rules = picture.rows(Picture::is_red, 1650);
    for y in [rules[0], *rules.last().unwrap()] {
        let columns = picture.columns(Picture::is_red, y, y + 0.1);
        near(columns[0], 20.0, INK);
        near(*columns.last().unwrap(), 190.0, INK);
    }
    near(*rules.last().unwrap(), 277.0, INK);
    let mark_foot = red.iter().rev().find(|y| **y < rules[0] - 1.0).copied().unwrap();
    near(rules[0], mark_foot + 4.0, 2.0 * INK);
    // Thick over thin at the top, thin over thick at the foot: two bands each.
    let bands = rules.windows(2).filter(|pair| pair[1] - pair[0] > 0.15).count() + 1;
    assert_eq!(bands, 4, "{rules:?}");
    let head = line(&file, 1, "嘉人防函〔2026〕21号");
    near(head.left, 28.0, NEAR);
    near(head.right, 184.0, NEAR);
    assert!(head.text.starts_with("特急"));
    let first_pair = rules.iter().take_while(|y| **y < 100.0).last().unwrap();
    near(baseline(&head) - 0.8 * CHAR, first_pair + 7.0 / 8.0 * CHAR, 2.0 * INK);
    // No number on the first page; on the second its usual place. No rules in the imprint.
    assert!(read::lines(&file, 1).iter().all(|line| line.bottom < 264.0));
    assert_eq!(read::lines(&file, 2).last().unwrap().text, "—2—");
    assert!(Picture::of(&file, 2).rows(Picture::is_black, 1500).is_empty());
    // 7.3.5.2, without a seal: the organ two characters from the right, the date two after it begins.
    let (organ, date) = (line(&file, 2, "嘉兴市人民防空办公室"), line(&file, 2, "2026年5月6日"));
    near(organ.right, 184.0 - 2.0 * CELL, 0.15);
    near(date.left, organ.left + 2.0 * CELL, 0.15);
    near(date.bottom - organ.bottom, PITCH, NEAR);
}

#[test]
fn an_order_has_its_number_below_the_mark_and_a_signature() {
    let file = file("order");
    let picture = Picture::of(&file, 1);
    let red = picture.rows(Picture::is_red, 3);
    // 10.2: the mark 20 mm below the edge of the text area, no red line.
    near(red[0], 57.0, INK);
    assert!(picture.rows(Picture::is_red, 1500).is_empty());
    let number = line(&file, 1, "第61号");
    near((number.left + number.right) / 2.0, 106.0, 0.2);
    let body = line(&file, 1, "已经市");
    // Two blank lines between them.
    near(body.bottom - number.bottom, 3.0 * PITCH, NEAR);
    // 7.3.5.3: two blank lines, the name four characters from the right, the post two to its left; a blank line, the date.
    let signed = line(&file, 1, "李闻达");
    near(signed.right, 184.0 - 4.0 * CELL, 0.2);
    let name = read::place_of(&file, 1, "李闻达").0;
    near(signed.left, name - 4.0 * CELL, 0.3);
    let text = line(&file, 1, "起施行");
    near(baseline(&signed) - baseline(&text), 3.0 * PITCH, 0.2);
    let date = line(&file, 1, "2026年5月20日");
    near(baseline(&date) - baseline(&signed), 2.0 * PITCH, 0.2);
    near(date.right, 184.0 - 4.0 * CELL, 0.2);
}

#[test]
fn minutes_name_those_who_attended_after_the_colon() {
    let file = file("minutes");
    near(Picture::of(&file, 1).rows(Picture::is_red, 3)[0], 72.0, INK);
    let attended = line(&file, 1, "出席：");
    near(attended.left, 28.0 + 2.0 * CELL, NEAR);
    let lines = read::lines(&file, 1);
    let after = lines.iter().find(|line| line.bottom > attended.bottom + 1.0).unwrap();
    // 10.3: further lines begin under the character behind the colon.
    near(after.left, 28.0 + 5.0 * CELL, 0.1);
}
