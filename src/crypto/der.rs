//! DER, as far as signatures need it: writes nested values, reads them one after another (ITU-T X.690).

use crate::error::{Error, Result};

pub(super) const INTEGER: u8 = 0x02;
pub(super) const OCTETS: u8 = 0x04;
pub(super) const NULL: [u8; 2] = [0x05, 0x00];
pub(super) const OID: u8 = 0x06;
pub(super) const SEQUENCE: u8 = 0x30;
pub(super) const SET: u8 = 0x31;
/// `[0]`, constructed.
pub(super) const CONTEXT_0: u8 = 0xA0;

/// A value with its tag and length.
pub(super) fn value(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let length: usize = parts.iter().map(|part| part.len()).sum();
    let mut out = vec![tag];
    match u8::try_from(length) {
        Ok(short) if short < 0x80 => out.push(short),
        _ => {
            let bytes: Vec<u8> = length.to_be_bytes().into_iter().skip_while(|byte| *byte == 0).collect();
            out.push(0x80 | u8::try_from(bytes.len()).unwrap_or(0));
            out.extend(bytes);
        }
    }
    for part in parts {
        out.extend_from_slice(part);
    }
    out
}

/// An object identifier from its encoded arcs.
pub(super) fn oid(arcs: &[u8]) -> Vec<u8> {
    value(OID, &[arcs])
}

/// One value as it was read.
#[derive(Debug, Clone, Copy)]
pub(super) struct Value<'a> {
    pub tag: u8,
    /// Without tag and length.
    pub content: &'a [u8],
    /// With them.
    pub whole: &'a [u8],
}

impl<'a> Value<'a> {
    /// The values inside.
    pub(super) fn inside(self) -> Reader<'a> {
        Reader(self.content)
    }
}

/// Reads values one after another.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reader<'a>(&'a [u8]);

fn broken() -> Error {
    Error::new(crate::error::codes::document::SIGNATURE_BROKEN, "签名数据不完整，读不出来。")
}

impl<'a> Reader<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    /// The next value, whatever it is.
    pub(super) fn any(&mut self) -> Result<Value<'a>> {
        self.read().ok_or_else(broken)
    }

    /// The next value, which must have this tag.
    pub(super) fn expect(&mut self, tag: u8) -> Result<Value<'a>> {
        self.optional(tag).ok_or_else(broken)
    }

    /// The next value if it has this tag.
    pub(super) fn optional(&mut self, tag: u8) -> Option<Value<'a>> {
        let mut ahead = *self;
        let value = ahead.read().filter(|value| value.tag == tag)?;
        *self = ahead;
        Some(value)
    }

    fn read(&mut self) -> Option<Value<'a>> {
        let (&tag, rest) = self.0.split_first()?;
        let (&first, rest) = rest.split_first()?;
        let (length, rest) = if first < 0x80 {
            (usize::from(first), rest)
        } else {
            let count = usize::from(first & 0x7F);
            if count > 4 {
                return None;
            }
            let (bytes, rest) = rest.split_at_checked(count)?;
            (bytes.iter().fold(0, |length, byte| length << 8 | usize::from(*byte)), rest)
        };
        let (content, after) = rest.split_at_checked(length)?;
        let whole = self.0.get(..self.0.len() - after.len())?;
        self.0 = after;
        Some(Value { tag, content, whole })
    }
}

impl<'a> Iterator for Reader<'a> {
    type Item = Value<'a>;

    fn next(&mut self) -> Option<Value<'a>> {
        self.read()
    }
}

#[cfg(test)]
mod tests {
    use super::{OCTETS, Reader, SEQUENCE, value};

    #[test]
    fn long_values_come_back() {
        let inner = value(OCTETS, &[&[7; 300]]);
        let outer = value(SEQUENCE, &[&inner, &inner]);
        let mut reader = Reader::new(&outer);
        let found: Vec<_> = reader.expect(SEQUENCE).unwrap().inside().map(|it| it.content.len()).collect();
        assert_eq!(found, [300, 300]);
    }

    #[test]
    fn what_is_cut_off_is_refused() {
        let whole = value(OCTETS, &[&[7; 300]]);
        for end in 0..whole.len() {
            assert!(Reader::new(&whole[..end]).expect(OCTETS).is_err(), "{end}");
        }
        assert!(Reader::new(&[4, 0x85, 1, 1, 1, 1, 1]).expect(OCTETS).is_err());
    }
}
