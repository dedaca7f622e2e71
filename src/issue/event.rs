//! Steps of a document's life: each is an event of the document and a row of the audit.

use chrono::{DateTime, Utc};
use serde_json::Value as Json;

use crate::error::Result;
use crate::store::{
    Conn, Document, DocumentEvent, DocumentState, Json as JsonText, NewAudit, append_audit,
    append_document_event,
};

/// One step: what was done, by whom, from which state.
pub(super) struct Step<'a> {
    /// State before; none for the first step.
    pub from: Option<DocumentState>,
    /// What was done, in the past tense.
    pub action: &'a str,
    /// Who did it.
    pub actor: &'a str,
    /// What the person wrote.
    pub opinion: Option<&'a str>,
    /// Particulars.
    pub detail: Json,
}

/// Writes down one step. `document` stands in the state it has now.
pub(super) fn note(conn: &mut Conn, document: &Document, step: &Step<'_>, now: DateTime<Utc>) -> Result<()> {
    note_at(conn, document, step, now, now)
}

/// The same for a step that was decided at `at`, before there was the document.
pub(super) fn note_at(
    conn: &mut Conn,
    document: &Document,
    step: &Step<'_>,
    at: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<()> {
    let event = DocumentEvent {
        document_id: document.id.clone(),
        n: 0,
        at: at.into(),
        actor: step.actor.to_owned(),
        action: step.action.to_owned(),
        from_state: step.from,
        to_state: document.state,
        opinion: step.opinion.map(str::to_owned),
        detail: JsonText::of(&step.detail)?,
    };
    append_document_event(conn, &event)?;
    let audit = NewAudit {
        actor: step.actor,
        action: &format!("document.{}", step.action),
        object_kind: "document",
        object_id: document.id.as_str(),
        detail: &step.detail,
        trace_id: None,
    };
    append_audit(conn, &audit, now)
}
