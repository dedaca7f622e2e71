//! Counting a day.

use std::collections::BTreeMap;

use super::{Day, Line, MOST_OPEN, Open, Reconciliation, Reported, Way};
use crate::error::{Error, Result, codes};
use crate::outbox::Outbox;
use crate::outbox::subscribe::Shape;
use crate::store::{
    Conn, CountedMessages, DeliveryState, MessageState, Partner, PartnerId, Subscription, SubscriptionMode,
    count_deliveries_of, count_discrepancies_of, count_messages_of, find_partner, find_positions,
    list_deliveries_not_taken, list_feed, list_messages_not_taken, list_subscriptions,
};

/// Changes looked at in one go.
const BATCH: i64 = 1_000;

/// Counts a day with a partner. Changes must have their positions ([`crate::store::number_changes`]); one without is not
/// counted yet. Memory: one batch of changes and what is listed.
///
/// # Errors
/// `record_not_found` when there is no such partner.
pub fn reconcile(
    outbox: &Outbox,
    conn: &mut Conn,
    partner: &PartnerId,
    day: &Day,
    reported: &Reported,
) -> Result<Reconciliation> {
    let found = find_partner(conn, partner)?
        .ok_or_else(|| Error::new(codes::record::NOT_FOUND, format!("没有标识为“{partner}”的对接单位。")))?;
    let mut open = Vec::new();
    let mut lines = received(outbox, conn, &found, day, reported, &mut open)?;
    lines.extend(sent(outbox, conn, &found, day, reported, &mut open)?);
    open.truncate(MOST_OPEN);
    Ok(Reconciliation {
        title: found.title.clone(),
        date: day.date,
        counted_at: day.now,
        is_over: day.now >= day.span.to,
        lines,
        open,
        discrepancies: count_discrepancies_of(conn, &found.department, day.span)?,
        partner: found.id.to_string(),
    })
}

fn most() -> i64 {
    i64::try_from(MOST_OPEN).unwrap_or(i64::MAX)
}

fn empty(way: Way, name: &str, title: &str) -> Line {
    Line {
        way,
        name: name.to_owned(),
        title: title.to_owned(),
        total: 0,
        accepted: 0,
        partial: 0,
        refused: 0,
        waiting: 0,
        records: 0,
        reported: None,
    }
}

fn received(
    outbox: &Outbox,
    conn: &mut Conn,
    of: &Partner,
    day: &Day,
    reported: &Reported,
    open: &mut Vec<Open>,
) -> Result<Vec<Line>> {
    let line = |name: &str| {
        let title = outbox.mappings.get(of.id.as_str(), name).map_or(name, |it| it.title.as_str());
        empty(Way::Received, name, title)
    };
    let mut lines: BTreeMap<String, Line> = BTreeMap::new();
    for it in count_messages_of(conn, &of.id, day.span)? {
        add(lines.entry(it.name.clone()).or_insert_with(|| line(&it.name)), &it);
    }
    // What the partner says it sent and never came is a line of zeros, not left out.
    for (name, n) in &reported.sent {
        lines.entry(name.clone()).or_insert_with(|| line(name)).reported = Some(*n);
    }
    open.extend(list_messages_not_taken(conn, &of.id, day.span, most())?.into_iter().map(|it| Open {
        way: Way::Received,
        name: it.name,
        id: it.id.to_string(),
        key: it.message_key,
        state: it.state.title().to_owned(),
        reason: it.cause,
        at: it.received_at.utc(),
    }));
    Ok(lines.into_values().collect())
}

fn add(line: &mut Line, it: &CountedMessages) {
    line.total += it.count;
    line.records += it.records.unwrap_or_default();
    *match it.state {
        MessageState::Accepted | MessageState::Resolved => &mut line.accepted,
        MessageState::Partial => &mut line.partial,
        MessageState::Quarantined => &mut line.waiting,
        MessageState::Refused => &mut line.refused,
    } += it.count;
}

fn sent(
    outbox: &Outbox,
    conn: &mut Conn,
    of: &Partner,
    day: &Day,
    reported: &Reported,
    open: &mut Vec<Open>,
) -> Result<Vec<Line>> {
    let mut lines = Vec::new();
    let between = find_positions(conn, day.span)?;
    for it in list_subscriptions(conn, Some(&of.id))? {
        let pushed = it.mode == SubscriptionMode::Push;
        let mut line = empty(if pushed { Way::Pushed } else { Way::Pulled }, it.id.as_str(), &it.title);
        line.reported = reported.taken.get(it.id.as_str()).copied();
        if let Some(between) = between {
            if pushed {
                deliveries(conn, &it, day, between, &mut line, open)?;
            }
            let ahead = ahead(outbox, conn, &it, day, between)?;
            line.total += ahead;
            line.waiting += if pushed { ahead } else { 0 };
        }
        lines.push(line);
    }
    Ok(lines)
}

fn deliveries(
    conn: &mut Conn,
    of: &Subscription,
    day: &Day,
    between: (i64, i64),
    line: &mut Line,
    open: &mut Vec<Open>,
) -> Result<()> {
    for (state, n) in count_deliveries_of(conn, &of.id, day.span, between)? {
        line.total += n;
        *match state {
            DeliveryState::Delivered => &mut line.accepted,
            DeliveryState::Ready => &mut line.waiting,
            DeliveryState::Refused | DeliveryState::Dead => &mut line.refused,
        } += n;
    }
    let rows = list_deliveries_not_taken(conn, &of.id, day.span, between, most())?;
    open.extend(rows.into_iter().map(|it| Open {
        way: Way::Pushed,
        name: of.id.to_string(),
        id: it.id.to_string(),
        key: None,
        state: it.state.title().to_owned(),
        reason: it.reason,
        at: it.created_at.utc(),
    }));
    Ok(())
}

/// Changes of the day that concern a subscription and lie after its cursor: of a pushed one those that have no delivery yet,
/// of a pulled one all since it was agreed.
fn ahead(outbox: &Outbox, conn: &mut Conn, of: &Subscription, day: &Day, between: (i64, i64)) -> Result<i64> {
    let shape = Shape::of(&outbox.schema, of).ok();
    let (mut after, mut n) = (of.cursor.max(between.0 - 1), 0);
    loop {
        let items = list_feed(conn, &of.kind, after, between.1, BATCH)?;
        let Some(last) = items.last().map(|it| it.position) else { return Ok(n) };
        let counts = items.iter().filter(|it| {
            let at = it.change.at.utc();
            let of_day = at >= day.span.from && at < day.span.to;
            of_day && shape.as_ref().is_none_or(|shape| shape.concerns(it))
        });
        n += i64::try_from(counts.count()).unwrap_or_default();
        after = last;
    }
}
