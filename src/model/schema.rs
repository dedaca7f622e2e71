//! All kinds, code lists and departments, compiled and checked.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use super::code_list::CodeList;
use super::department::Department;
use super::kind::{Kind, KindId, Link};
use crate::error::Problem;

/// The canonical model. Immutable after [`Schema::load`]; share it by `Arc`.
#[derive(Debug, Default)]
pub struct Schema {
    pub(super) kinds: Vec<Kind>,
    pub(super) by_name: HashMap<String, KindId>,
    pub(super) code_lists: BTreeMap<String, Arc<CodeList>>,
    pub(super) departments: Vec<Department>,
}

impl Schema {
    /// Compiles the model files: `<kind>.toml`, `codes/<list>.toml` and `departments.toml`, each with its path below
    /// `mappings/model/` and its text. Files under `rules/` are read elsewhere and left alone here.
    ///
    /// # Errors
    /// Every problem of every file, with file, line, what is wrong and a hint.
    pub fn load(files: &[(String, String)]) -> Result<Self, Vec<Problem>> {
        super::load::load(files)
    }

    /// A kind by name.
    #[must_use]
    pub fn kind(&self, name: &str) -> Option<&Kind> {
        self.kind_at(*self.by_name.get(name)?)
    }

    /// A kind by place.
    #[must_use]
    pub fn kind_at(&self, id: KindId) -> Option<&Kind> {
        self.kinds.get(usize::from(id.0))
    }

    /// All kinds in the order of the model.
    pub fn kinds(&self) -> impl Iterator<Item = &Kind> {
        self.kinds.iter()
    }

    /// A code list by name.
    #[must_use]
    pub fn code_list(&self, name: &str) -> Option<&CodeList> {
        self.code_lists.get(name).map(Arc::as_ref)
    }

    /// All code lists by name.
    pub fn code_lists(&self) -> impl Iterator<Item = &CodeList> {
        self.code_lists.values().map(Arc::as_ref)
    }

    /// A department by id.
    #[must_use]
    pub fn department(&self, id: &str) -> Option<&Department> {
        self.departments.iter().find(|department| department.id == id)
    }

    /// All departments in the order of the file.
    pub fn departments(&self) -> impl Iterator<Item = &Department> {
        self.departments.iter()
    }

    /// The JSON Schema (2020-12) of the canonical body of a kind.
    #[must_use]
    pub fn json_schema(&self, name: &str) -> Option<serde_json::Value> {
        self.kind(name).map(super::json_schema::of_kind)
    }

    /// The name of an administrative division, `南湖区`; streets that are not listed take the name of their county.
    #[must_use]
    pub fn division_name(&self, code: &str) -> Option<&str> {
        let list = self.code_list("division")?;
        let entry = list.get(code).or_else(|| list.get(code.get(..6)?))?;
        Some(&entry.title)
    }

    /// Every link that points to a kind, with the kind it starts from: the way back of a walk.
    pub fn links_to(&self, name: &str) -> impl Iterator<Item = (&Kind, Link<'_>)> {
        self.kinds.iter().flat_map(move |kind| {
            kind.links().filter(move |link| link.kind == name).map(move |link| (kind, link))
        })
    }
}
