//! 电子监管号 of the national land market system: county 6, year 4, A allocation or B grant, sequence 5.
//!
//! No public standard was found; 203 real rows held to this shape but for one suffix, so another shape warns only.

use super::{Checked, Division, IdentFault, shape, squeeze};

/// How the land was supplied, as the letter of the number says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Supply {
    /// 划拨, letter A.
    Allocation,
    /// 出让, letter B.
    Grant,
}

/// An electronic supervision number.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct SupervisionNo(String);

impl SupervisionNo {
    /// Checks a number; another shape of at most 30 letters and digits only warns.
    ///
    /// # Errors
    /// Empty, longer than 30 characters, or with characters that no number has.
    pub fn check(text: &str) -> Result<Checked, IdentFault> {
        let code = squeeze(text);
        let plain = code.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
        if code.is_empty() || code.len() > 30 || !plain {
            return Err(IdentFault::new(
                "电子监管号只能由数字、字母和短横组成，最多 30 位。",
                "一般为区县代码 6 位、年份 4 位、A（划拨）或 B（出让）、顺序号 5 位，如 3304022021B00123。",
            ));
        }
        let warning = Self::usual(&code).err();
        Ok(Checked { text: code.into_owned(), warning })
    }

    /// Reads a number of the usual shape.
    ///
    /// # Errors
    /// Any other shape.
    pub fn parse(text: &str) -> Result<Self, IdentFault> {
        let code = squeeze(text);
        Self::usual(&code)?;
        Ok(Self(code.into_owned()))
    }

    /// Whether a number in its normal spelling has the usual shape.
    fn usual(code: &str) -> Result<(), IdentFault> {
        let (body, suffix) = code.split_once('-').map_or((code, None), |(b, s)| (b, Some(s)));
        let shaped =
            shape::fits("9999999999A99999", body) && matches!(body.as_bytes().get(10), Some(b'A' | b'B'));
        if !shaped || !Division::is_province(body) || suffix.is_some_and(|s| !shape::digits(s)) {
            return Err(IdentFault::new(
                "电子监管号与常见形式不同：区县代码 6 位、年份 4 位、A（划拨）或 B（出让）、顺序号 5 位。",
                "请核对；确实如此可保留。",
            ));
        }
        Ok(())
    }

    /// Whether the land was granted or allocated.
    #[must_use]
    pub fn supply(&self) -> Supply {
        if self.0.as_bytes().get(10) == Some(&b'A') { Supply::Allocation } else { Supply::Grant }
    }

    /// The number.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}
