//! What these tests start from: the shipped model, calendar, plans and rules, and people who act.

use std::sync::LazyLock;

use chrono::{DateTime, NaiveDate, Utc};
use hub::error::Result;
use hub::model::Schema;
use hub::model::calendar::Calendar;
use hub::store::Store;
use hub::tracking::act::{Acted, Step, act};
use hub::tracking::board::{Board, Detail, Filter, Line, board, detail};
use hub::tracking::desk::Desk;
use hub::tracking::due::Due;
use hub::tracking::event::{Actor, Deed, Report};
use hub::tracking::load::{Loaded, load_plan};
use hub::tracking::plan::{Plan, Plans};

/// The plan that ships.
pub const PLAN: &str = "jiaxing-2022-4";

/// Everything that ships, read once.
pub struct Office {
    pub schema: Schema,
    pub calendar: Calendar,
    pub plans: Plans,
}

pub static OFFICE: LazyLock<Office> = LazyLock::new(|| {
    let files = hub::boot::mappings(None).unwrap();
    let schema = Schema::load(&hub::boot::model_files(&files).unwrap()).unwrap();
    let years: Vec<(String, String)> = files
        .iter()
        .filter_map(|(path, bytes)| {
            let year = path.strip_prefix("calendar/")?;
            Some((year.to_owned(), String::from_utf8(bytes.clone()).unwrap()))
        })
        .collect();
    let plans = Plans::load(&files, &schema).unwrap();
    Office { schema, calendar: Calendar::load(&years).unwrap(), plans }
});

pub fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

/// Ten in the morning in China.
fn morning(on: &str) -> DateTime<Utc> {
    format!("{on}T02:00:00Z").parse().unwrap()
}

pub fn desk(on: &str) -> Desk<'static> {
    let office = &*OFFICE;
    Desk { now: morning(on), calendar: &office.calendar, rules: &office.plans.rules, schema: &office.schema }
}

pub fn shipped_plan() -> Plan {
    OFFICE.plans.plans.get(PLAN).unwrap().clone()
}

pub fn person(name: &str, department: &str) -> Actor {
    Actor {
        id: format!("{department}.{name}"),
        name: name.to_owned(),
        department: Some(department.to_owned()),
    }
}

pub fn load(store: &Store, on: &str) -> Loaded {
    store.write(|conn| load_plan(conn, &desk(on), &shipped_plan(), &Actor::system(), false)).unwrap()
}

/// A deed of a department's person.
pub fn try_deed(store: &Store, on: &str, no: &str, department: &str, deed: Deed) -> Result<Acted> {
    let step = Step {
        plan: PLAN.to_owned(),
        no: no.to_owned(),
        actor: person("钱某", department),
        deed,
        seen: None,
        on: None,
    };
    store.write(|conn| act(conn, &desk(on), &step))
}

#[track_caller]
pub fn deed(store: &Store, on: &str, no: &str, department: &str, deed: Deed) -> Acted {
    try_deed(store, on, no, department, deed).unwrap()
}

pub fn show(store: &Store, on: &str, filter: &Filter) -> Board {
    store.read(|conn| board(conn, &desk(on), PLAN, filter)).unwrap()
}

pub fn line(store: &Store, on: &str, no: &str) -> Line {
    let board = show(store, on, &Filter::default());
    board.lines.into_iter().find(|line| line.no == no).unwrap()
}

pub fn open(store: &Store, on: &str, no: &str) -> Detail {
    store.read(|conn| detail(conn, &desk(on), PLAN, no)).unwrap()
}

pub fn report(percent: u8) -> Deed {
    Deed::Reported(Report {
        percent,
        progress: "已摸清底数".to_owned(),
        problems: "资料不全".to_owned(),
        next: "补充测绘".to_owned(),
        evidence: vec!["台账".to_owned()],
        ..Report::default()
    })
}

pub fn until(date: &str) -> Due {
    Due::On { date: day(date) }
}
