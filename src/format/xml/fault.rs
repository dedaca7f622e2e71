//! What can be wrong with XML, in the words of somebody who has to mend it.

use std::ops::Range;

use quick_xml::errors::{Error, IllFormedError, SyntaxError};
use quick_xml::events::BytesStart;
use quick_xml::events::attributes::AttrError;

use super::entity::Unknown;
use crate::error::codes::format as codes;

use super::Fault;

/// A fault found by the parser.
#[cold]
pub(super) fn of(error: &Error, at: usize, text: &str) -> Box<Fault> {
    let at = floor(text, at);
    let here = at..text.len().min(at + 1).max(at);
    let ill = |rule: String, hint: &str| {
        Fault::new(codes::NOT_WELL_FORMED_XML, floor(text, here.start)..ceil(text, here.end), rule, hint)
    };
    match error {
        Error::IllFormed(IllFormedError::MismatchedEndTag { expected, found }) => ill(
            format!("这里应当是结束标签 </{expected}>，却是 </{found}>。"),
            "请检查标签是否成对、大小写是否一致、有没有交叉嵌套。",
        ),
        Error::IllFormed(IllFormedError::UnmatchedEndTag(name)) => {
            ill(format!("结束标签 </{name}> 没有对应的开始标签。"), "请删去多余的结束标签，或补上开始标签。")
        }
        Error::IllFormed(IllFormedError::UnclosedReference) => raw_ampersand(text, at),
        Error::Syntax(SyntaxError::UnclosedComment) => ill("注释 <!-- 没有结束。".into(), "请补上 -->。"),
        Error::Syntax(SyntaxError::UnclosedCData) => ill("CDATA 没有结束。".into(), "请补上 ]]>。"),
        Error::Syntax(SyntaxError::UnclosedPI | SyntaxError::UnclosedXmlDecl) => {
            ill("处理指令或声明 <? 没有结束。".into(), "请补上 ?>。")
        }
        Error::Syntax(SyntaxError::UnclosedDoctype) => doctype(here),
        Error::Syntax(
            SyntaxError::UnclosedSingleQuotedAttributeValue | SyntaxError::UnclosedDoubleQuotedAttributeValue,
        ) => ill("属性值的引号没有成对。".into(), "请补上引号。"),
        Error::Syntax(SyntaxError::InvalidBangMarkup) => {
            ill("<! 后面的内容无法识别。".into(), "若是正文里的 <，请写成 &lt;。")
        }
        _ => ill("标签没有以 > 结束。".into(), "请补上 >；若是正文里的 <，请写成 &lt;。"),
    }
}

/// A fault among the attributes of a tag that begins (behind its `<`) at `start`.
#[cold]
pub(super) fn of_attribute(error: &AttrError, start: usize, tag: &BytesStart<'_>) -> Box<Fault> {
    let length = tag.len();
    let (rule, hint) = match error {
        AttrError::Duplicated(..) => ("同一个标签里属性重名。", "请只保留一个。"),
        AttrError::UnquotedValue(_) => ("属性值没有加引号。", "请写成 名称=\"值\"。"),
        AttrError::ExpectedQuote(..) => ("属性值的引号没有成对。", "请补上引号。"),
        AttrError::ExpectedEq(_) | AttrError::ExpectedValue(_) => {
            ("属性没有写成 名称=\"值\"。", "请补上等号和值。")
        }
    };
    Fault::new(codes::NOT_WELL_FORMED_XML, start..start + length, rule, hint)
}

#[cold]
pub(super) fn raw_ampersand(text: &str, at: usize) -> Box<Fault> {
    let rest = text.get(at..).unwrap_or_default();
    let shown: String = rest.chars().take_while(|c| *c != '<').take(24).collect();
    Fault::new(
        codes::RAW_AMPERSAND,
        at..ceil(text, at + 1),
        "文本里的 & 没有转义。",
        "请把 & 写成 &amp;，网址等内容也可整体放进 <![CDATA[ ]]>。",
    )
    .showing(shown)
}

/// A reference that is none of the five entities.
#[cold]
pub(super) fn entity(unknown: &Unknown, at: Range<usize>) -> Box<Fault> {
    let name = &unknown.name;
    let is_name =
        unknown.closed && !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'#');
    if !is_name {
        return Fault::new(
            codes::RAW_AMPERSAND,
            at,
            "文本里的 & 没有转义。",
            "请把 & 写成 &amp;，网址等内容也可整体放进 <![CDATA[ ]]>。",
        )
        .showing(format!("&{name}"));
    }
    Fault::new(
        codes::UNKNOWN_ENTITY,
        at,
        format!("&{name}; 不是 XML 预定义的实体，本系统不接受自定义实体。"),
        "请改用对应的字符（空格可写 &#160;）；若本意是字符 &，请写成 &amp;。",
    )
    .showing(format!("&{name};"))
}

#[cold]
pub(super) fn control_character(text: &str, at: usize) -> Box<Fault> {
    let byte = text.as_bytes().get(at).copied().unwrap_or_default();
    Fault::new(
        codes::CONTROL_CHARACTER,
        at..at + 1,
        format!("含有控制字符 U+{byte:04X}，XML 不允许。"),
        "请从源数据中清除不可见字符后重发。",
    )
}

#[cold]
pub(super) fn doctype(at: Range<usize>) -> Box<Fault> {
    Fault::new(
        codes::DOCTYPE_REFUSED,
        at,
        "不接受带 DOCTYPE（含实体定义、外部引用）的报文。",
        "请删去 <!DOCTYPE …> 后重发。",
    )
}

#[cold]
pub(super) fn bad_declaration(at: Range<usize>) -> Box<Fault> {
    Fault::new(
        codes::BAD_XML_DECLARATION,
        at,
        "XML 声明应写小写的 <?xml version=…?>，已按普通 XML 读取。",
        "请发送方改正声明的写法。",
    )
}

#[cold]
pub(super) fn late_declaration(at: Range<usize>) -> Box<Fault> {
    Fault::new(
        codes::BAD_XML_DECLARATION,
        at,
        "XML 声明之前有空白或其他内容，已按普通 XML 读取。",
        "声明应是报文的第一个字符。",
    )
}

#[cold]
pub(super) fn bad_name(name: &str, at: Range<usize>) -> Box<Fault> {
    let rule = if name.is_empty() {
        "标签没有名称。".to_owned()
    } else {
        format!("“{name}”不能作标签或属性名。")
    };
    Fault::new(
        codes::NOT_WELL_FORMED_XML,
        at,
        rule,
        "名称以字母、汉字或下划线开头，只含字母、汉字、数字、-、_、.；若是正文里的 <，请写成 &lt;。",
    )
}

#[cold]
pub(super) fn less_than_in_attribute(at: usize) -> Box<Fault> {
    Fault::new(
        codes::NOT_WELL_FORMED_XML,
        at..at + 1,
        "属性值里有未转义的 <。",
        "请写成 &lt;；也可能是前一个引号没有成对。",
    )
}

#[cold]
pub(super) fn second_element(at: Range<usize>) -> Box<Fault> {
    Fault::new(
        codes::NOT_WELL_FORMED_XML,
        at,
        "XML 只能有一个最外层元素，这里又开始了一个。",
        "请把几条内容放进同一个外层元素，或分成几条报文。",
    )
}

#[cold]
pub(super) fn text_outside(at: Range<usize>) -> Box<Fault> {
    Fault::new(codes::NOT_WELL_FORMED_XML, at, "最外层元素之外有文字。", "请删去多余的文字。")
}

#[cold]
pub(super) fn no_element(end: usize) -> Box<Fault> {
    Fault::new(codes::NOT_WELL_FORMED_XML, end..end, "没有任何 XML 元素。", "请核对发送的内容是否为 XML。")
}

#[cold]
pub(super) fn unclosed(name: &str, at: Range<usize>) -> Box<Fault> {
    Fault::new(
        codes::NOT_WELL_FORMED_XML,
        at,
        format!("报文结束了，元素 <{name}> 还没有结束标签。"),
        "请检查报文是否被截断，或补上结束标签。",
    )
}

fn floor(text: &str, at: usize) -> usize {
    (0..=at.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0)
}

fn ceil(text: &str, at: usize) -> usize {
    (at.min(text.len())..=text.len()).find(|at| text.is_char_boundary(*at)).unwrap_or(text.len())
}
