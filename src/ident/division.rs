//! 行政区划代码: counties of GB/T 2260 (6 digits) and streets or towns below them (9 digits).

use std::fmt;

use super::{IdentFault, shape, squeeze};

/// The first two digits of GB/T 2260.
const PROVINCES: [u8; 34] = [
    11, 12, 13, 14, 15, 21, 22, 23, 31, 32, 33, 34, 35, 36, 37, 41, 42, 43, 44, 45, 46, 50, 51, 52, 53, 54,
    61, 62, 63, 64, 65, 71, 81, 82,
];

/// An administrative division of 6 or 9 digits.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Division(String);

impl Division {
    /// Reads a code; the 12 digits of statistics are cut when only zeros follow the street.
    ///
    /// # Errors
    /// Not 6 or 9 digits, or an unknown province.
    pub fn parse(text: &str) -> Result<Self, IdentFault> {
        let mut code = squeeze(text).into_owned();
        if code.len() == 12 && code.ends_with("000") {
            code.truncate(9);
        }
        if code.len() == 9 && code.ends_with("000") {
            code.truncate(6);
        }
        if !(shape::digits(&code) && matches!(code.len(), 6 | 9)) {
            return Err(IdentFault::new(
                "行政区划代码应为 6 位数字（县级，GB/T 2260）或 9 位数字（镇、街道）。",
                "例如南湖区为 330402，东栅街道为 330402013。",
            ));
        }
        if !Self::is_province(&code) {
            return Err(IdentFault::new("行政区划代码前两位不是省级行政区划代码。", "浙江省以 33 开头。"));
        }
        Ok(Self(code))
    }

    /// Whether a code begins with a province of GB/T 2260.
    pub(super) fn is_province(code: &str) -> bool {
        match code.as_bytes() {
            [tens @ b'0'..=b'9', ones @ b'0'..=b'9', ..] => {
                PROVINCES.contains(&((tens - b'0') * 10 + (ones - b'0')))
            }
            _ => false,
        }
    }

    /// The county: the first six digits.
    #[must_use]
    pub fn county(&self) -> &str {
        self.0.get(..6).unwrap_or_default()
    }

    /// The city: the first four digits with `00`.
    #[must_use]
    pub fn city(&self) -> String {
        format!("{}00", self.0.get(..4).unwrap_or_default())
    }

    /// The code.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<Division> for String {
    fn from(it: Division) -> Self {
        it.0
    }
}

impl fmt::Display for Division {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
