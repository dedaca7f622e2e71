//! Documents inside values, one layer and several.

use std::fmt::Write;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::super::tests::show_tree;
use super::super::{Format, Limits, Nested, ReadSpec, read};
use crate::error::codes;
use crate::text::charset::{Charset, encode};

/// Opens the layers of the value at `path`, one inside the other, and renders the tree or the findings.
fn open(format: Format, text: &str, path: &str, layers: &[Nested]) -> String {
    let spec = ReadSpec { format, ..ReadSpec::default() };
    let mut document = read(text.as_bytes(), &spec).unwrap();
    let tree = &mut document.tree;
    let before = tree.len();
    let mut at = tree.find(path).unwrap();
    let mut found = Vec::new();
    for layer in layers {
        match tree.unwrap(at, layer, &spec, &mut found) {
            Ok(root) => {
                assert_eq!(tree.unwrap(at, layer, &spec, &mut found).as_ref(), Ok(&root), "opened once only");
                assert_eq!((tree.nested(at), tree.parent(root)), (Some(root), Some(at)));
                at = root;
            }
            Err(problems) => {
                found.extend(problems);
                break;
            }
        }
    }
    let mut out = String::new();
    show_tree(tree, &mut out);
    let mut inner: String = out.lines().skip(before).map(|line| format!("{line}\n")).collect();
    for problem in found {
        let place = problem.place.as_ref().map(|it| (it.start, it.end, it.decoded));
        let _ = writeln!(inner, "! {problem} {place:?}");
    }
    inner
}

fn check(format: Format, text: &str, path: &str, layers: &[Nested], expected: &str) {
    assert_eq!(open(format, text, path, layers), expected, "{text}");
}

#[test]
fn cdata_is_opened_where_it_stands() {
    let text = "<r><body><![CDATA[ <a><b>甲</b></a>]]></body></r>";
    check(
        Format::Xml,
        text,
        "r/body",
        &[Nested::Xml],
        "/r/body ▸ / Object  <<a><b>甲</b></a>>\n/r/body ▸ /a Object  <<a><b>甲</b></a>>\n/r/body ▸ /a/b Text \"甲\"  <甲>\n",
    );
    let mut document = read(text.as_bytes(), &ReadSpec::default()).unwrap();
    let body = document.tree.find("r/body").unwrap();
    document.tree.unwrap(body, &Nested::Xml, &ReadSpec::default(), &mut Vec::new()).unwrap();
    let inner = document.tree.ids().last().unwrap();
    let place = document.tree.place(inner);
    assert_eq!(&text[place.start as usize..place.end as usize], "甲");
    assert!(!place.decoded);
}

#[test]
fn escaped_and_plain_documents_in_strings() {
    check(
        Format::Json,
        r#"{"Data":"\r\n&lt;ds&gt;&lt;坐落&gt;1&amp;amp;2&lt;/坐落&gt;&lt;/ds&gt;"}"#,
        "Data",
        &[Nested::Xml],
        "/Data ▸ / Object  <<ds><坐落>1&amp;2</坐落></ds>>\n/Data ▸ /ds Object  <<ds><坐落>1&amp;2</坐落></ds>>\n\
         /Data ▸ /ds/坐落 Text \"1&2\"  <1&amp;2>\n",
    );
    check(
        Format::Json,
        r#"{"datas":"[{\"a\":1},{\"a\":\"\\n\"}]"}"#,
        "datas",
        &[Nested::Json],
        "/datas ▸  Array  <[{\"a\":1},{\"a\":\"\\n\"}]>\n/datas ▸ /0 Object  <{\"a\":1}>\n/datas ▸ /0/a Number \"1\"  <1>\n\
         /datas ▸ /1 Object  <{\"a\":\"\\n\"}>\n/datas ▸ /1/a Text \"\\n\"  <\"\\n\">\n",
    );
    check(
        Format::Form,
        "additional=%7B%22a%22%3A1%7D&b=2",
        "additional",
        &[Nested::Json],
        "/additional ▸  Object  <{\"a\":1}>\n/additional ▸ /a Number \"1\"  <1>\n",
    );
}

#[test]
fn base64_of_gbk_inside_a_string() {
    let voucher =
        "<?xml version=\"1.0\" encoding=\"GBK\"?><Voucher><PayerName>某某公司</PayerName></Voucher>";
    let packed = STANDARD.encode(encode(voucher, Charset::Gbk).unwrap());
    let text = format!("<MOF><Voucher>{}\n{}</Voucher></MOF>", &packed[..40], &packed[40..]);
    for charset in [Some("GBK".to_owned()), None] {
        check(
            Format::Xml,
            &text,
            "MOF/Voucher",
            &[Nested::Base64 { charset }, Nested::Xml],
            &format!(
                "/MOF/Voucher Text {voucher:?}  <<?xml version=\"1.0\" encoding=\"GBK\"?><Vou>\n\
                 /MOF/Voucher ▸ / Object  <<?xml version=\"1.0\" encoding=\"GBK\"?><Vou>\n\
                 /MOF/Voucher ▸ /Voucher Object  <<Voucher><PayerName>某某公司</PayerName></Vo>\n\
                 /MOF/Voucher ▸ /Voucher/PayerName Text \"某某公司\"  <某某公司>\n"
            ),
        );
    }
}

#[test]
fn percent_encoded_reasons_in_gbk() {
    check(
        Format::Xml,
        "<a>%D7%F7%B7%CF</a>",
        "a",
        &[Nested::Percent { charset: Some("GBK".into()) }],
        "/a Text \"作废\"  <作废>\n",
    );
}

#[test]
fn faults_inside_are_located_behind_their_host() {
    check(
        Format::Xml,
        "<r><b><![CDATA[<a><c></a>]]></b></r>",
        "r/b",
        &[Nested::Xml],
        "/r/b ▸ / Object  <<a><c></a>>\n/r/b ▸ /a Text  <<a>>\n/r/b ▸ /a/c Text  <<c>>\n\
         ! E2001 /r/b ▸ /a/c（第 1 行）：这里应当是结束标签 </c>，却是 </a>。 请检查标签是否成对、大小写是否一致、有没有交叉嵌套。 Some((21, 22, false))\n",
    );
    check(
        Format::Json,
        r#"{"a":"{\"b\":}"}"#,
        "a",
        &[Nested::Json],
        "/a ▸  Object  <>\n/a ▸ /b Null  <>\n\
         ! E2011 /a ▸ /b 值“}”：这里应当是一个值（字符串、数字、对象、数组、true、false 或 null）。 文字要加双引号，不能用单引号；没有值请写 null 或 \"\"。 Some((5, 6, true))\n",
    );
    let base64 = [Nested::Base64 { charset: None }];
    check(
        Format::Xml,
        "<a>YW=x</a>",
        "a",
        &base64,
        "! E2054 /a（第 1 行） 值“YW=x”：不是正确的 Base64 内容（第 3 个字符 '=' 不允许）。 请重新编码后发送；Base64 只含字母、数字、+、/ 和末尾的 =。 Some((3, 7, false))\n",
    );
    check(
        Format::Xml,
        "<a><b/></a>",
        "a",
        &base64,
        "! E2031 /a（第 1 行）：这里没有内容，不能按内嵌文档读取。 请核对映射或补上内容。 Some((0, 11, false))\n",
    );
}

#[test]
fn layers_end_somewhere() {
    let mut text = "x".to_owned();
    for _ in 0..12 {
        text = STANDARD.encode(text);
    }
    let spec = ReadSpec { limits: Limits { layers: 8, ..Limits::default() }, ..ReadSpec::default() };
    let message = format!("<a>{text}</a>");
    let mut document = read(message.as_bytes(), &spec).unwrap();
    let mut at = document.tree.find("a").unwrap();
    for _ in 0..8 {
        at = document.tree.unwrap(at, &Nested::Base64 { charset: None }, &spec, &mut Vec::new()).unwrap();
    }
    let problems =
        document.tree.unwrap(at, &Nested::Base64 { charset: None }, &spec, &mut Vec::new()).unwrap_err();
    assert_eq!(problems[0].code, codes::format::NESTED_TOO_DEEP);
}
