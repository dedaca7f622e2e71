//! Change rows: which record became which version, and which fields moved.
//!
//! `seq` grows, but on PostgreSQL two transactions may commit in the other order. Who must not miss a change reads by
//! position (`feed`); this table answers "what happened to this record".

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use serde::Serialize;

use super::conn::Conn;
use super::types::{Instant, Json, MessageId, RecordId};
use crate::error::Result;
use crate::schema::change;

/// One change of one record.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable, Serialize)]
#[diesel(table_name = change)]
pub struct Change {
    /// Position among all changes.
    pub seq: i64,
    /// The record.
    pub record_id: RecordId,
    /// Its kind.
    pub kind: String,
    /// Version it became.
    pub version: i32,
    /// Its division.
    pub division: Option<String>,
    /// Message that led to it.
    pub message_id: Option<MessageId>,
    /// Names of the fields that moved, JSON list.
    pub fields: Json,
    /// When.
    pub at: Instant,
}

/// A change to be noted.
#[derive(Debug, Clone, Copy)]
pub struct NewChange<'a> {
    /// The record.
    pub record: &'a RecordId,
    /// Its kind.
    pub kind: &'a str,
    /// Version it became.
    pub version: i32,
    /// Its division.
    pub division: Option<&'a str>,
    /// Message that led to it.
    pub message: Option<&'a MessageId>,
    /// Names of the fields that moved.
    pub fields: &'a [String],
}

/// Notes a change.
pub fn insert_change(conn: &mut Conn, new: &NewChange<'_>, now: DateTime<Utc>) -> Result<()> {
    diesel::insert_into(change::table)
        .values((
            change::record_id.eq(new.record),
            change::kind.eq(new.kind),
            change::version.eq(new.version),
            change::division.eq(new.division),
            change::message_id.eq(new.message),
            change::fields.eq(Json::of(new.fields)?),
            change::at.eq(Instant::from(now)),
        ))
        .execute(conn)?;
    Ok(())
}

/// Changes of one record, newest first.
pub fn list_changes_of(conn: &mut Conn, of: &RecordId) -> Result<Vec<Change>> {
    Ok(change::table
        .filter(change::record_id.eq(of))
        .order(change::seq.desc())
        .select(Change::as_select())
        .load(conn)?)
}
