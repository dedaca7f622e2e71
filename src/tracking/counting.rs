//! Fetches what bound tasks are counted from: each kind of record is read once, however many tasks are bound to it.

use std::collections::{BTreeMap, BTreeSet};

use super::evidence::{Binding, Counted, Side, Things, count};
use super::stored::Task;
use crate::error::Result;
use crate::store::{Conn, Record, walk_records};

/// The records of one kind that some binding looks at: on one of its sides, or only for the names they carry.
struct Wanted<'a> {
    binding: &'a Binding,
    side: Option<&'a Side>,
    named: BTreeSet<usize>,
}

/// For each task, in order, what exchanged data says; none for tasks that are not bound.
pub fn count_evidence(conn: &mut Conn, tasks: &[Task]) -> Result<Vec<Option<Counted>>> {
    let mut by_kind: BTreeMap<&str, Vec<Wanted<'_>>> = BTreeMap::new();
    for binding in tasks.iter().filter_map(|task| task.spec.evidence.as_ref()) {
        let mut want = |kind, side| {
            by_kind.entry(kind).or_default().push(Wanted { binding, side, named: BTreeSet::new() });
        };
        want(&binding.done.kind, Some(&binding.done));
        want(&binding.of.kind, Some(&binding.of));
        if let Some(via) = &binding.via {
            want(via, None);
        }
    }
    let mut things = Things::default();
    for (kind, wanted) in &mut by_kind {
        each_record(conn, kind, |record| {
            let body = record.fields()?;
            for wanted in wanted.iter_mut().filter(|it| it.side.is_none_or(|side| side.takes(&body))) {
                wanted.named.extend(things.add(&wanted.binding.by, &body));
            }
            Ok(())
        })?;
    }
    let named = |side: &Side| {
        let wanted = by_kind.get(side.kind.as_str())?;
        wanted.iter().find(|it| it.side.is_some_and(|it| std::ptr::eq(it, side))).map(|it| &it.named)
    };
    Ok(tasks
        .iter()
        .map(|task| {
            let binding = task.spec.evidence.as_ref()?;
            Some(count(binding, &things, named(&binding.done)?, named(&binding.of)?))
        })
        .collect())
}

/// Walks over the records of a kind. Memory: a thousand at a time.
fn each_record(conn: &mut Conn, kind: &str, mut each: impl FnMut(&Record) -> Result<()>) -> Result<()> {
    const BATCH: usize = 1000;
    let mut after = None;
    loop {
        let records = walk_records(conn, kind, after.as_ref(), BATCH as i64)?;
        records.iter().try_for_each(&mut each)?;
        if records.len() < BATCH {
            return Ok(());
        }
        after = records.last().map(|record| record.id.clone());
    }
}
