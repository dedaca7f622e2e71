//! Departments as sources of data and signers of documents; their names change with reforms, so names are dated.

use chrono::NaiveDate;

/// A department. Its id never changes; its names do.
#[derive(Debug, Clone, PartialEq, Eq, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Department {
    /// Stable id, `natural_resources`.
    pub id: String,
    /// What it answers for in the exchange, Chinese.
    pub duty: String,
    /// Place in the annex of 嘉政办发〔2022〕4号, from 1; none for bodies that are not in it.
    #[serde(default)]
    pub annex_order: Option<u32>,
    /// Names in order of time; the last one is in use unless it ended.
    pub names: Vec<DepartmentName>,
    /// The department that took over its duties.
    #[serde(default)]
    pub successor: Option<String>,
}

/// A name and the days it was in force.
#[derive(Debug, Clone, PartialEq, Eq, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DepartmentName {
    /// Full name for signatures, `嘉兴市自然资源和规划局`.
    pub full: String,
    /// Standard short name, `市自然资源和规划局`.
    pub short: String,
    /// First day; none when unknown or always.
    #[serde(default)]
    pub from: Option<NaiveDate>,
    /// Last day; none while in force.
    #[serde(default)]
    pub to: Option<NaiveDate>,
    /// Where the name was seen.
    pub source: String,
    /// Whether that source was read.
    #[serde(default)]
    pub verified: bool,
}

impl DepartmentName {
    fn holds_on(&self, day: NaiveDate) -> bool {
        self.from.is_none_or(|from| from <= day) && self.to.is_none_or(|to| day <= to)
    }
}

impl Department {
    /// The name in force on a day; the nearest one when no name covers it, so that a document is never without a name.
    #[must_use]
    pub fn name_on(&self, day: NaiveDate) -> Option<&DepartmentName> {
        let covering = self.names.iter().rev().find(|name| name.holds_on(day));
        let earlier = || self.names.iter().rev().find(|name| name.to.is_some_and(|to| to < day));
        covering.or_else(earlier).or_else(|| self.names.first())
    }

    /// The name in use now: the last of the list.
    #[must_use]
    pub fn current(&self) -> Option<&DepartmentName> {
        self.names.last()
    }
}
