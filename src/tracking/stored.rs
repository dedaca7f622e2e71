//! Between the rows of the store and what this room thinks in.

use std::collections::HashMap;

use super::desk::Desk;
use super::duty::Strength;
use super::event::{Actor, Deed, Event};
use super::plan::{Level, Plan, TaskSpec};
use super::state::Snapshot;
use crate::error::{Error, Result, codes::task as code};
use crate::model::calendar::Calendar;
use crate::store::{self, Conn, Json, NewAudit, PlanId, TaskDepartment, TaskEvent, TaskId, TaskRole};

/// A task as stored, with its events read and played.
#[derive(Debug, Clone)]
pub struct Task {
    /// Its row.
    pub row: store::Task,
    /// Its departments: the lead, then the supporting ones in printed order.
    pub departments: Vec<TaskDepartment>,
    /// What the breakdown says of it.
    pub spec: TaskSpec,
    /// Its events, oldest first.
    pub events: Vec<Event>,
    /// What they make of it.
    pub snapshot: Snapshot,
}

/// Loads a plan as it was read from its file or set up for an imported table.
pub fn get_plan(conn: &mut Conn, id: &str) -> Result<Plan> {
    match find_plan(conn, id)? {
        Some(plan) => Ok(plan),
        None => {
            let known: Vec<String> =
                store::list_plans(conn)?.into_iter().map(|row| row.id.to_string()).collect();
            let known = if known.is_empty() { "（无）".to_owned() } else { known.join("、") };
            Err(Error::new(code::UNKNOWN_PLAN, format!("没有编号为“{id}”的任务方案；现有：{known}。")))
        }
    }
}

/// The plan, if there is one of this name.
pub fn find_plan(conn: &mut Conn, id: &str) -> Result<Option<Plan>> {
    store::find_plan(conn, &PlanId::from(id))?.map(|row| row.detail.read()).transpose()
}

/// Every task of a plan in printed order.
pub fn load_tasks(conn: &mut Conn, plan: &str) -> Result<Vec<Task>> {
    let plan = PlanId::from(plan);
    let rows = store::list_tasks(conn, &plan)?;
    let mut departments = by_task(store::list_departments_in(conn, &plan)?, |row| &row.task_id);
    let mut events = by_task(store::list_task_events_in(conn, &plan)?, |row| &row.task_id);
    let numbers: HashMap<TaskId, String> =
        rows.iter().map(|row| (row.id.clone(), row.code.clone())).collect();
    rows.into_iter()
        .map(|row| {
            let departments = departments.remove(&row.id).unwrap_or_default();
            let events = events.remove(&row.id).unwrap_or_default();
            read(row, departments, &events, &numbers)
        })
        .collect()
}

fn by_task<T>(rows: Vec<T>, task: impl Fn(&T) -> &TaskId) -> HashMap<TaskId, Vec<T>> {
    let mut groups: HashMap<TaskId, Vec<T>> = HashMap::new();
    for row in rows {
        groups.entry(task(&row).clone()).or_default().push(row);
    }
    groups
}

/// One task by its number.
pub fn get_task(conn: &mut Conn, plan: &str, no: &str) -> Result<Task> {
    let row = store::find_task_by_code(conn, &PlanId::from(plan), no)?
        .ok_or_else(|| Error::new(code::UNKNOWN_TASK, format!("方案“{plan}”中没有序号为“{no}”的任务。")))?;
    let mut numbers = HashMap::new();
    if let Some(parent) = &row.parent_id {
        numbers.insert(parent.clone(), store::get_task(conn, parent)?.code);
    }
    let departments = store::list_departments_of(conn, &row.id)?;
    let events = store::list_task_events(conn, &row.id)?;
    read(row, departments, &events, &numbers)
}

fn read(
    row: store::Task,
    departments: Vec<TaskDepartment>,
    events: &[TaskEvent],
    numbers: &HashMap<TaskId, String>,
) -> Result<Task> {
    let events: Vec<Event> = events.iter().map(|row| row.detail.read()).collect::<Result<_>>()?;
    let snapshot = Snapshot::replay(&events);
    let spec = spec(&row, &departments, &snapshot, numbers)?;
    Ok(Task { row, departments, spec, events, snapshot })
}

fn spec(
    row: &store::Task,
    departments: &[TaskDepartment],
    snapshot: &Snapshot,
    numbers: &HashMap<TaskId, String>,
) -> Result<TaskSpec> {
    let text = |field: &Option<String>| field.clone().unwrap_or_default();
    let of_role =
        |role| departments.iter().filter(move |part| part.role == role).map(|part| part.department.clone());
    Ok(TaskSpec {
        no: row.code.clone(),
        level: Level::parse(&row.section).unwrap_or(Level::Duty),
        under: row.parent_id.as_ref().and_then(|id| numbers.get(id)).cloned(),
        title: row.title.clone(),
        text: text(&row.source_text),
        clause: text(&row.source_clause),
        lead: of_role(TaskRole::Lead).next().unwrap_or_default(),
        supporting: of_role(TaskRole::Support).collect(),
        strength: row.verb.as_deref().and_then(Strength::parse),
        due: snapshot.due(),
        standard: text(&row.standard),
        evidence: row.evidence.as_ref().map(Json::read).transpose()?,
    })
}

/// The departments of a task as rows: the lead first.
#[must_use]
pub fn department_rows(id: &TaskId, spec: &TaskSpec) -> Vec<TaskDepartment> {
    let lead = std::iter::once((&spec.lead, TaskRole::Lead));
    let support = spec.supporting.iter().map(|department| (department, TaskRole::Support));
    lead.chain(support)
        .zip(0..)
        .map(|((department, role), position)| TaskDepartment {
            task_id: id.clone(),
            department: department.clone(),
            role,
            position,
            acknowledged_at: None,
            acknowledged_by: None,
        })
        .collect()
}

/// Writes an event and brings the task's row up to it. `row` carries whatever else changes together with the event.
///
/// The number of the event is the task's version afterwards, so that a page can say which state it shows.
pub fn append(
    conn: &mut Conn,
    desk: &Desk<'_>,
    row: &store::Task,
    past: &[Event],
    event: &Event,
) -> Result<Snapshot> {
    let before = Snapshot::replay(past);
    let mut after = before.clone();
    after.apply(event);
    let due = after.due();
    let mut next = store::Task {
        state: after.state,
        progress: after.percent().map_or(row.progress, i32::from),
        start_on: after.assigned_on,
        due_on: due.and_then(|due| due.resolve(desk.calendar)).map(|deadline| deadline.date),
        due_rule: due.as_ref().map(Json::of).transpose()?,
        closed_at: after.closed_on.map(|_| event.at.into()),
        ..row.clone()
    };
    store::save_task(conn, &mut next, desk.now)?;
    let event_row = TaskEvent {
        from_state: (!past.is_empty()).then_some(before.state),
        answers: answered(past, &event.deed),
        ..event_row(&next, &after, event, desk.calendar)?
    };
    store::append_task_event(conn, &event_row)?;
    Ok(after)
}

/// The number of the request a deed answers: the last one of its kind.
fn answered(past: &[Event], deed: &Deed) -> Option<i32> {
    let request = match deed {
        Deed::ExtensionApproved { .. } | Deed::ExtensionRefused { .. } => "extension_requested",
        Deed::CompletionApproved { .. } | Deed::CompletionRefused { .. } => "completion_requested",
        _ => return None,
    };
    (1..).zip(past).filter(|(_, event)| event.deed.code() == request).map(|(n, _)| n).last()
}

fn event_row(row: &store::Task, after: &Snapshot, event: &Event, calendar: &Calendar) -> Result<TaskEvent> {
    let (period, progress) = match &event.deed {
        Deed::Reported(report) => (report.period.map(|p| p.to_string()), Some(i32::from(report.percent))),
        _ => (None, None),
    };
    let due = match &event.deed {
        Deed::ExtensionRequested { due, .. } => Some(*due),
        Deed::Assigned { due } | Deed::Resumed { due } | Deed::Amended { due, .. } => *due,
        Deed::ExtensionApproved { .. } => after.due(),
        _ => None,
    };
    Ok(TaskEvent {
        task_id: row.id.clone(),
        n: row.version,
        at: event.at.into(),
        actor: event.actor.id.clone(),
        department: event.actor.department.clone(),
        action: event.deed.code().to_owned(),
        from_state: None,
        to_state: Some(after.state),
        period,
        progress,
        due_on: due.and_then(|due| due.resolve(calendar)).map(|deadline| deadline.date),
        answers: None,
        opinion: event.deed.words_said().map(str::to_owned),
        detail: Json::of(event)?,
    })
}

/// The audit row of a deed, in its transaction.
pub fn note(
    conn: &mut Conn,
    desk: &Desk<'_>,
    actor: &Actor,
    action: &str,
    (object_kind, object_id): (&str, &str),
    detail: &serde_json::Value,
) -> Result<()> {
    let new = NewAudit { actor: &actor.id, action, object_kind, object_id, detail, trace_id: None };
    store::append_audit(conn, &new, desk.now)
}
