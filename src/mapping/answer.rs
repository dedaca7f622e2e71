//! `[answer]`: what a partner is answered in its own form where it does not speak HTTP: a file in a folder, a frame over TCP.
//!
//! A text with `{places}`: what became of the message (`{outcome}`, `{text}`, …), the time (`{now:yyyyMMdd}`), what the
//! message itself says (`{/Message/Head/BizMsgID}`), and texts inside the text (`{Voucher}`), which go in as Base64.

use std::collections::BTreeMap;

use base64::Engine;
use chrono::{DateTime, Utc};

use super::Mapping;
use super::path::{Path, Step};
use super::pattern::Pattern;
use super::reading::Outcome;
use super::source::{At, Source, Table, nearest};
use super::unwrap;
use crate::error::codes::mapping as codes;
use crate::error::{Error, Result};
use crate::format::{self, Tree};
use crate::text::charset::{Charset, encode};

/// What became of a message.
#[derive(Debug, Clone)]
pub struct Said {
    /// How it ended.
    pub outcome: Outcome,
    /// Code of the first error, `E4002`; empty when there is none.
    pub code: String,
    /// One sentence for people, Chinese.
    pub text: String,
    /// Id of the receipt; empty when nothing was taken or kept.
    pub receipt_id: String,
    /// Id of the message in the hub; empty likewise.
    pub message_id: String,
    /// The sender's own id of the message; empty when it has none.
    pub message_key: String,
    /// Rows taken.
    pub accepted: u64,
    /// Rows refused.
    pub refused: u64,
    /// Name of the file; empty when it is none.
    pub file_name: String,
    /// SHA-256 of the bytes, hex.
    pub digest: String,
    /// The moment of answering.
    pub now: DateTime<Utc>,
}

/// A compiled `[answer]`.
#[derive(Debug, Clone)]
pub struct Answer {
    body: Body,
    /// Number of the frame it goes out in, where it does: `5001`.
    frame: Option<String>,
    /// Texts inside, by name.
    parts: Vec<(String, Body)>,
    /// The partner's words for the outcomes.
    words: BTreeMap<String, String>,
}

#[derive(Debug, Clone)]
struct Body {
    pieces: Vec<Piece>,
    escape: Escape,
    charset: Charset,
}

#[derive(Debug, Clone)]
enum Piece {
    Literal(String),
    Word(&'static str),
    Now(Pattern),
    Place(Vec<Step>),
    Part(usize),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Escape {
    Xml,
    Json,
    None,
}

const WORDS: &[&str] = &[
    "outcome",
    "code",
    "text",
    "receipt_id",
    "message_id",
    "message_key",
    "accepted",
    "refused",
    "file_name",
    "digest",
];

/// Words for the outcomes, as the hub's own receipts say them.
const OUTCOMES: &[&str] = &["accepted", "partial", "refused", "not_found"];

impl Answer {
    pub(super) fn read(table: &Table<'_>) -> Option<Self> {
        let names: Vec<String> = table
            .table("parts")
            .map(|it| it.entries().into_iter().map(|(name, _)| name.value).collect())
            .unwrap_or_default();
        let mut parts = Vec::new();
        if let Some(inner) = table.table("parts") {
            for (name, value) in inner.entries() {
                match Table::of(inner.source, value) {
                    Some(one) => {
                        let body = Body::read(&one, &[]);
                        one.finish();
                        parts.push((name.value, body?));
                    }
                    None => inner.wrong(&name.value, value, "表，如 { text = \"…\", charset = \"gbk\" }"),
                }
            }
        }
        let body = Body::read(table, &names);
        let frame = table.text("frame").and_then(|it| frame(table.source, &it));
        let words = table.table("outcome").map(|it| words(&it)).unwrap_or_default();
        table.finish();
        Some(Self { body: body?, frame, parts, words })
    }

    /// The answer's bytes. `message` is the tree of what is answered, where it could be read; places in it are empty
    /// otherwise.
    ///
    /// # Errors
    /// `internal` when a value cannot be written in the charset, which replaces nothing silently.
    fn write(&self, said: &Said, message: Option<&Tree<'_>>) -> Result<Vec<u8>> {
        let mut parts = Vec::with_capacity(self.parts.len());
        for (_, body) in &self.parts {
            let bytes = body.write(self, said, message, &[])?;
            parts.push(base64::engine::general_purpose::STANDARD.encode(bytes));
        }
        self.body.write(self, said, message, &parts)
    }

    fn word(&self, name: &str, said: &Said) -> String {
        match name {
            "outcome" => {
                let own = outcome(said.outcome);
                self.words.get(own).cloned().unwrap_or_else(|| own.to_owned())
            }
            "code" => said.code.clone(),
            "text" => said.text.clone(),
            "receipt_id" => said.receipt_id.clone(),
            "message_id" => said.message_id.clone(),
            "message_key" => said.message_key.clone(),
            "accepted" => said.accepted.to_string(),
            "refused" => said.refused.to_string(),
            "file_name" => said.file_name.clone(),
            _ => said.digest.clone(),
        }
    }
}

/// Four digits.
fn frame(source: &Source<'_>, said: &At<String>) -> Option<String> {
    if said.value.len() == 4 && said.value.bytes().all(|b| b.is_ascii_digit()) {
        return Some(said.value.clone());
    }
    source.error(
        codes::MAPPING_PARAMETER,
        &said.span,
        "frame 应是 4 位数字的报文编号",
        "如 frame = \"5001\"",
    );
    None
}

fn outcome(it: Outcome) -> &'static str {
    match it {
        Outcome::Accepted => "accepted",
        Outcome::Partial => "partial",
        Outcome::Refused => "refused",
        Outcome::NotFound => "not_found",
    }
}

fn words(table: &Table<'_>) -> BTreeMap<String, String> {
    let pairs = OUTCOMES.iter().filter_map(|name| Some(((*name).to_owned(), table.scalar(name)?.value)));
    let words = pairs.collect();
    table.finish();
    words
}

impl Body {
    fn read(table: &Table<'_>, parts: &[String]) -> Option<Self> {
        let text = table.need_text("text", "写上答复的文字，可含 {outcome}、{text}、{message_key} 等");
        let escape = match super::file::choice(table, "escape", &["xml", "json", "none"]).as_deref() {
            Some("json") => Escape::Json,
            Some("none") => Escape::None,
            _ => Escape::Xml,
        };
        let charset = table.text("charset").map(|it| (Charset::from_label(&it.value), it.span));
        if let Some((None, span)) = &charset {
            let hint = "可用 utf-8、gbk、gb18030";
            table.source.error(codes::MAPPING_PARAMETER, span, "不认识这种字符集", hint);
        }
        let text = text?;
        let pieces = pieces(table.source, &text, parts)?;
        Some(Self { pieces, escape, charset: charset.and_then(|it| it.0).unwrap_or(Charset::Utf8) })
    }

    fn write(
        &self,
        answer: &Answer,
        said: &Said,
        tree: Option<&Tree<'_>>,
        parts: &[String],
    ) -> Result<Vec<u8>> {
        let mut out = String::new();
        for piece in &self.pieces {
            match piece {
                Piece::Literal(text) => out.push_str(text),
                Piece::Word(name) => self.escape.push(&mut out, &answer.word(name, said)),
                Piece::Now(pattern) => {
                    self.escape.push(&mut out, &pattern.write_instant(said.now).unwrap_or_default());
                }
                Piece::Place(path) => {
                    let found = tree.and_then(|tree| unwrap::first(tree, path));
                    self.escape.push(&mut out, found.unwrap_or_default());
                }
                Piece::Part(n) => out.push_str(parts.get(*n).map_or("", String::as_str)),
            }
        }
        self.encode(out)
    }

    /// A character the charset lacks is written as its number where the form has such a spelling (XML 1.0 §4.1, RFC 8259 §7).
    fn encode(&self, mut text: String) -> Result<Vec<u8>> {
        loop {
            let lacks = match encode(&text, self.charset) {
                Ok(bytes) => return Ok(bytes),
                Err(lacks) => lacks.character,
            };
            let Some(spelt) = self.escape.spell(lacks) else {
                let label = self.charset.label();
                return Err(Error::internal(format!("the answer has {lacks:?}, which {label} lacks")));
            };
            text = text.replace(lacks, &spelt);
        }
    }
}

impl Escape {
    fn spell(self, c: char) -> Option<String> {
        match self {
            Self::None => None,
            Self::Xml => Some(format!("&#x{:X};", u32::from(c))),
            Self::Json => Some(c.encode_utf16(&mut [0; 2]).iter().map(|it| format!("\\u{it:04x}")).collect()),
        }
    }

    fn push(self, out: &mut String, text: &str) {
        match self {
            Self::None => out.push_str(text),
            Self::Json => {
                let quoted = serde_json::Value::from(text).to_string();
                out.push_str(quoted.trim_start_matches('"').strip_suffix('"').unwrap_or_default());
            }
            Self::Xml => text.chars().for_each(|c| match c {
                '&' => out.push_str("&amp;"),
                '<' => out.push_str("&lt;"),
                '>' => out.push_str("&gt;"),
                '"' => out.push_str("&quot;"),
                other => out.push(other),
            }),
        }
    }
}

/// Cuts a text at its `{places}`; `{{` is one brace.
fn pieces(source: &Source<'_>, text: &At<String>, parts: &[String]) -> Option<Vec<Piece>> {
    let (mut out, mut literal, mut rest) = (Vec::new(), String::new(), text.value.as_str());
    while let Some((before, after)) = rest.split_once('{') {
        literal.push_str(before);
        if let Some(after) = after.strip_prefix('{') {
            literal.push('{');
            rest = after;
            continue;
        }
        let Some((name, after)) = after.split_once('}') else {
            let hint = "把 } 补上；要写花括号本身就写两遍 {{";
            source.error(codes::MAPPING_SHAPE, &text.span, "有 { 没有配对的 }", hint);
            return None;
        };
        out.push(Piece::Literal(std::mem::take(&mut literal)));
        out.push(piece(source, text, name, parts)?);
        rest = after;
    }
    literal.push_str(rest);
    out.push(Piece::Literal(literal));
    Some(out)
}

fn piece(source: &Source<'_>, text: &At<String>, name: &str, parts: &[String]) -> Option<Piece> {
    if let Some(n) = parts.iter().position(|it| it == name) {
        return Some(Piece::Part(n));
    }
    if let Some(word) = WORDS.iter().find(|it| **it == name) {
        return Some(Piece::Word(word));
    }
    let wrong =
        |message: String, hint: String| source.error(codes::MAPPING_PARAMETER, &text.span, message, hint);
    if let Some(pattern) = name.strip_prefix("now:") {
        return match Pattern::parse(pattern) {
            Ok(pattern) => Some(Piece::Now(pattern)),
            Err((message, hint)) => {
                wrong(message, hint);
                None
            }
        };
    }
    if name.starts_with('/') {
        return match Path::parse(name) {
            Ok(path) => Some(Piece::Place(path.steps)),
            Err(why) => {
                wrong(format!("路径“{name}”写法有误"), why);
                None
            }
        };
    }
    let hint = nearest(name, WORDS.iter().copied().chain(parts.iter().map(String::as_str))).map_or_else(
        || format!("可写 {}、now:格式、/报文中的路径", WORDS.join("、")),
        |it| format!("是不是想写 {it}？"),
    );
    wrong(format!("没有名为“{name}”的内容"), hint);
    None
}

impl Mapping {
    /// Number of the frame its answers go out in; none when they are no frames.
    #[must_use]
    pub fn answer_frame(&self) -> Option<&str> {
        self.answer.as_deref()?.frame.as_deref()
    }

    /// The answer in the partner's own form; none when the mapping describes none. What the message itself says is
    /// read out of `bytes`, and empty where they cannot be read.
    ///
    /// # Errors
    /// `internal` when a value cannot be written in the answer's charset.
    pub fn answer(&self, said: &Said, bytes: &[u8]) -> Option<Result<Vec<u8>>> {
        let answer = self.answer.as_deref()?;
        if self.is_table() {
            return Some(answer.write(said, None));
        }
        let spec = &self.format.spec;
        let Ok(mut document) = format::read(bytes, spec) else { return Some(answer.write(said, None)) };
        // What cannot be opened stays closed, and places inside are empty.
        let _ = unwrap::all(&mut document.tree, &self.unwrap, self.format.names, spec);
        Some(answer.write(said, Some(&document.tree)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(toml: &str) -> std::result::Result<Answer, Vec<String>> {
        let source = Source::new("map.toml", toml);
        let parsed = source.parse();
        let answer = Answer::read(&Table::new(&source, parsed.get_ref(), 0..toml.len()));
        let found: Vec<String> = source.into_found().into_iter().map(|it| it.message).collect();
        answer.filter(|_| found.is_empty()).ok_or(found)
    }

    fn said() -> Said {
        Said {
            outcome: Outcome::Refused,
            code: "E4002".to_owned(),
            text: "面积 < 0".to_owned(),
            receipt_id: "r1".to_owned(),
            message_id: "m1".to_owned(),
            message_key: "B\"1".to_owned(),
            accepted: 0,
            refused: 2,
            file_name: "台账.xml".to_owned(),
            digest: "00".to_owned(),
            now: "2026-03-01T16:00:01Z".parse().unwrap(),
        }
    }

    #[test]
    fn places_are_filled_escaped_and_nested() {
        let text = "text = '<a k=\"{/m/@id}\">{outcome} {text} {now:yyyyMMddHHmmss} {V}</a>'\noutcome = { refused = 2 }\n\
                    parts = { V = { text = '<v>{code}</v>', charset = \"gbk\" } }";
        let tree = format::read(b"<m id='x&amp;y'/>", &format::ReadSpec::default()).unwrap().tree;
        let written = answer(text).unwrap().write(&said(), Some(&tree)).unwrap();
        assert_eq!(
            String::from_utf8(written).unwrap(),
            "<a k=\"x&amp;y\">2 面积 &lt; 0 20260302000001 PHY+RTQwMDI8L3Y+</a>"
        );
        let json = answer("text = '{{\"id\":\"{message_key}\",\"n\":{refused}}'\nescape = \"json\"").unwrap();
        assert_eq!(json.write(&said(), None).unwrap(), br#"{"id":"B\"1","n":2}"#);
    }

    #[test]
    fn characters_the_charset_lacks_go_as_numbers_where_the_form_has_them() {
        let said = Said { text: "/a ▸ 𠀀".to_owned(), ..said() };
        let of = |escape: &str| {
            let text = format!("text = '{{text}}'\ncharset = \"gbk\"\nescape = \"{escape}\"");
            answer(&text).unwrap().write(&said, None)
        };
        assert_eq!(of("xml").unwrap(), b"/a &#x25B8; &#x20000;");
        assert_eq!(of("json").unwrap(), br"/a \u25b8 \ud840\udc00");
        assert!(of("none").is_err());
    }

    #[test]
    fn slips_are_told_at_load() {
        for (text, wrong) in [
            ("text = '{mesage_key}'", "没有名为“mesage_key”的内容"),
            ("text = '{text'", "有 { 没有配对的 }"),
            ("escape = \"xml\"", "缺少 text"),
            ("text = ''\nframe = \"501\"", "frame 应是 4 位数字的报文编号"),
            ("text = ''\ncharset = \"big5\"", "不认识这种字符集"),
            ("text = ''\noutcome = { acepted = 1 }", "没有名为 acepted 的设置项"),
        ] {
            assert_eq!(answer(text).unwrap_err(), [wrong], "{text}");
        }
    }
}
