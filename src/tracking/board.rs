//! What people look at: the tasks of a plan with their lights, counts that lead to filtered lists, and one task in full.
//!
//! Lights are computed here, on read. Memory: the tasks and events of one plan; time grows with the number of events and,
//! where tasks are bound to exchanged data, with the number of records of the kinds they are bound to.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::counting::count_evidence;
use super::desk::Desk;
use super::event::{Deed, Event};
use super::evidence::Counted;
use super::light::{Light, Missed, light, missed_reports};
use super::plan::{Level, Plan};
use super::rules::Colour;
use super::state::{Doer, State, is_open, possible};
use super::stored::{Task, get_plan, get_task, load_tasks};
use crate::error::Result;
use crate::store::Conn;
use crate::text::date::chinese;

/// Which tasks to list. Empty: all.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Filter {
    /// Lead or supporting department.
    pub department: Option<String>,
    /// Light.
    pub light: Option<Colour>,
    /// State.
    pub state: Option<State>,
    /// Main tasks or duties.
    pub level: Option<Level>,
    /// Only those past their deadline.
    #[serde(default)]
    pub overdue: bool,
    /// Only those whose report is missing.
    #[serde(default)]
    pub not_reported: bool,
    /// Only those with a request to answer.
    #[serde(default)]
    pub pending: bool,
    /// Words in number, title or clause.
    pub q: Option<String>,
}

/// A department with its name today.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Who {
    /// Department id.
    pub id: String,
    /// Name.
    pub name: String,
}

/// One line of the board.
#[derive(Debug, Clone, Serialize)]
pub struct Line {
    /// Number within the plan.
    pub no: String,
    /// Main task or duty.
    pub level: Level,
    /// Number of the main task it serves.
    pub under: Option<String>,
    /// Title.
    pub title: String,
    /// 来源条款.
    pub clause: String,
    /// 牵头.
    pub lead: Who,
    /// 配合.
    pub supporting: Vec<Who>,
    /// 负责, 指导, 探索, 保障.
    pub strength: Option<&'static str>,
    /// State, stable name.
    pub state: State,
    /// State, as people call it.
    pub state_title: &'static str,
    /// The deadline in force as it was set.
    pub due: Option<String>,
    /// The day it falls on.
    pub due_on: Option<NaiveDate>,
    /// The deadline first set, when it is another one.
    pub original_due_on: Option<NaiveDate>,
    /// Whether that day lies beyond the published calendar.
    pub provisional: bool,
    /// Percentage last reported.
    pub percent: Option<u8>,
    /// What exchanged data says, where the task is bound to it.
    pub counted: Option<Counted>,
    /// The light.
    pub light: Light,
    /// Days past the deadline; 0 when not overdue.
    pub overdue_days: i64,
    /// Reports that are missing.
    pub missed: Option<Missed>,
    /// A request that waits for an answer, in words.
    pub pending: Option<String>,
    /// Day of the last report.
    pub reported_on: Option<NaiveDate>,
    /// Version, for a deed that must not overtake another.
    pub version: i32,
}

/// How many tasks show a light.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LightCount {
    /// Colour.
    pub colour: Colour,
    /// What people call it.
    pub title: &'static str,
    /// Its shape.
    pub shape: char,
    /// How many.
    pub count: usize,
}

/// How the tasks a department leads stand.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DepartmentCount {
    /// Department.
    pub department: Who,
    /// Tasks it leads.
    pub total: usize,
    /// By light, the worst first.
    pub lights: Vec<LightCount>,
    /// Past the deadline.
    pub overdue: usize,
    /// Report missing.
    pub not_reported: usize,
    /// Done or closed.
    pub done: usize,
}

/// The numbers of a whole plan, whatever the filter.
#[derive(Debug, Clone, Serialize)]
pub struct Counts {
    /// All tasks.
    pub total: usize,
    /// By light, the worst first.
    pub lights: Vec<LightCount>,
    /// By state.
    pub states: Vec<(State, &'static str, usize)>,
    /// By lead department, in the order of the plan.
    pub departments: Vec<DepartmentCount>,
    /// Past the deadline.
    pub overdue: usize,
    /// Report missing.
    pub not_reported: usize,
    /// Waiting for an answer.
    pub pending: usize,
}

/// A plan's board.
#[derive(Debug, Clone, Serialize)]
pub struct Board {
    /// Plan id.
    pub plan: String,
    /// Title of the breakdown.
    pub title: String,
    /// 文号 it comes from.
    pub doc_no: String,
    /// The day it shows.
    pub today: NaiveDate,
    /// Numbers of the whole plan.
    pub counts: Counts,
    /// The lines the filter leaves.
    pub lines: Vec<Line>,
}

/// One event as shown.
#[derive(Debug, Clone, Serialize)]
pub struct Entry {
    /// Its number.
    pub n: usize,
    /// What happened.
    pub title: String,
    /// For which department.
    pub department: Option<String>,
    /// The event in full.
    #[serde(flatten)]
    pub event: Event,
}

/// A deadline as shown.
#[derive(Debug, Clone, Serialize)]
pub struct DueEntry {
    /// As it was set.
    pub due: String,
    /// The day it falls on.
    pub due_on: Option<NaiveDate>,
    /// When it was set.
    pub set_on: NaiveDate,
}

/// What may be done next, and by whom.
#[derive(Debug, Clone, Serialize)]
pub struct Next {
    /// Stable name of the deed.
    pub deed: &'static str,
    /// What people call it.
    pub title: &'static str,
    /// Who may.
    pub doer: Doer,
}

/// One task in full.
#[derive(Debug, Clone, Serialize)]
pub struct Detail {
    /// As on the board.
    #[serde(flatten)]
    pub line: Line,
    /// Full wording of the clause.
    pub text: String,
    /// 完成标准.
    pub standard: String,
    /// Every deadline in the order set; old ones are kept.
    pub dues: Vec<DueEntry>,
    /// What may be done now.
    pub next: Vec<Next>,
    /// Everything that happened, oldest first.
    pub timeline: Vec<Entry>,
}

/// The board of a plan.
pub fn board(conn: &mut Conn, desk: &Desk<'_>, plan: &str, filter: &Filter) -> Result<Board> {
    let plan = get_plan(conn, plan)?;
    let tasks = load_tasks(conn, &plan.id)?;
    let counted = count_evidence(conn, &tasks)?;
    let lines: Vec<Line> =
        tasks.iter().zip(counted).map(|(task, counted)| line(desk, &plan, task, counted)).collect();
    let counts = counts(&plan, &lines);
    let lines = lines.into_iter().filter(|line| filter.keeps(line)).collect();
    Ok(Board { plan: plan.id, title: plan.title, doc_no: plan.doc_no, today: desk.today(), counts, lines })
}

/// One task in full.
pub fn detail(conn: &mut Conn, desk: &Desk<'_>, plan: &str, no: &str) -> Result<Detail> {
    let plan = get_plan(conn, plan)?;
    let task = get_task(conn, &plan.id, no)?;
    let counted = count_evidence(conn, std::slice::from_ref(&task))?.into_iter().next().flatten();
    let line = line(desk, &plan, &task, counted);
    let dues = task.snapshot.dues.iter().map(|set| DueEntry {
        due: set.due.chinese(),
        due_on: set.due.resolve(desk.calendar).map(|deadline| deadline.date),
        set_on: set.set_on,
    });
    let next = possible(&task.snapshot).into_iter().map(|(deed, title, doer)| Next { deed, title, doer });
    Ok(Detail {
        line,
        text: task.spec.text.clone(),
        standard: task.spec.standard.clone(),
        dues: dues.collect(),
        next: next.collect(),
        timeline: task.events.iter().zip(1..).map(|(event, n)| entry(desk, &plan, event, n)).collect(),
    })
}

fn entry(desk: &Desk<'_>, plan: &Plan, event: &Event, n: usize) -> Entry {
    let title = match &event.deed {
        Deed::Urged { title, .. } => title.clone(),
        other => other.title().to_owned(),
    };
    Entry {
        n,
        title,
        department: event.actor.department.as_deref().map(|id| desk.name(plan, id, event.day)),
        event: event.clone(),
    }
}

fn line(desk: &Desk<'_>, plan: &Plan, task: &Task, counted: Option<Counted>) -> Line {
    let (spec, snapshot, today) = (&task.spec, &task.snapshot, desk.today());
    let who = |id: &str| Who { id: id.to_owned(), name: desk.name(plan, id, today) };
    let deadline = snapshot.due().and_then(|due| due.resolve(desk.calendar));
    let original = snapshot.original_due().and_then(|due| due.resolve(desk.calendar));
    let light = light(&task.events, counted.as_ref().and_then(|counted| counted.percent), desk.day());
    let version = desk.rules.on(today);
    let stopped = snapshot.review_since.filter(|_| version.is_some_and(|version| version.review_stops_clock));
    let running = is_open(snapshot.state) && snapshot.state != State::Suspended;
    let over = deadline.filter(|_| running).map_or(0, |due| (stopped.unwrap_or(today) - due.date).num_days());
    Line {
        no: spec.no.clone(),
        level: spec.level,
        under: spec.under.clone(),
        title: spec.title.clone(),
        clause: spec.clause.clone(),
        lead: who(&spec.lead),
        supporting: spec.supporting.iter().map(|id| who(id)).collect(),
        strength: spec.strength.map(|strength| strength.title()),
        state: snapshot.state,
        state_title: snapshot.state.title(),
        due: snapshot.due().map(|due| due.chinese()),
        due_on: deadline.map(|deadline| deadline.date),
        original_due_on: original
            .map(|due| due.date)
            .filter(|date| deadline.is_none_or(|now| now.date != *date)),
        provisional: deadline.is_some_and(|deadline| deadline.provisional),
        percent: snapshot.percent(),
        counted,
        light,
        overdue_days: over.max(0),
        missed: version.and_then(|version| missed_reports(snapshot, version.report, today)),
        pending: pending(task),
        reported_on: snapshot.last_report.as_ref().map(|(day, _)| *day),
        version: task.row.version,
    }
}

fn pending(task: &Task) -> Option<String> {
    let snapshot = &task.snapshot;
    let extension =
        snapshot.extension.as_ref().map(|asked| format!("申请延至{}，待批复", asked.due.chinese()));
    extension.or_else(|| snapshot.review_since.map(|since| format!("{}申请办结，待复核", chinese(since))))
}

impl Filter {
    /// Whether a line is to be shown.
    #[must_use]
    pub fn keeps(&self, line: &Line) -> bool {
        let concerned = |id: &String| line.lead.id == *id || line.supporting.iter().any(|who| who.id == *id);
        let words = |q: &String| {
            let q = q.trim();
            [&line.no, &line.title, &line.clause, &line.lead.name].iter().any(|text| text.contains(q))
        };
        self.department.as_ref().is_none_or(concerned)
            && self.light.is_none_or(|colour| line.light.colour == colour)
            && self.state.is_none_or(|state| line.state == state)
            && self.level.is_none_or(|level| line.level == level)
            && (!self.overdue || line.overdue_days > 0)
            && (!self.not_reported || line.missed.is_some())
            && (!self.pending || line.pending.is_some())
            && self.q.as_ref().is_none_or(words)
    }
}

fn light_counts<'a>(lines: impl Iterator<Item = &'a Line> + Clone) -> Vec<LightCount> {
    Colour::ALL
        .into_iter()
        .map(|colour| LightCount {
            colour,
            title: colour.title(),
            shape: colour.shape(),
            count: lines.clone().filter(|line| line.light.colour == colour).count(),
        })
        .collect()
}

fn counts(plan: &Plan, lines: &[Line]) -> Counts {
    let states = State::ALL
        .iter()
        .map(|state| (*state, state.title(), lines.iter().filter(|line| line.state == *state).count()));
    Counts {
        total: lines.len(),
        lights: light_counts(lines.iter()),
        states: states.collect(),
        departments: departments(plan, lines),
        overdue: lines.iter().filter(|line| line.overdue_days > 0).count(),
        not_reported: lines.iter().filter(|line| line.missed.is_some()).count(),
        pending: lines.iter().filter(|line| line.pending.is_some()).count(),
    }
}

/// Lead departments in the order of the plan's units, others after them by id.
fn departments(plan: &Plan, lines: &[Line]) -> Vec<DepartmentCount> {
    let rank = |id: &str| plan.units.iter().position(|unit| unit.department == id).unwrap_or(usize::MAX);
    let mut by_lead: BTreeMap<(usize, &str), Vec<&Line>> = BTreeMap::new();
    for line in lines {
        by_lead.entry((rank(&line.lead.id), &line.lead.id)).or_default().push(line);
    }
    by_lead
        .into_values()
        .filter_map(|own| {
            let department = own.first()?.lead.clone();
            Some(DepartmentCount {
                department,
                total: own.len(),
                lights: light_counts(own.iter().copied()),
                overdue: own.iter().filter(|line| line.overdue_days > 0).count(),
                not_reported: own.iter().filter(|line| line.missed.is_some()).count(),
                done: own.iter().filter(|line| !is_open(line.state)).count(),
            })
        })
        .collect()
}
