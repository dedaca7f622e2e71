//! What the tests of this room start from: the shipped calendar and rules, and events on a day.

use std::path::Path;

use chrono::{NaiveDate, NaiveTime};

use super::directory::UnitNames;
use super::event::{Actor, Deed, Event};
use super::plan::Plan;
use super::rules::Rules;
use super::table::Directory;
use crate::model::calendar::Calendar;
use crate::model::{self, Schema};

pub(super) fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

pub(super) fn shipped(path: &str) -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("mappings").join(path)).unwrap()
}

pub(super) fn rules() -> Rules {
    Rules::parse("plans/rules.toml", &shipped("plans/rules.toml")).unwrap()
}

/// The model that ships.
pub(super) fn schema() -> Schema {
    model::shipped::schema()
}

/// The working days that ship.
pub(super) fn calendar() -> Calendar {
    Calendar::load(&model::shipped::files("calendar")).unwrap()
}

pub(super) fn event(on: &str, deed: Deed) -> Event {
    let day = day(on);
    Event { at: day.and_time(NaiveTime::MIN).and_utc(), day, actor: Actor::system(), deed }
}

pub(super) fn plan() -> Plan {
    Plan::parse("plan.toml", &shipped("plans/jiaxing-2022-4/plan.toml")).unwrap()
}

/// The units of the shipped plan as a directory of departments.
pub(super) struct Names;

impl Directory for Names {
    fn find(&self, name: &str) -> Option<String> {
        UnitNames::of(&plan()).find(name)
    }

    fn like(&self, name: &str) -> Vec<String> {
        UnitNames::of(&plan()).like(name)
    }
}
