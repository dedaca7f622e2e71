//! Messages to send: a folder's samples as they are, or variants of one with business keys of their own.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use super::fresh::{can_vary, counted, neighbour};
use crate::crypto;
use crate::error::{Error, Result, codes};
use crate::mapping::{Files, Hints, Mapping, Mappings, Outcome, RecordView, Stamps};
use crate::model::{Body, FieldType, Kind, KindId, Schema, Value};

/// One message about to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Letter {
    /// Message folder, the last part of the address.
    pub message: String,
    /// Where it is from, for people.
    pub from: String,
    /// Media type.
    pub content_type: String,
    /// What is sent.
    pub bytes: Vec<u8>,
}

impl Letter {
    /// One of a mapping's messages.
    #[must_use]
    pub fn of(mapping: &Mapping, from: impl Into<String>, bytes: Vec<u8>) -> Self {
        let content_type = mapping.media_type().to_owned();
        Self { message: mapping.message.clone(), from: from.into(), content_type, bytes }
    }

    /// What tells a letter sent again from another one that says the same: many messages have no id of their own. The same bytes
    /// have the same key in every life of the sender.
    ///
    /// # Errors
    /// `internal` when the crypto library fails.
    pub fn idempotency_key(&self) -> Result<String> {
        crypto::sha256_hex(&self.bytes).map(|it| format!("{}-{it}", self.message))
    }
}

/// The good samples of a partner's message folders; of `messages` only, when it names any.
///
/// # Errors
/// `unknown_partner`, `unknown_message`, both naming those there are.
pub fn samples(
    mappings: &Mappings,
    files: &Files,
    partner: &str,
    messages: &[String],
) -> Result<Vec<Letter>> {
    let own: Vec<&Mapping> = mappings.iter().filter(|it| it.partner == partner).collect();
    if own.is_empty() {
        let mut all: Vec<&str> = mappings.iter().map(|it| it.partner.as_str()).collect();
        all.dedup();
        let detail = format!("映射里没有单位“{partner}”，现有：{}。", all.join("、"));
        return Err(Error::new(codes::transport::UNKNOWN_PARTNER, detail));
    }
    let names: Vec<&str> = own.iter().map(|it| it.message.as_str()).collect();
    if let Some(unknown) = messages.iter().find(|it| !names.contains(&it.as_str())) {
        let detail = format!("“{partner}”没有报文“{unknown}”，现有：{}。", names.join("、"));
        return Err(Error::new(codes::transport::UNKNOWN_MESSAGE, detail));
    }
    let wanted = own.iter().filter(|it| messages.is_empty() || messages.contains(&it.message));
    Ok(wanted
        .flat_map(|mapping| {
            mapping.samples(files).map(|(name, bytes)| Letter::of(mapping, name, bytes.to_vec()))
        })
        .collect())
}

/// A bad sample of a message folder; one with wrong values before one of another fault.
#[must_use]
pub fn bad_sample(mappings: &Mappings, files: &Files, partner: &str, message: &str) -> Option<Letter> {
    let mapping = mappings.get(partner, message)?;
    let folder = format!("{partner}/{message}/bad-");
    let own = files.range(folder.clone()..).take_while(|(path, _)| path.starts_with(&folder));
    let mut bad = own.filter(|(path, _)| !path.ends_with(".expected.json"));
    let found = bad.clone().find(|(path, _)| path.contains("/bad-values.")).or_else(|| bad.next());
    let (path, bytes) = found?;
    let name = path.rsplit('/').next().unwrap_or_default();
    Some(Letter::of(mapping, name, bytes.clone()))
}

/// One sample for each message: the folder's `sample.*`, or where there is none the first.
#[must_use]
pub fn usual(samples: Vec<Letter>) -> Vec<Letter> {
    let mut of_each: BTreeMap<String, Letter> = BTreeMap::new();
    for sample in samples {
        match of_each.get(&sample.message) {
            Some(_) if !sample.from.starts_with("sample.") => {}
            _ => {
                of_each.insert(sample.message.clone(), sample);
            }
        }
    }
    of_each.into_values().collect()
}

/// Makes variants of one message through its mapping read backwards.
pub struct Composer {
    /// Kind, content and row of each record of the sample.
    records: Vec<(KindId, Body, u32)>,
    /// Values that name things, each with its type: they are counted up wherever they stand.
    keys: Vec<(Value, FieldType)>,
    message_key: String,
    /// Numbers between two variants: as many as the sample has records, so that rows numbered on from one another stay apart.
    stride: u64,
    from: String,
}

impl Composer {
    /// Reads the sample. Its records and keys are all that is held.
    ///
    /// # Errors
    /// `variant_impossible` when the mapping does not write, the sample is not taken whole, or nothing in its keys can be counted up.
    pub fn new(mapping: &Mapping, schema: &Schema, sample: &Letter) -> Result<Self> {
        let cannot = |why: String| {
            let detail = format!("照 {} 的 {} 造不出新报文：{why}", mapping.label(), sample.from);
            Error::new(codes::transport::VARIANT_IMPOSSIBLE, detail)
        };
        if !mapping.is_reversible() {
            return Err(cannot("这种报文的映射没有 [write]，不能写出。".to_owned()));
        }
        let reading = mapping.read(&sample.bytes, &Hints::default());
        if let Some(problem) = reading.errors().next() {
            return Err(cannot(format!("样例本身有错：{problem}")));
        }
        let mut keys: BTreeMap<String, (Value, FieldType)> = BTreeMap::new();
        let mut records = Vec::with_capacity(reading.claims.len());
        for claim in &reading.claims {
            let body: Body = claim.fields.iter().map(|it| (it.field, it.value.clone())).collect();
            let kind = schema.kind_at(claim.kind).ok_or_else(|| Error::internal("a claim of no kind"))?;
            let mut own = naming(kind, &body);
            if own.is_empty() {
                return Err(cannot(format!("“{}”的业务键里没有可以递增的编号。", kind.title)));
            }
            keys.append(&mut own);
            records.push((claim.kind, body, claim.row.unwrap_or(0)));
        }
        Ok(Self {
            stride: std::iter::successors(Some(1_u64), |it| it.checked_mul(10))
                .find(|it| *it >= records.len() as u64)
                .unwrap_or(1),
            records,
            keys: keys.into_values().collect(),
            message_key: reading.message_key.unwrap_or_default(),
            from: sample.from.clone(),
        })
    }

    /// The `serial`-th variant, by the mapping the composer was made for. The same number always makes the same message, except for
    /// the moment where the mapping writes one.
    ///
    /// # Errors
    /// `variant_impossible` when the digits do not suffice or the message does not read as it was written.
    pub fn variant(&self, mapping: &Mapping, serial: u64, now: DateTime<Utc>) -> Result<Letter> {
        let cannot = |why: &str| {
            let detail = format!("照 {} 的 {} 造不出第 {serial} 份：{why}", mapping.label(), self.from);
            Error::new(codes::transport::VARIANT_IMPOSSIBLE, detail)
        };
        let mut fresh = Vec::with_capacity(self.keys.len());
        for (value, ty) in &self.keys {
            let new = neighbour(ty, value, serial.saturating_mul(self.stride))
                .ok_or_else(|| cannot("编号的位数不够，请减小份数。"))?;
            fresh.push((value, new));
        }
        let records: Vec<(KindId, Body, u32)> =
            self.records.iter().map(|(kind, body, row)| (*kind, renamed(body, &fresh), *row)).collect();
        let views: Vec<RecordView<'_>> = records
            .iter()
            .map(|(kind, body, group)| RecordView { kind: *kind, body, group: *group })
            .collect();
        let message_id =
            counted(&self.message_key, serial, false).ok_or_else(|| cannot("报文编号位数不够。"))?;
        // The digits that close a frame are looked at by the frame's own line only, never where a message is posted by HTTP.
        let mac = |_: &[u8]| "0".repeat(64);
        let mut stamps = Stamps::new(now, message_id);
        stamps.mac = Some(&mac);
        stamps.arguments = mapping.arguments().map(|it| (it.to_owned(), it.to_owned())).collect();
        let bytes = mapping.write(&views, &stamps)?;
        let again = mapping.read(&bytes, &Hints::default());
        if again.outcome != Outcome::Accepted || again.claims.len() != self.records.len() {
            let why = again.errors().next().map_or("写出后读不回原样。".to_owned(), ToString::to_string);
            return Err(cannot(&why));
        }
        Ok(Letter::of(mapping, format!("{}#{serial}", self.from), bytes))
    }
}

/// What names a record: the values of its complete business keys that can be counted up, by their text.
fn naming(kind: &Kind, body: &Body) -> BTreeMap<String, (Value, FieldType)> {
    let complete = kind.keys.iter().filter(|key| key.iter().all(|id| body.get(*id).is_some()));
    complete
        .flatten()
        .filter_map(|id| Some((kind.fields.get(*id)?, body.get(*id)?)))
        .filter_map(|(field, value)| {
            let ty = match &field.ty {
                FieldType::Ref { ty, .. } => ty,
                other => other,
            };
            can_vary(ty).then(|| (value.plain_text(), (value.clone(), ty.clone())))
        })
        .collect()
}

/// The same content with the new names wherever the old ones stand, so that what belonged together still does.
fn renamed(body: &Body, fresh: &[(&Value, Value)]) -> Body {
    let new = |value: &Value| fresh.iter().find(|(old, _)| *old == value).map(|(_, new)| new.clone());
    body.iter().map(|(id, value)| (id, new(value).unwrap_or_else(|| value.clone()))).collect()
}
