//! Values of a form: whether they can be issued, and how they are printed.

use serde_json::{Map, Value as Json};

use super::{FormField, FormType, Kind};
use crate::error::{Problem, codes};
use crate::model::{Fault, FieldType, Value};

/// The texts that a template prints, and the canonical values that it decides by.
#[derive(Debug, Clone, Default)]
pub struct Shown {
    /// Texts by field; tables as lists of rows.
    pub texts: Map<String, Json>,
    /// Canonical values by field.
    pub raw: Map<String, Json>,
}

/// Absent, empty text, empty list.
pub(super) fn is_blank(value: &Json) -> bool {
    match value {
        Json::Null => true,
        Json::String(text) => text.trim().is_empty(),
        Json::Array(items) => items.is_empty(),
        _ => false,
    }
}

impl Kind {
    /// Everything that stands in the way of issuing a document with these canonical values: required fields that are empty,
    /// values that are none of their type, broken rules, fields that the form does not have.
    #[must_use]
    pub fn problems(&self, values: &Map<String, Json>) -> Vec<Problem> {
        let mut problems = Vec::new();
        for field in &self.fields {
            field.check(values.get(&field.name), &field.name, &field.title, &mut problems);
        }
        for name in values.keys().filter(|name| self.field(name).is_none()) {
            let rule = format!("表单没有“{name}”这个字段。");
            problems.push(
                Problem::error(codes::document::FORM_FIELD, rule, "请删去，或改用现行版本的表单。")
                    .of_field(name),
            );
        }
        if problems.is_empty() {
            problems.extend(self.checks.iter().filter_map(|check| check.run(self, values)));
        }
        problems
    }

    /// The texts to print. With `partial`, required fields that are empty are shown as 【their title】, so that a draft can be looked at.
    #[must_use]
    pub fn show(&self, values: &Map<String, Json>, partial: bool) -> Shown {
        let mut shown = Shown::default();
        for field in &self.fields {
            match values.get(&field.name).filter(|value| !is_blank(value)) {
                Some(value) => {
                    shown.texts.insert(field.name.clone(), field.show(value));
                    shown.raw.insert(field.name.clone(), value.clone());
                }
                // A template may walk through a table without asking first whether it has rows.
                None if matches!(field.ty, FormType::Table(_)) => {
                    shown.texts.insert(field.name.clone(), Json::Array(Vec::new()));
                }
                None if partial && field.required => {
                    shown.texts.insert(field.name.clone(), Json::from(format!("【{}】", field.title)));
                }
                None => {}
            }
        }
        shown
    }
}

impl FormField {
    /// A value as it is printed: dates in Chinese, titles of codes, 是 and 否; numbers without their unit, which the template writes.
    #[must_use]
    pub fn show(&self, value: &Json) -> Json {
        match &self.ty {
            FormType::Value(ty) => Json::from(show(ty, value)),
            FormType::Table(columns) => value
                .as_array()
                .map(Vec::as_slice)
                .unwrap_or_default()
                .iter()
                .map(|row| show_row(columns, row))
                .collect(),
        }
    }

    fn check(&self, value: Option<&Json>, path: &str, title: &str, problems: &mut Vec<Problem>) {
        let Some(value) = value.filter(|value| !is_blank(value)) else {
            if self.required {
                let rule = format!("{title}未填写。");
                problems.push(
                    Problem::error(codes::document::FORM_FIELD, rule, "请补填后再生成。").of_field(path),
                );
            }
            return;
        };
        let fault = match (&self.ty, value) {
            (FormType::Value(ty), _) => Value::from_json(ty, value).err(),
            (FormType::Table(columns), Json::Array(rows)) => {
                for (row, number) in rows.iter().zip(1..) {
                    for column in columns {
                        let path = format!("{path}/{}/{}", number - 1, column.name);
                        let title = format!("{title}第 {number} 行{}", column.title);
                        column.check(row.get(&column.name), &path, &title, problems);
                    }
                }
                None
            }
            (FormType::Table(_), _) => {
                Some(Fault::new(codes::document::FORM_FIELD, "应为表格。", "请逐行填写。"))
            }
        };
        if let Some(fault) = fault {
            let shown = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            let rule = format!("{title}：{}", fault.rule);
            let problem = Problem::error(codes::document::FORM_FIELD, rule, fault.hint);
            problems.push(problem.of_field(path).showing(&shown));
        }
    }
}

fn show(ty: &FieldType, json: &Json) -> String {
    let Ok(value) = Value::from_json(ty, json) else {
        // A value of the wrong form is reported by `problems`; a draft shows it as it stands.
        return json.as_str().map_or_else(|| json.to_string(), str::to_owned);
    };
    match &value {
        Value::Money(_) | Value::Area(_) | Value::Decimal(_) | Value::Integer(_) => value.plain_text(),
        _ => value.display_zh(ty),
    }
}

/// One row of a table; columns left empty are empty texts, so that a template can print every column.
fn show_row(columns: &[FormField], row: &Json) -> Json {
    let texts = columns.iter().map(|column| {
        let value = row.get(&column.name).filter(|value| !is_blank(value));
        (column.name.clone(), value.map_or_else(|| Json::from(""), |value| column.show(value)))
    });
    Json::Object(texts.collect())
}
