//! Subscriptions: which partner gets which change of which kind, which fields, in which message, pushed or pulled.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use serde::Serialize;

use super::conn::{Conn, each_backend};
use super::types::{Instant, Json, PartnerId, SubscriptionId};
use super::words::{Standing, SubscriptionMode};
use crate::error::{Error, Result, codes};
use crate::schema::subscription;

/// One subscription.
#[derive(
    Debug, Clone, PartialEq, Queryable, Selectable, Insertable, AsChangeset, Identifiable, Serialize,
)]
#[diesel(table_name = subscription, treat_none_as_default_value = false, treat_none_as_null = true)]
pub struct Subscription {
    /// Its id.
    pub id: SubscriptionId,
    /// Who gets it.
    pub partner: PartnerId,
    /// What people call it.
    pub title: String,
    /// Kind of record.
    pub kind: String,
    /// Names of the fields that are sent, JSON list; empty means all that are not personal.
    pub fields: Json,
    /// Names of the personal fields among them that are granted, JSON list.
    pub personal: Json,
    /// What the personal data is for (legal ground); empty where none is granted.
    pub purpose: String,
    /// Only records of divisions that begin so; none means all.
    pub division: Option<String>,
    /// Names of the fields whose change is told, JSON list; empty means those that are sent.
    pub watched: Json,
    /// The partner's message it is written in; none means canonical JSON.
    pub message: Option<String>,
    /// The partner's message whose `accept` rules judge its answers; none means the HTTP status alone does.
    pub answer: Option<String>,
    /// Pushed or pulled.
    pub mode: SubscriptionMode,
    /// Where it is pushed to.
    pub url: Option<String>,
    /// Whether it is served.
    pub status: Standing,
    /// Why it was stopped, for people.
    pub stopped: Option<String>,
    /// Every change up to this position that concerns a pushed subscription has its delivery.
    pub cursor: i64,
    /// Seconds after which a delivery that was not accepted is given up.
    pub deadline_seconds: i64,
    /// When the right to it ends.
    pub expires_at: Option<Instant>,
    /// When it was made.
    pub created_at: Instant,
    /// Who made it.
    pub created_by: String,
    /// When it was last changed.
    pub updated_at: Instant,
}

impl Subscription {
    /// Whether it is served at an instant.
    #[must_use]
    pub fn is_served(&self, now: DateTime<Utc>) -> bool {
        self.status == Standing::Active && self.expires_at.is_none_or(|at| at.utc() > now)
    }
}

/// Makes a subscription or replaces what was agreed; its cursor stays where it is.
pub fn save_subscription(conn: &mut Conn, row: &Subscription) -> Result<()> {
    let known = find_subscription(conn, &row.id)?;
    let row = Subscription { cursor: known.map_or(row.cursor, |it| it.cursor), ..row.clone() };
    each_backend!(conn => diesel::insert_into(subscription::table)
        .values(&row)
        .on_conflict(subscription::id)
        .do_update()
        .set(&row)
        .execute(conn))?;
    Ok(())
}

/// The subscription of this id, if there is one.
pub fn find_subscription(conn: &mut Conn, id: &SubscriptionId) -> Result<Option<Subscription>> {
    Ok(subscription::table.find(id).select(Subscription::as_select()).get_result(conn).optional()?)
}

/// The subscription of this id.
///
/// # Errors
/// `record_not_found`.
pub fn get_subscription(conn: &mut Conn, id: &SubscriptionId) -> Result<Subscription> {
    find_subscription(conn, id)?
        .ok_or_else(|| Error::new(codes::record::NOT_FOUND, format!("没有编号为“{id}”的订阅。")))
}

/// Subscriptions by partner and id; all or those of one partner.
pub fn list_subscriptions(conn: &mut Conn, of: Option<&PartnerId>) -> Result<Vec<Subscription>> {
    let mut query = subscription::table.into_boxed();
    if let Some(of) = of {
        query = query.filter(subscription::partner.eq(of));
    }
    Ok(query.order((subscription::partner, subscription::id)).select(Subscription::as_select()).load(conn)?)
}

/// Lets a subscription be served again, or stops it with the reason.
pub fn set_subscription_status(
    conn: &mut Conn,
    id: &SubscriptionId,
    stopped: Option<&str>,
    now: DateTime<Utc>,
) -> Result<()> {
    let status = if stopped.is_some() { Standing::Disabled } else { Standing::Active };
    let n = diesel::update(subscription::table.find(id))
        .set((
            subscription::status.eq(status),
            subscription::stopped.eq(stopped),
            subscription::updated_at.eq(Instant::from(now)),
        ))
        .execute(conn)?;
    if n == 0 {
        return Err(Error::new(codes::record::NOT_FOUND, format!("没有编号为“{id}”的订阅。")));
    }
    Ok(())
}

/// Notes that everything up to a position has its delivery.
pub(super) fn move_cursor(conn: &mut Conn, id: &SubscriptionId, to: i64) -> Result<()> {
    diesel::update(subscription::table.find(id)).set(subscription::cursor.eq(to)).execute(conn)?;
    Ok(())
}
