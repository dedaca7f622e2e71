//! Bytes to a tree in which every node knows its place, and back.
//!
//! ```text
//! bytes ─ charset ─ text ─ xml json csv xlsx form frame ─► Tree ─ unwrap(node) ─► Tree with the inner document
//! file  ─ Table ─► one small Tree for each row
//! Item  ─ write ─► bytes
//! ```
//!
//! Nothing here knows what a message means; that is `mapping`. Nothing here panics or recurses on what it reads: depth,
//! size, number of nodes and expansion have [`Limits`], and exceeding one is a finding with its place.

mod form;
mod frame;
mod guard;
mod json;
mod limits;
mod message;
mod nested;
mod table;
#[cfg(test)]
mod tests;
mod tree;
pub mod write;
mod xlsx;
mod xml;

pub use frame::Frame;
pub use limits::Limits;
pub use message::{Document, read};
pub use nested::Nested;
pub use table::{Row, Rows, Table};
pub use tree::{Children, Kind, NodeId, Tree, column_letters};

/// The formats that partners send.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Format {
    /// XML 1.0 without DTD.
    #[default]
    Xml,
    /// JSON (RFC 8259), numbers kept as written.
    Json,
    /// Comma (or other) separated values with a header row.
    Csv,
    /// An Excel workbook (`.xlsx`).
    Xlsx,
    /// `application/x-www-form-urlencoded`, also without percent-encoding as some senders do.
    Form,
    /// The length-prefixed non-tax frame (`LEN` `CNNONTAX` `1.0` `MsgNo` xml `MAC`).
    Frame,
}

/// How to read a message.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ReadSpec {
    /// What the bytes are.
    pub format: Format,
    /// Charset agreed with the partner; wins over declarations, loses against a byte order mark and the bytes.
    pub charset: Option<String>,
    /// Charset of the HTTP header, asked when nothing else is declared.
    pub header_charset: Option<String>,
    /// Reads what the format forbids but its meaning leaves clear (JSON comments and raw newlines in strings, a raw `&`
    /// or `&nbsp;` in XML) with a warning.
    pub lenient: bool,
    /// Allows several top-level JSON documents one behind the other; the root is then an array of them.
    pub many: bool,
    /// How much the message may ask of the machine.
    pub limits: Limits,
    /// Where the header stands and so on, for CSV and XLSX.
    pub table: TableSpec,
}

/// How a table is laid out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableSpec {
    /// Row of the column titles as Excel shows it; rows above are titles and ignored.
    pub header_row: u32,
    /// Separator of CSV.
    pub delimiter: u8,
    /// Name of the sheet; the first one when not given.
    pub sheet: Option<String>,
}

impl Default for TableSpec {
    fn default() -> Self {
        Self { header_row: 1, delimiter: b',', sheet: None }
    }
}
