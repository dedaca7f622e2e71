//! The hub in one flow:
//!
//! ```text
//! partner's message ─► format ─► mapping ─► canonical record ─► store ─┬─► outbox ──► other departments
//!  XML JSON CSV XLSX    bytes→tree  tree→claims  one per real thing     ├─► issue ───► notices and certificates
//!  UTF-8 GBK GB2312     + places    + problems   with provenance        └─► tracking ► task board, lights
//! ```
//!
//! Rooms stand below in reading order; a room may use those above it as `tests/it/arch.rs` says, and nothing else.

// ground: knows nothing above
pub mod clock;
pub mod crypto;
pub mod error;
pub mod ident;
pub mod schema;
pub mod signing;
pub mod text;
// pure: value in, value out; no clock, disk, network, database, async
pub mod document;
pub mod format;
pub mod mapping;
pub mod model;
// memory
pub mod store;
// deeds: each one use, together in one write transaction
pub mod intake;
pub mod issue;
pub mod outbox;
pub mod tracking;
// edges
pub mod playing;
pub mod ways;
pub mod web;
pub mod worker;
// top: wires everything once
pub mod boot;
pub mod cli;
pub mod config;
