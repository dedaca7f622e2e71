//! Writing JSON.

use super::{Content, Item, Path, inner_text};
use crate::error::Problem;
use crate::text::charset::Charset;

/// How a JSON document is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JsonLayout {
    /// Charset of the bytes.
    pub charset: Charset,
    /// Spaces for each level; none writes everything on one line.
    pub indent: Option<usize>,
}

impl Default for JsonLayout {
    fn default() -> Self {
        Self { charset: Charset::Utf8, indent: None }
    }
}

/// Writes the content of `root`; its name is not asked.
pub fn json(root: &Item, layout: &JsonLayout) -> Result<Vec<u8>, Vec<Problem>> {
    let mut path = Path::default();
    let text = text(root, layout, &mut path);
    path.finish(text, layout.charset)
}

pub(super) fn text(root: &Item, layout: &JsonLayout, path: &mut Path) -> String {
    let mut out = String::with_capacity(1024);
    value(&root.content, layout, 0, path, &mut out);
    out
}

fn value(content: &Content, layout: &JsonLayout, level: usize, path: &mut Path, out: &mut String) {
    match content {
        Content::Object(children) => container(children, true, layout, level, path, out),
        Content::Array(items) => container(items, false, layout, level, path, out),
        Content::Text(text) | Content::Cdata(text) | Content::Attribute(text) => string(text, path, out),
        Content::Number(digits) => {
            path.check_number(digits);
            out.push_str(digits);
        }
        Content::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
        Content::Null => out.push_str("null"),
        Content::Inner(inner) => {
            let text = inner_text(inner, path);
            string(&text, path, out);
        }
    }
}

fn container(
    children: &[Item],
    named: bool,
    layout: &JsonLayout,
    level: usize,
    path: &mut Path,
    out: &mut String,
) {
    out.push(if named { '{' } else { '[' });
    for (at, child) in children.iter().enumerate() {
        if at > 0 {
            out.push(',');
        }
        newline(layout, level + 1, out);
        let step = if named { child.name.clone() } else { at.to_string() };
        if path.enter(&step) {
            if named {
                string(&child.name, path, out);
                out.push_str(if layout.indent.is_some() { ": " } else { ":" });
            }
            value(&child.content, layout, level + 1, path, out);
        }
        path.leave();
    }
    if !children.is_empty() {
        newline(layout, level, out);
    }
    out.push(if named { '}' } else { ']' });
}

fn newline(layout: &JsonLayout, level: usize, out: &mut String) {
    if let Some(width) = layout.indent {
        out.push('\n');
        out.extend(std::iter::repeat_n(' ', level * width));
    }
}

fn string(text: &str, path: &mut Path, out: &mut String) {
    path.check_text(text);
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            _ => out.push(c),
        }
    }
    out.push('"');
}
