//! A kind of record: its fields, its business keys, its links to other kinds.

use super::body::Body;
use super::field::{Field, FieldId, Fields};
use super::field_type::FieldType;
use super::value::Value;
use crate::ident::{self, IdentKind};

/// The place of a kind in its schema. Means nothing outside that schema; never stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KindId(pub u16);

/// A kind of record, `mappings/model/<name>.toml`.
#[derive(Debug, Clone)]
pub struct Kind {
    /// Its place.
    pub id: KindId,
    /// File name without its ending, `works`.
    pub name: String,
    /// Chinese title.
    pub title: String,
    /// What one record stands for, Chinese.
    pub description: String,
    /// Its fields in order.
    pub fields: Fields,
    /// Alternative business keys, the first is the usual one. Any one of them, complete, tells which thing is meant.
    pub keys: Vec<Vec<FieldId>>,
    /// Fields that tell the administrative division; the first that is known counts.
    pub division_from: Vec<FieldId>,
    /// Fields that name a record to people; the first that is known counts.
    pub label_from: Vec<FieldId>,
}

/// One complete business key of a record.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BusinessKey {
    /// Names of its fields joined by `+`: `works_no`, `project_code+name`.
    pub name: String,
    /// Their values joined by `|`, in the form that is compared.
    pub value: String,
}

/// A field that refers to another kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Link<'a> {
    /// The field.
    pub field: FieldId,
    /// Kind referred to.
    pub kind: &'a str,
    /// Field of that kind.
    pub target: &'a str,
}

impl Kind {
    /// The field of a name.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&Field> {
        self.fields.find(name)
    }

    /// Every business key that the values complete, in the order of the model.
    #[must_use]
    pub fn keys_of(&self, body: &Body) -> Vec<BusinessKey> {
        self.keys.iter().filter_map(|key| self.key_of(key, body)).collect()
    }

    fn key_of(&self, key: &[FieldId], body: &Body) -> Option<BusinessKey> {
        let mut value = String::new();
        for id in key {
            let part = body.get(*id)?.key_text();
            if !value.is_empty() {
                value.push('|');
            }
            // The joint must not be ambiguous: a bar inside a part is doubled.
            value.push_str(&part.replace('|', "||"));
        }
        Some(BusinessKey { name: self.key_name(key), value })
    }

    /// The name of a key: its fields joined by `+`.
    #[must_use]
    pub fn key_name(&self, key: &[FieldId]) -> String {
        let names: Vec<&str> =
            key.iter().filter_map(|id| Some(self.fields.get(*id)?.name.as_str())).collect();
        names.join("+")
    }

    /// The six-digit county a record belongs to, when its values tell.
    #[must_use]
    pub fn division_of(&self, body: &Body) -> Option<String> {
        self.division_from.iter().find_map(|id| {
            let (field, value) = (self.fields.get(*id)?, body.get(*id)?);
            let Value::Text(text) = value else { return None };
            ident::division_of(ident_of(&field.ty)?, text)
        })
    }

    /// What people call a record; personal names are masked.
    #[must_use]
    pub fn label_of(&self, body: &Body) -> Option<String> {
        self.label_from.iter().find_map(|id| Some(self.fields.get(*id)?.display_masked(body.get(*id)?)))
    }

    /// Required fields that the values lack.
    pub fn missing<'a>(&'a self, body: &'a Body) -> impl Iterator<Item = &'a Field> {
        self.fields.iter().filter(|field| field.required && body.get(field.id).is_none())
    }

    /// Fields that refer to other kinds, singly or as a list.
    pub fn links(&self) -> impl Iterator<Item = Link<'_>> {
        self.fields.iter().filter_map(|field| match element(&field.ty) {
            FieldType::Ref { kind, field: target, .. } => Some(Link { field: field.id, kind, target }),
            _ => None,
        })
    }

    /// Whether any field is about a person.
    #[must_use]
    pub fn has_personal_data(&self) -> bool {
        self.fields.iter().any(Field::is_personal)
    }
}

/// The type itself, or that of the values of a list.
fn element(ty: &FieldType) -> &FieldType {
    if let FieldType::List(item) = ty { item } else { ty }
}

/// The identifier type of a field, also behind a link.
fn ident_of(ty: &FieldType) -> Option<IdentKind> {
    match ty {
        FieldType::Ident(kind) => Some(*kind),
        FieldType::Ref { ty, .. } => ident_of(ty),
        _ => None,
    }
}
