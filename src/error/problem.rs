//! One finding about somebody's input, with the exact place it stands at.

use super::Code;

/// Where something stands in an input.
#[derive(Debug, Clone, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
pub struct Place {
    /// `XPath` (`/Message/Head/AreaCode`, `…/@BDCDYH`), JSON pointer (`/result/data/0/crmj`), or sheet and cell (`Sheet1!C7`).
    pub path: String,
    /// First byte, counted in the bytes as received (after decoding to UTF-8 when the charset is another; see `decoded`).
    pub start: u64,
    /// One past the last byte.
    pub end: u64,
    /// Line from 1, when known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<u32>,
    /// Whether `start..end` count the UTF-8 form because the message came in another charset, or a nested document that was unwrapped.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub decoded: bool,
}

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Accepted, but somebody should know.
    Warning,
    /// This record or message is refused.
    Error,
}

/// One finding: code, place, value, rule and fix.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Problem {
    /// Stable code.
    pub code: Code,
    /// Warning or error.
    pub severity: Severity,
    /// Where it stands; none when it concerns the whole message.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub place: Option<Place>,
    /// Canonical field concerned, `kind.field`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// The offending value, already masked where the field is sensitive, cut to 80 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// The rule that was broken, Chinese.
    pub rule: String,
    /// What to do, Chinese.
    pub hint: String,
}

impl Problem {
    /// An error-level finding.
    pub fn error(code: Code, rule: impl Into<String>, hint: impl Into<String>) -> Self {
        Self {
            code,
            severity: Severity::Error,
            place: None,
            field: None,
            value: None,
            rule: rule.into(),
            hint: hint.into(),
        }
    }

    /// A warning-level finding.
    pub fn warning(code: Code, rule: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { severity: Severity::Warning, ..Self::error(code, rule, hint) }
    }

    /// Says where it stands.
    #[must_use]
    pub fn at(mut self, place: Place) -> Self {
        self.place = Some(place);
        self
    }

    /// Says which canonical field it concerns.
    #[must_use]
    pub fn of_field(mut self, field: impl Into<String>) -> Self {
        self.field = Some(field.into());
        self
    }

    /// Shows the offending value; cut to 80 characters. Mask it first when the field is sensitive.
    #[must_use]
    pub fn showing(mut self, value: &str) -> Self {
        let mut shown: String = value.chars().take(80).collect();
        if shown.len() < value.len() {
            shown.push('…');
        }
        self.value = Some(shown);
        self
    }
}

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.code)?;
        if let Some(place) = &self.place {
            write!(f, " {}", place.path)?;
            if let Some(line) = place.line {
                write!(f, "（第 {line} 行）")?;
            }
        }
        if let Some(value) = &self.value {
            write!(f, " 值“{value}”")?;
        }
        write!(f, "：{} {}", self.rule, self.hint)
    }
}
