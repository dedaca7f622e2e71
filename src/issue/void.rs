//! 作废: a document is declared void with a reason. Its number stays in the register, its file stays in the archive.

use chrono::{DateTime, Utc};
use serde_json::json;

use super::event::{Step, note};
use crate::error::{Error, Result, codes};
use crate::store::{
    Conn, Document, DocumentId, DocumentState, NumberState, close_number, find_number_of, get_document,
    save_document,
};

/// Declares a document void. A void document is handed back as it is.
///
/// # Errors
/// No reason is given, or the document was changed by somebody else meanwhile.
pub fn void(
    conn: &mut Conn,
    id: &DocumentId,
    reason: &str,
    actor: &str,
    now: DateTime<Utc>,
) -> Result<Document> {
    let mut document = get_document(conn, id)?;
    if document.state == DocumentState::Void {
        return Ok(document);
    }
    let reason = reason.trim();
    if reason.is_empty() {
        return Err(Error::new(codes::document::VOID_REASON, "作废须写明理由，理由随文号簿永久保存。"));
    }
    let from = document.state;
    document.state = DocumentState::Void;
    document.void_reason = Some(reason.to_owned());
    document.voided_at = Some(now.into());
    document.holder = None;
    save_document(conn, &mut document, now)?;
    if let Some(taken) = find_number_of(conn, id)? {
        close_number(conn, &taken.series, taken.year, taken.n, NumberState::Void, reason)?;
    }
    let step = Step { from: Some(from), action: "voided", actor, opinion: Some(reason), detail: json!({}) };
    note(conn, &document, &step, now)?;
    Ok(document)
}
