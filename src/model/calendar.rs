//! Working days of China: weekends, public holidays and make-up workdays (调休), as yearly data.
//!
//! A period counted in working days begins on the day after what triggers it. Beyond the years that are known only weekends
//! are left out, and the result says that it is provisional.

use std::collections::{BTreeMap, HashMap};

use chrono::{Datelike, Days, NaiveDate, Weekday};
use serde::Deserialize;
use toml::Spanned;

use super::file::DataFile;
use crate::error::{Problem, codes};

/// Which days are worked. The default knows no year: every result is provisional.
#[derive(Debug, Clone, Default)]
pub struct Calendar {
    /// Days that differ from their weekday: `true` is worked.
    exceptions: HashMap<NaiveDate, bool>,
    /// Years whose arrangement is known.
    years: BTreeMap<i32, KnownYear>,
}

/// A year whose holidays are known, and from where.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct KnownYear {
    /// The year.
    pub year: i32,
    /// Who arranged it and how the dates were checked.
    pub source: String,
    /// Whether they were checked.
    pub verified: bool,
}

/// The last day of a period.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
pub struct Deadline {
    /// The day.
    pub date: NaiveDate,
    /// Whether a day of the period lies in a year whose holidays are not known yet, so that the day may move.
    pub provisional: bool,
}

/// `mappings/calendar/<year>.toml`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct YearFile {
    year: Spanned<i32>,
    source: String,
    verified: bool,
    holiday: Vec<Spanned<Holiday>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Holiday {
    name: String,
    from: NaiveDate,
    to: NaiveDate,
    #[serde(default)]
    workdays: Vec<NaiveDate>,
}

impl Calendar {
    /// Reads the yearly files, each with its path below `mappings/calendar/` and its text.
    ///
    /// # Errors
    /// Every problem of every file, with file, line, what is wrong and a hint.
    pub fn load(files: &[(String, String)]) -> Result<Self, Vec<Problem>> {
        let mut calendar = Self::default();
        let mut problems = Vec::new();
        for (path, text) in files.iter().filter(|(path, _)| path.ends_with(".toml")) {
            let file = DataFile { path, text, code: codes::value::RULE_FILE };
            match file.read::<YearFile>() {
                Ok(year) => calendar.add(&year, &file, &mut problems),
                Err(problem) => problems.push(*problem),
            }
        }
        if problems.is_empty() { Ok(calendar) } else { Err(problems) }
    }

    fn add(&mut self, file: &YearFile, at: &DataFile<'_>, problems: &mut Vec<Problem>) {
        let year = *file.year.get_ref();
        let known = KnownYear { year, source: file.source.clone(), verified: file.verified };
        if self.years.insert(year, known).is_some() {
            let hint = "每年只要一个文件。";
            problems.push(at.problem(file.year.span(), format!("{year} 年的安排重复。"), hint));
        }
        for entry in &file.holiday {
            let holiday = entry.get_ref();
            let mut found = |rule: String, hint: &str| problems.push(at.problem(entry.span(), rule, hint));
            if holiday.from > holiday.to || (holiday.to - holiday.from).num_days() > 30 {
                found(format!("{}的起止日期不对。", holiday.name), "to 不早于 from，且不超过一个月。");
                continue;
            }
            for day in holiday.from.iter_days().take_while(|day| *day <= holiday.to) {
                self.exceptions.insert(day, false);
            }
            for day in &holiday.workdays {
                if !is_weekend(*day) || (holiday.from..=holiday.to).contains(day) {
                    found(
                        format!("{}的调休上班日 {day} 不对。", holiday.name),
                        "调休上班日应为放假以外的周六或周日。",
                    );
                }
                self.exceptions.insert(*day, true);
            }
            // The days of New Year's holiday may be arranged by the year before.
            if [holiday.from, holiday.to].iter().any(|day| (day.year() - year).abs() > 1) {
                found(format!("{}不在 {year} 年。", holiday.name), "请放到对应年份的文件。");
            }
        }
    }

    /// Whether a day is worked.
    #[must_use]
    pub fn is_working_day(&self, day: NaiveDate) -> bool {
        self.exceptions.get(&day).copied().unwrap_or_else(|| !is_weekend(day))
    }

    /// Whether the arrangement of the year of a day is known.
    #[must_use]
    pub fn knows(&self, day: NaiveDate) -> bool {
        self.years.contains_key(&day.year())
    }

    /// The years that are known, in order.
    pub fn years(&self) -> impl Iterator<Item = &KnownYear> {
        self.years.values()
    }

    /// The `count`-th working day after a day; that day itself for 0.
    #[must_use]
    pub fn add_working_days(&self, after: NaiveDate, count: u32) -> Deadline {
        let mut date = after;
        let mut left = count;
        while left > 0 {
            let Some(next) = date.checked_add_days(Days::new(1)) else { break };
            date = next;
            left -= u32::from(self.is_working_day(date));
        }
        // The day of the trigger itself is not part of the period.
        let first = after.checked_add_days(Days::new(1)).unwrap_or(after);
        let known = count == 0 || (first.year()..=date.year()).all(|year| self.years.contains_key(&year));
        Deadline { date, provisional: !known }
    }

    /// How many working days lie after `after`, up to and including `until`; 0 when `until` is not later.
    ///
    /// This is what "逾期 n 个工作日" counts when `after` is the deadline.
    #[must_use]
    pub fn working_days_between(&self, after: NaiveDate, until: NaiveDate) -> u32 {
        let days = after.iter_days().skip(1).take_while(|day| *day <= until);
        u32::try_from(days.filter(|day| self.is_working_day(*day)).count()).unwrap_or(u32::MAX)
    }
}

fn is_weekend(day: NaiveDate) -> bool {
    matches!(day.weekday(), Weekday::Sat | Weekday::Sun)
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;

    use super::Calendar;
    use crate::model::shipped;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn shipped_calendar() -> Calendar {
        Calendar::load(&shipped::files("calendar")).unwrap()
    }

    #[track_caller]
    fn ends(after: &str, count: u32, date: &str, provisional: bool) {
        let deadline = shipped_calendar().add_working_days(day(after), count);
        assert_eq!((deadline.date, deadline.provisional), (day(date), provisional), "{after} +{count}");
    }

    #[test]
    fn periods_skip_holidays_and_count_make_up_days() {
        ends("2026-02-12", 10, "2026-03-04", false);
        ends("2026-09-24", 7, "2026-10-12", false);
        ends("2026-09-28", 15, "2026-10-23", false);
        ends("2025-09-26", 10, "2025-10-16", false);
        ends("2025-12-31", 1, "2026-01-04", false);
        ends("2026-03-02", 0, "2026-03-02", false);
    }

    #[test]
    fn beyond_the_known_years_the_day_is_provisional() {
        ends("2026-12-31", 1, "2027-01-01", true);
        ends("2024-12-30", 2, "2025-01-02", true);
        ends("2024-12-31", 1, "2025-01-02", false);
        let unknown = Calendar::default().add_working_days(day("2026-03-06"), 1);
        assert_eq!((unknown.date, unknown.provisional), (day("2026-03-09"), true));
    }

    #[test]
    fn single_days() {
        let calendar = shipped_calendar();
        for (text, worked) in [
            ("2026-02-14", true),
            ("2026-02-15", false),
            ("2026-02-24", true),
            ("2026-10-10", true),
            ("2026-10-11", false),
            ("2025-10-11", true),
        ] {
            assert_eq!(calendar.is_working_day(day(text)), worked, "{text}");
        }
        assert!(calendar.knows(day("2026-12-31")) && !calendar.knows(day("2027-01-01")));
    }

    #[test]
    fn days_overdue_are_working_days() {
        let calendar = shipped_calendar();
        assert_eq!(calendar.working_days_between(day("2026-09-30"), day("2026-10-10")), 3);
        assert_eq!(calendar.working_days_between(day("2026-10-10"), day("2026-09-30")), 0);
    }

    #[test]
    fn faulty_files_are_refused_with_their_line() {
        let text = "year = 2027\nsource = \"x\"\nverified = false\n[[holiday]]\nname = \"甲\"\nfrom = \"2027-01-03\"\nto = \"2027-01-01\"\n[[holiday]]\nname = \"乙\"\nfrom = \"2027-05-01\"\nto = \"2027-05-01\"\nworkdays = [\"2027-05-03\"]\n";
        let problems = Calendar::load(&[("2027.toml".to_owned(), text.to_owned())]).unwrap_err();
        let lines: Vec<_> =
            problems.iter().map(|it| it.place.as_ref().and_then(|place| place.line)).collect();
        assert_eq!(lines, [Some(4), Some(8)]);
    }
}
