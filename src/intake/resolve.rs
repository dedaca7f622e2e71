//! Which real thing each claim is about: known by a business key, new, or not to be told. Only reads.

use std::collections::{BTreeMap, BTreeSet};

use super::read::{Statement, Target, no_key};
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

/// Refuses rows with a link that must not wait and whose target neither is in the store nor comes in this message.
pub(super) fn check_links(
    conn: &mut Conn,
    schema: &Schema,
    statements: &[Statement],
    refused: &BTreeSet<Option<u32>>,
) -> Result<Resolved> {
    let mut found = Resolved::default();
    let open = || statements.iter().filter(|it| !refused.contains(&it.claim.row));
    for (n, statement) in statements.iter().enumerate().filter(|(_, it)| !refused.contains(&it.claim.row)) {
        for (at, target) in &statement.needed {
            let here = open().any(|it| {
                let kind = schema.kind_at(it.claim.kind);
                kind.is_some_and(|kind| kind.name == target.kind) && it.keys.contains(&target.key)
            });
            if here || find_record_by_keys(conn, &target.kind, std::slice::from_ref(&target.key))?.is_some() {
                continue;
            }
            found.refused.insert(statement.claim.row);
            found.problems.push((n, no_target(schema, statement, *at, target)));
        }
    }
    Ok(found)
}

fn no_target(schema: &Schema, statement: &Statement, at: usize, target: &Target) -> Problem {
    let title = schema.kind(&target.kind).map_or(target.kind.as_str(), |kind| kind.title.as_str());
    let problem = Problem::error(
        codes::record::BROKEN_LINK,
        format!("引用的{title}尚未到达中枢，这种报文不收等不到对方的记录。"),
        format!("先发送该{title}，或核对编号后重发。"),
    )
    .showing(&target.key.value);
    match statement.claim.fields.get(at) {
        Some(field) => problem.at(field.spot.place()),
        None => problem,
    }
}

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
            Ok(home) => {
                let at = join(&mut found.things, home, statement, n);
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
enum Home {
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
) -> Result<Home> {
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
        (Some(at), None, None) => Ok(Home::Known(at)),
        (Some(at), None, Some(id)) => match things.get(at).and_then(|thing| thing.before.as_ref()) {
            Some(before) if before.id == id => Ok(Home::Known(at)),
            _ => Err(ambiguous(&kind.title)),
        },
        (None, _, Some(id)) => load(conn, &id, things),
        (None, _, None) => Ok(Home::New),
    }
}

fn load(conn: &mut Conn, id: &RecordId, things: &[Thing]) -> Result<Home> {
    let known = things.iter().position(|thing| thing.before.as_ref().is_some_and(|it| it.id == *id));
    if let Some(at) = known {
        return Ok(Home::Known(at));
    }
    let record = get_record(conn, id)?;
    let older = load_claims(conn, id)?;
    Ok(Home::Stored(Box::new(record), older))
}

fn join(things: &mut Vec<Thing>, home: Home, statement: &Statement, n: usize) -> usize {
    let at = match home {
        Home::Known(at) => at,
        Home::Stored(record, older) => {
            things.push(Thing::new(Some(*record), older, statement.claim.kind));
            things.len() - 1
        }
        Home::New => {
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
        Some(first) => problem.at(first.spot.place()),
        None => problem,
    }]
}
