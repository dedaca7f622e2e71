//! Forms as the standard says and as senders post them.

use super::super::tests::show;
use super::super::{Format, ReadSpec};

fn check(text: &str, charset: Option<&str>, expected: &str) {
    let spec = ReadSpec { format: Format::Form, charset: charset.map(str::to_owned), ..ReadSpec::default() };
    assert_eq!(show(text.as_bytes(), &spec), expected, "{text}");
}

#[test]
fn percent_encoded_fields_are_decoded() {
    check(
        "a=%E5%98%89%E5%85%B4+1%2B1&b=&c=100%&d",
        None,
        "! E2053 /（第 1 行） 值“d”：表单字段没有写成 名称=内容。 内容里的 & 请按 URL 编码写成 %26。\n",
    );
    check(
        "a=%E5%98%89%E5%85%B4+1%2B1&b=&c=100%",
        None,
        "/ Object  <a=%E5%98%89%E5%85%B4+1%2B1&b=&c=100%>\n\
         /a Text \"嘉兴 1+1\"  <%E5%98%89%E5%85%B4+1%2B1>\n/b Text \"\"  <>\n/c Text \"100%\"  <100%>\n",
    );
    check("x=%D6%D0%CE%C4", Some("GBK"), "/ Object  <x=%D6%D0%CE%C4>\n/x Text \"中文\"  <%D6%D0%CE%C4>\n");
}

#[test]
fn raw_xml_in_a_form_keeps_its_ampersands() {
    check(
        "baseInfoXml=<?xml version=\"1.0\"?><!-- a&b= --><R><A>1&amp;b=2</A><R/></R>&acceptInfoXml=<R>x</R>\n&memo=100%+1",
        None,
        "/ Object  <baseInfoXml=<?xml version=\"1.0\"?><!-- a&>\n\
         /baseInfoXml Text \"<?xml version=\\\"1.0\\\"?><!-- a&b= --><R><A>1&amp;b=2</A><R/></R>\"  <<?xml version=\"1.0\"?><!-- a&b= --><R><A>>\n\
         /acceptInfoXml Text \"<R>x</R>\\n\"  <<R>x</R>\n>\n\
         /memo Text \"100%+1\"  <100%+1>\n",
    );
}

#[test]
fn undecodable_and_control_bytes_are_refused() {
    check(
        "a=%FF%FF%FFx",
        None,
        "! E2022 /（第 1 行）：URL 编码的内容里有 3 处字节不能按 GB18030 解码。 请核对编码后重发。\n",
    );
    check("a=1&b=%00", None, "! E2024 /（第 1 行）：内容里有控制字符。 请清除不可见字符后重发。\n");
}
