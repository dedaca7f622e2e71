//! The little that is needed to write XML parts by hand.

use std::borrow::Cow;

/// Text as it stands in an element or between double quotes. Characters that XML 1.0 has no place for are left out.
pub(super) fn escape(text: &str) -> Cow<'_, str> {
    let odd = |c: char| matches!(c, '&' | '<' | '>' | '"') || (c < ' ' && !matches!(c, '\t' | '\n' | '\r'));
    if !text.contains(odd) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            c if odd(c) => {}
            c => out.push(c),
        }
    }
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use super::escape;

    #[test]
    fn marks_are_escaped_and_controls_dropped() {
        assert_eq!(escape("甲&<乙>\"\u{1}丙"), "甲&amp;&lt;乙&gt;&quot;丙");
        assert_eq!(escape("甲乙"), "甲乙");
    }
}
