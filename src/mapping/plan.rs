//! A mapping as compiled: what reading and writing work from. Made by `compile`, complete and consistent by then.

use std::sync::Arc;

use super::file::{Many, Stamp, Trial, WriteAs};
use super::function::{Act, Args, Function};
use super::trie::{FrameId, SlotKey};
use crate::model::{Field, FieldType, KindId, Value};

/// One record of the mapping.
#[derive(Debug)]
pub(super) struct RecordPlan {
    pub kind: KindId,
    pub name: String,
    pub title: String,
    pub frame: FrameId,
    /// Frames from a row up to the unit that is accepted or refused as one; none when that is the whole message.
    pub unit: Option<u8>,
    pub when: Vec<Check>,
    pub accept: Vec<Check>,
    /// Places of the key's fields in `fields`.
    pub key: Vec<usize>,
    pub fields: Vec<FieldPlan>,
    pub set: Vec<SetPlan>,
    pub line: u32,
}

/// One field of a record or of a sub-row.
#[derive(Debug)]
pub(super) struct FieldPlan {
    /// The field of the model.
    pub field: Field,
    /// Type of the field; for a list, of its elements.
    pub ty: FieldType,
    pub list: bool,
    pub origin: OriginPlan,
    /// What follows the row's path to the value, where that is the same in every message.
    pub suffix: Option<Arc<str>>,
    /// Text steps, then possibly one that splits, then text steps for each part.
    pub steps: Vec<StepPlan>,
    /// The step that gives the value; none leaves it to the type.
    pub convert: Option<StepPlan>,
    /// Texts that mean nothing, and values that do.
    pub nulls: Vec<String>,
    pub null_values: Vec<Value>,
    pub default: Option<Value>,
    pub unknown: Unknown,
    pub when: Vec<Check>,
    pub required: bool,
    pub many: Many,
    pub write: WriteAs,
    pub write_null: Option<String>,
    /// Where else the written text stands.
    pub also: Vec<AlsoPlan>,
    /// Joined without anything between: characters for each place but the last.
    pub cut: Vec<usize>,
    pub note: String,
    pub line: u32,
}

/// A further place of a written text.
#[derive(Debug)]
pub(super) struct AlsoPlan {
    /// Full path.
    pub path: Vec<super::path::Step>,
    /// What makes its text of the one written first.
    pub steps: Vec<StepPlan>,
}

/// Where a value comes from.
#[derive(Debug)]
pub(super) enum OriginPlan {
    From(SlotKey),
    Join(Vec<SlotKey>, String),
    First(Vec<SlotKey>),
    Constant(Value),
    Rows {
        frame: FrameId,
        levels: u8,
        fields: Vec<FieldPlan>,
    },
    Table {
        from: SlotKey,
        row: String,
        cell: String,
        columns: Vec<String>,
        fields: Vec<FieldPlan>,
    },
    /// A column of the mini table around it.
    Cell(usize),
}

/// One step with its checked parameters.
#[derive(Debug, Clone)]
pub(super) struct StepPlan {
    pub function: &'static Function,
    pub args: Args,
    /// As written, for people.
    pub written: String,
}

/// What happens with a code that no table knows.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Unknown {
    /// The row is refused.
    Refuse,
    /// It counts as empty, with a warning.
    Null,
    /// This value is taken, with a warning.
    Use(Value),
    /// A link whose target may come later.
    Hold,
}

/// A condition on a place.
#[derive(Debug)]
pub(super) enum Check {
    At { key: SlotKey, trial: Trial, message: Vec<SlotKey> },
    Any(Vec<Check>),
}

/// Something written that no record says.
#[derive(Debug)]
pub(super) struct SetPlan {
    /// Full path.
    pub path: Vec<super::path::Step>,
    pub stamp: Stamp,
    pub bare: bool,
}

impl OriginPlan {
    /// The places a value may come from, the first one first.
    pub fn keys(&self) -> &[SlotKey] {
        match self {
            Self::From(key) | Self::Table { from: key, .. } => std::slice::from_ref(key),
            Self::Join(keys, _) | Self::First(keys) => keys,
            Self::Constant(_) | Self::Rows { .. } | Self::Cell(_) => &[],
        }
    }
}

impl StepPlan {
    /// Whether it makes several texts of one.
    pub fn splits(&self) -> bool {
        matches!(self.function.act, Act::Split { .. })
    }
}
