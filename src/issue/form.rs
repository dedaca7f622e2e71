//! The form of a document as a clerk fills it: texts in, canonical values out.

use std::collections::BTreeMap;

use serde_json::{Map, Value as Json};

use crate::document::{FormField, FormType, Kind};
use crate::error::{Problem, codes};

/// What came of reading a form.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Filled {
    /// Canonical values of the fields that could be read; empty fields are absent.
    pub values: Map<String, Json>,
    /// Fields that could not be read; what was typed is kept in `values` so that nothing a clerk wrote is lost.
    pub problems: Vec<Problem>,
}

/// Reads the texts of a form. Tables come as `table/row/column`, rows from 0; rows left wholly empty are passed over.
#[must_use]
pub fn read_form(kind: &Kind, texts: &BTreeMap<String, String>) -> Filled {
    let mut filled = Filled::default();
    for field in &kind.fields {
        let value = match &field.ty {
            FormType::Value(_) => texts
                .get(&field.name)
                .and_then(|text| read_value(field, text, &field.name, &mut filled.problems)),
            FormType::Table(columns) => read_table(field, columns, texts, &mut filled.problems),
        };
        if let Some(value) = value {
            filled.values.insert(field.name.clone(), value);
        }
    }
    filled
}

fn read_value(field: &FormField, text: &str, path: &str, problems: &mut Vec<Problem>) -> Option<Json> {
    let text = text.trim();
    let FormType::Value(ty) = &field.ty else { return None };
    if text.is_empty() {
        return None;
    }
    match ty.parse(text) {
        Ok(parsed) => Some(parsed.value.to_json(ty)),
        Err(fault) => {
            let rule = format!("{}：{}", field.title, fault.rule);
            problems.push(
                Problem::error(codes::document::FORM_FIELD, rule, fault.hint).of_field(path).showing(text),
            );
            Some(Json::from(text))
        }
    }
}

fn read_table(
    field: &FormField,
    columns: &[FormField],
    texts: &BTreeMap<String, String>,
    problems: &mut Vec<Problem>,
) -> Option<Json> {
    let prefix = format!("{}/", field.name);
    let mut rows: BTreeMap<u32, Map<String, Json>> = BTreeMap::new();
    for (path, text) in texts.range(prefix.clone()..).take_while(|(path, _)| path.starts_with(&prefix)) {
        let Some((row, column)) = path.strip_prefix(&prefix).and_then(|rest| rest.split_once('/')) else {
            continue;
        };
        let (Ok(row), Some(column)) = (row.parse(), columns.iter().find(|it| it.name == column)) else {
            continue;
        };
        if let Some(value) = read_value(column, text, path, problems) {
            rows.entry(row).or_default().insert(column.name.clone(), value);
        }
    }
    let rows: Vec<Json> = rows.into_values().map(Json::Object).collect();
    (!rows.is_empty()).then_some(Json::Array(rows))
}
