//! The ladder 提醒 → 催办 → 督办单 → 通报: which rung is due for a task today, by the rules in force.

use serde::Serialize;

use super::light::Day;
use super::rules::Rung;
use super::state::{Snapshot, State};
use crate::text::date::chinese;

/// A rung that is due.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Due {
    /// Id of the step in the rules.
    pub step: String,
    /// 提醒, 催办, 督办单, 通报.
    pub title: String,
    /// What to say; consultative, because the lead is not subordinate to the office.
    pub message: String,
}

/// The rung that is due today, if any. Rungs already taken for an earlier deadline do not count.
#[must_use]
pub fn due(task: &str, snapshot: &Snapshot, day: Day<'_>) -> Option<Due> {
    if !matches!(snapshot.state, State::Assigned | State::Active) {
        return None;
    }
    let rules = &day.rules.on(day.today)?.urge;
    let set = snapshot.dues.last()?;
    let deadline = set.due.resolve(day.calendar)?;
    let over = (day.today - deadline.date).num_days();
    let taken: Vec<_> = snapshot.urged.iter().filter(|(_, on)| *on >= set.set_on).collect();
    let rested = |id: &str, days: i64| {
        taken
            .iter()
            .rev()
            .find(|(step, _)| id.is_empty() || step == id)
            .is_none_or(|(_, on)| (day.today - *on).num_days() >= days)
    };
    if !rested("", rules.min_gap) {
        return None;
    }
    let reached: Vec<_> = rules.steps.iter().filter(|step| step.when.reached(over)).collect();
    let fresh = reached.iter().find(|step| !taken.iter().any(|(id, _)| *id == step.id));
    let step = match fresh {
        Some(step) => step,
        None => reached.last().filter(|step| rested(&step.id, step.again_after))?,
    };
    let message = if over > 0 {
        format!(
            "“{task}”时限为{}，已逾期 {over} 天，请尽快办理并填报进展；确有困难的，请申请延期。",
            chinese(deadline.date)
        )
    } else {
        format!("“{task}”时限为{}，还有 {} 天，请按时办理。", chinese(deadline.date), -over)
    };
    Some(Due { step: step.id.clone(), title: step.title.clone(), message })
}

impl Rung {
    /// Whether the threshold is reached `over` days after the deadline (negative: before it).
    fn reached(self, over: i64) -> bool {
        match self {
            Self::BeforeDue(days) => (-days..=0).contains(&over),
            Self::Overdue(days) => over >= days,
        }
    }
}

#[cfg(test)]
mod tests;
