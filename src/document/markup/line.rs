//! Marked text → lines of characters that know whether a value brought them.

use super::Fields;
use crate::document::block::{FieldNo, FieldRef, Run, Text};
use crate::document::font::Role;
use crate::document::template::marks::{CLOSE, LINE, LINE_END, OPEN, VALUE};

/// One character.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Ch {
    pub c: char,
    /// Brought by a value: never markup.
    pub value: bool,
    pub field: Option<FieldNo>,
}

/// One line, white at its ends removed.
#[derive(Debug, Clone, Default)]
pub(super) struct Line {
    pub chars: Vec<Ch>,
    /// Line of the template.
    pub number: u32,
}

/// `@name[options] text`.
pub(super) struct Tag {
    pub name: String,
    /// `key=value`, or `key` alone with an empty value.
    pub options: Vec<(String, String)>,
    pub text: Line,
}

/// Splits marked text into lines.
pub(super) fn read(markup: &str) -> (Vec<Line>, Fields) {
    let mut fields = Fields::new();
    let mut lines = vec![Line::default()];
    // Marks may stand within one another when a template keeps printed text in a variable; the innermost counts.
    let mut open: Vec<Option<FieldNo>> = Vec::new();
    let mut chars = markup.chars();
    while let Some(c) = chars.next() {
        let Some(line) = lines.last_mut() else { break };
        match c {
            OPEN => {
                let path: String = chars.by_ref().take_while(|c| *c != VALUE).collect();
                open.push(register(&mut fields, path, line.number));
            }
            CLOSE => {
                open.pop();
            }
            LINE => {
                let number: String = chars.by_ref().take_while(|c| *c != LINE_END).collect();
                line.number = number.parse().unwrap_or(line.number);
            }
            '\n' if open.is_empty() => {
                let number = line.number;
                lines.push(Line { number, ..Line::default() });
            }
            _ => line.chars.push(Ch { c, value: !open.is_empty(), field: open.last().copied().flatten() }),
        }
    }
    for line in &mut lines {
        line.trim();
    }
    (lines, fields)
}

fn register(fields: &mut Fields, path: String, line: u32) -> Option<FieldNo> {
    if path.is_empty() {
        return None;
    }
    fields.push(FieldRef { path, line });
    FieldNo::try_from(fields.len() - 1).ok()
}

impl Line {
    fn sub(&self, from: usize) -> Line {
        let chars = self.chars.get(from..).unwrap_or_default().to_vec();
        let mut line = Line { chars, number: self.number };
        line.trim();
        line
    }

    fn trim(&mut self) {
        let white = |ch: &Ch| !ch.value && ch.c.is_ascii_whitespace();
        while self.chars.last().is_some_and(white) {
            self.chars.pop();
        }
        let leading = self.chars.iter().take_while(|ch| white(ch)).count();
        self.chars.drain(..leading);
    }

    pub(super) fn is_blank(&self) -> bool {
        self.chars.is_empty()
    }

    /// The characters of the template at the start, up to the first value.
    fn own(&self) -> String {
        self.chars.iter().take_while(|ch| !ch.value).map(|ch| ch.c).collect()
    }

    pub(super) fn starts_with(&self, c: char) -> bool {
        self.own().starts_with(c)
    }

    /// `# ` to `#### `.
    pub(super) fn heading(&self) -> Option<(usize, Line)> {
        let own = self.own();
        let level = own.chars().take_while(|c| *c == '#').count();
        ((1..=4).contains(&level) && own.chars().nth(level) == Some(' ')).then(|| (level, self.sub(level)))
    }

    /// `- ` or `-- `.
    pub(super) fn item(&self) -> Option<(usize, Line)> {
        let own = self.own();
        let depth = own.chars().take_while(|c| *c == '-').count();
        ((1..=2).contains(&depth) && own.chars().nth(depth) == Some(' ')).then(|| (depth, self.sub(depth)))
    }

    pub(super) fn tag(&self) -> Option<Tag> {
        let own = self.own();
        let rest = own.strip_prefix('@')?;
        let name: String = rest.chars().take_while(|c| !c.is_whitespace() && *c != '[').collect();
        let mut used = 1 + name.chars().count();
        let mut options = Vec::new();
        if let Some(inner) = own.chars().skip(used).collect::<String>().strip_prefix('[')
            && let Some(end) = inner.find(']')
        {
            let inner = inner.get(..end).unwrap_or_default();
            used += inner.chars().count() + 2;
            options = inner.split_whitespace().map(option).collect();
        }
        Some(Tag { name, options, text: self.sub(used) })
    }

    /// Cells between `|`.
    pub(super) fn cells(&self) -> Vec<Line> {
        let mut cells: Vec<Line> = Vec::new();
        let mut escaped = false;
        for ch in &self.chars {
            if ch.c == '|' && !ch.value && !escaped {
                cells.push(Line { number: self.number, ..Line::default() });
                continue;
            }
            escaped = ch.c == '\\' && !ch.value && !escaped;
            if let Some(cell) = cells.last_mut() {
                cell.chars.push(*ch);
            }
        }
        // What follows the last `|` is no cell.
        cells.pop();
        for cell in &mut cells {
            cell.trim();
        }
        cells
    }

    /// A leading `[…]` of the template, and what follows it.
    pub(super) fn bracket(&self) -> Option<(String, Line)> {
        let own = self.own();
        let inner = own.strip_prefix('[')?;
        let end = inner.find(']')?;
        let inner = inner.get(..end)?.to_owned();
        let used = inner.chars().count() + 2;
        Some((inner, self.sub(used)))
    }

    /// The parts between a separator of the template.
    pub(super) fn parts(&self, separator: &str) -> Vec<Text> {
        let mut parts = Vec::new();
        let mut rest = self.clone();
        loop {
            match rest.find(separator) {
                Some(at) => {
                    let mut part = Line { chars: rest.chars.get(..at).unwrap_or_default().to_vec(), ..rest };
                    part.trim();
                    parts.push(part.text());
                    rest = rest.sub(at + separator.chars().count());
                }
                None => {
                    parts.push(rest.text());
                    return parts;
                }
            }
        }
    }

    /// What stands before and behind a separator of the template.
    pub(super) fn split_at(&self, separator: &str) -> (Text, Option<Text>) {
        let mut parts = self.parts(separator).into_iter();
        (parts.next().unwrap_or_default(), parts.next())
    }

    fn find(&self, separator: &str) -> Option<usize> {
        let wanted: Vec<char> = separator.chars().collect();
        self.chars
            .windows(wanted.len())
            .position(|window| window.iter().zip(&wanted).all(|(ch, wanted)| !ch.value && ch.c == *wanted))
    }

    /// The line as runs: `<黑>…</黑>` sets a face, `\n` breaks the line, `\` takes the next character as it is.
    pub(super) fn text(&self) -> Text {
        let mut text = Text::default();
        let mut role: Option<Role> = None;
        let mut at = 0;
        while let Some(ch) = self.chars.get(at) {
            if !ch.value {
                if let Some((found, length)) = self.face_at(at) {
                    role = found;
                    at += length;
                    continue;
                }
                if ch.c == '\\'
                    && let Some(next) = self.chars.get(at + 1).filter(|next| !next.value)
                {
                    push(&mut text, Ch { c: if next.c == 'n' { '\n' } else { next.c }, ..*ch }, role);
                    at += 2;
                    continue;
                }
            }
            push(&mut text, *ch, role);
            at += 1;
        }
        text
    }

    /// `<黑>` or `</黑>` at a place, and how many characters it takes.
    fn face_at(&self, at: usize) -> Option<(Option<Role>, usize)> {
        let ahead = self.chars.get(at..)?.iter().take(4);
        let ahead: String = ahead.take_while(|ch| !ch.value).map(|ch| ch.c).collect();
        let mut chars = ahead.chars();
        match (chars.next()?, chars.next()?, chars.next()?, chars.next()) {
            ('<', '/', name, Some('>')) if role(name).is_some() => Some((None, 4)),
            ('<', name, '>', _) => role(name).map(|role| (Some(role), 3)),
            _ => None,
        }
    }
}

/// Faces by the character that names them in markup.
pub(super) fn role(name: char) -> Option<Role> {
    match name {
        '仿' => Some(Role::Fang),
        '黑' => Some(Role::Hei),
        '楷' => Some(Role::Kai),
        '宋' => Some(Role::Song),
        '标' => Some(Role::Title),
        _ => None,
    }
}

fn option(text: &str) -> (String, String) {
    match text.split_once('=') {
        Some((key, value)) => (key.to_owned(), value.to_owned()),
        None => (text.to_owned(), String::new()),
    }
}

fn push(text: &mut Text, ch: Ch, role: Option<Role>) {
    match text.0.last_mut() {
        Some(run) if run.field == ch.field && run.role == role => run.text.push(ch.c),
        _ => text.0.push(Run { text: ch.c.to_string(), role, field: ch.field }),
    }
}
