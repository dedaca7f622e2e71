//! What lines of markup mean.

use super::parse;
use crate::document::block::{Align, Block};

fn blocks(markup: &str) -> Vec<Block> {
    parse("body.tera", markup).unwrap().blocks
}

fn fault(markup: &str) -> (u32, String) {
    let problems = parse("body.tera", markup).unwrap_err();
    (problems[0].place.clone().unwrap().line.unwrap(), problems[0].rule.clone())
}

#[test]
fn headings_count_themselves() {
    let marks: Vec<String> = blocks("# 甲\n## 乙\n## 丙 || 丁\n# 戊\n## 己\n### 庚\n#### 辛")
        .into_iter()
        .map(|block| match block {
            Block::Heading { mark, head, rest, .. } => {
                format!("{mark}{}|{}", head.to_plain(), rest.to_plain())
            }
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(marks, ["一、甲|", "（一）乙|", "（二）丙|丁", "二、戊|", "（一）己|", "1.庚|", "（1）辛|"]);
}

#[test]
fn values_are_never_markup() {
    let found = parse("body.tera", "\u{4}7\u{5}\u{1}a\u{2}@标题 <黑>假</黑>\\n\u{3}").unwrap();
    let Block::Paragraph(Align::Justify, text) = &found.blocks[0] else { panic!("{:?}", found.blocks) };
    assert_eq!(text.to_plain(), "@标题 <黑>假</黑>\\n");
    assert_eq!(text.0[0].field, Some(0));
    assert_eq!((found.fields[0].path.as_str(), found.fields[0].line), ("a", 7));
}

#[test]
fn a_value_with_a_bar_stays_in_its_cell() {
    let found = blocks("@表[列=40,116]\n|\u{1}a\u{2}甲|乙\u{3}|丙\\|丁|\n@表完");
    let Block::Table(table) = &found[0] else { panic!() };
    let texts: Vec<String> = table.rows[0].cells.iter().map(|cell| cell.text.to_plain()).collect();
    assert_eq!(texts, ["甲|乙", "丙|丁"]);
}

#[test]
fn cells_merge_to_the_left_and_upwards() {
    let found = blocks("@表[列=30,30,30 表头=1]\n|甲|<|乙|\n|[黑中]丙|丁|戊|\n|^|己|庚|\n@表完");
    let Block::Table(table) = &found[0] else { panic!() };
    assert_eq!(table.head_rows, 1);
    assert_eq!(table.rows[0].cells[0].columns, 2);
    assert_eq!(table.rows[1].cells[0].rows, 2);
    assert_eq!(table.rows[2].cells.len(), 2);
}

#[test]
fn parts_of_a_block_are_gathered() {
    let found = blocks("@署名[盖章] 甲\n@署名 乙\n@日期 2026年3月1日\n@附件 附件\n@标题 丙//丁\n@标题 戊");
    assert!(
        matches!(&found[0], Block::Sign { organs, sealed: true, date } if organs.len() == 2 && !date.is_blank())
    );
    assert!(matches!(&found[1], Block::Attachment(_, title) if title.len() == 3));
    assert_eq!(found.len(), 2);
    assert!(matches!(&blocks("@主送 甲公司")[0], Block::Addressee(text) if text.to_plain() == "甲公司："));
    let found = blocks("@标题 甲\n@文号 乙\n@抄送 丙\n@发文机关标志 丁");
    assert!(matches!(&found[0], Block::Head(head) if head.number.is_some() && head.organs.len() == 1));
    assert!(matches!(&found[2], Block::Imprint(imprint) if imprint.copies.is_some()));
}

#[test]
fn faults_name_the_line_of_the_template() {
    assert_eq!(fault("\u{4}3\u{5}@没有 甲"), (3, "没有“@没有”这种写法。".to_owned()));
    assert_eq!(fault("\u{4}1\u{5}@表[列=40,116]\n\u{4}2\u{5}|甲|\n@表完").0, 2);
    assert_eq!(fault("\u{4}5\u{5}|甲|").0, 5);
    assert_eq!(fault("\u{4}2\u{5}@表[列=100,100]\n@表完").0, 2);
}
