//! The container of font files: takes tables out of one, and puts tables together to a new one.

/// A table of a font file that holds a single face.
pub(in crate::document) fn table<'a>(bytes: &'a [u8], tag: &[u8; 4]) -> Option<&'a [u8]> {
    ttf_parser::RawFace::parse(bytes, 0).ok()?.table(ttf_parser::Tag::from_bytes(tag))
}

/// A face of a font file or collection as a table of its own, e.g. `OS/2`.
pub(in crate::document) fn table_of_face<'a>(bytes: &'a [u8], index: u32, tag: &[u8; 4]) -> Option<&'a [u8]> {
    ttf_parser::RawFace::parse(bytes, index).ok()?.table(ttf_parser::Tag::from_bytes(tag))
}

/// A font file with exactly these tables. They are written in the order of their tags, which the format wants.
pub(in crate::document) fn build(mut tables: Vec<([u8; 4], Vec<u8>)>) -> Vec<u8> {
    tables.sort();
    let count = u16::try_from(tables.len()).unwrap_or(u16::MAX);
    let flavor: &[u8; 4] = if tables.iter().any(|(tag, _)| tag == b"CFF ") { b"OTTO" } else { &[0, 1, 0, 0] };
    // The largest power of two within the count, for a search by halves.
    let power = count.checked_ilog2().unwrap_or(0);
    let range = 16u16 << power;
    let mut head: Vec<u8> = flavor.to_vec();
    for number in [count, range, u16::try_from(power).unwrap_or(0), (count * 16).saturating_sub(range)] {
        head.extend(number.to_be_bytes());
    }
    let mut at = head.len() + 16 * tables.len();
    let mut body = Vec::new();
    for (tag, data) in &tables {
        head.extend(tag);
        for number in [checksum(data), length(at), length(data.len())] {
            head.extend(number.to_be_bytes());
        }
        body.extend_from_slice(data);
        body.resize(body.len().next_multiple_of(4), 0);
        at += data.len().next_multiple_of(4);
    }
    head.append(&mut body);
    head
}

fn length(bytes: usize) -> u32 {
    u32::try_from(bytes).unwrap_or(u32::MAX)
}

fn checksum(data: &[u8]) -> u32 {
    data.chunks(4).fold(0u32, |sum, chunk| {
        let word = chunk
            .iter()
            .chain([0, 0, 0].iter())
            .take(4)
            .fold(0u32, |word, byte| word << 8 | u32::from(*byte));
        sum.wrapping_add(word)
    })
}

/// A character map (format 12, one group for each character), which readers other than PDF's need.
pub(in crate::document) fn character_map(glyphs: impl ExactSizeIterator<Item = (char, u16)>) -> Vec<u8> {
    let count = length(glyphs.len());
    let mut out = Vec::new();
    // Version 0, two entries for the same table: Unicode full repertoire, Windows UCS-4.
    for number in [0u16, 2, 0, 4] {
        out.extend(number.to_be_bytes());
    }
    out.extend(20u32.to_be_bytes());
    out.extend([0, 3, 0, 10]);
    out.extend(20u32.to_be_bytes());
    out.extend([0, 12, 0, 0]);
    for number in [16 + 12 * count, 0, count] {
        out.extend(number.to_be_bytes());
    }
    for (c, glyph) in glyphs {
        let code = u32::from(c);
        for number in [code, code, u32::from(glyph)] {
            out.extend(number.to_be_bytes());
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::{build, character_map, checksum, table};

    #[test]
    fn what_is_put_in_comes_out() {
        let map = character_map([('一', 1u16), ('𠮷', 2)].into_iter());
        let file = build(vec![(*b"head", vec![1, 2, 3]), (*b"cmap", map.clone())]);
        assert_eq!(table(&file, b"head"), Some(&[1u8, 2, 3][..]));
        assert_eq!(table(&file, b"cmap"), Some(&map[..]));
        assert_eq!(table(&file, b"glyf"), None);
    }

    #[test]
    fn the_sum_pads_with_zeros() {
        assert_eq!(checksum(&[1, 0, 0, 0, 2]), 0x0300_0000);
    }
}
