//! The shape of `kind.toml` as written, before anything is checked.

use serde::Deserialize;
use toml::Spanned;

use super::{Check, Forbidden, Numbering};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct KindFile {
    pub title: String,
    pub description: String,
    pub version: u32,
    pub subject: Spanned<String>,
    /// `重大法律事项告知书（{project_name}）`.
    pub label: String,
    #[serde(default)]
    pub numbering: Option<Numbering>,
    #[serde(rename = "field")]
    pub fields: Vec<FieldFile>,
    #[serde(default, rename = "check")]
    pub checks: Vec<Spanned<Check>>,
    #[serde(default)]
    pub forbidden: Vec<Forbidden>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FieldFile {
    pub name: Spanned<String>,
    pub title: String,
    /// May be left out where `from` names a field: then it is the type of that field.
    #[serde(default, rename = "type")]
    pub ty: Option<Spanned<String>>,
    #[serde(default)]
    pub unit: Option<String>,
    #[serde(default)]
    pub required: bool,
    #[serde(default)]
    pub group: String,
    #[serde(default)]
    pub hint: String,
    #[serde(default)]
    pub long: bool,
    #[serde(default)]
    pub default: Option<serde_json::Value>,
    #[serde(default)]
    pub from: Option<Spanned<String>>,
    #[serde(default, rename = "column")]
    pub columns: Vec<FieldFile>,
}
