//! Who did what to which object. Rows are only ever added; each carries the SM3 of its content and of the row before it,
//! so that a row that was altered or taken out shows.
//!
//! On PostgreSQL there are several chains ("lanes"), one for each group of connections, because the head of a chain stays
//! locked until its transaction ends and intake in many processes must not wait for one lock. SQLite has one writer, so one lane.

use chrono::{DateTime, Utc};
use diesel::backend::Backend;
use diesel::prelude::*;
use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::serialize::ToSql;
use diesel::sql_types::{BigInt, HasSqlType, Integer, Text};
use serde::Serialize;

use super::conn::Conn;
use super::types::{Instant, Json, Listed, Page};
use crate::crypto;
use crate::error::{Error, Result};
use crate::schema::{audit, audit_head};

diesel::define_sql_function! {
    /// The server process behind a PostgreSQL connection.
    fn pg_backend_pid() -> diesel::sql_types::Integer;
}

diesel::define_sql_function! {
    /// Remainder.
    #[sql_name = "mod"]
    fn remainder(of: diesel::sql_types::Integer, by: diesel::sql_types::Integer) -> diesel::sql_types::Integer;
}

/// An entry as stored.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable, Insertable, Serialize)]
#[diesel(table_name = audit, treat_none_as_default_value = false)]
pub struct Audit {
    /// Chain it belongs to.
    pub lane: i32,
    /// Place in the chain, from 1.
    pub seq: i64,
    /// When.
    pub at: Instant,
    /// Account, partner or `system`.
    pub actor: String,
    /// What was done, dotted (`message.accepted`).
    pub action: String,
    /// Kind of the object.
    pub object_kind: String,
    /// Id of the object.
    pub object_id: String,
    /// Particulars, JSON.
    pub detail: Json,
    /// Trace id of the request.
    pub trace_id: Option<String>,
    /// Hash of the row before.
    pub prev_hash: String,
    /// SM3 of the row, hex; see [`Audit::digest`].
    pub hash: String,
}

impl Audit {
    /// What `hash` must be: SM3 over the row before and every column, each led by its length so that no two contents
    /// read alike.
    pub fn digest(&self) -> Result<String> {
        let mut text = Vec::new();
        let (lane, seq, at) = (self.lane.to_string(), self.seq.to_string(), self.at.to_string());
        let trace = self.trace_id.as_deref().unwrap_or_default();
        let parts: [&str; 10] = [
            &self.prev_hash,
            &lane,
            &seq,
            &at,
            &self.actor,
            &self.action,
            &self.object_kind,
            &self.object_id,
            self.detail.as_str(),
            trace,
        ];
        for part in parts {
            text.extend_from_slice(part.len().to_string().as_bytes());
            text.push(b':');
            text.extend_from_slice(part.as_bytes());
        }
        crypto::sm3_hex(&text)
    }
}

/// An entry to be added.
#[derive(Debug, Clone, Copy)]
pub struct NewAudit<'a> {
    /// Account, partner or `system`.
    pub actor: &'a str,
    /// What was done, dotted (`message.accepted`).
    pub action: &'a str,
    /// Kind of the object.
    pub object_kind: &'a str,
    /// Id of the object.
    pub object_id: &'a str,
    /// Particulars, without personal data.
    pub detail: &'a serde_json::Value,
    /// Trace id of the request.
    pub trace_id: Option<&'a str>,
}

/// Adds an entry to a chain, in the transaction of the deed it tells of.
pub fn append_audit(conn: &mut Conn, new: &NewAudit<'_>, now: DateTime<Utc>) -> Result<()> {
    let (lane, seq, prev_hash) = advance_head(conn)?;
    let mut row = Audit {
        lane,
        seq,
        at: now.into(),
        actor: new.actor.to_owned(),
        action: new.action.to_owned(),
        object_kind: new.object_kind.to_owned(),
        object_id: new.object_id.to_owned(),
        detail: Json::of(new.detail)?,
        trace_id: new.trace_id.map(str::to_owned),
        prev_hash,
        hash: String::new(),
    };
    row.hash = row.digest()?;
    diesel::insert_into(audit::table).values(&row).execute(conn)?;
    MoveHead { lane, seq, hash: &row.hash }.execute(conn)?;
    Ok(())
}

/// The next place in this connection's lane and the hash before it; [`MoveHead`] takes it. The head stays locked until the
/// transaction ends: a write transaction on SQLite is alone, PostgreSQL locks the row.
fn advance_head(conn: &mut Conn) -> Result<(i32, i64, String)> {
    let head = (audit_head::lane, audit_head::seq, audit_head::hash);
    let found: Option<(i32, i64, String)> = match conn {
        Conn::Sqlite(c) => audit_head::table.find(0).select(head).get_result(c).optional(),
        Conn::Postgres(c) => {
            let mine = audit_head::lane.eq(remainder(pg_backend_pid(), LANES));
            audit_head::table.filter(mine).select(head).for_update().get_result(c).optional()
        }
    }?;
    let (lane, seq, hash) = found.ok_or_else(|| Error::internal("audit_head holds no row for this lane"))?;
    Ok((lane, seq + 1, hash))
}

/// Puts the head of a lane on a new entry. Written out because diesel prepares an update anew every time, and every deed
/// of the hub makes this one.
struct MoveHead<'a> {
    lane: i32,
    seq: i64,
    hash: &'a str,
}

impl QueryId for MoveHead<'_> {
    type QueryId = MoveHead<'static>;

    const HAS_STATIC_QUERY_ID: bool = true;
}

impl<DB> QueryFragment<DB> for MoveHead<'_>
where
    DB: Backend,
    i32: ToSql<Integer, DB>,
    i64: ToSql<BigInt, DB>,
    str: ToSql<Text, DB>,
    DB: HasSqlType<Integer> + HasSqlType<BigInt> + HasSqlType<Text>,
{
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        out.push_sql("UPDATE audit_head SET seq = ");
        out.push_bind_param::<BigInt, _>(&self.seq)?;
        out.push_sql(", hash = ");
        out.push_bind_param::<Text, str>(self.hash)?;
        out.push_sql(" WHERE lane = ");
        out.push_bind_param::<Integer, _>(&self.lane)
    }
}

impl<C> RunQueryDsl<C> for MoveHead<'_> {}

/// Lanes on PostgreSQL; the migration makes a head for each.
const LANES: i32 = 16;

/// Which entries a list shows; empty fields do not restrict.
#[derive(Debug, Clone, Default)]
pub struct AuditFilter {
    /// Who.
    pub actor: Option<String>,
    /// What, or the beginning of it (`document.`).
    pub action: Option<String>,
    /// Kind of the object.
    pub object_kind: Option<String>,
    /// The object.
    pub object_id: Option<String>,
    /// At or after.
    pub since: Option<DateTime<Utc>>,
    /// Before.
    pub until: Option<DateTime<Utc>>,
}

impl AuditFilter {
    fn query(&self) -> audit::BoxedQuery<'_, super::conn::MultiBackend> {
        let mut query = audit::table.into_boxed();
        if let Some(actor) = &self.actor {
            query = query.filter(audit::actor.eq(actor));
        }
        if let Some(action) = &self.action {
            query = query.filter(audit::action.like(format!("{action}%")));
        }
        if let Some(kind) = &self.object_kind {
            query = query.filter(audit::object_kind.eq(kind));
        }
        if let Some(id) = &self.object_id {
            query = query.filter(audit::object_id.eq(id));
        }
        if let Some(since) = self.since {
            query = query.filter(audit::at.ge(Instant::from(since)));
        }
        if let Some(until) = self.until {
            query = query.filter(audit::at.lt(Instant::from(until)));
        }
        query
    }
}

/// Entries, newest first.
pub fn list_audit(conn: &mut Conn, filter: &AuditFilter, page: Page) -> Result<Listed<Audit>> {
    let total = filter.query().count().get_result(conn)?;
    let rows = filter
        .query()
        .order((audit::at.desc(), audit::lane, audit::seq.desc()))
        .limit(page.limit())
        .offset(page.offset())
        .select(Audit::as_select())
        .load(conn)?;
    Ok(Listed { rows, total })
}

/// Entries of one lane after a place, in order, at most `limit`: for walking a chain without holding it.
pub fn walk_audit(conn: &mut Conn, lane: i32, after: i64, limit: i64) -> Result<Vec<Audit>> {
    Ok(audit::table
        .filter(audit::lane.eq(lane))
        .filter(audit::seq.gt(after))
        .order(audit::seq)
        .limit(limit)
        .select(Audit::as_select())
        .load(conn)?)
}

/// Where each chain ends: lane, last place, last hash.
pub fn list_audit_heads(conn: &mut Conn) -> Result<Vec<(i32, i64, String)>> {
    Ok(audit_head::table
        .order(audit_head::lane)
        .select((audit_head::lane, audit_head::seq, audit_head::hash))
        .load(conn)?)
}
