//! The header row: column titles, once for all rows.

use std::collections::HashMap;
use std::sync::Arc;

use super::super::Limits;
use super::super::tree::{Kind, Piece, Style, column_letters};
use super::{Line, cell_place, row_place};
use crate::error::{Problem, codes};

/// Column titles in one shared buffer, into which the names of all cells point.
#[derive(Debug, Clone)]
pub(super) struct Header {
    buffer: Arc<str>,
    /// Range of each column's title; empty for columns without one.
    titles: Vec<(u32, u32)>,
}

impl Header {
    /// Titles are trimmed and lose their line breaks, which only serve the look of the sheet. A title that stands twice is
    /// told apart by a number: `面积`, `面积#2`.
    pub fn of(
        line: &Line,
        style: &Style,
        limits: &Limits,
        warnings: &mut Vec<Problem>,
    ) -> Result<Self, Problem> {
        let width = line.cells.last().map_or(0, |cell| cell.column + 1);
        if width as usize > limits.columns {
            let rule = format!("表头有 {width} 列，最多 {} 列。", limits.columns);
            return Err(Problem::error(codes::format::TOO_MANY_NODES, rule, "请删去多余的列。")
                .at(cell_place(style, width - 1, line.number)));
        }
        let mut buffer = String::new();
        let mut titles = vec![(0, 0); width as usize];
        let mut seen: HashMap<String, (u32, u32)> = HashMap::new();
        for cell in line.cells.iter().filter(|cell| cell.kind != Kind::Null) {
            let title: String =
                line.text_of(cell).chars().filter(|c| !matches!(c, '\r' | '\n' | '\u{FEFF}')).collect();
            let title = title.trim();
            if title.is_empty() {
                continue;
            }
            let (first, count) = seen.entry(title.to_owned()).or_insert((cell.column, 0));
            *count += 1;
            let name = if *count == 1 { title.to_owned() } else { format!("{title}#{count}") };
            if *count > 1 {
                warnings.push(
                    Problem::warning(
                        codes::format::DUPLICATE_COLUMN,
                        format!(
                            "{} 列与 {} 列的标题相同，按“{name}”读取。",
                            column_letters(cell.column),
                            column_letters(*first)
                        ),
                        "请修改其中一列的标题，以免取错列。",
                    )
                    .at(cell_place(style, cell.column, line.number))
                    .showing(title),
                );
            }
            let start = buffer.len() as u32;
            buffer.push_str(&name);
            if let Some(slot) = titles.get_mut(cell.column as usize) {
                *slot = (start, buffer.len() as u32);
            }
        }
        if buffer.is_empty() {
            let rule = format!("第 {} 行应是表头，却没有任何标题。", line.number);
            let problem = Problem::error(codes::format::NO_HEADER, rule, "请核对表头所在的行。");
            return Err(problem.at(row_place(style, line.number)));
        }
        Ok(Self { buffer: Arc::from(buffer), titles })
    }

    pub fn width(&self) -> u32 {
        self.titles.len() as u32
    }

    pub fn buffer(&self) -> Arc<str> {
        Arc::clone(&self.buffer)
    }

    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.titles.iter().map(|(from, to)| self.buffer.get(*from as usize..*to as usize).unwrap_or_default())
    }

    /// Column number and name piece of each column that has a title.
    pub fn pieces(&self) -> impl Iterator<Item = (u32, Piece)> {
        let piece = |(from, to): (u32, u32)| Piece { start: Piece::NAMES + from, end: Piece::NAMES + to };
        (0u32..)
            .zip(&self.titles)
            .filter(|(_, (from, to))| from < to)
            .map(move |(column, range)| (column, piece(*range)))
    }
}
