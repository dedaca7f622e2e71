//! Whether bytes are UTF-8, judged by what Chinese text looks like in it.

/// What a look at the bytes says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Utf8Look {
    /// Only ASCII: every charset we know reads it the same way.
    Ascii,
    /// Valid, and most characters are of the three-byte kind that Chinese text consists of.
    Likely,
    /// Valid, but mostly two-byte sequences, which short GBK words can imitate by chance.
    Possible,
    /// Invalid in a few places of otherwise Chinese UTF-8: cut or overwritten bytes.
    Damaged,
    /// Not UTF-8.
    No,
}

pub(super) fn look_at_utf8(bytes: &[u8]) -> Utf8Look {
    if bytes.is_ascii() {
        return Utf8Look::Ascii;
    }
    match std::str::from_utf8(bytes) {
        Ok(text) => {
            let seen = Widths::of(text);
            if seen.wide >= seen.narrow { Utf8Look::Likely } else { Utf8Look::Possible }
        }
        Err(_) => {
            let (seen, broken) = Widths::of_broken(bytes);
            // GBK text read as UTF-8 breaks at nearly every character; a damaged UTF-8 text breaks rarely.
            if seen.wide > 4 * broken { Utf8Look::Damaged } else { Utf8Look::No }
        }
    }
}

/// How many characters take two bytes and how many take three or four.
#[derive(Default)]
struct Widths {
    narrow: usize,
    wide: usize,
}

impl Widths {
    fn of(text: &str) -> Self {
        let mut seen = Self::default();
        for byte in text.bytes() {
            seen.narrow += usize::from((0xC0..0xE0).contains(&byte));
            seen.wide += usize::from(byte >= 0xE0);
        }
        seen
    }

    fn of_broken(bytes: &[u8]) -> (Self, usize) {
        let mut seen = Self::default();
        let mut broken = 0;
        for chunk in bytes.utf8_chunks() {
            let part = Self::of(chunk.valid());
            seen.narrow += part.narrow;
            seen.wide += part.wide;
            broken += usize::from(!chunk.invalid().is_empty());
        }
        (seen, broken)
    }
}
