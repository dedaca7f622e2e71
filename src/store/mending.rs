//! Decisions over messages in quarantine: what is read otherwise, how far it has come.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use serde::Serialize;

use super::conn::Conn;
use super::fixed::IsQuarantined;
use super::types::{Instant, Json, MendingId, MessageId, PartnerId};
use super::words::MendingState;
use crate::error::{Error, Result, codes};
use crate::schema::{mending, message};

/// Messages that wait for the same reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// Sender.
    pub partner: PartnerId,
    /// Name of the message.
    pub name: String,
    /// First error code.
    pub cause: Option<String>,
}

/// One decision over a group.
#[derive(
    Debug, Clone, PartialEq, Queryable, Selectable, Insertable, AsChangeset, Identifiable, Serialize,
)]
#[diesel(table_name = mending, treat_none_as_default_value = false, treat_none_as_null = true)]
pub struct Mending {
    /// Its id.
    pub id: MendingId,
    /// Sender.
    pub partner: PartnerId,
    /// Name of the message.
    pub name: String,
    /// First error code.
    pub cause: Option<String>,
    /// Values read otherwise, JSON list; empty when the messages are run through the present mapping as they are.
    pub substitutions: Json,
    /// Why.
    pub note: String,
    /// Where it stands.
    pub state: MendingState,
    /// The last message that was run; what follows it is still to do.
    pub after_id: String,
    /// The last message of the group when the decision was made: what comes later is not part of it.
    pub until_id: MessageId,
    /// Messages of the group when the decision was made.
    pub total: i32,
    /// Messages that were accepted, some with single rows refused.
    pub accepted: i32,
    /// Messages that still wait.
    pub refused: i32,
    /// Messages that somebody else dealt with meanwhile.
    pub skipped: i32,
    /// Who decided.
    pub created_by: String,
    /// When.
    pub created_at: Instant,
    /// Last change.
    pub updated_at: Instant,
    /// When it came to its end.
    pub finished_at: Option<Instant>,
}

impl Mending {
    /// Messages that were run or passed over.
    #[must_use]
    pub fn settled(&self) -> i32 {
        self.accepted + self.refused + self.skipped
    }

    /// The messages it is over.
    #[must_use]
    pub fn group(&self) -> Group {
        Group { partner: self.partner.clone(), name: self.name.clone(), cause: self.cause.clone() }
    }
}

/// Adds a decision.
pub fn insert_mending(conn: &mut Conn, row: &Mending) -> Result<()> {
    diesel::insert_into(mending::table).values(row).execute(conn)?;
    Ok(())
}

/// Writes a decision that is held, see [`hold_mending`].
pub fn save_mending(conn: &mut Conn, row: &Mending, now: DateTime<Utc>) -> Result<()> {
    let next = Mending { updated_at: now.into(), ..row.clone() };
    diesel::update(mending::table.find(row.id.clone())).set(&next).execute(conn)?;
    Ok(())
}

/// A decision that must exist.
pub fn get_mending(conn: &mut Conn, id: &MendingId) -> Result<Mending> {
    let found: Option<Mending> =
        mending::table.find(id).select(Mending::as_select()).get_result(conn).optional()?;
    found.ok_or_else(|| Error::new(codes::record::NOT_FOUND, format!("没有编号为“{id}”的集中处理。")))
}

/// The same, held until the transaction ends. A write transaction on SQLite is alone anyway.
pub fn hold_mending(conn: &mut Conn, id: &MendingId) -> Result<Mending> {
    if let Conn::Postgres(conn) = conn {
        mending::table.find(id).select(mending::id).for_update().execute(conn)?;
    }
    get_mending(conn, id)
}

/// Decisions over a group, newest first.
pub fn list_mendings(conn: &mut Conn, group: &Group, limit: i64) -> Result<Vec<Mending>> {
    let mut query = mending::table
        .filter(mending::partner.eq(&group.partner))
        .filter(mending::name.eq(&group.name))
        .into_boxed();
    query = match &group.cause {
        Some(cause) => query.filter(mending::cause.eq(cause)),
        None => query.filter(mending::cause.is_null()),
    };
    Ok(query.order(mending::id.desc()).limit(limit).select(Mending::as_select()).load(conn)?)
}

/// Ids of the group's waiting messages after `after`, in the order they came, at most `limit`.
pub fn list_group(conn: &mut Conn, group: &Group, after: &str, limit: i64) -> Result<Vec<MessageId>> {
    let query = of_group(group).filter(message::id.gt(after));
    Ok(query.order(message::id).limit(limit).select(message::id).load(conn)?)
}

/// How many messages of the group wait, and the last of them.
pub fn count_group(conn: &mut Conn, group: &Group) -> Result<(i64, Option<MessageId>)> {
    let count = of_group(group).count().get_result(conn)?;
    let last: Option<MessageId> =
        of_group(group).order(message::id.desc()).select(message::id).first(conn).optional()?;
    Ok((count, last))
}

fn of_group(group: &Group) -> message::BoxedQuery<'_, super::conn::MultiBackend> {
    let query = message::table
        .into_boxed()
        .filter(message::partner.eq(&group.partner))
        .filter(message::name.eq(&group.name))
        .filter(IsQuarantined);
    match &group.cause {
        Some(cause) => query.filter(message::cause.eq(cause)),
        None => query.filter(message::cause.is_null()),
    }
}
