//! Workbooks: as our writer and as other programs make them, and as attackers do.

use std::io::{Cursor, Write};

use zip::write::SimpleFileOptions;

use super::super::table::tests::show_rows;
use super::super::tests::show;
use super::super::write::{Column, ColumnKind, SheetWriter};
use super::super::{Format, Limits, ReadSpec, TableSpec};

fn xlsx() -> ReadSpec {
    ReadSpec { format: Format::Xlsx, ..ReadSpec::default() }
}

const BOOK: &str = r#"<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="说明" sheetId="1" state="hidden" r:id="rId9"/><sheet name="门牌" sheetId="2" r:id="rId1"/></sheets></workbook>"#;
const RELS: &str = r#"<Relationships><Relationship Id="rId1" Type="http://x/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="rId9" Type="http://x/worksheet" Target="/xl/worksheets/sheet9.xml"/><Relationship Id="rId2" Type="http://x/sharedStrings" Target="sharedStrings.xml"/><Relationship Id="rId3" Type="http://x/styles" Target="styles.xml"/></Relationships>"#;
const STRINGS: &str = r#"<sst count="9" uniqueCount="99999999999999"><si><t>编号</t></si><si><r><t>名</t></r><r><t>称&amp;</t></r><rPh sb="0" eb="1"><t>拼音</t></rPh></si><si/><si><t>甲_x000D_乙</t></si></sst>"#;
const STYLES: &str = r#"<styleSheet><numFmts count="1"><numFmt numFmtId="164" formatCode="00000"/></numFmts><cellStyleXfs><xf numFmtId="14"/></cellStyleXfs><cellXfs><xf numFmtId="0"/><xf numFmtId="31"/><xf numFmtId="164"/></cellXfs></styleSheet>"#;

/// A package of parts.
fn package(parts: &[(&str, &str)]) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, text) in parts {
        writer.start_file(*name, SimpleFileOptions::default()).unwrap();
        writer.write_all(text.as_bytes()).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

fn book(sheet: &str) -> Vec<u8> {
    package(&[
        ("xl/workbook.xml", BOOK),
        ("xl/_rels/workbook.xml.rels", RELS),
        ("xl/sharedStrings.xml", STRINGS),
        ("xl/styles.xml", STYLES),
        ("xl/worksheets/sheet1.xml", sheet),
    ])
}

fn check(sheet: &str, expected: &str) {
    assert_eq!(show_rows(&book(sheet), &xlsx()), expected);
}

#[test]
fn cells_are_read_as_people_see_them() {
    check(
        r#"<worksheet><sheetData>
        <row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" t="s"><v>1</v></c><c r="C1" t="inlineStr"><is><t>日期</t></is></c><c r="D1" t="str"><v>区划</v></c></row>
        <row r="3"><c r="A3"><v>330402199001011237</v></c><c r="B3" t="s"><v>3</v></c><c r="C3" s="1"><v>42887</v></c><c r="D3" s="2"><v>101</v></c></row>
        <row><c><v>1.0</v></c><c t="b"><v>1</v></c><c t="e"><v>#N/A</v></c><c/></row>
        <row r="6"><c r="A6"><v>3.30402199001011E+17</v></c><c r="B6" t="s"><v>2</v></c><c r="F6" t="s"><v>0</v></c></row>
        <row r="9"/>
        <row r="10"><c r="A10"><f>SUM(1,2)</f></c><c r="B10"><f>1+1</f><v>2</v></c></row>
        </sheetData></worksheet>"#,
        "3: 门牌!A3编号=330402199001011237 门牌!B3名称&=甲\r乙 门牌!C3日期=2017-06-01 门牌!D3区划=00101\n\
         4: 门牌!A4编号=1 门牌!B4名称&=true 门牌!C4日期=#N/A 门牌!D4区划=∅\n\
         6: 门牌!A6编号=330402199001011000 门牌!B6名称&=∅ 门牌!C6日期=∅ 门牌!D6区划=∅\n\
         10: 门牌!A10编号=∅ 门牌!B10名称&=2 门牌!C10日期=∅ 门牌!D10区划=∅\n\
         ! E2047 门牌!C4 值“#N/A”：单元格是错误值。 请修正公式或改填数值。\n\
         ! E2048 门牌!A6 值“330402199001011000”：长数字按数值存放，第 15 位以后可能已被表格软件改成 0。 编号类的列请先设为文本格式再填写。\n\
         ! E2043 门牌!F6 值“编号”：这个单元格上方没有表头。 请核对这一行的列数；内容里的分隔符要用引号括起来。\n\
         ! E2047 门牌!A10：公式没有保存计算结果。 请用表格软件打开、保存后再发，或改填数值。\n",
    );
}

#[test]
fn merged_cells_fill_down_and_keep_their_place() {
    let sheet = r#"<worksheet><sheetData>
        <row r="1"><c r="A1" t="str"><v>街道</v></c><c r="B1" t="str"><v>号</v></c></row>
        <row r="2"><c r="A2" t="str"><v>建设街道</v></c><c r="B2"><v>1</v></c></row>
        <row r="3"><c r="A3"/><c r="B3"><v>2</v></c></row>
        <row r="4"><c r="B4"><v>3</v></c></row>
        <row r="5"><c r="B5"><v>4</v></c></row>
        </sheetData><mergeCells count="1"><mergeCell ref="A2:A4"/></mergeCells></worksheet>"#;
    check(
        sheet,
        "2: 门牌!A2街道=建设街道 门牌!B2号=1\n3: 门牌!A2街道=建设街道 门牌!B3号=2\n\
         4: 门牌!A2街道=建设街道 门牌!B4号=3\n5: 门牌!A5街道=∅ 门牌!B5号=4\n",
    );
    let whole = show(&book(sheet), &xlsx());
    assert!(whole.contains("门牌!4:4 Object") && whole.contains("门牌!A2 Text \"建设街道\""), "{whole}");
}

#[test]
fn what_we_write_is_read_back_by_us_and_by_another_reader() {
    let column =
        |title: &str, kind| Column { title: title.into(), kind, width: 12, note: Some("说明".into()) };
    let columns = vec![column("证号", ColumnKind::Text), column("面积", ColumnKind::Number)];
    let write = || {
        let mut writer = SheetWriter::new("人防工程", Some("人防工程一览"), columns.clone()).unwrap();
        writer.row(&["320180918000000039", "1234.5"]).unwrap();
        writer.row(&["007", "12345678901234567.8"]).unwrap();
        assert!(writer.row(&["", "", ""]).is_err());
        writer.finish().unwrap()
    };
    let bytes = write();
    assert!(bytes == write(), "the same content must give the same bytes");
    let spec = ReadSpec { table: TableSpec { header_row: 2, ..TableSpec::default() }, ..xlsx() };
    assert_eq!(
        show_rows(&bytes, &spec),
        "3: 人防工程!A3证号=320180918000000039 人防工程!B3面积=1234.5\n\
         4: 人防工程!A4证号=007 人防工程!B4面积=12345678901234567.8\n"
    );
    let mut other: calamine::Xlsx<_> = calamine::Reader::new(Cursor::new(&bytes)).unwrap();
    let range = calamine::Reader::worksheet_range(&mut other, "人防工程").unwrap();
    assert_eq!(range.get_value((2, 0)), Some(&calamine::Data::String("320180918000000039".into())));
    assert_eq!(range.get_value((2, 1)), Some(&calamine::Data::Float(1234.5)));
}

#[test]
fn a_wrong_file_or_sheet_is_named() {
    let check = |bytes: &[u8], spec: &ReadSpec, expected: &str| {
        let shown = show_rows(bytes, spec);
        assert!(shown.starts_with(expected), "{shown}");
    };
    check(b"a,b\n1,2\n", &xlsx(), "! E2045：不是 xlsx 文件");
    check(b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", &xlsx(), "! E2045：这是旧版 .xls 或加了密码");
    check(&package(&[("word/document.xml", "<a/>")]), &xlsx(), "! E2045：文件里没有工作簿");
    let spec =
        ReadSpec { table: TableSpec { sheet: Some("地名".into()), ..TableSpec::default() }, ..xlsx() };
    check(&book("<worksheet/>"), &spec, "! E2046：没有名为“地名”的工作表；现有：说明、门牌。");
    check(&book("<worksheet><sheetData/></worksheet>"), &xlsx(), "! E2044 门牌!1:1");
    check(&book("<worksheet><sheetData><row r='1'><c r='1'><v>1</v>"), &xlsx(), "! E2045 门牌!1:1");
    check(&book("<worksheet><sheetData><row r='99999999999'>"), &xlsx(), "! E2045 门牌!1:1");
    check(
        &book("<worksheet><sheetData><row r='1'><c r='ZZZZZZZZZZZZ1'><v>1</v></c></row>"),
        &xlsx(),
        "! E2045 门牌!1:1",
    );
    check(&book("<!DOCTYPE x [<!ENTITY a 'b'>]><worksheet/>"), &xlsx(), "! E2045：工作簿里有 DOCTYPE");
}

#[test]
fn bombs_are_refused_while_they_are_unpacked() {
    let small = |limits: Limits| ReadSpec { limits, ..xlsx() };
    let bomb = book(&format!("<worksheet><sheetData>{}</sheetData></worksheet>", " ".repeat(8 << 20)));
    assert!(bomb.len() < 100_000);
    let shown = show_rows(&bomb, &small(Limits { ratio: 100, ..Limits::default() }));
    assert!(shown.starts_with("! E2035：工作簿的压缩比超过 100 倍"), "{shown}");
    let shown = show_rows(&bomb, &small(Limits { ratio: u64::MAX, workbook: 4 << 20, ..Limits::default() }));
    assert!(shown.starts_with("! E2035：工作簿解压后超过 4 MB"), "{shown}");
    let shown = show_rows(&bomb, &small(Limits { ratio: u64::MAX, row: 1 << 16, ..Limits::default() }));
    assert!(shown.starts_with("! E2035：一个单元格或一段内容超过 64 KB"), "{shown}");
}
