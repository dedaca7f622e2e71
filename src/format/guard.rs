//! A reader that refuses to be flooded: it counts what passes and stops at a limit.

use std::io::{self, Read};

/// Which limit stopped a [`Guard`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tripped {
    /// More bytes in all than allowed.
    Total,
    /// A packed part became too many times larger.
    Ratio,
    /// A single row, text or tag is too long.
    Row,
}

/// Limits of one [`Guard`].
#[derive(Debug, Clone, Copy)]
pub(super) struct GuardLimits {
    pub total: u64,
    /// Packed size and how many times larger it may become.
    pub packed: Option<(u64, u64)>,
    pub row: usize,
}

/// Parts smaller than this are not asked for their ratio: a few blank lines pack a thousandfold.
const RATIO_FROM: u64 = 1 << 20;

#[derive(Debug)]
pub(super) struct Guard<R> {
    inner: R,
    limits: GuardLimits,
    total: u64,
    since: usize,
    quotes: u64,
    last_byte: u8,
    /// Whether the first line ended with a carriage return and a newline; none while no line has ended.
    crlf: Option<bool>,
    ended: bool,
    tripped: Option<Tripped>,
}

impl<R: Read> Guard<R> {
    pub fn new(inner: R, limits: GuardLimits) -> Self {
        Self {
            inner,
            limits,
            total: 0,
            since: 0,
            quotes: 0,
            last_byte: 0,
            crlf: None,
            ended: false,
            tripped: None,
        }
    }

    /// A row, text or tag is complete: the next may be as long again.
    pub fn complete(&mut self) {
        self.since = 0;
    }

    /// The limit that was exceeded.
    pub fn tripped(&self) -> Option<Tripped> {
        self.tripped
    }

    /// Quotation marks that passed.
    pub fn quotes(&self) -> u64 {
        self.quotes
    }

    /// Whether lines end with a carriage return and a newline.
    pub fn crlf(&self) -> bool {
        self.crlf.unwrap_or(false)
    }

    /// Whether the end of the input was met.
    pub fn ended(&self) -> bool {
        self.ended
    }

    pub fn inner(&self) -> &R {
        &self.inner
    }
}

impl<R> Guard<R> {
    fn look(&mut self, bytes: &[u8]) {
        self.quotes += bytes.iter().filter(|b| **b == b'"').count() as u64;
        if self.crlf.is_none()
            && let Some(at) = bytes.iter().position(|b| *b == b'\n')
        {
            let before = at.checked_sub(1).map_or(Some(&self.last_byte), |at| bytes.get(at));
            self.crlf = Some(before == Some(&b'\r'));
        }
        self.last_byte = bytes.last().copied().unwrap_or(self.last_byte);
    }
}

impl<R: Read> Read for Guard<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let n = self.inner.read(out)?;
        self.total += n as u64;
        self.since += n;
        self.ended |= n == 0 && !out.is_empty();
        self.look(out.get(..n).unwrap_or_default());
        let ratio = self.limits.packed.is_some_and(|(packed, ratio)| {
            self.total > RATIO_FROM && self.total / ratio.max(1) > packed.max(1)
        });
        self.tripped = match () {
            () if self.total > self.limits.total => Some(Tripped::Total),
            () if ratio => Some(Tripped::Ratio),
            // Readers fetch ahead, so a little more than the row may have passed.
            () if self.since > self.limits.row + out.len() => Some(Tripped::Row),
            () => return Ok(n),
        };
        Err(io::Error::other("limit exceeded"))
    }
}
