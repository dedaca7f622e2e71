//! Periods set by law, counted from an event.

use chrono::{Days, NaiveDate};

use super::{Citation, Rules, Span};
use crate::model::calendar::{Calendar, Deadline};

/// What a period counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum PeriodUnit {
    /// 工作日.
    WorkingDays,
    /// 日.
    CalendarDays,
}

/// A period set by law.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatutoryPeriod {
    /// Stable id, `handover`.
    pub id: String,
    /// What must be done, Chinese.
    pub title: String,
    /// How many.
    pub count: u32,
    /// Of what.
    pub unit: PeriodUnit,
    /// The event it begins after, Chinese.
    pub starts: String,
    /// Field of the model that holds the day of that event, `kind.field`; none when the hub itself sees the event.
    pub start_field: Option<String>,
    /// Leading digits of the divisions it holds in.
    pub jurisdiction: String,
    /// Law it comes from.
    pub law: String,
    /// Article of that law.
    pub article: u32,
    /// Days it is in force.
    pub span: Span,
}

impl StatutoryPeriod {
    /// The last day when the event happened on `start`; the period begins on the day after.
    #[must_use]
    pub fn last_day(&self, start: NaiveDate, calendar: &Calendar) -> Deadline {
        match self.unit {
            PeriodUnit::WorkingDays => calendar.add_working_days(start, self.count),
            PeriodUnit::CalendarDays => {
                let date = start.checked_add_days(Days::new(u64::from(self.count))).unwrap_or(start);
                Deadline { date, provisional: false }
            }
        }
    }

    /// `15个工作日`.
    #[must_use]
    pub fn chinese(&self) -> String {
        match self.unit {
            PeriodUnit::WorkingDays => format!("{}个工作日", self.count),
            PeriodUnit::CalendarDays => format!("{}日", self.count),
        }
    }

    /// The article it comes from, as in force on a day.
    #[must_use]
    pub fn citation(&self, rules: &Rules, on: NaiveDate) -> Option<Citation> {
        rules.article(&self.law, self.article, on)
    }
}
