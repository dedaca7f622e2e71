//! What a document is made of, before anybody knows where it stands on the page. Terms are those of GB/T 9704-2012.
//!
//! Texts are runs, so that each printed value stays bound to the field it came from.

use serde::{Deserialize, Serialize};

use super::font::Role;

/// Number of an entry of [`Document::fields`].
pub type FieldNo = u32;

/// A stretch of text in one face, from one source.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Run {
    /// The characters; `\n` breaks the line.
    pub text: String,
    /// The face, where it differs from that of the block.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<Role>,
    /// The form field that filled it; none for the words of the template.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<FieldNo>,
}

/// Runs in reading order.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Text(pub Vec<Run>);

impl Text {
    /// Words of the template.
    pub fn plain(text: impl Into<String>) -> Self {
        Self(vec![Run { text: text.into(), ..Run::default() }])
    }

    /// Whether nothing would be printed.
    #[must_use]
    pub fn is_blank(&self) -> bool {
        self.0.iter().all(|run| run.text.trim().is_empty())
    }

    /// The characters alone.
    #[must_use]
    pub fn to_plain(&self) -> String {
        self.0.iter().map(|run| run.text.as_str()).collect()
    }

    /// Puts words before it.
    #[must_use]
    pub fn after(mut self, words: &str) -> Self {
        self.0.insert(0, Run { text: words.to_owned(), ..Run::default() });
        self
    }

    /// Puts words behind it.
    #[must_use]
    pub fn before(mut self, words: &str) -> Self {
        self.0.push(Run { text: words.to_owned(), ..Run::default() });
        self
    }

    /// Splits at `\n`.
    #[must_use]
    pub fn lines(&self) -> Vec<Text> {
        let mut lines = vec![Text::default()];
        for run in &self.0 {
            for (nth, part) in run.text.split('\n').enumerate() {
                if nth > 0 {
                    lines.push(Text::default());
                }
                if let Some(line) = lines.last_mut()
                    && !part.is_empty()
                {
                    line.0.push(Run { text: part.to_owned(), ..run.clone() });
                }
            }
        }
        lines
    }
}

/// How a line stands in its width.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Align {
    /// Flush left.
    Left,
    /// Centred.
    Center,
    /// Flush right.
    Right,
    /// Both margins, the last line flush left.
    #[default]
    Justify,
}

/// How the first page of a document with a head is made up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HeadForm {
    /// 文件格式 and 纪要格式: the mark 35 mm below the text area's edge, a red line below the number (7.2, 10.3).
    #[default]
    File,
    /// 信函格式: double red lines at the top and the foot of the first page, the number at the right (10.1).
    Letter,
    /// 命令（令）格式: the mark 20 mm below the text area's edge, the number centred, no red line (10.2).
    Order,
}

/// 版头: everything above the red line (GB/T 9704-2012, 7.2).
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Head {
    /// Which form it has.
    #[serde(default)]
    pub form: HeadForm,
    /// 份号.
    pub serial: Option<Text>,
    /// 密级和保密期限.
    pub secrecy: Option<Text>,
    /// 紧急程度.
    pub urgency: Option<Text>,
    /// 发文机关标志, the leading organ first.
    pub organs: Vec<Text>,
    /// Whether “文件” follows the organs.
    pub file_word: bool,
    /// 发文字号.
    pub number: Option<Text>,
    /// 签发人; only upward documents have them.
    pub signers: Vec<Text>,
}

/// 版记: what stands at the foot of the last page (7.4).
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Imprint {
    /// 主送机关 moved here from the first page.
    pub addressee: Option<Text>,
    /// 抄送机关.
    pub copies: Option<Text>,
    /// 印发机关.
    pub printer: Option<Text>,
    /// 印发日期.
    pub printed_on: Option<Text>,
}

/// One column of a table.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Column {
    /// Width in mm; the least width of one that fits itself to its cells.
    pub width: f64,
    /// Whether it shares what other columns leave, by how long its texts are.
    pub fit: bool,
    /// How its cells stand unless they say otherwise.
    pub align: Align,
    /// The face of its cells unless they say otherwise.
    pub role: Role,
}

/// One cell, placed on the grid of its table.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Cell {
    /// First column it covers, from 0.
    pub column: usize,
    /// Columns it covers.
    pub columns: usize,
    /// Rows it covers.
    pub rows: usize,
    /// Alignment, where it differs from the column.
    pub align: Option<Align>,
    /// Face, where it differs from the column.
    pub role: Option<Role>,
    /// Whether the text stands at the top instead of in the middle.
    pub top: bool,
    /// Contents.
    pub text: Text,
}

/// One row; cells that a merged cell above covers are absent.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Row {
    /// Least height in mm.
    pub min_height: f64,
    /// Cells from left to right.
    pub cells: Vec<Cell>,
}

/// A ruled table or form grid.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Table {
    /// Columns from left to right.
    pub columns: Vec<Column>,
    /// Size of type in points.
    pub size: f64,
    /// How many rows at the top are repeated on each page.
    pub head_rows: usize,
    /// Whether it must stand on one page, if a page can hold it.
    pub whole: bool,
    /// Whether a row may go on on the next page instead of moving there whole.
    pub split: bool,
    /// Whether it lies on its side on sheets of its own (横排表格, 8).
    pub landscape: bool,
    /// What stands above it on its first sheet; only tables on their side carry it with them.
    pub caption: Option<Text>,
    /// Rows from top to bottom, the head included.
    pub rows: Vec<Row>,
}

/// A QR code, ready to be drawn.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Qr {
    /// Length of a side in mm, without the white around it.
    pub size: f64,
    /// Where it stands.
    pub align: Align,
    /// Modules of a side.
    pub side: usize,
    /// Dark modules, row by row.
    pub dark: Vec<bool>,
}

/// One block.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Block {
    /// 版头.
    Head(Head),
    /// 标题; each part starts a line of its own.
    Title(Vec<Text>),
    /// 副标题, under the title.
    Subtitle(Text),
    /// 编号 of a form without a head.
    Number(Align, Text),
    /// 主送机关.
    Addressee(Text),
    /// A heading of level 1 to 4 and what follows it in the same paragraph.
    Heading {
        /// 1 to 4.
        level: u8,
        /// `一、`, `（一）`, `1.`, `（1）`.
        mark: String,
        /// The heading.
        head: Text,
        /// The paragraph it runs into; may be blank.
        rest: Text,
    },
    /// 正文.
    Paragraph(Align, Text),
    /// 附件说明.
    Attachments(Vec<Text>),
    /// 发文机关署名, 成文日期, 印章.
    Sign {
        /// Organs, the leading one first.
        organs: Vec<Text>,
        /// 成文日期.
        date: Text,
        /// Whether seals are pressed on it (7.3.5.1), else 7.3.5.2.
        sealed: bool,
    },
    /// 签名章 of whoever signs an order or a proposal (7.3.5.3): post, name, 成文日期.
    Signature {
        /// Post of the signer.
        post: Text,
        /// Name, as the stamp shows it.
        name: Text,
        /// 成文日期.
        date: Text,
    },
    /// 出席, 请假, 列席 of 纪要: the label, and who (10.3).
    Attendance(String, Text),
    /// A QR code.
    Qr(Qr),
    /// 骑缝章: the organ whose seal goes over the edges of all pages.
    EdgeSeal(Text),
    /// 附注, printed in brackets.
    Note(Text),
    /// 附件 on a page of its own: the label of line 1, the title of line 3.
    Attachment(Text, Vec<Text>),
    /// 表题: stands above the table that follows, on the same page.
    Caption(Text),
    /// A table or form grid.
    Table(Table),
    /// 版记.
    Imprint(Imprint),
    /// Blank lines.
    Blank(u8),
    /// A new page.
    PageBreak,
}

/// Where a printed value comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldRef {
    /// `field`, or `field/row/column` for a value of a list, rows counted from 0.
    pub path: String,
    /// Line of the template that prints it, from 1.
    pub line: u32,
}

/// A document ready for layout.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Document {
    /// Blocks in reading order.
    pub blocks: Vec<Block>,
    /// Values printed, in the order in which the template prints them.
    pub fields: Vec<FieldRef>,
}
