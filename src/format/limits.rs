//! How much one message may ask of the machine. Exceeding a limit is a finding, never a crash.

/// The limits of one reading.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of a message as received. Files read row by row are not held in memory and have no such limit.
    pub message: usize,
    /// How deep elements, objects and arrays may nest.
    pub depth: usize,
    /// Elements, attributes, keys, items and cells together.
    pub nodes: usize,
    /// Bytes that unescaped values and unwrapped documents of one message may take in addition to its text.
    pub unwrapped: usize,
    /// How many wrappings one inside the other are opened (CDATA in base64 in a string …).
    pub layers: usize,
    /// Bytes of each part of a workbook (its shared texts, a sheet) when unpacked.
    pub workbook: u64,
    /// How many times larger a packed part of more than 1 MiB may become.
    pub ratio: u64,
    /// Bytes of one row of a table, or of one text in a workbook.
    pub row: usize,
    /// Columns of a table.
    pub columns: usize,
    /// Findings of one message; reading ends when there are more.
    pub findings: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            message: 16 << 20,
            depth: 64,
            nodes: 200_000,
            unwrapped: 32 << 20,
            layers: 8,
            workbook: 256 << 20,
            ratio: 200,
            row: 1 << 20,
            columns: 1024,
            findings: 500,
        }
    }
}

impl Limits {
    /// No text may be longer than this: offsets are 30 bits wide.
    pub(super) const ADDRESSABLE: usize = (1 << 30) - 1;

    pub(super) fn message(&self) -> usize {
        self.message.min(Self::ADDRESSABLE)
    }

    pub(super) fn unwrapped(&self) -> usize {
        self.unwrapped.min(Self::ADDRESSABLE)
    }
}
