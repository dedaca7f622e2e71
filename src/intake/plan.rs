//! The whole of what a message will do, worked out before the first write: a dry run stops here.

use std::collections::BTreeSet;

use super::read::Statement;
use super::resolve::{Thing, check_links, resolve};
use super::weigh::{Becoming, Stamp, weigh};
use crate::error::{Problem, Result, codes};
use crate::model::Schema;
use crate::store::Conn;

/// One record to be saved.
#[derive(Debug)]
pub(super) struct Planned {
    pub thing: Thing,
    pub becoming: Becoming,
}

/// What a message will do.
#[derive(Debug, Default)]
pub(super) struct Plan {
    pub records: Vec<Planned>,
    /// Rows refused because of what the store holds, beyond those the mapping refused.
    pub refused: BTreeSet<Option<u32>>,
    /// Findings of those rows, each with its statement.
    pub problems: Vec<(usize, Problem)>,
}

/// Resolves and weighs until no further row has to be refused. `whole` refuses everything as soon as one row is.
pub(super) fn plan(
    conn: &mut Conn,
    schema: &Schema,
    statements: &[Statement],
    stamp: &Stamp,
    whole: bool,
) -> Result<Plan> {
    let mut plan = Plan::default();
    loop {
        let links = check_links(conn, schema, statements, &plan.refused)?;
        let resolved = resolve(conn, schema, statements, &plan.refused)?;
        plan.problems.extend(links.problems.into_iter().chain(resolved.problems));
        let mut newly = links.refused;
        newly.extend(resolved.refused);
        let mut records = Vec::with_capacity(resolved.things.len());
        for thing in resolved.things {
            match weigh(conn, schema, &thing, statements, stamp) {
                Ok(becoming) => records.push(Planned { thing, becoming }),
                Err(error) if error.code == codes::record::AMBIGUOUS_KEY => {
                    newly.extend(thing.statements.iter().filter_map(|n| Some(statements.get(*n)?.claim.row)));
                    let n = thing.statements.first().copied().unwrap_or(0);
                    let problem = Problem::error(error.code, error.detail, error.code.info().cure);
                    plan.problems.push((n, problem));
                }
                Err(error) => return Err(error),
            }
        }
        if newly.is_empty() {
            plan.records = records;
            return Ok(plan);
        }
        if whole {
            newly.extend(statements.iter().map(|it| it.claim.row));
        }
        plan.refused.extend(newly);
    }
}
