//! Marks that tell a printed value from the words around it.
//!
//! `{{ project_name }}` becomes `␁project_name␂{{ project_name }}␃`, and each line begins with `␄12␅`, its number. Inside a loop
//! over a table the path says which row: `{% for unit in units %}{{ unit.area }}` gives `units/0/area`, `units/1/area`.
//! The marks are control characters; values lose theirs before they come in, so no value can end its own mark.

/// Before the path of a value.
pub(in crate::document) const OPEN: char = '\u{1}';
/// Between the path and the value.
pub(in crate::document) const VALUE: char = '\u{2}';
/// Behind the value.
pub(in crate::document) const CLOSE: char = '\u{3}';
/// Before the number of a line.
pub(in crate::document) const LINE: char = '\u{4}';
/// Behind the number of a line.
pub(in crate::document) const LINE_END: char = '\u{5}';

/// A template with marks, and the line that each byte of it came from.
#[derive(Debug, Clone, Default)]
pub(in crate::document) struct Marked {
    pub text: String,
    /// Byte of `text` at which each line of the template begins.
    starts: Vec<usize>,
}

impl Marked {
    /// The line, from 1, of a byte of the marked text.
    pub(in crate::document) fn line_at(&self, byte: usize) -> u32 {
        let before = self.starts.iter().take_while(|start| **start <= byte).count();
        u32::try_from(before.max(1)).unwrap_or(u32::MAX)
    }
}

/// A loop that is open: its variable, and the path of what it walks through.
struct Loop {
    variable: String,
    path: Option<String>,
}

struct Marker<'a> {
    rest: &'a str,
    line: u32,
    out: Marked,
    loops: Vec<Loop>,
}

/// Puts the marks in.
///
/// # Errors
/// Line and rule of something that a template may not use.
pub(in crate::document) fn mark(source: &str) -> Result<Marked, (u32, String)> {
    let mut it = Marker { rest: source, line: 1, out: Marked::default(), loops: Vec::new() };
    it.start_line();
    while let Some(c) = it.rest.chars().next() {
        if let Some(tag) = it.rest.strip_prefix("{{").and(Some("{{")) {
            it.expression(tag)?;
        } else if it.rest.starts_with("{%") {
            it.statement()?;
        } else if it.rest.starts_with("{#") {
            let end = it.rest.find("#}").ok_or_else(|| (it.line, "注释没有结束，缺少 #}。".to_owned()))?;
            it.take(end + 2);
        } else {
            if c.is_control() && !c.is_whitespace() {
                return Err((it.line, "模板中有不可见的控制字符。".to_owned()));
            }
            it.take(c.len_utf8());
            if c == '\n' {
                it.start_line();
            }
        }
    }
    Ok(it.out)
}

impl Marker<'_> {
    /// Copies `length` bytes and counts their lines.
    fn take(&mut self, length: usize) {
        let (taken, rest) = self.rest.split_at(length);
        for (at, _) in taken.match_indices('\n') {
            self.line += 1;
            self.out.starts.push(self.out.text.len() + at + 1);
        }
        self.out.text.push_str(taken);
        self.rest = rest;
    }

    /// The number of the line, except before a tag that trims the white in front of it.
    fn start_line(&mut self) {
        if self.out.starts.is_empty() {
            self.out.starts.push(0);
        }
        if !self.rest.trim_start_matches([' ', '\t']).starts_with("{%-") {
            self.out.text.push_str(&format!("{LINE}{}{LINE_END}", self.line));
        }
    }

    fn expression(&mut self, open: &str) -> Result<(), (u32, String)> {
        let length = tag_length(self.rest, "}}").ok_or_else(|| (self.line, "缺少 }}。".to_owned()))?;
        let tag = self.rest.get(..length).unwrap_or_default();
        let inner = tag.get(open.len()..length - 2).unwrap_or_default();
        if inner.starts_with('-') || inner.ends_with('-') {
            return Err((self.line, "字段两侧不能用 {{- 或 -}} 去除空白，请改用 {%- 和 -%}。".to_owned()));
        }
        let path = self.path(inner.split('|').next().unwrap_or_default().trim());
        self.out.text.push(OPEN);
        self.out.text.push_str(&path.unwrap_or_default());
        self.out.text.push(VALUE);
        self.take(length);
        self.out.text.push(CLOSE);
        Ok(())
    }

    fn statement(&mut self) -> Result<(), (u32, String)> {
        let length = tag_length(self.rest, "%}").ok_or_else(|| (self.line, "缺少 %}。".to_owned()))?;
        let tag = self.rest.get(2..length - 2).unwrap_or_default();
        let words: Vec<&str> = tag.trim_matches('-').split_whitespace().collect();
        match words.as_slice() {
            ["for", variable, "in", what @ ..] => {
                let what = what.join(" ");
                let path = self.container(what.split('|').next().unwrap_or_default().trim());
                self.loops.push(Loop { variable: (*variable).to_owned(), path });
            }
            ["for", ..] => self.loops.push(Loop { variable: String::new(), path: None }),
            ["endfor", ..] => {
                self.loops.pop();
            }
            ["include" | "extends" | "import" | "component" | "raw", ..] => {
                let rule = format!("文书模板不能使用 {}。", words.first().copied().unwrap_or_default());
                return Err((self.line, rule));
            }
            _ => {}
        }
        self.take(length);
        Ok(())
    }

    /// The path of a printed name, with the number of the row left to Tera to fill in.
    fn path(&self, name: &str) -> Option<String> {
        if !is_name(name) {
            return None;
        }
        let mut parts = name.split('.');
        let root = parts.next()?;
        let rest: Vec<&str> = parts.collect();
        match self.loops.iter().rev().position(|it| it.variable == root) {
            Some(depth) => {
                let container = self.loops.iter().rev().nth(depth)?.path.clone()?;
                // Only the innermost loop can be asked which row it is at.
                let row = if depth == 0 { "/{{ loop.index0 }}" } else { "" };
                let column: String = rest.iter().map(|part| format!("/{part}")).collect();
                Some(format!("{container}{row}{column}"))
            }
            None if root == "raw" => Some(rest.join("/")),
            None if root == "loop" => None,
            None => Some(name.replace('.', "/")),
        }
    }

    fn container(&self, name: &str) -> Option<String> {
        let path = self.path(name)?;
        // A loop over the column of an outer loop would need two row numbers.
        (!path.contains("{{")).then_some(path)
    }
}

fn is_name(text: &str) -> bool {
    !text.is_empty()
        && !text.starts_with(|c: char| c.is_ascii_digit())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '.'))
}

/// Bytes of the tag at the start of `text`, strings in it skipped.
fn tag_length(text: &str, close: &str) -> Option<usize> {
    let mut quote: Option<char> = None;
    for (at, c) in text.char_indices().skip(2) {
        match quote {
            Some(open) if c == open => quote = None,
            Some(_) => {}
            None if matches!(c, '"' | '\'' | '`') => quote = Some(c),
            None if text.get(at..).is_some_and(|rest| rest.starts_with(close)) => {
                return Some(at + close.len());
            }
            None => {}
        }
    }
    None
}

/// The first line on which a tag uses `name`.
pub(in crate::document) fn line_of(source: &str, name: &str) -> u32 {
    let mut in_tag = false;
    for (number, line) in (1u32..).zip(source.lines()) {
        for (at, c) in line.char_indices() {
            let rest = line.get(at..).unwrap_or_default();
            if rest.starts_with("{{") || rest.starts_with("{%") {
                in_tag = true;
            } else if rest.starts_with("}}") || rest.starts_with("%}") {
                in_tag = false;
            }
            let word = |c: char| c.is_ascii_alphanumeric() || c == '_';
            let before = line.get(..at).and_then(|it| it.chars().next_back());
            if in_tag
                && word(c)
                && !before.is_some_and(|it| word(it) || it == '.')
                && rest.strip_prefix(name).is_some_and(|it| !it.chars().next().is_some_and(word))
            {
                return number;
            }
        }
    }
    1
}
