//! What can go wrong, said the same way everywhere.
//!
//! Which to use where:
//! * [`Problem`]: one finding about somebody's input (a message, a mapping file, a form). Findings are collected, never
//!   the first one only; each has a stable [`Code`], its [`Place`], the value, the rule and a fix, in Chinese.
//! * [`Error`]: the deed as a whole did not happen. It carries a code, one Chinese sentence for people, the problems
//!   that led to it, and an English cause for the log that is never shown to people or partners.
//!
//! Errors know no HTTP: `web` decides the status from the code.

mod code;
pub mod codes;
mod problem;

pub use code::{Code, CodeInfo, all_codes};
pub use problem::{Place, Problem, Severity};

/// A deed that did not happen.
#[derive(Debug, Clone)]
pub struct Error {
    /// Stable code; see [`codes`].
    pub code: Code,
    /// One Chinese sentence: what happened and where.
    pub detail: String,
    /// The findings behind it, each with its place; may be empty.
    pub problems: Vec<Problem>,
    /// English, for the log only.
    pub cause: Option<String>,
    /// Seconds after which the same may be tried again, where that is known.
    pub retry_after: Option<u64>,
}

/// The result of every deed.
pub type Result<T> = std::result::Result<T, Error>;

impl Error {
    /// An error with its sentence for people.
    pub fn new(code: Code, detail: impl Into<String>) -> Self {
        Self { code, detail: detail.into(), problems: Vec::new(), cause: None, retry_after: None }
    }

    /// Adds what the log should say; it is never shown.
    #[must_use]
    pub fn because(mut self, cause: impl std::fmt::Display) -> Self {
        self.cause = Some(cause.to_string());
        self
    }

    /// Says when it may be tried again: whole seconds, at least one.
    #[must_use]
    pub fn after(mut self, wait: std::time::Duration) -> Self {
        self.retry_after = Some(wait.as_secs() + 1);
        self
    }

    /// Adds the findings behind it.
    #[must_use]
    pub fn with_problems(mut self, problems: Vec<Problem>) -> Self {
        self.problems = problems;
        self
    }

    /// A failure nobody outside can mend: fixed words for people, the cause in the log.
    pub fn internal(cause: impl std::fmt::Display) -> Self {
        Self::new(codes::machine::INTERNAL, "系统内部未能完成这一步，已记入日志。").because(cause)
    }
}

impl std::fmt::Display for Error {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.code, self.detail)?;
        for problem in &self.problems {
            write!(f, "\n  {problem}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Error {}
