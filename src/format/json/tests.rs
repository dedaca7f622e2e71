//! JSON as partners write it, well and badly.

use super::super::tests::show;
use super::super::{Format, ReadSpec};

fn json() -> ReadSpec {
    ReadSpec { format: Format::Json, ..ReadSpec::default() }
}

fn check(text: &str, expected: &str) {
    assert_eq!(show(text.as_bytes(), &json()), expected, "{text}");
}

fn refused(text: &str, expected: &str) {
    let shown = show(text.as_bytes(), &json());
    let finding = shown.strip_prefix("! ").unwrap_or_else(|| panic!("{text} was read: {shown}"));
    assert!(finding.starts_with(expected), "{text}: {shown}");
}

#[test]
fn values_are_kept_as_written() {
    check(
        r#"{"data ":1.50,"b/c~":[5.0E-4,"x\n\u4e2d",null,true,{}],"票号":320180918000000039,"e":[]}"#,
        " Object  <{\"data \":1.50,\"b/c~\":[5.0E-4,\"x\\n\\u4e2d\">\n\
         /data  Number \"1.50\"  <1.50>\n\
         /b~1c~0 Array  <[5.0E-4,\"x\\n\\u4e2d\",null,true,{}]>\n\
         /b~1c~0/0 Number \"5.0E-4\"  <5.0E-4>\n\
         /b~1c~0/1 Text \"x\\n中\"  <\"x\\n\\u4e2d\">\n\
         /b~1c~0/2 Null  <null>\n\
         /b~1c~0/3 Bool \"true\"  <true>\n\
         /b~1c~0/4 Object  <{}>\n\
         /票号 Number \"320180918000000039\"  <320180918000000039>\n\
         /e Array  <[]>\n",
    );
    check(" -0.5 ", " Number \"-0.5\"  <-0.5>\n");
}

#[test]
fn a_key_that_stands_twice_is_refused_with_both_places() {
    refused(
        "{\"a\":1,\n\"b\":[{\"x\":1,\"y\":2,\n\"x\":3}]}",
        "E2012 /b/0（第 3 行） 值“x”：同一个对象里键“x”写了两次：第 2 行（第 19 字节）和第 3 行（第 32 字节）。",
    );
    refused(r#"{"a":1,"\u0061":2}"#, "E2012 （第 1 行） 值“a”");
}

#[test]
fn what_is_not_json_is_located() {
    refused("{\"a\":1,\n\"b\" 2}", "E2011 （第 2 行）：键后面缺冒号。");
    refused("{\"a\":1 \"b\":2}", "E2011 （第 1 行）：对象里两项之间缺逗号，或缺 }。");
    refused("[1 2]", "E2011 （第 1 行）：数组里两项之间缺逗号，或缺 ]。");
    refused("{a:1}", "E2011 （第 1 行）：键没有加双引号。");
    refused("{\"a\":'1'}", "E2011 /a（第 1 行） 值“'1'}”：这里应当是一个值");
    refused("{\"a\":,}", "E2011 /a（第 1 行） 值“,}”：这里应当是一个值");
    refused("[1,]", "E2011 （第 1 行）：最后一项后面多了逗号。");
    refused("{\"a\":0101}", "E2011 /a（第 1 行）：数字写法不合规范。");
    refused("{\"a\":NaN}", "E2011 /a（第 1 行）");
    refused("{\"a\":\"\\x\"}", "E2011 /a（第 1 行）：字符串里反斜杠后面的写法不合规范。");
    refused("{\"a\":\"\\ud800\"}", "E2011 /a（第 1 行）");
    refused("{\"a\":\"b", "E2011 /a（第 1 行）：报文结束了，字符串还没有结束的引号。");
    refused("{\"a\":{", "E2011 /a（第 1 行）：报文结束了，对象还没有 }。");
    refused("[[1]", "E2011 （第 1 行）：报文结束了，数组还没有 ]。");
    refused("{\"a\":tru}", "E2011 /a（第 1 行）");
    refused("{\"a\":1}}", "E2011 （第 1 行）：JSON 结束后还有多余的内容。");
    refused("{\"a\":\"x\ny\"}", "E2014 /a（第 1 行）：字符串里有未转义的换行。");
    refused("{\"a\":\"x\ty\"}", "E2014 /a（第 1 行）：字符串里有未转义的制表符。");
    refused("{\"a\":\"\\u0000\"}", "E2024 /a（第 1 行）：字符串里有 \\u0000 一类控制字符。");
    refused("{\"a\":1, // 注\n\"b\":2}", "E2013 （第 1 行）：JSON 里不能写注释。");
    refused("{\"a\": /* 注 */ 1}", "E2013 /a（第 1 行）：JSON 里不能写注释。");
    refused("[1]\n[2]", "E2015 （第 2 行）：第一个 JSON 文档结束后又开始了一个。");
}

#[test]
fn the_lenient_reader_keeps_newlines_and_skips_comments() {
    let spec = ReadSpec { lenient: true, ..json() };
    assert_eq!(
        show("{\"a\":1, // 注 \"\n\"b\":\"x\ny\", /* 又 */ \"c\":\"//\\\"/*\"}".as_bytes(), &spec),
        " Object  <{\"a\":1, // 注 \"\n\"b\":\"x\ny\", /* 又 */ \"c\":\"/>\n\
         /a Number \"1\"  <1>\n\
         /b Text \"x\\ny\"  <\"x\ny\">\n\
         /c Text \"//\\\"/*\"  <\"//\\\"/*\">\n\
         ! E2013 （第 1 行）：JSON 里有注释，共 2 处，已按宽松方式读取。 请发送方删去注释。\n\
         ! E2014 （第 2 行）：JSON 字符串里有未转义的换行或制表符，共 1 处，已按宽松方式读取。 请发送方把换行写成 \\n、制表符写成 \\t。\n"
    );
}

#[test]
fn several_documents_become_an_array_when_allowed() {
    let spec = ReadSpec { many: true, ..json() };
    assert_eq!(
        show(b"[1]\n{\"a\":2}", &spec),
        " Array  <[1]\n{\"a\":2}>\n/0 Array  <[1]>\n/0/0 Number \"1\"  <1>\n/1 Object  <{\"a\":2}>\n/1/a Number \"2\"  <2>\n"
    );
    assert_eq!(show(b"{}", &spec), " Array  <{}>\n/0 Object  <{}>\n");
}
