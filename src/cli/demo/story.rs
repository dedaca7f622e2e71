//! The demo's plan of the current year: loaded as of the day it came into force, then told step by step with the clock of
//! each day, through the same deeds and rules as a clerk's forms. The lights are whatever follows from that.

use chrono::{DateTime, Datelike, NaiveDate, TimeDelta, Utc};
use serde::Deserialize;

use crate::boot;
use crate::clock::china_date;
use crate::error::{Error, Result};
use crate::tracking::Tracking;
use crate::tracking::ask::Ask;
use crate::tracking::event::Actor;
use crate::tracking::plan::Plan;

/// Id of the plan, as plan.toml has it.
pub(super) const PLAN: &str = "demo-current-year";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Story {
    step: Vec<Step>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Step {
    no: String,
    /// Days from the day of loading, negative before it.
    day: i64,
    /// Department that acts.
    by: String,
    deed: String,
    #[serde(default)]
    text: String,
    percent: Option<u16>,
    #[serde(default)]
    problems: String,
    #[serde(default)]
    next: String,
    #[serde(default)]
    evidence: Vec<String>,
    /// A new deadline, days from the day of loading.
    due: Option<i64>,
}

/// Loads the plan and tells its story up to `now`.
///
/// # Errors
/// What the deeds say; `internal` when a file of the demo is wrong.
pub(super) fn tell(tracking: &Tracking, now: DateTime<Utc>) -> Result<()> {
    let today = china_date(now);
    let plan = plan(today)?;
    let actor = Actor { id: "demo".to_owned(), name: "演示".to_owned(), department: None };
    let begin = now - (today - plan.in_force_on);
    tracking.load(&plan, &actor, false, begin)?;
    let mut story: Story = toml::from_str(&text("demo/plan/story.toml")?).map_err(Error::internal)?;
    // Stable: steps of one day stay in the order they are written in.
    story.step.sort_by_key(|it| it.day);
    for step in story.step {
        let at = now + TimeDelta::days(step.day);
        let who = who(tracking, &plan, &step.by, china_date(at));
        tracking.act(&plan.id, &step.no.clone(), who, ask(step, today), at)?;
    }
    Ok(())
}

fn text(path: &str) -> Result<String> {
    let bytes =
        boot::assets().remove(path).ok_or_else(|| Error::internal(format!("{path} is not embedded")))?;
    String::from_utf8(bytes).map_err(Error::internal)
}

fn plan(today: NaiveDate) -> Result<Plan> {
    let text = dated(&text("demo/plan/plan.toml")?, today);
    Plan::parse("demo/plan/plan.toml", &text).map_err(|found| Error::internal(format!("{found:?}")))
}

/// `{day-12}` and `{year}` as of a day.
fn dated(text: &str, today: NaiveDate) -> String {
    let mut parts = text.split("{day");
    let mut dated = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (days, rest) = part.split_once('}').unwrap_or((part, ""));
        match days.parse() {
            Ok(days) => dated.push_str(&(today + TimeDelta::days(days)).to_string()),
            // Left as it is, the plan file is refused with its line.
            Err(_) => dated.push_str(days),
        }
        dated.push_str(rest);
    }
    dated.replace("{year}", &today.year().to_string())
}

/// An invented person of a department.
fn who(tracking: &Tracking, plan: &Plan, department: &str, on: NaiveDate) -> Actor {
    let known =
        tracking.schema.department(department).and_then(|it| it.name_on(on)).map(|it| it.short.clone());
    let name = known.or_else(|| plan.unit(department).map(|it| it.name.clone()));
    Actor {
        id: "demo".to_owned(),
        name: format!("{}经办人", name.unwrap_or_else(|| department.to_owned())),
        department: Some(department.to_owned()),
    }
}

fn ask(step: Step, today: NaiveDate) -> Ask {
    Ask {
        deed: step.deed,
        text: step.text,
        due: step.due.map(|days| (today + TimeDelta::days(days)).to_string()),
        percent: step.percent,
        problems: step.problems,
        next: step.next,
        evidence: step.evidence,
        period: None,
        seen: None,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::config::{Config, Texts};
    use crate::tracking::board::Filter;

    /// Loads the story on a day and tells which rule lights each task.
    fn rules_on(day: &str) -> Vec<String> {
        let folder = tempfile::tempdir().unwrap();
        let texts = Texts::from([("data".to_owned(), folder.path().to_str().unwrap().to_owned())]);
        let hub = boot::open(Config::load(&texts, &Texts::new()).unwrap(), boot::Missing::Create).unwrap();
        let now: DateTime<Utc> = format!("{day}T06:00:00Z").parse().unwrap();
        tell(&hub.tracking, now).unwrap();
        let board = hub.tracking.board(PLAN, &Filter::default(), now).unwrap();
        hub.intake.writer.close();
        board.lines.iter().map(|it| it.light.rule.clone()).collect()
    }

    #[test]
    fn the_story_shows_every_light_on_any_day_of_the_month() {
        for day in ["2026-03-01", "2026-03-05", "2026-03-06", "2026-03-31", "2026-10-04", "2026-12-31"] {
            let rules = rules_on(day);
            let all: BTreeSet<&str> = rules.iter().map(String::as_str).collect();
            for rule in [
                "normal",
                "done",
                "due_soon",
                "overdue",
                "done_late",
                "not_received",
                "made_good",
                "paused",
                "in_review",
            ] {
                assert!(all.contains(rule), "{day}: no task is {rule}: {rules:?}");
            }
            assert_eq!(rules.len(), 12);
            assert_eq!((rules[0].as_str(), rules[9].as_str()), ("normal", "far_behind"), "{day}");
        }
    }
}
