//! One deed on one task: who may do it, whether it may follow, then the event, the row and the audit row together.

use chrono::NaiveDate;
use serde_json::json;

use super::desk::Desk;
use super::event::{Actor, Deed, Event};
use super::plan::Plan;
use super::state::{Doer, Snapshot, doer};
use super::stored::{Task, append, get_plan, get_task, note};
use crate::error::{Error, Result, codes::task as code};
use crate::store::{Conn, acknowledge_task};

/// A deed to do.
#[derive(Debug, Clone)]
pub struct Step {
    /// The plan.
    pub plan: String,
    /// The task's number within it.
    pub no: String,
    /// Who.
    pub actor: Actor,
    /// What.
    pub deed: Deed,
    /// The version the actor saw; when the task has moved on since, nothing is done. None: as it stands now.
    pub seen: Option<i32>,
    /// The day it counts for, when it is entered afterwards; only for actors without a department.
    pub on: Option<NaiveDate>,
}

/// What came of it.
#[derive(Debug, Clone)]
pub struct Acted {
    /// The task's version now; also the number of the event.
    pub version: i32,
    /// How it stands now.
    pub snapshot: Snapshot,
}

/// Does one deed. Run it inside a write transaction.
pub fn act(conn: &mut Conn, desk: &Desk<'_>, step: &Step) -> Result<Acted> {
    let plan = get_plan(conn, &step.plan)?;
    let task = get_task(conn, &step.plan, &step.no)?;
    check_seen(&task, step)?;
    check_doer(desk, &plan, &task, step)?;
    let day = step.on.unwrap_or_else(|| desk.today());
    let deed = complete(desk, &task, step.deed.clone(), day)?;
    task.snapshot.allow(&deed, day, desk.calendar)?;
    let event = Event { at: desk.now, day, actor: step.actor.clone(), deed };
    let snapshot = append(conn, desk, &task.row, &task.events, &event)?;
    let version = task.row.version + 1;
    if matches!(event.deed, Deed::Received) {
        acknowledge_task(conn, &task.row.id, &task.spec.lead, &step.actor.id, desk.now)?;
    }
    audit_deed(conn, desk, &plan, &task, &event, version)?;
    Ok(Acted { version, snapshot })
}

fn check_seen(task: &Task, step: &Step) -> Result<()> {
    let now = task.row.version;
    match (step.seen, task.events.last()) {
        (Some(seen), Some(last)) if seen != now => Err(Error::new(
            code::MOVED_ON,
            format!(
                "您查看之后，{}已{}；请刷新后按现状办理。您填写的内容未提交。",
                last.actor.name,
                last.deed.title()
            ),
        )),
        _ => Ok(()),
    }
}

/// Whose part it is. The system and operators at the server act for anybody.
fn check_doer(desk: &Desk<'_>, plan: &Plan, task: &Task, step: &Step) -> Result<()> {
    let Some(own) = step.actor.department.as_deref() else { return Ok(()) };
    let spec = &task.spec;
    let concerned = spec.lead == own || spec.supporting.iter().any(|department| department == own);
    let title = step.deed.title();
    let name = |department: &str| desk.name(plan, department, desk.today());
    match doer(&step.deed) {
        _ if step.on.is_some() => {
            Err(Error::new(code::NOT_OFFICE, "补录过去日期的办理记录，请由系统操作员在服务器上进行。"))
        }
        Doer::Lead if spec.lead != own => Err(Error::new(
            code::NOT_CONCERNED,
            format!("“{}”由{}牵头，{}由牵头单位办理。", spec.title, name(&spec.lead), title),
        )),
        Doer::Concerned if !concerned => Err(Error::new(
            code::NOT_CONCERNED,
            format!("“{}”的承办单位中没有{}，不能{}。", spec.title, name(own), title),
        )),
        Doer::Office if plan.office != own => {
            Err(Error::new(code::NOT_OFFICE, format!("{}由督办单位（{}）办理。", title, name(&plan.office))))
        }
        _ => Ok(()),
    }
}

/// Fills in what the deed leaves to the hub, and asks for what a task without counted evidence must bring itself.
fn complete(desk: &Desk<'_>, task: &Task, deed: Deed, day: NaiveDate) -> Result<Deed> {
    match deed {
        Deed::Reported(mut report) => {
            let version = desk.rules.on(day).ok_or_else(|| {
                Error::new(code::NO_RULES_YET, "当日没有生效的填报规则，请补充 plans/rules.toml。")
            })?;
            let period = report.period.unwrap_or_else(|| version.report.period_for(&task.snapshot, day));
            report.period = Some(period);
            Ok(Deed::Reported(report))
        }
        Deed::CompletionRequested { ref evidence, .. }
            if task.spec.evidence.is_none() && evidence.iter().all(|item| item.trim().is_empty()) =>
        {
            Err(Error::new(code::EVIDENCE_MISSING, "申请办结要有佐证，请填写文件、记录的名称或编号。"))
        }
        other => Ok(other),
    }
}

fn audit_deed(
    conn: &mut Conn,
    desk: &Desk<'_>,
    plan: &Plan,
    task: &Task,
    event: &Event,
    version: i32,
) -> Result<()> {
    let detail =
        json!({ "plan": plan.id, "no": task.spec.no, "n": version, "day": event.day, "deed": event.deed });
    note(
        conn,
        desk,
        &event.actor,
        &format!("task.{}", event.deed.code()),
        ("task", task.row.id.as_str()),
        &detail,
    )
}
