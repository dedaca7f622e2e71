//! Tables row by row: numbering, quoting, charsets, bad files, endless files.

use std::fmt::Write;
use std::io::{Cursor, Read, Seek, SeekFrom};

use super::super::tests::show;
use super::super::{Format, Limits, ReadSpec, TableSpec};
use super::Table;
use crate::text::charset::{Charset, encode};

fn csv() -> ReadSpec {
    ReadSpec { format: Format::Csv, ..ReadSpec::default() }
}

/// Renders every row: number, cells with their places, then what was found.
pub(in super::super) fn show_rows(bytes: &[u8], spec: &ReadSpec) -> String {
    let mut out = String::new();
    let mut found = Vec::new();
    match Table::open(Cursor::new(bytes), spec) {
        Err(problems) => found = problems,
        Ok(mut table) => match table.rows() {
            Err(problems) => found = problems,
            Ok(mut rows) => {
                for row in rows.by_ref() {
                    match row {
                        Ok(row) => {
                            let _ = write!(out, "{}:", row.number);
                            for cell in row.tree.children(row.tree.root()) {
                                let (name, value) = (row.tree.name(cell), row.tree.value(cell));
                                let _ =
                                    write!(out, " {}{name}={}", row.tree.path(cell), value.unwrap_or("∅"));
                            }
                            out.push('\n');
                            found.extend(row.problems);
                        }
                        Err(problem) => found.push(problem),
                    }
                }
                found.extend(rows.warnings());
            }
        },
    }
    for problem in found {
        let _ = writeln!(out, "! {problem}");
    }
    out
}

fn check(bytes: &[u8], spec: &ReadSpec, expected: &str) {
    assert_eq!(show_rows(bytes, spec), expected);
}

#[test]
fn rows_are_numbered_as_excel_shows_them() {
    check(
        "编号,说明\r\n1,\"两行\n说明\"\r\n\r\n2,乙\r\n3\r\n".as_bytes(),
        &csv(),
        "2: R2C1编号=1 R2C2说明=两行\n说明\n4: R4C1编号=2 R4C2说明=乙\n5: R5C1编号=3 R5C2说明=∅\n",
    );
}

#[test]
fn rows_are_numbered_with_newlines_of_every_kind() {
    let rows = "3: R3C1a=x\ny\n4: R4C1a=2\n6: R6C1a=3\n";
    check(
        b"\na\n\"x\ny\"\n2\n\n3",
        &ReadSpec { table: TableSpec { header_row: 2, ..TableSpec::default() }, ..csv() },
        rows,
    );
    check(b"a\r1\r2\r", &csv(), "2: R2C1a=1\n3: R3C1a=2\n");
}

#[test]
fn a_header_may_stand_lower_and_titles_may_repeat() {
    let spec = ReadSpec { table: TableSpec { header_row: 2, delimiter: b';', sheet: None }, ..csv() };
    check(
        "土地供应结果\n面积 ;用途;面积\n1;住宅;2\n".as_bytes(),
        &spec,
        "3: R3C1面积=1 R3C2用途=住宅 R3C3面积#2=2\n\
         ! E2042 R2C3 值“面积”：C 列与 A 列的标题相同，按“面积#2”读取。 请修改其中一列的标题，以免取错列。\n",
    );
}

#[test]
fn charsets_are_found_and_differences_reported() {
    let text = "名称,面积\n嘉兴市南湖区某小区,1.5\n";
    let gbk = encode(text, Charset::Gbk).unwrap();
    let rows = "2: R2C1名称=嘉兴市南湖区某小区 R2C2面积=1.5\n";
    check(&gbk, &csv(), rows);
    check(&gbk, &ReadSpec { charset: Some("GBK".into()), ..csv() }, rows);
    check(&[b"\xEF\xBB\xBF", text.as_bytes()].concat(), &csv(), rows);
    check(
        text.as_bytes(),
        &ReadSpec { charset: Some("GBK".into()), ..csv() },
        &format!(
            "{rows}! E2021 值“GBK”：约定的字符集是 GBK，文件实际是 UTF-8，已按实际读取。 请核对导出时选用的字符集。\n"
        ),
    );
}

#[test]
fn bad_rows_are_located() {
    check(
        b"a,b\n1,2,3\n",
        &csv(),
        "2: R2C1a=1 R2C2b=2\n! E2043 R2C3 值“3”：这个单元格上方没有表头。 请核对这一行的列数；内容里的分隔符要用引号括起来。\n",
    );
    check(
        b"a,b\n1,\"2\n3,4\n5,6\n",
        &csv(),
        "! E2041 R2（第 2 行）：从第 2 行起引号没有成对，后面的行都被当作一个单元格。 请检查这一行的双引号；内容里的双引号要写成两个。\n",
    );
    check(
        b"a\n\x01\n",
        &csv(),
        "2: R2C1a=\u{1}\n! E2024 R2C1 值“·”：单元格里有控制字符。 请清除不可见字符。\n",
    );
    check(
        b"",
        &csv(),
        "! E2044 R1：第 1 行应是表头，却是空行或文件已结束。 请核对表头所在的行；表头上方的标题行也要计入行号。\n",
    );
    check(
        b"\n,,\n",
        &csv(),
        "! E2044 R1：第 1 行应是表头，却是空行或文件已结束。 请核对表头所在的行；表头上方的标题行也要计入行号。\n",
    );
    let mut broken = "名称\n嘉兴市南湖区某某小区\n".repeat(3).into_bytes();
    broken.insert(16, 0xFF);
    assert!(show_rows(&broken, &csv()).contains("! E2022 R2C1"), "{}", show_rows(&broken, &csv()));
}

#[test]
fn a_quote_that_never_ends_stops_at_the_row_limit() {
    let spec = ReadSpec { limits: Limits { row: 4096, ..Limits::default() }, ..csv() };
    let endless = format!("a\n\"{}", "x\n".repeat(400_000));
    let shown = show_rows(endless.as_bytes(), &spec);
    assert!(shown.starts_with("! E2041 R2") && shown.contains("引号没有成对"), "{shown}");
}

#[test]
fn a_whole_table_is_one_tree() {
    let spec = csv();
    assert_eq!(
        show("编号,名称\n1,甲\n2,\"乙\"\"\"\n".as_bytes(), &spec),
        " Array  <>\n\
         R2 Object  <1,甲\n>\n\
         R2C1 Text \"1\"  <1,甲\n>\n\
         R2C2 Text \"甲\"  <1,甲\n>\n\
         R3 Object  <2,\"乙\"\"\"\n>\n\
         R3C1 Text \"2\"  <2,\"乙\"\"\"\n>\n\
         R3C2 Text \"乙\\\"\"  <2,\"乙\"\"\"\n>\n"
    );
}

#[test]
fn a_hundred_thousand_rows_pass_through_small_buffers() {
    let mut table = Table::open(Endless::new(100_000), &csv()).unwrap();
    let rows = table.rows().unwrap();
    let mut count = 0u32;
    for row in rows {
        let row = row.unwrap();
        count += 1;
        assert_eq!(row.number, count + 1);
        let amount = row.tree.find("金额").unwrap();
        assert_eq!(row.tree.value(amount), Some("1234.50"));
        // What a row holds, which is all that is held of the file.
        assert!(row.tree.text().len() < 200 && row.tree.len() == 4);
    }
    assert_eq!(count, 100_000);
}

/// A table that is made while it is read.
struct Endless {
    rows: u32,
    at: u32,
    rest: Vec<u8>,
}

impl Endless {
    fn new(rows: u32) -> Self {
        Self { rows, at: 0, rest: "编号,名称,金额\n".as_bytes().to_vec() }
    }
}

impl Read for Endless {
    fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
        if self.rest.is_empty() && self.at < self.rows {
            self.at += 1;
            self.rest = format!("{},人防工程,1234.50\n", self.at).into_bytes();
        }
        let n = self.rest.len().min(out.len());
        out[..n].copy_from_slice(&self.rest[..n]);
        self.rest.drain(..n);
        Ok(n)
    }
}

impl Seek for Endless {
    fn seek(&mut self, _: SeekFrom) -> std::io::Result<u64> {
        Ok(0)
    }
}
