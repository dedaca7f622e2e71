//! What a `map.toml` says, before it is checked against the model: the settings with their places.

mod back;
mod condition;
mod envelope;
mod field;
mod output;

pub(super) use back::{AlsoFile, WriteAs};
pub(super) use condition::{Condition, Trial};
pub(super) use envelope::{FormatFile, PartnerFile, UnwrapFile};
pub(super) use field::{FieldFile, Many, Origin};
pub(super) use output::{SetFile, Stamp, WriteFile};

use std::sync::Arc;

use super::answer::Answer;
use super::drop::DropFiles;
use super::path::Path;
use super::source::{At, Source, Table};
use crate::error::codes::mapping as codes;

/// One `map.toml`.
#[derive(Debug)]
pub(super) struct MapFile {
    pub title: String,
    pub summary: String,
    pub version: u32,
    pub department: Option<At<String>>,
    pub format: Option<FormatFile>,
    pub unwrap: Vec<UnwrapFile>,
    pub accept: Vec<Condition>,
    pub not_found: Vec<Condition>,
    pub expired: Vec<Condition>,
    pub id: Vec<At<Path>>,
    pub division: Option<At<Path>>,
    pub rows: Option<At<Path>>,
    pub null: Option<Vec<At<String>>>,
    /// One bad row refuses the whole message.
    pub whole: bool,
    pub ignore: Vec<At<Path>>,
    pub records: Vec<RecordFile>,
    pub write: Option<WriteFile>,
    pub drop: Option<DropFiles>,
    pub answer: Option<Arc<Answer>>,
}

/// One `[[record]]`.
#[derive(Debug)]
pub(super) struct RecordFile {
    pub kind: Option<At<String>>,
    pub head: std::ops::Range<usize>,
    pub rows: Option<At<Path>>,
    pub when: Vec<Condition>,
    pub accept: Vec<Condition>,
    pub key: Option<Vec<At<String>>>,
    /// Each of its rows is accepted or refused by itself.
    pub alone: bool,
    pub fields: Vec<FieldFile>,
    pub set: Vec<SetFile>,
}

impl MapFile {
    /// Reads the settings; what is wrong goes to the source's findings.
    pub fn read(source: &Source<'_>) -> Self {
        let parsed = source.parse();
        let root = Table::new(source, parsed.get_ref(), 0..source.text.len());
        let title = root.need_text("title", "写上报文的中文名称，如 title = \"土地出让信息\"");
        let version = root.number("version");
        if root.get("version").is_none() {
            root.missing("version", "写上映射的版本号，从 1 起，改动后加一，如 version = 1");
        }
        let whole = choice(&root, "on_error", &["row", "message"]).is_some_and(|it| it == "message");
        let records: Vec<RecordFile> = root.tables("record").iter().map(RecordFile::read).collect();
        if records.is_empty() {
            root.missing("[[record]]", "至少写一个 [[record]]，说明来文里有哪类记录");
        }
        let file = Self {
            title: title.map(|it| it.value).unwrap_or_default(),
            summary: root.text("summary").map(|it| it.value).unwrap_or_default(),
            version: version.map_or(0, |it| it.value),
            department: root.text("department"),
            format: root.table("format").map(|it| FormatFile::read(&it)),
            unwrap: root.tables("unwrap").iter().filter_map(UnwrapFile::read).collect(),
            accept: condition::read_all(&root, "accept"),
            not_found: condition::read_all(&root, "not_found"),
            expired: condition::read_all(&root, "expired"),
            id: paths(&root, "id"),
            division: path(&root, "division"),
            rows: path(&root, "rows"),
            null: root.texts("null"),
            whole,
            ignore: paths(&root, "ignore"),
            records,
            write: root.table("write").map(|it| WriteFile::read(&it)),
            drop: root.table("drop").map(|it| DropFiles::read(&it)),
            answer: root.table("answer").and_then(|it| Answer::read(&it)).map(Arc::new),
        };
        root.finish();
        file
    }
}

impl RecordFile {
    fn read(table: &Table<'_>) -> Self {
        let kind = table.need_text("kind", "写上记录的种类，如 kind = \"parcel\"（hub model show 列出全部）");
        let fields = match table.table("fields") {
            Some(inner) => field::read_all(&inner),
            None => {
                table.missing("[record.fields]", "在 [record.fields] 下写明每个字段从哪里取");
                Vec::new()
            }
        };
        let record = Self {
            kind,
            head: table.head(),
            rows: path(table, "rows"),
            when: condition::read_all(table, "when"),
            accept: condition::read_all(table, "accept"),
            key: table.texts("key"),
            alone: table.flag("alone").is_some_and(|it| it.value),
            fields,
            set: output::read_set(table),
        };
        table.finish();
        record
    }
}

/// A setting that is a path.
fn path(table: &Table<'_>, key: &'static str) -> Option<At<Path>> {
    parse_path(table.source, table.text(key)?)
}

/// A setting that is a path or a list of paths.
fn paths(table: &Table<'_>, key: &'static str) -> Vec<At<Path>> {
    let all = table.texts(key).unwrap_or_default();
    all.into_iter().filter_map(|it| parse_path(table.source, it)).collect()
}

fn parse_path(source: &Source<'_>, text: At<String>) -> Option<At<Path>> {
    match Path::parse(&text.value) {
        Ok(path) => Some(At::new(path, text.span)),
        Err(why) => {
            source.error(
                codes::MAPPING_PATH,
                &text.span,
                format!("路径“{}”写法有误", text.value),
                format!("{why}；如 /result/data/*、../xmbh、@BDCDYH、Item[@name='X']"),
            );
            None
        }
    }
}

/// A setting that is one of a few words.
pub(super) fn choice(table: &Table<'_>, key: &'static str, words: &[&str]) -> Option<String> {
    let said = table.text(key)?;
    if words.contains(&said.value.as_str()) {
        return Some(said.value);
    }
    table.source.error(
        codes::MAPPING_SHAPE,
        &said.span,
        format!("{key} 不能写“{}”", said.value),
        format!("可写：{}", words.join("、")),
    );
    None
}
