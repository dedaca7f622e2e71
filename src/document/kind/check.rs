//! What must hold between the fields of a form before a document is issued.

use rust_decimal::Decimal;
use serde::Deserialize;
use serde_json::{Map, Value as Json};

use super::{FormField, FormType, Kind};
use crate::error::{Problem, codes};
use crate::model::Value;

/// A rule of `kind.toml` between fields. Rules speak only when all fields they name are filled.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(tag = "rule", rename_all = "snake_case", deny_unknown_fields)]
pub enum Check {
    /// The date `field` is not before `other`.
    NotBefore {
        /// The later date.
        field: String,
        /// The earlier date.
        other: String,
    },
    /// The number is greater than zero.
    Positive {
        /// The number.
        field: String,
    },
    /// The number `field` is at most `other`.
    AtMost {
        /// The smaller number.
        field: String,
        /// The greater number.
        other: String,
    },
    /// `field` is the sum of `of`.
    Sum {
        /// The sum.
        field: String,
        /// Its parts; an empty part counts as nothing.
        of: Vec<String>,
    },
    /// `field` is the sum of products, each a quantity and a per cent.
    PercentSum {
        /// The sum.
        field: String,
        /// Pairs of quantity and per cent.
        of: Vec<[String; 2]>,
    },
    /// `field` is filled when `when` is filled, or says yes.
    Needs {
        /// The field that is needed.
        field: String,
        /// The field that needs it.
        when: String,
    },
    /// The table has at least one row.
    NotEmpty {
        /// The table.
        field: String,
    },
}

impl Check {
    /// Every field the rule names.
    pub(super) fn fields(&self) -> Vec<&str> {
        match self {
            Check::NotBefore { field, other } | Check::AtMost { field, other } => vec![field, other],
            Check::Positive { field } | Check::NotEmpty { field } => vec![field],
            Check::Sum { field, of } => std::iter::once(field).chain(of).map(String::as_str).collect(),
            Check::PercentSum { field, of } => {
                std::iter::once(field).chain(of.iter().flatten()).map(String::as_str).collect()
            }
            Check::Needs { field, when } => vec![field, when],
        }
    }

    /// The finding, when the rule is broken.
    pub(super) fn run(&self, kind: &Kind, values: &Map<String, Json>) -> Option<Problem> {
        let it = Given { kind, values };
        let (field, rule, hint) = match self {
            Check::NotBefore { field, other } => {
                let (later, earlier) = (it.value(field)?, it.value(other)?);
                let (Value::Date(a), Value::Date(b)) = (&later, &earlier) else { return None };
                (a < b).then(|| {
                    let day = crate::text::date::chinese(*b);
                    (
                        field,
                        format!("{}不能早于{}（{day}）。", it.title(field), it.title(other)),
                        "请核对两个日期。",
                    )
                })?
            }
            Check::Positive { field } => {
                let number = it.number(field)?;
                (number <= Decimal::ZERO)
                    .then(|| (field, format!("{}应大于 0。", it.title(field)), "请核对数值和单位。"))?
            }
            Check::AtMost { field, other } => {
                let (less, more) = (it.number(field)?, it.number(other)?);
                (less > more).then(|| {
                    (
                        field,
                        format!("{}不能大于{}（{more}）。", it.title(field), it.title(other)),
                        "请核对数值。",
                    )
                })?
            }
            Check::Sum { field, of } => {
                let sum = of.iter().filter_map(|part| it.number(part)).sum();
                it.differs(field, sum)?
            }
            Check::PercentSum { field, of } => {
                let products = of.iter().filter_map(|[quantity, percent]| {
                    Some(it.number(quantity)? * it.number(percent)? / Decimal::ONE_HUNDRED)
                });
                // Areas are kept to the hundredth of a square metre.
                let sum = products
                    .sum::<Decimal>()
                    .round_dp_with_strategy(2, rust_decimal::RoundingStrategy::MidpointAwayFromZero);
                it.differs(field, sum)?
            }
            Check::Needs { field, when } => {
                let missing = it.filled(when) && !it.filled(field);
                let rule = match values.get(when) {
                    Some(Json::Bool(_)) => format!("{}为“是”时，须填写{}。", it.title(when), it.title(field)),
                    _ => format!("填写了{}，{}也须填写。", it.title(when), it.title(field)),
                };
                missing.then_some((field, rule, "请补填。"))?
            }
            Check::NotEmpty { field } => {
                let rows = values.get(field).and_then(Json::as_array).map_or(0, Vec::len);
                (rows == 0).then(|| (field, format!("{}至少要有一行。", it.title(field)), "请补填。"))?
            }
        };
        Some(Problem::error(codes::document::FORM_FIELD, rule, hint).of_field(field.clone()))
    }
}

struct Given<'a> {
    kind: &'a Kind,
    values: &'a Map<String, Json>,
}

impl Given<'_> {
    fn field(&self, name: &str) -> Option<&FormField> {
        self.kind.field(name)
    }

    fn title(&self, name: &str) -> &str {
        self.field(name).map_or("", |field| field.title.as_str())
    }

    fn filled(&self, name: &str) -> bool {
        self.values
            .get(name)
            .is_some_and(|value| !super::values::is_blank(value) && *value != Json::Bool(false))
    }

    fn value(&self, name: &str) -> Option<Value> {
        let FormType::Value(ty) = &self.field(name)?.ty else { return None };
        Value::from_json(ty, self.values.get(name)?).ok()
    }

    fn number(&self, name: &str) -> Option<Decimal> {
        self.value(name)?.number()
    }

    fn differs<'a>(&self, field: &'a String, sum: Decimal) -> Option<(&'a String, String, &'static str)> {
        let given = self.number(field)?;
        (given != sum).then(|| {
            let rule = format!("{}应为 {}，现为 {given}，计算不符。", self.title(field), sum.normalize());
            (field, rule, "请核对各组成部分和比例。")
        })
    }
}
