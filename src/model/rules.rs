//! Dated rules as data: articles of law to cite, build ratios, classes of cities, statutory periods, late fees (`mappings/model/rules/*.toml`).
//!
//! A rule is asked for with a day and an administrative division, and every result says where it comes from and what about it
//! has not been verified. Nothing here is a constant in code, because laws change.

mod deadline;
mod file;
mod late_fee;
mod law;
mod load;
mod ratio;

pub use deadline::{PeriodUnit, StatutoryPeriod};
pub use late_fee::LateFee;
pub use law::{Article, Citation, Law, LawLevel, Topic};
pub use ratio::{City, Ratio, RequiredArea, Share};

use chrono::NaiveDate;

use super::field_type::Fault;
use super::schema::Schema;
use crate::error::Problem;

/// All rules, checked. Immutable; share it by `Arc`.
#[derive(Debug, Clone, Default)]
pub struct Rules {
    laws: Vec<Law>,
    ratios: Vec<Ratio>,
    cities: Vec<City>,
    periods: Vec<StatutoryPeriod>,
    late_fees: Vec<LateFee>,
}

impl Rules {
    /// Reads the files under `rules/` of `mappings/model/`, each with its path below it and its text; others are left alone.
    ///
    /// # Errors
    /// Every problem of every file, with file, line, what is wrong and a hint.
    pub fn load(files: &[(String, String)], schema: &Schema) -> Result<Self, Vec<Problem>> {
        load::load(files, schema)
    }

    /// The edition of a law in force on a day.
    #[must_use]
    pub fn law(&self, id: &str, on: NaiveDate) -> Option<&Law> {
        self.laws.iter().find(|law| law.id == id && law.span.holds_on(on))
    }

    /// An article of a law in force on a day, ready to be cited.
    #[must_use]
    pub fn article(&self, id: &str, number: u32, on: NaiveDate) -> Option<Citation> {
        let law = self.law(id, on)?;
        Some(law.cite(law.article(number)?))
    }

    /// Articles on a topic that hold in a division on a day, in the order of citing: law, regulation, rule, then number.
    #[must_use]
    pub fn articles(&self, topic: Topic, division: &str, on: NaiveDate) -> Vec<Citation> {
        let holds = |law: &&Law| law.span.holds_on(on) && division.starts_with(&law.jurisdiction);
        let mut laws: Vec<&Law> = self.laws.iter().filter(holds).collect();
        laws.sort_by_key(|law| law.level);
        let about = |law: &&Law| {
            let articles = law.articles.iter().filter(|article| article.topics.contains(&topic));
            articles.map(|article| law.cite(article)).collect::<Vec<_>>()
        };
        laws.iter().flat_map(about).collect()
    }

    /// The class of the city that a county belongs to, on a day; a county's own entry comes before its city's.
    #[must_use]
    pub fn city(&self, division: &str, on: NaiveDate) -> Option<&City> {
        let holding = || self.cities.iter().filter(|city| city.span.holds_on(on));
        let county = division.get(..6)?;
        let prefecture = format!("{}00", county.get(..4)?);
        holding()
            .find(|city| city.division == county)
            .or_else(|| holding().find(|city| city.division == prefecture))
    }

    /// A statutory period that holds in a division on a day, by id: `handover`, `title_registration`.
    #[must_use]
    pub fn period(&self, id: &str, division: &str, on: NaiveDate) -> Option<&StatutoryPeriod> {
        self.periods
            .iter()
            .find(|it| it.id == id && it.span.holds_on(on) && division.starts_with(&it.jurisdiction))
    }

    /// What is added for each day on which a payment of this kind is late.
    #[must_use]
    pub fn late_fee(&self, fund_kind: &str, division: &str, on: NaiveDate) -> Option<&LateFee> {
        self.late_fees.iter().find(|it| {
            it.fund_kind == fund_kind && it.span.holds_on(on) && division.starts_with(&it.jurisdiction)
        })
    }

    /// All statutory periods.
    pub fn periods(&self) -> impl Iterator<Item = &StatutoryPeriod> {
        self.periods.iter()
    }

    /// How much shelter a project must build.
    ///
    /// The class is that given, or else the one recorded for the division. The rule is the one in force on the day of the
    /// planning conditions or permit.
    ///
    /// # Errors
    /// No class, or no ratio for the division and day; never a guess.
    pub fn required_area(&self, share: &Share<'_>) -> Result<RequiredArea, Fault> {
        ratio::required_area(self, share)
    }
}

/// The days a rule is in force.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// First day.
    pub from: NaiveDate,
    /// Last day; none while in force.
    pub to: Option<NaiveDate>,
}

impl Span {
    /// Whether a day is within.
    #[must_use]
    pub fn holds_on(&self, day: NaiveDate) -> bool {
        self.from <= day && self.to.is_none_or(|to| day <= to)
    }

    /// Whether two spans share a day.
    fn overlaps(&self, other: &Self) -> bool {
        self.to.is_none_or(|to| other.from <= to) && other.to.is_none_or(|to| self.from <= to)
    }
}

#[cfg(test)]
mod tests;
