//! 宗地代码: county 6, cadastral district 3, sub-district 3, feature code 2, sequence 5 (GB/T 37346-2019, no check digit).

use std::fmt;

use super::{Division, IdentFault, shape, squeeze};

/// Ownership: state, collective, undetermined.
const FIRST: &str = "GJZ";
/// Kind of right: collective ownership, surface, above ground, underground, homestead, contracted land, sea, island, other.
const SECOND: &str = "ABSXCDEFHGWY";

/// A parcel code of 19 characters.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ParcelNo(String);

impl ParcelNo {
    /// Reads a code; blanks between its groups are forgiven.
    ///
    /// # Errors
    /// Wrong length, digits or feature code.
    pub fn parse(text: &str) -> Result<Self, IdentFault> {
        let code = squeeze(text);
        Self::check(&code)?;
        Ok(Self(code.into_owned()))
    }

    /// The rules, for a code in its normal spelling.
    pub(super) fn check(code: &str) -> Result<(), IdentFault> {
        let length = code.chars().count();
        if length != 19 {
            return Err(IdentFault::length("宗地代码", " 19 位", length));
        }
        if !shape::fits("999999999999AA99999", code) || !Division::is_province(code) {
            return Err(IdentFault::new(
                "宗地代码应为 12 位数字（区县 6、地籍区 3、地籍子区 3）、2 位特征码、5 位顺序号（GB/T 37346）。",
                "例如 330402001002GX00017。",
            ));
        }
        let mut feature = code.chars().skip(12);
        let known = |list: &str, c: Option<char>| c.is_some_and(|c| list.contains(c));
        if !known(FIRST, feature.next()) || !known(SECOND, feature.next()) {
            return Err(IdentFault::new(
                "宗地特征码不在 GB/T 37346 所列范围内：首位 G（国家）、J（集体）、Z（争议），次位如 B（地表）、S（地上）、X（地下）。",
                "地下人防工程所在宗地一般为 GX。",
            ));
        }
        Ok(())
    }

    /// The code.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether the parcel is underground space, feature code `GX`, `JX` or `ZX`.
    #[must_use]
    pub fn is_underground(&self) -> bool {
        self.0.as_bytes().get(13) == Some(&b'X')
    }
}

impl From<ParcelNo> for String {
    fn from(it: ParcelNo) -> Self {
        it.0
    }
}

impl fmt::Display for ParcelNo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
