//! What goes out, and that it comes back the same.

use super::super::{Format, Frame, ReadSpec, read};
use super::{Content, CsvLayout, Inner, InnerForm, Item, JsonLayout, XmlLayout, csv, form, json, xml};
use crate::error::Problem;
use crate::text::charset::{Charset, decode};

fn text(written: Result<Vec<u8>, Vec<Problem>>) -> String {
    match written {
        Ok(bytes) => String::from_utf8(bytes).unwrap(),
        Err(problems) => problems.iter().map(|it| format!("! {it}\n")).collect(),
    }
}

fn sample() -> Item {
    let inner = Inner {
        item: Item::object("V", vec![Item::text("甲", "1<2")]),
        escaped: false,
        form: InnerForm::Xml(XmlLayout { declared: None, ..XmlLayout::default() }),
        cdata: true,
        base64: None,
    };
    Item::object(
        "CFX",
        vec![
            Item::attribute("Id", "a\"b\n&"),
            Item::text("名称", "甲&乙]]>\r\n"),
            Item::array(
                "行",
                vec![Item::text("", "一"), Item::object("", vec![Item::new("空", Content::Null)])],
            ),
            Item::new("数", Content::Number("1234.50".into())),
            Item::new("是", Content::Bool(true)),
            Item::new("文", Content::Cdata("x]]>y".into())),
            Item::new("内", Content::Inner(Box::new(inner))),
        ],
    )
}

const XML: &str = "<CFX Id=\"a&quot;b&#10;&amp;\"><名称>甲&amp;乙]]&gt;&#13;\n</名称><行>一</行><行><空/></行><数>1234.50</数>\
                   <是>true</是><文><![CDATA[x]]]]><![CDATA[>y]]></文><内><![CDATA[<V><甲>1&lt;2</甲></V>]]></内></CFX>";

#[test]
fn xml_is_written_and_comes_back() {
    let layout = XmlLayout { declared: None, ..XmlLayout::default() };
    assert_eq!(text(xml(&sample(), &layout)), XML);
    let bytes =
        xml(&sample(), &XmlLayout { declared: Some("GBK".into()), charset: Charset::Gbk, ..layout }).unwrap();
    let document = read(&bytes, &ReadSpec::default()).unwrap();
    assert!(document.problems.is_empty() && document.charset == Charset::Gbk);
    let value = |path: &str| document.tree.value(document.tree.find(path).unwrap()).map(str::to_owned);
    assert_eq!(value("CFX/@Id").as_deref(), Some("a\"b\n&"));
    assert_eq!(value("CFX/名称").as_deref(), Some("甲&乙]]>\r\n"));
    assert_eq!(value("CFX/文").as_deref(), Some("x]]>y"));
}

#[test]
fn xml_may_be_indented_and_empty_elements_written_out() {
    let item = Item::object(
        "a",
        vec![Item::text("b", "1"), Item::text("c", ""), Item::object("d", vec![Item::text("e", "x")])],
    );
    let layout = XmlLayout {
        declared: Some("GB2312".into()),
        indent: Some(2),
        expand_empty: true,
        ..XmlLayout::default()
    };
    assert_eq!(
        text(xml(&item, &layout)),
        "<?xml version=\"1.0\" encoding=\"GB2312\"?>\n<a>\n  <b>1</b>\n  <c></c>\n  <d>\n    <e>x</e>\n  </d>\n</a>"
    );
    let mixed =
        Item::object("a", vec![Item::attribute("k", "1"), Item::text("#text", "前"), Item::text("b", "")]);
    let layout = XmlLayout { declared: None, indent: Some(2), ..XmlLayout::default() };
    assert_eq!(text(xml(&mixed, &layout)), "<a k=\"1\">前<b/></a>");
}

#[test]
fn what_a_format_cannot_hold_is_located() {
    let item =
        Item::object("a", vec![Item::text("1b", "x"), Item::text("c", "\u{0}"), Item::text("d", "𠮷")]);
    let layout = XmlLayout { declared: None, charset: Charset::Gbk, ..XmlLayout::default() };
    assert_eq!(
        text(xml(&item, &layout)),
        "! E2061 /a/1b 值“1b”：“1b”不能作 XML 标签或属性名。 名称以字母、汉字或下划线开头，只含字母、汉字、数字、-、_、.。\n\
         ! E2062 /a/c 值“·”：内容里有控制字符 U+0000，不能写入报文。 请修正这个值。\n\
         ! E2023 值“·</c><d>𠮷</d></a”：字符“𠮷”（U+20BB7）不在 GBK 字符集里。 请换字，或与对方商定改用 GB18030 或 UTF-8。\n"
    );
    let number = Item::object("", vec![Item::new("n", Content::Number("007".into()))]);
    assert!(text(json(&number, &JsonLayout::default())).starts_with("! E2062 /n 值“007”"));
    assert!(text(xml(&Item::array("a", vec![]), &layout)).starts_with("! E2063"));
    let mut deep = Item::text("a", "x");
    for _ in 0..100 {
        deep = Item::object("a", vec![deep]);
    }
    assert!(text(xml(&deep, &layout)).contains("输出超过 64 层"));
    assert!(text(json(&deep, &JsonLayout::default())).contains("输出超过 64 层"));
}

#[test]
fn json_is_written_and_comes_back() {
    assert_eq!(
        text(json(&sample(), &JsonLayout::default())),
        r#"{"Id":"a\"b\n&","名称":"甲&乙]]>\r\n","行":["一",{"空":null}],"数":1234.50,"是":true,"文":"x]]>y","内":"<V><甲>1&lt;2</甲></V>"}"#
    );
    let item = Item::object("", vec![Item::array("a", vec![Item::text("", "\\")]), Item::array("b", vec![])]);
    let layout = JsonLayout { indent: Some(2), ..JsonLayout::default() };
    assert_eq!(text(json(&item, &layout)), "{\n  \"a\": [\n    \"\\\\\"\n  ],\n  \"b\": []\n}");
    let spec = ReadSpec { format: Format::Json, ..ReadSpec::default() };
    assert!(read(&json(&sample(), &JsonLayout::default()).unwrap(), &spec).is_ok());
}

#[test]
fn numbers_follow_the_grammar() {
    for good in ["0", "-0.5", "10", "1e5", "1.5E-10", "320180918000000039"] {
        assert!(super::is_number(good), "{good}");
    }
    for bad in ["", "-", "01", "1.", ".5", "+1", "1,000", "1e", "NaN", "１"] {
        assert!(!super::is_number(bad), "{bad}");
    }
}

#[test]
fn inner_documents_may_be_base64_in_another_charset() {
    let inner = Inner {
        item: Item::object("V", vec![Item::text("n", "中")]),
        escaped: false,
        form: InnerForm::Xml(XmlLayout { declared: Some("GBK".into()), ..XmlLayout::default() }),
        cdata: false,
        base64: Some(Charset::Gbk),
    };
    let item = Item::object("a", vec![Item::new("b", Content::Inner(Box::new(inner)))]);
    let written = text(json(&item, &JsonLayout::default()));
    let packed = written.strip_prefix("{\"b\":\"").and_then(|it| it.strip_suffix("\"}")).unwrap();
    let bytes = base64::Engine::decode(&base64::engine::general_purpose::STANDARD, packed).unwrap();
    assert_eq!(decode(&bytes, Some("GBK")).text, "<?xml version=\"1.0\" encoding=\"GBK\"?><V><n>中</n></V>");
}

#[test]
fn csv_is_written_with_a_mark_and_comes_back() {
    let row = |a: &str, b: &str| {
        Item::object("", vec![Item::text("面积", b), Item::text("名称", a), Item::text("多余", "x")])
    };
    let table = Item::array("", vec![row("甲,\"乙\"", "1"), row("两\n行", ""), Item::object("", vec![])]);
    let layout = CsvLayout { columns: vec!["名称".into(), "面积".into()], ..CsvLayout::default() };
    let written = text(csv(&table, &layout));
    assert_eq!(written, "\u{FEFF}名称,面积\r\n\"甲,\"\"乙\"\"\",1\r\n\"两\n行\",\r\n,\r\n");
    let spec = ReadSpec { format: Format::Csv, ..ReadSpec::default() };
    let document = read(written.as_bytes(), &spec).unwrap();
    assert_eq!(document.tree.value(document.tree.find("1/名称").unwrap()), Some("两\n行"));
    let gbk = csv(&table, &CsvLayout { charset: Charset::Gbk, ..layout.clone() }).unwrap();
    assert!(decode(&gbk, Some("GBK")).text.starts_with("名称"));
    let nested = Item::array("", vec![Item::object("", vec![Item::object("名称", vec![])])]);
    assert!(text(csv(&nested, &layout)).starts_with("! E2063 /2/名称"));
    assert!(text(csv(&table, &CsvLayout::default())).starts_with("! E2063"));
}

#[test]
fn forms_are_written_encoded_or_raw_and_come_back() {
    let item =
        Item::object("", vec![Item::text("baseInfoXml", "<R>1&amp;2 中</R>"), Item::text("memo", "a+b")]);
    assert_eq!(
        text(form(&item, Charset::Utf8, true)),
        "baseInfoXml=%3CR%3E1%26amp%3B2+%E4%B8%AD%3C%2FR%3E&memo=a%2Bb"
    );
    assert_eq!(
        text(form(&item, Charset::Gbk, true)),
        "baseInfoXml=%3CR%3E1%26amp%3B2+%D6%D0%3C%2FR%3E&memo=a%2Bb"
    );
    let spec = ReadSpec { format: Format::Form, ..ReadSpec::default() };
    for percent in [true, false] {
        let bytes = form(&item, Charset::Utf8, percent).unwrap();
        let document = read(&bytes, &spec).unwrap();
        let value = document.tree.value(document.tree.find("baseInfoXml").unwrap());
        assert_eq!(value, Some("<R>1&amp;2 中</R>"), "{percent}");
    }
    assert!(text(form(&Item::object("", vec![sample()]), Charset::Utf8, true)).starts_with("! E2063 /CFX"));
}

#[test]
fn frames_count_their_own_bytes() {
    let bytes = Frame::write("8994", b"<CFX/>", |xml| format!("{:064x}", xml.len()));
    let length = bytes.len().to_string();
    assert!(bytes.starts_with(format!("{length:<8}CNNONTAX1.08994<CFX/>000").as_bytes()));
    assert_eq!(Frame::split(&bytes).unwrap().signed, b"<CFX/>");
}
