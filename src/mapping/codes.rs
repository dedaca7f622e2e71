//! Code tables: the partner's code ↔ ours, from `codes.toml` of the message or partner folder, or a code list itself.

use std::collections::BTreeMap;
use std::collections::HashMap;

use super::source::{At, Source, Table, as_scalar, nearest};
use crate::error::codes::mapping as codes;
use crate::model::{CodeList, Fault, Schema};

/// A table as the functions use it.
#[derive(Debug, Clone, Default)]
pub struct CodeTable {
    /// Chinese title for findings.
    pub title: String,
    /// The code list of the model our side belongs to; none for a free table.
    pub list: Option<String>,
    ours: HashMap<String, String>,
    theirs: HashMap<String, String>,
    /// A few entries to show in a hint.
    shown: Vec<String>,
}

impl CodeTable {
    /// A table from pairs of (theirs, ours); the first pair of one of ours is the one written back.
    pub fn new<'p>(
        title: impl Into<String>,
        list: Option<&str>,
        pairs: impl IntoIterator<Item = (&'p str, &'p str)>,
    ) -> Self {
        let mut table = Self { title: title.into(), list: list.map(str::to_owned), ..Self::default() };
        for (theirs, ours) in pairs {
            if table.shown.len() < 8 {
                table.shown.push(theirs.to_owned());
            }
            table.ours.insert(theirs.to_owned(), ours.to_owned());
            table.theirs.entry(ours.to_owned()).or_insert_with(|| theirs.to_owned());
        }
        table
    }

    /// A code list of the model itself: the partner uses our codes.
    pub fn of_list(list: &CodeList) -> Self {
        Self { title: list.title.clone(), list: Some(list.name.clone()), ..Self::default() }
    }

    /// Whether the partner uses our codes.
    #[must_use]
    pub fn is_list(&self) -> bool {
        self.ours.is_empty()
    }

    /// Every pair of (theirs, ours), by theirs.
    #[must_use]
    pub fn pairs(&self) -> Vec<(&str, &str)> {
        let mut pairs: Vec<_> =
            self.ours.iter().map(|(theirs, ours)| (theirs.as_str(), ours.as_str())).collect();
        pairs.sort_unstable();
        pairs
    }

    /// Our word for theirs.
    #[must_use]
    pub fn ours(&self, theirs: &str) -> Option<&str> {
        self.ours.get(theirs).map(String::as_str)
    }

    /// Their word for ours.
    #[must_use]
    pub fn theirs(&self, ours: &str) -> Option<&str> {
        self.theirs.get(ours).map(String::as_str)
    }

    /// A word that the table does not know.
    #[must_use]
    pub fn unknown(&self, theirs: &str) -> Fault {
        let more = if self.ours.len() > self.shown.len() { "……" } else { "" };
        Fault::new(
            codes::MESSAGE_CODE,
            format!("“{theirs}”不在对照表“{}”中。", self.title),
            format!("可用的值：{}{more}。", self.shown.join("、")),
        )
    }

    /// One of ours that the partner has no word for.
    #[must_use]
    pub fn cannot_write(&self, ours: &str) -> Fault {
        Fault::new(
            codes::MESSAGE_WRITE,
            format!("对照表“{}”里没有与“{ours}”对应的对方代码。", self.title),
            "在 codes.toml 里补上这一项。",
        )
    }
}

/// A table of `codes.toml` as checked, before a mapping uses it.
#[derive(Debug, Clone)]
pub(super) struct TableFile {
    pub table: CodeTable,
    /// Not every code of ours has one of theirs, and that is known.
    pub partial: bool,
    /// Codes of the list without one of theirs.
    pub missing: Vec<String>,
    /// Ours that several of theirs mean, without `write` saying which is sent.
    pub ambiguous: Vec<String>,
}

/// The tables of one `codes.toml` by name.
pub(super) type TableFiles = BTreeMap<String, TableFile>;

/// Reads and checks one `codes.toml`.
pub(super) fn load(source: &Source<'_>, schema: &Schema) -> TableFiles {
    let parsed = source.parse();
    let root = Table::new(source, parsed.get_ref(), parsed.span());
    let mut all = TableFiles::new();
    for (name, value) in root.entries() {
        match Table::of(source, value) {
            Some(table) => {
                all.insert(name.value.clone(), one(&table, &name, schema));
            }
            None => root.wrong(&name.value, value, "表，如 [名称]"),
        }
    }
    all
}

fn one(table: &Table<'_>, name: &At<String>, schema: &Schema) -> TableFile {
    let title = table.text("title").map_or_else(|| name.value.clone(), |it| it.value);
    let list_name = table.text("list");
    let list = list_name.as_ref().and_then(|it| known_list(table.source, it, schema));
    let partial = table.flag("partial").is_some_and(|it| it.value);
    let pairs = pairs(table, "codes", false, list);
    let chosen = pairs_of_write(table, list);
    if pairs.is_empty() {
        table.missing("codes", "在 [名称.codes] 下逐行写“\"对方代码\" = \"我方代码\"”");
    }
    table.finish();
    let mut first: Vec<(&str, &str)> =
        chosen.iter().map(|(ours, theirs)| (theirs.as_str(), ours.as_str())).collect();
    first.retain(|(theirs, _)| pairs.iter().any(|(it, _)| it == theirs));
    let rest = pairs.iter().map(|(theirs, ours)| (theirs.as_str(), ours.as_str()));
    let built =
        CodeTable::new(title, list_name.as_ref().map(|it| it.value.as_str()), first.into_iter().chain(rest));
    let mut count: BTreeMap<&str, usize> = BTreeMap::new();
    for (_, ours) in &pairs {
        *count.entry(ours).or_default() += 1;
    }
    let ambiguous = count
        .into_iter()
        .filter(|(ours, n)| *n > 1 && !chosen.iter().any(|(it, _)| it == ours))
        .map(|(ours, _)| ours.to_owned())
        .collect();
    let foreign = list.is_some_and(|list| pairs.iter().any(|(_, ours)| list.get(ours).is_none()));
    let missing = list.filter(|_| !foreign).map_or_else(Vec::new, |list| {
        list.codes
            .iter()
            .filter(|entry| built.theirs(&entry.code).is_none())
            .map(|entry| format!("{}（{}）", entry.code, entry.title))
            .collect()
    });
    TableFile { table: built, partial, missing, ambiguous }
}

fn known_list<'s>(source: &Source<'_>, name: &At<String>, schema: &'s Schema) -> Option<&'s CodeList> {
    let found = schema.code_list(&name.value);
    if found.is_none() {
        let hint = nearest(&name.value, schema.code_lists().map(|it| it.name.as_str())).map_or_else(
            || "用 hub model show 查看已有的代码表".to_owned(),
            |it| format!("是不是想写 {it}？"),
        );
        source.error(codes::MAPPING_CODES, &name.span, format!("模型里没有代码表 {}", name.value), hint);
    }
    found
}

/// The entries of `[name.codes]` as (theirs, ours).
fn pairs(
    table: &Table<'_>,
    key: &'static str,
    keys_are_ours: bool,
    list: Option<&CodeList>,
) -> Vec<(String, String)> {
    let Some(inner) = table.table(key) else { return Vec::new() };
    let mut out = Vec::new();
    for (name, value) in inner.entries() {
        let Some(said) = as_scalar(value) else {
            inner.wrong(&name.value, value, "文字，如 \"01\" = \"deed_tax\"");
            continue;
        };
        check_ours(table.source, if keys_are_ours { &name } else { &said }, list);
        out.push((name.value, said.value));
    }
    out
}

fn pairs_of_write(table: &Table<'_>, list: Option<&CodeList>) -> Vec<(String, String)> {
    let chosen = pairs(table, "write", true, list);
    let known: Vec<String> = table
        .table("codes")
        .map(|it| it.entries().into_iter().map(|(name, _)| name.value).collect())
        .unwrap_or_default();
    if let Some(inner) = table.table("write") {
        for (name, value) in inner.entries() {
            if let Some(theirs) = as_scalar(value).filter(|it| !known.contains(&it.value)) {
                table.source.error(
                    codes::MAPPING_CODES,
                    &theirs.span,
                    format!("{} 写出的“{}”不在 codes 里，读不回来", name.value, theirs.value),
                    "write 里选的对方代码也要写在 codes 里",
                );
            }
        }
    }
    chosen
}

fn check_ours(source: &Source<'_>, ours: &At<String>, list: Option<&CodeList>) {
    let Some(list) = list else { return };
    if list.get(&ours.value).is_some() {
        return;
    }
    let hint = nearest(&ours.value, list.codes.iter().map(|it| it.code.as_str())).map_or_else(
        || {
            let known: Vec<_> =
                list.codes.iter().take(12).map(|it| format!("{}（{}）", it.code, it.title)).collect();
            format!("可用：{}", known.join("、"))
        },
        |it| format!("是不是想写 {it}？"),
    );
    source.error(
        codes::MAPPING_CODES,
        &ours.span,
        format!("代码表“{}”里没有 {}", list.title, ours.value),
        hint,
    );
}
