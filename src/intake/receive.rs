//! The deed itself: one message taken, checked or recognised, in one transaction.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde_json::Value;

use super::plan::{Plan, plan};
use super::read::{Read, is_open, read};
use super::receipt::{Receipt, as_duplicate};
use super::save::{account, save};
use super::weigh::Stamp;
use super::{Intake, receipt};
use crate::crypto;
use crate::error::{Error, Result, codes};
use crate::mapping::{Hints, Mapping, Outcome, Substitution};
use crate::model::Schema;
use crate::store::{
    Conn, Identity, Json, KeyId, Message, MessageId, MessageState, PartnerId, find_repeated, finish_message,
    insert_message, list_waiting, settle_message, take_nonce,
};

/// A message as it came.
#[derive(Debug, Clone)]
pub struct Inbound {
    /// Sender, already known to be who it says.
    pub partner: PartnerId,
    /// Name of the message.
    pub name: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// `Content-Type`, as sent.
    pub content_type: Option<String>,
    /// `Idempotency-Key`, as sent.
    pub idempotency_key: Option<String>,
    /// The key that signed the request; none for files a person hands in.
    pub key_id: Option<KeyId>,
    /// The request's nonce, taken in the same transaction.
    pub nonce: Option<Nonce>,
    /// Name of the file, for files.
    pub file_name: Option<String>,
    /// Trace id of the request.
    pub trace_id: String,
    /// When it came.
    pub at: DateTime<Utc>,
}

/// A number used once by one partner.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Nonce {
    /// As sent.
    pub value: String,
    /// When the same request would fail the clock check anyway.
    pub expires_at: DateTime<Utc>,
}

/// What the sender is told.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// The receipt as JSON; for a repetition the stored one.
    pub receipt: Value,
    /// How it ended.
    pub outcome: Outcome,
    /// Whether it had been taken before.
    pub duplicate: bool,
}

/// A request whose nonce was used before.
#[must_use]
pub fn replayed() -> Error {
    Error::new(codes::transport::NONCE_REPLAYED, "这个请求已经收到过（随机数重复），没有再次处理。")
}

/// Everything the transaction needs, read and computed before it begins.
pub(super) struct Work {
    pub inbound: Inbound,
    pub read: Read,
    pub label: String,
    pub version: i32,
    pub department: String,
    pub whole: bool,
    pub digest: String,
    pub schema: Arc<Schema>,
}

impl Work {
    pub fn new(intake: &Intake, mapping: &Mapping, inbound: Inbound) -> Result<Self> {
        Self::with(intake, mapping, inbound, Vec::new())
    }

    /// The same, with values that are read otherwise than they were sent.
    pub fn with(
        intake: &Intake,
        mapping: &Mapping,
        inbound: Inbound,
        substitutions: Vec<Substitution>,
    ) -> Result<Self> {
        let hints =
            Hints { content_type: inbound.content_type.clone(), now: Some(inbound.at), substitutions };
        let read = read(&intake.schema, mapping, &inbound.bytes, &hints);
        Ok(Self {
            digest: crypto::sha256_hex(&inbound.bytes)?,
            label: mapping.label(),
            version: i32::try_from(mapping.version).unwrap_or(i32::MAX),
            department: mapping.department.clone(),
            whole: mapping.is_whole(),
            schema: intake.schema.clone(),
            inbound,
            read,
        })
    }

    pub fn identity(&self) -> Identity<'_> {
        Identity {
            partner: &self.inbound.partner,
            name: &self.inbound.name,
            message_key: self.read.reading.message_key.as_deref(),
            idempotency_key: self.inbound.idempotency_key.as_deref(),
            digest: &self.digest,
        }
    }

    pub fn stamp(&self, message_id: &MessageId) -> Stamp {
        Stamp {
            message_id: message_id.clone(),
            partner: self.inbound.partner.clone(),
            department: self.department.clone(),
            mapping: self.label.clone(),
            division: self.read.reading.division.clone(),
            at: self.inbound.at,
        }
    }

    pub fn plan(&self, conn: &mut Conn, message_id: &MessageId) -> Result<Plan> {
        if is_open(self.read.reading.outcome) {
            plan(conn, &self.schema, &self.read.statements, &self.stamp(message_id), self.whole)
        } else {
            Ok(Plan::default())
        }
    }
}

/// Takes a message: stores it and everything it says, or keeps it in quarantine with its problems.
///
/// When this returns, the answer is on the disk.
///
/// # Errors
/// `nonce_replayed`, `idempotency_key_reused`, `unknown_partner`, `unknown_message`, and what the store says. A message that
/// is wrong is no error: its answer says so.
pub fn receive(intake: &Intake, inbound: Inbound) -> Result<Answer> {
    let mapping = intake.mapping(inbound.partner.as_str(), &inbound.name)?;
    let work = Work::new(intake, mapping, inbound)?;
    intake.writer.write(move |conn| take(conn, &work))
}

/// Says what [`receive`] would answer, and stores nothing.
///
/// # Errors
/// As [`receive`].
pub fn check(intake: &Intake, inbound: Inbound) -> Result<Answer> {
    let mapping = intake.mapping(inbound.partner.as_str(), &inbound.name)?;
    let work = Work::new(intake, mapping, inbound)?;
    intake.store.read(|conn| {
        if let Some(answer) = repeated(conn, &work)? {
            return Ok(answer);
        }
        let id = MessageId::fresh(work.inbound.at);
        let plan = work.plan(conn, &id)?;
        let mut receipt = receipt::of(&work, &plan, &id);
        receipt.as_dry_run();
        answer(&receipt)
    })
}

fn answer(receipt: &Receipt) -> Result<Answer> {
    Ok(Answer {
        receipt: serde_json::to_value(receipt).map_err(Error::internal)?,
        outcome: receipt.outcome,
        duplicate: false,
    })
}

fn repeated(conn: &mut Conn, work: &Work) -> Result<Option<Answer>> {
    let Some(found) = find_repeated(conn, work.identity())? else { return Ok(None) };
    let receipt = as_duplicate(found.receipt.read()?, &work.inbound.trace_id);
    let outcome = receipt.get("outcome").cloned().unwrap_or_default();
    let outcome =
        serde_json::from_value(outcome).map_err(|e| Error::internal(format!("stored receipt: {e}")))?;
    Ok(Some(Answer { receipt, outcome, duplicate: true }))
}

fn take(conn: &mut Conn, work: &Work) -> Result<Answer> {
    if let Some(nonce) = &work.inbound.nonce
        && !take_nonce(conn, &work.inbound.partner, &nonce.value, nonce.expires_at)?
    {
        return Err(replayed());
    }
    if let Some(answer) = repeated(conn, work)? {
        return Ok(answer);
    }
    let waiting = list_waiting(conn, work.identity())?;
    let same = waiting.iter().find(|it| it.digest == work.digest);
    let fresh = MessageId::fresh(work.inbound.at);
    let plan = work.plan(conn, &fresh)?;
    let mut receipt = receipt::of(work, &plan, &fresh);
    let actor = work.inbound.partner.as_str();
    match same {
        // The same bytes were refused before and still are: one message in quarantine, not one per try.
        Some(same) if receipt.is_refused() => {
            receipt.message_id = Some(same.id.to_string());
            let row = Message { id: same.id.clone(), ..row(work, &receipt, &same.id)? };
            finish_message(conn, &row)?;
            account(conn, actor, "message.refused_again", &row.id, &receipt, work.inbound.at)?;
        }
        _ => {
            insert_message(conn, &row(work, &receipt, &fresh)?, &work.inbound.bytes)?;
            for it in &plan.records {
                save(conn, &work.schema, &it.thing, &it.becoming, &fresh, work.inbound.at)?;
            }
            if !receipt.is_refused() {
                let note = format!("发送方重发后已接收，见报文 {fresh}。");
                for old in &waiting {
                    settle_message(conn, &old.id, MessageState::Refused, actor, &note, work.inbound.at)?;
                }
            }
            account(conn, actor, action(&receipt), &fresh, &receipt, work.inbound.at)?;
        }
    }
    answer(&receipt)
}

fn action(receipt: &Receipt) -> &'static str {
    match receipt.outcome {
        Outcome::Accepted => "message.accepted",
        Outcome::Partial => "message.partial",
        Outcome::Refused => "message.quarantined",
        Outcome::NotFound => "message.nothing_found",
    }
}

/// The message as it is stored.
pub(super) fn row(work: &Work, receipt: &Receipt, id: &MessageId) -> Result<Message> {
    let reading = &work.read.reading;
    Ok(Message {
        id: id.clone(),
        partner: work.inbound.partner.clone(),
        name: work.inbound.name.clone(),
        mapping_version: Some(work.version),
        message_key: reading.message_key.clone(),
        idempotency_key: work.inbound.idempotency_key.clone(),
        key_id: work.inbound.key_id.as_ref().map(ToString::to_string),
        digest: work.digest.clone(),
        state: state(receipt),
        cause: receipt.cause().filter(|_| receipt.refused > 0).map(|code| code.to_string()),
        received_at: work.inbound.at.into(),
        content_type: work.inbound.content_type.clone(),
        charset: None,
        file_name: work.inbound.file_name.clone(),
        division: reading.division.clone(),
        trace_id: Some(work.inbound.trace_id.clone()),
        size: i64::try_from(work.inbound.bytes.len()).unwrap_or(i64::MAX),
        record_count: i32::try_from(receipt.records.len()).unwrap_or(i32::MAX),
        receipt: Json::of(receipt)?,
        problems: Json::of(&receipt.problems)?,
        replayed_from: None,
        settled_at: None,
        settled_by: None,
        settled_note: None,
    })
}

fn state(receipt: &Receipt) -> MessageState {
    match receipt.outcome {
        Outcome::Accepted | Outcome::NotFound => MessageState::Accepted,
        Outcome::Partial => MessageState::Partial,
        Outcome::Refused => MessageState::Quarantined,
    }
}
