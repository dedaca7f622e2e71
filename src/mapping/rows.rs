//! CSV and XLSX row by row: nothing is kept but the row at hand, so a file of any length is read in constant memory.

use std::io::{Cursor, Read, Seek};

use super::Mapping;
use super::read::Run;
use super::reading::{Hints, Outcome, Reading, RowVerdict};
use super::substitution::{self, Substitution};
use super::trie::SlotKey;
use crate::error::codes::mapping as codes;
use crate::error::{Place, Problem, Severity};
use crate::format::{Rows, Table};
use crate::model::Claim;

/// A table opened with a mapping. Memory: see [`crate::format::Table`].
pub struct MappedTable<'m, R> {
    mapping: &'m Mapping,
    table: Table<R>,
    substitutions: Vec<Substitution>,
}

/// The rows of a table, each read as it comes.
pub struct MappedRows<'t, R: Read + Seek> {
    mapping: &'t Mapping,
    rows: Rows<'t, R>,
    substitutions: &'t [Substitution],
}

/// What one row says.
#[derive(Debug, Clone, PartialEq)]
pub struct RowReading {
    /// Its number as a spreadsheet shows it.
    pub number: u32,
    /// Where it stands.
    pub place: Place,
    /// What it claims; empty when the row is refused or blank.
    pub claims: Vec<Claim>,
    /// What is wrong with it.
    pub problems: Vec<Problem>,
    /// Business keys of the records read from it, `kind:key`.
    pub keys: Vec<String>,
    /// Whether it is accepted.
    pub accepted: bool,
}

impl Mapping {
    /// Whether the message is a table, to be read with [`Mapping::read_rows`].
    #[must_use]
    pub fn is_table(&self) -> bool {
        super::compile::is_table(self.format.spec.format)
    }

    /// Whether the message is a form, name by name.
    #[must_use]
    pub fn is_form(&self) -> bool {
        self.format.spec.format == crate::format::Format::Form
    }

    /// Opens a CSV or XLSX file for reading row by row.
    ///
    /// # Errors
    /// It is not such a file.
    pub fn read_rows<R: Read + Seek>(
        &self,
        reader: R,
        hints: &Hints,
    ) -> Result<MappedTable<'_, R>, Vec<Problem>> {
        let mut spec = self.format.spec.clone();
        spec.header_charset = hints.charset();
        let table = Table::open(reader, &spec)?;
        Ok(MappedTable { mapping: self, table, substitutions: hints.substitutions.clone() })
    }

    /// A whole table at once, for messages small enough to be held.
    pub(super) fn read_table(&self, bytes: &[u8], hints: &Hints) -> Reading {
        let mut table = match self.read_rows(Cursor::new(bytes), hints) {
            Ok(table) => table,
            Err(problems) => return Reading::refused(problems),
        };
        let mut rows = match table.rows() {
            Ok(rows) => rows,
            Err(problems) => return Reading::refused(problems),
        };
        let mut reading = Reading { outcome: Outcome::Accepted, ..Reading::refused(Vec::new()) };
        reading.problems.extend(rows.missing_columns());
        if reading.errors().next().is_some() {
            reading.outcome = Outcome::Refused;
            return reading;
        }
        for row in rows.by_ref() {
            match row {
                Ok(row) => take(&mut reading, row),
                Err(problem) => {
                    reading.problems.push(problem);
                    reading.outcome = Outcome::Refused;
                }
            }
        }
        reading.problems.extend(rows.warnings());
        judge(&mut reading, self.whole);
        reading
    }
}

impl<R: Read + Seek> MappedTable<'_, R> {
    /// Reads the header and gives the rows. To be called once.
    ///
    /// # Errors
    /// There is no header where the mapping says, or the file is damaged before it.
    pub fn rows(&mut self) -> Result<MappedRows<'_, R>, Vec<Problem>> {
        let rows = self.table.rows()?;
        Ok(MappedRows { mapping: self.mapping, rows, substitutions: &self.substitutions })
    }
}

impl<R: Read + Seek> MappedRows<'_, R> {
    /// Findings about the table as a whole; complete once the rows are read to their end.
    #[must_use]
    pub fn warnings(&self) -> Vec<Problem> {
        self.rows.warnings()
    }

    /// Columns that the mapping asks for and the header lacks: an error where a row cannot do without, else a warning.
    #[must_use]
    pub fn missing_columns(&self) -> Vec<Problem> {
        let names = self.mapping.format.names;
        let has = |wanted: &str| self.rows.columns().any(|it| names.same(wanted, it));
        let mut found = Vec::new();
        for record in &self.mapping.records {
            for (n, field) in record.fields.iter().enumerate() {
                let columns: Vec<&str> =
                    field.origin.keys().iter().filter_map(|it| self.column(*it)).collect();
                if columns.is_empty() || columns.iter().any(|it| has(it)) {
                    continue;
                }
                let needed = field.required || record.key.contains(&n);
                let new = if needed { Problem::error } else { Problem::warning };
                let rule = format!("表头没有“{}”这一列（{}）。", columns.join("”“"), field.field.title);
                let hint = "核对表头的文字和所在的行；列名要与接口文档一致。";
                found.push(
                    new(codes::MESSAGE_ROOT, rule, hint.to_owned())
                        .of_field(format!("{}.{}", record.name, field.field.name)),
                );
            }
        }
        found
    }

    /// Titles of columns that the mapping never looks at.
    pub(super) fn unread_columns(&self) -> Vec<String> {
        let names = self.mapping.format.names;
        let ignored: Vec<String> = self.mapping.ignore.iter().map(|it| super::path::show(it)).collect();
        self.rows
            .columns()
            .filter(|title| !title.is_empty() && !self.mapping.columns().any(|it| names.same(it, title)))
            .filter(|title| !ignored.iter().any(|it| it.trim_start_matches('/') == *title))
            .map(str::to_owned)
            .collect()
    }

    fn column(&self, key: SlotKey) -> Option<&str> {
        self.mapping.places.path(key).last()?.name.as_deref()
    }
}

impl<R: Read + Seek> Iterator for MappedRows<'_, R> {
    type Item = Result<RowReading, Problem>;

    fn next(&mut self) -> Option<Self::Item> {
        let mut row = match self.rows.next()? {
            Ok(row) => row,
            Err(problem) => return Some(Err(problem)),
        };
        substitution::apply(&mut row.tree, self.substitutions);
        let mut run = Run::new(self.mapping, &row.tree);
        run.number = Some(row.number);
        run.problems.extend(row.problems.into_iter().map(|it| (0, it)));
        run.records();
        let problems: Vec<Problem> = run.problems.into_iter().map(|it| it.1).collect();
        let accepted = problems.iter().all(|it| it.severity != Severity::Error);
        let claims = if accepted { run.claims.into_iter().map(|it| it.1).collect() } else { Vec::new() };
        let keys = run.keys.into_iter().map(|it| it.1).collect();
        let place = row.tree.place(row.tree.root());
        Some(Ok(RowReading { number: row.number, place, claims, problems, keys, accepted }))
    }
}

/// Adds a row to a reading of the whole.
fn take(reading: &mut Reading, row: RowReading) {
    if row.claims.is_empty() && row.problems.is_empty() {
        return;
    }
    let first = reading.problems.len();
    reading.problems.extend(row.problems);
    reading.rows.push(RowVerdict {
        row: row.number,
        place: row.place,
        keys: row.keys,
        accepted: row.accepted,
        problems: (first..reading.problems.len()).collect(),
    });
    reading.claims.extend(row.claims);
}

fn judge(reading: &mut Reading, whole: bool) {
    let refused = reading.rows.iter().filter(|it| !it.accepted).count();
    if reading.outcome == Outcome::Refused || (whole && refused > 0) {
        reading.rows.iter_mut().for_each(|it| it.accepted = false);
        reading.claims.clear();
        reading.outcome = Outcome::Refused;
        return;
    }
    reading.outcome = match (refused, reading.rows.len()) {
        (_, 0) => Outcome::NotFound,
        (0, _) => Outcome::Accepted,
        (n, all) if n == all => Outcome::Refused,
        _ => Outcome::Partial,
    };
}
