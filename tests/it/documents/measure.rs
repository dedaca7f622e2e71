//! The measures of GB/T 9704-2012, taken from the PDF by an outside reader: boxes by pdftotext, ink by pdftoppm.

use std::path::PathBuf;

use super::read::{self, Picture};
use super::{files, fonts, kinds, sample};

/// Measuring error of the readers, mm.
pub const NEAR: f64 = 0.06;
/// Pixels are a tenth of a millimetre and blurred at their edges.
pub const INK: f64 = 0.25;
pub const PITCH: f64 = (225.0 - 16.0 * 25.4 / 72.0) / 21.0;
pub const CELL: f64 = 156.0 / 28.0;

#[track_caller]
pub fn near(found: f64, expected: f64, slack: f64) {
    assert!((found - expected).abs() <= slack, "{found:.2} mm is not {expected:.2} mm");
}

fn letter() -> PathBuf {
    let kinds = kinds(&files("tests/documents"));
    sample(kinds.get("letter").unwrap(), &fonts()).1
}

#[test]
fn a_text_page_has_22_lines_of_28_characters() {
    let file = letter();
    let lines = read::lines(&file, 2);
    let text: Vec<_> = lines.iter().filter(|line| line.bottom < 264.0).collect();
    assert_eq!(text.len(), 22, "{text:#?}");
    for pair in text.windows(2) {
        near(pair[1].bottom - pair[0].bottom, PITCH, NEAR);
    }
    // Baselines: the first character box begins at 37 mm and stands 0.8 of its height above the baseline.
    let size = 16.0 * 25.4 / 72.0;
    near(text[0].bottom - 0.12 * size, 37.0 + 0.8 * size, NEAR);
    near(text[21].bottom - 0.12 * size, 262.0 - 0.2 * size, NEAR);
    let full: Vec<_> = text.iter().filter(|line| line.text.chars().count() == 28).collect();
    assert!(full.len() >= 5, "{text:#?}");
    for line in full.iter().filter(|line| line.text.chars().all(|c| c > '\u{2e80}')) {
        near(line.left, 28.0, NEAR);
        near(line.right, 184.0, NEAR);
    }
}

#[test]
fn no_line_leaves_the_text_area_or_breaks_the_rules_of_its_ends() {
    let file = letter();
    for page in 1..=read::page_count(&file) {
        for line in read::lines(&file, page) {
            assert!(line.left >= 28.0 - NEAR, "{line:?}");
            // Only the blank half of a closing mark may stand over the edge.
            let over = if line.text.ends_with(['，', '。', '；', '）', '、', '》', '”', '：']) {
                CELL / 2.0 + NEAR
            } else {
                NEAR
            };
            assert!(line.right <= 184.0 + over, "{line:?}");
            assert!(
                !line.text.starts_with(['，', '。', '；', '）', '、', '》', '”', '：', '〕']),
                "{line:?}"
            );
            assert!(!line.text.ends_with(['（', '《', '“', '〔']), "{line:?}");
        }
    }
}

#[test]
fn the_head_stands_where_the_standard_says() {
    let file = letter();
    let picture = Picture::of(&file, 1);
    let red = picture.rows(Picture::is_red, 3);
    // 7.2.4: the upper edge of the mark, 35 mm below that of the text area.
    near(red[0], 72.0, INK);
    // 7.2.7: a line 156 mm wide, 4 mm below the number.
    let rule = picture.rows(Picture::is_red, 1500);
    let columns = picture.columns(Picture::is_red, rule[0], rule[0] + 0.1);
    near(columns[0], 28.0, INK);
    near(*columns.last().unwrap(), 184.0, INK);
    let number =
        read::lines(&file, 1).into_iter().find(|line| line.text.contains("嘉人防〔2026〕8号")).unwrap();
    let box_bottom = number.bottom + 0.08 * 16.0 * 25.4 / 72.0;
    near(rule[0] + 0.25, box_bottom + 4.0, INK);
    near((number.left + number.right) / 2.0, 106.0, 0.2);
    // 7.3.1: two blank lines below the red line, then the title, centred.
    let title = read::lines(&file, 1).into_iter().find(|line| line.text.contains("移交接收")).unwrap();
    assert!(title.top - rule[0] > 2.0 * PITCH, "{title:?}");
    near((title.left + title.right) / 2.0, 106.0, 0.2);
    // 7.3.3: the first page shows text.
    assert!(read::text(&file, 1).contains("为进一步规范"));
}

#[test]
fn the_foot_of_the_last_page_is_pinned_to_the_text_area() {
    let file = letter();
    let last = read::page_count(&file);
    let rules = Picture::of(&file, last).rows(Picture::is_black, 1500);
    // 7.4.1: the last rule lies on the lower edge of the text area.
    near(*rules.last().unwrap(), 262.0, INK);
    let lines = read::lines(&file, last);
    let printed =
        lines.iter().find(|line| line.text.contains("印发") && line.text.contains("2026年")).unwrap();
    let em = 14.0 * 25.4 / 72.0;
    near(printed.left, 28.0 + em, NEAR);
    near(printed.right, 184.0 - em, NEAR);
}

#[test]
fn page_numbers_stand_outside_7_mm_below_the_text_area() {
    let file = letter();
    let em = 14.0 * 25.4 / 72.0;
    for (page, right) in [(1, true), (2, false)] {
        let lines = read::lines(&file, page);
        let number = lines.iter().find(|line| line.bottom > 265.0).unwrap();
        assert_eq!(number.text, format!("—{page}—"));
        if right {
            near(number.right, 184.0 - em, NEAR)
        } else {
            near(number.left, 28.0 + em, NEAR)
        }
        let ink = Picture::of(&file, page).columns(Picture::is_black, 268.9, 269.8);
        assert!(!ink.is_empty(), "the dash begins 7 mm below 262 mm");
        let above = Picture::of(&file, page).columns(Picture::is_black, 262.6, 266.0);
        assert!(above.is_empty(), "nothing between the text area and the page number");
    }
}

#[test]
fn signature_and_date_stand_on_one_axis_with_room_for_the_seal() {
    let file = letter();
    let last = read::page_count(&file);
    let lines = read::lines(&file, last);
    let date = lines.iter().find(|line| line.text == "2026年3月2日").unwrap();
    let organ =
        lines.iter().find(|line| line.text == "嘉兴市人民防空办公室" && line.bottom < date.bottom).unwrap();
    // 7.3.5.1: four characters free on the right of the date, the organ centred above it.
    near(date.right, 184.0 - 4.0 * CELL, 0.15);
    near((organ.left + organ.right) / 2.0, (date.left + date.right) / 2.0, 0.15);
    let kinds = kinds(&files("tests/documents"));
    let (made, _) = sample(kinds.get("letter").unwrap(), &fonts());
    let seal = &made.seals[0];
    near(seal.x, (date.left + date.right) / 2.0, 0.15);
    let text = lines.iter().rev().find(|line| line.bottom < organ.bottom - PITCH).unwrap();
    let white = seal.y - 21.0 - text.bottom;
    assert!((0.0..PITCH).contains(&white), "the seal begins within one line of the text: {white:.1} mm");
}

#[test]
fn the_breakdown_table_repeats_its_head_and_keeps_rows_whole() {
    let kinds = kinds(&files("templates/documents"));
    let (made, file) = sample(kinds.get("task_breakdown").unwrap(), &fonts());
    assert_eq!(made.page_count, 2);
    let first = read::lines(&file, 1);
    // 7.3.7: the label on line 1, the title on line 3.
    let size = 16.0 * 25.4 / 72.0;
    assert_eq!(first[0].text, "附件");
    near(first[0].left, 28.0, NEAR);
    near(first[0].bottom - 0.12 * size, 37.0 + 0.8 * size, NEAR);
    assert_eq!(first[1].text, "嘉兴市人防工程产权制度综合改革工作");
    assert_eq!(first[2].text, "任务分解表");
    // 二号 stands in the middle of its line: half of its greater height below the box, 0.2 of it below the baseline.
    let larger = 6.0 * 25.4 / 72.0;
    near(first[1].bottom - first[0].bottom, 2.0 * PITCH + (0.5 - 0.2 + 0.12) * larger, NEAR);
    for page in 1..=2 {
        let head = read::lines(&file, page);
        assert!(head.iter().any(|line| line.text == "责任部门任务分解"), "{head:#?}");
    }
    let rows = made.placed.iter().filter(|it| it.path.ends_with("/department")).count();
    assert_eq!(rows, 14);
    let rules = Picture::of(&file, 1).rows(Picture::is_black, 1500);
    assert!(*rules.last().unwrap() <= 262.2, "the table ends within the text area");
}
