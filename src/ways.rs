//! Ways in other than HTTP: folders partners drop files into.
//!
//! Every way ends in the same intake as a message that was posted, and answers its sender only after the message is on
//! the disk.

pub mod drop;
pub mod frames;
mod said;
