//! A field of a kind or a column of a table inside a record.

use std::collections::HashMap;

use rust_decimal::Decimal;

use super::field_type::{Fault, FieldType, Parsed};
use super::value::Value;
use crate::error::codes;
use crate::text::mask;

/// The place of a field in its kind (or of a column in its table). Means nothing outside that kind; never stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FieldId(pub u16);

/// Who may see a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Deserialize, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Sensitivity {
    /// Everybody, also outside.
    Open,
    /// Departments with a right to the kind.
    Internal,
    /// About a person; masked unless a reason is given (个人信息保护法).
    Personal,
}

/// How a personal value is shown to those who need not see it whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Mask {
    /// `张*`.
    Name,
    /// As a name, unless it is surely that of an organisation.
    Party,
    /// `3****************5`.
    IdNumber,
    /// `138****1234`.
    Phone,
    /// The first six characters.
    Address,
    /// The last four digits.
    Account,
    /// The first character.
    Text,
}

/// One field.
#[derive(Debug, Clone)]
pub struct Field {
    /// Its place.
    pub id: FieldId,
    /// English name, `shelter_area`.
    pub name: String,
    /// Chinese title.
    pub title: String,
    /// What it holds.
    pub ty: FieldType,
    /// Unit shown after a number, `个`; areas and money have their own.
    pub unit: Option<String>,
    /// Whether a record is incomplete without it. A single message may well lack it.
    pub required: bool,
    /// Id of the department whose word counts (一数一源); none when nobody is.
    pub authority: Option<String>,
    /// Who may see it.
    pub sensitivity: Sensitivity,
    /// How it is masked when personal.
    pub mask: Mask,
    /// Meaning, source and pitfalls, Chinese; may be empty.
    pub description: String,
    /// Smallest value of a number, area or amount (in its unit).
    pub min: Option<Decimal>,
    /// Largest value of a number, area or amount.
    pub max: Option<Decimal>,
    /// Most characters of a text.
    pub max_length: usize,
}

impl Field {
    /// Reads a value from text and holds it against the limits of the field.
    ///
    /// # Errors
    /// The rule that the text breaks.
    pub fn parse(&self, raw: &str) -> Result<Parsed, Fault> {
        let parsed = self.ty.parse(raw)?;
        self.check(&parsed.value)?;
        Ok(parsed)
    }

    /// Holds a value against the limits of the field: smallest, largest, longest.
    ///
    /// # Errors
    /// The rule that the value breaks.
    pub fn check(&self, value: &Value) -> Result<(), Fault> {
        // Bytes are never fewer than characters, so most texts need no counting.
        if let Value::Text(text) = value
            && text.len() > self.max_length
            && text.chars().count() > self.max_length
        {
            let rule = format!("{}最多 {} 个字。", self.title, self.max_length);
            return Err(Fault::new(codes::value::TOO_LONG, rule, "请删减后再填。"));
        }
        if self.min.is_none() && self.max.is_none() {
            return Ok(());
        }
        let Some(number) = value.number() else { return Ok(()) };
        let unit = self.unit_text();
        if let Some(min) = self.min.filter(|min| number < *min) {
            let rule = format!("{}不能小于 {min}{unit}。", self.title);
            return Err(Fault::new(codes::value::OUT_OF_RANGE, rule, "请核对数值和单位。"));
        }
        if let Some(max) = self.max.filter(|max| number > *max) {
            let rule = format!("{}不能大于 {max}{unit}。", self.title);
            return Err(Fault::new(codes::value::OUT_OF_RANGE, rule, "请核对数值和单位。"));
        }
        Ok(())
    }

    /// The unit people read after the number.
    #[must_use]
    pub fn unit_text(&self) -> &str {
        match (&self.unit, &self.ty) {
            (Some(unit), _) => unit,
            (None, FieldType::Money) => "元",
            (None, FieldType::Area) => "平方米",
            _ => "",
        }
    }

    /// For people, in whole: code titles, Chinese dates, units.
    #[must_use]
    pub fn display_zh(&self, value: &Value) -> String {
        match (&self.unit, value) {
            (Some(unit), Value::Integer(_) | Value::Decimal(_) | Value::Money(_)) => {
                format!("{}{unit}", value.plain_text())
            }
            _ => value.display_zh(&self.ty),
        }
    }

    /// For people without the right to see it whole: personal values are masked, also inside tables; others are shown.
    #[must_use]
    pub fn display_masked(&self, value: &Value) -> String {
        match (value, &self.ty) {
            _ if self.sensitivity == Sensitivity::Personal => self.mask(&value.display_zh(&self.ty)),
            (Value::Rows(rows), FieldType::Rows(columns)) => {
                rows.iter().map(|row| row.display_masked(columns)).collect::<Vec<_>>().join("；")
            }
            _ => self.display_zh(value),
        }
    }

    /// Canonical JSON with personal values masked, also inside tables, for answers to those without the right.
    #[must_use]
    pub fn to_json_masked(&self, value: &Value) -> serde_json::Value {
        match (value, &self.ty) {
            _ if self.sensitivity == Sensitivity::Personal => self.mask(&value.plain_text()).into(),
            (Value::Rows(rows), FieldType::Rows(columns)) => {
                rows.iter().map(|row| serde_json::Value::Object(row.to_json_masked(columns))).collect()
            }
            _ => value.to_json(&self.ty),
        }
    }

    /// Whether the field, or a column of its table, is about a person.
    #[must_use]
    pub fn is_personal(&self) -> bool {
        let nested = |columns: &Fields| columns.iter().any(Self::is_personal);
        self.sensitivity == Sensitivity::Personal
            || matches!(&self.ty, FieldType::Rows(columns) if nested(columns))
    }

    /// Masks a raw text when the field is personal; for messages about values that could not be read.
    #[must_use]
    pub fn mask_raw(&self, raw: &str) -> String {
        if self.sensitivity == Sensitivity::Personal { self.mask(raw) } else { raw.to_owned() }
    }

    fn mask(&self, text: &str) -> String {
        match self.mask {
            Mask::Name => mask::name(text),
            Mask::Party => mask::party(text),
            Mask::IdNumber => mask::id_number(text),
            Mask::Phone => mask::phone(text),
            Mask::Address => mask::address(text),
            Mask::Account => mask::account(text),
            Mask::Text => mask::text(text),
        }
    }
}

/// The fields of a kind or the columns of a table, in order, found by id or name.
#[derive(Debug, Clone, Default)]
pub struct Fields {
    list: Vec<Field>,
    by_name: HashMap<String, FieldId>,
}

impl Fields {
    pub(super) fn new(list: Vec<Field>) -> Self {
        let by_name = list.iter().map(|field| (field.name.clone(), field.id)).collect();
        Self { list, by_name }
    }

    /// The field at a place.
    #[must_use]
    pub fn get(&self, id: FieldId) -> Option<&Field> {
        self.list.get(usize::from(id.0))
    }

    /// The field of a name.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<&Field> {
        self.get(*self.by_name.get(name)?)
    }

    /// All in order.
    pub fn iter(&self) -> std::slice::Iter<'_, Field> {
        self.list.iter()
    }

    /// How many.
    #[must_use]
    pub fn len(&self) -> usize {
        self.list.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }
}

impl<'a> IntoIterator for &'a Fields {
    type Item = &'a Field;
    type IntoIter = std::slice::Iter<'a, Field>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}
