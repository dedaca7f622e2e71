//! One paragraph: its style, what differs from it, its runs.

use std::fmt::Write;

use super::styles::face;
use crate::document::block::{Align, Text};
use crate::document::font::Role;
use crate::document::xml::escape;

/// How a paragraph is set.
#[derive(Debug, Clone, Default)]
pub(super) struct Paragraph {
    style: &'static str,
    align: Option<Align>,
    role: Option<Role>,
    keep_next: bool,
    new_page: bool,
    /// Characters left free at the right.
    right: u8,
    /// Half-points, where it differs from the style.
    size: Option<u32>,
}

impl Paragraph {
    /// In a style.
    pub(super) fn style(style: &'static str) -> Self {
        Self { style, ..Self::default() }
    }

    /// 三号仿宋, flush left.
    pub(super) fn plain() -> Self {
        Self::style("Normal")
    }

    /// 正文: two characters in.
    pub(super) fn body() -> Self {
        Self::style("BodyText")
    }

    pub(super) fn align(mut self, align: Align) -> Self {
        self.align = Some(align);
        self
    }

    pub(super) fn role(mut self, role: Role) -> Self {
        self.role = Some(role);
        self
    }

    pub(super) fn keep_next(mut self) -> Self {
        self.keep_next = true;
        self
    }

    pub(super) fn new_page(mut self) -> Self {
        self.new_page = true;
        self
    }

    pub(super) fn right(mut self, characters: u8) -> Self {
        self.right = characters;
        self
    }

    /// In points.
    pub(super) fn size(mut self, points: f64) -> Self {
        self.size = Some((points * 2.0).round() as u32);
        self
    }

    /// Writes it; each `\n` of the text breaks the line.
    pub(super) fn put(&self, out: &mut String, text: &Text) {
        // Writing to a String cannot fail. The order of the properties is that of the schema.
        let _ = write!(out, "<w:p><w:pPr><w:pStyle w:val=\"{}\"/>", self.style);
        if self.keep_next {
            out.push_str("<w:keepNext/>");
        }
        if self.new_page {
            out.push_str("<w:pageBreakBefore/>");
        }
        if self.right > 0 {
            let _ = write!(out, "<w:ind w:rightChars=\"{}00\"/>", self.right);
        }
        if let Some(align) = self.align {
            let _ = write!(out, "<w:jc w:val=\"{}\"/>", justification(align));
        }
        out.push_str("</w:pPr>");
        for run in &text.0 {
            self.run(out, &run.text, run.role.or(self.role));
        }
        out.push_str("</w:p>");
    }

    fn run(&self, out: &mut String, text: &str, role: Option<Role>) {
        out.push_str("<w:r><w:rPr>");
        if let Some(role) = role {
            out.push_str(&face(role));
        }
        if let Some(size) = self.size {
            let _ = write!(out, "<w:sz w:val=\"{size}\"/><w:szCs w:val=\"{size}\"/>");
        }
        out.push_str("</w:rPr>");
        for (nth, part) in text.split('\n').enumerate() {
            if nth > 0 {
                out.push_str("<w:br/>");
            }
            for (nth, part) in part.split('\t').enumerate() {
                if nth > 0 {
                    out.push_str("<w:tab/>");
                }
                let _ = write!(out, "<w:t xml:space=\"preserve\">{}</w:t>", escape(part));
            }
        }
        out.push_str("</w:r>");
    }
}

fn justification(align: Align) -> &'static str {
    match align {
        Align::Left => "left",
        Align::Center => "center",
        Align::Right => "right",
        Align::Justify => "both",
    }
}
