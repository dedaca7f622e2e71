//! One way to look at what was read, and the tests that concern all formats.

mod mutation;
mod samples;

use std::fmt::Write;

use super::{Format, Limits, ReadSpec, Tree, read};
use crate::error::{Code, codes};

/// Renders what was read: path, kind and value of each node, then the problems.
pub(super) fn show(bytes: &[u8], spec: &ReadSpec) -> String {
    let mut out = String::new();
    let problems = match read(bytes, spec) {
        Ok(document) => {
            show_tree(&document.tree, &mut out);
            document.problems
        }
        Err(problems) => problems,
    };
    for problem in problems {
        let _ = writeln!(out, "! {problem}");
    }
    out
}

pub(super) fn show_tree(tree: &Tree<'_>, out: &mut String) {
    for id in tree.ids() {
        let _ = write!(out, "{} {:?}", tree.path(id), tree.kind(id));
        if let Some(value) = tree.value(id) {
            let _ = write!(out, " {value:?}");
        }
        let source = tree.source(id);
        let _ = writeln!(out, "  <{}>", source.chars().take(40).collect::<String>());
    }
}

fn refused_with(bytes: &[u8], spec: &ReadSpec, code: Code) {
    let problems = read(bytes, spec).expect_err("it must be refused");
    assert!(problems.iter().any(|it| it.code == code), "{code} is not among {problems:?}");
    for problem in &problems {
        assert!(!problem.rule.is_empty() && !problem.hint.is_empty(), "{problem:?}");
    }
}

fn spec(format: Format) -> ReadSpec {
    ReadSpec { format, ..ReadSpec::default() }
}

#[test]
fn every_limit_is_a_finding() {
    let with = |format, limits| ReadSpec { limits, ..spec(format) };
    let deep_xml = format!("{}{}", "<a>".repeat(10_000), "</a>".repeat(10_000));
    refused_with(deep_xml.as_bytes(), &spec(Format::Xml), codes::format::TOO_DEEP);
    let deep_json = format!("{}{}", "[".repeat(10_000), "]".repeat(10_000));
    refused_with(deep_json.as_bytes(), &spec(Format::Json), codes::format::TOO_DEEP);
    let deep_object = "{\"a\":".repeat(10_000);
    refused_with(deep_object.as_bytes(), &spec(Format::Json), codes::format::TOO_DEEP);
    let fits = format!("{}{}", "<a>".repeat(64), "</a>".repeat(64));
    assert!(read(fits.as_bytes(), &spec(Format::Xml)).is_ok());
    let few = Limits { nodes: 10, ..Limits::default() };
    refused_with(
        b"<a><b/><b/><b/><b/><b/><b/><b/><b/><b/><b/><b/></a>",
        &with(Format::Xml, few.clone()),
        codes::format::TOO_MANY_NODES,
    );
    refused_with(
        b"[1,2,3,4,5,6,7,8,9,10,11]",
        &with(Format::Json, few.clone()),
        codes::format::TOO_MANY_NODES,
    );
    refused_with(
        b"a=1&b=2&c=3&d=4&e=5&f=6&g=7&h=8&i=9&j=10",
        &with(Format::Form, few.clone()),
        codes::format::TOO_MANY_NODES,
    );
    refused_with(b"a,b\n1,2\n1,2\n1,2\n1,2\n1,2\n", &with(Format::Csv, few), codes::format::TOO_MANY_NODES);
    let small = Limits { message: 8, ..Limits::default() };
    for format in [Format::Xml, Format::Json, Format::Csv, Format::Xlsx, Format::Form, Format::Frame] {
        refused_with(b"123456789", &with(format, small.clone()), codes::format::TOO_LARGE);
        refused_with(b" \r\n", &spec(format), codes::format::EMPTY_MESSAGE);
        refused_with(b"", &spec(format), codes::format::EMPTY_MESSAGE);
    }
    let tight = Limits { unwrapped: 16, ..Limits::default() };
    refused_with(
        b"<a>1&amp;2345678901234567890</a>",
        &with(Format::Xml, tight.clone()),
        codes::format::EXPANDS_TOO_MUCH,
    );
    refused_with(
        br#"["\u4e2d\u6587\u4e2d\u6587\u4e2d\u6587"]"#,
        &with(Format::Json, tight),
        codes::format::EXPANDS_TOO_MUCH,
    );
}

#[test]
fn floods_cost_time_in_proportion_and_end_in_a_finding() {
    let mut attributes = String::from("<a");
    for n in 0..199_000 {
        let _ = write!(attributes, " b{n}='1'");
    }
    attributes.push_str("/>");
    assert!(read(attributes.as_bytes(), &spec(Format::Xml)).is_ok());
    let mut keys = String::from("{");
    for n in 0..190_000 {
        let _ = write!(keys, "\"b{n}\":1,");
    }
    keys.push_str("\"b0\":2}");
    refused_with(keys.as_bytes(), &spec(Format::Json), codes::format::DUPLICATE_KEY);
    let ampersands = format!("<a>{}</a>", "&;".repeat(200_000));
    let lenient = ReadSpec { lenient: true, ..spec(Format::Xml) };
    assert_eq!(read(ampersands.as_bytes(), &lenient).unwrap().problems.len(), lenient.limits.findings);
    let bad_rows = format!("a\n{}", "1,2\n".repeat(50_000));
    let problems = read(bad_rows.as_bytes(), &spec(Format::Csv)).unwrap_err();
    assert_eq!(problems.len(), 501);
    refused_with(bad_rows.as_bytes(), &spec(Format::Csv), codes::format::TOO_MANY_FINDINGS);
    let siblings = format!("<r>{}</r>", "<a><b>1</b></a>".repeat(60_000));
    let document = read(siblings.as_bytes(), &spec(Format::Xml)).unwrap();
    let last = document.tree.ids().last().unwrap();
    assert_eq!(document.tree.path(last), "/r/a[60000]/b");
    assert!(document.tree.ids().map(|id| document.tree.place(id).path.len()).sum::<usize>() > 1_000_000);
}

#[test]
fn undecodable_bytes_and_wrong_declarations_are_reported_with_their_place() {
    let mut bytes = "<?xml version=\"1.0\" encoding=\"UTF-8\"?><a>嘉兴市南湖区</a>".as_bytes().to_vec();
    bytes.insert(47, 0xFF);
    let problems = read(&bytes, &spec(Format::Xml)).unwrap_err();
    assert_eq!(problems.len(), 1);
    assert_eq!(problems[0].code, codes::format::CHARSET_UNDECODABLE);
    assert_eq!(problems[0].place.as_ref().map(|it| it.start), Some(47));
    let text = "<?xml version=\"1.0\" encoding=\"GB2312\"?>\n<a>嘉兴市南湖区</a>";
    let document = read(text.as_bytes(), &spec(Format::Xml)).unwrap();
    assert_eq!(document.problems[0].code, codes::format::CHARSET_MISMATCH);
    assert_eq!(document.tree.value(document.tree.find("a").unwrap()), Some("嘉兴市南湖区"));
}

#[test]
fn offsets_count_the_bytes_as_received_whenever_that_is_possible() {
    use crate::text::charset::{Charset, encode};
    let text = "<a>\n<b>中文</b></a>";
    let place = |bytes: &[u8]| {
        let document = read(bytes, &spec(Format::Xml)).unwrap();
        let id = document.tree.find("a/b").unwrap();
        document.tree.place(id)
    };
    let plain = place(text.as_bytes());
    assert_eq!((plain.start, plain.end, plain.line, plain.decoded), (7, 13, Some(2), false));
    let marked = place(&[b"\xEF\xBB\xBF", text.as_bytes()].concat());
    assert_eq!((marked.start, marked.end, marked.decoded), (10, 16, false));
    let gbk = place(&encode(text, Charset::Gbk).unwrap());
    assert_eq!((gbk.start, gbk.end, gbk.decoded), (7, 13, true));
}
