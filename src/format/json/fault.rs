//! What can be wrong with JSON, in the words of somebody who has to mend it.

use jiter::{JiterError, JiterErrorType, JsonErrorType};

use super::super::tree::Fault;
use crate::error::codes::format as codes;

/// A fault found by the tokenizer.
#[cold]
pub(super) fn of(error: &JiterError, text: &str) -> Box<Fault> {
    use JsonErrorType as E;
    let at = floor(text, error.index);
    let JiterErrorType::JsonError(kind) = &error.error_type else { return no_value(text, at) };
    if starts_comment(text, at) {
        return comment(at);
    }
    let (rule, hint) = match kind {
        E::EofWhileParsingList | E::EofWhileParsingObject | E::EofWhileParsingValue
            if text.trim().is_empty() =>
        {
            ("没有任何 JSON 内容。", "请核对发送的内容。")
        }
        E::EofWhileParsingList => ("报文结束了，数组还没有 ]。", "请检查报文是否被截断，或补上 ]。"),
        E::EofWhileParsingObject => ("报文结束了，对象还没有 }。", "请检查报文是否被截断，或补上 }。"),
        E::EofWhileParsingString => {
            ("报文结束了，字符串还没有结束的引号。", "请检查报文是否被截断，或补上引号。")
        }
        E::EofWhileParsingValue => ("报文结束了，这里还缺一个值。", "请检查报文是否被截断。"),
        E::ExpectedColon => ("键后面缺冒号。", "请写成 \"键\": 值。"),
        E::ExpectedListCommaOrEnd => {
            ("数组里两项之间缺逗号，或缺 ]。", "请补上逗号或 ]；字符串里的引号要写成 \\\"。")
        }
        E::ExpectedObjectCommaOrEnd => {
            ("对象里两项之间缺逗号，或缺 }。", "请补上逗号或 }；字符串里的引号要写成 \\\"。")
        }
        E::KeyMustBeAString => ("键没有加双引号。", "键要写成 \"名称\"。"),
        E::TrailingComma => ("最后一项后面多了逗号。", "请删去这个逗号。"),
        E::InvalidNumber | E::NumberOutOfRange => {
            ("数字写法不合规范。", "数字不能以 0 或 + 开头、不能带千分位；编号请写成字符串（加双引号）。")
        }
        E::InvalidEscape | E::UnexpectedEndOfHexEscape | E::LoneLeadingSurrogateInHexEscape => {
            ("字符串里反斜杠后面的写法不合规范。", "反斜杠本身要写成 \\\\。")
        }
        E::InvalidUnicodeCodePoint => ("\\u 后面不是有效的字符编码。", "请改正这个字符。"),
        E::ControlCharacterWhileParsingString => return raw_control(text, at),
        E::TrailingCharacters => return trailing(text, at),
        _ => return no_value(text, at),
    };
    Fault::new(codes::NOT_WELL_FORMED_JSON, at..at, rule, hint)
}

#[cold]
pub(super) fn no_value(text: &str, at: usize) -> Box<Fault> {
    let at = floor(text, at);
    if starts_comment(text, at) {
        return comment(at);
    }
    let found: String = text.get(at..).unwrap_or_default().chars().take(12).collect();
    Fault::new(
        codes::NOT_WELL_FORMED_JSON,
        at..at + found.chars().next().map_or(0, char::len_utf8),
        "这里应当是一个值（字符串、数字、对象、数组、true、false 或 null）。",
        "文字要加双引号，不能用单引号；没有值请写 null 或 \"\"。",
    )
    .showing(found)
}

#[cold]
fn comment(at: usize) -> Box<Fault> {
    Fault::new(codes::JSON_COMMENT, at..at + 2, "JSON 里不能写注释。", "请删去 // 或 /* */ 注释后重发。")
}

fn starts_comment(text: &str, at: usize) -> bool {
    text.get(at..).is_some_and(|rest| rest.starts_with("//") || rest.starts_with("/*"))
}

#[cold]
fn raw_control(text: &str, at: usize) -> Box<Fault> {
    // The tokenizer may point at the control or just behind it.
    let bytes = text.as_bytes();
    let at = if bytes.get(at).is_some_and(|b| *b < 0x20) { at } else { at.saturating_sub(1) };
    let what = match bytes.get(at) {
        Some(b'\n' | b'\r') => "换行",
        Some(b'\t') => "制表符",
        _ => "控制字符",
    };
    Fault::new(
        codes::JSON_RAW_CONTROL,
        at..at + 1,
        format!("字符串里有未转义的{what}。"),
        "换行写成 \\n，制表符写成 \\t，其他控制字符请清除。",
    )
}

#[cold]
fn trailing(text: &str, at: usize) -> Box<Fault> {
    if text.get(at..).is_some_and(|rest| rest.starts_with(['{', '['])) {
        return Fault::new(
            codes::SEVERAL_DOCUMENTS,
            at..at + 1,
            "第一个 JSON 文档结束后又开始了一个。",
            "请放进同一个数组，或分成几条报文。",
        );
    }
    Fault::new(codes::NOT_WELL_FORMED_JSON, at..at, "JSON 结束后还有多余的内容。", "请删去多余的内容。")
}

#[cold]
pub(super) fn control_character(at: usize) -> Box<Fault> {
    Fault::new(
        codes::CONTROL_CHARACTER,
        at..at + 1,
        "字符串里有 \\u0000 一类控制字符。",
        "请从源数据中清除不可见字符后重发。",
    )
}

#[cold]
pub(super) fn duplicate_key(text: &str, key: &str, first: usize, second: usize) -> Box<Fault> {
    let line = |at: usize| text.get(..at).unwrap_or_default().matches('\n').count() + 1;
    Fault::new(
        codes::DUPLICATE_KEY,
        second..second,
        format!(
            "同一个对象里键“{key}”写了两次：第 {} 行（第 {} 字节）和第 {} 行（第 {} 字节）。",
            line(first),
            first + 1,
            line(second),
            second + 1
        ),
        "请只保留一个。",
    )
    .showing(key)
}

fn floor(text: &str, at: usize) -> usize {
    (0..=at.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0)
}
