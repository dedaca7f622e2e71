//! Deadlines as people write them (2022年年底, 15个工作日, 长期) and the day they fall on.

use chrono::{Datelike, Days, NaiveDate};
use serde::{Deserialize, Serialize};

use super::period::Period;
use crate::model::calendar::{Calendar, Deadline};
use crate::text::date;

/// A deadline as it was set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Due {
    /// On a date; it stands as written, also when it is not a working day.
    On {
        /// The last day.
        date: NaiveDate,
    },
    /// So many working days; day 1 is the working day after `after`.
    WorkingDays {
        /// How many, at least 1.
        count: u16,
        /// The day that starts the clock, not counted.
        after: NaiveDate,
    },
    /// So many calendar days; a last day that is not a working day moves to the next one.
    Days {
        /// How many, at least 1.
        count: u16,
        /// The day that starts the clock, not counted.
        after: NaiveDate,
    },
    /// 长期: work without an end; never overdue.
    Ongoing,
}

impl Due {
    /// The day it falls on; none for 长期.
    #[must_use]
    pub fn resolve(self, calendar: &Calendar) -> Option<Deadline> {
        match self {
            Self::On { date } => Some(Deadline { date, provisional: false }),
            Self::WorkingDays { count, after } => Some(calendar.add_working_days(after, u32::from(count))),
            Self::Days { count, after } => {
                let last = after.checked_add_days(Days::new(u64::from(count)))?;
                // The first working day on or after `last` is day 1 counted from the day before it.
                Some(calendar.add_working_days(last.pred_opt()?, 1))
            }
            Self::Ongoing => None,
        }
    }

    /// As people write it.
    #[must_use]
    pub fn chinese(self) -> String {
        match self {
            Self::On { date } => date::chinese(date),
            Self::WorkingDays { count, after } => format!("{}起{count}个工作日内", date::chinese(after)),
            Self::Days { count, after } => format!("{}起{count}日内", date::chinese(after)),
            Self::Ongoing => "长期".to_owned(),
        }
    }
}

/// Reads a deadline as written in a table.
///
/// `base` is the day the clock starts and gives the year where none is written.
/// Returns `None` when the cell says nothing, and the text itself when it cannot be read.
pub fn parse(text: &str, base: NaiveDate) -> Result<Option<Due>, String> {
    let whole = crate::text::width::half_width(text.trim());
    let bare = strip(&whole);
    if bare.is_empty() || matches!(bare, "/" | "-" | "—" | "无") {
        return Ok(None);
    }
    if ["长期", "持续", "常态", "全年", "长效"].iter().any(|word| bare.starts_with(word)) {
        return Ok(Some(Due::Ongoing));
    }
    let due = counted(bare, base)
        .or_else(|| date::parse(bare).map(|date| Due::On { date }))
        .or_else(|| last_day_named(bare, base).map(|date| Due::On { date }));
    due.map(Some).ok_or_else(|| text.to_owned())
}

/// Takes off what surrounds the deadline itself: 于…前, …之前完成, …内.
fn strip(text: &str) -> &str {
    let mut bare = text.trim().trim_end_matches(['。', '；', ';']);
    for lead in ["力争", "争取", "到", "至", "于", "在"] {
        bare = bare.strip_prefix(lead).unwrap_or(bare);
    }
    for tail in ["完成", "办结", "底前", "之前", "以前", "前", "以内", "之内", "内"] {
        if tail == "底前" {
            // 年底前 and 12月底前 keep their 底.
            bare = bare.strip_suffix('前').filter(|rest| rest.ends_with('底')).unwrap_or(bare);
        } else {
            bare = bare.strip_suffix(tail).unwrap_or(bare);
        }
    }
    bare.trim()
}

/// 15个工作日, 收到之日起30日, 20天; 2026年3月2日起15个工作日 names its own first day.
fn counted(text: &str, base: NaiveDate) -> Option<Due> {
    let (start, text) =
        text.rsplit_once(['起', '后']).map_or(("", text), |(start, rest)| (start, rest.trim()));
    let base = date::parse(start).unwrap_or(base);
    let digits = text.chars().take_while(char::is_ascii_digit).count();
    let (number, unit) = text.split_at_checked(digits)?;
    let count = number.parse::<u16>().ok().filter(|n| *n > 0)?;
    match unit.trim() {
        "个工作日" | "工作日" => Some(Due::WorkingDays { count, after: base }),
        "日" | "天" | "个自然日" | "自然日" => Some(Due::Days { count, after: base }),
        _ => None,
    }
}

/// 2022年年底, 2026年6月底, 2026年上半年, 第三季度, 12月底, 年底: the last day of the span named.
fn last_day_named(text: &str, base: NaiveDate) -> Option<NaiveDate> {
    let (year, rest) = match text.split_once('年') {
        Some((digits, rest)) if digits.len() == 4 => (digits.parse().ok()?, rest),
        Some(("今" | "本" | "当", rest)) => (base.year(), rest),
        Some(("明", rest)) => (base.year() + 1, rest),
        _ => (base.year(), text),
    };
    let span = rest.trim_end_matches(['底', '末']);
    let ends = span.len() < rest.len();
    let month = match span {
        "" if ends || rest != text => 12,
        "年" if ends => 12,
        "下半年" => 12,
        "上半年" => 6,
        _ => match span.strip_suffix('月') {
            Some(month) => month.parse().ok()?,
            None => quarter(span)? * 3,
        },
    };
    NaiveDate::from_ymd_opt(year, month, 1).map(|day| Period::of(day).last_day())
}

fn quarter(text: &str) -> Option<u32> {
    let name = text.strip_prefix('第').unwrap_or(text).strip_suffix("季度")?;
    ["1一", "2二", "3三", "4四"].iter().zip(1..).find_map(|(spellings, n)| {
        spellings.contains(name.trim_end_matches('个')).then_some(n).filter(|_| !name.is_empty())
    })
}

#[cfg(test)]
mod tests;
