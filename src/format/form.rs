//! Form bodies: `name=value&name=value`, percent-encoded as the standard says, or raw as some senders post them.
//!
//! The house-number system of civil affairs posts `baseInfoXml=<?xml …>&acceptInfoXml=<…>` without any encoding, so that
//! `&amp;` and `=` inside the XML look like separators. A properly encoded body never contains `<`, `"`, blanks or
//! characters beyond ASCII, which tells the two apart; in a raw body an XML value ends behind its own closing tag.

#[cfg(test)]
mod tests;

use super::ReadSpec;
use super::tree::{Arena, Fault, Frame, Kind, Piece};
use super::xml::forbidden;
use crate::error::codes::format as codes;
use crate::text::charset;

type Step<T = ()> = Result<T, Box<Fault>>;

/// Reads a form into the arena: an object with one text for each field.
pub(super) fn parse(text: &str, base: u32, parent: u32, arena: &mut Arena, spec: &ReadSpec) -> Step<u32> {
    let root = arena.push_root(Kind::Object, parent, base, base + text.len() as u32);
    let mut frame = Frame::of(root);
    let raw = text.bytes().any(|b| matches!(b, b'<' | b'>' | b'"' | b' ' | b'\n' | 0x80..));
    let mut at = 0;
    while at < text.len() {
        let rest = text.get(at..).unwrap_or_default();
        let field_end = if raw { raw_field_end(rest) } else { rest.find('&').unwrap_or(rest.len()) };
        let field = rest.get(..field_end).unwrap_or_default();
        if !field.trim().is_empty() {
            push_field(field, base + at as u32, raw, &mut frame, arena, spec)
                .map_err(|fault| shifted(fault, at).within(root))?;
        }
        at += field_end + 1;
    }
    arena.check_nodes(&spec.limits, 0)?;
    Ok(root)
}

fn push_field(
    field: &str,
    base: u32,
    raw: bool,
    frame: &mut Frame,
    arena: &mut Arena,
    spec: &ReadSpec,
) -> Step {
    let Some((name, value)) = field.split_once('=') else {
        let shown: String = field.chars().take(40).collect();
        return Err(Fault::new(
            codes::FORM_MALFORMED,
            0..field.len(),
            "表单字段没有写成 名称=内容。",
            "内容里的 & 请按 URL 编码写成 %26。",
        )
        .showing(shown));
    };
    let span = (base + (name.len() + 1) as u32, base + field.len() as u32);
    let piece = |from: usize, to: usize| Piece { start: base + from as u32, end: base + to as u32 };
    let (name_piece, value_piece) = if raw {
        (piece(0, name.len()), piece(name.len() + 1, field.len()))
    } else {
        (
            decode_into(name, piece(0, name.len()), arena, spec)?,
            decode_into(value, piece(name.len() + 1, field.len()), arena, spec)?,
        )
    };
    arena.push(frame, Kind::Text, name_piece, value_piece, span);
    Ok(())
}

/// Percent-decodes into the side buffer; what has nothing to decode stays where it is.
fn decode_into(text: &str, piece: Piece, arena: &mut Arena, spec: &ReadSpec) -> Step<Piece> {
    if !text.bytes().any(|b| matches!(b, b'%' | b'+')) {
        return Ok(piece);
    }
    arena.keep(
        &percent_decode(text, spec.charset.as_deref().or(spec.header_charset.as_deref()))?,
        &spec.limits,
    )
}

/// Decodes `%E4%B8%AD` and `+`; the bytes may be UTF-8 or, as tax systems send reasons, GBK.
pub(super) fn percent_decode(text: &str, charset: Option<&str>) -> Step<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [byte, tail @ ..] = rest {
        let hex = |b: &u8| (*b as char).to_digit(16);
        match (byte, tail) {
            (b'%', [high, low, after @ ..]) if hex(high).is_some() && hex(low).is_some() => {
                bytes.push((hex(high).unwrap_or(0) * 16 + hex(low).unwrap_or(0)) as u8);
                rest = after;
                continue;
            }
            (b'+', _) => bytes.push(b' '),
            _ => bytes.push(*byte),
        }
        rest = tail;
    }
    let decoded = charset::decode(&bytes, charset);
    if let Some(replaced) = decoded.replaced {
        return Err(Fault::new(
            codes::CHARSET_UNDECODABLE,
            0..text.len(),
            format!("URL 编码的内容里有 {} 处字节不能按 {} 解码。", replaced.count, decoded.used.label()),
            "请核对编码后重发。",
        ));
    }
    if forbidden(&decoded.text).is_some() {
        return Err(Fault::new(
            codes::CONTROL_CHARACTER,
            0..text.len(),
            "内容里有控制字符。",
            "请清除不可见字符后重发。",
        ));
    }
    Ok(decoded.text.into_owned())
}

/// Where a field of a raw body ends: before the next `&`, or, for XML, behind its closing tag.
fn raw_field_end(rest: &str) -> usize {
    let value_at = rest.find('=').map_or(0, |at| at + 1);
    let value = rest.get(value_at..).unwrap_or_default();
    if !value.trim_start().starts_with('<') {
        return rest.find('&').unwrap_or(rest.len());
    }
    let Some(closing) = closing_tag(value) else { return rest.len() };
    let mut from = value_at;
    while let Some(found) = rest.get(from..).and_then(|part| part.find(&closing)) {
        let end = from + found + closing.len();
        let after = rest.get(end..).unwrap_or_default();
        let behind = after.trim_start();
        if behind.is_empty() || behind.starts_with('&') {
            return end + (after.len() - behind.len());
        }
        from = end;
    }
    rest.len()
}

/// `</name>` of the first element.
fn closing_tag(xml: &str) -> Option<String> {
    let mut rest = xml.trim_start();
    while rest.starts_with("<?") || rest.starts_with("<!--") {
        let end = if rest.starts_with("<?") { "?>" } else { "-->" };
        rest = rest.get(rest.find(end)? + end.len()..)?.trim_start();
    }
    let name: String = rest
        .strip_prefix('<')?
        .chars()
        .take_while(|c| !c.is_whitespace() && !matches!(c, '>' | '/'))
        .collect();
    (!name.is_empty()).then(|| format!("</{name}>"))
}

fn shifted(mut fault: Box<Fault>, by: usize) -> Box<Fault> {
    fault.at = fault.at.start + by..fault.at.end + by;
    fault
}
