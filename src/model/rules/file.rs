//! The shape of rule files as written.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use rust_decimal::Decimal;
use serde::Deserialize;
use toml::Spanned;

use super::deadline::PeriodUnit;
use super::law::{Article, LawLevel};

/// Any file under `rules/`; each may hold any of these.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RuleFile {
    #[serde(default)]
    pub law: Vec<Spanned<LawFile>>,
    #[serde(default)]
    pub ratio: Vec<Spanned<RatioFile>>,
    #[serde(default)]
    pub city: Vec<Spanned<CityFile>>,
    #[serde(default)]
    pub deadline: Vec<Spanned<DeadlineFile>>,
    #[serde(default)]
    pub late_fee: Vec<Spanned<LateFeeFile>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct LateFeeFile {
    pub fund_kind: String,
    pub percent: Decimal,
    pub jurisdiction: String,
    pub law: String,
    pub article: u32,
    pub from: NaiveDate,
    #[serde(default)]
    pub to: Option<NaiveDate>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct LawFile {
    pub id: String,
    pub title: String,
    pub level: LawLevel,
    pub jurisdiction: String,
    pub from: NaiveDate,
    #[serde(default)]
    pub to: Option<NaiveDate>,
    pub edition: String,
    pub source: String,
    pub verified: bool,
    pub article: Vec<Article>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RatioFile {
    pub jurisdiction: String,
    pub law: String,
    pub article: u32,
    pub from: NaiveDate,
    #[serde(default)]
    pub to: Option<NaiveDate>,
    pub residential: BTreeMap<String, Decimal>,
    pub other: BTreeMap<String, Decimal>,
    /// Square metres.
    pub other_at_least: i64,
    /// Square metres.
    pub relocation_below: i64,
    pub relocation_article: u32,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CityFile {
    pub division: String,
    pub class: String,
    pub from: NaiveDate,
    #[serde(default)]
    pub to: Option<NaiveDate>,
    pub source: String,
    pub verified: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct DeadlineFile {
    pub id: String,
    pub title: String,
    pub count: u32,
    pub unit: PeriodUnit,
    pub starts: String,
    #[serde(default)]
    pub start_field: Option<String>,
    pub jurisdiction: String,
    pub law: String,
    pub article: u32,
    pub from: NaiveDate,
    #[serde(default)]
    pub to: Option<NaiveDate>,
}
