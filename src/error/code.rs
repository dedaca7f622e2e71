//! Stable codes: a number that is never reused, with its meaning, cause and cure for the reference pages.

use super::codes;

/// What the reference says about one code.
#[derive(Debug, PartialEq, Eq)]
pub struct CodeInfo {
    /// Four digits; the first gives the range, see [`super::codes`]. Never reused once released.
    pub number: u16,
    /// Stable English name, `snake_case`, for programs.
    pub name: &'static str,
    /// Meaning, Chinese.
    pub title: &'static str,
    /// Usual cause, Chinese.
    pub cause: &'static str,
    /// What to do, Chinese.
    pub cure: &'static str,
    /// Whether sending the same thing again later may succeed.
    pub retry: bool,
}

/// A stable code. Shown as `E2001`.
#[derive(Clone, Copy)]
pub struct Code(pub(crate) &'static CodeInfo);

impl Code {
    /// The entry of the reference.
    #[must_use]
    pub fn info(self) -> &'static CodeInfo {
        self.0
    }

    /// The number without its letter.
    #[must_use]
    pub fn number(self) -> u16 {
        self.0.number
    }
}

impl PartialEq for Code {
    fn eq(&self, other: &Self) -> bool {
        self.0.number == other.0.number
    }
}

impl Eq for Code {}

impl std::fmt::Display for Code {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "E{:04}", self.0.number)
    }
}

impl std::fmt::Debug for Code {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "E{:04}({})", self.0.number, self.0.name)
    }
}

impl serde::Serialize for Code {
    fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}

/// Every code in order of number, for the reference page and `OpenAPI`.
#[must_use]
pub fn all_codes() -> Vec<Code> {
    let mut all: Vec<Code> = codes::RANGES.iter().flat_map(|range| range.iter().copied()).collect();
    all.sort_by_key(|code| code.number());
    all
}

#[cfg(test)]
mod tests {
    use super::all_codes;

    #[test]
    fn numbers_and_names_are_unique_and_complete() {
        let all = all_codes();
        for pair in all.windows(2) {
            if let [a, b] = pair {
                assert!(a.number() < b.number(), "{a} and {b} share a number");
            }
        }
        let mut names: Vec<_> = all.iter().map(|c| c.info().name).collect();
        names.sort_unstable();
        let before = names.len();
        names.dedup();
        assert_eq!(before, names.len(), "two codes share a name");
        for code in all {
            let info = code.info();
            assert!(
                !info.title.is_empty() && !info.cause.is_empty() && !info.cure.is_empty(),
                "{code} is incomplete"
            );
        }
    }
}
