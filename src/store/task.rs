//! The task breakdown (任务分解表): plans, tasks, the departments that answer for them, and everything that happened.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use serde::Serialize;

use super::conn::{Conn, each_backend};
use super::types::{Instant, Json, PlanId, TaskId};
use super::words::{PlanStatus, TaskRole, TaskState};
use crate::error::{Error, Result, codes};
use crate::schema::{plan, task, task_department, task_event};

/// A plan whose tasks are tracked.
#[derive(
    Debug, Clone, PartialEq, Queryable, Selectable, Insertable, AsChangeset, Identifiable, Serialize,
)]
#[diesel(table_name = plan, treat_none_as_default_value = false, treat_none_as_null = true)]
pub struct Plan {
    /// Its id.
    pub id: PlanId,
    /// Title.
    pub title: String,
    /// 文号 of the document it comes from.
    pub source_number: Option<String>,
    /// Who issued that document.
    pub issuer: Option<String>,
    /// Division it concerns.
    pub division: Option<String>,
    /// Date of that document.
    pub issued_on: Option<NaiveDate>,
    /// Whether it is being tracked.
    pub status: PlanStatus,
    /// Particulars (milestones, leading group), JSON object.
    pub detail: Json,
    /// When it was loaded.
    pub created_at: Instant,
    /// By whom.
    pub created_by: String,
}

/// A task of a plan.
#[derive(
    Debug, Clone, PartialEq, Queryable, Selectable, Insertable, AsChangeset, Identifiable, Serialize,
)]
#[diesel(table_name = task, treat_none_as_default_value = false, treat_none_as_null = true)]
pub struct Task {
    /// Its id.
    pub id: TaskId,
    /// Its plan.
    pub plan_id: PlanId,
    /// The task it is a part of.
    pub parent_id: Option<TaskId>,
    /// Short name inside the plan; importing again finds the task by it.
    pub code: String,
    /// Place in the printed order of its plan.
    pub position: i32,
    /// Part of the document it stands in (`main`, `annex`).
    pub section: String,
    /// What is to be done.
    pub title: String,
    /// Clause of the source.
    pub source_clause: Option<String>,
    /// The whole original cell, for printing.
    pub source_text: Option<String>,
    /// Strength of the duty (负责, 指导, 探索, 保障).
    pub verb: Option<String>,
    /// When it counts as done.
    pub standard: Option<String>,
    /// Where it stands.
    pub state: TaskState,
    /// Percent reported.
    pub progress: i32,
    /// Lower goes first.
    pub priority: i32,
    /// First day.
    pub start_on: Option<NaiveDate>,
    /// Last day.
    pub due_on: Option<NaiveDate>,
    /// How the last day was reckoned, JSON (working days from what).
    pub due_rule: Option<Json>,
    /// Evidence in the exchanged data it is bound to, JSON.
    pub evidence: Option<Json>,
    /// Division it concerns.
    pub division: Option<String>,
    /// 责任人.
    pub owner: Option<String>,
    /// 督办人.
    pub supervisor: Option<String>,
    /// Grows with every change; the compare-and-set of [`save_task`].
    pub version: i32,
    /// When it was made.
    pub created_at: Instant,
    /// Last change.
    pub updated_at: Instant,
    /// When it was done or closed.
    pub closed_at: Option<Instant>,
}

/// A department's part in a task.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable, Insertable, Serialize)]
#[diesel(table_name = task_department, treat_none_as_default_value = false)]
pub struct TaskDepartment {
    /// The task.
    pub task_id: TaskId,
    /// The department.
    pub department: String,
    /// Its part.
    pub role: TaskRole,
    /// Place in the list of departments.
    pub position: i32,
    /// When it acknowledged the task (签收).
    pub acknowledged_at: Option<Instant>,
    /// Who did.
    pub acknowledged_by: Option<String>,
}

/// Something that happened to a task.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable, Insertable, Serialize)]
#[diesel(table_name = task_event, treat_none_as_default_value = false)]
pub struct TaskEvent {
    /// The task.
    pub task_id: TaskId,
    /// Place among its events, from 1; given by [`append_task_event`].
    pub n: i32,
    /// When.
    pub at: Instant,
    /// Who.
    pub actor: String,
    /// For which department.
    pub department: Option<String>,
    /// What (`report`, `ask_extension`, `grant_extension`, `ask_completion`, `evidence`, …).
    pub action: String,
    /// State before.
    pub from_state: Option<TaskState>,
    /// State after.
    pub to_state: Option<TaskState>,
    /// Period a report is for (`2026-03`).
    pub period: Option<String>,
    /// Percent reported.
    pub progress: Option<i32>,
    /// Day asked for or granted.
    pub due_on: Option<NaiveDate>,
    /// The event this one answers.
    pub answers: Option<i32>,
    /// What the person wrote.
    pub opinion: Option<String>,
    /// Particulars (本期进展, 存在问题, 下步打算, 佐证), JSON object.
    pub detail: Json,
}

/// Adds a plan.
pub fn insert_plan(conn: &mut Conn, row: &Plan) -> Result<()> {
    diesel::insert_into(plan::table).values(row).execute(conn)?;
    Ok(())
}

/// Writes everything known of a plan.
pub fn save_plan(conn: &mut Conn, row: &Plan) -> Result<()> {
    diesel::update(plan::table.find(&row.id)).set(row).execute(conn)?;
    Ok(())
}

/// A plan, if it is there.
pub fn find_plan(conn: &mut Conn, id: &PlanId) -> Result<Option<Plan>> {
    Ok(plan::table.find(id).select(Plan::as_select()).get_result(conn).optional()?)
}

/// A plan that must exist.
pub fn get_plan(conn: &mut Conn, id: &PlanId) -> Result<Plan> {
    let found: Option<Plan> = plan::table.find(id).select(Plan::as_select()).get_result(conn).optional()?;
    found.ok_or_else(|| Error::new(codes::record::NOT_FOUND, format!("没有编号为“{id}”的任务方案。")))
}

/// All plans, newest first.
pub fn list_plans(conn: &mut Conn) -> Result<Vec<Plan>> {
    Ok(plan::table.order(plan::id.desc()).select(Plan::as_select()).load(conn)?)
}

/// Adds a task with its departments.
pub fn insert_task(conn: &mut Conn, row: &Task, departments: &[TaskDepartment]) -> Result<()> {
    diesel::insert_into(task::table).values(row).execute(conn)?;
    insert_departments(conn, departments)
}

fn insert_departments(conn: &mut Conn, rows: &[TaskDepartment]) -> Result<()> {
    if rows.is_empty() {
        return Ok(());
    }
    let rows: Vec<&TaskDepartment> = rows.iter().collect();
    each_backend!(conn => diesel::insert_into(task_department::table).values(rows).execute(conn))?;
    Ok(())
}

/// Writes a task if nobody changed it since it was read with version `row.version`, and moves the version on.
/// Otherwise [`codes::record::STALE`].
pub fn save_task(conn: &mut Conn, row: &mut Task, now: DateTime<Utc>) -> Result<()> {
    let as_read = task::table.find(row.id.clone()).filter(task::version.eq(row.version));
    let next = Task { version: row.version + 1, updated_at: now.into(), ..row.clone() };
    if diesel::update(as_read).set(&next).execute(conn)? == 0 {
        return Err(Error::new(
            codes::record::STALE,
            format!("任务“{}”在您打开之后已被他人改动，请重新打开后再办。", row.title),
        ));
    }
    *row = next;
    Ok(())
}

/// Writes the departments of a task anew; acknowledgements are taken from `rows`.
pub fn replace_task_departments(conn: &mut Conn, of: &TaskId, rows: &[TaskDepartment]) -> Result<()> {
    diesel::delete(task_department::table.filter(task_department::task_id.eq(of))).execute(conn)?;
    insert_departments(conn, rows)
}

/// Notes that a department acknowledged a task. `false` when it had before, or has no part in it.
pub fn acknowledge_task(
    conn: &mut Conn,
    of: &TaskId,
    department: &str,
    by: &str,
    now: DateTime<Utc>,
) -> Result<bool> {
    let open =
        task_department::table.find((of, department)).filter(task_department::acknowledged_at.is_null());
    let n = diesel::update(open)
        .set((
            task_department::acknowledged_at.eq(Some(Instant::from(now))),
            task_department::acknowledged_by.eq(Some(by)),
        ))
        .execute(conn)?;
    Ok(n == 1)
}

/// A task that must exist.
pub fn get_task(conn: &mut Conn, id: &TaskId) -> Result<Task> {
    let found: Option<Task> = task::table.find(id).select(Task::as_select()).get_result(conn).optional()?;
    found.ok_or_else(|| Error::new(codes::task::UNKNOWN_TASK, format!("没有编号为“{id}”的任务。")))
}

/// A task by its short name inside a plan.
pub fn find_task_by_code(conn: &mut Conn, of: &PlanId, code: &str) -> Result<Option<Task>> {
    Ok(task::table
        .filter(task::plan_id.eq(of).and(task::code.eq(code)))
        .select(Task::as_select())
        .get_result(conn)
        .optional()?)
}

/// The tasks of a plan in printed order.
pub fn list_tasks(conn: &mut Conn, of: &PlanId) -> Result<Vec<Task>> {
    Ok(task::table
        .filter(task::plan_id.eq(of))
        .order((task::position, task::code))
        .select(Task::as_select())
        .load(conn)?)
}

/// The departments of one task, in order.
pub fn list_departments_of(conn: &mut Conn, of: &TaskId) -> Result<Vec<TaskDepartment>> {
    Ok(task_department::table
        .filter(task_department::task_id.eq(of))
        .order(task_department::position)
        .select(TaskDepartment::as_select())
        .load(conn)?)
}

/// The departments of all tasks of a plan, task by task.
pub fn list_departments_in(conn: &mut Conn, of: &PlanId) -> Result<Vec<TaskDepartment>> {
    Ok(task_department::table
        .inner_join(task::table)
        .filter(task::plan_id.eq(of))
        .order((task_department::task_id, task_department::position))
        .select(TaskDepartment::as_select())
        .load(conn)?)
}

/// Adds an event, gives it the next place (whatever `row.n` says) and returns that place. Call [`save_task`] before, so that
/// two events at once of one task cannot take the same place.
pub fn append_task_event(conn: &mut Conn, row: &TaskEvent) -> Result<i32> {
    let last: Option<i32> = task_event::table
        .filter(task_event::task_id.eq(&row.task_id))
        .select(diesel::dsl::max(task_event::n))
        .get_result(conn)?;
    let n = last.unwrap_or(0) + 1;
    diesel::insert_into(task_event::table).values(&TaskEvent { n, ..row.clone() }).execute(conn)?;
    Ok(n)
}

/// What happened to a task, in order.
pub fn list_task_events(conn: &mut Conn, of: &TaskId) -> Result<Vec<TaskEvent>> {
    Ok(task_event::table
        .filter(task_event::task_id.eq(of))
        .order(task_event::n)
        .select(TaskEvent::as_select())
        .load(conn)?)
}

/// What happened to all tasks of a plan, task by task, in order: enough to compute every light in one read.
pub fn list_task_events_in(conn: &mut Conn, of: &PlanId) -> Result<Vec<TaskEvent>> {
    Ok(task_event::table
        .inner_join(task::table.on(task::id.eq(task_event::task_id)))
        .filter(task::plan_id.eq(of))
        .order((task_event::task_id, task_event::n))
        .select(TaskEvent::as_select())
        .load(conn)?)
}
