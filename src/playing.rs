//! Playing a partner: what a department's own system does with a hub — well, or badly on demand.
//!
//! ```text
//! message folder ─ compose ─► letters ─ sending ─ line (signs as the partner does) ─► hub
//! hub ─► receiving (checks the seal, answers) ─ book ─► one line of JSON for each delivery
//! conformance ─ line ─► hub: one question after another, each with a verdict
//! ```
//!
//! Everything is known from outside: the mappings, the address of the hub, the partner's keys. Nothing here opens a store, so that
//! what is shown with it is what a partner would see. How it misbehaves is in [`Manners`]: which misdeed, how often, and a seed
//! under which the same misdeeds come again.

mod book;
mod chance;
mod compose;
mod conformance;
mod fresh;
mod line;
mod manners;
mod receiving;
mod sending;

pub use book::{Book, Entry};
pub use chance::Chance;
pub use compose::{Composer, Letter, bad_sample, samples, usual};
pub use conformance::{Check, Suite, Verdict, verify};
pub use line::{Answered, Ask, Identity, Line, Reply, Travel};
pub use manners::{Manners, Misdeed};
pub use receiving::{Desk, Receiving, open};
pub use sending::{Sending, Sent, send};
