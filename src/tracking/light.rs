//! The light of a task today, computed from its events by the rules in force, with the sentence that says why.
//!
//! A light never rests on what somebody typed as a colour. Time only makes it worse and only an event makes it better, so
//! whether a task was ever red is found by judging it just before each of its events.

use chrono::{Datelike, NaiveDate};
use serde::Serialize;

use super::event::Event;
use super::period::Period;
use super::rules::{Colour, Condition, Cycle, LightRule, ReportRule, Rules, Version, fill};
use super::state::{Snapshot, State, is_open};
use crate::model::calendar::{Calendar, Deadline};
use crate::text::date::chinese;

/// A light as shown: shape, word and colour together, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Light {
    /// Colour.
    pub colour: Colour,
    /// Shape, so that colour is never alone.
    pub shape: char,
    /// 正常, 临期 3 天, 逾期 7 天 …
    pub word: String,
    /// Id of the rule that gave it.
    pub rule: String,
    /// 为什么是这个灯.
    pub why: String,
    /// Further reasons that apply beside it, the worse first.
    pub also: Vec<String>,
}

impl std::fmt::Display for Light {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.shape, self.word)
    }
}

/// What stands around a task on the day it is judged.
#[derive(Debug, Clone, Copy)]
pub struct Day<'a> {
    /// The day.
    pub today: NaiveDate,
    /// Working days.
    pub calendar: &'a Calendar,
    /// The rules.
    pub rules: &'a Rules,
}

/// The light of a task today. `counted` is the percentage counted from exchanged data, where the task is bound to it;
/// it goes before what was reported.
#[must_use]
pub fn light(events: &[Event], counted: Option<u8>, day: Day<'_>) -> Light {
    let mut snapshot = Snapshot::default();
    let mut red_since = None;
    for event in events {
        if red_since.is_none() && snapshot.assigned_on.is_some() {
            red_since = red_on(&snapshot, Day { today: event.day, ..day });
        }
        snapshot.apply(event);
    }
    judge(&snapshot, counted, red_since, day)
}

/// Since when a task is red on a day, by what was reported until then.
fn red_on(snapshot: &Snapshot, day: Day<'_>) -> Option<NaiveDate> {
    let version = day.rules.on(day.today)?;
    let facts = Facts::new(snapshot, None, None, version, day);
    version.lights.iter().filter(|rule| rule.light == Colour::Red).find_map(|rule| {
        facts.test(rule.when)?;
        match (rule.when, facts.deadline) {
            (Condition::Overdue { days }, Some(deadline)) => {
                Some(deadline.date + chrono::Duration::days(days))
            }
            _ => Some(day.today),
        }
    })
}

fn judge(snapshot: &Snapshot, counted: Option<u8>, red_since: Option<NaiveDate>, day: Day<'_>) -> Light {
    let Some(version) = day.rules.on(day.today) else { return no_rules() };
    let mut facts = Facts::new(snapshot, counted, red_since, version, day);
    // 补齐 means that no red rule applies any more.
    if version.lights.iter().any(|rule| rule.light == Colour::Red && facts.test(rule.when).is_some()) {
        facts.red_since = None;
    }
    let mut applying = version.lights.iter().filter_map(|rule| Some((rule, facts.test(rule.when)?)));
    let Some((first, values)) = applying.next() else { return no_rules() };
    let mut said = vec![first];
    let mut also: Vec<(Colour, String)> = Vec::new();
    for (rule, values) in applying.filter(|(rule, _)| rule.light < Colour::Green) {
        if !said.iter().any(|it| says_the_same(it, rule)) {
            also.push((rule.light, fill(&rule.why, &values)));
            said.push(rule);
        }
    }
    also.sort_by_key(|(colour, _)| *colour);
    let mut why = fill(&first.why, &values);
    if facts.deadline.is_some_and(|deadline| deadline.provisional) {
        why.push_str("（该年度放假安排尚未公布，时限为暂定。）");
    }
    Light {
        colour: first.light,
        shape: first.light.shape(),
        word: fill(&first.word, &values),
        rule: first.id.clone(),
        why,
        also: also.into_iter().map(|(_, why)| why).collect(),
    }
}

/// A red 滞后 makes the yellow 滞后 superfluous.
fn says_the_same(first: &LightRule, other: &LightRule) -> bool {
    std::mem::discriminant(&first.when) == std::mem::discriminant(&other.when)
}

/// Unreachable with a checked rules file, which has a version and a last rule that always applies.
fn no_rules() -> Light {
    Light {
        colour: Colour::Off,
        shape: Colour::Off.shape(),
        word: "无规则".to_owned(),
        rule: "none".to_owned(),
        why: "当日没有生效的亮灯规则。".to_owned(),
        also: Vec::new(),
    }
}

type Values = Vec<(&'static str, String)>;

/// Everything a condition may ask about.
struct Facts<'a> {
    snapshot: &'a Snapshot,
    /// The day counted with: the day of the request while 复核 is awaited, if the rules say so.
    day: NaiveDate,
    deadline: Option<Deadline>,
    percent: Option<u8>,
    red_since: Option<NaiveDate>,
    report: ReportRule,
    calendar: &'a Calendar,
}

impl<'a> Facts<'a> {
    fn new(
        snapshot: &'a Snapshot,
        counted: Option<u8>,
        red_since: Option<NaiveDate>,
        version: &Version,
        day: Day<'a>,
    ) -> Self {
        let stopped = snapshot.review_since.filter(|_| version.review_stops_clock);
        Self {
            snapshot,
            day: stopped.unwrap_or(day.today),
            deadline: snapshot.due().and_then(|due| due.resolve(day.calendar)),
            percent: counted.or_else(|| snapshot.percent()),
            red_since,
            report: version.report,
            calendar: day.calendar,
        }
    }

    /// Whether a condition applies, with what its sentences may say.
    fn test(&self, condition: Condition) -> Option<Values> {
        match condition {
            Condition::Paused => self.snapshot.paused_since.map(|since| vec![("since", chinese(since))]),
            Condition::DoneLate { days } => self.done_late(days),
            Condition::DoneMadeGood => {
                let (done, red) = (self.done()?, self.red_since?);
                let late = self.deadline.is_some_and(|deadline| done > deadline.date);
                (!late).then(|| vec![("done", chinese(done)), ("red_since", chinese(red))])
            }
            Condition::Done => self.done().map(|done| vec![("done", chinese(done))]),
            Condition::Overdue { days } => self.overdue(days),
            Condition::InReview => self.snapshot.review_since.map(|since| vec![("since", chinese(since))]),
            Condition::DueSoon { days } => self.due_soon(days),
            Condition::NotReceived { working_days } => self.not_received(working_days),
            Condition::NotReported { periods } => self.not_reported(periods),
            Condition::Behind { points } => self.behind(points),
            Condition::MadeGood => {
                self.red_since.filter(|_| self.running()).map(|since| vec![("red_since", chinese(since))])
            }
            Condition::Ongoing => self.deadline.is_none().then(Vec::new),
            Condition::Otherwise => Some(self.otherwise()),
        }
    }

    fn done(&self) -> Option<NaiveDate> {
        self.snapshot.done_on.filter(|_| !is_open(self.snapshot.state))
    }

    /// The work is still to be done and its clock runs.
    fn running(&self) -> bool {
        matches!(self.snapshot.state, State::Assigned | State::Active | State::Reviewing)
    }

    fn working_days(&self, after: NaiveDate, until: NaiveDate) -> i64 {
        i64::from(self.calendar.working_days_between(after, until))
    }

    /// The number as shown; where a year's holidays are not known it is only about right, and says so.
    fn working_days_shown(&self, after: NaiveDate, until: NaiveDate) -> String {
        let days = self.working_days(after, until);
        let years = after.year()..=until.year();
        let known = years
            .into_iter()
            .all(|year| NaiveDate::from_ymd_opt(year, 1, 1).is_some_and(|day| self.calendar.knows(day)));
        if known { days.to_string() } else { format!("约 {days}") }
    }

    fn done_late(&self, at_least: i64) -> Option<Values> {
        let (done, due) = (self.done()?, self.deadline?.date);
        let days = (done - due).num_days();
        (days >= at_least)
            .then(|| vec![("due", chinese(due)), ("done", chinese(done)), ("days", days.to_string())])
    }

    fn overdue(&self, at_least: i64) -> Option<Values> {
        let due = self.deadline.filter(|_| self.running())?.date;
        let days = (self.day - due).num_days();
        (days >= at_least).then(|| self.distance(due, days, due, self.day))
    }

    fn due_soon(&self, at_most: i64) -> Option<Values> {
        let due = self.deadline.filter(|_| self.running())?.date;
        let days = (due - self.day).num_days();
        (0..=at_most).contains(&days).then(|| self.distance(due, days, self.day, due))
    }

    fn distance(&self, due: NaiveDate, days: i64, after: NaiveDate, until: NaiveDate) -> Values {
        vec![
            ("due", chinese(due)),
            ("today", chinese(self.day)),
            ("days", days.to_string()),
            ("working_days", self.working_days_shown(after, until)),
        ]
    }

    fn not_received(&self, more_than: i64) -> Option<Values> {
        let assigned = self.snapshot.assigned_on.filter(|_| self.snapshot.state == State::Assigned)?;
        (self.working_days(assigned, self.day) > more_than).then(|| {
            let days = self.working_days_shown(assigned, self.day);
            vec![("assigned", chinese(assigned)), ("working_days", days)]
        })
    }

    fn not_reported(&self, at_least: i64) -> Option<Values> {
        let missed = missed_reports(self.snapshot, self.report, self.day)?;
        (missed.periods >= at_least).then(|| {
            vec![
                ("period", missed.last.chinese()),
                ("cutoff", chinese(missed.cutoff)),
                ("periods", missed.periods.to_string()),
            ]
        })
    }

    fn behind(&self, at_least: i64) -> Option<Values> {
        let (start, due) = (self.snapshot.assigned_on?, self.deadline?.date);
        let percent = i64::from(self.percent.filter(|_| self.snapshot.state == State::Active)?);
        let whole = (due - start).num_days().max(1);
        let expected = ((self.day - start).num_days() * 100 / whole).clamp(0, 100);
        let points = expected - percent;
        (points >= at_least).then(|| {
            vec![
                ("start", chinese(start)),
                ("due", chinese(due)),
                ("expected", expected.to_string()),
                ("percent", percent.to_string()),
                ("points", points.to_string()),
            ]
        })
    }

    fn otherwise(&self) -> Values {
        let Some(deadline) = self.deadline else {
            return vec![("due", "未设".to_owned()), ("days", "—".to_owned())];
        };
        let days = (deadline.date - self.day).num_days();
        vec![("due", chinese(deadline.date)), ("days", days.to_string())]
    }
}

/// Months whose report is missing, counted back from the last one that should have come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Missed {
    /// The last month that should have been reported.
    pub last: Period,
    /// The day by which it should have been.
    pub cutoff: NaiveDate,
    /// How many months in a row are missing.
    pub periods: i64,
}

/// Which reports are missing on a day; none when nothing is, when the task is not in progress, or when no cycle is set.
#[must_use]
pub fn missed_reports(snapshot: &Snapshot, rule: ReportRule, day: NaiveDate) -> Option<Missed> {
    if rule.cycle == Cycle::None || snapshot.state != State::Active {
        return None;
    }
    let first = Period::of(snapshot.received_on?);
    let last_month = Period::of(day).previous();
    // The last day itself is still in time.
    let last = if day > rule.cutoff(last_month) { last_month } else { last_month.previous() };
    let latest_reported = snapshot.reported.iter().map(|(period, _)| *period).filter(|p| *p <= last).max();
    let periods = match latest_reported {
        Some(reported) => last.since(reported),
        None => last.since(first) + 1,
    };
    (periods > 0).then(|| Missed { last, cutoff: rule.cutoff(last), periods })
}

impl ReportRule {
    /// The last day on which a month may be reported in time.
    #[must_use]
    pub fn cutoff(self, period: Period) -> NaiveDate {
        period.next().day(self.by_day)
    }

    /// The month a report made on a day speaks of when it does not say: last month until its cut-off unless that is
    /// reported already or lies before the task, else this month.
    #[must_use]
    pub fn period_for(self, snapshot: &Snapshot, day: NaiveDate) -> Period {
        let this = Period::of(day);
        let last = this.previous();
        let done = snapshot.reported.iter().any(|(period, _)| *period == last);
        let before = snapshot.received_on.is_none_or(|received| last < Period::of(received));
        if day <= self.cutoff(last) && !done && !before { last } else { this }
    }
}

#[cfg(test)]
mod tests;
