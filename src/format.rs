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

mod limits;
#[cfg(test)]
mod tests;
mod tree;
mod xml;

use crate::error::{Problem, codes};
use crate::text::charset::{self, Charset};

pub use limits::Limits;
pub use tree::{Children, Kind, NodeId, Tree, column_letters};

use tree::{Arena, Fault, NOTHING, Piece, Style};

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

/// A message that was read.
#[derive(Debug, Clone)]
pub struct Document<'a> {
    /// Its content.
    pub tree: Tree<'a>,
    /// What was found on the way: warnings, and errors that do not prevent showing the content (bytes that could not be
    /// decoded). With an error among them the message must not be accepted.
    pub problems: Vec<Problem>,
    /// The charset the bytes were in; UTF-8 for workbooks.
    pub charset: Charset,
}

/// Reads a whole message. On failure there is at least one problem of severity error, with its place.
pub fn read<'a>(bytes: &'a [u8], spec: &ReadSpec) -> Result<Document<'a>, Vec<Problem>> {
    let limits = &spec.limits;
    if bytes.len() > limits.message() {
        return Err(vec![too_large(bytes.len(), limits)]);
    }
    let declared = spec.charset.clone().or_else(|| match spec.format {
        Format::Xml => xml::declared_charset(bytes),
        _ => None,
    });
    let decoded = charset::decode(bytes, declared.or_else(|| spec.header_charset.clone()).as_deref());
    let mut problems = charset_problems(&decoded);
    let charset = decoded.used;
    let mut tree = Tree::new(decoded.text, Arena::default(), Style::Xml);
    tree.mark = decoded.mark as u32;
    tree.decoded = charset != Charset::Utf8;
    tree.arena = Arena::for_text(tree.text.len());
    let mut notes = Vec::new();
    let parsed = xml::parse(&tree.text, Piece::TEXT, NOTHING, &mut tree.arena, spec, &mut notes);
    problems.extend(notes.into_iter().map(|note| located(&tree, *note, Problem::warning)));
    match parsed {
        Ok(_) => Ok(Document { tree, problems, charset }),
        Err(fault) => {
            problems.push(located(&tree, *fault, Problem::error));
            Err(problems)
        }
    }
}

/// Gives a fault of the top document its place.
fn located(
    tree: &Tree<'_>,
    fault: Fault,
    level: fn(crate::error::Code, String, String) -> Problem,
) -> Problem {
    let place = tree.place_at(NodeId(fault.within), fault.at.start as u32, fault.at.end as u32);
    let problem = level(fault.code, fault.rule, fault.hint).at(place);
    match fault.value {
        Some(value) => problem.showing(&value),
        None => problem,
    }
}

fn too_large(length: usize, limits: &Limits) -> Problem {
    Problem::error(
        codes::format::TOO_LARGE,
        format!("报文有 {}，上限是 {}。", tree::size(length as u64), tree::size(limits.message() as u64)),
        "请分批发送，或改用 CSV、XLSX 批量导入。",
    )
}

fn charset_problems(decoded: &charset::Decoded<'_>) -> Vec<Problem> {
    let mut problems = Vec::new();
    if decoded.mismatch {
        let declared = decoded.declared.clone().unwrap_or_default();
        problems.push(
            Problem::warning(
                codes::format::CHARSET_MISMATCH,
                format!("声明的字符集是 {declared}，内容实际是 {}，已按实际读取。", decoded.used.label()),
                format!("请发送方把声明改为 {}，或按声明的字符集编码。", decoded.used.label()),
            )
            .showing(&declared),
        );
    }
    if let Some(replaced) = decoded.replaced {
        let place = crate::error::Place {
            start: replaced.offset as u64,
            end: replaced.offset as u64 + 1,
            ..Default::default()
        };
        problems.push(
            Problem::error(
                codes::format::CHARSET_UNDECODABLE,
                format!(
                    "有 {} 处字节不能按 {} 解码，第一处在第 {} 字节。",
                    replaced.count,
                    decoded.used.label(),
                    replaced.offset + 1
                ),
                "请核对编码后重发；这些字已显示为“\u{FFFD}”，不能入库。",
            )
            .at(place),
        );
    }
    problems
}
