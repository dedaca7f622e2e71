//! What a task's events make of it, and which deed may come next. Pure: events in, snapshot out.
//!
//! ```text
//! 未签收 ──签收──► 进行中 ──申请办结──► 待复核 ──复核办结──► 办结 ──销号──► 销号
//!    └──暂缓──► 暂缓 ◄──┘  ▲ └──直接办结────────────────────►┘
//!                          └──复核退回 / 撤回 / 退回重办
//! ```

use chrono::NaiveDate;
use serde::Serialize;

use super::due::Due;
use super::event::{Deed, Event, Report};
use super::period::Period;
use crate::error::{Error, Result, codes::task as code};
use crate::model::calendar::Calendar;
pub use crate::store::TaskState as State;

/// Whether somebody still has to do the work.
#[must_use]
pub fn is_open(state: State) -> bool {
    !matches!(state, State::Done | State::Closed)
}

/// A deadline and the day it was set; old ones are kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SetDue {
    /// The deadline.
    pub due: Due,
    /// Since when.
    pub set_on: NaiveDate,
}

/// An extension asked for and not answered yet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AskedExtension {
    /// The deadline asked for.
    pub due: Due,
    /// Why.
    pub reason: String,
    /// When it was asked.
    pub asked_on: NaiveDate,
}

/// What the events so far make of a task.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Snapshot {
    /// Where it stands.
    pub state: State,
    /// 交办.
    pub assigned_on: Option<NaiveDate>,
    /// 签收.
    pub received_on: Option<NaiveDate>,
    /// Every deadline in the order set; the last one is in force.
    pub dues: Vec<SetDue>,
    /// Months reported on, each with the day of its first report.
    pub reported: Vec<(Period, NaiveDate)>,
    /// The latest report.
    pub last_report: Option<(NaiveDate, Report)>,
    /// A pending 延期 request.
    pub extension: Option<AskedExtension>,
    /// Since when 复核 is awaited.
    pub review_since: Option<NaiveDate>,
    /// The day the work was done: the day completion was asked for, not the day it was checked.
    pub done_on: Option<NaiveDate>,
    /// 销号.
    pub closed_on: Option<NaiveDate>,
    /// 暂缓 since.
    pub paused_since: Option<NaiveDate>,
    /// Rungs of the ladder already taken: step id and day.
    pub urged: Vec<(String, NaiveDate)>,
}

impl Default for Snapshot {
    fn default() -> Self {
        Self {
            state: State::Assigned,
            assigned_on: None,
            received_on: None,
            dues: Vec::new(),
            reported: Vec::new(),
            last_report: None,
            extension: None,
            review_since: None,
            done_on: None,
            closed_on: None,
            paused_since: None,
            urged: Vec::new(),
        }
    }
}

impl Snapshot {
    /// Plays all events in order.
    #[must_use]
    pub fn replay(events: &[Event]) -> Self {
        let mut snapshot = Self::default();
        for event in events {
            snapshot.apply(event);
        }
        snapshot
    }

    /// The deadline in force.
    #[must_use]
    pub fn due(&self) -> Option<Due> {
        self.dues.last().map(|set| set.due)
    }

    /// The deadline first set.
    #[must_use]
    pub fn original_due(&self) -> Option<Due> {
        self.dues.first().map(|set| set.due)
    }

    /// The percentage last reported.
    #[must_use]
    pub fn percent(&self) -> Option<u8> {
        self.last_report.as_ref().map(|(_, report)| report.percent)
    }

    fn set_due(&mut self, due: Due, set_on: NaiveDate) {
        if self.due() != Some(due) {
            self.dues.push(SetDue { due, set_on });
        }
    }

    /// Plays one event. Events are checked by [`Snapshot::allow`] before they are stored, so this never fails.
    pub fn apply(&mut self, event: &Event) {
        let day = event.day;
        match &event.deed {
            Deed::Assigned { due } => {
                self.assigned_on = Some(day);
                if let Some(due) = due {
                    self.set_due(*due, day);
                }
            }
            Deed::Received => {
                self.received_on = Some(day);
                self.state = State::Active;
            }
            Deed::Reported(report) => self.note_report(report, day),
            Deed::ExtensionRequested { due, reason } => {
                self.extension = Some(AskedExtension { due: *due, reason: reason.clone(), asked_on: day });
            }
            Deed::ExtensionApproved { .. } => {
                if let Some(asked) = self.extension.take() {
                    self.set_due(asked.due, day);
                }
            }
            Deed::ExtensionRefused { .. } => self.extension = None,
            Deed::CompletionRequested { .. } => {
                self.review_since = Some(day);
                self.state = State::Reviewing;
            }
            Deed::CompletionApproved { .. } => self.finish(self.review_since.unwrap_or(day)),
            Deed::CompletionRefused { .. } => self.back_to_work(),
            Deed::RequestWithdrawn => {
                self.extension = None;
                if self.state == State::Reviewing {
                    self.back_to_work();
                }
            }
            Deed::Completed { .. } => self.finish(day),
            Deed::Reopened { .. } => self.back_to_work(),
            Deed::Closed => {
                self.closed_on = Some(day);
                self.state = State::Closed;
            }
            Deed::Paused { .. } => {
                self.paused_since = Some(day);
                self.state = State::Suspended;
            }
            Deed::Resumed { due } => {
                self.paused_since = None;
                self.state = if self.received_on.is_some() { State::Active } else { State::Assigned };
                if let Some(due) = due {
                    self.set_due(*due, day);
                }
            }
            Deed::Amended { due, .. } => {
                if let Some(due) = due {
                    self.set_due(*due, day);
                }
            }
            Deed::Urged { step, .. } => self.urged.push((step.clone(), day)),
        }
    }

    fn note_report(&mut self, report: &Report, day: NaiveDate) {
        let period = report.period.unwrap_or_else(|| Period::of(day));
        if !self.reported.iter().any(|(known, _)| *known == period) {
            self.reported.push((period, day));
        }
        self.last_report = Some((day, report.clone()));
    }

    fn finish(&mut self, on: NaiveDate) {
        self.review_since = None;
        self.extension = None;
        self.done_on = Some(on);
        self.state = State::Done;
    }

    fn back_to_work(&mut self) {
        self.review_since = None;
        self.done_on = None;
        self.state = State::Active;
    }

    /// Whether a deed may follow now; the error says in Chinese why not and what to do.
    pub fn allow(&self, deed: &Deed, today: NaiveDate, calendar: &Calendar) -> Result<()> {
        self.allow_in_state(deed)?;
        match deed {
            Deed::Reported(report) => self.allow_report(report, today),
            Deed::ExtensionRequested { due, reason } => {
                say(reason, "请写明延期理由。")?;
                self.allow_extension(*due, today, calendar)
            }
            Deed::CompletionRequested { statement, .. } => say(statement, "请写明完成情况。"),
            Deed::ExtensionRefused { reason } => say(reason, "请写明不同意延期的理由。"),
            Deed::CompletionRefused { reason } => say(reason, "请写明退回的理由和还缺什么。"),
            Deed::Reopened { reason } => say(reason, "请写明退回重办的理由。"),
            Deed::Paused { reason } => say(reason, "请写明暂缓的理由。"),
            Deed::Completed { comment } => say(comment, "请写明直接办结的依据。"),
            _ => Ok(()),
        }
    }

    fn allow_in_state(&self, deed: &Deed) -> Result<()> {
        use State::{Active, Assigned, Done, Reviewing, Suspended};
        let states: &[State] = match deed {
            Deed::Assigned { .. } if self.assigned_on.is_some() => &[],
            Deed::Assigned { .. } | Deed::Received => &[Assigned],
            Deed::Reported(_)
            | Deed::ExtensionRequested { .. }
            | Deed::CompletionRequested { .. }
            | Deed::Completed { .. } => &[Active],
            Deed::ExtensionApproved { .. } | Deed::ExtensionRefused { .. } | Deed::RequestWithdrawn => {
                &[Active, Reviewing]
            }
            Deed::CompletionApproved { .. } | Deed::CompletionRefused { .. } => &[Reviewing],
            Deed::Paused { .. } => &[Assigned, Active],
            Deed::Urged { .. } => &[Assigned, Active],
            Deed::Resumed { .. } => &[Suspended],
            Deed::Reopened { .. } | Deed::Closed => &[Done],
            Deed::Amended { .. } => &[Assigned, Active, Reviewing, Suspended, Done],
        };
        if !states.contains(&self.state) {
            return Err(self.wrong_state(deed, states));
        }
        self.allow_beside_requests(deed)
    }

    /// One request at a time, so that nobody approves what has moved on meanwhile.
    fn allow_beside_requests(&self, deed: &Deed) -> Result<()> {
        match deed {
            Deed::ExtensionRequested { .. }
            | Deed::CompletionRequested { .. }
            | Deed::Completed { .. }
            | Deed::Paused { .. } => match &self.extension {
                Some(asked) => Err(Error::new(
                    code::REQUEST_PENDING,
                    format!(
                        "{}提出的延期申请（延至{}）尚未批复，不能{}；请等待批复，或先撤回申请。",
                        crate::text::date::chinese(asked.asked_on),
                        asked.due.chinese(),
                        deed.title()
                    ),
                )),
                None => Ok(()),
            },
            Deed::ExtensionApproved { .. } | Deed::ExtensionRefused { .. } if self.extension.is_none() => {
                Err(Error::new(code::NO_REQUEST, "没有待批复的延期申请，可能已批复或已撤回；请刷新查看。"))
            }
            Deed::RequestWithdrawn if self.extension.is_none() && self.state != State::Reviewing => {
                Err(Error::new(code::NO_REQUEST, "没有可撤回的申请，可能已批复；请刷新查看。"))
            }
            _ => Ok(()),
        }
    }

    fn wrong_state(&self, deed: &Deed, states: &[State]) -> Error {
        let now = self.state.title();
        let detail = if self.state == State::Closed {
            format!("任务已销号，不能再{}。", deed.title())
        } else if self.state == State::Assigned && states == [State::Active] {
            format!("任务尚未签收，不能{}；请牵头单位先签收。", deed.title())
        } else {
            let allowed: Vec<_> = states.iter().map(|state| format!("“{}”", state.title())).collect();
            if allowed.is_empty() {
                format!("任务已交办，不能再{}。", deed.title())
            } else {
                format!("任务现为“{now}”，只有{}的任务才能{}。", allowed.join("、"), deed.title())
            }
        };
        Error::new(code::WRONG_STATE, detail)
    }

    fn allow_report(&self, report: &Report, today: NaiveDate) -> Result<()> {
        if report.percent > 100 {
            return Err(Error::new(
                code::PERCENT_RANGE,
                format!("完成比例请填 0 至 100 的整数，现为 {}。", report.percent),
            ));
        }
        if report.progress.trim().is_empty() {
            return Err(Error::new(code::REPORT_EMPTY, "请填写本期进展；没有进展的，写明原因。"));
        }
        let first = self.assigned_on.map(Period::of);
        match report.period {
            Some(period) if period > Period::of(today) || first.is_some_and(|first| period < first) => {
                Err(Error::new(
                    code::PERIOD_CLOSED,
                    format!("填报期“{}”不在交办之后、本月以内。", period.chinese()),
                ))
            }
            _ => Ok(()),
        }
    }

    fn allow_extension(&self, asked: Due, today: NaiveDate, calendar: &Calendar) -> Result<()> {
        let Some(current) = self.due().and_then(|due| due.resolve(calendar)) else {
            return Err(refuse_due("本任务没有时限，不需要延期。"));
        };
        let Some(wanted) = asked.resolve(calendar) else {
            return Err(refuse_due("延期须写明新的时限，不能改为长期。"));
        };
        if wanted.date <= current.date || wanted.date < today {
            return Err(refuse_due(format!(
                "申请的时限（{}）应晚于现时限（{}），且不早于今天。",
                crate::text::date::chinese(wanted.date),
                crate::text::date::chinese(current.date)
            )));
        }
        Ok(())
    }
}

fn refuse_due(detail: impl Into<String>) -> Error {
    Error::new(code::DUE_NOT_LATER, detail)
}

/// A reason must be more than blanks.
fn say(text: &str, ask: &str) -> Result<()> {
    if text.trim().is_empty() { Err(Error::new(code::REASON_MISSING, ask)) } else { Ok(()) }
}

/// Who may do a deed: the lead, anybody concerned, or the supervising office.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Doer {
    /// The lead department.
    Lead,
    /// Lead or supporting departments.
    Concerned,
    /// The office that supervises the plan.
    Office,
}

/// Who may do this deed.
#[must_use]
pub fn doer(deed: &Deed) -> Doer {
    match deed {
        Deed::Received
        | Deed::ExtensionRequested { .. }
        | Deed::CompletionRequested { .. }
        | Deed::RequestWithdrawn => Doer::Lead,
        Deed::Reported(_) => Doer::Concerned,
        _ => Doer::Office,
    }
}

/// The deeds that people may do next, for the buttons of a page: stable name, title, who may.
#[must_use]
pub fn possible(snapshot: &Snapshot) -> Vec<(&'static str, &'static str, Doer)> {
    let none = String::new;
    let deeds = [
        Deed::Received,
        Deed::Reported(Report::default()),
        Deed::ExtensionRequested { due: Due::Ongoing, reason: none() },
        Deed::CompletionRequested { statement: none(), evidence: Vec::new() },
        Deed::RequestWithdrawn,
        Deed::ExtensionApproved { comment: none() },
        Deed::ExtensionRefused { reason: none() },
        Deed::CompletionApproved { comment: none() },
        Deed::CompletionRefused { reason: none() },
        Deed::Completed { comment: none() },
        Deed::Reopened { reason: none() },
        Deed::Closed,
        Deed::Paused { reason: none() },
        Deed::Resumed { due: None },
    ];
    let allowed = deeds.iter().filter(|deed| snapshot.allow_in_state(deed).is_ok());
    allowed.map(|deed| (deed.code(), deed.title(), doer(deed))).collect()
}

#[cfg(test)]
mod tests;
