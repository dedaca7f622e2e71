//! The partners' API, one file per resource.

pub mod changes;
pub mod codes;
pub mod exchange;
pub mod health;
pub mod messages;
mod multipart;
pub mod reconciliation;
pub mod records;
pub mod task;
