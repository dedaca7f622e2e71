//! Reading a TOML file with the place of every word, so that each finding points at it.
//!
//! [`Table`] remembers which settings were asked for; [`Table::finish`] reports the others with the nearest known name.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::ops::Range;

use toml::Spanned;
use toml::de::{DeString, DeTable, DeValue};

use super::diagnostic::Diagnostic;
use crate::error::{Code, Severity, codes::mapping as codes};

/// A value with the bytes it was written in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct At<T> {
    pub value: T,
    pub span: Range<usize>,
}

impl<T> At<T> {
    pub fn new(value: T, span: Range<usize>) -> Self {
        Self { value, span }
    }
}

/// One file under examination and what was found about it.
#[derive(Debug)]
pub(super) struct Source<'a> {
    pub file: &'a str,
    pub text: &'a str,
    found: RefCell<Vec<Diagnostic>>,
}

impl<'a> Source<'a> {
    pub fn new(file: &'a str, text: &'a str) -> Self {
        Self { file, text, found: RefCell::new(Vec::new()) }
    }

    pub fn error(
        &self,
        code: Code,
        span: &Range<usize>,
        message: impl Into<String>,
        hint: impl Into<String>,
    ) {
        self.push(code, Severity::Error, span, message.into(), hint.into());
    }

    pub fn warn(&self, code: Code, span: &Range<usize>, message: impl Into<String>, hint: impl Into<String>) {
        self.push(code, Severity::Warning, span, message.into(), hint.into());
    }

    fn push(&self, code: Code, severity: Severity, span: &Range<usize>, message: String, hint: String) {
        self.found.borrow_mut().push(Diagnostic::new(
            code,
            severity,
            self.file,
            self.text,
            span.clone(),
            message,
            hint,
        ));
    }

    /// What was found, in order of place.
    pub fn into_found(self) -> Vec<Diagnostic> {
        let mut found = self.found.into_inner();
        found.sort_by_key(|it| (it.span.start, it.span.end));
        found
    }

    /// Parses the text; syntax errors become findings and the rest is still examined.
    pub fn parse(&self) -> Spanned<DeTable<'a>> {
        let (table, errors) = DeTable::parse_recoverable(self.text);
        let mut last_line = None;
        for error in errors {
            let span = error.span().unwrap_or(0..0);
            let line = self.text.get(..span.start).map(|it| it.matches('\n').count());
            // What follows on the same line is mostly an echo of the first slip.
            if last_line != Some(line) {
                self.error(
                    codes::MAPPING_FILE,
                    &span,
                    format!("TOML 语法不正确（{}）", error.message()),
                    "核对引号、括号、逗号和等号",
                );
            }
            last_line = Some(line);
        }
        table
    }
}

/// One table of a file.
pub(super) struct Table<'a> {
    pub source: &'a Source<'a>,
    pub span: Range<usize>,
    map: &'a DeTable<'a>,
    asked: RefCell<BTreeSet<&'static str>>,
}

/// One setting: its name and what it says.
pub(super) type Entry<'a> = (At<String>, &'a Spanned<DeValue<'a>>);

impl<'a> Table<'a> {
    pub fn new(source: &'a Source<'a>, map: &'a DeTable<'a>, span: Range<usize>) -> Self {
        Self { source, span, map, asked: RefCell::new(BTreeSet::new()) }
    }

    /// The table behind `value`, when it is one.
    pub fn of(source: &'a Source<'a>, value: &'a Spanned<DeValue<'a>>) -> Option<Self> {
        value.get_ref().as_table().map(|map| Self::new(source, map, value.span()))
    }

    /// The setting `key`, asked for.
    pub fn get(&self, key: &'static str) -> Option<&'a Spanned<DeValue<'a>>> {
        self.asked.borrow_mut().insert(key);
        self.map.get(key)
    }

    /// Where to point when something is missing: the table's head, one line at most.
    pub fn head(&self) -> Range<usize> {
        let text = self.source.text.get(self.span.clone()).unwrap_or_default();
        let first = text.find('\n').unwrap_or(text.len()).max(1);
        self.span.start..(self.span.start + first).min(self.source.text.len().max(self.span.start))
    }

    /// All entries in the order they are written.
    pub fn entries(&self) -> Vec<Entry<'a>> {
        let mut all: Vec<(&Spanned<DeString<'a>>, &Spanned<DeValue<'a>>)> = self.map.iter().collect();
        all.sort_by_key(|(key, _)| key.span().start);
        all.into_iter().map(|(key, value)| (At::new(key.get_ref().to_string(), key.span()), value)).collect()
    }

    pub fn text(&self, key: &'static str) -> Option<At<String>> {
        let value = self.get(key)?;
        let found = as_text(value);
        if found.is_none() {
            self.wrong(key, value, "文字，如 \"…\"");
        }
        found
    }

    /// A text that may also be written as a plain number or boolean.
    pub fn scalar(&self, key: &'static str) -> Option<At<String>> {
        let value = self.get(key)?;
        let found = as_scalar(value);
        if found.is_none() {
            self.wrong(key, value, "文字或数字");
        }
        found
    }

    /// One text or a list of texts.
    pub fn texts(&self, key: &'static str) -> Option<Vec<At<String>>> {
        let value = self.get(key)?;
        if let Some(one) = as_scalar(value) {
            return Some(vec![one]);
        }
        let list: Option<Vec<_>> =
            value.get_ref().as_array().and_then(|all| all.iter().map(as_scalar).collect());
        if list.is_none() {
            self.wrong(key, value, "文字或文字列表，如 [\"…\", \"…\"]");
        }
        list
    }

    pub fn flag(&self, key: &'static str) -> Option<At<bool>> {
        let value = self.get(key)?;
        let found = value.get_ref().as_bool();
        if found.is_none() {
            self.wrong(key, value, "true 或 false");
        }
        found.map(|it| At::new(it, value.span()))
    }

    pub fn number(&self, key: &'static str) -> Option<At<u32>> {
        let value = self.get(key)?;
        let found =
            value.get_ref().as_integer().and_then(|it| u32::from_str_radix(it.as_str(), it.radix()).ok());
        if found.is_none() {
            self.wrong(key, value, "不小于零的整数");
        }
        found.map(|it| At::new(it, value.span()))
    }

    pub fn table(&self, key: &'static str) -> Option<Table<'a>> {
        let value = self.get(key)?;
        let found = Table::of(self.source, value);
        if found.is_none() {
            self.wrong(key, value, "表，如 { … = … }");
        }
        found
    }

    /// A list of tables; one table alone counts as a list of one.
    pub fn tables(&self, key: &'static str) -> Vec<Table<'a>> {
        let Some(value) = self.get(key) else { return Vec::new() };
        if let Some(one) = Table::of(self.source, value) {
            return vec![one];
        }
        let all: Option<Vec<_>> = value
            .get_ref()
            .as_array()
            .and_then(|list| list.iter().map(|it| Table::of(self.source, it)).collect());
        all.unwrap_or_else(|| {
            self.wrong(key, value, "表的列表，如 [{ … }, { … }]");
            Vec::new()
        })
    }

    /// Like [`Table::text`], and its absence is a finding.
    pub fn need_text(&self, key: &'static str, hint: &str) -> Option<At<String>> {
        if self.get(key).is_none() {
            self.missing(key, hint);
        }
        self.text(key)
    }

    pub fn missing(&self, key: &str, hint: &str) {
        self.source.error(codes::MAPPING_MISSING_KEY, &self.head(), format!("缺少 {key}"), hint);
    }

    pub fn wrong(&self, key: &str, value: &Spanned<DeValue<'_>>, expected: &str) {
        self.source.error(
            codes::MAPPING_SHAPE,
            &value.span(),
            format!("{key} 的写法不对，这里写的是{}", shape_name(value.get_ref())),
            format!("应写成{expected}"),
        );
    }

    /// Reports every setting that nobody asked for.
    pub fn finish(&self) {
        let asked = self.asked.borrow();
        for (key, _) in self.entries() {
            if asked.contains(key.value.as_str()) {
                continue;
            }
            let hint = match nearest(&key.value, asked.iter().copied()) {
                Some(name) => format!("是不是想写 {name}？"),
                None => {
                    format!("这里可以写：{}", asked.iter().copied().collect::<Vec<_>>().join("、"))
                }
            };
            self.source.error(
                codes::MAPPING_UNKNOWN_KEY,
                &key.span,
                format!("没有名为 {} 的设置项", key.value),
                hint,
            );
        }
    }
}

/// A TOML text.
pub(super) fn as_text(value: &Spanned<DeValue<'_>>) -> Option<At<String>> {
    value.get_ref().as_str().map(|it| At::new(it.to_owned(), value.span()))
}

/// A TOML text, number or boolean as the text it was written in.
pub(super) fn as_scalar(value: &Spanned<DeValue<'_>>) -> Option<At<String>> {
    let text = match value.get_ref() {
        DeValue::String(it) => it.to_string(),
        DeValue::Integer(it) => it.to_string(),
        DeValue::Float(it) => it.to_string(),
        DeValue::Boolean(it) => it.to_string(),
        _ => return None,
    };
    Some(At::new(text, value.span()))
}

fn shape_name(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "文字",
        DeValue::Integer(_) => "整数",
        DeValue::Float(_) => "小数",
        DeValue::Boolean(_) => "布尔值",
        DeValue::Datetime(_) => "日期",
        DeValue::Array(_) => "列表",
        DeValue::Table(_) => "表",
    }
}

/// The known name nearest to `word`, when it is near enough to be a slip of the pen.
pub(super) fn nearest<'n>(word: &str, known: impl Iterator<Item = &'n str>) -> Option<&'n str> {
    let limit = (word.chars().count() / 3).max(1) + 1;
    known
        .map(
            |name| {
                if word.len() > 3 && name.starts_with(word) {
                    (1, name)
                } else {
                    (distance(word, name), name)
                }
            },
        )
        .filter(|(far, _)| *far <= limit)
        .min_by_key(|(far, _)| *far)
        .map(|(_, name)| name)
}

/// Levenshtein distance in characters.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut diagonal = i;
        let mut left = i + 1;
        for (cell, y) in row.iter_mut().skip(1).zip(&b) {
            let up = *cell;
            let here = (diagonal + usize::from(x != *y)).min(left + 1).min(up + 1);
            diagonal = up;
            left = here;
            *cell = here;
        }
        if let Some(first) = row.first_mut() {
            *first = i + 1;
        }
    }
    row.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::{distance, nearest};

    #[test]
    fn slips_of_the_pen_find_their_word() {
        assert_eq!(distance("form", "from"), 2);
        assert_eq!(distance("", "abc"), 3);
        assert_eq!(nearest("form", ["from", "first", "when"].into_iter()), Some("from"));
        assert_eq!(nearest("zzzz", ["from"].into_iter()), None);
    }
}
