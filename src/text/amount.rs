//! Money in fen, exact, with its spellings: `1234.50`, `¥1,234.50`, 万元 and capital numerals (大写金额).

use std::fmt;
use std::iter::Sum;

use rust_decimal::Decimal;

use super::number::{self, NumberFault, Rounded};
use super::width::half_width;

/// An amount of money in fen (分). Serialised as a decimal string in yuan, `"1234.50"`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Money(i64);

/// The unit a number of money is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MoneyUnit {
    /// 分.
    Fen,
    /// 元.
    Yuan,
    /// 万元, the unit of land prices.
    TenThousandYuan,
}

impl MoneyUnit {
    /// The unit by its Chinese or English name: `元`, `yuan`, `万元`, `wan`, `分`, `fen`.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        match name {
            "元" | "yuan" => Some(Self::Yuan),
            "万元" | "wan" => Some(Self::TenThousandYuan),
            "分" | "fen" => Some(Self::Fen),
            _ => None,
        }
    }

    /// Decimals of this unit down to the fen.
    fn places(self) -> u32 {
        match self {
            Self::Fen => 0,
            Self::Yuan => 2,
            Self::TenThousandYuan => 6,
        }
    }

    /// Yuan in one of this unit.
    fn yuan(self) -> Decimal {
        match self {
            Self::Fen => Decimal::new(1, 2),
            Self::Yuan => Decimal::ONE,
            Self::TenThousandYuan => Decimal::from(10_000),
        }
    }
}

impl Money {
    /// Nothing.
    pub const ZERO: Self = Self(0);

    /// From fen.
    #[must_use]
    pub const fn from_fen(fen: i64) -> Self {
        Self(fen)
    }

    /// In fen.
    #[must_use]
    pub const fn fen(self) -> i64 {
        self.0
    }

    /// Reads yuan exactly; `¥` before and `元` or `万元` after the number are understood.
    ///
    /// # Errors
    /// Not a number, more than two decimals that are not zero, or too large.
    pub fn parse_yuan(text: &str) -> Result<Self, NumberFault> {
        let parsed = Self::parse_unit(text, MoneyUnit::Yuan)?;
        if parsed.rounded { Err(NumberFault::TooManyDecimals(2)) } else { Ok(parsed.value) }
    }

    /// Reads a number in `unit`, rounding half up to the fen. A unit written in the text itself wins.
    ///
    /// # Errors
    /// Not a number, or too large.
    pub fn parse_unit(text: &str, unit: MoneyUnit) -> Result<Rounded<Self>, NumberFault> {
        if let Some(fen) = number::whole(text, unit.places()) {
            return Ok(Rounded { value: Self(fen), rounded: false });
        }
        let half = half_width(text);
        let bare = half.trim().trim_start_matches(['¥', '\u{ffe5}']);
        let (bare, unit) = match (bare.strip_suffix("万元"), bare.strip_suffix('元')) {
            (Some(bare), _) => (bare, MoneyUnit::TenThousandYuan),
            (None, Some(bare)) => (bare, MoneyUnit::Yuan),
            (None, None) => (bare, unit),
        };
        Self::from_decimal(number::parse(bare)?, unit)
    }

    /// A decimal number of `unit`, rounded half up to the fen.
    ///
    /// # Errors
    /// [`NumberFault::OutOfRange`] beyond 64 bits of fen.
    pub fn from_decimal(number: Decimal, unit: MoneyUnit) -> Result<Rounded<Self>, NumberFault> {
        let yuan = number.checked_mul(unit.yuan()).ok_or(NumberFault::OutOfRange)?;
        let fen = number::hundredths(yuan)?;
        Ok(Rounded { value: Self(fen.value), rounded: fen.rounded })
    }

    /// The exact number of `unit`, for arithmetic and for partners that want 万元.
    #[must_use]
    pub fn in_unit(self, unit: MoneyUnit) -> Decimal {
        (Decimal::new(self.0, 2) / unit.yuan()).normalize()
    }

    /// The sum, or none when it does not fit.
    #[must_use]
    pub fn checked_add(self, other: Self) -> Option<Self> {
        self.0.checked_add(other.0).map(Self)
    }

    /// For people: `¥1,234.50`.
    #[must_use]
    pub fn grouped(self) -> String {
        let sign = if self.0 < 0 { "-" } else { "" };
        let magnitude = self.0.unsigned_abs();
        let whole = (magnitude / 100).to_string();
        let mut out = String::with_capacity(whole.len() * 2 + 4);
        for (i, digit) in whole.chars().enumerate() {
            if i > 0 && (whole.len() - i).is_multiple_of(3) {
                out.push(',');
            }
            out.push(digit);
        }
        format!("{sign}¥{out}.{:02}", magnitude % 100)
    }

    /// Capital numerals for vouchers and notices: `壹仟肆佰零玖元伍角整`.
    ///
    /// Follows the rules of 支付结算办法附件一 (正确填写票据和结算凭证的基本规定): 整 ends an amount without fen, a zero
    /// between figures is written once.
    #[must_use]
    pub fn capital(self) -> String {
        let magnitude = self.0.unsigned_abs();
        let (yuan, jiao, fen) = (magnitude / 100, magnitude / 10 % 10, magnitude % 10);
        let mut out = String::new();
        if self.0 < 0 {
            out.push('负');
        }
        if yuan > 0 || magnitude == 0 {
            out.push_str(&capital_integer(yuan));
            out.push('元');
        }
        match (jiao, fen) {
            (0, 0) => out.push('整'),
            (0, _) if yuan > 0 => out.push('零'),
            (0, _) => {}
            _ => {
                out.push(capital_digit(jiao));
                out.push('角');
            }
        }
        match (jiao, fen) {
            (0, 0) => {}
            (_, 0) => out.push('整'),
            _ => {
                out.push(capital_digit(fen));
                out.push('分');
            }
        }
        out
    }
}

fn capital_digit(digit: u64) -> char {
    match digit {
        1 => '壹',
        2 => '贰',
        3 => '叁',
        4 => '肆',
        5 => '伍',
        6 => '陆',
        7 => '柒',
        8 => '捌',
        9 => '玖',
        _ => '零',
    }
}

/// A whole number in capital numerals.
fn capital_integer(number: u64) -> String {
    let mut out = String::new();
    if number == 0 {
        out.push('零')
    } else {
        push_integer(&mut out, number)
    }
    out
}

/// 亿 and 万 recursively: what stands before them is a number in its own right (`壹万贰仟亿`).
fn push_integer(out: &mut String, number: u64) {
    for (size, name) in [(100_000_000, "亿"), (10_000, "万")] {
        if number < size {
            continue;
        }
        let (high, low) = (number / size, number % size);
        push_integer(out, high);
        out.push_str(name);
        if low > 0 {
            if low < size / 10 || high.is_multiple_of(10) {
                out.push('零');
            }
            push_integer(out, low);
        }
        return;
    }
    push_group(out, number);
}

/// One to four digits with 仟佰拾.
fn push_group(out: &mut String, group: u64) {
    let mut zero = false;
    let mut started = false;
    for (size, name) in [(1000, "仟"), (100, "佰"), (10, "拾"), (1, "")] {
        let digit = group / size % 10;
        if digit == 0 {
            zero = started;
            continue;
        }
        if zero {
            out.push('零');
            zero = false;
        }
        out.push(capital_digit(digit));
        out.push_str(name);
        started = true;
    }
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        number::write_hundredths(self.0, f)
    }
}

impl serde::Serialize for Money {
    fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}

impl<'de> serde::Deserialize<'de> for Money {
    fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<str>::deserialize(d)?;
        Self::parse_yuan(&text).map_err(|fault| serde::de::Error::custom(fault.rule()))
    }
}

impl Sum for Money {
    /// Saturates; sums of the model stay far below 2⁶³ fen.
    fn sum<I: Iterator<Item = Self>>(iter: I) -> Self {
        iter.fold(Self::ZERO, |a, b| Self(a.0.saturating_add(b.0)))
    }
}

#[cfg(test)]
mod tests;
