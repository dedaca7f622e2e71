//! Reading what JSON forbids but people write: comments and raw newlines inside strings.
//!
//! The text that jiter sees gets spaces in their place, byte for byte, so that every offset stays right; values without
//! escapes are then taken from the original and keep their newlines.

use super::super::tree::Fault;
use super::super::xml::Notes;
use crate::error::codes::format as codes;

/// The text to scan instead, when there is anything to relax.
pub(super) fn relax(text: &str, notes: &mut Notes) -> Option<String> {
    let mut bytes = text.as_bytes().to_vec();
    let mut comments: Vec<usize> = Vec::new();
    let mut controls: Vec<usize> = Vec::new();
    let mut at = 0;
    while let Some(byte) = bytes.get(at).copied() {
        match byte {
            b'"' => at = relax_string(&mut bytes, at + 1, &mut controls),
            b'/' => match comment_end(&bytes, at) {
                Some(end) => {
                    comments.push(at);
                    blank(&mut bytes, at, end);
                    at = end;
                }
                None => at += 1,
            },
            _ => at += 1,
        }
    }
    let note = |code, places: &[usize], what: &str, hint: &str| {
        places.first().map(|at| {
            Fault::new(
                code,
                *at..*at + 1,
                format!("JSON {what}，共 {} 处，已按宽松方式读取。", places.len()),
                hint,
            )
        })
    };
    notes.extend(note(codes::JSON_COMMENT, &comments, "里有注释", "请发送方删去注释。"));
    notes.extend(note(
        codes::JSON_RAW_CONTROL,
        &controls,
        "字符串里有未转义的换行或制表符",
        "请发送方把换行写成 \\n、制表符写成 \\t。",
    ));
    if comments.is_empty() && controls.is_empty() { None } else { String::from_utf8(bytes).ok() }
}

/// Blanks raw controls in a string that begins at `at`; returns where it ends.
fn relax_string(bytes: &mut [u8], mut at: usize, controls: &mut Vec<usize>) -> usize {
    while let Some(byte) = bytes.get_mut(at) {
        match byte {
            b'"' => return at + 1,
            b'\\' => at += 1,
            b'\n' | b'\r' | b'\t' => {
                *byte = b' ';
                controls.push(at);
            }
            _ => {}
        }
        at += 1;
    }
    at
}

fn comment_end(bytes: &[u8], at: usize) -> Option<usize> {
    let rest = bytes.get(at + 2..)?;
    match bytes.get(at + 1)? {
        b'/' => Some(at + 2 + rest.iter().position(|b| *b == b'\n').unwrap_or(rest.len())),
        b'*' => Some(at + 4 + rest.windows(2).position(|pair| pair == b"*/")?),
        _ => None,
    }
}

fn blank(bytes: &mut [u8], from: usize, to: usize) {
    for byte in bytes.get_mut(from..to).unwrap_or_default() {
        *byte = b' ';
    }
}
