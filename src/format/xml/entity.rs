//! Entities and characters: what `&…;` stands for, and which characters XML does not allow.

/// The character of a reference: one of the five entities, or a number.
pub(in super::super) fn resolve(name: &str) -> Option<char> {
    match name {
        "lt" => return Some('<'),
        "gt" => return Some('>'),
        "amp" => return Some('&'),
        "quot" => return Some('"'),
        "apos" => return Some('\''),
        _ => {}
    }
    let number = name.strip_prefix('#')?;
    let code = match number.strip_prefix(['x', 'X']) {
        Some(hex) => u32::from_str_radix(hex, 16).ok()?,
        None => number.parse().ok()?,
    };
    char::from_u32(code).filter(|c| *c >= ' ' || matches!(c, '\t' | '\n' | '\r'))
}

/// A reference nobody defined.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in super::super) struct Unknown {
    /// What stands between `&` and `;`, or the beginning of what follows a lone `&`.
    pub name: String,
    /// Whether a `;` followed.
    pub closed: bool,
}

/// Replaces the references in a text. When lenient, what is not a reference stays as it is.
pub(in super::super) fn unescape(text: &str, lenient: bool) -> Result<String, Unknown> {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        let (before, from) = rest.split_at(at);
        plain.push_str(before);
        let after = from.get(1..).unwrap_or_default();
        let name = after.split(';').next().filter(|name| name.len() < after.len() && name.len() <= 12);
        match name.and_then(|name| {
            resolve(name).or((lenient && name == "nbsp").then_some('\u{A0}')).map(|c| (c, name))
        }) {
            Some((c, name)) => {
                plain.push(c);
                rest = after.get(name.len() + 1..).unwrap_or_default();
            }
            None if lenient => {
                plain.push('&');
                rest = after;
            }
            None => {
                let shown = name.map_or_else(|| after.chars().take(12).collect(), str::to_owned);
                return Err(Unknown { name: shown, closed: name.is_some() });
            }
        }
    }
    plain.push_str(rest);
    Ok(plain)
}

/// Which controls a text holds.
pub(super) struct Controls {
    /// One that no format may carry: any but tab and line ends (XML 1.0 §2.2).
    pub forbidden: bool,
    pub carriage_return: bool,
}

/// Looks for controls in one pass without an early exit, so that it runs on whole vectors.
pub(super) fn controls(text: &str) -> Controls {
    let look = |(forbidden, returns): (u8, u8), b: &u8| {
        let control = u8::from(*b < 0x20) & u8::from(*b != b'\t') & u8::from(*b != b'\n');
        let is_return = u8::from(*b == b'\r');
        (forbidden | (control & !is_return), returns | is_return)
    };
    let (forbidden, returns) = text.as_bytes().iter().fold((0, 0), look);
    Controls { forbidden: forbidden & 1 == 1, carriage_return: returns == 1 }
}

/// The first character that no format may carry.
pub(in super::super) fn forbidden(text: &str) -> Option<usize> {
    let is = |b: u8| b < 0x20 && !matches!(b, b'\n' | b'\r' | b'\t');
    if controls(text).forbidden { text.bytes().position(is) } else { None }
}
