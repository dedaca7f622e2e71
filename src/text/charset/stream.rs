//! A reader that turns a stream of bytes into UTF-8 in constant memory, for files too large to hold.

use std::io::{self, Read};

use super::detect::{Utf8Look, look_at_utf8};
use super::{Charset, Replaced, byte_order_mark};

const CHUNK: usize = 64 * 1024;

/// Decodes while it is read. Memory: two buffers of 64 KiB and 192 KiB, whatever the size of the input.
///
/// The charset is decided at the first chunk that holds anything but ASCII, with the declared one to break ties; from
/// there on bytes it cannot explain are replaced and counted, see [`Utf8Reader::replaced`].
pub struct Utf8Reader<R> {
    inner: R,
    claimed: Option<Charset>,
    declared: bool,
    decoder: Option<(Charset, encoding_rs::Decoder)>,
    raw: Vec<u8>,
    /// Bytes of `raw` that are not decoded yet.
    pending: std::ops::Range<usize>,
    text: String,
    /// How much of `text` was handed out.
    given: usize,
    /// Offset in the input of `raw[pending.start]`.
    consumed: usize,
    replaced: Option<Replaced>,
    mark: usize,
    started: bool,
    ended: bool,
    flushed: bool,
}

impl<R: Read> Utf8Reader<R> {
    /// Starts reading; `declared` as for [`super::decode`].
    pub fn new(inner: R, declared: Option<&str>) -> Self {
        Self {
            inner,
            claimed: declared.and_then(Charset::from_label),
            declared: declared.is_some(),
            decoder: None,
            raw: Vec::new(),
            pending: 0..0,
            text: String::new(),
            given: 0,
            consumed: 0,
            replaced: None,
            mark: 0,
            started: false,
            ended: false,
            flushed: false,
        }
    }

    /// The charset found so far; UTF-8 while only ASCII was seen.
    pub fn used(&self) -> Charset {
        self.decoder.as_ref().map_or(Charset::Utf8, |(charset, _)| *charset)
    }

    /// Whether the declared charset turned out to be another one. Complete once the input is read to its end.
    pub fn mismatch(&self) -> bool {
        let Some((used, _)) = &self.decoder else { return self.declared && self.claimed.is_none() };
        self.declared && self.claimed.is_none_or(|it| it != *used && !(it.is_gb() && used.is_gb()))
    }

    /// Bytes that could not be decoded so far.
    pub fn replaced(&self) -> Option<Replaced> {
        self.replaced
    }

    /// Length of the byte order mark that was taken off.
    pub fn mark(&self) -> usize {
        self.mark
    }

    /// Reads more raw bytes behind the pending ones.
    fn load(&mut self) -> io::Result<()> {
        self.raw.copy_within(self.pending.clone(), 0);
        let kept = self.pending.len();
        self.raw.resize(CHUNK, 0);
        let mut filled = kept;
        while filled < CHUNK && !self.ended {
            match self.inner.read(self.raw.get_mut(filled..).unwrap_or_default()) {
                Ok(0) => self.ended = true,
                Ok(n) => filled += n,
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                Err(e) => return Err(e),
            }
        }
        self.pending = 0..filled;
        Ok(())
    }

    fn take_mark(&mut self) {
        self.started = true;
        let (charset, length) = byte_order_mark(self.pending_bytes());
        self.mark = length;
        self.consumed = length;
        self.pending.start += length;
        if let Some(charset) = charset {
            self.decoder = Some((charset, charset.encoding().new_decoder_without_bom_handling()));
        }
    }

    fn pending_bytes(&self) -> &[u8] {
        self.raw.get(self.pending.clone()).unwrap_or_default()
    }

    /// Decides the charset once something other than ASCII is pending.
    fn decide(&mut self) {
        let bytes = self.pending_bytes();
        let start = bytes.iter().position(|b| !b.is_ascii()).unwrap_or(bytes.len());
        // The last three bytes may be the beginning of a character, so they must not count as damage.
        let end = if self.ended { bytes.len() } else { bytes.len().saturating_sub(3).max(start) };
        let gb = self.claimed.filter(|it| it.is_gb());
        let charset = match look_at_utf8(bytes.get(start..end).unwrap_or_default()) {
            Utf8Look::Likely | Utf8Look::Damaged => Charset::Utf8,
            Utf8Look::Ascii | Utf8Look::Possible => gb.unwrap_or(Charset::Utf8),
            Utf8Look::No
                if end < bytes.len() && valid_but_for_tail(bytes.get(start..end).unwrap_or_default()) =>
            {
                Charset::Utf8
            }
            Utf8Look::No => gb.unwrap_or(Charset::Gb18030),
        };
        self.decoder = Some((charset, charset.encoding().new_decoder_without_bom_handling()));
    }

    /// Decodes the pending bytes into `text`.
    fn advance(&mut self) {
        self.text.clear();
        self.given = 0;
        if self.decoder.is_none() {
            if self.pending_bytes().is_ascii() {
                let bytes = self.raw.get(self.pending.clone()).unwrap_or_default();
                self.text.push_str(std::str::from_utf8(bytes).unwrap_or_default());
                self.consumed += bytes.len();
                self.pending = 0..0;
                return;
            }
            self.decide();
        }
        let Some((_, decoder)) = &mut self.decoder else { return };
        self.text.reserve(CHUNK * 3 + 16);
        loop {
            let bytes = self.raw.get(self.pending.clone()).unwrap_or_default();
            let (result, read) =
                decoder.decode_to_string_without_replacement(bytes, &mut self.text, self.ended);
            self.pending.start += read;
            self.consumed += read;
            match result {
                encoding_rs::DecoderResult::InputEmpty => {
                    self.flushed = self.ended;
                    return;
                }
                encoding_rs::DecoderResult::OutputFull => return,
                encoding_rs::DecoderResult::Malformed(bad, after) => {
                    let offset = self.consumed.saturating_sub(usize::from(bad) + usize::from(after));
                    let first = self.replaced.unwrap_or(Replaced { offset, count: 0 });
                    self.replaced = Some(Replaced { count: first.count + 1, ..first });
                    self.text.push(char::REPLACEMENT_CHARACTER);
                }
            }
        }
    }
}

/// Whether the only fault is a character cut off by the end of the chunk.
fn valid_but_for_tail(bytes: &[u8]) -> bool {
    std::str::from_utf8(bytes).is_err_and(|e| e.error_len().is_none())
}

impl<R: Read> Read for Utf8Reader<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        while self.given == self.text.len() {
            if self.flushed
                || (self.ended && self.pending.is_empty() && self.decoder.is_none() && self.started)
            {
                return Ok(0);
            }
            if !self.ended && self.pending.len() < CHUNK / 2 {
                self.load()?;
            }
            if !self.started {
                self.take_mark();
            }
            self.advance();
        }
        let ready = self.text.as_bytes().get(self.given..).unwrap_or_default();
        let n = ready.len().min(out.len());
        if let (Some(to), Some(from)) = (out.get_mut(..n), ready.get(..n)) {
            to.copy_from_slice(from);
        }
        self.given += n;
        Ok(n)
    }
}
