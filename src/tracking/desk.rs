//! What every deed and every view of this room is given: the moment, the working days, the rules, the names.

use chrono::{DateTime, NaiveDate, Utc};

use super::directory::UnitNames;
use super::light::Day;
use super::plan::Plan;
use super::rules::Rules;
use crate::clock::china_date;
use crate::model::Schema;
use crate::model::calendar::Calendar;

/// The desk a deed is done at.
#[derive(Clone, Copy)]
pub struct Desk<'a> {
    /// This moment.
    pub now: DateTime<Utc>,
    /// Working days.
    pub calendar: &'a Calendar,
    /// Lights, reports, urging.
    pub rules: &'a Rules,
    /// Departments and their names.
    pub schema: &'a Schema,
}

impl Desk<'_> {
    /// Today in China.
    #[must_use]
    pub fn today(&self) -> NaiveDate {
        china_date(self.now)
    }

    /// Today, for lights.
    #[must_use]
    pub fn day(&self) -> Day<'_> {
        Day { today: self.today(), calendar: self.calendar, rules: self.rules }
    }

    /// The name of a department on a day: the model's, else the plan's.
    #[must_use]
    pub fn name(&self, plan: &Plan, department: &str, on: NaiveDate) -> String {
        let known = self.schema.department(department).and_then(|department| department.name_on(on));
        let planned = || plan.unit(department).map(|unit| unit.name.clone());
        known.map(|name| name.short.clone()).or_else(planned).unwrap_or_else(|| department.to_owned())
    }

    /// Every name a table may use: the plan's units first, then the model's departments by every name they have had.
    #[must_use]
    pub fn directory(&self, plan: &Plan) -> UnitNames {
        let mut names = UnitNames::of(plan);
        for department in self.schema.departments() {
            for name in &department.names {
                names.add(&name.short, &department.id);
                names.add(&name.full, &department.id);
            }
        }
        names
    }
}
