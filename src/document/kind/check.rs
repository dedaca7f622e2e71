//! What must hold between the fields of a form before a document is issued.

use rust_decimal::Decimal;
use serde::Deserialize;
use serde_json::{Map, Value as Json};

use super::{FormField, FormType, Kind};
use crate::error::{Problem, codes};
use crate::model::{FieldType, Value};

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
    /// `field` is what is left of the first when the others are taken away.
    Difference {
        /// What is left.
        field: String,
        /// The whole, then what is taken away.
        of: Vec<String>,
    },
    /// `field` is the product of `of`, divided by `per`, to the hundredth.
    Product {
        /// The product.
        field: String,
        /// The factors.
        of: Vec<String>,
        /// 100 when one factor is a per cent.
        #[serde(default = "one")]
        per: u32,
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

fn one() -> u32 {
    1
}

impl Check {
    /// Every field the rule names.
    pub(super) fn fields(&self) -> Vec<&str> {
        match self {
            Check::NotBefore { field, other } | Check::AtMost { field, other } => vec![field, other],
            Check::Positive { field } | Check::NotEmpty { field } => vec![field],
            Check::Sum { field, of } | Check::Difference { field, of } | Check::Product { field, of, .. } => {
                std::iter::once(field).chain(of).map(String::as_str).collect()
            }
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
            Check::Sum { field, .. } | Check::PercentSum { field, .. } => {
                it.differs(field, it.result(self)?)?
            }
            Check::Difference { field, of } | Check::Product { field, of, .. } => {
                // Half of a computation says nothing.
                let all = of.iter().all(|part| it.filled(part));
                it.differs(field, it.result(self).filter(|_| all)?)?
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

impl Kind {
    /// Whether a rule can compute the field.
    #[must_use]
    pub fn computes(&self, name: &str) -> bool {
        self.checks.iter().any(|check| match check {
            Check::Sum { field, .. }
            | Check::PercentSum { field, .. }
            | Check::Difference { field, .. }
            | Check::Product { field, .. } => field == name,
            _ => false,
        })
    }

    /// Fills the empty fields that a rule can compute from fields that are filled; the check holds for them from then on.
    pub fn compute(&self, values: &mut Map<String, Json>) {
        for check in &self.checks {
            let Some((field, parts)) = check.fields().split_first().map(|(field, of)| (*field, of.to_vec()))
            else {
                continue;
            };
            let it = Given { kind: self, values };
            let ready = !it.filled(field) && parts.iter().all(|part| it.filled(part));
            if let Some(number) = it.result(check).filter(|_| ready) {
                let text = it.field(field).map(|field| in_type(field, number));
                values.insert(field.to_owned(), Json::from(text.unwrap_or_default()));
            }
        }
    }
}

/// A computed number as the canonical text of its field.
fn in_type(field: &FormField, number: Decimal) -> String {
    match &field.ty {
        FormType::Value(FieldType::Money | FieldType::Area) => format!("{number:.2}"),
        _ => number.normalize().to_string(),
    }
}

impl Given<'_> {
    /// What a rule that computes gives. Areas and amounts are kept to the hundredth.
    fn result(&self, check: &Check) -> Option<Decimal> {
        let number = match check {
            Check::Sum { of, .. } => of.iter().filter_map(|part| self.number(part)).sum(),
            Check::PercentSum { of, .. } => {
                let products = of.iter().filter_map(|[quantity, percent]| {
                    self.number(quantity)?
                        .checked_mul(self.number(percent)?)?
                        .checked_div(Decimal::ONE_HUNDRED)
                });
                products.sum::<Decimal>()
            }
            Check::Difference { of, .. } => {
                let (whole, parts) = of.split_first()?;
                parts
                    .iter()
                    .filter_map(|part| self.number(part))
                    .fold(self.number(whole)?, |left, part| left - part)
            }
            Check::Product { of, per, .. } => {
                let factors = of.iter().map(|factor| self.number(factor));
                let product = factors.reduce(|a, b| a?.checked_mul(b?))??;
                product.checked_div(Decimal::from(*per))?
            }
            _ => return None,
        };
        Some(match check {
            Check::Sum { .. } | Check::Difference { .. } => number,
            _ => number.round_dp_with_strategy(2, rust_decimal::RoundingStrategy::MidpointAwayFromZero),
        })
    }

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
