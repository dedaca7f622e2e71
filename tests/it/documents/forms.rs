//! Forms without a head: merged cells, check boxes, fitting columns, rows that go on, tables on their side, QR code, seals.

use std::io::Write;
use std::path::{Path, PathBuf};

use hub::document::layout::item::{Ink, Item};
use hub::document::{Options, Purpose, lay_out_values, render};

use super::measure::{INK, near};
use super::read::{self, Picture};
use super::{files, fonts, kinds, sample};

fn form() -> PathBuf {
    let kinds = kinds(&files("tests/documents"));
    sample(kinds.get("forms").unwrap(), &fonts()).1
}

#[test]
fn a_qr_code_is_read_by_another_program() {
    assert_eq!(read::qr(&form(), 1), "https://rf.example.gov.cn/verify/7Q4K-2M9D");
}

#[test]
fn merged_cells_have_no_rule_through_them() {
    let file = form();
    let (picture, lines) = (Picture::of(&file, 1), read::lines(&file, 1));
    let works = lines.iter().find(|line| line.text.contains("工程名称")).unwrap();
    let unit = lines.iter().find(|line| line.text.contains("防护单元") && line.left < 50.0).unwrap();
    // The middle of 防护单元 lies on the rule between its two rows: no ink of a rule in its cell at that height.
    let inner = picture.columns(Picture::is_black, unit.bottom + 1.0, unit.bottom + 2.0);
    assert!(inner.iter().all(|x| !(30.0..57.0).contains(x)), "{inner:?}");
    // The name of the works has one cell over three columns: no rule between its end and the frame.
    let across = picture.columns(Picture::is_black, works.top, works.top + 0.5);
    assert!(across.iter().all(|x| !(110.0..183.0).contains(x)), "{across:?}");
}

#[test]
fn a_row_that_may_go_on_fills_the_page_and_loses_nothing() {
    let kinds = kinds(&files("tests/documents"));
    let kind = kinds.get("forms").unwrap();
    let (made, file) = sample(kind, &fonts());
    let long = kind.sample.values["long"].as_str().unwrap();
    assert!(made.text.contains(long), "every character of the long cell is there, in order");
    for page in [2, 3] {
        assert!(read::text(&file, page).starts_with("序号"), "the head is repeated on page {page}");
    }
    let rules = Picture::of(&file, 1).rows(Picture::is_black, 1500);
    assert!(*rules.last().unwrap() > 255.0, "the row begins on the first page and fills it: {rules:?}");
}

#[test]
fn fitting_columns_share_the_width_by_what_they_hold() {
    let file = form();
    let head = read::words(&file, 1);
    let at = |text: &str| head.iter().rfind(|word| word.text == text).unwrap().left;
    // 30* and 60* beside 20: the long texts of the last column take what is left.
    assert!(at("任务") - at("单位") < 60.0, "the short column stays near its least width");
    let rules = Picture::of(&file, 2).columns(Picture::is_black, 250.0, 250.5);
    near(rules[0], 28.0, INK);
    near(*rules.last().unwrap(), 184.0, INK);
}

#[test]
fn a_table_on_its_side_keeps_its_head_left_and_the_page_number_in_place() {
    let file = form();
    for page in [4, 5] {
        let words = read::words(&file, page);
        let head = words.iter().find(|word| word.text == "工程名称").unwrap();
        let body = words.iter().filter(|word| word.text == "嘉禾云庭人防地下室");
        let rows: Vec<f64> = body.map(|word| word.left).collect();
        assert!(!rows.is_empty() && rows.iter().all(|x| *x > head.right), "{rows:?} right of {head:?}");
        // Text runs upwards: taller than wide.
        assert!(head.bottom - head.top > head.right - head.left, "{head:?}");
        // Font boxes reach 0.08 of a character further than character boxes.
        let outside = words.iter().find(|word| word.left < 28.0 - 0.5 || word.right > 184.5);
        assert!(outside.is_none(), "{outside:?}");
        // 8: the number stands where it stands on other pages.
        let number =
            read::lines(&file, page).into_iter().find(|line| line.text == format!("—{page}—")).unwrap();
        let em = 14.0 * 25.4 / 72.0;
        if page % 2 == 1 { near(number.right, 184.0 - em, 0.1) } else { near(number.left, 28.0 + em, 0.1) }
    }
    let rows = [4, 5]
        .map(|page| read::words(&file, page).iter().filter(|it| it.text.starts_with("嘉禾云庭")).count());
    assert_eq!(rows.iter().sum::<usize>(), 24);
}

/// What a clerk looks at before sealing.
fn preview(name: &str) -> (Vec<SealDrawn>, PathBuf) {
    let (kinds, fonts) = (kinds(&files("tests/documents")), fonts());
    let kind = kinds.get(name).unwrap();
    let number = kind.sample.number.as_deref();
    let options = Options {
        number,
        date: kind.sample.date,
        purpose: Purpose::Preview,
        watermark: Some("草稿"),
        id: "preview",
    };
    let made = render(kind, &kind.sample.values, &options, &fonts).unwrap();
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("documents/preview-{name}.pdf"));
    std::fs::File::create(&path).unwrap().write_all(&made.pdf).unwrap();
    let (_, pages) = lay_out_values(kind, &kind.sample.values, &options, &fonts).unwrap();
    let drawn = pages.pages.iter().zip(1..).flat_map(|(page, number)| {
        page.items.iter().filter_map(move |item| match item {
            Item::Circle([x, y, radius, _], Ink::Red) => {
                Some(SealDrawn { page: number, x: *x, y: *y, radius: *radius })
            }
            _ => None,
        })
    });
    (drawn.collect(), path)
}

struct SealDrawn {
    page: usize,
    x: f64,
    y: f64,
    radius: f64,
}

#[test]
fn a_preview_shows_specimen_seals_and_an_issued_file_leaves_their_place_free() {
    let (drawn, path) = preview("joint_report");
    assert_eq!(drawn.len(), 3);
    // The ring is there, 42 mm across, and says 样章.
    let picture = Picture::of(&path, 2);
    for seal in &drawn {
        assert!((seal.radius * 2.0 - 42.0).abs() < 1.5);
        let across = picture.columns(Picture::is_red, seal.y, seal.y + 0.1);
        let own: Vec<f64> = across.into_iter().filter(|x| (x - seal.x).abs() < 22.0).collect();
        near(own[0], seal.x - 21.0, INK);
        near(*own.last().unwrap(), seal.x + 21.0, INK);
    }
    assert_eq!(read::text(&path, 2).matches('样').count(), 3);
    let kinds = kinds(&files("tests/documents"));
    let (_, issued) = sample(kinds.get("joint_report").unwrap(), &fonts());
    let red = Picture::of(&issued, 2).rows(Picture::is_red, 1);
    assert!(red.is_empty(), "a drawing is no seal: {red:?}");
}

#[test]
fn the_seal_over_the_edges_falls_on_every_page_in_equal_shares() {
    let (drawn, path) = preview("forms");
    assert_eq!(drawn.len(), 6, "a share on each page");
    let share = 42.0 / 6.0;
    for (nth, seal) in drawn.iter().enumerate() {
        assert_eq!(seal.page, nth + 1);
        near(seal.y, 148.5, 0.01);
        // Fanned out, the shares meet: the centre moves one share to the left from page to page.
        near(seal.x, 210.0 - share + 21.0 - share * nth as f64, 0.01);
        let ink = Picture::of(&path, nth + 1).columns(Picture::is_red, 127.0, 170.0);
        assert!(ink.first().is_some_and(|x| *x >= 210.0 - share - INK), "page {}: {ink:?}", nth + 1);
        assert!(*ink.last().unwrap() >= 209.0);
    }
}
