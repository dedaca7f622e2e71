//! Areas in hundredths of a square metre, exact, read from ㎡, 公顷 and 亩.

use std::fmt;
use std::iter::Sum;

use rust_decimal::Decimal;

use super::number::{self, NumberFault, Rounded};
use super::width::half_width;

/// An area in 0.01 ㎡. Serialised as a decimal string in square metres, `"3250.50"`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Area(i64);

/// The unit a number of area is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AreaUnit {
    /// 平方米.
    SquareMetre,
    /// 公顷, 10 000 ㎡.
    Hectare,
    /// 亩, 2000/3 ㎡.
    Mu,
}

/// Spellings of the units, longest first so that a suffix is found whole.
const SPELLINGS: [(&str, AreaUnit); 10] = [
    ("square_metre", AreaUnit::SquareMetre),
    ("平方米", AreaUnit::SquareMetre),
    ("hectare", AreaUnit::Hectare),
    ("公顷", AreaUnit::Hectare),
    ("㎡", AreaUnit::SquareMetre),
    ("m²", AreaUnit::SquareMetre),
    ("m2", AreaUnit::SquareMetre),
    ("mu", AreaUnit::Mu),
    ("ha", AreaUnit::Hectare),
    ("亩", AreaUnit::Mu),
];

impl AreaUnit {
    /// The unit by its Chinese or English name: `平方米`, `㎡`, `m2`, `公顷`, `hectare`, `亩`, `mu`.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        SPELLINGS.iter().find(|(spelling, _)| *spelling == name).map(|(_, unit)| *unit)
    }

    /// Decimals of this unit down to 0.01 ㎡; a mu has no finite number of them.
    fn places(self) -> Option<u32> {
        match self {
            Self::SquareMetre => Some(2),
            Self::Hectare => Some(6),
            Self::Mu => None,
        }
    }

    /// Square metres in one of this unit, as a fraction, because a mu has no finite decimal.
    fn square_metres(self) -> (Decimal, Decimal) {
        match self {
            Self::SquareMetre => (Decimal::ONE, Decimal::ONE),
            Self::Hectare => (Decimal::from(10_000), Decimal::ONE),
            Self::Mu => (Decimal::from(2_000), Decimal::from(3)),
        }
    }
}

impl Area {
    /// Nothing.
    pub const ZERO: Self = Self(0);

    /// From hundredths of a square metre.
    #[must_use]
    pub const fn from_hundredths(hundredths: i64) -> Self {
        Self(hundredths)
    }

    /// In hundredths of a square metre.
    #[must_use]
    pub const fn hundredths(self) -> i64 {
        self.0
    }

    /// Reads square metres exactly; a unit written after the number is understood.
    ///
    /// # Errors
    /// Not a number, below zero, more than two decimals that are not zero, or too large.
    pub fn parse(text: &str) -> Result<Self, NumberFault> {
        let parsed = Self::parse_unit(text, AreaUnit::SquareMetre)?;
        if parsed.rounded { Err(NumberFault::TooManyDecimals(2)) } else { Ok(parsed.value) }
    }

    /// Reads a number of `unit`, rounding half up to 0.01 ㎡. A unit written in the text itself wins.
    ///
    /// # Errors
    /// Not a number, below zero, or too large.
    pub fn parse_unit(text: &str, unit: AreaUnit) -> Result<Rounded<Self>, NumberFault> {
        if let Some(hundredths) = unit.places().and_then(|it| number::whole(text, it)) {
            return Ok(Rounded { value: Self(hundredths), rounded: false });
        }
        let half = half_width(text);
        let bare = half.trim();
        let written =
            SPELLINGS.iter().find_map(|(spelling, unit)| Some((bare.strip_suffix(spelling)?, *unit)));
        let (bare, unit) = written.unwrap_or((bare, unit));
        Self::from_decimal(number::parse(bare)?, unit)
    }

    /// A decimal number of `unit`, rounded half up to 0.01 ㎡.
    ///
    /// # Errors
    /// Below zero, or beyond 64 bits.
    pub fn from_decimal(number: Decimal, unit: AreaUnit) -> Result<Rounded<Self>, NumberFault> {
        if number.is_sign_negative() && !number.is_zero() {
            return Err(NumberFault::Negative);
        }
        let (times, over) = unit.square_metres();
        let product = number.checked_mul(times).ok_or(NumberFault::OutOfRange)?;
        let metres = product.checked_div(over).ok_or(NumberFault::OutOfRange)?;
        let hundredths = number::hundredths(metres)?;
        // A third of a metre that the decimal cut at 28 digits is still a rounding.
        let rounded = hundredths.rounded || metres.checked_mul(over) != Some(product);
        Ok(Rounded { value: Self(hundredths.value), rounded })
    }

    /// Square metres as a decimal, for ratios.
    #[must_use]
    pub fn to_decimal(self) -> Decimal {
        Decimal::new(self.0, 2)
    }

    /// The number of `unit`; for 亩 rounded to four decimals, otherwise exact.
    #[must_use]
    pub fn in_unit(self, unit: AreaUnit) -> Decimal {
        let (times, over) = unit.square_metres();
        let number = self.to_decimal() * over / times;
        if unit == AreaUnit::Mu { number::round(number, 4).value } else { number.normalize() }
    }

    /// The sum, or none when it does not fit.
    #[must_use]
    pub fn checked_add(self, other: Self) -> Option<Self> {
        self.0.checked_add(other.0).map(Self)
    }

    /// The difference, or none below zero.
    #[must_use]
    pub fn checked_sub(self, other: Self) -> Option<Self> {
        self.0.checked_sub(other.0).filter(|rest| *rest >= 0).map(Self)
    }

    /// For documents: `3250.50平方米` (the sign ㎡ is missing from the official faces).
    #[must_use]
    pub fn chinese(self) -> String {
        format!("{self}平方米")
    }
}

impl fmt::Display for Area {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        number::write_hundredths(self.0, f)
    }
}

impl serde::Serialize for Area {
    fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}

impl<'de> serde::Deserialize<'de> for Area {
    fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<str>::deserialize(d)?;
        Self::parse(&text).map_err(|fault| serde::de::Error::custom(fault.rule()))
    }
}

impl Sum for Area {
    /// Saturates; the whole of China is 10¹³ ㎡.
    fn sum<I: Iterator<Item = Self>>(iter: I) -> Self {
        iter.fold(Self::ZERO, |a, b| Self(a.0.saturating_add(b.0)))
    }
}

#[cfg(test)]
mod tests {
    use super::{Area, AreaUnit};
    use crate::text::number::NumberFault;

    #[test]
    fn reads_square_metres_exactly() {
        for (text, expected) in
            [("3250.50", "3250.50"), ("3,250.5㎡", "3250.50"), ("１２平方米", "12.00"), ("0.0000", "0.00")]
        {
            assert_eq!(Area::parse(text).unwrap().to_string(), expected, "{text}");
        }
        assert_eq!(Area::parse("-1"), Err(NumberFault::Negative));
        assert_eq!(Area::parse("1.234"), Err(NumberFault::TooManyDecimals(2)));
        assert_eq!(Area::parse("≥1.2"), Err(NumberFault::NotANumber));
    }

    #[test]
    fn hectares_and_mu() {
        let hectares = Area::parse_unit("2.974212", AreaUnit::Hectare).unwrap();
        assert_eq!((hectares.value.to_string().as_str(), hectares.rounded), ("29742.12", false));
        assert_eq!(hectares.value.in_unit(AreaUnit::Hectare).to_string(), "2.974212");
        let mu = Area::parse_unit("1", AreaUnit::Mu).unwrap();
        assert_eq!((mu.value.to_string().as_str(), mu.rounded), ("666.67", true));
        assert_eq!(mu.value.in_unit(AreaUnit::Mu).to_string(), "1.0000");
        assert!(!Area::parse_unit("3", AreaUnit::Mu).unwrap().rounded);
        assert!(Area::parse_unit("0.12345678", AreaUnit::Hectare).unwrap().rounded);
    }

    #[test]
    fn differences_never_go_below_zero() {
        let (small, large) = (Area::from_hundredths(100), Area::from_hundredths(250));
        assert_eq!(large.checked_sub(small), Some(Area::from_hundredths(150)));
        assert_eq!(small.checked_sub(large), None);
    }
}
