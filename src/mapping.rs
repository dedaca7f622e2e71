//! The mapping language: one `map.toml` reads a partner's message into claims, writes it back, checks it and describes it.
//!
//! ```text
//! map.toml ─ file ─ compile (against model and functions) ─► Mapping
//! bytes ─ format ─► Tree ─ walk (one pass) ─► slots ─ read ─► Reading: claims with places, problems, verdicts
//! records ─ write ─► bytes in the partner's format
//! ```
//!
//! Everything that can be wrong with a file is found at load, as [`Diagnostic`]s with line, column and hint. Reading never
//! fails: what is wrong with a message is in the [`Reading`]. The language is described in `docs/mapping.md`.

mod answer;
mod arithmetic;
mod bound;
pub mod catalogue;
mod codes;
mod compile;
mod coverage;
mod describe;
mod diagnostic;
mod drop;
mod file;
pub mod function;
mod functions;
mod load;
mod natural;
mod path;
mod pattern;
mod plan;
mod proof;
mod read;
mod reading;
mod report;
mod rows;
mod source;
mod steps;
mod substitution;
#[cfg(test)]
mod tests;
mod trie;
mod unwrap;
mod versions;
mod walk;
mod write;

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::error::Severity;
use crate::model::{FieldId, KindId, Schema};

pub use answer::{Answer, Said};
pub use codes::CodeTable;
pub use describe::{CodesDescription, Description, FieldDescription, RecordDescription};
pub use diagnostic::{Diagnostic, render_all};
pub use drop::{Complete, DropFiles, DropFolders};
pub use pattern::Pattern;
pub use proof::{Case, Proof, Trial, test};
pub use reading::{Hints, Outcome, Reading, RowVerdict};
pub use report::{Detail, pretty};
pub use rows::{MappedRows, MappedTable, RowReading};
pub use substitution::{Substitution, general};
pub use versions::{Bearing, FieldDifference, VersionChange, compare, differences};
pub use write::{RecordView, Stamps};

/// Files of the mappings folder by their path relative to it, with `/` between.
pub type Files = BTreeMap<String, Vec<u8>>;

/// Every mapping of a hub.
#[derive(Debug)]
pub struct Mappings {
    all: BTreeMap<(String, String), Mapping>,
    /// Folders of each partner that says some.
    drops: BTreeMap<String, DropFolders>,
}

/// One message of one partner, ready to run.
#[derive(Debug)]
pub struct Mapping {
    /// Folder of the partner.
    pub partner: String,
    /// Chinese name of the partner.
    pub partner_title: String,
    /// Folder of the message.
    pub message: String,
    /// Chinese title.
    pub title: String,
    /// One or two sentences, Chinese; may be empty.
    pub summary: String,
    /// Counted up with every change.
    pub version: u32,
    /// Id of the department that speaks in this message.
    pub department: String,
    /// The `map.toml`, relative to the mappings folder.
    pub file: String,
    format: compile::FormatPlan,
    unwrap: Vec<compile::Unwrap>,
    places: trie::Places,
    nulls: Vec<String>,
    accept: Vec<plan::Check>,
    not_found: Vec<plan::Check>,
    /// The partner says that a token or key is no longer valid.
    expired: Vec<plan::Check>,
    id: Vec<trie::SlotKey>,
    division: Option<trie::SlotKey>,
    /// The rows that are accepted or refused as one; none when that is the whole message.
    unit: Option<trie::FrameId>,
    /// One bad row refuses the message.
    whole: bool,
    records: Vec<plan::RecordPlan>,
    ignore: Vec<Vec<path::Step>>,
    write: Option<write::WritePlan>,
    /// Files of a drop folder that are this message.
    pub drop: Option<DropFiles>,
    answer: Option<Arc<Answer>>,
}

impl Mappings {
    /// Loads every `<partner>/<message>/map.toml` of the files and checks it completely.
    ///
    /// # Errors
    /// Every finding of every file, when at least one is an error.
    pub fn load(files: &Files, schema: &Schema) -> Result<Self, Vec<Diagnostic>> {
        let (mappings, found) = load::load(files, schema);
        if found.iter().any(|it| it.severity == Severity::Error) { Err(found) } else { Ok(mappings) }
    }

    /// The mapping of a message.
    #[must_use]
    pub fn get(&self, partner: &str, message: &str) -> Option<&Mapping> {
        self.all.get(&(partner.to_owned(), message.to_owned()))
    }

    /// Where a partner lays its files.
    #[must_use]
    pub fn drop_folders(&self, partner: &str) -> DropFolders {
        self.drops.get(partner).cloned().unwrap_or_default()
    }

    /// The mapping that a dropped file of this name belongs to.
    #[must_use]
    pub fn of_file(&self, partner: &str, name: &str) -> Option<&Mapping> {
        let mut own = self.iter().filter(|it| it.partner == partner);
        own.find(|it| it.drop.as_ref().is_some_and(|drop| drop.matches(name).is_some()))
    }

    /// All mappings, by partner and message.
    pub fn iter(&self) -> impl Iterator<Item = &Mapping> {
        self.all.values()
    }
}

/// Every finding about the files, warnings included; mappings that are sound come along.
#[must_use]
pub fn check(files: &Files, schema: &Schema) -> (Mappings, Vec<Diagnostic>) {
    load::load(files, schema)
}

impl Mapping {
    /// Whether a link of this message must find its target (`unknown = "error"`) instead of waiting for it (`"hold"`).
    #[must_use]
    pub fn needs_target(&self, kind: KindId, field: FieldId) -> bool {
        let records = self.records.iter().filter(|it| it.kind == kind);
        let fields = records.flat_map(|it| &it.fields).filter(|it| it.field.id == field);
        fields.into_iter().any(|it| it.unknown == plan::Unknown::Refuse)
    }

    /// Whether one bad row refuses the whole message.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.whole
    }

    /// Whether it is the length-prefixed frame of the non-tax revenue exchange.
    #[must_use]
    pub fn is_frame(&self) -> bool {
        self.format.spec.format == crate::format::Format::Frame
    }

    /// How the store names it: `partner/message@version`.
    #[must_use]
    pub fn label(&self) -> String {
        format!("{}/{}@{}", self.partner, self.message, self.version)
    }
}
