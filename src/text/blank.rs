//! Blanks around a text: nearly no value has any, so that is asked first, by the bytes alone.

/// Whether the text surely has no blank and no byte order mark around it; false says nothing.
///
/// Sure is what begins and ends with a visible ASCII character or one from U+4000 to U+9FFF, where nearly all Chinese ones are.
#[must_use]
pub fn is_bare(text: &str) -> bool {
    // The bytes E4 to E9 only ever begin a character of three bytes.
    matches!(text.as_bytes(), [b'!'..=b'~' | 0xE4..=0xE9, ..])
        && matches!(text.as_bytes(), [.., b'!'..=b'~'] | [.., 0xE4..=0xE9, _, _])
}

#[cfg(test)]
mod tests {
    use super::is_bare;

    #[test]
    fn whatever_is_bare_has_nothing_to_trim() {
        for text in ["1", "2.9742", "嘉兴市", "嘉政土批〔2026〕12号", "Ａ座 1", "#"] {
            assert_eq!(is_bare(text), text != "Ａ座 1", "{text}");
        }
        let edges = ('\0'..='\u{3fff}').chain(['\u{feff}', '\u{ffff}', '嘉', '鿿', '𠀀']);
        for edge in edges {
            for text in [
                edge.to_string(),
                format!("{edge}1"),
                format!("1{edge}"),
                format!("号{edge}"),
                format!("{edge}号"),
            ] {
                let trimmed = text.trim_matches(|c: char| c.is_whitespace() || c == '\u{feff}');
                assert!(!is_bare(&text) || trimmed == text, "{text:?}");
            }
        }
        assert!(!is_bare(""));
    }
}
