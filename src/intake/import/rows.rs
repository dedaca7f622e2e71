//! A batch of rows: read outside the transaction, resolved, weighed and saved inside it.

use std::collections::BTreeSet;

use super::RowOutcome;
use crate::error::Result;
use crate::intake::plan::{Plan, plan};
use crate::intake::read::{Statement, statement};
use crate::intake::save::save;
use crate::intake::weigh::Stamp;
use crate::mapping::{Mapping, RowReading};
use crate::model::Schema;
use crate::store::{Conn, Message};

/// Rows of one file, a few hundred at a time.
pub(super) struct Batch {
    stamp: Stamp,
    statements: Vec<Statement>,
    outcomes: Vec<RowOutcome>,
}

impl Batch {
    pub fn new(mapping: &Mapping, message: &Message) -> Self {
        let stamp = Stamp {
            message_id: message.id.clone(),
            partner: message.partner.clone(),
            department: mapping.department.clone(),
            mapping: mapping.label(),
            division: None,
            at: message.received_at.utc(),
        };
        Self { stamp, statements: Vec::new(), outcomes: Vec::new() }
    }

    /// Rows in it.
    pub fn len(&self) -> usize {
        self.outcomes.len()
    }

    pub fn push(&mut self, schema: &Schema, mapping: &Mapping, row: RowReading) {
        for mut claim in row.claims {
            claim.row = Some(row.number);
            self.statements.extend(statement(schema, mapping, claim));
        }
        self.outcomes.push(RowOutcome {
            row: row.number,
            accepted: row.accepted,
            keys: row.keys,
            problems: row.problems,
        });
    }

    /// What would become of the rows; only reads.
    pub fn judge(&self, conn: &mut Conn, schema: &Schema) -> Result<Vec<RowOutcome>> {
        let plan = plan(conn, schema, &self.statements, &self.stamp, false)?;
        Ok(self.verdicts(&plan))
    }

    /// The last row.
    pub fn last(&self) -> i32 {
        self.outcomes.last().map_or(0, |it| i32::try_from(it.row).unwrap_or(i32::MAX))
    }

    /// Stores the rows and gives their verdicts.
    pub fn store(&self, conn: &mut Conn, schema: &Schema) -> Result<Vec<RowOutcome>> {
        let plan = plan(conn, schema, &self.statements, &self.stamp, false)?;
        for it in &plan.records {
            save(conn, schema, &it.thing, &it.becoming, &self.stamp.message_id, self.stamp.at)?;
        }
        Ok(self.verdicts(&plan))
    }

    fn verdicts(&self, plan: &Plan) -> Vec<RowOutcome> {
        let mut outcomes = self.outcomes.clone();
        let refused: BTreeSet<u32> = plan.refused.iter().copied().flatten().collect();
        for it in outcomes.iter_mut().filter(|it| refused.contains(&it.row)) {
            it.accepted = false;
            let mine = plan.problems.iter().filter(|(n, _)| {
                self.statements.get(*n).is_some_and(|statement| statement.claim.row == Some(it.row))
            });
            it.problems.extend(mine.map(|(_, problem)| problem.clone()));
        }
        outcomes
    }
}
