//! The API, one file per resource, as a partner sees it.

mod exchange;
mod plans;
mod public;
mod records;
mod signature;
