//! A tiny pattern for codes: `9` is a digit, `A` an upper-case letter, anything else itself.

/// Whether `text` has exactly the shape of `pattern`. Byte by byte, which is the same: both marks stand for one byte.
pub(super) fn fits(pattern: &str, text: &str) -> bool {
    let fits = |(wanted, byte): (u8, u8)| match wanted {
        b'9' => byte.is_ascii_digit(),
        b'A' => byte.is_ascii_uppercase(),
        _ => byte == wanted,
    };
    pattern.len() == text.len() && pattern.bytes().zip(text.bytes()).all(fits)
}

/// Whether all of `text` is digits, and there is some.
pub(super) fn digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())
}
