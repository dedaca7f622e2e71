//! The shape of model files as written, before anything is checked.

use std::collections::BTreeMap;

use serde::Deserialize;
use toml::Spanned;

use super::code_list::Code;
use super::department::Department;
use super::field::{Mask, Sensitivity};
use crate::error::{Code as ErrorCode, Place, Problem};

/// `<kind>.toml`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct KindFile {
    pub title: String,
    pub description: String,
    /// Kinds are shown in this order.
    pub order: u16,
    pub keys: Vec<Vec<Spanned<String>>>,
    #[serde(default)]
    pub division: Vec<Spanned<String>>,
    pub label: Vec<Spanned<String>>,
    /// Authority of fields that name none.
    #[serde(default)]
    pub authority: Option<Spanned<String>>,
    /// Sensitivity of fields that name none.
    pub sensitivity: Sensitivity,
    pub fields: BTreeMap<Spanned<String>, FieldFile>,
}

/// One field or column.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FieldFile {
    pub title: String,
    #[serde(rename = "type")]
    pub ty: Spanned<String>,
    #[serde(default)]
    pub unit: Option<String>,
    #[serde(default)]
    pub required: bool,
    /// `none` takes the authority of the kind away.
    #[serde(default)]
    pub authority: Option<Spanned<String>>,
    #[serde(default)]
    pub sensitivity: Option<Sensitivity>,
    #[serde(default)]
    pub mask: Option<Mask>,
    #[serde(default)]
    pub description: String,
    #[serde(default)]
    pub min: Option<i64>,
    #[serde(default)]
    pub max: Option<i64>,
    #[serde(default)]
    pub max_length: Option<usize>,
    /// Columns of a field of type `rows`.
    #[serde(default)]
    pub columns: BTreeMap<Spanned<String>, FieldFile>,
}

/// `codes/<list>.toml`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CodeListFile {
    pub title: String,
    pub source: String,
    pub verified: bool,
    pub codes: Vec<Code>,
}

/// `departments.toml`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct DepartmentsFile {
    pub department: Vec<Spanned<Department>>,
}

/// Fields in the order they are written, which TOML tables do not keep.
pub(super) fn in_order(fields: &BTreeMap<Spanned<String>, FieldFile>) -> Vec<(&Spanned<String>, &FieldFile)> {
    let mut ordered: Vec<_> = fields.iter().collect();
    ordered.sort_by_key(|(name, _)| name.span().start);
    ordered
}

/// One data file being read: where its problems stand.
pub(crate) struct DataFile<'a> {
    pub path: &'a str,
    pub text: &'a str,
    pub code: ErrorCode,
}

impl DataFile<'_> {
    /// Reads the file; a fault of syntax or an unknown key becomes a problem with its line.
    pub(crate) fn read<T: for<'de> Deserialize<'de>>(&self) -> Result<T, Box<Problem>> {
        toml::from_str(self.text).map_err(|error| {
            let rule = format!("文件不符合格式：{}", error.message().trim());
            let problem = Problem::error(self.code, rule, "请对照同目录下的其他文件改正。");
            Box::new(problem.at(self.place(error.span().unwrap_or(0..0))))
        })
    }

    /// A problem at a place of the file.
    pub(crate) fn problem(
        &self,
        span: std::ops::Range<usize>,
        rule: impl Into<String>,
        hint: impl Into<String>,
    ) -> Problem {
        Problem::error(self.code, rule, hint).at(self.place(span))
    }

    fn place(&self, span: std::ops::Range<usize>) -> Place {
        let before = self.text.as_bytes().get(..span.start).unwrap_or_default();
        let line = before.iter().filter(|byte| **byte == b'\n').count() + 1;
        Place {
            path: self.path.to_owned(),
            start: span.start as u64,
            end: span.end as u64,
            line: u32::try_from(line).ok(),
            decoded: false,
        }
    }
}
