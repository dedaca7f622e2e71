//! Rows between `@表` and `@表完` → a table.

use super::line::{Line, role};
use crate::document::block::{Align, Cell, Column, Row, Table, Text};
use crate::document::font::Role;
use crate::document::layout::measure::{HEIGHT, SIZE_3, SIZE_4, SIZE_4S, SIZE_5, WIDTH};

type Fault = (u32, String);

/// Builds a table from its options and its lines.
pub(super) fn build(start: u32, options: &[(String, String)], lines: &[Line]) -> Result<Table, Fault> {
    let mut table = Table {
        columns: Vec::new(),
        size: SIZE_4,
        head_rows: 0,
        whole: false,
        split: false,
        landscape: false,
        caption: None,
        rows: Vec::new(),
    };
    for (key, value) in options {
        match key.as_str() {
            "列" => table.columns = columns(value).ok_or_else(|| (start, column_rule(value)))?,
            "表头" => {
                let rows = value.parse().ok();
                table.head_rows = rows.ok_or_else(|| (start, format!("表头行数“{value}”不是数字。")))?;
            }
            "整表" => table.whole = true,
            "拆行" => table.split = true,
            "横" => table.landscape = true,
            "字号" => {
                table.size = size(value)
                    .ok_or_else(|| (start, format!("字号“{value}”不认得，可用三号、四号、小四、五号。")))?;
            }
            _ => return Err((start, format!("表格没有“{key}”这个选项。"))),
        }
    }
    let full: f64 = table.columns.iter().map(|column| column.width).sum();
    let most = if table.landscape { HEIGHT } else { WIDTH };
    if table.columns.is_empty() || full > most + 0.01 {
        return Err((start, format!("各列宽之和应大于 0 且不超过版心 {most} 毫米，现为 {full}。")));
    }
    let mut least = 0.0;
    for line in lines {
        if let Some(tag) = line.tag() {
            least = match (tag.name.as_str(), tag.text.text().to_plain().trim().parse::<f64>()) {
                ("行高", Ok(height)) if (0.0..=200.0).contains(&height) => height,
                _ => return Err((line.number, "表格中只能写以 | 开头的行和“@行高 毫米数”。".to_owned())),
            };
            continue;
        }
        row(&mut table, line, least)?;
    }
    Ok(table)
}

fn column_rule(value: &str) -> String {
    format!("列宽“{value}”写法不对，应为毫米数加对齐和字体，如 列=40黑中,116齐。")
}

/// `40黑中,20*`: width in mm, `*` when it is the least width of a column that fits itself to its cells, then face and alignment
/// by one character each.
fn columns(text: &str) -> Option<Vec<Column>> {
    text.split([',', '，'])
        .map(|part| {
            let digits: String = part.chars().take_while(|c| c.is_ascii_digit() || *c == '.').collect();
            let width = digits.parse().ok().filter(|width| *width > 3.6)?;
            let rest: String = part.chars().skip(digits.len()).collect();
            let fit = rest.starts_with('*');
            let style = Style::parse(rest.trim_start_matches('*'))?;
            Some(Column {
                width,
                fit,
                align: style.align.unwrap_or_default(),
                role: style.role.unwrap_or(Role::Fang),
            })
        })
        .collect()
}

fn size(name: &str) -> Option<f64> {
    match name {
        "三号" => Some(SIZE_3),
        "四号" => Some(SIZE_4),
        "小四" => Some(SIZE_4S),
        "五号" => Some(SIZE_5),
        _ => None,
    }
}

/// `黑中上`: face, alignment, top.
#[derive(Default)]
struct Style {
    role: Option<Role>,
    align: Option<Align>,
    top: bool,
}

impl Style {
    /// None when a character means nothing here.
    fn parse(text: &str) -> Option<Self> {
        let mut style = Self::default();
        for c in text.chars() {
            match c {
                '左' => style.align = Some(Align::Left),
                '中' => style.align = Some(Align::Center),
                '右' => style.align = Some(Align::Right),
                '齐' => style.align = Some(Align::Justify),
                '上' => style.top = true,
                _ => style.role = Some(role(c)?),
            }
        }
        Some(style)
    }
}

/// What a cell of the line says: its own text, or that it belongs to the cell on its left or above.
enum Said {
    Own(Style, Text),
    Left,
    Above,
}

fn row(table: &mut Table, line: &Line, least: f64) -> Result<(), Fault> {
    let cells = line.cells();
    if !line.starts_with('|') || cells.len() != table.columns.len() {
        let rule = format!("这一行有 {} 格，表格有 {} 列。", cells.len(), table.columns.len());
        return Err((line.number, rule));
    }
    let mut row = Row { min_height: least, cells: Vec::new() };
    for (column, cell) in cells.iter().enumerate() {
        match said(cell) {
            Said::Own(style, text) => row.cells.push(Cell {
                column,
                columns: 1,
                rows: 1,
                align: style.align,
                role: style.role,
                top: style.top,
                text,
            }),
            Said::Left => match row.cells.last_mut() {
                Some(left) if left.column + left.columns == column => left.columns += 1,
                // Part of a merged block above: that cell already covers this column.
                _ if covered(table, table.rows.len(), column) => {}
                _ => return Err((line.number, format!("第 {} 格写了 <，但左边没有格。", column + 1))),
            },
            Said::Above => {
                let at = table.rows.len();
                let above = table.rows.iter_mut().enumerate().rev().find_map(|(start, row)| {
                    let cell = row.cells.iter_mut().find(|cell| cell.column == column)?;
                    (start + cell.rows == at).then_some(cell)
                });
                match above {
                    Some(above) => above.rows += 1,
                    None => return Err((line.number, format!("第 {} 格写了 ^，但上边没有格。", column + 1))),
                }
            }
        }
    }
    table.rows.push(row);
    Ok(())
}

/// Whether a cell of an earlier row reaches into this row and column.
fn covered(table: &Table, row: usize, column: usize) -> bool {
    table.rows.iter().enumerate().any(|(start, it)| {
        it.cells.iter().any(|cell| {
            start + cell.rows > row && (cell.column..cell.column + cell.columns).contains(&column)
        })
    })
}

fn said(cell: &Line) -> Said {
    let own: Vec<char> = cell.chars.iter().map(|ch| if ch.value { ' ' } else { ch.c }).collect();
    match own.as_slice() {
        ['<'] => return Said::Left,
        ['^'] => return Said::Above,
        _ => {}
    }
    if let Some((inner, rest)) = cell.bracket()
        && let Some(style) = Style::parse(&inner)
    {
        return Said::Own(style, rest.text());
    }
    Said::Own(Style::default(), cell.text())
}
