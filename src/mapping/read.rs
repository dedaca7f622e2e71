//! Reading a message: bytes → tree → one walk → claims with places, problems, verdicts.

mod field;
mod judge;
mod verdict;

use std::collections::BTreeSet;
use std::sync::Arc;

use super::Mapping;
use super::file::Trial;
use super::plan::{Check, FieldPlan, RecordPlan};
use super::reading::{Hints, Outcome, Reading};
use super::substitution;
use super::trie::SlotKey;
use super::unwrap;
use super::walk::{Filled, Names};
use crate::error::codes::{mapping as codes, value};
use crate::error::{Place, Problem, Severity};
use crate::format::{self, Kind, NodeId, Tree};
use crate::model::{Claim, ReadField, Spot};

use field::{Got, Raw, raw};

/// One message, or one row of a table, being read.
pub(super) struct Run<'r, 't> {
    pub mapping: &'r Mapping,
    pub tree: &'r Tree<'t>,
    pub filled: Filled,
    /// Findings with the unit they concern: an opened frame, 0 for the message.
    pub problems: Vec<(u32, Problem)>,
    /// Units with the fields an error was found in, so that none is reported twice.
    told: BTreeSet<(u32, String)>,
    pub claims: Vec<(u32, Claim)>,
    /// Business keys read so far, with their unit.
    pub keys: Vec<(u32, String)>,
    /// Number of the row when a table is read row by row.
    pub number: Option<u32>,
    unit: u32,
}

impl Mapping {
    /// Reads a whole message. CSV and XLSX are read row by row; see also [`Mapping::read_rows`], which keeps nothing.
    #[must_use]
    pub fn read(&self, bytes: &[u8], hints: &Hints) -> Reading {
        if self.is_table() {
            return self.read_table(bytes, hints);
        }
        let mut spec = self.format.spec.clone();
        spec.header_charset = hints.charset();
        let mut document = match format::read(bytes, &spec) {
            Ok(document) => document,
            Err(problems) => return Reading::refused(problems),
        };
        let mut problems = std::mem::take(&mut document.problems);
        problems.extend(unwrap::all(&mut document.tree, &self.unwrap, self.format.names, &spec));
        substitution::apply(&mut document.tree, &hints.substitutions);
        let mut run = Run::new(self, &document.tree);
        let sound = problems.iter().all(|it| it.severity != Severity::Error);
        run.problems.extend(problems.into_iter().map(|it| (0, it)));
        if !sound {
            return run.finish(Outcome::Refused);
        }
        let outcome = run.message();
        run.finish(outcome)
    }
}

impl<'r, 't> Run<'r, 't> {
    pub fn new(mapping: &'r Mapping, tree: &'r Tree<'t>) -> Self {
        let filled = Filled::new(tree, &mapping.places, mapping.format.names, !mapping.unwrap.is_empty());
        Self {
            mapping,
            tree,
            filled,
            problems: Vec::new(),
            told: BTreeSet::new(),
            claims: Vec::new(),
            keys: Vec::new(),
            number: None,
            unit: 0,
        }
    }

    /// Reads all records; the outcome is still without the verdicts.
    fn message(&mut self) -> Outcome {
        let mapping = self.mapping;
        if let Some(problem) = self.expired() {
            self.problems.push((0, problem));
            return Outcome::Refused;
        }
        if self.all_hold(&mapping.not_found) {
            return Outcome::NotFound;
        }
        for check in &mapping.accept {
            if !self.holds(check, 0) {
                let problem = self.status_problem(check, 0, codes::MESSAGE_STATUS);
                self.problems.push((0, problem));
            }
        }
        if self.problems.iter().any(|(_, it)| it.severity == Severity::Error) {
            return Outcome::Refused;
        }
        self.records();
        if self.claims.is_empty() && self.problems.iter().all(|(_, it)| it.severity != Severity::Error) {
            return self.nothing();
        }
        Outcome::Accepted
    }

    pub fn records(&mut self) {
        let mapping = self.mapping;
        for record in &mapping.records {
            for n in 0..self.filled.all_rows(record.frame).len() {
                if let Some(row) = self.filled.all_rows(record.frame).get(n).copied() {
                    self.record(record, row);
                }
            }
        }
    }

    fn record(&mut self, plan: &RecordPlan, row: u32) {
        self.unit = plan.unit.map_or(0, |levels| self.filled.up(row, levels));
        if !plan.when.iter().all(|it| self.holds(it, row)) {
            return;
        }
        for check in &plan.accept {
            if !self.holds(check, row) {
                let problem = self.status_problem(check, row, codes::MESSAGE_ROW_STATUS);
                self.problem(problem);
                return;
            }
        }
        let before = self.problems.len();
        let row_path = self.known_path(row);
        let mut fields = Vec::with_capacity(plan.fields.len());
        let mut from_message = false;
        let mut key: Vec<Option<String>> = vec![None; plan.key.len()];
        for (n, field) in plan.fields.iter().enumerate() {
            let Some(got) = self.field(plan, field, row) else { continue };
            from_message |= matches!(got, Got { node: Some(_), .. });
            if let Some(at) = plan.key.iter().position(|it| *it == n)
                && let Some(slot) = key.get_mut(at)
            {
                *slot = Some(got.value.key_text());
            }
            let spot = self.spot_of(&got, field, row_path.as_ref());
            fields.push(ReadField { field: field.field.id, value: got.value, spot });
        }
        if !from_message && self.problems.len() == before {
            // Nothing at all was said: an optional record that is not there.
            return;
        }
        self.check_required(plan, row, &fields);
        let Some(key) = key.into_iter().collect::<Option<Vec<_>>>() else {
            self.missing_key(plan, row, &fields);
            return;
        };
        self.keys.push((self.unit, format!("{}:{}", plan.name, key.join("|"))));
        let number = self.row_number();
        self.claims.push((self.unit, Claim { kind: plan.kind, fields, row: number }));
    }

    fn row_number(&self) -> Option<u32> {
        if self.number.is_some() {
            return self.number;
        }
        let frame = self.filled.opened.get(self.unit as usize)?.frame;
        if self.unit == 0 {
            return None;
        }
        let n = self.filled.all_rows(frame).binary_search(&self.unit).ok()?;
        u32::try_from(n + 1).ok()
    }

    fn check_required(&mut self, plan: &RecordPlan, row: u32, found: &[ReadField]) {
        for field in plan.fields.iter().filter(|it| it.required) {
            if found.iter().any(|it| it.field == field.field.id) {
                continue;
            }
            let known = format!("{}.{}", plan.name, field.field.name);
            if self.is_told(&known) {
                continue;
            }
            let place = self.expected_place(field, row);
            let problem = Problem::error(
                value::REQUIRED,
                format!("缺少{}，这一项必填。", field.field.title),
                "补上这一项后重发。",
            );
            self.problem(problem.at(place).of_field(known));
        }
    }

    fn missing_key(&mut self, plan: &RecordPlan, row: u32, found: &[ReadField]) {
        for field in plan.key.iter().filter_map(|it| plan.fields.get(*it)) {
            let known = format!("{}.{}", plan.name, field.field.name);
            if self.is_told(&known) || found.iter().any(|it| it.field == field.field.id) {
                continue;
            }
            let place = self.expected_place(field, row);
            let problem = Problem::error(
                codes::MESSAGE_KEY,
                format!("{}是空的，认不出这是哪一条{}。", field.field.title, plan.title),
                "补上这一项后重发。",
            );
            self.problem(problem.at(place).of_field(known));
        }
    }

    /// Whether an error in this field of the unit at hand was found before.
    fn is_told(&self, field: &str) -> bool {
        self.told.contains(&(self.unit, field.to_owned()))
    }

    pub fn problem(&mut self, problem: Problem) {
        if let (Severity::Error, Some(field)) = (problem.severity, &problem.field) {
            self.told.insert((self.unit, field.clone()));
        }
        self.problems.push((self.unit, problem));
    }

    /// Whether there are conditions on the message and all of them hold.
    fn all_hold(&self, checks: &[Check]) -> bool {
        !checks.is_empty() && checks.iter().all(|it| self.holds(it, 0))
    }

    /// What to say when the partner says that a token or key is no longer valid: not a fault of the message.
    fn expired(&self) -> Option<Problem> {
        // The last condition is the innermost status, the one that says it.
        let last = self.mapping.expired.last().filter(|_| self.all_hold(&self.mapping.expired))?;
        let problem = self.status_problem(last, 0, codes::MESSAGE_EXPIRED);
        Some(Problem {
            hint: "换新的访问凭证后重试，报文本身不必改。".to_owned(), ..problem
        })
    }

    /// Whether a condition holds for a row.
    pub fn holds(&self, check: &Check, row: u32) -> bool {
        match check {
            Check::Any(inner) => inner.iter().any(|it| self.holds(it, row)),
            Check::At { key, trial, .. } => {
                let said = self.said(*key, row);
                match trial {
                    Trial::Is(words) => words.iter().any(|it| it == said),
                    Trial::Not(words) => words.iter().all(|it| it != said),
                    Trial::Contains(words) => words.iter().any(|it| said.contains(it.as_str())),
                    Trial::Empty(empty) => {
                        let nothing = said.is_empty() || self.mapping.nulls.iter().any(|it| it == said);
                        nothing == *empty
                    }
                }
            }
        }
    }

    /// The text a condition looks at; empty when there is none.
    fn said(&self, key: SlotKey, row: u32) -> &'r str {
        match self.filled.first(&self.mapping.places, key, row).map(|it| raw(self.tree, it)) {
            Some(Raw::Text(text)) => text,
            _ => "",
        }
    }

    fn status_problem(&self, check: &Check, row: u32, code: crate::error::Code) -> Problem {
        let (key, message) = match check {
            Check::At { key, message, .. } => (Some(*key), message.as_slice()),
            Check::Any(inner) => match inner.first() {
                Some(Check::At { key, message, .. }) => (Some(*key), message.as_slice()),
                _ => (None, &[][..]),
            },
        };
        let reasons: Vec<&str> =
            message.iter().map(|it| self.said(*it, row)).filter(|it| !it.is_empty()).collect();
        let said = key.map_or("", |it| self.said(it, row));
        let what = key.map_or_else(String::new, |it| super::path::show(self.mapping.places.path(it)));
        let rule = if said.is_empty() {
            format!("来文没有状态 {what}，不能确认是成功的返回。")
        } else if reasons.is_empty() {
            format!("来文报告没有成功（{what} 是“{said}”）。")
        } else {
            format!("来文报告没有成功（{what} 是“{said}”）：{}", reasons.join("；"))
        };
        let place = key
            .and_then(|it| self.filled.first(&self.mapping.places, it, row))
            .or_else(|| self.filled.opened.get(row as usize).map(|it| it.node))
            .map_or_else(Place::default, |it| self.tree.place(it));
        Problem::error(code, rule, "由发送单位按返回信息处理后重发。").at(place).showing(said)
    }

    /// The path of a row from which those of its values follow; none where names may be spelled or repeated otherwise
    /// than in the mapping.
    fn known_path(&self, row: u32) -> Option<Arc<str>> {
        let plain = self.filled.single()
            && self.number.is_none()
            && self.mapping.unwrap.is_empty()
            && self.mapping.format.names == Names::default();
        let node = self.filled.opened.get(row as usize)?.node;
        let path = plain.then(|| self.tree.path(node))?;
        Some(if path == "/" { Arc::default() } else { path.into() })
    }

    fn spot_of(&self, got: &Got, field: &FieldPlan, row_path: Option<&Arc<str>>) -> Spot {
        match got.node {
            Some(node) => match (row_path, &field.suffix) {
                (Some(row), Some(rest)) => Spot::along(row.clone(), rest.clone(), &self.tree.range(node)),
                _ => self.tree.place(node).into(),
            },
            // A constant or default: the line of the mapping file that says so.
            None => {
                let path = format!("{}:{}", self.mapping.file, field.line);
                Place { path, line: Some(field.line), ..Place::default() }.into()
            }
        }
    }

    /// Where a missing value would stand.
    fn expected_place(&self, field: &FieldPlan, row: u32) -> Place {
        let opened = self.filled.opened.get(row as usize);
        let node = opened.map_or_else(|| self.tree.root(), |it| it.node);
        let mut place = self.tree.place(node);
        let frame = opened.and_then(|it| self.mapping.places.frame(it.frame));
        if let (Some(key), Some(frame)) = (field.origin.keys().first().copied(), frame) {
            let full = self.mapping.places.path(key);
            match full.strip_prefix(frame.path.as_slice()) {
                Some(rest) if self.tree.kind(node) != Kind::Array => {
                    if place.path == "/" {
                        place.path.clear();
                    }
                    place.path.push_str(&super::path::show(rest));
                }
                _ => place.path = super::path::show(full),
            }
        }
        place
    }

    /// Nothing was read and nothing is wrong: an empty list, or another message than this mapping is for.
    fn nothing(&mut self) -> Outcome {
        let wanted = self.mapping.records.iter().map(|it| it.frame).chain(self.mapping.unit);
        let mut paths: Vec<_> =
            wanted.filter_map(|it| self.mapping.places.frame(it)).map(|it| &it.path).collect();
        paths.sort_by_key(|it| it.len());
        let Some(path) = paths.first() else { return Outcome::Refused };
        let (found, missing) = unwrap::reach(self.tree, path, self.mapping.format.names);
        let problem = match missing {
            Some(step) => Problem::error(
                codes::MESSAGE_ROOT,
                format!("报文里没有 {}：{} 下没有 {step}。", super::path::show(path), self.shown(found)),
                "核对发来的是否为本接口的报文，外层结构是否与接口文档一致。",
            ),
            None if self.mapping.unit.is_some_and(|it| self.filled.all_rows(it).is_empty()) => {
                return Outcome::NotFound;
            }
            None => Problem::error(
                codes::MESSAGE_EMPTY,
                "报文里没有可以接收的记录。",
                "核对报文内容是否为空，或种类与本接口不符。",
            ),
        };
        self.problems.push((0, problem.at(self.tree.place(found))));
        Outcome::Refused
    }

    fn shown(&self, node: NodeId) -> String {
        let path = self.tree.path(node);
        if path.is_empty() { "报文最上层".to_owned() } else { path }
    }
}
