//! The way out: an owned tree of items to the bytes of a format and charset. The same items always give the same bytes.
//!
//! Shape: an XML document is one item named like its document element; a JSON document is an item whose name is not
//! asked; a table is an array of objects; a form is an object of texts. A value that the target cannot hold (a control
//! character, a name that is no XML name, a character outside GBK) is a finding with its path, never a question mark.

mod archive;
mod csv;
mod form;
mod json;
mod printed;
#[cfg(test)]
mod tests;
mod xlsx;
mod xml;

use std::fmt::Write;

use crate::error::{Code, Place, Problem, codes};
use crate::text::charset::{self, Charset};

pub use archive::{ArchiveStream, ArchiveWriter, file_name};
pub use csv::{CsvLayout, csv};
pub use form::form;
pub use json::{JsonLayout, json};
pub use printed::{PrintedColumn, PrintedTable, printed};
pub use xlsx::{Column, ColumnKind, SheetWriter};
pub use xml::{XmlLayout, xml};

/// A piece of output: a name with its content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// Element or attribute name, key, column; not asked for items of an array.
    pub name: String,
    /// What it holds.
    pub content: Content,
}

/// What an [`Item`] holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Content {
    /// Named children in order.
    Object(Vec<Item>),
    /// A list. In XML the element is repeated once for each item, under the array's own name.
    Array(Vec<Item>),
    /// Text, escaped as the format wants it.
    Text(String),
    /// Text in a CDATA section; outside XML the same as [`Content::Text`].
    Cdata(String),
    /// A number, written with exactly these digits.
    Number(String),
    /// A truth value.
    Bool(bool),
    /// No value: `null`, an empty element, an empty cell.
    Null,
    /// An attribute of the element above; outside XML the same as [`Content::Text`].
    Attribute(String),
    /// Another document, written as a text.
    Inner(Box<Inner>),
}

/// A document inside a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inner {
    /// Its content.
    pub item: Item,
    /// How it is written.
    pub form: InnerForm,
    /// Whether the text goes into a CDATA section (XML only).
    pub cdata: bool,
    /// Whether the text is escaped once more than its place demands (`&lt;DataSet&gt;`).
    pub escaped: bool,
    /// Charset whose bytes are then written as base64; without it the document stands there as text.
    pub base64: Option<Charset>,
}

/// The format of a document inside a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum InnerForm {
    /// XML.
    Xml(XmlLayout),
    /// JSON.
    Json(JsonLayout),
    /// The text of the item itself.
    Text,
}

impl Item {
    /// An item with any content.
    pub fn new(name: impl Into<String>, content: Content) -> Self {
        Self { name: name.into(), content }
    }

    /// A text.
    pub fn text(name: impl Into<String>, value: impl Into<String>) -> Self {
        Self::new(name, Content::Text(value.into()))
    }

    /// An object or element with children.
    pub fn object(name: impl Into<String>, children: Vec<Item>) -> Self {
        Self::new(name, Content::Object(children))
    }

    /// A list.
    pub fn array(name: impl Into<String>, items: Vec<Item>) -> Self {
        Self::new(name, Content::Array(items))
    }

    /// An attribute of the element above.
    pub fn attribute(name: impl Into<String>, value: impl Into<String>) -> Self {
        Self::new(name, Content::Attribute(value.into()))
    }

    /// The text of a leaf in formats that know only text; none for containers.
    fn as_text(&self, path: &mut Path) -> Option<String> {
        match &self.content {
            Content::Text(text) | Content::Cdata(text) | Content::Number(text) | Content::Attribute(text) => {
                Some(text.clone())
            }
            Content::Bool(value) => Some(value.to_string()),
            Content::Null => Some(String::new()),
            Content::Inner(inner) => Some(inner_text(inner, path)),
            Content::Object(_) | Content::Array(_) => None,
        }
    }
}

/// Deeper output than this is a mistake of the mapping.
const DEPTH: usize = 64;

/// Where the writer is, and what it found on the way.
#[derive(Default)]
struct Path {
    steps: Vec<String>,
    problems: Vec<Problem>,
}

impl Path {
    fn refuse(&mut self, code: Code, value: &str, rule: impl Into<String>, hint: impl Into<String>) {
        let mut path = String::new();
        for step in &self.steps {
            let _ = write!(path, "/{step}");
        }
        let place = Place { path, ..Place::default() };
        self.problems.push(Problem::error(code, rule, hint).at(place).showing(value));
    }

    /// Goes down one step; false when the output is too deep.
    fn enter(&mut self, step: &str) -> bool {
        self.steps.push(step.to_owned());
        if self.steps.len() > DEPTH {
            self.refuse(
                codes::format::WRITE_SHAPE,
                "",
                format!("输出超过 {DEPTH} 层。"),
                "请检查映射文件的输出层次。",
            );
            return false;
        }
        true
    }

    fn leave(&mut self) {
        self.steps.pop();
    }

    /// Controls are forbidden in every format, as on the way in.
    fn check_text(&mut self, text: &str) {
        if let Some(at) = super::xml::forbidden(text) {
            let byte = text.as_bytes().get(at).copied().unwrap_or_default();
            let rule = format!("内容里有控制字符 U+{byte:04X}，不能写入报文。");
            self.refuse(
                codes::format::UNWRITABLE_VALUE,
                &text.replace(|c: char| c < ' ', "·"),
                rule,
                "请修正这个值。",
            );
        }
    }

    fn check_number(&mut self, digits: &str) {
        if !is_number(digits) {
            self.refuse(
                codes::format::UNWRITABLE_VALUE,
                digits,
                "不是规范的数字写法。",
                "数字只含数字、负号和小数点，不能有前导 0；编号请按文本输出。",
            );
        }
    }

    fn finish(self, text: String, charset: Charset) -> Result<Vec<u8>, Vec<Problem>> {
        let mut problems = self.problems;
        match charset::encode(&text, charset) {
            Ok(bytes) if problems.is_empty() => Ok(bytes),
            Ok(_) => Err(problems),
            Err(fault) => {
                problems.push(unencodable(&text, fault, charset));
                Err(problems)
            }
        }
    }
}

fn unencodable(text: &str, fault: charset::Unencodable, charset: Charset) -> Problem {
    let before: String = text.get(..fault.offset).unwrap_or_default().chars().rev().take(8).collect();
    let after = text.get(fault.offset..).unwrap_or_default().chars().take(8);
    let around: String = before.chars().rev().chain(after).map(|c| if c < ' ' { '·' } else { c }).collect();
    Problem::error(
        codes::format::CHARSET_UNENCODABLE,
        format!(
            "字符“{}”（U+{:04X}）不在 {} 字符集里。",
            fault.character,
            u32::from(fault.character),
            charset.label()
        ),
        "请换字，或与对方商定改用 GB18030 或 UTF-8。",
    )
    .showing(&around)
}

/// JSON's grammar of numbers (RFC 8259 §6).
fn is_number(digits: &str) -> bool {
    let rest = digits.strip_prefix('-').unwrap_or(digits);
    let (mantissa, exponent) = rest.split_once(['e', 'E']).map_or((rest, None), |(m, e)| (m, Some(e)));
    let (whole, fraction) = mantissa.split_once('.').map_or((mantissa, None), |(w, f)| (w, Some(f)));
    let all_digits = |s: &str| !s.is_empty() && s.bytes().all(|b| b.is_ascii_digit());
    all_digits(whole)
        && (whole.len() == 1 || !whole.starts_with('0'))
        && fraction.is_none_or(all_digits)
        && exponent.is_none_or(|e| all_digits(e.strip_prefix(['+', '-']).unwrap_or(e)))
}

/// The text of a document inside a value.
fn inner_text(inner: &Inner, path: &mut Path) -> String {
    let text = match &inner.form {
        InnerForm::Xml(layout) => xml::text(&inner.item, layout, path),
        InnerForm::Json(layout) => json::text(&inner.item, layout, path),
        InnerForm::Text => inner.item.as_text(path).unwrap_or_default(),
    };
    let text = if inner.escaped { quick_xml::escape::escape(text.as_str()).into_owned() } else { text };
    let Some(charset) = inner.base64 else { return text };
    match charset::encode(&text, charset) {
        Ok(bytes) => base64::Engine::encode(&base64::engine::general_purpose::STANDARD, bytes),
        Err(fault) => {
            path.problems.push(unencodable(&text, fault, charset));
            String::new()
        }
    }
}
