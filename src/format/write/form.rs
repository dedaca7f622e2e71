//! Writing form bodies.

use super::{Content, Item, Path};
use crate::error::{Problem, codes};
use crate::text::charset::{self, Charset};

/// Writes an object of texts as `name=value&…`, percent-encoded in the charset, or raw for partners that decode nothing.
pub fn form(root: &Item, charset: Charset, percent: bool) -> Result<Vec<u8>, Vec<Problem>> {
    let mut path = Path::default();
    let mut out = String::new();
    let Content::Object(fields) = &root.content else {
        path.refuse(
            codes::format::WRITE_SHAPE,
            &root.name,
            "表单只能写一层字段。",
            "请修改映射文件的输出层次。",
        );
        return Err(path.problems);
    };
    for field in fields {
        path.steps.push(field.name.clone());
        let Some(value) = field.as_text(&mut path) else {
            path.refuse(codes::format::WRITE_SHAPE, "", "表单字段不能再分层。", "请按内嵌文档输出这个字段。");
            path.leave();
            continue;
        };
        path.check_text(&value);
        if !out.is_empty() {
            out.push('&');
        }
        if percent {
            encode_into(&field.name, charset, &mut path, &mut out);
            out.push('=');
            encode_into(&value, charset, &mut path, &mut out);
        } else {
            out.push_str(&field.name);
            out.push('=');
            out.push_str(&value);
        }
        path.leave();
    }
    path.finish(out, charset)
}

/// Every byte but letters, digits and `-._*` is written as `%XX`, a blank as `+` (WHATWG URL §5.2).
fn encode_into(text: &str, charset: Charset, path: &mut Path, out: &mut String) {
    let bytes = match charset::encode(text, charset) {
        Ok(bytes) => bytes,
        Err(fault) => return path.problems.push(super::unencodable(text, fault, charset)),
    };
    for byte in bytes {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'*' => out.push(char::from(byte)),
            b' ' => out.push('+'),
            _ => out.extend(['%', hex(byte >> 4), hex(byte & 15)]),
        }
    }
}

fn hex(digit: u8) -> char {
    char::from_digit(digit.into(), 16).map_or('0', |c| c.to_ascii_uppercase())
}
