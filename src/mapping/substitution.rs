//! Values a person decided to read otherwise than they were sent: one decision for every message with the same fault.
//!
//! The bytes stay as they came, and so does the place of the value; who decided, and why, stands with the message.

use serde::{Deserialize, Serialize};

use crate::format::{Kind, Tree};

/// What is written at a path is to be read as something else.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Substitution {
    /// Path with the numbers of rows left out, as [`general`] writes it.
    pub path: String,
    /// What the sender wrote, without blanks around it; empty for a value that is there and says nothing.
    pub from: String,
    /// What it is read as.
    pub to: String,
}

/// Reads the values of a tree as the substitutions say; how many it were.
pub(super) fn apply(tree: &mut Tree<'_>, substitutions: &[Substitution]) -> usize {
    if substitutions.is_empty() {
        return 0;
    }
    let leaf = |kind| !matches!(kind, Kind::Object | Kind::Array);
    let ids: Vec<_> = tree.ids().filter(|it| leaf(tree.kind(*it)) && tree.nested(*it).is_none()).collect();
    let mut done = 0;
    for id in ids {
        let said = tree.value(id).unwrap_or_default().trim();
        let mut meant = substitutions.iter().filter(|it| it.from == said).peekable();
        if meant.peek().is_none() {
            continue;
        }
        let path = tree.path(id);
        let path = general(&path);
        let to = meant.find(|it| it.path == path).map(|it| it.to.as_str());
        done += usize::from(to.is_some_and(|to| tree.reword(id, to)));
    }
    done
}

/// A path with the numbers of rows left out, so that the same value of a thousand rows is one: `/r/data/*/way`, `/a/b` for
/// `/a/b[2]`, the column for a cell (`C3` of `R12C3`, `门牌!C` of `门牌!C7`).
#[must_use]
pub fn general(path: &str) -> String {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    if let Some((row, column)) = path.strip_prefix('R').and_then(|it| it.split_once('C'))
        && digits(row)
        && digits(column)
    {
        return format!("C{column}");
    }
    if let Some((sheet, cell)) = path.rsplit_once('!')
        && !cell.contains('/')
    {
        return format!("{sheet}!{}", cell.trim_end_matches(|it: char| it.is_ascii_digit()));
    }
    let step = |step: &str| -> String {
        if digits(step) {
            return "*".to_owned();
        }
        // `/a/b[2]▸/c`: the number goes, what was unwrapped stays.
        match step.split_once('[') {
            Some((name, rest)) => {
                let after = rest.split_once(']').map_or("", |it| it.1);
                format!("{name}{after}")
            }
            None => step.to_owned(),
        }
    };
    path.split('/').map(step).collect::<Vec<_>>().join("/")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::{Format, ReadSpec, read};

    #[test]
    fn the_same_value_of_many_rows_has_one_path() {
        for (path, wanted) in [
            ("/result/data/0/way", "/result/data/*/way"),
            ("/Message/Data/Row[3]/@ZDDM", "/Message/Data/Row/@ZDDM"),
            ("/a/b[2] ▸ /c/4", "/a/b ▸ /c/*"),
            ("R12C3", "C3"),
            ("门牌!C7", "门牌!C"),
            ("/R1/RC", "/R1/RC"),
        ] {
            assert_eq!(general(path), wanted);
        }
    }

    #[test]
    fn a_value_is_read_as_another_and_keeps_its_place() {
        let text = r#"{"rows":[{"way":"99","n":1},{"way":" 99 "},{"way":"23","n":99},{"way":null}]}"#;
        let spec = ReadSpec { format: Format::Json, ..ReadSpec::default() };
        let mut document = read(text.as_bytes(), &spec).unwrap();
        let one = |from: &str, to: &str| Substitution {
            path: "/rows/*/way".to_owned(),
            from: from.to_owned(),
            to: to.to_owned(),
        };
        assert_eq!(apply(&mut document.tree, &[one("99", "21"), one("", "22")]), 3);
        let tree = &document.tree;
        let ways: Vec<_> = tree
            .ids()
            .filter(|it| tree.name(*it) == "way")
            .map(|it| (tree.value(it).unwrap_or_default().to_owned(), tree.place(it).path))
            .collect();
        let said: Vec<&str> = ways.iter().map(|it| it.0.as_str()).collect();
        assert_eq!(said, ["21", "21", "23", "22"]);
        let first = tree.ids().find(|it| tree.name(*it) == "way").unwrap();
        let place = tree.place(first);
        let (start, end) = (place.start as usize, place.end as usize);
        assert!(text[start..end].contains("99"), "the place still shows what was sent");
        let n = tree.ids().filter(|it| tree.name(*it) == "n").last().unwrap();
        assert_eq!(tree.value(n), Some("99"), "another path with the same value is left alone");
    }
}
