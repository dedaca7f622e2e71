//! Who does what by when: the breakdown of a reform into tasks, their deadlines, reports and lights.
//!
//! A task is what its events say: every deed (交办, 签收, 填报, 申请, 批复, 销号 …) is an event with its actor and time, and the
//! state, the deadline in force and the light are computed from them on read. Nothing here is typed in twice.
//!
//! * pure: [`state`] what may follow what · [`due`] deadlines in words and in working days · [`rules`] and [`light`] the
//!   dated rules and what they say today · [`urge`] the next rung of the ladder · [`duty`] cells into duties · [`evidence`]
//!   progress counted from exchanged data · [`plan`] the plan file · [`table`] and [`compare`] a breakdown read from a sheet
//! * deeds: [`act`] one step of one task · [`load`] a plan or a sheet into the store · [`board`] lists and counts ·
//!   [`breakdown`] the table as rows and as a workbook · [`remind`] the rungs that are due
//!
//! Edges hold a [`Tracking`] and ask it; deeds from forms, the API and the command line come as an [`ask::Ask`].

pub mod act;
pub mod ask;
pub mod board;
pub mod breakdown;
pub mod compare;
mod counting;
pub mod desk;
pub mod directory;
pub mod due;
pub mod duty;
pub mod event;
pub mod evidence;
pub mod light;
pub mod load;
pub mod period;
pub mod plan;
pub mod remind;
pub mod rules;
pub mod sheet;
pub mod state;
pub mod stored;
pub mod table;
pub mod urge;

#[cfg(test)]
mod fixture;

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, NaiveDate, Utc};

use crate::error::{Error, Problem, Result, codes};
use crate::model::Schema;
use crate::model::calendar::Calendar;
use crate::store::Store;
use act::{Acted, Step};
use ask::Ask;
use board::{Board, Detail, Filter};
use breakdown::Annex;
use desk::Desk;
use event::Actor;
use load::Loaded;
use plan::{Plan, Plans};
use remind::Reminded;

/// Task tracking over one store; cheap to clone.
#[derive(Clone)]
pub struct Tracking {
    /// The database.
    pub store: Store,
    /// Departments and kinds.
    pub schema: Arc<Schema>,
    /// Working days.
    pub calendar: Arc<Calendar>,
    /// Plans and rules that ship or were laid over them.
    pub plans: Arc<Plans>,
}

impl Tracking {
    /// Reads plans, rules and the calendar from the mapping files, paths relative to `mappings/`.
    ///
    /// # Errors
    /// `setting` with every finding.
    pub fn open(store: Store, schema: Arc<Schema>, files: &BTreeMap<String, Vec<u8>>) -> Result<Self> {
        let years: Vec<(String, String)> = files
            .iter()
            .filter_map(|(path, bytes)| {
                let year = path.strip_prefix("calendar/")?;
                Some((year.to_owned(), String::from_utf8_lossy(bytes).into_owned()))
            })
            .collect();
        let refuse = |what: &str, problems: Vec<Problem>| {
            let detail = format!("{what}有 {} 处错误，请改正后再启动。", problems.len());
            Error::new(codes::machine::SETTING, detail).with_problems(problems)
        };
        let calendar = Calendar::load(&years).map_err(|problems| refuse("工作日历", problems))?;
        let plans = Plans::load(files, &schema).map_err(|problems| refuse("任务方案或亮灯规则", problems))?;
        Ok(Self { store, schema, calendar: Arc::new(calendar), plans: Arc::new(plans) })
    }

    /// The desk at a moment.
    #[must_use]
    pub fn desk(&self, now: DateTime<Utc>) -> Desk<'_> {
        Desk { now, calendar: &self.calendar, rules: &self.plans.rules, schema: &self.schema }
    }

    /// The plans that are tracked: id, title, 文号.
    pub fn plans(&self) -> Result<Vec<Plan>> {
        self.store.read(|conn| crate::store::list_plans(conn)?.iter().map(|row| row.detail.read()).collect())
    }

    /// The board of a plan.
    pub fn board(&self, plan: &str, filter: &Filter, now: DateTime<Utc>) -> Result<Board> {
        self.store.read(|conn| board::board(conn, &self.desk(now), plan, filter))
    }

    /// One task in full.
    pub fn detail(&self, plan: &str, no: &str, now: DateTime<Utc>) -> Result<Detail> {
        self.store.read(|conn| board::detail(conn, &self.desk(now), plan, no))
    }

    /// The annex of a plan as it stands.
    pub fn annex(&self, plan: &str, now: DateTime<Utc>) -> Result<Annex> {
        self.store.read(|conn| breakdown::annex(conn, &self.desk(now), plan))
    }

    /// The breakdown of a plan as a workbook.
    pub fn workbook(&self, plan: &str, now: DateTime<Utc>) -> Result<Vec<u8>> {
        let everything = Filter::default();
        breakdown::workbook(&self.annex(plan, now)?, &self.board(plan, &everything, now)?)
    }

    /// Does what somebody asks.
    pub fn act(&self, plan: &str, no: &str, actor: Actor, ask: Ask, now: DateTime<Utc>) -> Result<Acted> {
        let desk = self.desk(now);
        let seen = ask.seen;
        let deed = ask.into_deed(desk.today())?;
        let step = Step { plan: plan.to_owned(), no: no.to_owned(), actor, deed, seen, on: None };
        self.store.write(|conn| act::act(conn, &desk, &step))
    }

    /// Takes every rung of the urging ladder that is due today.
    pub fn remind(&self, plan: &str, dry_run: bool, now: DateTime<Utc>) -> Result<Vec<Reminded>> {
        self.store.write(|conn| remind::remind(conn, &self.desk(now), plan, dry_run))
    }

    /// Loads a plan file.
    pub fn load(&self, plan: &Plan, actor: &Actor, dry_run: bool, now: DateTime<Utc>) -> Result<Loaded> {
        self.store.write(|conn| load::load_plan(conn, &self.desk(now), plan, actor, dry_run))
    }

    /// Imports a table into a plan; new tasks count as handed out on `handed_out`.
    pub fn import(&self, import: &Import<'_>, actor: &Actor, now: DateTime<Utc>) -> Result<Loaded> {
        let desk = self.desk(now);
        let sheet = sheet::open(import.bytes, import.sheet)?;
        let table = table::read(&sheet, import.plan, &desk.directory(import.plan), import.handed_out)?;
        self.store.write(|conn| {
            load::import_table(
                conn,
                &desk,
                import.plan,
                table.clone(),
                actor,
                import.handed_out,
                import.dry_run,
            )
        })
    }
}

/// A table to import.
#[derive(Debug, Clone, Copy)]
pub struct Import<'a> {
    /// The plan it belongs to; made if it is not there.
    pub plan: &'a Plan,
    /// The file.
    pub bytes: &'a [u8],
    /// Name of the sheet; none: the first visible one.
    pub sheet: Option<&'a str>,
    /// The day from which new tasks and spans count.
    pub handed_out: NaiveDate,
    /// Only say what would happen.
    pub dry_run: bool,
}
