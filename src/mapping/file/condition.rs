//! Conditions: `{ at = "路径", is = ["200"] }`; several in a list must all hold, `any = [...]` wants one of them.

use super::super::path::Path;
use super::super::source::{At, Table};
use super::{path, paths};
use crate::error::codes::mapping as codes;

/// One condition.
#[derive(Debug)]
pub(in super::super) enum Condition {
    /// The value at a place passes a trial.
    At {
        at: At<Path>,
        trial: Trial,
        /// Where the partner says why, shown when an `accept` fails.
        message: Vec<At<Path>>,
    },
    /// One of these holds.
    Any(Vec<Condition>),
}

/// What the value must be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in super::super) enum Trial {
    /// One of these.
    Is(Vec<String>),
    /// None of these.
    Not(Vec<String>),
    /// Contains one of these.
    Contains(Vec<String>),
    /// Empty (true) or not empty (false), by the null policy of the file.
    Empty(bool),
}

/// The conditions under `key`: one table or a list.
pub(super) fn read_all(table: &Table<'_>, key: &'static str) -> Vec<Condition> {
    table.tables(key).iter().filter_map(read).collect()
}

fn read(table: &Table<'_>) -> Option<Condition> {
    if table.get("any").is_some() {
        let inner = read_all(table, "any");
        table.finish();
        return Some(Condition::Any(inner));
    }
    let at = path(table, "at");
    if table.get("at").is_none() {
        table.missing("at", "写明看哪里的值，如 at = \"/head/rtn_code\"");
    }
    let words = |key: &'static str| -> Option<Vec<String>> {
        table.texts(key).map(|all| all.into_iter().map(|it| it.value).collect())
    };
    let mut trials: Vec<Trial> = Vec::new();
    trials.extend(words("is").map(Trial::Is));
    trials.extend(words("not").map(Trial::Not));
    trials.extend(words("contains").map(Trial::Contains));
    trials.extend(table.flag("empty").map(|it| Trial::Empty(it.value)));
    let message = paths(table, "message");
    table.finish();
    if trials.len() != 1 {
        table.source.error(
            codes::MAPPING_SHAPE,
            &table.span,
            "条件要写且只写 is、not、contains、empty 中的一个",
            "如 { at = \"/code\", is = [\"200\"] }",
        );
        return None;
    }
    Some(Condition::At { at: at?, trial: trials.pop()?, message })
}
