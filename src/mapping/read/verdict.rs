//! The verdict: which rows are accepted, and how the message ended.

use super::super::reading::{Outcome, Reading, RowVerdict};
use super::{Raw, Run, raw};
use crate::error::Severity;

impl Run<'_, '_> {
    /// Puts the reading together: claims of refused rows are dropped, their problems stay.
    pub(super) fn finish(mut self, outcome: Outcome) -> Reading {
        // In the order of the message, whatever the order of the records in the mapping.
        self.claims.sort_by_key(|it| it.0);
        self.problems.sort_by_key(|it| it.0);
        let message_key = self.message_key();
        let division = self.mapping.division.and_then(|it| self.text_at(it));
        let units = self.units();
        let mut rows = self.verdicts(&units);
        let refused_whole = outcome == Outcome::Refused
            || rows.iter().any(|it| !it.accepted && (it.row == 0 || self.mapping.whole));
        if refused_whole {
            rows.iter_mut().for_each(|it| it.accepted = false);
        }
        let accepted = |unit: &u32| {
            units.binary_search(unit).ok().and_then(|n| rows.get(n)).is_some_and(|it| it.accepted)
        };
        let claims: Vec<_> = std::mem::take(&mut self.claims)
            .into_iter()
            .filter(|(unit, _)| accepted(unit))
            .map(|it| it.1)
            .collect();
        let outcome = match outcome {
            Outcome::Accepted if rows.iter().all(|it| it.accepted) => Outcome::Accepted,
            // A unit without records stands there only for its warnings.
            Outcome::Accepted if rows.iter().any(|it| it.accepted && !it.keys.is_empty()) => Outcome::Partial,
            Outcome::Accepted => Outcome::Refused,
            other => other,
        };
        let problems = self.problems.into_iter().map(|it| it.1).collect();
        Reading { message_key, division, claims, problems, rows, outcome }
    }

    /// Units in order of the message; the place in this list is that of their verdict.
    fn units(&self) -> Vec<u32> {
        let mut units: Vec<u32> =
            self.claims.iter().map(|it| it.0).chain(self.problems.iter().map(|it| it.0)).collect();
        units.sort_unstable();
        units.dedup();
        units
    }

    fn verdicts(&self, units: &[u32]) -> Vec<RowVerdict> {
        let mut rows: Vec<RowVerdict> = units
            .iter()
            .map(|unit| RowVerdict {
                row: self.number_of(*unit),
                place: self
                    .filled
                    .opened
                    .get(*unit as usize)
                    .map_or_else(Default::default, |it| self.tree.place(it.node)),
                keys: Vec::new(),
                accepted: true,
                problems: Vec::new(),
            })
            .collect();
        let place = |unit: &u32| units.binary_search(unit).unwrap_or(usize::MAX);
        for (n, (unit, problem)) in self.problems.iter().enumerate() {
            if let Some(row) = rows.get_mut(place(unit)) {
                row.problems.push(n);
                row.accepted &= problem.severity != Severity::Error;
            }
        }
        for (unit, key) in &self.keys {
            if let Some(row) = rows.get_mut(place(unit)) {
                row.keys.push(key.clone());
            }
        }
        rows
    }

    fn number_of(&self, unit: u32) -> u32 {
        let Some(opened) = self.filled.opened.get(unit as usize) else { return 0 };
        if unit == 0 {
            return 0;
        }
        self.filled
            .all_rows(opened.frame)
            .binary_search(&unit)
            .map_or(0, |n| u32::try_from(n + 1).unwrap_or(0))
    }

    fn message_key(&self) -> Option<String> {
        let parts: Vec<String> = self.mapping.id.iter().filter_map(|it| self.text_at(*it)).collect();
        (!parts.is_empty()).then(|| parts.join("-"))
    }

    fn text_at(&self, key: super::SlotKey) -> Option<String> {
        let node = self.filled.first(&self.mapping.places, key, 0)?;
        match raw(self.tree, node) {
            Raw::Text(text) if !self.mapping.nulls.iter().any(|it| it == text) => Some(text.to_owned()),
            _ => None,
        }
    }
}
