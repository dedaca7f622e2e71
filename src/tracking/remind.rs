//! Climbs the ladder of urging for every task of a plan: each rung that is due becomes an event, so that who was urged
//! when can be shown, and nobody is urged twice for the same thing.

use serde::Serialize;
use serde_json::json;

use super::desk::Desk;
use super::event::{Actor, Deed, Event};
use super::stored::{append, get_plan, load_tasks, note};
use super::urge::due;
use crate::error::Result;
use crate::store::Conn;

/// A rung that was taken, or would be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Reminded {
    /// Plan id.
    pub plan: String,
    /// Number of the task.
    pub no: String,
    /// Lead department, id.
    pub department: String,
    /// Its name.
    pub department_name: String,
    /// 提醒, 催办, 督办单 or 通报.
    pub title: String,
    /// What was said.
    pub message: String,
}

/// Takes every rung of a plan that is due today. A dry run only says which.
pub fn remind(conn: &mut Conn, desk: &Desk<'_>, plan: &str, dry_run: bool) -> Result<Vec<Reminded>> {
    let plan = get_plan(conn, plan)?;
    let mut taken = Vec::new();
    for task in load_tasks(conn, &plan.id)? {
        let Some(rung) = due(&task.spec.title, &task.snapshot, desk.day()) else { continue };
        taken.push(Reminded {
            plan: plan.id.clone(),
            no: task.spec.no.clone(),
            department: task.spec.lead.clone(),
            department_name: desk.name(&plan, &task.spec.lead, desk.today()),
            title: rung.title.clone(),
            message: rung.message.clone(),
        });
        if dry_run {
            continue;
        }
        let deed = Deed::Urged { step: rung.step, title: rung.title, message: rung.message };
        task.snapshot.allow(&deed, desk.today(), desk.calendar)?;
        let event = Event { at: desk.now, day: desk.today(), actor: Actor::system(), deed };
        append(conn, desk, &task.row, &task.events, &event)?;
        let n = task.row.version + 1;
        let detail =
            json!({ "plan": plan.id, "no": task.spec.no, "n": n, "day": event.day, "deed": event.deed });
        note(conn, desk, &event.actor, "task.urged", ("task", task.row.id.as_str()), &detail)?;
    }
    Ok(taken)
}
