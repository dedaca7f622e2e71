//! Steps of a batch: each is an event of the batch and a row of the audit.

use chrono::{DateTime, Utc};
use serde_json::Value as Json;

use crate::error::Result;
use crate::store::{
    Batch, BatchEvent, BatchState, Conn, Json as JsonText, NewAudit, append_audit, append_batch_event,
};

/// One step: what was done, by whom, from which state.
pub(super) struct BatchStep<'a> {
    /// State before; none for the first step.
    pub from: Option<BatchState>,
    /// What was done, in the past tense.
    pub action: &'a str,
    /// Who did it.
    pub actor: &'a str,
    /// What the person wrote.
    pub opinion: Option<&'a str>,
    /// Particulars.
    pub detail: Json,
}

/// Writes down one step. `batch` stands in the state it has now.
pub(super) fn note_batch(
    conn: &mut Conn,
    batch: &Batch,
    step: &BatchStep<'_>,
    now: DateTime<Utc>,
) -> Result<()> {
    let event = BatchEvent {
        batch_id: batch.id.clone(),
        n: 0,
        at: now.into(),
        actor: step.actor.to_owned(),
        action: step.action.to_owned(),
        from_state: step.from,
        to_state: batch.state,
        opinion: step.opinion.map(str::to_owned),
        detail: JsonText::of(&step.detail)?,
    };
    append_batch_event(conn, &event)?;
    let audit = NewAudit {
        actor: step.actor,
        action: &format!("batch.{}", step.action),
        object_kind: "batch",
        object_id: batch.id.as_str(),
        detail: &step.detail,
        trace_id: None,
    };
    append_audit(conn, &audit, now)
}
