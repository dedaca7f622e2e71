//! Stories a partner or an operator would tell.

mod bad_input;
mod import;
mod quarantine;
