//! Kinds of documents: a folder under `templates/documents/` with its form, its checks, its numbering, its template and a sample.

mod check;
mod file;
mod load;
mod values;

use std::collections::BTreeMap;

use serde_json::{Map, Value as Json};

pub use check::Check;
pub use values::Shown;

use super::template::Template;
use crate::error::Problem;
use crate::model::{FieldType, Schema};

/// All kinds. Immutable after [`Kinds::load`]; share it by `Arc`.
#[derive(Debug, Default)]
pub struct Kinds {
    kinds: BTreeMap<String, Kind>,
}

impl Kinds {
    /// Compiles the files of `templates/documents/`, each with its path below it (`obligation_notice/kind.toml`) and its bytes.
    /// Every template is filled with its sample, once whole and once with its required fields only.
    ///
    /// # Errors
    /// Every problem of every kind, with file, line, what is wrong and a hint.
    pub fn load(files: &BTreeMap<String, Vec<u8>>, schema: &Schema) -> Result<Self, Vec<Problem>> {
        load::load(files, schema).map(|kinds| Self { kinds })
    }

    /// A kind by its name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Kind> {
        self.kinds.get(name)
    }

    /// All kinds in the order of their names.
    pub fn iter(&self) -> impl Iterator<Item = &Kind> {
        self.kinds.values()
    }
}

/// One kind of document.
#[derive(Debug)]
pub struct Kind {
    /// English name: the name of its folder.
    pub name: String,
    /// Chinese name, `重大法律事项告知书`.
    pub title: String,
    /// What it is for and what it rests on, Chinese.
    pub description: String,
    /// Version of form and template; a document stays bound to the version it was made with.
    pub version: u32,
    /// Kind of the record it is drafted from; bindings start there.
    pub subject: String,
    /// How its documents are numbered; none when they carry no number of their own.
    pub numbering: Option<Numbering>,
    /// The form, in the order in which it is filled in.
    pub fields: Vec<FormField>,
    /// What must hold between the fields.
    pub checks: Vec<Check>,
    /// Words that must not be printed, and why.
    pub forbidden: Vec<Forbidden>,
    /// An invented, complete example.
    pub sample: Sample,
    label: String,
    pub(super) template: Template,
    /// File of the template, for reports.
    pub(super) template_file: String,
}

impl Kind {
    /// A field of the form.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&FormField> {
        self.fields.iter().find(|field| field.name == name)
    }

    /// The title of a document in lists and in the file: `重大法律事项告知书（嘉禾云庭）`.
    #[must_use]
    pub fn label(&self, values: &Map<String, Json>) -> String {
        let mut label = self.label.clone();
        for field in &self.fields {
            let place = format!("{{{}}}", field.name);
            if label.contains(&place) {
                let shown = values.get(&field.name).map(|value| field.show(value)).unwrap_or_default();
                label = label.replace(&place, shown.as_str().unwrap_or_default());
            }
        }
        label
    }
}

/// The series of numbers a kind draws from.
#[derive(Debug, Clone, PartialEq, Eq, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Numbering {
    /// 机关代字: the counter is kept per series and year.
    pub series: String,
    /// `嘉人防告〔{year}〕{n}号`.
    pub pattern: String,
}

impl Numbering {
    /// The number as printed (GB/T 9704-2012, 7.2.5: year in full, no zero padding).
    #[must_use]
    pub fn format(&self, year: i32, n: u32) -> String {
        self.pattern.replace("{year}", &year.to_string()).replace("{n}", &n.to_string())
    }
}

/// Words that a kind must never print.
#[derive(Debug, Clone, PartialEq, Eq, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Forbidden {
    /// The words.
    pub words: Vec<String>,
    /// Why, Chinese.
    pub reason: String,
}

/// `sample.json`.
#[derive(Debug, Clone, PartialEq, Eq, Default, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sample {
    /// 文号.
    #[serde(default)]
    pub number: Option<String>,
    /// 成文日期.
    #[serde(default)]
    pub date: Option<chrono::NaiveDate>,
    /// Canonical values by field.
    pub values: Map<String, Json>,
}

/// One field of a form, or one column of a table in it.
#[derive(Debug, Clone)]
pub struct FormField {
    /// English name, as the template uses it.
    pub name: String,
    /// Chinese title, as the form shows it.
    pub title: String,
    /// What it holds.
    pub ty: FormType,
    /// Unit shown behind the field in the form.
    pub unit: Option<String>,
    /// Whether a document cannot be issued without it.
    pub required: bool,
    /// Heading it stands under in the form.
    pub group: String,
    /// Help for the clerk, Chinese; may be empty.
    pub hint: String,
    /// Whether the form offers several lines.
    pub long: bool,
    /// What the form begins with when no record gives a value, canonical.
    pub default: Option<Json>,
    /// Where its value comes from.
    pub source: Option<Binding>,
}

/// What a form field holds.
#[derive(Debug, Clone)]
pub enum FormType {
    /// One value, of the types of the model.
    Value(FieldType),
    /// A table with these columns.
    Table(Vec<FormField>),
}

/// Where the value of a form field comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Binding {
    /// `works.parcel_no/parcel.location`: from the subject along links to a field. The last step is the field itself, each
    /// step before it a link to follow; a step marked [`Step::back`] is followed from its target to the record that links here.
    Field(Vec<Step>),
    /// `*protective_unit.works_no`: every record of a kind whose link points at the subject, one row each; the columns of the
    /// table name fields of that kind.
    Children(Step),
    /// `rule:required_area.area`: computed from dated rules.
    Rule(String),
}

/// A field of a kind of record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// Kind of record.
    pub kind: String,
    /// Field of it.
    pub field: String,
    /// `*parcel.project_code`: not the record this link leads to, but the record of this kind whose link leads here.
    pub back: bool,
}
