//! The settings file: TOML to `(key, text, line)`, keys of tables joined by dots.

use std::path::{Path, PathBuf};

use toml::de::{DeTable, DeValue};

use super::Texts;
use crate::error::{Error, Place, Problem, Result, codes};

/// One entry of the file.
pub struct Entry {
    /// Dotted name.
    pub name: String,
    /// Its value as text.
    pub text: String,
    /// Line from 1.
    pub line: u32,
}

/// Which file to read, if any. A file that was named must exist; the one in the data directory may.
pub fn find(flags: &Texts, environment: &Texts) -> Result<Option<PathBuf>> {
    if let Some(named) = flags.get("config").or_else(|| environment.get("HUB_CONFIG")) {
        return Ok(Some(PathBuf::from(named)));
    }
    let data = flags.get("data").or_else(|| environment.get("HUB_DATA")).map_or("data", String::as_str);
    let beside = Path::new(data).join("hub.toml");
    Ok(beside.is_file().then_some(beside))
}

/// All entries in the order written.
pub fn read(path: &Path) -> Result<Vec<Entry>> {
    let text = std::fs::read_to_string(path).map_err(|e| {
        Error::new(codes::machine::FILE, format!("读不了配置文件 {}。", path.display())).because(e)
    })?;
    let table = DeTable::parse(&text).map_err(|e| not_toml(path, &text, &e))?;
    let mut entries = Vec::new();
    flatten(table.get_ref(), "", &text, &mut entries);
    entries.sort_by_key(|entry| entry.line);
    Ok(entries)
}

fn flatten(table: &DeTable<'_>, prefix: &str, text: &str, entries: &mut Vec<Entry>) {
    for (key, value) in table {
        let name =
            if prefix.is_empty() { key.get_ref().to_string() } else { format!("{prefix}.{}", key.get_ref()) };
        if let DeValue::Table(inner) = value.get_ref() {
            flatten(inner, &name, text, entries);
        } else {
            entries.push(Entry { name, text: plain(value.get_ref()), line: line_of(text, key.span().start) });
        }
    }
}

/// The value as somebody would type it into a variable.
fn plain(value: &DeValue<'_>) -> String {
    match value {
        DeValue::String(s) => s.to_string(),
        DeValue::Integer(n) => n.as_str().replace('_', ""),
        DeValue::Float(n) => n.as_str().to_owned(),
        DeValue::Boolean(b) => b.to_string(),
        DeValue::Datetime(d) => d.to_string(),
        DeValue::Array(items) => items.iter().map(|item| plain(item.get_ref())).collect::<Vec<_>>().join(","),
        DeValue::Table(_) => String::new(),
    }
}

fn line_of(text: &str, offset: usize) -> u32 {
    let before = text.as_bytes().get(..offset).unwrap_or_default();
    u32::try_from(before.iter().filter(|byte| **byte == b'\n').count()).unwrap_or(u32::MAX).saturating_add(1)
}

fn not_toml(path: &Path, text: &str, error: &toml::de::Error) -> Error {
    let line = error.span().map(|span| line_of(text, span.start));
    let place = Place { path: path.display().to_string(), line, ..Place::default() };
    let problem = Problem::error(
        codes::machine::SETTING,
        "配置文件不是合法的 TOML",
        "检查这一行的引号、等号和方括号；可用 hub config example 输出一份样例对照",
    )
    .at(place);
    Error::new(codes::machine::SETTING, format!("配置文件 {} 读不懂。", path.display()))
        .with_problems(vec![problem])
        .because(error)
}
