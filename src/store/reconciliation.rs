//! One span of time with one partner, counted: what it sent and what became of it; the changes that were to go out to it and
//! what became of those.
//!
//! Outgoing changes count for the moment of the change, not for that of the delivery: what changed on a day belongs to that
//! day, however late a partner that was down took it.

use chrono::{DateTime, Utc};
use diesel::dsl::{count_star, max, min, sum};
use diesel::prelude::*;

use super::conn::Conn;
use super::delivery::Delivery;
use super::message::Message;
use super::types::{Instant, PartnerId, SubscriptionId};
use super::words::{DeliveryState, MessageState};
use crate::error::Result;
use crate::schema::{change, delivery, discrepancy, message};

/// From an instant up to, but not including, another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// The first instant.
    pub from: DateTime<Utc>,
    /// The first instant after it.
    pub to: DateTime<Utc>,
}

/// Messages of one name and state.
#[derive(Debug, Clone, PartialEq, Eq, Queryable)]
pub struct CountedMessages {
    /// Name of the message.
    pub name: String,
    /// What became of them.
    pub state: MessageState,
    /// How many.
    pub count: i64,
    /// Records they made or changed.
    pub records: Option<i64>,
}

/// What a partner sent in a span. A replay of a quarantined message is not sent by the partner and does not count; the
/// message it replays then counts as resolved.
pub fn count_messages_of(conn: &mut Conn, partner: &PartnerId, span: Span) -> Result<Vec<CountedMessages>> {
    Ok(message::table
        .filter(message::partner.eq(partner))
        .filter(message::received_at.ge(Instant::from(span.from)))
        .filter(message::received_at.lt(Instant::from(span.to)))
        .filter(message::replayed_from.is_null())
        .group_by((message::name, message::state))
        .order((message::name, message::state))
        .select((message::name, message::state, count_star(), sum(message::record_count)))
        .load(conn)?)
}

/// What a partner sent in a span and was not taken as a whole, oldest first, at most `limit`.
pub fn list_messages_not_taken(
    conn: &mut Conn,
    partner: &PartnerId,
    span: Span,
    limit: i64,
) -> Result<Vec<Message>> {
    use MessageState as S;
    Ok(message::table
        .filter(message::partner.eq(partner))
        .filter(message::received_at.ge(Instant::from(span.from)))
        .filter(message::received_at.lt(Instant::from(span.to)))
        .filter(message::replayed_from.is_null())
        .filter(message::state.eq_any([S::Partial, S::Quarantined, S::Refused]))
        .order((message::received_at, message::id))
        .limit(limit)
        .select(Message::as_select())
        .load(conn)?)
}

/// First and last position of the changes of a span; none when nothing changed. Other changes may lie between them.
pub fn find_positions(conn: &mut Conn, span: Span) -> Result<Option<(i64, i64)>> {
    let (first, last): (Option<i64>, Option<i64>) = change::table
        .filter(change::at.ge(Instant::from(span.from)))
        .filter(change::at.lt(Instant::from(span.to)))
        .select((min(change::position), max(change::position)))
        .get_result(conn)?;
    Ok(first.zip(last))
}

/// What became of the deliveries of a subscription whose changes fell into a span. `between` are the positions of the span:
/// with them the log is read only there, however long it is.
pub fn count_deliveries_of(
    conn: &mut Conn,
    of: &SubscriptionId,
    span: Span,
    between: (i64, i64),
) -> Result<Vec<(DeliveryState, i64)>> {
    Ok(delivery::table
        .inner_join(change::table.on(change::position.eq(delivery::position.nullable())))
        .filter(delivery::subscription_id.eq(of))
        .filter(delivery::position.between(between.0, between.1))
        .filter(change::at.ge(Instant::from(span.from)))
        .filter(change::at.lt(Instant::from(span.to)))
        .group_by(delivery::state)
        .order(delivery::state)
        .select((delivery::state, count_star()))
        .load(conn)?)
}

/// Those of them that have not arrived, in order of the feed, at most `limit`.
pub fn list_deliveries_not_taken(
    conn: &mut Conn,
    of: &SubscriptionId,
    span: Span,
    between: (i64, i64),
    limit: i64,
) -> Result<Vec<Delivery>> {
    Ok(delivery::table
        .inner_join(change::table.on(change::position.eq(delivery::position.nullable())))
        .filter(delivery::subscription_id.eq(of))
        .filter(delivery::position.between(between.0, between.1))
        .filter(delivery::state.ne(DeliveryState::Delivered))
        .filter(change::at.ge(Instant::from(span.from)))
        .filter(change::at.lt(Instant::from(span.to)))
        .order(delivery::position)
        .limit(limit)
        .select(Delivery::as_select())
        .load(conn)?)
}

/// Differences found in a span between a department and others.
pub fn count_discrepancies_of(conn: &mut Conn, department: &str, span: Span) -> Result<i64> {
    Ok(discrepancy::table
        .filter(discrepancy::opened_at.ge(Instant::from(span.from)))
        .filter(discrepancy::opened_at.lt(Instant::from(span.to)))
        .filter(
            discrepancy::winner_department.eq(department).or(discrepancy::other_department.eq(department)),
        )
        .count()
        .get_result(conn)?)
}
