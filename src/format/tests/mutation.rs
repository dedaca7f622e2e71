//! Damaged messages: whatever the bytes, reading ends with a tree or with findings, and every place lies in the text.

use std::io::Cursor;

use super::super::table::tests::show_rows;
use super::super::write::{Column, ColumnKind, SheetWriter};
use super::super::{Format, Nested, ReadSpec, Table, read};
use crate::text::charset::{Charset, encode};

/// Marsaglia's xorshift: the same sequence on every run.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % sides.max(1) as u64) as usize
    }

    /// Changes, removes, doubles or inserts a few bytes.
    fn damage(&mut self, bytes: &[u8]) -> Vec<u8> {
        const LIKELY: &[u8] = b"<>&;\"'{}[],:=/\\!?-#x0%+\r\n\t \x00\xFF\xE4\x80]";
        let mut out = bytes.to_vec();
        for _ in 0..=self.roll(4) {
            let at = self.roll(out.len());
            match self.roll(6) {
                0 => drop(out.get_mut(at).map(|b| *b = self.roll(256) as u8)),
                1 if !out.is_empty() => drop(out.remove(at)),
                2 => out.insert(at, LIKELY[self.roll(LIKELY.len())]),
                3 => out.truncate(at),
                4 => {
                    let end = (at + self.roll(12)).min(out.len());
                    let part = out.get(at..end).unwrap_or_default().to_vec();
                    let to = self.roll(out.len());
                    out.splice(to..to, part);
                }
                _ => drop(out.get_mut(at).map(|b| *b ^= 1 << self.roll(8))),
            }
        }
        out
    }
}

/// Looks at everything a tree can be asked.
fn examine(bytes: &[u8], spec: &ReadSpec) {
    let Ok(mut document) = read(bytes, spec) else { return };
    let ids: Vec<_> = document.tree.ids().collect();
    for id in ids {
        for how in [Nested::Xml, Nested::Json, Nested::Base64 { charset: None }, Nested::Form] {
            let _ = document.tree.unwrap(id, &how, spec, &mut Vec::new());
        }
    }
    let tree = &document.tree;
    for id in tree.ids() {
        let place = tree.place(id);
        assert!(place.start <= place.end, "{place:?}");
        assert!(
            place.end as usize <= bytes.len().max(tree.text().len()).max(tree.arena.side.len()),
            "{place:?}"
        );
        let node = tree.node(id).unwrap();
        let range = |a: u32, b: u32| (a & 0x3FFF_FFFF) as usize..(b & 0x3FFF_FFFF) as usize;
        let buffer = if node.start >> 30 == 0 { tree.text() } else { &tree.arena.side };
        assert!(
            buffer.get(range(node.start, node.end)).is_some(),
            "a span is no piece of the text: {node:?}"
        );
        let _ = (tree.name(id), tree.value(id), tree.source(id), tree.children(id).count());
    }
}

fn batter(seed: u64, rounds: usize, spec: &ReadSpec, message: &[u8]) {
    let mut dice = Dice(seed);
    for _ in 0..rounds {
        let bytes = dice.damage(message);
        examine(&bytes, spec);
        examine(&bytes, &ReadSpec { lenient: true, many: true, ..spec.clone() });
    }
}

#[test]
fn damaged_xml_never_panics() {
    let text = "<?xml version=\"1.0\" encoding=\"GBK\"?><!-- 注 --><n:a xmlns:n=\"u\" x='1&#20013;' y=\"\t\"><b>甲&amp;乙</b>\r\n\
                混合<c><![CDATA[<d e=\"1\"><f>&lt;g/&gt;</f></d>]]></c><h/><b> </b><j>eyJhIjpbMV19</j><k>{\"a\":[1,\"\\n\"]}</k></n:a>";
    let spec = ReadSpec::default();
    batter(0x9E37_79B9_7F4A_7C15, 4_000, &spec, text.as_bytes());
    batter(0x1234_5678_9ABC_DEF1, 2_000, &spec, &encode(text, Charset::Gbk).unwrap());
}

#[test]
fn damaged_json_never_panics() {
    let text = "\u{FEFF}{\"a \":1.50,\"b/c\":[1,\"x\\n\\u4e2d\\ud83d\\ude00\",null,true,{}], // 注\n\"n\":-320180918000000039e+2,\"x\":\"<a b='1'>乙</a>\",\"y\":\"&lt;a/&gt;\",\"e\":[[]]}";
    let spec = ReadSpec { format: Format::Json, ..ReadSpec::default() };
    batter(0xDEAD_BEEF_CAFE_F00D, 4_000, &spec, text.as_bytes());
}

#[test]
fn damaged_forms_and_frames_never_panic() {
    let form = ReadSpec { format: Format::Form, ..ReadSpec::default() };
    batter(
        7,
        2_000,
        &form,
        "baseInfoXml=<?xml version=\"1.0\"?><R><A>1&amp;2</A></R>&acceptInfoXml=<R b=\"中\"/>&c=1".as_bytes(),
    );
    batter(8, 2_000, &form, b"a=%E4%B8%AD%41+b&c=%D6%D0&d=<R/>&e");
    let frame = super::super::Frame::write("5996", "<CFX><M>中</M></CFX>".as_bytes(), |_| "0".repeat(64));
    batter(9, 2_000, &ReadSpec { format: Format::Frame, ..ReadSpec::default() }, &frame);
}

#[test]
fn damaged_tables_never_panic() {
    let text = "编号,\"名称\",面积\r\n1,\"甲\"\"乙\n丙\",2.5\r\n\r\n2,丁,3\r\n";
    let csv = ReadSpec { format: Format::Csv, ..ReadSpec::default() };
    let mut dice = Dice(0x0BAD_5EED);
    for bytes in [text.as_bytes().to_vec(), encode(text, Charset::Gbk).unwrap()] {
        for _ in 0..2_000 {
            let damaged = dice.damage(&bytes);
            examine(&damaged, &csv);
            let _ = show_rows(&damaged, &csv);
        }
    }
    let column = |title: &str| Column { title: title.into(), kind: ColumnKind::Number, width: 9, note: None };
    let mut writer = SheetWriter::new("表", None, vec![column("甲"), column("乙")]).unwrap();
    for n in 0..20 {
        writer.row(&[n.to_string(), "文字".to_owned()]).unwrap();
    }
    let book = writer.finish().unwrap();
    let xlsx = ReadSpec { format: Format::Xlsx, ..ReadSpec::default() };
    for _ in 0..300 {
        let damaged = dice.damage(&book);
        examine(&damaged, &xlsx);
        let _ = show_rows(&damaged, &xlsx);
    }
    assert!(Table::open(Cursor::new(book), &xlsx).is_ok());
}
