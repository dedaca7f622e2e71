//! The one integration binary; each module tells one story or keeps one rule.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod api;
mod arch;
mod console;
mod deploy;
mod documents;
mod flows;
mod mappings;
mod migrations;
mod outbox;
mod playing;
mod portal;
mod store;
mod support;
mod tracking;
