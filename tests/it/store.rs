//! The store on both databases: what it keeps, finds again and refuses, also when many do it at once.

pub mod builders;
mod group;
mod mending;
mod numbers;
mod queue;
mod records;
mod views;
