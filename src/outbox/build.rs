//! From a change to bytes: the version it led to, the fields agreed, canonical JSON or the partner's own message.

use std::collections::BTreeMap;

use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::{Map, Value, json};

use super::Outbox;
use super::subscribe::Shape;
use crate::crypto;
use crate::error::{Error, Result};
use crate::mapping::{RecordView, Stamps};
use crate::model::Body;
use crate::store::{
    Conn, Delivery, PastRecord, RecordId, Subscription, SubscriptionId, get_subscription, load_versions,
};

/// So much of a request or an answer is kept in the log.
pub(super) const LOG_LIMIT: usize = 2 * 1024;

/// A delivery ready to be sent.
#[derive(Debug, Clone)]
pub struct Parcel {
    /// The delivery.
    pub delivery: Delivery,
    /// Where to.
    pub url: String,
    /// What is sent.
    pub body: Vec<u8>,
    /// Its media type.
    pub media_type: &'static str,
    /// What the log keeps of it: cut, personal values masked.
    pub shown: String,
    /// Personal values that an answer may repeat, each with its mask.
    pub masks: Vec<(String, String)>,
    /// The message whose `accept` rules judge the answer.
    pub answer: Option<String>,
}

/// A delivery as bytes, or why it cannot be said.
#[derive(Debug, Clone)]
pub enum Built {
    /// To be sent.
    Parcel(Box<Parcel>),
    /// Cannot be sent as agreed.
    Unsayable(Box<Delivery>, String),
}

/// One version of a record as one subscription sees it.
pub(super) struct Seen {
    pub id: RecordId,
    pub version: i32,
    pub division: Option<String>,
    pub at: DateTime<Utc>,
    pub body: Body,
}

impl Seen {
    pub fn of(shape: &Shape<'_>, record: &PastRecord) -> Result<Self> {
        let whole = Body::from_json(&shape.kind.fields, &record.body.read()?).map_err(|(field, fault)| {
            Error::internal(format!("stored body, field {field}: {}", fault.rule))
        })?;
        Ok(Self {
            id: record.id.clone(),
            version: record.version,
            division: record.division.clone(),
            at: record.valid_from.utc(),
            body: shape.keep(&whole),
        })
    }

    /// Canonical JSON; `masked` for the log.
    pub fn json(&self, shape: &Shape<'_>, masked: bool) -> Map<String, Value> {
        let fields = &shape.kind.fields;
        let keys: Map<String, Value> = shape
            .kind
            .keys_of(&self.body)
            .into_iter()
            .map(|key| (key.name, Value::from(key.value)))
            .collect();
        let body = if masked { self.body.to_json_masked(fields) } else { self.body.to_json(fields) };
        let seen = json!({
            "kind": shape.kind.name, "id": self.id, "version": self.version, "division": self.division,
            "at": self.at.to_rfc3339_opts(SecondsFormat::AutoSi, true),
            // A business key may be a personal number; the log does without.
            "keys": if masked && shape.has_personal() { Map::new() } else { keys }, "fields": body,
        });
        match seen {
            Value::Object(seen) => seen,
            _ => Map::new(),
        }
    }

    fn masks(&self, shape: &Shape<'_>) -> Vec<(String, String)> {
        let personal = self.body.iter().filter_map(|(id, value)| Some((shape.kind.fields.get(id)?, value)));
        personal
            .filter(|(field, _)| field.is_personal())
            .map(|(field, value)| (value.plain_text(), field.display_masked(value)))
            .filter(|(plain, _)| plain.chars().count() > 1)
            .collect()
    }
}

impl Outbox {
    /// Makes what one turn took into bytes. Holds the bodies of one batch in memory and nothing more.
    ///
    /// # Errors
    /// What the store says; a record that cannot be said is no error.
    pub fn load(&self, deliveries: Vec<Delivery>, now: DateTime<Utc>) -> Result<Vec<Built>> {
        self.store.read(|conn| {
            let mut subscriptions: BTreeMap<SubscriptionId, Subscription> = BTreeMap::new();
            let wanted: Vec<(RecordId, i32)> =
                deliveries.iter().map(|it| (it.record_id.clone(), it.version)).collect();
            let records: BTreeMap<(RecordId, i32), PastRecord> = load_versions(conn, &wanted)?
                .into_iter()
                .map(|it| ((it.id.clone(), it.version), it))
                .collect();
            let mut built = Vec::with_capacity(deliveries.len());
            for delivery in deliveries {
                let of = find(conn, &mut subscriptions, &delivery.subscription_id)?;
                let record = records.get(&(delivery.record_id.clone(), delivery.version));
                built.push(match self.parcel(of, &delivery, record, now) {
                    Ok(parcel) => Built::Parcel(Box::new(parcel)),
                    Err(error) => Built::Unsayable(Box::new(delivery), said(&error)),
                });
            }
            Ok(built)
        })
    }

    fn parcel(
        &self,
        of: &Subscription,
        delivery: &Delivery,
        record: Option<&PastRecord>,
        now: DateTime<Utc>,
    ) -> Result<Parcel> {
        let record = record.ok_or_else(|| Error::internal(format!("no version {}", delivery.version)))?;
        let shape = Shape::of(&self.schema, of)?;
        let seen = Seen::of(&shape, record)?;
        let (body, media_type, shown) = match of.message.as_deref() {
            None => {
                let masked = envelope(of, delivery, &shape, &seen, true)?;
                (
                    envelope(of, delivery, &shape, &seen, false)?.to_string().into_bytes(),
                    "application/json",
                    masked.to_string(),
                )
            }
            Some(name) => {
                let (body, media_type) = self.own_message(
                    of,
                    name,
                    &shape,
                    std::slice::from_ref(&seen.body),
                    delivery.id.as_str(),
                    now,
                )?;
                let shown = if shape.has_personal() {
                    format!(
                        "（含个人信息，不留存原文；{} 字节，SHA-256 {}）",
                        body.len(),
                        crypto::sha256_hex(&body)?
                    )
                } else {
                    String::from_utf8_lossy(&body).into_owned()
                };
                (body, media_type, shown)
            }
        };
        Ok(Parcel {
            delivery: delivery.clone(),
            url: of.url.clone().unwrap_or_default(),
            body,
            media_type,
            shown: cut(shown),
            masks: seen.masks(&shape),
            answer: of.answer.clone(),
        })
    }

    /// Records in the partner's own message, with its media type.
    pub(super) fn own_message(
        &self,
        of: &Subscription,
        name: &str,
        shape: &Shape<'_>,
        bodies: &[Body],
        message_id: &str,
        now: DateTime<Utc>,
    ) -> Result<(Vec<u8>, &'static str)> {
        let mapping = self
            .mappings
            .get(of.partner.as_str(), name)
            .ok_or_else(|| Error::internal(format!("no mapping {}/{name}", of.partner)))?;
        let views: Vec<RecordView<'_>> =
            (0..).zip(bodies).map(|(group, body)| RecordView { kind: shape.kind.id, body, group }).collect();
        Ok((mapping.write(&views, &Stamps::new(now, message_id))?, mapping.media_type()))
    }
}

fn find<'m>(
    conn: &mut Conn,
    known: &'m mut BTreeMap<SubscriptionId, Subscription>,
    id: &SubscriptionId,
) -> Result<&'m Subscription> {
    if !known.contains_key(id) {
        let found = get_subscription(conn, id)?;
        known.insert(id.clone(), found);
    }
    known.get(id).ok_or_else(|| Error::internal("a subscription that was just read"))
}

/// What is pushed as canonical JSON: type, time and data as Standard Webhooks suggests.
fn envelope(
    of: &Subscription,
    delivery: &Delivery,
    shape: &Shape<'_>,
    seen: &Seen,
    masked: bool,
) -> Result<Value> {
    let mut data = seen.json(shape, masked);
    data.insert("subscription".to_owned(), json!(of.id));
    data.insert("position".to_owned(), json!(delivery.position));
    data.insert("changed".to_owned(), json!(shape.names(delivery.fields.read()?)));
    let at = seen.at.to_rfc3339_opts(SecondsFormat::AutoSi, true);
    Ok(json!({ "type": "record.changed", "timestamp": at, "data": data }))
}

/// The sentence of an error with its findings, for the log.
fn said(error: &Error) -> String {
    let rules: Vec<&str> = error.problems.iter().map(|it| it.rule.as_str()).collect();
    cut(if rules.is_empty() { error.detail.clone() } else { format!("{}{}", error.detail, rules.concat()) })
}

/// At most [`LOG_LIMIT`] bytes, cut between two characters.
pub(super) fn cut(mut text: String) -> String {
    if text.len() > LOG_LIMIT {
        let mut at = LOG_LIMIT;
        while !text.is_char_boundary(at) {
            at -= 1;
        }
        text.truncate(at);
        text.push('…');
    }
    text
}
