//! The delivery log: what was sent to whom, what became of it, sending it again, counting it.

use chrono::{DateTime, TimeDelta, Utc};
use diesel::prelude::*;
use serde::Serialize;

use super::super::conn::Conn;
use super::super::fixed::{IsMissing, IsOpen};
use super::super::types::{DeliveryId, Instant, Listed, Page, PartnerId, RecordId, SubscriptionId};
use super::super::words::DeliveryState;
use super::Delivery;
use crate::error::{Error, Result, codes};
use crate::schema::{change, delivery, delivery_try, subscription};

/// One try of a delivery.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable, Serialize)]
#[diesel(table_name = delivery_try)]
pub struct Try {
    /// From 1.
    pub n: i32,
    /// When it was sent.
    pub at: Instant,
    /// How long the answer took, milliseconds.
    pub ms: i32,
    /// HTTP status; none when nothing was answered.
    pub status: Option<i32>,
    /// What was sent, cut and masked.
    pub request: String,
    /// What was answered, cut and masked.
    pub answer: String,
    /// Why it was not accepted.
    pub reason: Option<String>,
}

/// Which deliveries a list shows or a replay sends again; empty fields do not restrict.
#[derive(Debug, Clone, Default)]
pub struct DeliveryFilter {
    /// To whom.
    pub partner: Option<PartnerId>,
    /// Of which subscription.
    pub subscription: Option<SubscriptionId>,
    /// What became of it.
    pub state: Option<DeliveryState>,
    /// Of which record.
    pub record: Option<RecordId>,
    /// Made since.
    pub since: Option<DateTime<Utc>>,
    /// Only those that did not arrive and no longer wait.
    pub missing: bool,
}

impl DeliveryFilter {
    fn query(&self) -> delivery::BoxedQuery<'_, super::super::conn::MultiBackend> {
        let mut query = delivery::table.into_boxed();
        if let Some(it) = &self.partner {
            query = query.filter(delivery::partner.eq(it));
        }
        if let Some(it) = &self.subscription {
            query = query.filter(delivery::subscription_id.eq(it));
        }
        if let Some(it) = self.state {
            query = query.filter(delivery::state.eq(it));
        }
        if let Some(it) = &self.record {
            query = query.filter(delivery::record_id.eq(it));
        }
        if let Some(it) = self.since {
            query = query.filter(delivery::created_at.ge(Instant::from(it)));
        }
        if self.missing {
            query = query.filter(IsMissing);
        }
        query
    }
}

/// Deliveries, newest first.
pub fn list_deliveries(conn: &mut Conn, filter: &DeliveryFilter, page: Page) -> Result<Listed<Delivery>> {
    let total = filter.query().count().get_result(conn)?;
    let rows = filter
        .query()
        .order((delivery::created_at.desc(), delivery::id.desc()))
        .limit(page.limit())
        .offset(page.offset())
        .select(Delivery::as_select())
        .load(conn)?;
    Ok(Listed { rows, total })
}

/// A delivery with its tries.
///
/// # Errors
/// `record_not_found`.
pub fn get_delivery(conn: &mut Conn, id: &DeliveryId) -> Result<(Delivery, Vec<Try>)> {
    let found: Option<Delivery> =
        delivery::table.find(id).select(Delivery::as_select()).get_result(conn).optional()?;
    let Some(found) = found else {
        return Err(Error::new(codes::record::NOT_FOUND, format!("没有编号为“{id}”的投递记录。")));
    };
    let tries = delivery_try::table
        .filter(delivery_try::delivery_id.eq(id))
        .order(delivery_try::n)
        .select(Try::as_select())
        .load(conn)?;
    Ok((found, tries))
}

/// Deliveries put back by one statement: a large replay must not hold the database for long.
const REPLAY_BATCH: i64 = 1_000;

/// Lets up to 1,000 finished deliveries of a filter be sent again; how many.
///
/// Oldest first, under their old receipt ids and with a fresh deadline. A caller with more goes on while the answer is 1,000. `before` keeps one replay from meeting
/// its own work again: only deliveries finished before it are taken.
pub fn replay_deliveries(
    conn: &mut Conn,
    filter: &DeliveryFilter,
    before: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<i64> {
    let chosen: Vec<(DeliveryId, SubscriptionId)> = filter
        .query()
        .filter(delivery::state.ne(DeliveryState::Ready))
        .filter(delivery::finished_at.lt(Instant::from(before)).assume_not_null())
        .order((delivery::created_at, delivery::id))
        .limit(REPLAY_BATCH)
        .select((delivery::id, delivery::subscription_id))
        .load(conn)?;
    for (id, of) in &chosen {
        let seconds: i64 =
            subscription::table.find(of).select(subscription::deadline_seconds).get_result(conn)?;
        put_back(conn, id, seconds, now)?;
    }
    Ok(i64::try_from(chosen.len()).unwrap_or_default())
}

/// Lets one finished delivery be sent again.
///
/// # Errors
/// `record_not_found` when there is none, or it is already waiting.
pub fn replay_delivery(conn: &mut Conn, id: &DeliveryId, now: DateTime<Utc>) -> Result<()> {
    let (found, _) = get_delivery(conn, id)?;
    let seconds: i64 = subscription::table
        .find(&found.subscription_id)
        .select(subscription::deadline_seconds)
        .get_result(conn)?;
    if put_back(conn, id, seconds, now)? == 0 {
        return Err(Error::new(codes::record::NOT_FOUND, format!("投递记录“{id}”正在等待投递，无须重发。")));
    }
    Ok(())
}

fn put_back(conn: &mut Conn, id: &DeliveryId, seconds: i64, now: DateTime<Utc>) -> Result<usize> {
    let deadline = now + TimeDelta::try_seconds(seconds).unwrap_or(TimeDelta::days(3));
    Ok(diesel::update(delivery::table.find(id).filter(delivery::state.ne(DeliveryState::Ready)))
        .set((
            delivery::state.eq(DeliveryState::Ready),
            delivery::next_at.eq(Instant::from(now)),
            delivery::deadline_at.eq(Instant::from(deadline)),
            delivery::finished_at.eq(None::<Instant>),
        ))
        .execute(conn)?)
}

/// How many deliveries of each subscription were made in a span of time, by what became of them.
pub fn count_deliveries(
    conn: &mut Conn,
    from: DateTime<Utc>,
    to: DateTime<Utc>,
) -> Result<Vec<(PartnerId, SubscriptionId, DeliveryState, i64)>> {
    Ok(delivery::table
        .filter(delivery::created_at.ge(Instant::from(from)))
        .filter(delivery::created_at.lt(Instant::from(to)))
        .group_by((delivery::partner, delivery::subscription_id, delivery::state))
        .order((delivery::partner, delivery::subscription_id, delivery::state))
        .select((delivery::partner, delivery::subscription_id, delivery::state, diesel::dsl::count_star()))
        .load(conn)?)
}

/// What has not arrived, of each subscription: how many wait, were refused or were given up. Reads only those, however long
/// the log is.
pub fn count_not_arrived(conn: &mut Conn) -> Result<Vec<(SubscriptionId, DeliveryState, i64)>> {
    let count = (delivery::subscription_id, delivery::state, diesel::dsl::count_star());
    let by = (delivery::subscription_id, delivery::state);
    let mut found = delivery::table.filter(IsOpen).group_by(by).select(count).load(conn)?;
    found.extend(delivery::table.filter(IsMissing).group_by(by).select(count).load::<(_, _, _)>(conn)?);
    Ok(found)
}

/// Changes of its kind that still wait in the feed behind a subscription's cursor.
pub fn count_behind(conn: &mut Conn, kind: &str, cursor: i64) -> Result<i64> {
    let numbered: i64 = change::table
        .filter(change::kind.eq(kind))
        .filter(change::position.gt(cursor).assume_not_null())
        .count()
        .get_result(conn)?;
    let unnumbered: i64 = change::table
        .filter(change::kind.eq(kind))
        .filter(change::position.is_null())
        .count()
        .get_result(conn)?;
    Ok(numbered + unnumbered)
}
