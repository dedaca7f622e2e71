//! The frame of the non-tax revenue exchange over TCP.
//!
//! `LEN(8)` `CNNONTAX` `1.0` `MsgNo(4)` xml `MAC(64)`: LEN is left-justified, blank-padded and counts every byte of the
//! frame including itself; the header is ASCII, the XML usually GBK. The MAC is the hexadecimal SHA-256 of the partner's
//! token followed by the XML; checking it needs the token and is left to who holds it: [`Frame::signed`] and
//! [`Frame::mac`] are what it takes.

#[cfg(test)]
mod tests;

use super::tree::{Arena, Fault, Kind, NOTHING, Piece};
use crate::error::{Place, Problem, codes};

const LENGTH: usize = 8;
const APPLICATION: &str = "CNNONTAX";
const VERSION: &str = "1.0";
/// Length of everything before the XML.
const HEADER: usize = 23;
const MAC: usize = 64;

/// The parts of a frame, as bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Frame<'a> {
    /// Four digits, e.g. `5996`.
    pub message_no: &'a str,
    /// The XML as transmitted: what the MAC covers, behind the token.
    pub signed: &'a [u8],
    /// 64 hexadecimal digits, in either case.
    pub mac: &'a str,
}

impl<'a> Frame<'a> {
    /// How many bytes at its beginning say the length.
    pub const LENGTH: usize = LENGTH;
    /// Bytes of a frame with nothing inside.
    pub const LEAST: usize = HEADER + MAC;

    /// Takes a frame apart and checks its length.
    pub fn split(bytes: &'a [u8]) -> Result<Self, Problem> {
        split(bytes)
    }

    /// How many bytes the frame that begins here has, so that a stream can be read by length; none when fewer than eight
    /// bytes are there or they are not a length.
    #[must_use]
    pub fn length(beginning: &[u8]) -> Option<usize> {
        let digits = std::str::from_utf8(beginning.get(..LENGTH)?).ok()?.trim_end_matches(' ');
        let plain = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
        if plain { digits.parse().ok() } else { None }
    }

    /// Puts a frame together. `mac` gets the XML bytes and returns the 64 digits.
    pub fn write(message_no: &str, xml: &[u8], mac: impl FnOnce(&[u8]) -> String) -> Vec<u8> {
        let length = HEADER + xml.len() + MAC;
        let mut out = format!("{length:<LENGTH$}{APPLICATION}{VERSION}{message_no:0>4}").into_bytes();
        out.extend_from_slice(xml);
        out.extend_from_slice(mac(xml).as_bytes());
        out
    }
}

pub(super) fn split(bytes: &[u8]) -> Result<Frame<'_>, Problem> {
    let bytes = without_line_end(bytes);
    let text = |from: usize, to: usize| bytes.get(from..to).and_then(|part| std::str::from_utf8(part).ok());
    let Some(length) = Frame::length(bytes) else {
        return Err(malformed(0..LENGTH, "报文开头 8 个字符应是整帧长度（左对齐，空格补足）。", bytes));
    };
    if length != bytes.len() {
        return Err(Problem::error(
            codes::format::FRAME_LENGTH,
            format!("报文头写的长度是 {length} 字节，实际收到 {} 字节。", bytes.len()),
            "长度应等于整帧字节数（含长度字段和末尾 64 位校验码）；请检查是否被截断或按字符数计算了长度。",
        )
        .at(place(0..LENGTH))
        .showing(text(0, LENGTH).unwrap_or_default()));
    }
    if text(LENGTH, 16) != Some(APPLICATION) || text(16, 19) != Some(VERSION) {
        return Err(malformed(LENGTH..19, "长度之后应是 CNNONTAX 和版本号 1.0。", bytes));
    }
    let digits = |s: &&str| s.bytes().all(|b| b.is_ascii_digit());
    let Some(message_no) = text(19, HEADER).filter(digits) else {
        return Err(malformed(19..HEADER, "版本号之后应是 4 位数字的报文编号。", bytes));
    };
    let mac_at = bytes.len().saturating_sub(MAC).max(HEADER);
    let hex = |s: &&str| s.len() == MAC && s.bytes().all(|b| b.is_ascii_hexdigit());
    let Some(mac) = text(mac_at, bytes.len()).filter(hex) else {
        return Err(malformed(mac_at..bytes.len(), "报文末尾应是 64 位十六进制校验码。", bytes));
    };
    Ok(Frame { message_no, signed: bytes.get(HEADER..mac_at).unwrap_or_default(), mac })
}

/// Pushes the parts of a decoded frame that was already [`split`] as bytes; header and MAC are ASCII, so their lengths hold.
pub(super) fn parse(text: &str, arena: &mut Arena) -> Result<u32, Box<Fault>> {
    // The lengths of bytes and text differ, but what follows the MAC is white space in both.
    let end = text.trim_ascii_end().len();
    let mac_at = end.saturating_sub(MAC).max(HEADER);
    let root = arena.push_root(Kind::Object, NOTHING, 0, end as u32);
    let mut frame = super::tree::Frame::of(root);
    let parts = [
        ("application", LENGTH, 16),
        ("version", 16, 19),
        ("message_no", 19, HEADER),
        ("xml", HEADER, mac_at),
        ("mac", mac_at, end),
    ];
    for (name, from, to) in parts {
        let name = arena.keep(name, &super::Limits::default())?;
        let piece = Piece { start: from as u32, end: to as u32 };
        arena.push(&mut frame, Kind::Text, name, piece, (piece.start, piece.end));
    }
    Ok(root)
}

/// Frames that were kept in a file often end with a line end that is no part of them.
fn without_line_end(bytes: &[u8]) -> &[u8] {
    let frame = Frame::length(bytes).and_then(|length| bytes.split_at_checked(length));
    frame.filter(|(_, rest)| rest.trim_ascii().is_empty()).map_or(bytes, |(frame, _)| frame)
}

fn malformed(at: std::ops::Range<usize>, rule: &str, bytes: &[u8]) -> Problem {
    let shown = String::from_utf8_lossy(
        bytes.get(at.start.min(bytes.len())..at.end.min(bytes.len())).unwrap_or_default(),
    );
    Problem::error(
        codes::format::FRAME_MALFORMED,
        rule,
        "请按“长度 8 + CNNONTAX + 1.0 + 报文编号 4 + XML + 校验码 64”组织报文。",
    )
    .at(place(at))
    .showing(&shown)
}

fn place(at: std::ops::Range<usize>) -> Place {
    Place { start: at.start as u64, end: at.end as u64, ..Place::default() }
}
