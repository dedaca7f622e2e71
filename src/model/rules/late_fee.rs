//! What is added for each day a payment is late.

use rust_decimal::Decimal;

use super::{Citation, Rules, Span};
use chrono::NaiveDate;

/// The rate of one edition of the rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LateFee {
    /// What is late, `relocation_fee`: a code of the list `fund_kind`.
    pub fund_kind: String,
    /// Per cent of the sum for each day: 0.2 is 千分之二.
    pub percent: Decimal,
    /// Leading digits of the divisions it holds in.
    pub jurisdiction: String,
    /// Law it comes from.
    pub law: String,
    /// Article of that law.
    pub article: u32,
    /// Days it is in force.
    pub span: Span,
}

impl LateFee {
    /// The article it comes from, as in force on a day.
    #[must_use]
    pub fn citation(&self, rules: &Rules, on: NaiveDate) -> Option<Citation> {
        rules.article(&self.law, self.article, on)
    }
}
