//! `url_decode`: percent-encoded text in UTF-8 or GBK; written back encoded.

use std::borrow::Cow;

use super::super::function::{Act, Args, Function, Need, Param, ParamKind, example, fails, refuse};
use crate::model::Fault;
use crate::text::charset::{self, Charset};

pub(super) const FUNCTION: Function = Function {
    name: "url_decode",
    summary: "还原网址编码（%E4%B8…）的文字，可指定 GBK；写出时再编码",
    params: &[Param {
        title: "字符集",
        kind: ParamKind::Choice(&[("utf-8", "UTF-8（默认）"), ("gbk", "GBK")]),
        need: Need::Maybe,
    }],
    act: Act::Text { read, write: Some(write) },
    examples: &[
        example("", "%E4%BD%9C%E5%BA%9F+1", "作废 1"),
        example("gbk", "%D7%F7%B7%CF", "作废"),
        fails("", "%E4%B"),
    ],
};

fn read<'a>(text: Cow<'a, str>, args: &Args) -> Result<Option<Cow<'a, str>>, Fault> {
    if !text.contains(['%', '+']) {
        return Ok(Some(text));
    }
    let bytes = unescape(&text)
        .ok_or_else(|| refuse("网址编码不完整，“%”后应有两位十六进制数。", "请发送方核对编码后重发。"))?;
    let charset = if args.has("gbk") { "gbk" } else { "utf-8" };
    let decoded = charset::decode(&bytes, Some(charset));
    if decoded.replaced.is_some() {
        return Err(refuse(format!("按 {charset} 还原后有乱码。"), "请发送方核对编码所用的字符集。"));
    }
    Ok(Some(Cow::Owned(decoded.text.into_owned())))
}

fn write(text: &str, args: &Args) -> Result<String, Fault> {
    let charset = if args.has("gbk") { Charset::Gbk } else { Charset::Utf8 };
    let bytes = charset::encode(text, charset).map_err(|found| {
        refuse(format!("{} 写不出“{}”。", charset.label(), found.character), "换掉这个字后再发。")
    })?;
    let mut out = String::with_capacity(bytes.len() * 3);
    for byte in bytes.iter() {
        match byte {
            b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' | b'-' | b'_' | b'.' | b'~' => {
                out.push(char::from(*byte))
            }
            other => out.push_str(&format!("%{other:02X}")),
        }
    }
    Ok(out)
}

fn unescape(text: &str) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(text.len());
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        match byte {
            b'%' => {
                let pair = [bytes.next()?, bytes.next()?];
                let digits = std::str::from_utf8(&pair).ok()?;
                out.push(u8::from_str_radix(digits, 16).ok()?);
            }
            b'+' => out.push(b' '),
            other => out.push(other),
        }
    }
    Some(out)
}
