//! Pulling: the changes after a cursor, or one record by its key, as canonical JSON or in the partner's own message.

use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::{Map, Value, json};

use super::Outbox;
use super::build::Seen;
use super::subscribe::Shape;
use crate::error::{Error, Result, codes};
use crate::store::{
    Conn, FeedItem, PartnerId, PastRecord, RecordId, Subscription, SubscriptionId, SubscriptionMode,
    find_feed_head, find_record_at, find_record_by_key, find_subscription, list_feed, load_versions,
};

/// What a partner asks for.
#[derive(Debug, Clone)]
pub struct Asked {
    /// Of which subscription.
    pub subscription: SubscriptionId,
    /// Only what comes after this cursor; none starts where the subscription starts.
    pub since: Option<i64>,
    /// Changes looked at, at most.
    pub limit: i64,
    /// One record by its business key instead.
    pub key: Option<String>,
}

/// What it gets.
#[derive(Debug, Clone)]
pub struct Fed {
    /// Media type.
    pub media_type: &'static str,
    /// The bytes; empty when there is nothing to say in the partner's own message.
    pub body: Vec<u8>,
    /// The cursor to ask with next; none for a single record.
    pub next: Option<i64>,
    /// Whether more may be waiting behind it.
    pub more: bool,
}

/// Answers a pull.
///
/// The same cursor always gives the same changes after it, in the same order: positions are given after
/// commit and never change, so a partner that keeps `next` misses none. Memory: `limit` record bodies.
///
/// # Errors
/// `record_not_found` for a subscription that is not the partner's, `subscription_stopped`, `cursor_ahead`, and what cannot be
/// said in the partner's own message.
pub fn fed(
    outbox: &Outbox,
    conn: &mut Conn,
    partner: &PartnerId,
    asked: &Asked,
    now: DateTime<Utc>,
) -> Result<Fed> {
    let of = find_subscription(conn, &asked.subscription)?
        .filter(|it| it.partner == *partner && it.mode == SubscriptionMode::Pull);
    let of = of.ok_or_else(|| {
        Error::new(codes::record::NOT_FOUND, format!("本单位没有编号为“{}”的拉取订阅。", asked.subscription))
    })?;
    if !of.is_served(now) {
        return Err(Error::new(
            codes::record::SUBSCRIPTION_STOPPED,
            format!("订阅“{}”已停止或到期。", of.title),
        ));
    }
    let shape = Shape::of(&outbox.schema, &of)?;
    match &asked.key {
        Some(key) => by_key(outbox, conn, &of, &shape, key, now),
        None => after(outbox, conn, &of, &shape, asked, now),
    }
}

fn after(
    outbox: &Outbox,
    conn: &mut Conn,
    of: &Subscription,
    shape: &Shape<'_>,
    asked: &Asked,
    now: DateTime<Utc>,
) -> Result<Fed> {
    let head = find_feed_head(conn)?;
    let since = asked.since.unwrap_or(of.cursor);
    if since > head {
        let detail = format!("游标 {since} 超过现有的最后位置 {head}。");
        return Err(Error::new(codes::record::CURSOR_AHEAD, detail));
    }
    // What was before the agreement is not part of it.
    let since = since.max(of.cursor);
    let items = list_feed(conn, &of.kind, since, head, asked.limit)?;
    let full = i64::try_from(items.len()).unwrap_or_default() == asked.limit;
    let next = if full { items.last().map_or(head, |it| it.position) } else { head };
    let told: Vec<FeedItem> = items.into_iter().filter(|it| shape.concerns(it)).collect();
    let wanted: Vec<(RecordId, i32)> =
        told.iter().map(|it| (it.change.record_id.clone(), it.change.version)).collect();
    let records = load_versions(conn, &wanted)?;
    let mut seen = Vec::with_capacity(told.len());
    for it in told {
        let same = |at: &&PastRecord| at.id == it.change.record_id && at.version == it.change.version;
        let record =
            records.iter().find(same).ok_or_else(|| Error::internal("a change without its version"))?;
        seen.push((Some(it), Seen::of(shape, record)?));
    }
    let (body, media_type) = say(outbox, of, shape, &seen, Some((next, full)), now)?;
    Ok(Fed { media_type, body, next: Some(next), more: full })
}

fn by_key(
    outbox: &Outbox,
    conn: &mut Conn,
    of: &Subscription,
    shape: &Shape<'_>,
    key: &str,
    now: DateTime<Utc>,
) -> Result<Fed> {
    let missing =
        || Error::new(codes::record::NOT_FOUND, format!("没有业务键为“{key}”的{}。", shape.kind.title));
    let names: Vec<String> = shape.kind.keys.iter().map(|it| shape.kind.key_name(it)).collect();
    let mut found = None;
    for name in &names {
        found = find_record_by_key(conn, &of.kind, name, key)?;
        if found.is_some() {
            break;
        }
    }
    let record = found.ok_or_else(missing)?;
    let own = of.division.as_deref();
    if !own.is_none_or(|own| record.division.as_deref().is_some_and(|it| it.starts_with(own))) {
        return Err(missing());
    }
    let record = find_record_at(conn, &record.id, now)?.ok_or_else(missing)?;
    let seen = Seen::of(shape, &record)?;
    let (body, media_type) = say(outbox, of, shape, &[(None, seen)], None, now)?;
    Ok(Fed { media_type, body, next: None, more: false })
}

fn say(
    outbox: &Outbox,
    of: &Subscription,
    shape: &Shape<'_>,
    seen: &[(Option<FeedItem>, Seen)],
    page: Option<(i64, bool)>,
    now: DateTime<Utc>,
) -> Result<(Vec<u8>, &'static str)> {
    if let Some(name) = of.message.as_deref() {
        let bodies: Vec<_> = seen.iter().map(|(_, it)| it.body.clone()).collect();
        if bodies.is_empty() {
            return Ok((Vec::new(), "application/json"));
        }
        // The same page gets the same identifier, so that the partner recognises a repeated pull.
        let id = page.map_or_else(|| of.id.to_string(), |(next, _)| format!("{}-{next}", of.id));
        return outbox.own_message(of, name, shape, &bodies, &id, now);
    }
    let changes: Result<Vec<Map<String, Value>>> = seen.iter().map(|it| one(shape, it)).collect();
    let answer = match page {
        Some((next, more)) => {
            json!({ "subscription": of.id, "changes": changes?, "next": next.to_string(), "more": more })
        }
        None => json!({ "subscription": of.id, "record": changes?.pop() }),
    };
    Ok((answer.to_string().into_bytes(), "application/json; charset=utf-8"))
}

fn one(shape: &Shape<'_>, (item, seen): &(Option<FeedItem>, Seen)) -> Result<Map<String, Value>> {
    let mut told = seen.json(shape, false);
    if let Some(item) = item {
        told.insert("position".to_owned(), json!(item.position));
        told.insert("changed".to_owned(), json!(shape.names(item.change.fields.read()?)));
        let at = item.change.at.utc().to_rfc3339_opts(SecondsFormat::AutoSi, true);
        told.insert("changed_at".to_owned(), json!(at));
    }
    Ok(told)
}
