//! The feed: committed changes in an order that never changes behind a reader's back.
//!
//! A change row is written without a position, in the transaction that makes the change; it is its own place in the queue.
//! A numberer gives positions to rows whose transactions have committed, under the lock of `feed_head`. Hence:
//!
//! * no reader ever sees position n before every position below n (numberers commit one after another, without gaps);
//! * the versions of one record are numbered in order, because a version is only made from the committed one before it.
//!
//! Whoever reads "after n" in order of position can therefore keep n as its cursor and misses nothing.

use diesel::prelude::*;
use diesel::sql_types::BigInt;

use super::change::Change;
use super::conn::Conn;
use super::fixed::IsUnnumbered;
use crate::error::Result;
use crate::schema::{change, feed_head};

/// Positions for rows in order of `seq`, which is the order of versions within a record.
const NUMBER: &str = "UPDATE change SET position = numbered.position FROM (SELECT waiting.seq AS seq, \
    $1 + ROW_NUMBER() OVER (ORDER BY waiting.seq) AS position FROM \
    (SELECT seq FROM change WHERE position IS NULL ORDER BY seq LIMIT $2) AS waiting) AS numbered \
    WHERE change.seq = numbered.seq";

/// A change with its place in the feed.
#[derive(Debug, Clone, PartialEq)]
pub struct FeedItem {
    /// Its place; the cursor of who has read up to it.
    pub position: i64,
    /// The change.
    pub change: Change,
}

/// Gives positions to committed changes that have none, at most `limit`; how many. In a write transaction of its own.
pub fn number_changes(conn: &mut Conn, limit: i64) -> Result<i64> {
    // Locks the row on PostgreSQL: the next numberer waits for our commit and reads the head we leave.
    diesel::update(feed_head::table).set(feed_head::position.eq(feed_head::position)).execute(conn)?;
    let head = find_feed_head(conn)?;
    let numbered =
        diesel::sql_query(NUMBER).bind::<BigInt, _>(head).bind::<BigInt, _>(limit).execute(conn)?;
    let numbered = i64::try_from(numbered).unwrap_or_default();
    if numbered > 0 {
        diesel::update(feed_head::table).set(feed_head::position.eq(head + numbered)).execute(conn)?;
    }
    Ok(numbered)
}

/// Whether any committed change has no position yet.
pub fn is_unnumbered(conn: &mut Conn) -> Result<bool> {
    Ok(diesel::select(diesel::dsl::exists(change::table.filter(IsUnnumbered))).get_result(conn)?)
}

/// The last position given.
pub fn find_feed_head(conn: &mut Conn) -> Result<i64> {
    Ok(feed_head::table.select(feed_head::position).get_result(conn)?)
}

/// Changes of a kind after a position and up to another, in order, at most `limit`.
pub fn list_feed(conn: &mut Conn, kind: &str, after: i64, upto: i64, limit: i64) -> Result<Vec<FeedItem>> {
    let rows: Vec<(Option<i64>, Change)> = change::table
        .filter(change::kind.eq(kind))
        .filter(change::position.gt(after).assume_not_null())
        .filter(change::position.le(upto).assume_not_null())
        .order(change::position)
        .limit(limit)
        .select((change::position, Change::as_select()))
        .load(conn)?;
    Ok(rows
        .into_iter()
        .filter_map(|(position, change)| Some(FeedItem { position: position?, change }))
        .collect())
}
