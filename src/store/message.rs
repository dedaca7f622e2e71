//! Messages as they were received: kept byte for byte, found again when repeated, grouped when they could not be read.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::result::{DatabaseErrorKind, Error as DbError};
use serde::Serialize;

use super::conn::{Conn, each_backend, race};
use super::fixed::{IsQuarantined, IsStanding};
use super::types::{Instant, Json, Listed, MessageId, Page, PartnerId};
use super::words::MessageState;
use crate::error::{Error, Result, codes};
use crate::schema::{claim, message, message_part, message_row, record_key};

/// A message without its bytes; see [`load_raw`].
#[derive(Debug, Clone, PartialEq, Queryable, Selectable, Insertable, Identifiable, Serialize)]
#[diesel(table_name = message, treat_none_as_default_value = false)]
pub struct Message {
    /// Its id in the hub.
    pub id: MessageId,
    /// Who sent it.
    pub partner: PartnerId,
    /// Name of the message, the folder of its mapping.
    pub name: String,
    /// Version of the mapping that read it; none when none could.
    pub mapping_version: Option<i32>,
    /// The sender's own id of it, found in the message (`BizMsgID`).
    pub message_key: Option<String>,
    /// The sender's `Idempotency-Key`.
    pub idempotency_key: Option<String>,
    /// The key that signed the request; none for imports by a person.
    pub key_id: Option<String>,
    /// SHA-256 of the bytes, hex.
    pub digest: String,
    /// What became of it.
    pub state: MessageState,
    /// First error code (`E3001`) of one that was not accepted: what quarantine is grouped by.
    pub cause: Option<String>,
    /// When it came.
    pub received_at: Instant,
    /// Content type as declared.
    pub content_type: Option<String>,
    /// Charset it was read in.
    pub charset: Option<String>,
    /// Name of the file, for imports.
    pub file_name: Option<String>,
    /// Division it concerns.
    pub division: Option<String>,
    /// Trace id of the request.
    pub trace_id: Option<String>,
    /// Bytes.
    pub size: i64,
    /// Records it made or changed.
    pub record_count: i32,
    /// The receipt the sender got; a repetition gets the same again.
    pub receipt: Json,
    /// Problems found, JSON list.
    pub problems: Json,
    /// The quarantined message this one is a replay of.
    pub replayed_from: Option<MessageId>,
    /// When quarantine ended.
    pub settled_at: Option<Instant>,
    /// Who ended it.
    pub settled_by: Option<String>,
    /// What was said about it.
    pub settled_note: Option<String>,
}

/// What tells a repetition from a new message.
#[derive(Debug, Clone, Copy)]
pub struct Identity<'a> {
    /// Sender.
    pub partner: &'a PartnerId,
    /// Name of the message.
    pub name: &'a str,
    /// The sender's id found inside.
    pub message_key: Option<&'a str>,
    /// The request's `Idempotency-Key`.
    pub idempotency_key: Option<&'a str>,
    /// SHA-256 of the bytes, hex.
    pub digest: &'a str,
}

/// The message this one repeats, if an earlier one stands (was accepted, in part or after mending).
///
/// A refused or quarantined first try does not count, so that it can be sent again. The same idempotency key with other
/// bytes is an error of the sender: [`codes::record::KEY_REUSED`].
pub fn find_repeated(conn: &mut Conn, new: Identity<'_>) -> Result<Option<Message>> {
    let standing = || message::table.filter(message::partner.eq(new.partner)).filter(IsStanding);
    if let Some(key) = new.idempotency_key {
        let found: Option<Message> = standing()
            .filter(message::idempotency_key.eq(key))
            .select(Message::as_select())
            .get_result(conn)
            .optional()?;
        match found {
            Some(found) if found.digest == new.digest && found.name == new.name => return Ok(Some(found)),
            Some(found) => {
                return Err(Error::new(
                    codes::record::KEY_REUSED,
                    format!("幂等键“{key}”已用于 {} 收到的另一份报文（{}）。", found.received_at, found.id),
                ));
            }
            None => {}
        }
    }
    let Some(key) = new.message_key else { return Ok(None) };
    Ok(standing()
        .filter(message::name.eq(new.name))
        .filter(message::message_key.eq(key))
        .filter(message::digest.eq(new.digest))
        .select(Message::as_select())
        .get_result(conn)
        .optional()?)
}

/// The earlier tries of a message that wait in quarantine, oldest first: same sender and name, and the same bytes, the
/// same id of the sender's, or the same idempotency key.
pub fn list_waiting(conn: &mut Conn, new: Identity<'_>) -> Result<Vec<Message>> {
    let waiting = || {
        message::table
            .filter(message::partner.eq(new.partner))
            .filter(message::name.eq(new.name))
            .filter(IsQuarantined)
    };
    // Almost always nothing waits; one look at an index that holds only what does.
    let any: bool = diesel::select(diesel::dsl::exists(waiting())).get_result(conn)?;
    if !any {
        return Ok(Vec::new());
    }
    let mut found: Vec<Message> =
        waiting().filter(message::digest.eq(new.digest)).select(Message::as_select()).load(conn)?;
    if let Some(key) = new.message_key {
        let same: Vec<Message> =
            waiting().filter(message::message_key.eq(key)).select(Message::as_select()).load(conn)?;
        found.extend(same);
    }
    if let Some(key) = new.idempotency_key {
        let same: Vec<Message> =
            waiting().filter(message::idempotency_key.eq(key)).select(Message::as_select()).load(conn)?;
        found.extend(same);
    }
    found.sort_by(|a, b| (a.received_at, &a.id).cmp(&(b.received_at, &b.id)));
    found.dedup_by(|a, b| a.id == b.id);
    Ok(found)
}

/// Stores a message with its bytes (empty when they follow as parts).
///
/// When another process stored the same message a moment ago, the transaction runs again and finds it.
pub fn insert_message(conn: &mut Conn, row: &Message, raw: &[u8]) -> Result<()> {
    match diesel::insert_into(message::table).values((row, message::raw.eq(raw))).execute(conn) {
        Ok(_) => Ok(()),
        Err(error @ DbError::DatabaseError(DatabaseErrorKind::UniqueViolation, _)) => Err(race(error)),
        Err(error) => Err(error.into()),
    }
}

/// Stores the next part of a bulk file's bytes; parts are numbered from 0.
pub fn insert_message_part(conn: &mut Conn, of: &MessageId, n: i32, bytes: &[u8]) -> Result<()> {
    diesel::insert_into(message_part::table)
        .values((message_part::message_id.eq(of), message_part::n.eq(n), message_part::bytes.eq(bytes)))
        .execute(conn)?;
    Ok(())
}

/// A row of a bulk file that was refused or warned about.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable, Insertable, Serialize)]
#[diesel(table_name = message_row)]
pub struct MessageRow {
    /// The file.
    pub message_id: MessageId,
    /// Row as its sender counts it (first data row of a sheet = 2).
    pub row: i32,
    /// What became of it.
    pub state: MessageState,
    /// Problems, JSON list.
    pub problems: Json,
}

/// Stores the verdicts of rows that were not simply accepted.
pub fn insert_message_rows(conn: &mut Conn, rows: &[MessageRow]) -> Result<()> {
    // 4 values a row; SQLite allows 32,766 values a statement.
    for chunk in rows.chunks(500) {
        let chunk: Vec<&MessageRow> = chunk.iter().collect();
        each_backend!(conn => diesel::insert_into(message_row::table).values(chunk).execute(conn))?;
    }
    Ok(())
}

/// Verdicts of a bulk file's rows, in order of row, after `after`, at most `limit`.
pub fn list_message_rows(conn: &mut Conn, of: &MessageId, after: i32, limit: i64) -> Result<Vec<MessageRow>> {
    Ok(message_row::table
        .filter(message_row::message_id.eq(of))
        .filter(message_row::row.gt(after))
        .order(message_row::row)
        .limit(limit)
        .select(MessageRow::as_select())
        .load(conn)?)
}

/// Writes the outcome of a bulk file whose rows were stored before it was known.
pub fn finish_message(conn: &mut Conn, row: &Message) -> Result<()> {
    diesel::update(message::table.find(&row.id))
        .set((
            message::mapping_version.eq(row.mapping_version),
            message::message_key.eq(row.message_key.as_deref()),
            message::digest.eq(&row.digest),
            message::state.eq(row.state),
            message::cause.eq(row.cause.as_deref()),
            message::charset.eq(row.charset.as_deref()),
            message::division.eq(row.division.as_deref()),
            message::size.eq(row.size),
            message::record_count.eq(row.record_count),
            message::receipt.eq(&row.receipt),
            message::problems.eq(&row.problems),
        ))
        .execute(conn)?;
    Ok(())
}

/// Ends the quarantine of a message: replayed with success, or closed by a person. `false` when it had ended before.
pub fn settle_message(
    conn: &mut Conn,
    id: &MessageId,
    state: MessageState,
    by: &str,
    note: &str,
    now: DateTime<Utc>,
) -> Result<bool> {
    let quarantined = message::table.find(id).filter(IsQuarantined);
    let n = diesel::update(quarantined)
        .set((
            message::state.eq(state),
            message::settled_at.eq(Some(Instant::from(now))),
            message::settled_by.eq(Some(by)),
            message::settled_note.eq(Some(note)),
        ))
        .execute(conn)?;
    Ok(n == 1)
}

/// A message by its id.
pub fn find_message(conn: &mut Conn, id: &MessageId) -> Result<Option<Message>> {
    Ok(message::table.find(id).select(Message::as_select()).get_result(conn).optional()?)
}

/// A message that must exist.
pub fn get_message(conn: &mut Conn, id: &MessageId) -> Result<Message> {
    find_message(conn, id)?
        .ok_or_else(|| Error::new(codes::record::NOT_FOUND, format!("没有编号为“{id}”的报文。")))
}

/// The bytes of a message as received. For a bulk file this is the whole file; see [`load_raw_part`] for pieces.
pub fn load_raw(conn: &mut Conn, id: &MessageId) -> Result<Vec<u8>> {
    let mut raw: Vec<u8> = message::table.find(id).select(message::raw).get_result(conn)?;
    let mut n = 0;
    while let Some(part) = load_raw_part(conn, id, n)? {
        raw.extend_from_slice(&part);
        n += 1;
    }
    Ok(raw)
}

/// Part `n` of a bulk file's bytes; none after the last.
pub fn load_raw_part(conn: &mut Conn, id: &MessageId, n: i32) -> Result<Option<Vec<u8>>> {
    Ok(message_part::table.find((id, n)).select(message_part::bytes).get_result(conn).optional()?)
}

/// Which messages a list shows; empty fields do not restrict.
#[derive(Debug, Clone, Default)]
pub struct MessageFilter {
    /// Sender.
    pub partner: Option<PartnerId>,
    /// Name of the message.
    pub name: Option<String>,
    /// What became of it.
    pub state: Option<MessageState>,
    /// First error code.
    pub cause: Option<String>,
    /// Received at or after.
    pub since: Option<DateTime<Utc>>,
    /// Received before.
    pub until: Option<DateTime<Utc>>,
    /// Division, or the beginning of one.
    pub division: Option<String>,
    /// The message's own key, its id, or a business key of a record it touched (whole value).
    pub key: Option<String>,
}

impl MessageFilter {
    fn query(&self) -> message::BoxedQuery<'_, super::conn::MultiBackend> {
        let mut query = message::table.into_boxed();
        if let Some(partner) = &self.partner {
            query = query.filter(message::partner.eq(partner));
        }
        if let Some(name) = &self.name {
            query = query.filter(message::name.eq(name));
        }
        if let Some(state) = self.state {
            query = query.filter(message::state.eq(state));
        }
        if let Some(cause) = &self.cause {
            query = query.filter(message::cause.eq(cause));
        }
        if let Some(since) = self.since {
            query = query.filter(message::received_at.ge(Instant::from(since)));
        }
        if let Some(until) = self.until {
            query = query.filter(message::received_at.lt(Instant::from(until)));
        }
        if let Some(division) = &self.division {
            query = query.filter(message::division.like(format!("{division}%")));
        }
        if let Some(key) = &self.key {
            let touching = claim::table
                .inner_join(record_key::table.on(record_key::record_id.eq(claim::record_id)))
                .filter(record_key::value.eq(key))
                .select(claim::message_id);
            let own = message::message_key.eq(key).assume_not_null();
            query = query.filter(own.or(message::id.eq(key)).or(message::id.eq_any(touching)));
        }
        query
    }
}

/// Messages, newest first.
pub fn list_messages(conn: &mut Conn, filter: &MessageFilter, page: Page) -> Result<Listed<Message>> {
    let total = filter.query().count().get_result(conn)?;
    let rows = filter
        .query()
        .order((message::received_at.desc(), message::id.desc()))
        .limit(page.limit())
        .offset(page.offset())
        .select(Message::as_select())
        .load(conn)?;
    Ok(Listed { rows, total })
}

/// Messages in quarantine that share sender, name and cause.
#[derive(Debug, Clone, PartialEq, Queryable, Serialize)]
pub struct QuarantineGroup {
    /// Sender.
    pub partner: PartnerId,
    /// Name of the message.
    pub name: String,
    /// First error code.
    pub cause: Option<String>,
    /// How many wait.
    pub count: i64,
    /// When the first came.
    pub first_at: Option<Instant>,
    /// When the last came.
    pub last_at: Option<Instant>,
}

/// What waits in quarantine, grouped by cause, largest group first.
pub fn list_quarantine(conn: &mut Conn) -> Result<Vec<QuarantineGroup>> {
    use diesel::dsl::{count_star, max, min};
    let mut groups: Vec<QuarantineGroup> = message::table
        .filter(IsQuarantined)
        .group_by((message::partner, message::name, message::cause))
        .select((
            message::partner,
            message::name,
            message::cause,
            count_star(),
            min(message::received_at),
            max(message::received_at),
        ))
        .load(conn)?;
    groups.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| a.name.cmp(&b.name)));
    Ok(groups)
}

/// How many messages of each partner ended in each state since an instant.
pub fn count_messages(conn: &mut Conn, since: DateTime<Utc>) -> Result<Vec<(PartnerId, MessageState, i64)>> {
    Ok(message::table
        .filter(message::received_at.ge(Instant::from(since)))
        .group_by((message::partner, message::state))
        .select((message::partner, message::state, diesel::dsl::count_star()))
        .load(conn)?)
}
