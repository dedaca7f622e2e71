//! Records: one per real thing, found by its business keys, kept in every version it ever had.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::result::{DatabaseErrorKind, Error as DbError};
use serde::Serialize;
use serde_json::{Map, Value};

use super::conn::{Conn, race};
use super::types::{ClaimId, Instant, Json, Listed, MessageId, Page, RecordId};
use crate::error::{Error, Result, codes};
pub use crate::model::BusinessKey as RecordKey;
use crate::schema::{record, record_key, record_search, record_version};

/// A record as it stands now.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable, Insertable, Identifiable, Serialize)]
#[diesel(table_name = record, treat_none_as_default_value = false)]
pub struct Record {
    /// Its id.
    pub id: RecordId,
    /// Kind, a file of the model.
    pub kind: String,
    /// What lists call it.
    pub title: String,
    /// Administrative division it belongs to.
    pub division: Option<String>,
    /// Grows by one when the body changes.
    pub version: i32,
    /// Grows whenever a claim was weighed.
    pub revision: i32,
    /// Canonical body, JSON object.
    pub body: Json,
    /// Claim behind every field; read it with [`Sources::read`].
    pub sources: Json,
    /// Message that made this version.
    pub message_id: Option<MessageId>,
    /// When the first version was made.
    pub created_at: Instant,
    /// When this version was made.
    pub valid_from: Instant,
    /// When a claim was last weighed.
    pub updated_at: Instant,
}

impl Record {
    /// The body as a map of fields.
    pub fn fields(&self) -> Result<Map<String, Value>> {
        self.body.read()
    }
}

/// Which claim each field of a body was taken from. Stored with every claim named once.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Sources(pub BTreeMap<String, ClaimId>);

impl Sources {
    fn pack(&self) -> Result<Json> {
        let mut claims: Vec<&ClaimId> = Vec::new();
        let mut fields: Map<String, Value> = Map::new();
        for (field, claim) in &self.0 {
            let at = claims.iter().position(|it| *it == claim).unwrap_or_else(|| {
                claims.push(claim);
                claims.len() - 1
            });
            fields.insert(field.clone(), Value::from(at));
        }
        Json::of(&serde_json::json!({ "claims": claims, "fields": fields }))
    }

    /// Reads the `sources` column of a record or a version.
    pub fn read(stored: &Json) -> Result<Self> {
        #[derive(serde::Deserialize)]
        struct Packed {
            claims: Vec<ClaimId>,
            fields: BTreeMap<String, usize>,
        }
        let Packed { claims, fields } = stored.read()?;
        Ok(Self(
            fields.into_iter().filter_map(|(field, at)| Some((field, claims.get(at)?.clone()))).collect(),
        ))
    }
}

/// A record as it stood at some past instant.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PastRecord {
    /// Its id.
    pub id: RecordId,
    /// Its kind.
    pub kind: String,
    /// What lists called it.
    pub title: String,
    /// Administrative division it belonged to.
    pub division: Option<String>,
    /// Version that held then.
    pub version: i32,
    /// Canonical body, JSON object.
    pub body: Json,
    /// Claim behind every field.
    pub sources: Json,
    /// Message that made the version.
    pub message_id: Option<MessageId>,
    /// When the version was made.
    pub valid_from: Instant,
    /// When the next one was made; none for the current one.
    pub valid_to: Option<Instant>,
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = record_version, treat_none_as_default_value = false)]
struct Version {
    record_id: RecordId,
    version: i32,
    title: String,
    division: Option<String>,
    body: Json,
    sources: Json,
    message_id: Option<MessageId>,
    valid_from: Instant,
    valid_to: Instant,
}

/// The record any of the keys belongs to. Keys that belong to different records are an error:
/// [`codes::record::AMBIGUOUS_KEY`].
pub fn find_record_by_keys(conn: &mut Conn, kind: &str, keys: &[RecordKey]) -> Result<Option<RecordId>> {
    let mut found: Option<(RecordId, &RecordKey)> = None;
    for key in keys {
        let id: Option<RecordId> = record_key::table
            .find((kind, &key.name, &key.value))
            .select(record_key::record_id)
            .get_result(conn)
            .optional()?;
        match (&found, id) {
            (Some((first, by)), Some(second)) if *first != second => {
                return Err(Error::new(
                    codes::record::AMBIGUOUS_KEY,
                    format!(
                        "{}“{}”与{}“{}”指向两条不同的记录（{first}、{second}）。",
                        by.name, by.value, key.name, key.value
                    ),
                ));
            }
            (None, Some(id)) => found = Some((id, key)),
            _ => {}
        }
    }
    Ok(found.map(|(id, _)| id))
}

/// The record a key of its kind belongs to, with its body.
pub fn find_record_by_key(conn: &mut Conn, kind: &str, name: &str, value: &str) -> Result<Option<Record>> {
    Ok(record_key::table
        .inner_join(record::table)
        .filter(record_key::kind.eq(kind).and(record_key::name.eq(name)).and(record_key::value.eq(value)))
        .select(Record::as_select())
        .get_result(conn)
        .optional()?)
}

/// A record by its id.
pub fn find_record(conn: &mut Conn, id: &RecordId) -> Result<Option<Record>> {
    Ok(record::table.find(id).select(Record::as_select()).get_result(conn).optional()?)
}

/// A record that must exist.
pub fn get_record(conn: &mut Conn, id: &RecordId) -> Result<Record> {
    find_record(conn, id)?
        .ok_or_else(|| Error::new(codes::record::NOT_FOUND, format!("没有编号为“{id}”的记录。")))
}

/// The business keys of a record.
pub fn list_record_keys(conn: &mut Conn, of: &RecordId) -> Result<Vec<RecordKey>> {
    let rows: Vec<(String, String)> = record_key::table
        .filter(record_key::record_id.eq(of))
        .order((record_key::name, record_key::value))
        .select((record_key::name, record_key::value))
        .load(conn)?;
    Ok(rows.into_iter().map(|(name, value)| RecordKey { name, value }).collect())
}

/// What a record is to become after its claims were weighed.
#[derive(Debug, Clone)]
pub struct Weighed<'a> {
    /// The record; a fresh id for a new one.
    pub id: &'a RecordId,
    /// The record as it was read in this transaction; none for a new one.
    pub before: Option<&'a Record>,
    /// Kind.
    pub kind: &'a str,
    /// What lists call it.
    pub title: &'a str,
    /// Administrative division.
    pub division: Option<&'a str>,
    /// Merged body.
    pub body: &'a Map<String, Value>,
    /// Claim behind every field of the body.
    pub sources: &'a Sources,
    /// Business keys; those it had before are kept.
    pub keys: &'a [RecordKey],
    /// What a search finds it by: keys, names, addresses, lower case and half width.
    pub search: &'a str,
    /// Message that led to it.
    pub message: Option<&'a MessageId>,
}

/// What saving did.
#[derive(Debug, Clone, PartialEq)]
pub struct Saved {
    /// Version that holds now.
    pub version: i32,
    /// Whether the record is new.
    pub created: bool,
    /// Fields whose value is new, changed or gone; empty when the body is as before.
    pub changed: Vec<String>,
}

/// Saves a weighed record: body, sources, keys, search text and, when the body changed, the version it replaces.
///
/// Another process that weighed the same record in between makes the whole transaction run again.
pub fn save_record(conn: &mut Conn, new: &Weighed<'_>, now: DateTime<Utc>) -> Result<Saved> {
    match new.before {
        None => create(conn, new, now),
        Some(before) => update(conn, new, before, now),
    }
}

fn create(conn: &mut Conn, new: &Weighed<'_>, now: DateTime<Utc>) -> Result<Saved> {
    let at = Instant::from(now);
    let row = Record {
        id: new.id.clone(),
        kind: new.kind.to_owned(),
        title: new.title.to_owned(),
        division: new.division.map(str::to_owned),
        version: 1,
        revision: 1,
        body: Json::of(new.body)?,
        sources: new.sources.pack()?,
        message_id: new.message.cloned(),
        created_at: at,
        valid_from: at,
        updated_at: at,
    };
    diesel::insert_into(record::table).values(&row).execute(conn)?;
    diesel::insert_into(record_search::table).values(&search_row(new, at)).execute(conn)?;
    insert_keys(conn, new, &[])?;
    Ok(Saved { version: 1, created: true, changed: new.body.keys().cloned().collect() })
}

fn update(conn: &mut Conn, new: &Weighed<'_>, before: &Record, now: DateTime<Utc>) -> Result<Saved> {
    let at = Instant::from(now);
    let changed = changed_fields(&before.fields()?, new.body);
    let version = if changed.is_empty() { before.version } else { before.version + 1 };
    let as_read = record::table.find(&before.id).filter(record::revision.eq(before.revision));
    let sources = new.sources.pack()?;
    let n = if changed.is_empty() {
        diesel::update(as_read)
            .set((
                record::revision.eq(before.revision + 1),
                record::title.eq(new.title),
                record::division.eq(new.division),
                record::sources.eq(&sources),
                record::updated_at.eq(at),
            ))
            .execute(conn)?
    } else {
        diesel::update(as_read)
            .set((
                record::revision.eq(before.revision + 1),
                record::version.eq(version),
                record::title.eq(new.title),
                record::division.eq(new.division),
                record::body.eq(Json::of(new.body)?),
                record::sources.eq(&sources),
                record::message_id.eq(new.message),
                record::valid_from.eq(at),
                record::updated_at.eq(at),
            ))
            .execute(conn)?
    };
    if n == 0 {
        return Err(race(format!("record {} was weighed by somebody else", before.id)));
    }
    if !changed.is_empty() {
        insert_version(conn, before, at)?;
        diesel::update(record_search::table.find(new.id)).set(search_row(new, at)).execute(conn)?;
    }
    let had = list_record_keys(conn, new.id)?;
    insert_keys(conn, new, &had)?;
    Ok(Saved { version, created: false, changed })
}

fn changed_fields(before: &Map<String, Value>, after: &Map<String, Value>) -> Vec<String> {
    let touched =
        after.iter().filter(|(field, value)| before.get(*field) != Some(value)).map(|(field, _)| field);
    let gone = before.keys().filter(|field| !after.contains_key(*field));
    touched.chain(gone).cloned().collect()
}

fn insert_version(conn: &mut Conn, old: &Record, valid_to: Instant) -> Result<()> {
    let row = Version {
        record_id: old.id.clone(),
        version: old.version,
        title: old.title.clone(),
        division: old.division.clone(),
        body: old.body.clone(),
        sources: old.sources.clone(),
        message_id: old.message_id.clone(),
        valid_from: old.valid_from,
        valid_to,
    };
    diesel::insert_into(record_version::table).values(&row).execute(conn)?;
    Ok(())
}

#[derive(Insertable, AsChangeset)]
#[diesel(table_name = record_search, treat_none_as_default_value = false, treat_none_as_null = true)]
struct SearchRow<'a> {
    record_id: &'a RecordId,
    kind: &'a str,
    division: Option<&'a str>,
    updated_at: Instant,
    text: &'a str,
}

fn search_row<'a>(new: &Weighed<'a>, updated_at: Instant) -> SearchRow<'a> {
    SearchRow { record_id: new.id, kind: new.kind, division: new.division, updated_at, text: new.search }
}

/// Adds the keys the record did not have. A key that another record took a moment ago makes the transaction run again,
/// which then finds that record.
fn insert_keys(conn: &mut Conn, new: &Weighed<'_>, had: &[RecordKey]) -> Result<()> {
    for key in new.keys.iter().filter(|key| !had.contains(key)) {
        let inserted = diesel::insert_into(record_key::table)
            .values((
                record_key::kind.eq(new.kind),
                record_key::name.eq(&key.name),
                record_key::value.eq(&key.value),
                record_key::record_id.eq(new.id),
            ))
            .execute(conn);
        match inserted {
            Ok(_) => {}
            Err(error @ DbError::DatabaseError(DatabaseErrorKind::UniqueViolation, _)) => {
                return Err(race(format!("key {} {} was taken: {error}", key.name, key.value)));
            }
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}

/// The record as it stood at an instant; none when it did not exist yet.
pub fn find_record_at(conn: &mut Conn, id: &RecordId, at: DateTime<Utc>) -> Result<Option<PastRecord>> {
    let Some(now) = find_record(conn, id)? else { return Ok(None) };
    let at = Instant::from(at);
    if now.valid_from <= at {
        return Ok(Some(current_version(now)));
    }
    let old: Option<Version> = record_version::table
        .filter(record_version::record_id.eq(id))
        .filter(record_version::valid_from.le(at))
        .order(record_version::version.desc())
        .select(Version::as_select())
        .first(conn)
        .optional()?;
    Ok(old.map(|it| past_version(it, &now.kind)))
}

/// Every version of a record, newest first.
pub fn list_versions(conn: &mut Conn, id: &RecordId) -> Result<Vec<PastRecord>> {
    let now = get_record(conn, id)?;
    let kind = now.kind.clone();
    let old: Vec<Version> = record_version::table
        .filter(record_version::record_id.eq(id))
        .order(record_version::version.desc())
        .select(Version::as_select())
        .load(conn)?;
    Ok(std::iter::once(current_version(now))
        .chain(old.into_iter().map(|it| past_version(it, &kind)))
        .collect())
}

/// Given versions of given records, at most as many as are asked for; those that do not exist are left out.
pub fn load_versions(conn: &mut Conn, wanted: &[(RecordId, i32)]) -> Result<Vec<PastRecord>> {
    let ids: Vec<RecordId> = wanted.iter().map(|(id, _)| id.clone()).collect();
    let mut found = Vec::with_capacity(wanted.len());
    for now in load_records(conn, &ids)? {
        let version = |at: i32| record_version::table.find((&now.id, at));
        for (_, at) in wanted.iter().filter(|(id, at)| *id == now.id && *at != now.version) {
            let old: Option<Version> =
                version(*at).select(Version::as_select()).get_result(conn).optional()?;
            found.extend(old.map(|it| past_version(it, &now.kind)));
        }
        if wanted.iter().any(|(id, at)| *id == now.id && *at == now.version) {
            found.push(current_version(now));
        }
    }
    Ok(found)
}

fn current_version(now: Record) -> PastRecord {
    PastRecord {
        id: now.id,
        kind: now.kind,
        title: now.title,
        division: now.division,
        version: now.version,
        body: now.body,
        sources: now.sources,
        message_id: now.message_id,
        valid_from: now.valid_from,
        valid_to: None,
    }
}

fn past_version(old: Version, kind: &str) -> PastRecord {
    PastRecord {
        id: old.record_id,
        kind: kind.to_owned(),
        title: old.title,
        division: old.division,
        version: old.version,
        body: old.body,
        sources: old.sources,
        message_id: old.message_id,
        valid_from: old.valid_from,
        valid_to: Some(old.valid_to),
    }
}

/// Which records a list shows; empty fields do not restrict.
#[derive(Debug, Clone, Default)]
pub struct RecordFilter {
    /// Kind.
    pub kind: Option<String>,
    /// Division, or the beginning of one (`3304` shows the whole city).
    pub division: Option<String>,
    /// Words, all of which must stand in the search text.
    pub text: Option<String>,
}

impl RecordFilter {
    fn query(&self) -> record_search::BoxedQuery<'_, super::conn::MultiBackend> {
        let mut query = record_search::table.into_boxed();
        if let Some(kind) = &self.kind {
            query = query.filter(record_search::kind.eq(kind));
        }
        if let Some(division) = &self.division {
            query = query.filter(record_search::division.like(format!("{division}%")));
        }
        for word in self.text.iter().flat_map(|text| text.split_whitespace()) {
            let pattern = super::types::containing(&word.to_lowercase());
            query = query.filter(record_search::text.like(pattern).escape('\\'));
        }
        query
    }
}

/// Records, last changed first.
pub fn list_records(conn: &mut Conn, filter: &RecordFilter, page: Page) -> Result<Listed<Record>> {
    let total = filter.query().count().get_result(conn)?;
    let ids: Vec<RecordId> = filter
        .query()
        .order((record_search::updated_at.desc(), record_search::record_id.desc()))
        .limit(page.limit())
        .offset(page.offset())
        .select(record_search::record_id)
        .load(conn)?;
    Ok(Listed { rows: load_records(conn, &ids)?, total })
}

/// Records by id, in the order of the ids; those that do not exist are left out.
pub fn load_records(conn: &mut Conn, ids: &[RecordId]) -> Result<Vec<Record>> {
    let rows: Vec<Record> =
        record::table.filter(record::id.eq_any(ids)).select(Record::as_select()).load(conn)?;
    let mut by_id: BTreeMap<RecordId, Record> = rows.into_iter().map(|row| (row.id.clone(), row)).collect();
    Ok(ids.iter().filter_map(|id| by_id.remove(id)).collect())
}

/// The records of a kind after `after`, in order of id, at most `limit`: for walking over all without holding them.
pub fn walk_records(
    conn: &mut Conn,
    kind: &str,
    after: Option<&RecordId>,
    limit: i64,
) -> Result<Vec<Record>> {
    let mut query = record::table.filter(record::kind.eq(kind)).into_boxed();
    if let Some(after) = after {
        query = query.filter(record::id.gt(after));
    }
    Ok(query.order(record::id).limit(limit).select(Record::as_select()).load(conn)?)
}

/// How many records there are of each kind.
pub fn count_records(conn: &mut Conn) -> Result<Vec<(String, i64)>> {
    Ok(record::table
        .group_by(record::kind)
        .order(record::kind)
        .select((record::kind, diesel::dsl::count_star()))
        .load(conn)?)
}
