//! Tables: columns in their widths, merged cells, head rows that repeat, rows that are not torn.

use std::fmt::Write;

use super::paragraph::Paragraph;
use super::styles::twips;
use crate::document::block::{Cell, Table};

pub(super) fn put(out: &mut String, table: &Table) {
    out.push_str(
        "<w:tbl><w:tblPr><w:tblStyle w:val=\"Grid\"/><w:tblW w:w=\"0\" w:type=\"auto\"/><w:jc w:val=\"center\"/>\
         <w:tblLayout w:type=\"fixed\"/></w:tblPr><w:tblGrid>",
    );
    for column in &table.columns {
        // Writing to a String cannot fail.
        let _ = write!(out, "<w:gridCol w:w=\"{}\"/>", twips(column.width));
    }
    out.push_str("</w:tblGrid>");
    for (number, row) in table.rows.iter().enumerate() {
        out.push_str("<w:tr><w:trPr><w:cantSplit/>");
        if row.min_height > 0.0 {
            let _ = write!(out, "<w:trHeight w:val=\"{}\"/>", twips(row.min_height));
        }
        if number < table.head_rows {
            out.push_str("<w:tblHeader/>");
        }
        out.push_str("</w:trPr>");
        put_cells(out, table, number);
        out.push_str("</w:tr>");
    }
    // A table must be followed by a paragraph.
    out.push_str("</w:tbl><w:p><w:pPr><w:pStyle w:val=\"AfterTable\"/></w:pPr></w:p>");
}

/// Own cells, and for each merged cell of a row above its continuation.
fn put_cells(out: &mut String, table: &Table, number: usize) {
    let mut column = 0;
    while column < table.columns.len() {
        match covering(table, number, column) {
            Some((cell, begins)) => {
                put_cell(out, table, cell, begins);
                column = cell.column + cell.columns.max(1);
            }
            None => {
                out.push_str("<w:tc><w:p/></w:tc>");
                column += 1;
            }
        }
    }
}

/// The cell that covers a place, and whether it begins in this row.
fn covering(table: &Table, number: usize, column: usize) -> Option<(&Cell, bool)> {
    let above = table.rows.iter().enumerate().take(number + 1).rev();
    above.flat_map(|(at, row)| row.cells.iter().map(move |cell| (at, cell))).find_map(|(at, cell)| {
        let columns = cell.column..cell.column + cell.columns.max(1);
        let covers = columns.contains(&column) && at + cell.rows.max(1) > number;
        covers.then_some((cell, at == number))
    })
}

fn put_cell(out: &mut String, table: &Table, cell: &Cell, begins: bool) {
    let columns = table.columns.iter().skip(cell.column).take(cell.columns.max(1));
    let width: f64 = columns.clone().map(|column| column.width).sum();
    let _ = write!(out, "<w:tc><w:tcPr><w:tcW w:w=\"{}\" w:type=\"dxa\"/>", twips(width));
    if cell.columns > 1 {
        let _ = write!(out, "<w:gridSpan w:val=\"{}\"/>", cell.columns);
    }
    if cell.rows > 1 {
        out.push_str(if begins { "<w:vMerge w:val=\"restart\"/>" } else { "<w:vMerge/>" });
    }
    let _ = write!(out, "<w:vAlign w:val=\"{}\"/></w:tcPr>", if cell.top { "top" } else { "center" });
    let column = columns.clone().next();
    let (align, role) = column.map(|it| (it.align, it.role)).unzip();
    let mut paragraph = Paragraph::style("Cell").size(table.size);
    if let Some(align) = cell.align.or(align) {
        paragraph = paragraph.align(align);
    }
    if let Some(role) = cell.role.or(role) {
        paragraph = paragraph.role(role);
    }
    if begins {
        paragraph.put(out, &cell.text);
    } else {
        out.push_str("<w:p/>");
    }
    out.push_str("</w:tc>");
}
