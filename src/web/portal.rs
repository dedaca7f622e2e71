//! The portal for partners' engineers: how to make a first call, what every message is, what codes mean, a place to try a
//! message. Anybody may read it; it tells nothing that is in the database but how the hub does.
//!
//! The reference is made of the mappings, the model, the schemes, the codes and the API's own description, so it cannot
//! say anything else than what is served.

pub mod changes;
pub mod codes;
pub mod lists;
pub mod messages;
pub mod receipts;
mod reference;
pub mod samples;
pub mod schemes;
mod shell;
pub mod snippets;
pub mod start;
pub mod status;
pub mod trial;
