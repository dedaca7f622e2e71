//! A tiny pattern for codes: `9` is a digit, `A` an upper-case letter, anything else itself.

/// Whether `text` has exactly the shape of `pattern`.
pub(super) fn fits(pattern: &str, text: &str) -> bool {
    let mut chars = text.chars();
    let each = pattern.chars().all(|wanted| {
        chars.next().is_some_and(|c| match wanted {
            '9' => c.is_ascii_digit(),
            'A' => c.is_ascii_uppercase(),
            _ => c == wanted,
        })
    });
    each && chars.next().is_none()
}

/// Whether all of `text` is digits, and there is some.
pub(super) fn digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())
}
