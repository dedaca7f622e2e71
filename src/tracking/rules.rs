//! The rules for lights, reports and urging, read from `mappings/plans/rules.toml` and checked whole at start-up.
//!
//! Each condition can fill certain placeholders of its sentences; a sentence that asks for another one is refused:
//!
//! | condition | parameter | placeholders |
//! |---|---|---|
//! | `paused` | – | since |
//! | `done_late` | days | due, done, days |
//! | `done_made_good` | – | done, `red_since` |
//! | `done` | – | done |
//! | `overdue` | days | due, today, days, `working_days` |
//! | `in_review` | – | since |
//! | `due_soon` | days | due, today, days, `working_days` |
//! | `not_received` | `working_days` | assigned, `working_days` |
//! | `not_reported` | periods | period, cutoff, periods |
//! | `behind` | points | start, due, expected, percent, points |
//! | `made_good` | – | `red_since` |
//! | `ongoing` | – | – |
//! | `otherwise` | – | due, days |

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::error::{Place, Problem, codes::task as code};

/// The colour of a light.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Colour {
    /// 红灯: overdue or far behind.
    Red,
    /// 黄灯: near the deadline, or made good after red.
    Yellow,
    /// 绿灯: on plan.
    Green,
    /// No light: the task is paused.
    Off,
}

impl Colour {
    /// Every colour, the worst first.
    pub const ALL: [Self; 4] = [Self::Red, Self::Yellow, Self::Green, Self::Off];

    /// Stable name.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Red => "red",
            Self::Yellow => "yellow",
            Self::Green => "green",
            Self::Off => "off",
        }
    }

    /// What people call it.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Red => "红灯",
            Self::Yellow => "黄灯",
            Self::Green => "绿灯",
            Self::Off => "不亮灯",
        }
    }

    /// The shape that tells it apart without colour (WCAG 1.4.1).
    #[must_use]
    pub fn shape(self) -> char {
        match self {
            Self::Red => '■',
            Self::Yellow => '▲',
            Self::Green => '●',
            Self::Off => '○',
        }
    }

    /// Reads the stable name or the Chinese one.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|colour| {
            colour.code() == text || colour.title() == text || colour.title().trim_end_matches('灯') == text
        })
    }
}

/// When a rule applies. Days are calendar days unless the name says working days.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case", deny_unknown_fields)]
pub enum Condition {
    /// 暂缓.
    Paused,
    /// Done at least so many days after the deadline.
    DoneLate {
        /// At least.
        days: i64,
    },
    /// Done, red at some time before.
    DoneMadeGood,
    /// Done.
    Done,
    /// Open at least so many days after the deadline.
    Overdue {
        /// At least.
        days: i64,
    },
    /// 待复核.
    InReview,
    /// Open with at most so many days left.
    DueSoon {
        /// At most.
        days: i64,
    },
    /// 未签收 for more than so many working days.
    NotReceived {
        /// More than.
        working_days: i64,
    },
    /// At least so many months in a row not reported.
    NotReported {
        /// At least.
        periods: i64,
    },
    /// At least so many points behind an even course from 交办 to the deadline.
    Behind {
        /// At least.
        points: i64,
    },
    /// Red at some time before, not now.
    MadeGood,
    /// No deadline.
    Ongoing,
    /// Everything else.
    Otherwise,
}

impl Condition {
    fn placeholders(self) -> &'static [&'static str] {
        match self {
            Self::Paused | Self::InReview => &["since"],
            Self::DoneLate { .. } => &["due", "done", "days"],
            Self::DoneMadeGood => &["done", "red_since"],
            Self::Done => &["done"],
            Self::Overdue { .. } | Self::DueSoon { .. } => &["due", "today", "days", "working_days"],
            Self::NotReceived { .. } => &["assigned", "working_days"],
            Self::NotReported { .. } => &["period", "cutoff", "periods"],
            Self::Behind { .. } => &["start", "due", "expected", "percent", "points"],
            Self::MadeGood => &["red_since"],
            Self::Ongoing => &[],
            Self::Otherwise => &["due", "days"],
        }
    }
}

/// One rule: when it applies, which light it gives, and the words for it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LightRule {
    /// Stable name.
    pub id: String,
    /// The light it gives.
    pub light: Colour,
    /// When it applies.
    pub when: Condition,
    /// The word beside the shape, with placeholders.
    pub word: String,
    /// Why, one Chinese sentence with placeholders.
    pub why: String,
}

/// How often progress is reported.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cycle {
    /// Every calendar month.
    Month,
    /// Only when asked.
    None,
}

/// 进度填报.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReportRule {
    /// How often.
    pub cycle: Cycle,
    /// The last day for it in the month after.
    pub by_day: u32,
}

/// When a rung of the ladder is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rung {
    /// So many days before the deadline or later.
    BeforeDue(i64),
    /// So many days after the deadline or later.
    Overdue(i64),
}

/// One rung: 提醒, 催办, 督办单 or 通报.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UrgeStep {
    /// Stable name.
    pub id: String,
    /// What people call it.
    pub title: String,
    /// When it is due.
    pub when: Rung,
    /// Days after which it may be repeated.
    pub again_after: i64,
}

/// The ladder.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UrgeRules {
    /// Days between any two steps.
    pub min_gap: i64,
    /// The rungs, lowest first.
    #[serde(rename = "step")]
    pub steps: Vec<UrgeStep>,
}

/// The rules in force from a day.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Version {
    /// First day in force.
    pub from: NaiveDate,
    /// Where they come from.
    pub source: String,
    /// Whether the clock stands still while 复核 is awaited.
    pub review_stops_clock: bool,
    /// 进度填报.
    pub report: ReportRule,
    /// Lights; the first that applies gives the light.
    #[serde(rename = "light")]
    pub lights: Vec<LightRule>,
    /// 催办.
    pub urge: UrgeRules,
}

/// All versions, oldest first.
#[derive(Debug, Clone)]
pub struct Rules {
    versions: Vec<Version>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    version: Vec<Version>,
}

impl Rules {
    /// Reads and checks the file; `name` is shown as the place of a problem.
    pub fn parse(name: &str, text: &str) -> Result<Self, Vec<Problem>> {
        let File { mut version } =
            toml::from_str(text).map_err(|fault| vec![toml_problem(code::RULES_FILE, name, text, &fault)])?;
        version.sort_by_key(|version| version.from);
        let problems: Vec<Problem> = version.iter().flat_map(|version| check(name, version)).collect();
        if problems.is_empty() { Ok(Self { versions: version }) } else { Err(problems) }
    }

    /// The version that judges a day; before the first one, the first one does, so that a task handed out early has a light.
    #[must_use]
    pub fn on(&self, day: NaiveDate) -> Option<&Version> {
        self.versions.iter().rev().find(|version| version.from <= day).or_else(|| self.versions.first())
    }
}

/// What serde found wrong in a TOML file, with its line.
pub(super) fn toml_problem(
    code: crate::error::Code,
    name: &str,
    text: &str,
    fault: &toml::de::Error,
) -> Problem {
    let span = fault.span().unwrap_or(0..0);
    let line = text.get(..span.start).map(|before| before.matches('\n').count() as u32 + 1);
    let place =
        Place { path: name.to_owned(), start: span.start as u64, end: span.end as u64, line, decoded: false };
    Problem::error(code, format!("写法有误：{}。", fault.message()), "对照随附的文件改正这一行。").at(place)
}

fn check(name: &str, version: &Version) -> Vec<Problem> {
    let mut found = Vec::new();
    let mut say = |rule: String, hint: &str| {
        let place = Place { path: format!("{name} from = {}", version.from), ..Place::default() };
        found.push(Problem::error(code::RULES_FILE, rule, hint).at(place));
    };
    for rule in &version.lights {
        for sentence in [&rule.word, &rule.why] {
            for asked in placeholders(sentence) {
                if !rule.when.placeholders().contains(&asked) {
                    let known = rule.when.placeholders().join("、");
                    say(
                        format!("规则“{}”的条件填不出 {{{asked}}}。", rule.id),
                        &format!("这个条件可用：{known}。"),
                    );
                }
            }
        }
    }
    if !matches!(version.lights.last(), Some(LightRule { when: Condition::Otherwise, .. })) {
        say("最后一条亮灯规则应为 otherwise。".to_owned(), "补上兜底规则，使每项任务都有灯。");
    }
    if !(1..=28).contains(&version.report.by_day) {
        say("report.by_day 应为 1 至 28。".to_owned(), "填写次月的截止日。");
    }
    if version.urge.steps.is_empty() {
        say("urge 至少要有一级。".to_owned(), "按提醒、催办、督办单、通报的次序填写。");
    }
    found
}

/// The names in `{…}`.
fn placeholders(sentence: &str) -> impl Iterator<Item = &str> {
    sentence.split('{').skip(1).filter_map(|rest| rest.split_once('}').map(|(name, _)| name))
}

/// Fills the placeholders of a sentence.
pub(super) fn fill(sentence: &str, values: &[(&'static str, String)]) -> String {
    values.iter().fold(sentence.to_owned(), |text, (name, value)| text.replace(&format!("{{{name}}}"), value))
}

#[cfg(test)]
mod tests;
