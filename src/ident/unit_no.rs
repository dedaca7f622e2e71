//! 不动产单元代码: the parcel code 19, the kind of what stands on it 1, its number 8 (GB/T 37346-2019, no check digit).

use std::fmt;

use super::{IdentFault, ParcelNo, shape, squeeze};

/// A real-estate unit code of 28 characters.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct UnitNo(String);

impl UnitNo {
    /// Reads a code; blanks between its groups are forgiven.
    ///
    /// # Errors
    /// Wrong length, a wrong parcel code in front, or an unknown kind of fixture.
    pub fn parse(text: &str) -> Result<Self, IdentFault> {
        let code = squeeze(text);
        let length = code.chars().count();
        if length != 28 {
            return Err(IdentFault::length("不动产单元号", " 28 位", length));
        }
        let fault = || {
            IdentFault::new(
                "不动产单元号后 9 位应为定着物特征码（F 房屋、L 林木、Q 其他、W 无）加 8 位编号；无定着物为 W00000000。",
                "例如 330402001002GX00017F00010001。",
            )
        };
        let (parcel, fixture) = code.split_at_checked(19).ok_or_else(fault)?;
        ParcelNo::check(parcel)?;
        let numbered =
            ["F99999999", "L99999999", "Q99999999"].iter().any(|pattern| shape::fits(pattern, fixture));
        if !numbered && fixture != "W00000000" {
            return Err(fault());
        }
        Ok(Self(code.into_owned()))
    }

    /// The parcel it stands on.
    #[must_use]
    pub fn parcel(&self) -> &str {
        self.0.get(..19).unwrap_or_default()
    }

    /// As printed on certificates: `330402 001002 GX00017 F00010001`.
    #[must_use]
    pub fn grouped(&self) -> String {
        let part = |from: usize, to: usize| self.0.get(from..to).unwrap_or_default();
        format!("{} {} {} {}", part(0, 6), part(6, 12), part(12, 19), part(19, 28))
    }

    /// The code.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<UnitNo> for String {
    fn from(it: UnitNo) -> Self {
        it.0
    }
}

impl fmt::Display for UnitNo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
