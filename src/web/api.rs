//! The partners' API, one file per resource.

pub mod codes;
pub mod health;
