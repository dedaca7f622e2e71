//! A breakdown against the tasks there are: which rows are new, which change what, which are the same, which are missing.

use chrono::NaiveDate;
use serde::Serialize;

use super::due::Due;
use super::event::Change;
use super::plan::TaskSpec;
use super::table::{Column, Columns, Row, Table};
use crate::error::Problem;

/// What a row would do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// 新增.
    New,
    /// 变更.
    Changed,
    /// 相同.
    Same,
    /// 有误.
    Error,
}

impl Outcome {
    /// What people call it.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::New => "新增",
            Self::Changed => "变更",
            Self::Same => "相同",
            Self::Error => "有误",
        }
    }
}

/// The verdict on one row.
#[derive(Debug, Clone, Serialize)]
pub struct Verdict {
    /// Row number as Excel shows it; 0 when the task comes from a plan file.
    pub row: u32,
    /// What it would do.
    pub outcome: Outcome,
    /// Number of the task it makes or meets.
    pub no: Option<String>,
    /// The task's wording.
    pub title: String,
    /// The row whose 责任部门 it took over.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub carried_from: Option<u32>,
    /// What changes.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub changes: Vec<Change>,
    /// What is wrong.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub problems: Vec<Problem>,
    /// The task as it would stand afterwards.
    #[serde(skip)]
    pub spec: Option<TaskSpec>,
}

/// All verdicts, and the tasks that the table no longer names. Those are only reported: a task goes by 销号, not by omission.
#[derive(Debug, Clone, Serialize)]
pub struct Comparison {
    /// One for each task of the table, in order.
    pub verdicts: Vec<Verdict>,
    /// Numbers of tasks that are there and not in the table.
    pub missing: Vec<String>,
}

impl Comparison {
    /// How many rows have an outcome.
    #[must_use]
    pub fn count(&self, outcome: Outcome) -> usize {
        self.verdicts.iter().filter(|verdict| verdict.outcome == outcome).count()
    }
}

/// Compares a plan file's tasks with those there are, by number.
#[must_use]
pub fn with_plan(existing: &[TaskSpec], wanted: Vec<TaskSpec>, name: &dyn Fn(&str) -> String) -> Comparison {
    let verdicts: Vec<Verdict> = wanted
        .into_iter()
        .map(|spec| {
            let old = existing.iter().find(|old| old.no == spec.no);
            verdict(
                Row { row: 0, spec: None, numbered: true, carried_from: None, problems: Vec::new() },
                old,
                spec,
                name,
            )
        })
        .collect();
    let missing = missing(existing, &verdicts);
    Comparison { verdicts, missing }
}

/// Compares a table with the tasks there are: by number where the row has one, else by department and wording.
#[must_use]
pub fn with_table(existing: &[TaskSpec], table: Table, name: &dyn Fn(&str) -> String) -> Comparison {
    let matches = match_rows(existing, &table.rows);
    let mut numbers = Numbers::after(existing, &table.rows);
    let (columns, base) = (table.columns, table.base);
    let mut verdicts = Vec::with_capacity(table.rows.len());
    for (mut row, at) in table.rows.into_iter().zip(matches) {
        let old = at.and_then(|at| existing.get(at));
        let Some(read) = row.spec.take() else {
            verdicts.push(refused(row));
            continue;
        };
        let spec = match old {
            Some(old) => overlay(old, read, &columns, base),
            None if row.numbered => read,
            None => TaskSpec { no: numbers.take(), ..read },
        };
        verdicts.push(verdict(row, old, spec, name));
    }
    let missing = missing(existing, &verdicts);
    Comparison { verdicts, missing }
}

fn refused(row: Row) -> Verdict {
    Verdict {
        row: row.row,
        outcome: Outcome::Error,
        no: None,
        title: String::new(),
        carried_from: row.carried_from,
        changes: Vec::new(),
        problems: row.problems,
        spec: None,
    }
}

fn verdict(row: Row, old: Option<&TaskSpec>, spec: TaskSpec, name: &dyn Fn(&str) -> String) -> Verdict {
    let changes = old.map(|old| changes(old, &spec, name)).unwrap_or_default();
    let outcome = match old {
        None => Outcome::New,
        Some(_) if changes.is_empty() => Outcome::Same,
        Some(_) => Outcome::Changed,
    };
    Verdict {
        row: row.row,
        outcome,
        no: Some(spec.no.clone()),
        title: spec.title.clone(),
        carried_from: row.carried_from,
        changes,
        problems: row.problems,
        spec: Some(spec),
    }
}

fn missing(existing: &[TaskSpec], verdicts: &[Verdict]) -> Vec<String> {
    let named = |no: &str| verdicts.iter().any(|verdict| verdict.no.as_deref() == Some(no));
    existing.iter().filter(|old| !named(&old.no)).map(|old| old.no.clone()).collect()
}

/// What a table says goes over what is there; what it has no column for stays.
fn overlay(old: &TaskSpec, read: TaskSpec, columns: &Columns, base: NaiveDate) -> TaskSpec {
    let supporting_said = columns.has(Column::Support) || !read.supporting.is_empty();
    TaskSpec {
        strength: if read.title == old.title { old.strength } else { read.strength },
        title: read.title,
        lead: read.lead,
        supporting: if supporting_said { read.supporting } else { old.supporting.clone() },
        due: read.due.filter(|due| !same_span(old.due, *due, base)).or(old.due),
        standard: if columns.has(Column::Standard) { read.standard } else { old.standard.clone() },
        clause: if columns.has(Column::Clause) { read.clause } else { old.clause.clone() },
        ..old.clone()
    }
}

/// Whether a cell repeats the span that is already running: 15个工作日 read again does not start the clock anew.
fn same_span(old: Option<Due>, read: Due, base: NaiveDate) -> bool {
    match (old, read) {
        (Some(Due::WorkingDays { count: old, .. }), Due::WorkingDays { count, after })
        | (Some(Due::Days { count: old, .. }), Due::Days { count, after }) => old == count && after == base,
        _ => false,
    }
}

/// The fields that differ, in words.
fn changes(old: &TaskSpec, new: &TaskSpec, name: &dyn Fn(&str) -> String) -> Vec<Change> {
    let list = |ids: &[String]| ids.iter().map(|id| name(id)).collect::<Vec<_>>().join("、");
    let due = |spec: &TaskSpec| spec.due.map_or_else(|| "未设".to_owned(), |due| due.chinese());
    let strength = |spec: &TaskSpec| spec.strength.map_or(String::new(), |s| s.title().to_owned());
    let evidence =
        |spec: &TaskSpec| spec.evidence.as_ref().map_or(String::new(), |bound| bound.title.clone());
    let pairs = [
        ("任务", old.title.clone(), new.title.clone()),
        ("原文", old.text.clone(), new.text.clone()),
        ("牵头", name(&old.lead), name(&new.lead)),
        ("配合", list(&old.supporting), list(&new.supporting)),
        ("完成时限", due(old), due(new)),
        ("完成标准", old.standard.clone(), new.standard.clone()),
        ("来源条款", old.clause.clone(), new.clause.clone()),
        ("强度", strength(old), strength(new)),
        ("所属主要任务", old.under.clone().unwrap_or_default(), new.under.clone().unwrap_or_default()),
        ("数据佐证", evidence(old), evidence(new)),
    ];
    let mut changes: Vec<Change> = pairs
        .into_iter()
        .filter(|(_, from, to)| from != to)
        .map(|(field, from, to)| Change { field: field.to_owned(), from, to })
        .collect();
    if old.evidence != new.evidence && evidence(old) == evidence(new) {
        changes.push(Change {
            field: "数据佐证".to_owned(),
            from: "原口径".to_owned(),
            to: "新口径".to_owned(),
        });
    }
    changes
}

/// For each row the task it speaks of: by number, by exact wording, then by the likest wording of the same department.
fn match_rows(existing: &[TaskSpec], rows: &[Row]) -> Vec<Option<usize>> {
    let mut taken = vec![false; existing.len()];
    let mut found: Vec<Option<usize>> = vec![None; rows.len()];
    let exact = |row: &Row, old: &TaskSpec| {
        row.spec.as_ref().is_some_and(|spec| {
            if row.numbered { spec.no == old.no } else { spec.lead == old.lead && spec.title == old.title }
        })
    };
    for (row, slot) in rows.iter().zip(&mut found) {
        *slot = claim(&mut taken, existing.iter().position(|old| exact(row, old)));
    }
    for (row, slot) in rows.iter().zip(&mut found) {
        let Some(spec) = row.spec.as_ref().filter(|_| !row.numbered && slot.is_none()) else { continue };
        let free = existing
            .iter()
            .enumerate()
            .filter(|(at, old)| old.lead == spec.lead && taken.get(*at) == Some(&false));
        let likest = free
            .map(|(at, old)| (at, likeness(&old.title, &spec.title)))
            .filter(|(_, likeness)| *likeness >= LIKE_ENOUGH)
            .max_by_key(|(_, likeness)| *likeness);
        *slot = claim(&mut taken, likest.map(|(at, _)| at));
    }
    found
}

fn claim(taken: &mut [bool], at: Option<usize>) -> Option<usize> {
    let slot = taken.get_mut(at?)?;
    let free = !*slot;
    *slot = true;
    at.filter(|_| free)
}

/// Half of the letter pairs in common: an edited sentence, not another one.
const LIKE_ENOUGH: usize = 50;

/// How alike two wordings are, in percent of common letter pairs (Dice).
pub(super) fn likeness(one: &str, other: &str) -> usize {
    let pairs = |text: &str| {
        let letters: Vec<char> = text.chars().collect();
        letters.windows(2).map(<[char]>::to_vec).collect::<Vec<_>>()
    };
    let (first, mut second) = (pairs(one), pairs(other));
    let all = first.len() + second.len();
    let mut common = 0_usize;
    for pair in first {
        if let Some(at) = second.iter().position(|other| *other == pair) {
            second.swap_remove(at);
            common += 1;
        }
    }
    (200 * common).checked_div(all).unwrap_or(usize::from(one == other) * 100)
}

/// Numbers for tasks that come without: the next whole number that is free.
struct Numbers {
    used: std::collections::HashSet<String>,
    next: u32,
}

impl Numbers {
    fn after(existing: &[TaskSpec], rows: &[Row]) -> Self {
        let given = rows.iter().filter(|row| row.numbered).filter_map(|row| row.spec.as_ref());
        Self { used: existing.iter().chain(given).map(|spec| spec.no.clone()).collect(), next: 1 }
    }

    fn take(&mut self) -> String {
        loop {
            let no = self.next.to_string();
            self.next += 1;
            if self.used.insert(no.clone()) {
                return no;
            }
        }
    }
}

#[cfg(test)]
mod tests;
