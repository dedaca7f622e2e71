//! A breakdown into the store: from a plan file that ships, or from a sheet that somebody keeps. Either can be tried first.

use std::collections::HashMap;

use chrono::NaiveDate;
use serde::Serialize;
use serde_json::json;

use super::compare::{Comparison, Outcome, Verdict, with_plan, with_table};
use super::desk::Desk;
use super::event::{Actor, Deed, Event};
use super::plan::{Plan, TaskSpec};
use super::stored::{Task, append, department_rows, find_plan, load_tasks, note};
use super::table::Table;
use crate::error::{Error, Result, codes::task as code};
use crate::store::{self, Conn, Json, PlanId, PlanStatus, TaskId, TaskState};

/// What loading did, or would do.
#[derive(Debug, Clone, Serialize)]
pub struct Loaded {
    /// The plan.
    pub plan: String,
    /// Whether it was stored; a dry run and a table with errors store nothing.
    pub stored: bool,
    /// The verdict on each row or task.
    #[serde(flatten)]
    pub comparison: Comparison,
}

/// Loads a plan file. Loading the same file again changes nothing, also after deadlines were extended or wording edited:
/// what counts is what changed in the file since it was last loaded.
pub fn load_plan(
    conn: &mut Conn,
    desk: &Desk<'_>,
    plan: &Plan,
    actor: &Actor,
    dry_run: bool,
) -> Result<Loaded> {
    let stored_plan = find_plan(conn, &plan.id)?;
    let loaded_before = stored_plan.as_ref().map(Plan::tasks).unwrap_or_default();
    let current = load_tasks(conn, &plan.id)?;
    let name = |id: &str| desk.name(plan, id, plan.adopted_on);
    let mut comparison = with_plan(&loaded_before, plan.tasks(), &name);
    for verdict in &mut comparison.verdicts {
        keep_edits(verdict, &loaded_before, &current);
    }
    let unchanged = stored_plan.as_ref() == Some(plan);
    if !dry_run && !unchanged {
        save_plan(conn, desk, plan, actor, stored_plan.is_some())?;
        Writer { conn, desk, plan, actor, current, handed_out: plan.in_force_on }.write(&comparison)?;
    }
    Ok(Loaded { plan: plan.id.clone(), stored: !dry_run, comparison })
}

/// Fields the file changed come from the file, the others stay as they are now.
fn keep_edits(verdict: &mut Verdict, before: &[TaskSpec], current: &[Task]) {
    let Some(new) = verdict.spec.take() else { return };
    let now = current.iter().map(|task| &task.spec).find(|spec| spec.no == new.no);
    let old = before.iter().find(|spec| spec.no == new.no);
    verdict.spec = Some(match (old, now) {
        (Some(old), Some(now)) => merge(old, new, now),
        _ => new,
    });
}

fn merge(old: &TaskSpec, new: TaskSpec, now: &TaskSpec) -> TaskSpec {
    fn pick<T: PartialEq + Clone>(old: &T, new: T, now: &T) -> T {
        if *old == new { now.clone() } else { new }
    }
    TaskSpec {
        no: new.no,
        level: new.level,
        under: pick(&old.under, new.under, &now.under),
        title: pick(&old.title, new.title, &now.title),
        text: pick(&old.text, new.text, &now.text),
        clause: pick(&old.clause, new.clause, &now.clause),
        lead: pick(&old.lead, new.lead, &now.lead),
        supporting: pick(&old.supporting, new.supporting, &now.supporting),
        strength: pick(&old.strength, new.strength, &now.strength),
        due: pick(&old.due, new.due, &now.due),
        standard: pick(&old.standard, new.standard, &now.standard),
        evidence: pick(&old.evidence, new.evidence, &now.evidence),
    }
}

/// Imports a table into a plan, which is made if it is not there. With an error in any row nothing is stored.
///
/// New tasks count as handed out on `handed_out`.
pub fn import_table(
    conn: &mut Conn,
    desk: &Desk<'_>,
    plan: &Plan,
    table: Table,
    actor: &Actor,
    handed_out: NaiveDate,
    dry_run: bool,
) -> Result<Loaded> {
    let known = find_plan(conn, &plan.id)?.is_some();
    let current = load_tasks(conn, &plan.id)?;
    let specs: Vec<TaskSpec> = current.iter().map(|task| task.spec.clone()).collect();
    let comparison = with_table(&specs, table, &|id: &str| desk.name(plan, id, desk.today()));
    let clean = comparison.count(Outcome::Error) == 0;
    if clean && !dry_run {
        if !known {
            save_plan(conn, desk, plan, actor, false)?;
        }
        Writer { conn, desk, plan, actor, current, handed_out }.write(&comparison)?;
    }
    Ok(Loaded { plan: plan.id.clone(), stored: clean && !dry_run, comparison })
}

impl Loaded {
    /// The error to answer with when rows were wrong and nothing was stored.
    pub fn refused(&self) -> Option<Error> {
        let wrong = self.comparison.count(Outcome::Error);
        let problems = self.comparison.verdicts.iter().flat_map(|verdict| verdict.problems.clone()).collect();
        (wrong > 0).then(|| {
            Error::new(code::TABLE_REFUSED, format!("有 {wrong} 行有误，整张表未导入；请按各行提示改正。"))
                .with_problems(problems)
        })
    }
}

fn save_plan(conn: &mut Conn, desk: &Desk<'_>, plan: &Plan, actor: &Actor, known: bool) -> Result<()> {
    let id = PlanId::from(plan.id.as_str());
    let text = |field: &str| Some(field.to_owned()).filter(|field| !field.is_empty());
    let row = store::Plan {
        id: id.clone(),
        title: plan.title.clone(),
        source_number: text(&plan.doc_no),
        issuer: text(&plan.issuer),
        division: text(&plan.division),
        issued_on: Some(plan.adopted_on),
        status: PlanStatus::Active,
        detail: Json::of(plan)?,
        created_at: desk.now.into(),
        created_by: actor.id.clone(),
    };
    match store::find_plan(conn, &id)? {
        Some(old) if known => {
            let row = store::Plan {
                created_at: old.created_at,
                created_by: old.created_by,
                status: old.status,
                ..row
            };
            store::save_plan(conn, &row)?;
        }
        _ => store::insert_plan(conn, &row)?,
    }
    let action = if known { "plan.updated" } else { "plan.loaded" };
    let detail = json!({ "title": plan.title, "doc_no": plan.doc_no });
    note(conn, desk, actor, action, ("plan", &plan.id), &detail)
}

/// Writes the verdicts of one comparison.
struct Writer<'a, 'd> {
    conn: &'a mut Conn,
    desk: &'a Desk<'d>,
    plan: &'a Plan,
    actor: &'a Actor,
    current: Vec<Task>,
    handed_out: NaiveDate,
}

impl Writer<'_, '_> {
    fn write(&mut self, comparison: &Comparison) -> Result<()> {
        let mut ids: HashMap<String, TaskId> =
            self.current.iter().map(|task| (task.spec.no.clone(), task.row.id.clone())).collect();
        let last = self.current.iter().map(|task| task.row.position).max();
        let mut position = last.map_or(0, |last| last + 1);
        for verdict in &comparison.verdicts {
            let Some(spec) = &verdict.spec else { continue };
            let parent = spec.under.as_ref().and_then(|no| ids.get(no)).cloned();
            match verdict.outcome {
                Outcome::New if !ids.contains_key(&spec.no) => {
                    let id = self.add(spec, parent, position)?;
                    ids.insert(spec.no.clone(), id);
                    position += 1;
                }
                Outcome::New | Outcome::Changed => self.amend(spec, parent, verdict)?,
                Outcome::Same | Outcome::Error => {}
            }
        }
        Ok(())
    }

    fn add(&mut self, spec: &TaskSpec, parent: Option<TaskId>, position: i32) -> Result<TaskId> {
        let id = TaskId::fresh(self.desk.now);
        let row = store::Task {
            id: id.clone(),
            plan_id: PlanId::from(self.plan.id.as_str()),
            parent_id: parent,
            code: spec.no.clone(),
            position,
            section: spec.level.code().to_owned(),
            title: String::new(),
            source_clause: None,
            source_text: None,
            verb: None,
            standard: None,
            state: TaskState::Assigned,
            progress: 0,
            priority: 0,
            start_on: None,
            due_on: None,
            due_rule: None,
            evidence: None,
            division: Some(self.plan.division.clone()),
            owner: None,
            supervisor: Some(self.plan.office.clone()),
            version: 0,
            created_at: self.desk.now.into(),
            updated_at: self.desk.now.into(),
            closed_at: None,
        };
        let row = worded(row, spec)?;
        store::insert_task(self.conn, &row, &department_rows(&id, spec))?;
        self.note(&row, &[], self.handed_out, Deed::Assigned { due: spec.due })?;
        Ok(id)
    }

    fn amend(&mut self, spec: &TaskSpec, parent: Option<TaskId>, verdict: &Verdict) -> Result<()> {
        let Some(at) = self.current.iter().position(|task| task.spec.no == spec.no) else { return Ok(()) };
        let task = self.current.swap_remove(at);
        let due = spec.due.filter(|_| spec.due != task.spec.due);
        let deed = Deed::Amended { changes: verdict.changes.clone(), due };
        task.snapshot.allow(&deed, self.desk.today(), self.desk.calendar)?;
        let row = worded(store::Task { parent_id: parent, ..task.row }, spec)?;
        if (&spec.lead, &spec.supporting) != (&task.spec.lead, &task.spec.supporting) {
            let mut rows = department_rows(&row.id, spec);
            for part in &mut rows {
                let kept = task.departments.iter().find(|old| old.department == part.department);
                part.acknowledged_at = kept.and_then(|old| old.acknowledged_at);
                part.acknowledged_by = kept.and_then(|old| old.acknowledged_by.clone());
            }
            store::replace_task_departments(self.conn, &row.id, &rows)?;
        }
        self.note(&row, &task.events, self.desk.today(), deed)
    }

    fn note(&mut self, row: &store::Task, past: &[Event], day: NaiveDate, deed: Deed) -> Result<()> {
        let event = Event { at: self.desk.now, day, actor: self.actor.clone(), deed };
        append(self.conn, self.desk, row, past, &event)?;
        let detail = json!({ "plan": self.plan.id, "no": row.code, "n": row.version + 1, "day": day, "deed": event.deed });
        let action = format!("task.{}", event.deed.code());
        note(self.conn, self.desk, self.actor, &action, ("task", row.id.as_str()), &detail)
    }
}

/// The row with the words of the breakdown.
fn worded(row: store::Task, spec: &TaskSpec) -> Result<store::Task> {
    let text = |field: &str| Some(field.to_owned()).filter(|field| !field.is_empty());
    Ok(store::Task {
        title: spec.title.clone(),
        source_clause: text(&spec.clause),
        source_text: text(&spec.text),
        verb: spec.strength.map(|strength| strength.code().to_owned()),
        standard: text(&spec.standard),
        evidence: spec.evidence.as_ref().map(Json::of).transpose()?,
        ..row
    })
}
