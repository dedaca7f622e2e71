//! Stories a partner or an operator would tell.

mod bad_input;
mod batch;
mod demo;
mod demo_clear;
mod doctor;
mod drop;
mod frames;
mod import;
pub mod kill;
mod life;
mod mending;
mod quarantine;
mod soak;
mod tasks;
mod versions;
