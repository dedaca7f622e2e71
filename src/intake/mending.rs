//! One decision over every message that waits in quarantine for the same reason: looked at first, then done in the background,
//! paused, gone on with, called off.
//!
//! Each message is run in a transaction of its own together with the mark how far the decision has come: after a kill at any
//! moment a message is done once, and the next run goes on behind it.

mod preview;

pub use preview::{Offer, Preview, preview};

use chrono::{DateTime, Utc};
use serde_json::json;

use super::Intake;
use super::quarantine::{Asked, again, work};
use super::receive::Work;
use crate::error::{Error, Result, codes};
use crate::mapping::{Outcome, Substitution};
use crate::store::{
    Conn, Group, Instant, Json, Mending, MendingId, MendingState, MessageId, NewAudit, NewJob, append_audit,
    count_group, enqueue, get_mending, hold_mending, insert_mending, list_group, list_mendings, save_mending,
};

/// Name of the job that goes on with a decision.
pub const MENDING_JOB: &str = "mend_messages";

/// Messages whose ids are read at once; their bytes are read one by one.
const AT_ONCE: i64 = 64;

/// How a group is to be read.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Cure {
    /// Values read otherwise; none to run the messages through the present mapping as they are.
    pub substitutions: Vec<Substitution>,
    /// Why, for those who look at the messages later.
    pub note: String,
}

/// What a person does to a decision that is under way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MendingDeed {
    /// Stops after the message at hand.
    Pause,
    /// Goes on behind the last message done.
    Resume,
    /// Leaves the rest waiting.
    Cancel,
}

impl MendingDeed {
    /// Every deed by its name in addresses.
    pub const ALL: &[(&'static str, Self)] =
        &[("pause", Self::Pause), ("resume", Self::Resume), ("cancel", Self::Cancel)];

    fn change(self, from: MendingState) -> Option<MendingState> {
        match (self, from) {
            (Self::Pause, MendingState::Running) => Some(MendingState::Paused),
            (Self::Resume, MendingState::Paused) => Some(MendingState::Running),
            (Self::Cancel, MendingState::Running | MendingState::Paused) => Some(MendingState::Cancelled),
            _ => None,
        }
    }

    fn action(self) -> &'static str {
        match self {
            Self::Pause => "mending.paused",
            Self::Resume => "mending.resumed",
            Self::Cancel => "mending.cancelled",
        }
    }
}

/// Decides over a group and sets the work going.
///
/// # Errors
/// `mending` when nothing waits or another decision over the group is under way; `parameter` without a reason, or with the
/// same value of a path read in two ways.
pub fn start_mending(intake: &Intake, group: &Group, cure: &Cure, asked: &Asked) -> Result<MendingId> {
    check(cure)?;
    intake.mapping(group.partner.as_str(), &group.name)?;
    let substitutions = Json::of(&cure.substitutions)?;
    intake.store.write(|conn| {
        let running = list_mendings(conn, group, 20)?;
        if let Some(other) = running.iter().find(|it| it.finished_at.is_none()) {
            let by = &other.created_by;
            return Err(refused(format!("这一组已有一次集中处理（{by}，{}）。", other.state.title())));
        }
        let (count, last) = count_group(conn, group)?;
        let Some(last) = last else { return Err(refused("这一组现在没有隔离报文。".to_owned())) };
        let at = Instant::from(asked.at);
        let row = Mending {
            id: MendingId::fresh(asked.at),
            partner: group.partner.clone(),
            name: group.name.clone(),
            cause: group.cause.clone(),
            substitutions: substitutions.clone(),
            note: cure.note.trim().to_owned(),
            state: MendingState::Running,
            after_id: String::new(),
            until_id: last,
            total: i32::try_from(count).unwrap_or(i32::MAX),
            accepted: 0,
            refused: 0,
            skipped: 0,
            created_by: asked.by.clone(),
            created_at: at,
            updated_at: at,
            finished_at: None,
        };
        insert_mending(conn, &row)?;
        go_on(conn, &row.id, asked.at)?;
        let detail = json!({ "partner": row.partner, "message": row.name, "cause": row.cause, "messages": count,
            "substitutions": cure.substitutions, "note": row.note });
        account(conn, &row.id, "mending.started", &detail, asked)?;
        Ok(row.id)
    })
}

fn check(cure: &Cure) -> Result<()> {
    let parameter = |detail: &str| Error::new(codes::transport::PARAMETER, detail.to_owned());
    if cure.note.trim().is_empty() {
        return Err(parameter("请写明理由：以后查看这些报文的人要知道为什么这样处理。"));
    }
    let mut seen = std::collections::BTreeSet::new();
    for it in &cure.substitutions {
        if !seen.insert((&it.path, &it.from)) {
            return Err(parameter("同一位置的同一个值不能改读成两种，请只留一种。"));
        }
    }
    Ok(())
}

/// Pauses, resumes or cancels a decision.
///
/// # Errors
/// `record_not_found`; `mending` when its state does not allow it.
pub fn act_mending(intake: &Intake, id: &MendingId, deed: MendingDeed, asked: &Asked) -> Result<Mending> {
    intake.store.write(|conn| {
        let mut row = hold_mending(conn, id)?;
        let Some(state) = deed.change(row.state) else {
            return Err(refused(format!("这次集中处理现为“{}”，不能这样办。", row.state.title())));
        };
        row.state = state;
        match deed {
            MendingDeed::Resume => go_on(conn, id, asked.at)?,
            MendingDeed::Cancel => row.finished_at = Some(asked.at.into()),
            MendingDeed::Pause => {}
        }
        save_mending(conn, &row, asked.at)?;
        account(conn, id, deed.action(), &json!({ "settled": row.settled(), "total": row.total }), asked)?;
        Ok(row)
    })
}

/// Pauses a decision that the machine could not go on with; a person resumes it.
///
/// # Errors
/// `record_not_found`, `database`.
pub fn interrupt_mending(intake: &Intake, id: &MendingId, why: &str, now: DateTime<Utc>) -> Result<()> {
    let asked = Asked { by: "hub".to_owned(), at: now, trace_id: String::new() };
    intake.store.write(|conn| {
        let mut row = hold_mending(conn, id)?;
        if row.state != MendingState::Running {
            return Ok(());
        }
        row.state = MendingState::Paused;
        save_mending(conn, &row, now)?;
        account(conn, id, "mending.interrupted", &json!({ "why": why }), &asked)
    })
}

/// Runs messages of a decision until `enough` says so; what is left then follows as a job of its own.
///
/// Memory: one message and its reading.
///
/// # Errors
/// Those of the machine. A message that is still wrong is none: it goes on waiting with what is wrong with it now.
pub fn run_mending(
    intake: &Intake,
    id: &MendingId,
    now: &dyn Fn() -> DateTime<Utc>,
    mut enough: impl FnMut() -> Result<bool>,
) -> Result<()> {
    loop {
        let (mending, ids) = intake.store.read(|conn| {
            let mending = get_mending(conn, id)?;
            let ids = list_group(conn, &mending.group(), &mending.after_id, AT_ONCE)?;
            Ok((mending, ids))
        })?;
        if mending.state != MendingState::Running {
            return Ok(());
        }
        let ids: Vec<_> = ids.into_iter().filter(|it| it.as_str() <= mending.until_id.as_str()).collect();
        if ids.is_empty() {
            return intake.store.write(|conn| finish(conn, id, now()));
        }
        for message in &ids {
            if !one(intake, &mending, message, now())? {
                return Ok(());
            }
            if enough()? {
                return intake.store.write(|conn| go_on(conn, id, now()));
            }
        }
    }
}

/// Runs one message; `false` when the decision was paused or called off.
fn one(intake: &Intake, mending: &Mending, message: &MessageId, now: DateTime<Utc>) -> Result<bool> {
    let substitutions: Vec<Substitution> = mending.substitutions.read()?;
    let note = note(mending, &substitutions);
    let asked = Asked { by: mending.created_by.clone(), at: now, trace_id: mending.id.to_string() };
    let work = match work(intake, message, &asked.trace_id, substitutions) {
        Ok(work) => Some(work),
        // Somebody dealt with it a moment ago.
        Err(error) if error.code == codes::transport::PARAMETER => None,
        Err(error) => return Err(error),
    };
    let (id, message) = (mending.id.clone(), message.clone());
    intake.writer.write(move |conn| settle(conn, &id, work.as_ref(), &message, &asked, &note))
}

fn settle(
    conn: &mut Conn,
    id: &MendingId,
    work: Option<&Work>,
    message: &MessageId,
    asked: &Asked,
    note: &str,
) -> Result<bool> {
    let mut row = hold_mending(conn, id)?;
    if row.state != MendingState::Running {
        return Ok(false);
    }
    if message.as_str() <= row.after_id.as_str() {
        return Ok(true);
    }
    match work.map(|work| again(conn, work, message, asked, note)).transpose() {
        Ok(Some(answer)) if answer.outcome == Outcome::Refused => row.refused += 1,
        Ok(Some(_)) => row.accepted += 1,
        Err(error) if error.code != codes::transport::PARAMETER => return Err(error),
        Ok(None) | Err(_) => row.skipped += 1,
    }
    row.after_id = message.to_string();
    save_mending(conn, &row, asked.at)?;
    Ok(true)
}

/// What stands with each message that was taken.
fn note(mending: &Mending, substitutions: &[Substitution]) -> String {
    let how: Vec<String> =
        substitutions.iter().map(|it| format!("{} 的“{}”读作“{}”", it.path, it.from, it.to)).collect();
    let how = if how.is_empty() { "按现行映射重放".to_owned() } else { how.join("，") };
    format!("集中处理，{how}，已接收。理由：{}", mending.note)
}

fn finish(conn: &mut Conn, id: &MendingId, now: DateTime<Utc>) -> Result<()> {
    let mut row = hold_mending(conn, id)?;
    if row.state != MendingState::Running {
        return Ok(());
    }
    row.state = MendingState::Done;
    row.finished_at = Some(now.into());
    save_mending(conn, &row, now)?;
    let asked = Asked { by: "hub".to_owned(), at: now, trace_id: String::new() };
    let detail = json!({ "accepted": row.accepted, "refused": row.refused, "skipped": row.skipped });
    account(conn, id, "mending.finished", &detail, &asked)
}

fn go_on(conn: &mut Conn, id: &MendingId, now: DateTime<Utc>) -> Result<()> {
    let key = format!("{MENDING_JOB} {id}");
    let new = NewJob {
        kind: MENDING_JOB,
        payload: &json!({ "mending": id }),
        order_key: Some(&key),
        dedup_key: None,
        priority: 0,
        run_at: now,
        max_tries: 10,
    };
    enqueue(conn, &new, now).map(|_id| ())
}

fn account(
    conn: &mut Conn,
    id: &MendingId,
    action: &str,
    detail: &serde_json::Value,
    asked: &Asked,
) -> Result<()> {
    let trace_id = Some(asked.trace_id.as_str()).filter(|it| !it.is_empty());
    let audit = NewAudit {
        actor: &asked.by,
        action,
        object_kind: "mending",
        object_id: id.as_str(),
        detail,
        trace_id,
    };
    append_audit(conn, &audit, asked.at)
}

fn refused(detail: String) -> Error {
    Error::new(codes::record::MENDING, detail)
}
