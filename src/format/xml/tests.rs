//! XML as partners write it, well and badly.

use super::super::tests::show;
use super::super::{Format, ReadSpec};
use super::declared_charset;

fn check(text: &str, expected: &str) {
    assert_eq!(show(text.as_bytes(), &ReadSpec::default()), expected, "{text}");
}

fn check_lenient(text: &str, expected: &str) {
    let spec = ReadSpec { format: Format::Xml, lenient: true, ..ReadSpec::default() };
    assert_eq!(show(text.as_bytes(), &spec), expected, "{text}");
}

/// The finding alone, without its hint.
fn refused(text: &str, expected: &str) {
    let shown = show(text.as_bytes(), &ReadSpec::default());
    let finding = shown.strip_prefix("! ").unwrap_or_else(|| panic!("{text} was read: {shown}"));
    assert!(finding.starts_with(expected), "{text}: {shown}");
}

#[test]
fn elements_attributes_and_text() {
    check(
        "<?xml version=\"1.0\"?>\n<a x='1' y='&lt;2'>\n <b>甲&amp;乙</b><b><![CDATA[<c/>]]></b><d/>\n</a>",
        "/ Object  <<?xml version=\"1.0\"?>\n<a x='1' y='&lt;2'>\n\
         /a Object  <<a x='1' y='&lt;2'>\n <b>甲&amp;乙</b><b><!>\n\
         /a/@x Attribute \"1\"  <1>\n\
         /a/@y Attribute \"<2\"  <&lt;2>\n\
         /a/b[1] Text \"甲&乙\"  <甲&amp;乙>\n\
         /a/b[2] Text \"<c/>\"  <<![CDATA[<c/>]]>>\n\
         /a/d Text \"\"  <<d/>>\n",
    );
}

#[test]
fn prefixes_fall_away_and_namespace_declarations_are_no_data() {
    check(
        "<s:a xmlns:s='urn:1' xmlns='urn:2' s:x='1'><s:b xsi:nil='true'/></s:a>",
        "/ Object  <<s:a xmlns:s='urn:1' xmlns='urn:2' s:x='>\n\
         /a Object  <<s:a xmlns:s='urn:1' xmlns='urn:2' s:x='>\n\
         /a/@x Attribute \"1\"  <1>\n\
         /a/b Null  <<s:b xsi:nil='true'/>>\n\
         /a/b/@nil Attribute \"true\"  <true>\n",
    );
}

#[test]
fn text_comes_in_pieces_and_stays_whole() {
    check(
        "<a>一<!-- 注 -->二&#19977;&#x56DB;<![CDATA[&五]]>\r\n六 </a>",
        "/ Object  <<a>一<!-- 注 -->二&#19977;&#x56DB;<![CDATA[>\n\
         /a Text \"一二三四&五\\n六 \"  <一<!-- 注 -->二&#19977;&#x56DB;<![CDATA[&五]>\n",
    );
}

#[test]
fn text_beside_elements_keeps_its_order() {
    check(
        "<a>前 <b/>中<b>x</b>\n后</a>",
        "/ Object  <<a>前 <b/>中<b>x</b>\n后</a>>\n\
         /a Object  <<a>前 <b/>中<b>x</b>\n后</a>>\n\
         /a/text()[1] Text \"前 \"  <前 >\n\
         /a/b[1] Text \"\"  <<b/>>\n\
         /a/text()[2] Text \"中\"  <中>\n\
         /a/b[2] Text \"x\"  <x>\n\
         /a/text()[3] Text \"\\n后\"  <\n后>\n",
    );
}

#[test]
fn blanks_in_leaves_and_attributes_are_kept() {
    check(
        "<a b='1\n2'><c>  </c></a>",
        "/ Object  <<a b='1\n2'><c>  </c></a>>\n/a Object  <<a b='1\n2'><c>  </c></a>>\n\
         /a/@b Attribute \"1 2\"  <1\n2>\n/a/c Text \"  \"  <  >\n",
    );
}

#[test]
fn what_is_not_well_formed_is_located() {
    refused("<a>\n<b></c></a>", "E2001 /a/b（第 2 行）：这里应当是结束标签 </b>，却是 </c>。");
    refused("<a><b>1</b>", "E2001 /a（第 1 行）：报文结束了，元素 <a> 还没有结束标签。");
    refused("<a/></b>", "E2001 /（第 1 行）：结束标签 </b> 没有对应的开始标签。");
    refused("<a/><b/>", "E2001 /（第 1 行）：XML 只能有一个最外层元素");
    refused("<a/>尾巴", "E2001 /（第 1 行）：最外层元素之外有文字。");
    refused("只有文字", "E2001 /（第 1 行）：没有任何 XML 元素。");
    refused("<a><1b/></a>", "E2001 /a（第 1 行）：“1b”不能作标签或属性名。");
    refused("<a>1 < 2</a>", "E2001 /a（第 1 行）：标签没有名称。");
    refused("<a x=1/>", "E2001 /a（第 1 行）：属性值没有加引号。");
    refused("<a x='1' x='2'/>", "E2001 /a（第 1 行）：同一个标签里属性重名。");
    refused("<a x='<'/>", "E2001 /a（第 1 行）：属性值里有未转义的 <。");
    refused("<a><![CDATA[</a>", "E2001 /a（第 1 行）：CDATA 没有结束。");
    refused("<a><!-- </a>", "E2001 /a（第 1 行）：注释 <!-- 没有结束。");
    refused("<a", "E2001 /（第 1 行）：标签没有以 > 结束。");
    refused("<a>\u{1}</a>", "E2024 /（第 1 行）：含有控制字符 U+0001");
    refused("<a>&#0;</a>", "E2004 /a（第 1 行） 值“&#0;”");
    refused("<a:b:c/>", "E2001 /（第 1 行）：“a:b:c”不能作标签或属性名。");
}

#[test]
fn doctype_and_entities_of_ones_own_are_refused() {
    refused("<!DOCTYPE a [<!ENTITY b \"c\">]><a>&b;</a>", "E2002 /（第 1 行）：不接受带 DOCTYPE");
    refused("<!DOCTYPE a SYSTEM \"file:///etc/passwd\"><a/>", "E2002");
    let bomb = "<!DOCTYPE a [<!ENTITY b \"bbbbbbbbbb\"><!ENTITY c \"&b;&b;&b;&b;\">]><a>&c;</a>";
    refused(bomb, "E2002");
    refused("<a>&nbsp;</a>", "E2004 /a（第 1 行） 值“&nbsp;”：&nbsp; 不是 XML 预定义的实体");
    refused("<a>http://x/?b=1&c=2</a>", "E2003 /a（第 1 行） 值“&c=2”：文本里的 & 没有转义。");
    refused("<a b='1&2'/>", "E2003 /a（第 1 行） 值“&2”：文本里的 & 没有转义。");
}

#[test]
fn the_lenient_reader_keeps_what_the_meaning_leaves_clear() {
    check_lenient(
        "<a b='1&2'><c>x?a=1&b=2&nbsp;3&amp;</c></a>",
        "/ Object  <<a b='1&2'><c>x?a=1&b=2&nbsp;3&amp;</c><>\n\
         /a Object  <<a b='1&2'><c>x?a=1&b=2&nbsp;3&amp;</c><>\n\
         /a/@b Attribute \"1&2\"  <1&2>\n\
         /a/c Text \"x?a=1&b=2\u{a0}3&\"  <x?a=1&b=2&nbsp;3&amp;>\n\
         ! E2003 /a/@b（第 1 行） 值“&2”：文本里的 & 没有转义。 请把 & 写成 &amp;，网址等内容也可整体放进 <![CDATA[ ]]>。\n\
         ! E2003 /a/c（第 1 行） 值“&b=2&nbsp;3&amp;”：文本里的 & 没有转义。 请把 & 写成 &amp;，网址等内容也可整体放进 <![CDATA[ ]]>。\n\
         ! E2004 /a/c（第 1 行） 值“&nbsp;”：&nbsp; 不是 XML 预定义的实体，本系统不接受自定义实体。 请改用对应的字符（空格可写 &#160;）；若本意是字符 &，请写成 &amp;。\n"
            .replace("\u{a0}", "\\u{a0}")
            .as_str(),
    );
}

#[test]
fn odd_declarations_are_read_with_a_warning() {
    let warning = "XML 声明应写小写的 <?xml version=…?>，已按普通 XML 读取。 请发送方改正声明的写法。\n";
    check(
        "<?XML VERSION=\"1.0\" ENCODING=\"UTF-8\"?><a/>",
        &format!(
            "/ Object  <<?XML VERSION=\"1.0\" ENCODING=\"UTF-8\"?><a>\n/a Text \"\"  <<a/>>\n! E2005 /（第 1 行）：{warning}"
        ),
    );
    let shown = show(b"\n<?xml version=\"1.0\"?><a/>", &ReadSpec::default());
    assert!(shown.contains("! E2005 /（第 2 行）：XML 声明之前有空白"), "{shown}");
}

#[test]
fn the_declared_charset_is_found_in_every_spelling() {
    let check = |text: &str, expected: Option<&str>| {
        assert_eq!(declared_charset(text.as_bytes()).as_deref(), expected, "{text}")
    };
    check("<?xml version=\"1.0\" encoding=\"GB2312\"?>", Some("GB2312"));
    check("\u{FEFF}<?xml version='1.0' encoding = 'gbk' standalone='yes'?>", Some("gbk"));
    check(" \n<?XML VERSION=\"1.0\" ENCODING=\"utf-8\"?>", Some("utf-8"));
    check("<?xml version=\"1.0\"?><a encoding=\"gbk\"/>", None);
    check("<a encoding=\"gbk\"/>", None);
    check("<?x", None);
}
