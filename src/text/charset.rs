//! Bytes to text and back: UTF-8 and the GB family, with every doubt reported.
//!
//! What a message claims about its charset is often wrong: real finance messages declare GB2312 and carry UTF-8. So the
//! claim is only a hint; the bytes decide, and a difference is handed to the caller as a finding. GBK and GB2312 are
//! read as GB18030, their superset. Bytes that no charset explains become U+FFFD, and the first of them is located.

mod detect;
mod stream;
#[cfg(test)]
mod tests;

use std::borrow::Cow;

pub use stream::Utf8Reader;

use detect::{Utf8Look, look_at_utf8};

/// The charsets that partners use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Charset {
    /// UTF-8.
    Utf8,
    /// GBK, also written GB2312 or CP936. Read as GB18030; written with two bytes at most for each character.
    Gbk,
    /// GB18030: every Unicode character can be written.
    Gb18030,
    /// UTF-16 little endian, as Excel writes "Unicode text". Read only, and only behind a byte order mark.
    Utf16Le,
    /// UTF-16 big endian. Read only, and only behind a byte order mark.
    Utf16Be,
}

impl Charset {
    /// The charset of a label in an XML declaration, an HTTP header or a mapping file.
    #[must_use]
    pub fn from_label(label: &str) -> Option<Self> {
        let label = label.trim();
        let is = |names: &[&str]| names.iter().any(|name| label.eq_ignore_ascii_case(name));
        if is(&["utf-8", "utf8", "us-ascii", "ascii"]) {
            Some(Self::Utf8)
        } else if is(&[
            "gbk",
            "gb2312",
            "gb_2312-80",
            "gb_2312",
            "cp936",
            "ms936",
            "windows-936",
            "euc-cn",
            "x-gbk",
        ]) {
            Some(Self::Gbk)
        } else if is(&["gb18030", "gb18030-2005", "gb18030-2022"]) {
            Some(Self::Gb18030)
        } else if is(&["utf-16le", "utf-16", "unicode"]) {
            Some(Self::Utf16Le)
        } else if is(&["utf-16be"]) {
            Some(Self::Utf16Be)
        } else {
            None
        }
    }

    /// The label written into declarations and shown to people.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Utf8 => "UTF-8",
            Self::Gbk => "GBK",
            Self::Gb18030 => "GB18030",
            Self::Utf16Le => "UTF-16LE",
            Self::Utf16Be => "UTF-16BE",
        }
    }

    fn encoding(self) -> &'static encoding_rs::Encoding {
        match self {
            Self::Utf8 => encoding_rs::UTF_8,
            Self::Gbk => encoding_rs::GBK,
            Self::Gb18030 => encoding_rs::GB18030,
            Self::Utf16Le => encoding_rs::UTF_16LE,
            Self::Utf16Be => encoding_rs::UTF_16BE,
        }
    }

    fn is_gb(self) -> bool {
        matches!(self, Self::Gbk | Self::Gb18030)
    }
}

/// Bytes that no charset explained.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Replaced {
    /// Offset of the first of them in the bytes as received.
    pub offset: usize,
    /// How many runs of bytes became U+FFFD.
    pub count: usize,
}

/// Text with the story of how it was decoded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decoded<'a> {
    /// The text, without its byte order mark; borrowed when the bytes were UTF-8 already.
    pub text: Cow<'a, str>,
    /// The charset the bytes are in.
    pub used: Charset,
    /// The label that was declared, as given.
    pub declared: Option<String>,
    /// Whether the declared label is unknown or names another charset than the bytes are in.
    pub mismatch: bool,
    /// Bytes that could not be decoded.
    pub replaced: Option<Replaced>,
    /// Length of the byte order mark that was taken off: 0, 2, 3, or 4 for GB18030.
    pub mark: usize,
}

/// Decodes bytes. `declared` is the label found in the declaration, the header or the settings of the partner.
#[must_use]
pub fn decode<'a>(bytes: &'a [u8], declared: Option<&str>) -> Decoded<'a> {
    let (marked, mark) = byte_order_mark(bytes);
    let body = bytes.get(mark..).unwrap_or_default();
    let claimed = declared.and_then(Charset::from_label);
    // What nearly every message is: valid UTF-8 that does not claim to be anything else.
    let plain = marked.is_none_or(|it| it == Charset::Utf8) && claimed.is_none_or(|it| it == Charset::Utf8);
    let valid = if plain { simdutf8::basic::from_utf8(body).ok() } else { None };
    let (used, (text, replaced)) = match valid {
        Some(text) => (Charset::Utf8, (Cow::Borrowed(text), None)),
        None => {
            let used = marked.unwrap_or_else(|| choose(body, claimed));
            (used, decode_as(body, used))
        }
    };
    Decoded {
        text,
        used,
        declared: declared.map(str::to_owned),
        mismatch: declared.is_some() && !agrees(claimed, used, body),
        replaced: replaced.map(|it: Replaced| Replaced { offset: it.offset + mark, ..it }),
        mark,
    }
}

/// A character that the target charset does not have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unencodable {
    /// The character.
    pub character: char,
    /// Its byte offset in the text.
    pub offset: usize,
}

/// Encodes text; a character the charset does not have is an error, never a question mark.
pub fn encode(text: &str, charset: Charset) -> Result<Vec<u8>, Unencodable> {
    if charset == Charset::Utf8 {
        return Ok(text.as_bytes().to_vec());
    }
    if let Charset::Utf16Le | Charset::Utf16Be = charset {
        let big = charset == Charset::Utf16Be;
        return Ok(text
            .encode_utf16()
            .flat_map(|u| if big { u.to_be_bytes() } else { u.to_le_bytes() })
            .collect());
    }
    let mut encoder = charset.encoding().new_encoder();
    let room =
        encoder.max_buffer_length_from_utf8_without_replacement(text.len()).unwrap_or(text.len() * 4 + 16);
    let mut out = Vec::with_capacity(room);
    match encoder.encode_from_utf8_to_vec_without_replacement(text, &mut out, true) {
        (encoding_rs::EncoderResult::Unmappable(character), read) => {
            Err(Unencodable { character, offset: read.saturating_sub(character.len_utf8()) })
        }
        _ => Ok(out),
    }
}

fn byte_order_mark(bytes: &[u8]) -> (Option<Charset>, usize) {
    if bytes.starts_with(&[0xEF, 0xBB, 0xBF]) {
        (Some(Charset::Utf8), 3)
    } else if bytes.starts_with(&[0xFF, 0xFE]) {
        (Some(Charset::Utf16Le), 2)
    } else if bytes.starts_with(&[0xFE, 0xFF]) {
        (Some(Charset::Utf16Be), 2)
    } else if bytes.starts_with(&[0x84, 0x31, 0x95, 0x33]) {
        (Some(Charset::Gb18030), 4)
    } else {
        (None, 0)
    }
}

/// The bytes decide; the claim breaks ties only.
fn choose(body: &[u8], claimed: Option<Charset>) -> Charset {
    match look_at_utf8(body) {
        Utf8Look::Ascii => claimed.filter(|it| it.is_gb()).unwrap_or(Charset::Utf8),
        Utf8Look::Likely | Utf8Look::Damaged => Charset::Utf8,
        Utf8Look::Possible => claimed.filter(|it| it.is_gb()).unwrap_or(Charset::Utf8),
        Utf8Look::No => claimed.filter(|it| it.is_gb()).unwrap_or(Charset::Gb18030),
    }
}

fn agrees(claimed: Option<Charset>, used: Charset, body: &[u8]) -> bool {
    claimed.is_some_and(|it| it == used || (it.is_gb() && used.is_gb()) || body.is_ascii())
}

fn decode_as(body: &[u8], charset: Charset) -> (Cow<'_, str>, Option<Replaced>) {
    match charset.encoding().decode_without_bom_handling_and_without_replacement(body) {
        Some(text) => (text, None),
        None => decode_replacing(body, charset),
    }
}

/// The slow way, for bytes known to be broken: says where they first break and how often.
fn decode_replacing(body: &[u8], charset: Charset) -> (Cow<'_, str>, Option<Replaced>) {
    let mut decoder = charset.encoding().new_decoder_without_bom_handling();
    let mut text = String::with_capacity(body.len() + body.len() / 2 + 16);
    let mut replaced: Option<Replaced> = None;
    let mut at = 0;
    loop {
        let rest = body.get(at..).unwrap_or_default();
        let room =
            decoder.max_utf8_buffer_length_without_replacement(rest.len()).unwrap_or(rest.len() * 3 + 16);
        text.reserve(room);
        let (result, read) = decoder.decode_to_string_without_replacement(rest, &mut text, true);
        at += read;
        match result {
            encoding_rs::DecoderResult::InputEmpty => return (Cow::Owned(text), replaced),
            encoding_rs::DecoderResult::OutputFull => {}
            encoding_rs::DecoderResult::Malformed(bad, after) => {
                let offset = at.saturating_sub(usize::from(bad) + usize::from(after));
                let first = replaced.unwrap_or(Replaced { offset, count: 0 });
                replaced = Some(Replaced { count: first.count + 1, ..first });
                text.push(char::REPLACEMENT_CHARACTER);
            }
        }
    }
}
