//! Values of fields and their canonical JSON.

use chrono::{DateTime, FixedOffset, NaiveDate, SecondsFormat, Utc};
use rust_decimal::Decimal;
use serde_json::Value as Json;

use super::body::Body;
use super::field_type::{Fault, FieldType};
use crate::error::codes;
use crate::ident;
use crate::text::amount::{Money, MoneyUnit};
use crate::text::area::Area;
use crate::text::date;
use crate::text::width::half_width;

/// A value of a field. Identifiers and links are texts in their normal spelling.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// Text, identifier or link.
    Text(String),
    /// Whole number.
    Integer(i64),
    /// Exact decimal.
    Decimal(Decimal),
    /// Amount.
    Money(Money),
    /// Area.
    Area(Area),
    /// Civil date.
    Date(NaiveDate),
    /// Moment.
    Instant(DateTime<Utc>),
    /// Yes or no.
    Boolean(bool),
    /// Code of a list.
    Code(String),
    /// Several values.
    List(Vec<Value>),
    /// A table; each row holds its columns by place.
    Rows(Vec<Body>),
}

impl Value {
    /// Canonical JSON: texts, codes, identifiers, decimals, amounts, areas, dates and instants are strings; whole numbers and
    /// yes/no are themselves. A number never becomes a JSON float.
    #[must_use]
    pub fn to_json(&self, ty: &FieldType) -> Json {
        match (self, ty) {
            (Self::Integer(number), _) => Json::from(*number),
            (Self::Boolean(flag), _) => Json::from(*flag),
            (Self::List(items), FieldType::List(item)) => {
                items.iter().map(|value| value.to_json(item)).collect()
            }
            (Self::Rows(rows), FieldType::Rows(columns)) => {
                rows.iter().map(|row| Json::Object(row.to_json(columns))).collect()
            }
            _ => Json::from(self.plain_text()),
        }
    }

    /// Reads canonical JSON; anything but the exact canonical form is refused.
    ///
    /// # Errors
    /// What the form should be.
    pub fn from_json(ty: &FieldType, json: &Json) -> Result<Self, Fault> {
        let wrong = || {
            let rule = format!("应为{}的规范 JSON 形式。", ty.title());
            Fault::new(codes::value::TRUE_FORM, rule, "见该类记录的 JSON Schema。")
        };
        let value = match (ty, json) {
            (FieldType::Ref { ty, .. }, _) => return Self::from_json(ty, json),
            (FieldType::Integer, Json::Number(number)) => number.as_i64().map(Self::Integer),
            (FieldType::Boolean, Json::Bool(flag)) => Some(Self::Boolean(*flag)),
            (FieldType::List(item), Json::Array(items)) => Some(Self::List(
                items.iter().map(|json| Self::from_json(item, json)).collect::<Result<_, _>>()?,
            )),
            (FieldType::Rows(columns), Json::Array(rows)) => {
                let rows = rows.iter().map(|row| Body::from_json(columns, row));
                Some(Self::Rows(rows.collect::<Result<_, _>>().map_err(|(_, fault)| fault)?))
            }
            (_, Json::String(text)) => Self::from_canonical_text(ty, text)?,
            _ => None,
        };
        value.ok_or_else(wrong)
    }

    fn from_canonical_text(ty: &FieldType, text: &str) -> Result<Option<Self>, Fault> {
        Ok(match ty {
            FieldType::Text => Some(Self::Text(text.to_owned())),
            // Forms may write 1,234.5元; stored and exchanged numbers are digits only.
            FieldType::Decimal { .. } | FieldType::Money | FieldType::Area if !is_plain_number(text) => None,
            FieldType::Decimal { .. } => text.parse().ok().map(Self::Decimal),
            FieldType::Money => Money::parse_yuan(text).ok().map(Self::Money),
            FieldType::Area => Area::parse(text).ok().map(Self::Area),
            FieldType::Date => text.parse().ok().map(Self::Date),
            FieldType::Instant => {
                DateTime::parse_from_rfc3339(text).ok().map(|at| Self::Instant(at.with_timezone(&Utc)))
            }
            // A stored code stays readable when the list no longer has it: lists change, records do not.
            FieldType::Code(_) => Some(Self::Code(text.to_owned())),
            FieldType::Ident(kind) => match ident::check(*kind, text) {
                Ok(checked) => Some(Self::Text(checked.text)),
                Err(fault) => return Err(Fault::new(codes::value::IDENTIFIER, fault.rule, fault.hint)),
            },
            _ => None,
        })
    }

    /// One line in canonical form: what keys, comparisons and texts for partners start from. Tables and lists are joined.
    #[must_use]
    pub fn plain_text(&self) -> String {
        match self {
            Self::Text(text) | Self::Code(text) => text.clone(),
            Self::Integer(number) => number.to_string(),
            Self::Decimal(number) => number.to_string(),
            Self::Money(money) => money.to_string(),
            Self::Area(area) => area.to_string(),
            Self::Date(day) => day.to_string(),
            Self::Instant(at) => at.to_rfc3339_opts(SecondsFormat::AutoSi, true),
            Self::Boolean(flag) => flag.to_string(),
            Self::List(items) => items.iter().map(Self::plain_text).collect::<Vec<_>>().join("；"),
            Self::Rows(rows) => {
                let row = |row: &Body| {
                    row.iter().map(|(_, value)| value.plain_text()).collect::<Vec<_>>().join(" ")
                };
                rows.iter().map(row).collect::<Vec<_>>().join("；")
            }
        }
    }

    /// For people: code titles, Chinese dates, 元 and 平方米, 是 and 否.
    #[must_use]
    pub fn display_zh(&self, ty: &FieldType) -> String {
        match (self, ty) {
            (_, FieldType::Ref { ty, .. }) => self.display_zh(ty),
            (Self::Code(code), FieldType::Code(list)) => list.title_of(code).to_owned(),
            (Self::Money(money), _) => format!("{money}元"),
            (Self::Area(area), _) => area.chinese(),
            (Self::Date(day), _) => date::chinese(*day),
            (Self::Instant(at), _) => instant_zh(*at),
            (Self::Boolean(flag), _) => if *flag { "是" } else { "否" }.to_owned(),
            (Self::List(items), FieldType::List(item)) => {
                items.iter().map(|value| value.display_zh(item)).collect::<Vec<_>>().join("、")
            }
            (Self::Rows(rows), FieldType::Rows(columns)) => {
                rows.iter().map(|row| row.display_zh(columns)).collect::<Vec<_>>().join("；")
            }
            _ => self.plain_text(),
        }
    }

    /// The number of a numeric value, in yuan and square metres.
    #[must_use]
    pub fn number(&self) -> Option<Decimal> {
        match self {
            Self::Integer(number) => Some(Decimal::from(*number)),
            Self::Decimal(number) => Some(*number),
            Self::Money(money) => Some(money.in_unit(MoneyUnit::Yuan)),
            Self::Area(area) => Some(area.to_decimal()),
            _ => None,
        }
    }

    /// Whether two departments say the same: widths, blanks and trailing zeros do not make a difference.
    #[must_use]
    pub fn agrees_with(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Text(a), Self::Text(b)) => a == b || fold(a) == fold(b),
            (Self::List(a), Self::List(b)) => {
                a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.agrees_with(b))
            }
            _ => self == other,
        }
    }

    /// The form in which a value takes part in a business key.
    #[must_use]
    pub fn key_text(&self) -> String {
        match self {
            Self::Text(text) => fold(text),
            _ => self.plain_text(),
        }
    }
}

/// Text as compared: half width, without blanks.
fn fold(text: &str) -> String {
    half_width(text).chars().filter(|c| !c.is_whitespace()).collect()
}

fn is_plain_number(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'.' | b'-'))
}

fn instant_zh(at: DateTime<Utc>) -> String {
    let local = FixedOffset::east_opt(8 * 3600)
        .map_or_else(|| at.naive_utc(), |china| at.with_timezone(&china).naive_local());
    format!("{} {}", date::chinese(local.date()), local.format("%H:%M:%S"))
}

#[cfg(test)]
mod tests;
