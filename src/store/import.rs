//! How far the import of a bulk file is: parts stored, rows done, what they came to.

use diesel::dsl::{count, max};
use diesel::prelude::*;
use serde::Serialize;

use super::conn::Conn;
use super::types::MessageId;
use super::words::MessageState;
use crate::error::{Error, Result, codes};
use crate::schema::{change, claim, message, message_part, message_row};

/// How many parts of a bulk file's bytes are stored; they are stored in order, so this is also the number of the next.
pub fn count_message_parts(conn: &mut Conn, of: &MessageId) -> Result<i32> {
    let last: Option<i32> = message_part::table
        .filter(message_part::message_id.eq(of))
        .select(max(message_part::n))
        .get_result(conn)?;
    Ok(last.map_or(0, |n| n + 1))
}

/// Moves the mark "rows done" of an import from one row to a later one, in the transaction that stores the rows between.
/// The mark stands in `record_count` until the import is finished.
///
/// # Errors
/// [`codes::record::STALE`] when another process moved it: two imports of one file at the same time.
pub fn advance_import(conn: &mut Conn, of: &MessageId, from: i32, to: i32) -> Result<()> {
    let as_read = message::table.find(of).filter(message::record_count.eq(from));
    if diesel::update(as_read).set(message::record_count.eq(to)).execute(conn)? == 1 {
        return Ok(());
    }
    Err(Error::new(codes::record::STALE, "另一个进程正在导入同一个文件，本次导入已停下。"))
}

/// What a bulk file came to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct ImportTotals {
    /// Rows taken.
    pub accepted: i64,
    /// Rows refused.
    pub refused: i64,
    /// Records that were new.
    pub created: i64,
    /// New versions of records there were.
    pub updated: i64,
}

/// Counts what a bulk file came to so far, from what is stored.
pub fn count_import(conn: &mut Conn, of: &MessageId) -> Result<ImportTotals> {
    let accepted = claim::table
        .filter(claim::message_id.eq(of))
        .select(count(claim::row).aggregate_distinct())
        .get_result(conn)?;
    let refused = message_row::table
        .filter(message_row::message_id.eq(of))
        .filter(message_row::state.eq(MessageState::Refused))
        .count()
        .get_result(conn)?;
    let changes = || change::table.filter(change::message_id.eq(of));
    let created = changes().filter(change::version.eq(1)).count().get_result(conn)?;
    let updated = changes().filter(change::version.gt(1)).count().get_result(conn)?;
    Ok(ImportTotals { accepted, refused, created, updated })
}
