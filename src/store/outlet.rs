//! Outlets: the way to each partner, held by one process at a time, and its circuit breaker.
//!
//! One process delivers to a partner, so that the order within a record holds whatever the number of processes. It holds the
//! outlet for a lease and renews it; when it dies, another takes over. Processes share the outlets evenly.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use serde::Serialize;

use super::conn::{Conn, each_backend};
use super::types::{Instant, PartnerId};
use super::words::{Circuit, Standing, SubscriptionMode};
use crate::error::Result;
use crate::schema::{courier, outlet, subscription};

/// The way to one partner.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable, Insertable, Identifiable, Serialize)]
#[diesel(table_name = outlet, primary_key(partner), treat_none_as_default_value = false)]
pub struct Outlet {
    /// To whom.
    pub partner: PartnerId,
    /// Process that delivers.
    pub owner: Option<String>,
    /// Until when it may.
    pub lease_until: Option<Instant>,
    /// Whether anything is let through.
    pub circuit: Circuit,
    /// Failures in a row.
    pub failures: i32,
    /// How often the circuit opened since something last went through.
    pub opened: i32,
    /// Until when nothing is sent.
    pub open_until: Option<Instant>,
    /// What stands in the way, for people.
    pub note: Option<String>,
}

/// A process that delivers.
#[derive(Debug, Clone, Copy)]
pub struct Courier<'a> {
    /// Its name, unique among all processes.
    pub id: &'a str,
    /// Until when it holds what it takes or renews.
    pub until: DateTime<Utc>,
    /// Processes not seen since are dead.
    pub alive_since: DateTime<Utc>,
}

/// Renews the outlets a process holds, takes free ones up to its share and gives back what is above it; those it holds now.
/// In a write transaction of its own.
pub fn hold_outlets(conn: &mut Conn, me: Courier<'_>, now: DateTime<Utc>) -> Result<Vec<PartnerId>> {
    let seen = Instant::from(now);
    let row = (courier::id.eq(me.id), courier::seen_at.eq(seen));
    each_backend!(conn => diesel::insert_into(courier::table)
        .values(row)
        .on_conflict(courier::id)
        .do_update()
        .set(courier::seen_at.eq(seen))
        .execute(conn))?;
    diesel::delete(courier::table.filter(courier::seen_at.lt(Instant::from(me.alive_since))))
        .execute(conn)?;
    let alive: i64 = courier::table.count().get_result(conn)?;
    let wanted = list_wanted(conn)?;
    make_missing(conn, &wanted)?;
    let share = wanted.len().div_ceil(usize::try_from(alive).unwrap_or(1).max(1));
    let mut held: Vec<PartnerId> = outlet::table
        .filter(outlet::owner.eq(me.id))
        .filter(outlet::partner.eq_any(&wanted))
        .order(outlet::partner)
        .select(outlet::partner)
        .load(conn)?;
    // Given back by not being renewed: whatever is still on its way there has the rest of the lease to arrive.
    held.truncate(share);
    diesel::update(outlet::table.filter(outlet::owner.eq(me.id)).filter(outlet::partner.eq_any(&held)))
        .set(outlet::lease_until.eq(Some(Instant::from(me.until))))
        .execute(conn)?;
    let free = outlet::lease_until.is_null().or(outlet::lease_until.lt(seen).assume_not_null());
    let candidates: Vec<PartnerId> = outlet::table
        .filter(free)
        .filter(outlet::partner.eq_any(&wanted))
        .order(outlet::partner)
        .select(outlet::partner)
        .load(conn)?;
    for partner in candidates
        .into_iter()
        .filter(|it| !held.contains(it))
        .take(share - held.len().min(share))
        .collect::<Vec<_>>()
    {
        let free = outlet::lease_until.is_null().or(outlet::lease_until.lt(seen).assume_not_null());
        let taken = diesel::update(outlet::table.find(&partner).filter(free))
            .set((outlet::owner.eq(Some(me.id)), outlet::lease_until.eq(Some(Instant::from(me.until)))))
            .execute(conn)?;
        if taken == 1 {
            held.push(partner);
        }
    }
    Ok(held)
}

/// Partners with a subscription that is pushed.
fn list_wanted(conn: &mut Conn) -> Result<Vec<PartnerId>> {
    Ok(subscription::table
        .filter(subscription::mode.eq(SubscriptionMode::Push))
        .filter(subscription::status.eq(Standing::Active))
        .order(subscription::partner)
        .select(subscription::partner)
        .distinct()
        .load(conn)?)
}

fn make_missing(conn: &mut Conn, wanted: &[PartnerId]) -> Result<()> {
    let known: Vec<PartnerId> = outlet::table.select(outlet::partner).load(conn)?;
    for partner in wanted.iter().filter(|it| !known.contains(it)) {
        let row = Outlet {
            partner: partner.clone(),
            owner: None,
            lease_until: None,
            circuit: Circuit::Closed,
            failures: 0,
            opened: 0,
            open_until: None,
            note: None,
        };
        each_backend!(conn => diesel::insert_into(outlet::table)
            .values(&row)
            .on_conflict(outlet::partner)
            .do_nothing()
            .execute(conn))?;
    }
    Ok(())
}

/// The way to a partner, made where nothing was ever sent to it. The partner must exist.
pub fn get_outlet(conn: &mut Conn, partner: &PartnerId) -> Result<Outlet> {
    make_missing(conn, std::slice::from_ref(partner))?;
    Ok(outlet::table.find(partner).select(Outlet::as_select()).get_result(conn)?)
}

/// Gives everything back at once, when a process ends in order.
pub fn release_outlets(conn: &mut Conn, me: &str) -> Result<()> {
    diesel::update(outlet::table.filter(outlet::owner.eq(me)))
        .set((outlet::owner.eq(None::<String>), outlet::lease_until.eq(None::<Instant>)))
        .execute(conn)?;
    diesel::delete(courier::table.find(me)).execute(conn)?;
    Ok(())
}

/// The outlet if this process holds it; none when it was lost. Locks it until the transaction ends, so that nobody takes it
/// over in the middle.
pub fn find_held_outlet(
    conn: &mut Conn,
    partner: &PartnerId,
    me: &str,
    now: DateTime<Utc>,
) -> Result<Option<Outlet>> {
    let mine = outlet::table
        .find(partner)
        .filter(outlet::owner.eq(me))
        .filter(outlet::lease_until.gt(Instant::from(now)).assume_not_null());
    if diesel::update(mine).set(outlet::owner.eq(me)).execute(conn)? == 0 {
        return Ok(None);
    }
    Ok(outlet::table.find(partner).select(Outlet::as_select()).get_result(conn).optional()?)
}

/// Writes the circuit of an outlet.
pub fn save_circuit(conn: &mut Conn, it: &Outlet) -> Result<()> {
    diesel::update(outlet::table.find(&it.partner))
        .set((
            outlet::circuit.eq(it.circuit),
            outlet::failures.eq(it.failures),
            outlet::opened.eq(it.opened),
            outlet::open_until.eq(it.open_until),
            outlet::note.eq(&it.note),
        ))
        .execute(conn)?;
    Ok(())
}

/// All outlets by partner.
pub fn list_outlets(conn: &mut Conn) -> Result<Vec<Outlet>> {
    Ok(outlet::table.order(outlet::partner).select(Outlet::as_select()).load(conn)?)
}
