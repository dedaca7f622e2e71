//! The canonical model: kinds of records as data, their values, what departments claim, and how claims become one record.
//!
//! Kinds are files (`mappings/model/<kind>.toml`), compiled once into a [`Schema`]. A [`Claim`] is what one department says about
//! one thing in one message.

mod body;
pub mod calendar;
mod claim;
mod code_list;
mod department;
mod field;
mod field_type;
mod file;
mod json_schema;
mod kind;
mod load;
mod merge;
pub mod rules;
mod schema;
#[cfg(test)]
pub(crate) mod shipped;
pub mod show;
mod value;
pub mod view;

pub use body::Body;
pub use claim::{Claim, ClaimedField, ReadField, Source, Spot, StoredClaim};
pub use code_list::{Code, CodeList};
pub use department::{Department, DepartmentName};
pub use field::{Field, FieldId, Fields, Mask, Sensitivity};
pub use field_type::{Fault, FieldType, Parsed};
pub use kind::{BusinessKey, Kind, KindId, Link};
pub use merge::{Discrepancy, Merged, Voice, merge};
pub use schema::Schema;
pub use value::Value;
