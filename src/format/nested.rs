//! Documents inside values: XML in CDATA, JSON in a string, base64 of a GBK voucher, and any of these inside another.
//!
//! The mapping says what is wrapped and how; the inner document becomes part of the same tree, so its nodes walk, read
//! and know their places like all others. When the value stands in the message unchanged (CDATA, a string without
//! escapes), the inner places keep counting the bytes as received.

#[cfg(test)]
mod tests;

use base64::Engine;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

use super::message::{charset_problems, located};
use super::tree::{Arena, Fault, Graft, Kind, Piece, Style};
use super::xml::{Notes, forbidden, unescape};
use super::{NodeId, ReadSpec, Tree, form, json, xml};
use crate::error::{Problem, Severity, codes};
use crate::text::charset;

/// How a value is wrapped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Nested {
    /// An XML document, also when it was HTML-escaped once more (`&lt;DataSet&gt;`).
    Xml,
    /// A JSON document.
    Json,
    /// A form, `name=value&name=value`.
    Form,
    /// Base64 of text in this charset; when none is given, of the XML declaration inside, else as the bytes look. The
    /// inner root is a [`Kind::Text`] that holds the text.
    Base64 {
        /// Label of the charset.
        charset: Option<String>,
    },
    /// Percent-encoded text; the inner root holds the text.
    Percent {
        /// Label of the charset.
        charset: Option<String>,
    },
    /// HTML-escaped text; the inner root holds the text.
    Escaped,
}

impl Tree<'_> {
    /// Opens what is wrapped in the value of a node and returns the root of the inner document, which has the shape
    /// described at [`Tree`]. A node that was opened before is not opened again.
    ///
    /// Warnings are added to `warnings`. `spec` gives limits and leniency; its format and charset are not asked.
    ///
    /// # Errors
    /// All findings, at least one of them an error with its place inside the value.
    pub fn unwrap(
        &mut self,
        host: NodeId,
        how: &Nested,
        spec: &ReadSpec,
        warnings: &mut Vec<Problem>,
    ) -> Result<NodeId, Vec<Problem>> {
        if let Some(root) = self.nested(host) {
            return Ok(root);
        }
        if self.layers_above(host) >= spec.limits.layers {
            let rule = format!("内容一层套一层地内嵌，超过 {} 层。", spec.limits.layers);
            let problem = Problem::error(codes::format::NESTED_TOO_DEEP, rule, "请减少内嵌层数。");
            return Err(vec![problem.at(self.place(host))]);
        }
        let mut found = Vec::new();
        let (style, inner) = match self.peel(host, how, spec, &mut found) {
            Ok(peeled) => peeled,
            Err(fault) => {
                let problem = Problem::error(fault.code, fault.rule, fault.hint).at(self.place(host));
                return Err(vec![match fault.value {
                    Some(value) => problem.showing(&value),
                    None => problem,
                }]);
            }
        };
        let root = self.arena.next_id();
        self.arena.grafts.push(Graft { root, start: inner.start, style });
        let mut notes = Vec::new();
        let parsed = parse_inner(&self.text, &mut self.arena, inner, host.0, how, spec, &mut notes);
        self.number_new_namesakes();
        found.extend(notes.into_iter().map(|note| located(self, *note, inner.start, Problem::warning)));
        if let Err(fault) = parsed {
            found.push(located(self, *fault, inner.start, Problem::error));
        }
        if found.iter().any(|it| it.severity == Severity::Error) {
            return Err(found);
        }
        self.arena.hosts.insert(host.0, root);
        warnings.append(&mut found);
        Ok(NodeId(root))
    }

    /// Takes the wrapping off: where the inner text is now, and how its places are written.
    fn peel(
        &mut self,
        host: NodeId,
        how: &Nested,
        spec: &ReadSpec,
        found: &mut Vec<Problem>,
    ) -> Result<(Style, Piece), Box<Fault>> {
        let value = self.node(host).map_or(Piece::NONE, |node| node.value);
        if value.is_none() {
            let (rule, hint) = ("这里没有内容，不能按内嵌文档读取。", "请核对映射或补上内容。");
            return Err(Fault::new(codes::format::EMPTY_MESSAGE, 0..0, rule, hint));
        }
        let text = self.piece(value);
        let lead = text.len() - text.trim_start_matches(is_blank).len();
        let text = text.trim_matches(is_blank);
        let start = value.start + lead as u32;
        let inner = Piece { start, end: start + text.len() as u32 };
        let plain = match how {
            Nested::Xml if text.starts_with("&lt;") => unescaped(text)?,
            Nested::Xml | Nested::Form => return Ok((Style::Xml, inner)),
            Nested::Json => return Ok((Style::Pointer, inner)),
            Nested::Base64 { charset } => {
                let bytes = from_base64(text)?;
                let declared = charset.clone().or_else(|| xml::declared_charset(&bytes));
                let decoded = charset::decode(&bytes, declared.as_deref());
                let place = self.place(host);
                found.extend(charset_problems(&decoded).into_iter().map(|it| it.at(place.clone())));
                decoded.text.into_owned()
            }
            Nested::Percent { charset } => form::percent_decode(text, charset.as_deref())?,
            Nested::Escaped => unescaped(text)?,
        };
        let style = if *how == Nested::Xml { Style::Xml } else { Style::Plain };
        Ok((style, self.arena.keep(&plain, &spec.limits)?))
    }

    /// How many documents the node already stands inside of.
    fn layers_above(&self, id: NodeId) -> usize {
        let mut layers = 0;
        let mut at = Some(id);
        while let Some(id) = at {
            layers += usize::from(self.arena.graft_of_root(id.0).is_some());
            at = self.parent(id);
        }
        layers
    }
}

/// White space and byte order marks around an inner document.
fn is_blank(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\r' | '\n' | '\u{FEFF}')
}

/// Parses a range of either buffer into the arena.
fn parse_inner(
    text: &str,
    arena: &mut Arena,
    inner: Piece,
    host: u32,
    how: &Nested,
    spec: &ReadSpec,
    notes: &mut Notes,
) -> Result<u32, Box<Fault>> {
    let range = (inner.start & Piece::OFFSET) as usize..(inner.end & Piece::OFFSET) as usize;
    let kept;
    let text = if inner.start & !Piece::OFFSET == Piece::TEXT {
        text.get(range).unwrap_or_default()
    } else {
        // The side buffer grows while this is parsed, so a copy is read.
        kept = arena.side.get(range).unwrap_or_default().to_owned();
        &kept
    };
    match how {
        Nested::Xml => xml::parse(text, inner.start, host, arena, spec, notes),
        Nested::Json => json::parse(text, inner.start, host, arena, spec, notes),
        Nested::Form => form::parse(text, inner.start, host, arena, spec),
        _ => push_text(text, inner, host, arena),
    }
}

/// The root of a layer that is only text.
fn push_text(text: &str, piece: Piece, host: u32, arena: &mut Arena) -> Result<u32, Box<Fault>> {
    let root = arena.push_root(Kind::Text, host, piece.start, piece.end);
    if let Some(at) = forbidden(text) {
        let rule = "内嵌内容里有控制字符，可能不是文本。";
        let fault = Fault::new(codes::format::CONTROL_CHARACTER, at..at + 1, rule, "请核对内容是否为文本。");
        return Err(fault.within(root));
    }
    if let Some(node) = arena.nodes.get_mut(root as usize) {
        node.value = piece;
    }
    Ok(root)
}

fn unescaped(text: &str) -> Result<String, Box<Fault>> {
    unescape(text, true).map_err(|unknown| {
        let rule = format!("内嵌内容里的 &{}; 无法识别。", unknown.name);
        Fault::new(codes::format::UNKNOWN_ENTITY, 0..0, rule, "请核对内嵌内容的转义。")
    })
}

fn from_base64(text: &str) -> Result<Vec<u8>, Box<Fault>> {
    let compact: Vec<u8> = text.bytes().filter(|b| !b.is_ascii_whitespace()).collect();
    let url_safe = compact.iter().any(|b| matches!(b, b'-' | b'_'));
    let config = GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
    let alphabet = if url_safe { &alphabet::URL_SAFE } else { &alphabet::STANDARD };
    GeneralPurpose::new(alphabet, config).decode(&compact).map_err(|error| {
        let rule = format!("不是正确的 Base64 内容（{}）。", explain(&error));
        let hint = "请重新编码后发送；Base64 只含字母、数字、+、/ 和末尾的 =。";
        Fault::new(codes::format::BASE64_INVALID, 0..0, rule, hint)
            .showing(text.chars().take(40).collect::<String>())
    })
}

fn explain(error: &base64::DecodeError) -> String {
    match error {
        base64::DecodeError::InvalidByte(at, byte) => {
            format!("第 {} 个字符 {:?} 不允许", at + 1, char::from(*byte))
        }
        base64::DecodeError::InvalidLength(length) => format!("长度 {length} 不对"),
        base64::DecodeError::InvalidLastSymbol(..) => "末尾被截断".to_owned(),
        base64::DecodeError::InvalidPadding => "末尾的 = 个数不对".to_owned(),
    }
}
