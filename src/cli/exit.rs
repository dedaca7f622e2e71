//! Exit codes, the same for every command.

use std::process::ExitCode;

use crate::error::{Code, Error, codes};

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// Done.
    Ok = 0,
    /// Not done.
    Failed = 1,
    /// The command line was wrong.
    Usage = 2,
    /// Some items done, some not.
    Partly = 3,
    /// Checked, and findings were printed.
    Findings = 4,
    /// The thing named does not exist.
    NotFound = 5,
    /// Somebody else was first, or the same key with other content.
    Conflict = 6,
    /// No right to do this.
    NoRight = 7,
    /// May succeed later.
    TryLater = 75,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

/// Which codes end a command in another way than failed.
const SPECIAL: &[(Code, Exit)] = &[
    (codes::transport::UNKNOWN_PARTNER, Exit::NotFound),
    (codes::transport::UNKNOWN_MESSAGE, Exit::NotFound),
    (codes::transport::MESSAGE_NOT_FOUND, Exit::NotFound),
    (codes::transport::KEY_UNKNOWN, Exit::NotFound),
    (codes::record::NOT_FOUND, Exit::NotFound),
    (codes::transport::PARAMETER, Exit::Usage),
    (codes::record::KEY_REUSED, Exit::Conflict),
    (codes::record::DUPLICATE, Exit::Conflict),
    (codes::record::STALE, Exit::Conflict),
    (codes::record::MIXED_WITH_DEMO, Exit::Conflict),
    (codes::transport::MESSAGE_REFUSED, Exit::Findings),
    (codes::task::UNKNOWN_TASK, Exit::NotFound),
    (codes::task::UNKNOWN_PLAN, Exit::NotFound),
    (codes::task::NOT_CONCERNED, Exit::NoRight),
    (codes::task::NOT_OFFICE, Exit::NoRight),
    (codes::task::WRONG_STATE, Exit::Conflict),
    (codes::task::MOVED_ON, Exit::Conflict),
    (codes::task::TABLE_REFUSED, Exit::Findings),
    (codes::task::TABLE_HEADER, Exit::Findings),
    (codes::task::TABLE_UNREADABLE, Exit::Findings),
    (codes::machine::DATABASE, Exit::TryLater),
    (codes::machine::BUSY, Exit::TryLater),
    (codes::machine::LOST_RACE, Exit::TryLater),
];

impl From<&Error> for Exit {
    fn from(error: &Error) -> Self {
        SPECIAL.iter().find(|(code, _)| *code == error.code).map_or(Self::Failed, |(_, exit)| *exit)
    }
}
