//! `[drop]`: how a partner lays files into a folder: where, what they are called, how it marks that one is complete.

use super::source::{At, Table};
use crate::error::codes::mapping as codes;

/// `[drop]` of `partner.toml`: the folders below the partner's own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DropFolders {
    /// Where the partner lays its files.
    pub inbox: String,
    /// Where it finds the answers.
    pub answers: String,
    /// When a file may be read.
    pub complete: Complete,
}

/// How it is known that a file is complete.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Complete {
    /// It has not changed for a while.
    Quiet,
    /// It was written under another name (`.tmp`, `.part`, a dot in front) and renamed.
    Renamed,
    /// A second file with this ending lies beside it: `a.xml.ok` or `a.ok`.
    Marker(String),
}

/// `[drop]` of `map.toml`: which files are this message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DropFiles {
    /// Names; `*` stands for anything, once.
    names: Vec<(String, String)>,
    /// Name of the answer; `*` is what it stood for in the file's name.
    answer: Option<(String, String)>,
}

impl Default for DropFolders {
    fn default() -> Self {
        Self { inbox: "in".to_owned(), answers: "out".to_owned(), complete: Complete::Quiet }
    }
}

impl DropFolders {
    pub(super) fn read(table: &Table<'_>) -> Self {
        let usual = Self::default();
        let folder = |key: &'static str, usual: String| match table.text(key) {
            Some(said) if is_plain(&said) => said.value,
            Some(said) => {
                let hint = "写一个文件夹名，如 BizMsg；在单位自己的文件夹之下";
                table.source.error(codes::MAPPING_SHAPE, &said.span, format!("{key} 不能含路径"), hint);
                usual
            }
            None => usual,
        };
        let (inbox, answers) = (folder("inbox", usual.inbox), folder("answers", usual.answers));
        let complete = super::file::choice(table, "complete", &["quiet", "renamed", "marker"]);
        let marker = table.text("marker");
        let complete = match (complete.as_deref(), marker) {
            (Some("marker"), Some(marker)) if is_plain(&marker) => Complete::Marker(marker.value),
            (Some("marker"), _) => {
                table.missing("marker", "写上标记文件的结尾，如 marker = \".ok\"");
                Complete::Quiet
            }
            (Some("renamed"), _) => Complete::Renamed,
            _ => Complete::Quiet,
        };
        table.finish();
        Self { inbox, answers, complete }
    }
}

impl DropFiles {
    pub(super) fn read(table: &Table<'_>) -> Self {
        if table.get("files").is_none() {
            table.missing("files", "写上文件名的样子，如 files = \"Biz*.xml\"");
        }
        let one = |said: &At<String>| {
            let cut = said.value.split_once('*').filter(|(_, after)| !after.contains('*') && is_plain(said));
            if cut.is_none() {
                let hint = "写一个文件名，其中一个 * 代表任意内容，如 Biz*.xml";
                table.source.error(codes::MAPPING_SHAPE, &said.span, "文件名的样子写法不对", hint);
            }
            cut.map(|(before, after)| (before.to_owned(), after.to_owned()))
        };
        let names = table.texts("files").unwrap_or_default().iter().filter_map(one).collect();
        let answer = table.text("answer").and_then(|it| one(&it));
        table.finish();
        Self { names, answer }
    }

    /// The names as written, `Biz*.xml`.
    pub fn names(&self) -> impl Iterator<Item = String> + '_ {
        self.names.iter().map(|(before, after)| format!("{before}*{after}"))
    }

    /// The name of the answer as written, `Rep*.xml`; none when it has no name of its own.
    #[must_use]
    pub fn answer_name(&self) -> Option<String> {
        self.answer.as_ref().map(|(before, after)| format!("{before}*{after}"))
    }

    /// What `*` stands for when a file of this name is this message.
    #[must_use]
    pub fn matches<'n>(&self, name: &'n str) -> Option<&'n str> {
        self.names
            .iter()
            .find_map(|(before, after)| name.strip_prefix(before.as_str())?.strip_suffix(after.as_str()))
    }

    /// Name of the answer to a file; none when it has no name of its own.
    #[must_use]
    pub fn answer_to(&self, name: &str) -> Option<String> {
        let (before, after) = self.answer.as_ref()?;
        Some(format!("{before}{}{after}", self.matches(name)?))
    }
}

fn is_plain(said: &At<String>) -> bool {
    let text = said.value.as_str();
    !matches!(text, "" | "." | "..") && !text.contains(['/', '\\', '\0'])
}

#[cfg(test)]
mod tests {
    use super::super::source::Source;
    use super::*;

    fn read<T>(text: &str, f: impl FnOnce(&Table<'_>) -> T) -> (T, Vec<String>) {
        let source = Source::new("map.toml", text);
        let parsed = source.parse();
        let read = f(&Table::new(&source, parsed.get_ref(), 0..text.len()));
        (read, source.into_found().into_iter().map(|it| it.message).collect())
    }

    #[test]
    fn names_are_matched_and_answered() {
        let (files, found) =
            read("files = [\"Biz*.xml\", \"人防台账*\"]\nanswer = \"Rep*.xml\"", DropFiles::read);
        assert!(found.is_empty(), "{found:?}");
        assert_eq!(files.answer_to("Biz330402.xml").as_deref(), Some("Rep330402.xml"));
        assert_eq!(files.matches("人防台账3月.xlsx"), Some("3月.xlsx"));
        assert_eq!(files.matches("Biz.xm"), None);
        assert_eq!(files.matches("xBiz1.xml"), None);
    }

    #[test]
    fn folders_stay_below_the_partner() {
        let (folders, found) =
            read("inbox = \"BizMsg\"\ncomplete = \"marker\"\nmarker = \".ok\"", DropFolders::read);
        assert!(found.is_empty(), "{found:?}");
        assert_eq!(
            (folders.inbox.as_str(), folders.answers.as_str(), folders.complete),
            ("BizMsg", "out", Complete::Marker(".ok".to_owned()))
        );
        for (wrong, told) in [
            ("inbox = \"../x\"", "inbox 不能含路径"),
            ("inbox = \"..\"", "inbox 不能含路径"),
            ("answers = \"/etc\"", "answers 不能含路径"),
            ("complete = \"marker\"", "缺少 marker"),
        ] {
            assert_eq!(read(wrong, DropFolders::read).1, [told], "{wrong}");
        }
        assert_eq!(read("files = \"a.xml\"", DropFiles::read).1, ["文件名的样子写法不对"]);
    }
}
