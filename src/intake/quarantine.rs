//! Quarantine: messages that could not be taken, run again when their mapping was mended, or closed by a person.

use chrono::{DateTime, Utc};
use serde_json::json;

use super::Intake;
use super::receipt;
use super::receive::{Answer, Inbound, Work, row};
use super::save::{account, save};
use crate::error::{Error, Result, codes};
use crate::mapping::Substitution;
use crate::store::{
    Conn, Message, MessageId, MessageState, NewAudit, append_audit, find_message, finish_message, load_raw,
    settle_message,
};

/// Who asks, and when.
#[derive(Debug, Clone)]
pub struct Asked {
    /// Account, or `system`.
    pub by: String,
    /// When.
    pub at: DateTime<Utc>,
    /// Trace id of the request.
    pub trace_id: String,
}

/// Runs a quarantined message through the present mapping. It keeps its id and the moment it came, so that what it says does
/// not outweigh what was said later.
///
/// # Errors
/// `message_not_found`; `parameter` when the message is not in quarantine; what the store says.
pub fn replay(intake: &Intake, id: &MessageId, asked: Asked) -> Result<Answer> {
    let work = work(intake, id, &asked.trace_id, Vec::new())?;
    let id = id.clone();
    intake.writer.write(move |conn| again(conn, &work, &id, &asked, "映射修正后重放，已接收。"))
}

/// A waiting message read anew.
pub(super) fn work(
    intake: &Intake,
    id: &MessageId,
    trace_id: &str,
    substitutions: Vec<Substitution>,
) -> Result<Work> {
    let (message, raw) = intake.store.read(|conn| {
        let message = waiting(conn, id)?;
        let raw = load_raw(conn, id)?;
        Ok((message, raw))
    })?;
    let mapping = intake.mapping(message.partner.as_str(), &message.name)?;
    let inbound = Inbound {
        partner: message.partner.clone(),
        name: message.name.clone(),
        bytes: raw,
        content_type: message.content_type.clone(),
        idempotency_key: message.idempotency_key.clone(),
        key_id: message.key_id.as_deref().map(Into::into),
        nonce: None,
        file_name: message.file_name.clone(),
        trace_id: trace_id.to_owned(),
        at: message.received_at.utc(),
    };
    Work::with(intake, mapping, inbound, substitutions)
}

fn waiting(conn: &mut Conn, id: &MessageId) -> Result<Message> {
    let message = find_message(conn, id)?.ok_or_else(|| {
        Error::new(codes::transport::MESSAGE_NOT_FOUND, format!("没有编号为“{id}”的报文。"))
    })?;
    if message.state == MessageState::Quarantined {
        return Ok(message);
    }
    Err(Error::new(
        codes::transport::PARAMETER,
        format!("报文 {id} 的状态是“{}”，不在隔离区，不能重放。", message.state.title()),
    ))
}

/// Takes a message that was read anew, or leaves it waiting with what is wrong with it now.
pub(super) fn again(
    conn: &mut Conn,
    work: &Work,
    id: &MessageId,
    asked: &Asked,
    note: &str,
) -> Result<Answer> {
    waiting(conn, id)?;
    let plan = work.plan(conn, id)?;
    let receipt = receipt::of(work, &plan, id);
    if !receipt.is_refused() {
        for it in &plan.records {
            save(conn, &work.schema, &it.thing, &it.becoming, id, asked.at)?;
        }
        settle_message(conn, id, MessageState::Resolved, &asked.by, note, asked.at)?;
    }
    let mut row = row(work, &receipt, id)?;
    if !receipt.is_refused() {
        row.state = MessageState::Resolved;
    }
    finish_message(conn, &row)?;
    account(conn, &asked.by, "message.replayed", id, &receipt, asked.at)?;
    Ok(Answer {
        receipt: serde_json::to_value(&receipt).map_err(Error::internal)?,
        outcome: receipt.outcome,
        duplicate: false,
    })
}

/// Closes a quarantined message that needs no more: wrong address, sent again, agreed with the sender.
///
/// # Errors
/// `message_not_found`; `parameter` when it is not in quarantine.
pub fn close(intake: &Intake, id: &MessageId, note: &str, asked: &Asked) -> Result<()> {
    intake.store.write(|conn| {
        waiting(conn, id)?;
        settle_message(conn, id, MessageState::Refused, &asked.by, note, asked.at)?;
        let detail = json!({ "note": note });
        let audit = NewAudit {
            actor: &asked.by,
            action: "message.closed",
            object_kind: "message",
            object_id: id.as_str(),
            detail: &detail,
            trace_id: Some(&asked.trace_id),
        };
        append_audit(conn, &audit, asked.at)
    })
}
