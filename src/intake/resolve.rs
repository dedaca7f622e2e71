//! Which real thing each claim is about: known by a business key, new, or not to be told. Only reads.

use std::collections::{BTreeMap, BTreeSet};

use super::read::{Statement, no_key};
use crate::error::{Error, Problem, Result, codes};
use crate::model::{KindId, Schema};
use crate::store::{
    Conn, Record, RecordId, RecordKey, StoredClaim, find_record_by_keys, get_record, load_claims,
};

/// One real thing the message speaks of.
#[derive(Debug)]
pub(super) struct Thing {
    /// None when it is new.
    pub before: Option<Record>,
    /// Its current claims.
    pub older: Vec<StoredClaim>,
    pub kind: KindId,
    /// Statements of the message about it, in order.
    pub statements: Vec<usize>,
    /// Every key the statements give.
    pub keys: Vec<RecordKey>,
}

/// The things of a message, and the rows that could not be resolved with their problems.
#[derive(Debug, Default)]
pub(super) struct Resolved {
    pub things: Vec<Thing>,
    pub refused: BTreeSet<Option<u32>>,
    pub problems: Vec<(usize, Problem)>,
}

/// Names the thing a key belongs to within this message.
type Index = BTreeMap<(KindId, RecordKey), usize>;

/// Resolves all statements but those of rows refused before.
pub(super) fn resolve(
    conn: &mut Conn,
    schema: &Schema,
    statements: &[Statement],
    refused: &BTreeSet<Option<u32>>,
) -> Result<Resolved> {
    let mut found = Resolved::default();
    let mut index = Index::new();
    for (n, statement) in statements.iter().enumerate() {
        if refused.contains(&statement.claim.row) {
            continue;
        }
        match place(conn, schema, statement, &index, &found.things) {
            Ok(target) => {
                let at = join(&mut found.things, target, statement, n);
                for key in &statement.keys {
                    index.insert((statement.claim.kind, key.clone()), at);
                }
            }
            Err(error) if error.code == codes::record::AMBIGUOUS_KEY || !error.problems.is_empty() => {
                found.refused.insert(statement.claim.row);
                found.problems.extend(told(error, statement).into_iter().map(|problem| (n, problem)));
            }
            Err(error) => return Err(error),
        }
    }
    Ok(found)
}

/// Where a statement belongs.
enum Target {
    /// A thing of this message.
    Known(usize),
    /// A record of the store.
    Stored(Box<Record>, Vec<StoredClaim>),
    New,
}

fn place(
    conn: &mut Conn,
    schema: &Schema,
    statement: &Statement,
    index: &Index,
    things: &[Thing],
) -> Result<Target> {
    let kind = schema
        .kind_at(statement.claim.kind)
        .ok_or_else(|| Error::internal("a claim of a kind that is not in the model"))?;
    if statement.keys.is_empty() {
        let problem = no_key(kind, statement);
        return Err(Error::new(problem.code, problem.rule.clone()).with_problems(vec![problem]));
    }
    let here: BTreeSet<usize> = statement
        .keys
        .iter()
        .filter_map(|key| index.get(&(statement.claim.kind, key.clone())).copied())
        .collect();
    let stored = find_record_by_keys(conn, &kind.name, &statement.keys)?;
    let mut here = here.into_iter();
    match (here.next(), here.next(), stored) {
        (Some(_), Some(_), _) => Err(ambiguous(&kind.title)),
        (Some(at), None, None) => Ok(Target::Known(at)),
        (Some(at), None, Some(id)) => match things.get(at).and_then(|thing| thing.before.as_ref()) {
            Some(before) if before.id == id => Ok(Target::Known(at)),
            _ => Err(ambiguous(&kind.title)),
        },
        (None, _, Some(id)) => load(conn, &id, things),
        (None, _, None) => Ok(Target::New),
    }
}

fn load(conn: &mut Conn, id: &RecordId, things: &[Thing]) -> Result<Target> {
    let known = things.iter().position(|thing| thing.before.as_ref().is_some_and(|it| it.id == *id));
    if let Some(at) = known {
        return Ok(Target::Known(at));
    }
    let record = get_record(conn, id)?;
    let older = load_claims(conn, id)?;
    Ok(Target::Stored(Box::new(record), older))
}

fn join(things: &mut Vec<Thing>, target: Target, statement: &Statement, n: usize) -> usize {
    let at = match target {
        Target::Known(at) => at,
        Target::Stored(record, older) => {
            things.push(Thing::new(Some(*record), older, statement.claim.kind));
            things.len() - 1
        }
        Target::New => {
            things.push(Thing::new(None, Vec::new(), statement.claim.kind));
            things.len() - 1
        }
    };
    if let Some(thing) = things.get_mut(at) {
        thing.statements.push(n);
        let fresh: Vec<RecordKey> =
            statement.keys.iter().filter(|key| !thing.keys.contains(key)).cloned().collect();
        thing.keys.extend(fresh);
    }
    at
}

impl Thing {
    fn new(before: Option<Record>, older: Vec<StoredClaim>, kind: KindId) -> Self {
        Self { before, older, kind, statements: Vec::new(), keys: Vec::new() }
    }
}

fn ambiguous(title: &str) -> Error {
    Error::new(codes::record::AMBIGUOUS_KEY, format!("这条{title}的几个业务键分别指向不同的记录。"))
}

fn told(error: Error, statement: &Statement) -> Vec<Problem> {
    if !error.problems.is_empty() {
        return error.problems;
    }
    let keys: Vec<&str> = statement.keys.iter().map(|key| key.value.as_str()).collect();
    let problem = Problem::error(
        error.code,
        error.detail,
        "核对这些业务键是否属于同一对象；确属同一对象的，请联系中枢管理员合并记录。",
    )
    .showing(&keys.join("、"));
    vec![match statement.claim.fields.first() {
        Some(first) => problem.at(first.place.clone()),
        None => problem,
    }]
}
