//! The values of one record or one row, sorted by field.

use serde_json::{Map, Value as Json};

use super::field::{Field, FieldId, Fields};
use super::field_type::Fault;
use super::value::Value;
use crate::error::codes;

/// Values by field; a field that is absent is unknown, there is no null.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Body(Vec<(FieldId, Value)>);

impl Body {
    /// The value of a field.
    #[must_use]
    pub fn get(&self, id: FieldId) -> Option<&Value> {
        let at = self.0.binary_search_by_key(&id, |(field, _)| *field).ok()?;
        self.0.get(at).map(|(_, value)| value)
    }

    /// The value of a field by name.
    #[must_use]
    pub fn find<'a>(&'a self, fields: &Fields, name: &str) -> Option<&'a Value> {
        self.get(fields.find(name)?.id)
    }

    /// Puts a value in, replacing what was there.
    pub fn set(&mut self, id: FieldId, value: Value) {
        match self.0.binary_search_by_key(&id, |(field, _)| *field) {
            Ok(at) => {
                if let Some(slot) = self.0.get_mut(at) {
                    slot.1 = value;
                }
            }
            Err(at) => self.0.insert(at, (id, value)),
        }
    }

    /// Takes a value out.
    pub fn remove(&mut self, id: FieldId) -> Option<Value> {
        let at = self.0.binary_search_by_key(&id, |(field, _)| *field).ok()?;
        Some(self.0.remove(at).1)
    }

    /// All values in order of the fields.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (FieldId, &Value)> {
        self.0.iter().map(|(id, value)| (*id, value))
    }

    /// How many fields are known.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether nothing is known.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Canonical JSON object, keys in the order of the fields.
    #[must_use]
    pub fn to_json(&self, fields: &Fields) -> Map<String, Json> {
        let pair = |(id, value): (FieldId, &Value)| {
            let field = fields.get(id)?;
            Some((field.name.clone(), value.to_json(&field.ty)))
        };
        self.iter().filter_map(pair).collect()
    }

    /// The same with personal values masked.
    #[must_use]
    pub fn to_json_masked(&self, fields: &Fields) -> Map<String, Json> {
        let pair = |(id, value): (FieldId, &Value)| {
            let field = fields.get(id)?;
            Some((field.name.clone(), field.to_json_masked(value)))
        };
        self.iter().filter_map(pair).collect()
    }

    /// Reads a canonical JSON object.
    ///
    /// # Errors
    /// The first field that is unknown or not in canonical form, by name, with its fault.
    pub fn from_json(fields: &Fields, json: &Json) -> Result<Self, (String, Fault)> {
        let Json::Object(object) = json else {
            let fault = Fault::new(codes::value::TRUE_FORM, "应为 JSON 对象。", "见该类记录的 JSON Schema。");
            return Err((String::new(), fault));
        };
        let mut body = Self(Vec::with_capacity(object.len()));
        for (name, json) in object {
            let field = fields.find(name).ok_or_else(|| (name.clone(), unknown(name)))?;
            let value = Value::from_json(&field.ty, json).map_err(|fault| (name.clone(), fault))?;
            body.set(field.id, value);
        }
        Ok(body)
    }

    /// One line for people: `名称 人防门，数量 4樘`.
    #[must_use]
    pub fn display_zh(&self, fields: &Fields) -> String {
        self.line(fields, Field::display_zh)
    }

    /// The same with personal values masked.
    #[must_use]
    pub fn display_masked(&self, fields: &Fields) -> String {
        self.line(fields, Field::display_masked)
    }

    fn line(&self, fields: &Fields, show: impl Fn(&Field, &Value) -> String) -> String {
        let part = |(id, value): (FieldId, &Value)| {
            let field = fields.get(id)?;
            Some(format!("{} {}", field.title, show(field, value)))
        };
        self.iter().filter_map(part).collect::<Vec<_>>().join("，")
    }
}

fn unknown(name: &str) -> Fault {
    Fault::new(
        codes::value::UNKNOWN_FIELD,
        format!("模型没有字段“{name}”。"),
        "用 hub model show 查看该类记录的字段。",
    )
}

impl FromIterator<(FieldId, Value)> for Body {
    fn from_iter<I: IntoIterator<Item = (FieldId, Value)>>(iter: I) -> Self {
        let mut body = Self::default();
        for (id, value) in iter {
            body.set(id, value);
        }
        body
    }
}
