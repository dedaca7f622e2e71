//! Deliveries: one change for one subscription, from the feed to the partner's yes, with every try.
//!
//! What still waits in the feed costs nothing: a delivery row is made only when the partner is about to get it, at most
//! [`Window`] of them per subscription. A partner that is down for a week holds one cursor and one window of rows, whatever
//! the number of changes behind it.

mod log;

pub use log::*;

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};
use diesel::prelude::*;
use serde::Serialize;

use super::conn::{Conn, each_backend};
use super::feed::{FeedItem, find_feed_head, list_feed};
use super::fixed::IsOpen;
use super::subscription::{Subscription, move_cursor};
use super::types::{DeliveryId, Instant, Json, PartnerId, RecordId, SubscriptionId};
use super::words::{DeliveryState, Standing, SubscriptionMode};
use crate::error::Result;
use crate::schema::{change, delivery, delivery_try, subscription};

/// One change for one subscription.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable, Insertable, Identifiable, Serialize)]
#[diesel(table_name = delivery, treat_none_as_default_value = false)]
pub struct Delivery {
    /// The receipt id the partner sees with every try.
    pub id: DeliveryId,
    /// Of which subscription.
    pub subscription_id: SubscriptionId,
    /// To whom.
    pub partner: PartnerId,
    /// Place of the change in the feed.
    pub position: i64,
    /// The record.
    pub record_id: RecordId,
    /// Its kind.
    pub kind: String,
    /// The version the change led to.
    pub version: i32,
    /// Names of the fields that moved, JSON list.
    pub fields: Json,
    /// What became of it.
    pub state: DeliveryState,
    /// How often it was sent.
    pub tries: i32,
    /// Not before.
    pub next_at: Instant,
    /// When it is given up.
    pub deadline_at: Instant,
    /// HTTP status of the last answer.
    pub status: Option<i32>,
    /// Why it was not accepted, for people.
    pub reason: Option<String>,
    /// When it was taken from the feed.
    pub created_at: Instant,
    /// When it was accepted, refused or given up.
    pub finished_at: Option<Instant>,
}

/// How many deliveries may wait outside the feed, and how many are taken at once.
#[derive(Debug, Clone, Copy)]
pub struct Window {
    /// Waiting deliveries of one subscription, at most.
    pub open: i64,
    /// Deliveries taken at once, at most.
    pub batch: i64,
}

/// Tells which changes of the feed concern a subscription.
pub type Concerns<'c> = &'c dyn Fn(&Subscription, &FeedItem) -> bool;

/// Takes what the partner is to get now.
///
/// Fills the windows of its subscriptions from the feed, then picks, of each record, the first delivery that waits, if it
/// is due. In a write transaction; only the holder of the outlet may call it.
pub fn take_deliveries(
    conn: &mut Conn,
    partner: &PartnerId,
    window: Window,
    concerns: Concerns<'_>,
    now: DateTime<Utc>,
) -> Result<Vec<Delivery>> {
    let head = find_feed_head(conn)?;
    for it in list_pushed(conn, Some(partner), now)? {
        fill(conn, &it, head, window, concerns, now)?;
    }
    list_due(conn, partner, window.batch, now)
}

/// Subscriptions that are pushed and served now.
fn list_pushed(conn: &mut Conn, of: Option<&PartnerId>, now: DateTime<Utc>) -> Result<Vec<Subscription>> {
    let mut query = subscription::table
        .filter(subscription::mode.eq(SubscriptionMode::Push))
        .filter(subscription::status.eq(Standing::Active))
        .into_boxed();
    if let Some(of) = of {
        query = query.filter(subscription::partner.eq(of));
    }
    let found: Vec<Subscription> =
        query.order(subscription::id).select(Subscription::as_select()).load(conn)?;
    Ok(found.into_iter().filter(|it| it.is_served(now)).collect())
}

/// Makes deliveries of the next changes and moves the cursor past them, in one transaction: nothing is left out, nothing
/// twice. No more than are taken at once: rows for a partner that turns out to be dead are work the others wait for.
fn fill(
    conn: &mut Conn,
    of: &Subscription,
    head: i64,
    window: Window,
    concerns: Concerns<'_>,
    now: DateTime<Utc>,
) -> Result<()> {
    if of.cursor >= head {
        return Ok(());
    }
    let waiting: i64 = delivery::table
        .filter(IsOpen)
        .filter(delivery::subscription_id.eq(&of.id))
        .count()
        .get_result(conn)?;
    let room = window.open - waiting;
    if room <= 0 {
        return Ok(());
    }
    let items = list_feed(conn, &of.kind, of.cursor, head, room)?;
    let mut rows: Vec<Delivery> = Vec::new();
    let mut last = of.cursor;
    for it in items {
        if i64::try_from(rows.len()).is_ok_and(|made| made >= window.batch) {
            break;
        }
        last = it.position;
        if concerns(of, &it) {
            rows.push(row(of, it, now));
        }
    }
    if !rows.is_empty() {
        each_backend!(conn => diesel::insert_into(delivery::table).values(&rows).execute(conn))?;
    }
    move_cursor(conn, &of.id, last)
}

fn row(of: &Subscription, item: FeedItem, now: DateTime<Utc>) -> Delivery {
    let deadline = TimeDelta::try_seconds(of.deadline_seconds).unwrap_or(TimeDelta::days(3));
    Delivery {
        id: DeliveryId::fresh(now),
        subscription_id: of.id.clone(),
        partner: of.partner.clone(),
        position: item.position,
        record_id: item.change.record_id,
        kind: item.change.kind,
        version: item.change.version,
        fields: item.change.fields,
        state: DeliveryState::Ready,
        tries: 0,
        next_at: now.into(),
        deadline_at: (now + deadline).into(),
        status: None,
        reason: None,
        created_at: now.into(),
        finished_at: None,
    }
}

/// Due deliveries of subscriptions that are served, those tried least first; of each record only the first that waits,
/// so that the versions of a record arrive in order.
fn list_due(conn: &mut Conn, partner: &PartnerId, limit: i64, now: DateTime<Utc>) -> Result<Vec<Delivery>> {
    let served: Vec<SubscriptionId> =
        list_pushed(conn, Some(partner), now)?.into_iter().map(|it| it.id).collect();
    let earlier = diesel::alias!(delivery as earlier);
    let before = earlier
        .filter(earlier.field(delivery::subscription_id).eq(delivery::subscription_id))
        .filter(earlier.field(delivery::record_id).eq(delivery::record_id))
        .filter(earlier.field(delivery::position).lt(delivery::position))
        .filter(earlier.field(delivery::state).eq(DeliveryState::Ready));
    Ok(delivery::table
        .filter(IsOpen)
        .filter(delivery::partner.eq(partner))
        .filter(delivery::subscription_id.eq_any(served))
        .filter(delivery::next_at.le(Instant::from(now)))
        .filter(diesel::dsl::not(diesel::dsl::exists(before)))
        .order((delivery::tries, delivery::position))
        .limit(limit)
        .select(Delivery::as_select())
        .load(conn)?)
}

/// Partners for whom something may be done now: a delivery is due, or the feed holds changes of a kind they subscribed to.
pub fn list_partners_with_deliveries(conn: &mut Conn, now: DateTime<Utc>) -> Result<BTreeSet<PartnerId>> {
    let due: Vec<PartnerId> = delivery::table
        .filter(IsOpen)
        .filter(delivery::next_at.le(Instant::from(now)))
        .select(delivery::partner)
        .distinct()
        .load(conn)?;
    let ahead = change::table
        .filter(change::kind.eq(subscription::kind))
        .filter(change::position.gt(subscription::cursor.nullable()).assume_not_null());
    let fed: Vec<PartnerId> = subscription::table
        .filter(subscription::mode.eq(SubscriptionMode::Push))
        .filter(subscription::status.eq(Standing::Active))
        .filter(diesel::dsl::exists(ahead))
        .select(subscription::partner)
        .distinct()
        .load(conn)?;
    Ok(due.into_iter().chain(fed).collect())
}

/// What a try led to.
#[derive(Debug, Clone, PartialEq)]
pub struct Tried {
    /// Which delivery.
    pub id: DeliveryId,
    /// Number of the try, from 1.
    pub n: i32,
    /// When it was sent.
    pub at: DateTime<Utc>,
    /// How long the answer took, milliseconds.
    pub ms: i32,
    /// HTTP status; none when nothing was answered.
    pub status: Option<i32>,
    /// What was sent, cut and masked.
    pub request: String,
    /// What was answered, cut and masked.
    pub answer: String,
    /// What becomes of the delivery.
    pub state: DeliveryState,
    /// Why it was not accepted.
    pub reason: Option<String>,
    /// When it is tried next, while it is ready.
    pub next_at: DateTime<Utc>,
}

/// Writes what a try led to. A delivery that arrived stays so, whatever a second sender says.
pub fn settle_delivery(conn: &mut Conn, it: &Tried, now: DateTime<Utc>) -> Result<()> {
    let finished = (it.state != DeliveryState::Ready).then(|| Instant::from(now));
    diesel::update(delivery::table.find(&it.id).filter(delivery::state.ne(DeliveryState::Delivered)))
        .set((
            delivery::state.eq(it.state),
            delivery::tries.eq(it.n),
            delivery::next_at.eq(Instant::from(it.next_at)),
            delivery::status.eq(it.status),
            delivery::reason.eq(&it.reason),
            delivery::finished_at.eq(finished),
        ))
        .execute(conn)?;
    let row = (
        delivery_try::delivery_id.eq(&it.id),
        delivery_try::n.eq(it.n),
        delivery_try::at.eq(Instant::from(it.at)),
        delivery_try::ms.eq(it.ms),
        delivery_try::status.eq(it.status),
        delivery_try::request.eq(&it.request),
        delivery_try::answer.eq(&it.answer),
        delivery_try::reason.eq(&it.reason),
    );
    // Two senders of one delivery (a lease lost in between) would give the same number; the first account stands.
    each_backend!(conn => diesel::insert_into(delivery_try::table)
        .values(row)
        .on_conflict((delivery_try::delivery_id, delivery_try::n))
        .do_nothing()
        .execute(conn))?;
    Ok(())
}
