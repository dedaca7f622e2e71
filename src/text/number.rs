//! Exact decimals from text as people and systems write them; shared by money, areas and ratios.

use std::borrow::Cow;
use std::str::FromStr;

use rust_decimal::{Decimal, RoundingStrategy};

use super::width::half_width;

/// Why a text is not the number wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NumberFault {
    /// Not a number at all.
    NotANumber,
    /// More decimals than the type keeps, and rounding was not allowed.
    TooManyDecimals(u32),
    /// Does not fit the type.
    OutOfRange,
    /// Below zero where nothing can be.
    Negative,
}

impl NumberFault {
    /// The rule that was broken, Chinese.
    #[must_use]
    pub fn rule(self) -> Cow<'static, str> {
        match self {
            Self::NotANumber => "应为数字。".into(),
            Self::TooManyDecimals(0) => "应为整数，不能带小数。".into(),
            Self::TooManyDecimals(places) => format!("最多 {places} 位小数。").into(),
            Self::OutOfRange => "数值超出可记录的范围。".into(),
            Self::Negative => "不能为负数。".into(),
        }
    }
}

/// A value and whether digits were lost in making it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rounded<T> {
    /// The value kept.
    pub value: T,
    /// Whether the text said more than the value keeps.
    pub rounded: bool,
}

/// Reads a decimal: full-width digits, thousands commas in groups of three, blanks around it and `5.0E-4` are understood.
///
/// # Errors
/// [`NumberFault::NotANumber`] for anything else, [`NumberFault::OutOfRange`] beyond 28 digits.
pub fn parse(text: &str) -> Result<Decimal, NumberFault> {
    if let Some((digits, places)) = plain(text) {
        return Ok(Decimal::new(digits, places));
    }
    let half = half_width(text);
    let trimmed = half.trim();
    let digits = without_commas(trimmed).ok_or(NumberFault::NotANumber)?;
    if !is_number(&digits) {
        return Err(NumberFault::NotANumber);
    }
    let digits = digits.strip_prefix('+').unwrap_or(&digits);
    if digits.contains(['e', 'E']) {
        return Decimal::from_scientific(digits).ok().ok_or(NumberFault::OutOfRange);
    }
    // Some senders pad with zeros beyond what a decimal holds; those carry no information.
    let exact = Decimal::from_str_exact(digits).ok();
    exact.or_else(|| Decimal::from_str(digits).ok()).ok_or(NumberFault::OutOfRange)
}

/// Digits and number of decimals of `1234` or `1234.50`, as most numbers are written; none for any other spelling and for
/// more digits than 64 bits surely hold.
fn plain(text: &str) -> Option<(i64, u32)> {
    if text.len() > 18 {
        return None;
    }
    let (mut digits, mut point) = (0_i64, None);
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'0'..=b'9' => digits = digits * 10 + i64::from(byte - b'0'),
            b'.' if point.is_none() && at > 0 => point = Some(at),
            _ => return None,
        }
    }
    // A text without digits, or with a point at its end, is for the careful way to judge.
    let places = point.map_or(0, |at| text.len() - at - 1);
    if text.is_empty() || point.is_some() && places == 0 {
        return None;
    }
    Some((digits, u32::try_from(places).ok()?))
}

/// The number in `text` × 10^`places` when that is plainly whole; none leaves it to decimals.
pub(super) fn whole(text: &str, places: u32) -> Option<i64> {
    let (digits, written) = plain(text)?;
    digits.checked_mul(10_i64.checked_pow(places.checked_sub(written)?)?)
}

/// Rounds half away from zero (四舍五入) to `places` and says whether that lost anything.
#[must_use]
pub fn round(number: Decimal, places: u32) -> Rounded<Decimal> {
    let value = number.round_dp_with_strategy(places, RoundingStrategy::MidpointAwayFromZero);
    Rounded { value, rounded: value != number }
}

/// `number` × 100 as an integer, rounding half away from zero.
///
/// # Errors
/// [`NumberFault::OutOfRange`] when the result does not fit 64 bits.
pub fn hundredths(number: Decimal) -> Result<Rounded<i64>, NumberFault> {
    let scaled = number.checked_mul(Decimal::ONE_HUNDRED).ok_or(NumberFault::OutOfRange)?;
    let whole = round(scaled, 0);
    let value = i64::try_from(whole.value).ok().ok_or(NumberFault::OutOfRange)?;
    Ok(Rounded { value, rounded: whole.rounded })
}

/// Hundredths written with exactly two decimals.
pub(super) fn write_hundredths(value: i64, f: &mut impl std::fmt::Write) -> std::fmt::Result {
    let sign = if value < 0 { "-" } else { "" };
    let magnitude = value.unsigned_abs();
    write!(f, "{sign}{}.{:02}", magnitude / 100, magnitude % 100)
}

/// Takes thousands commas out; `None` when they do not stand between groups of three.
fn without_commas(text: &str) -> Option<Cow<'_, str>> {
    if !text.contains(',') {
        return Some(Cow::Borrowed(text));
    }
    let (whole, fraction) = text.split_once('.').map_or((text, None), |(w, f)| (w, Some(f)));
    let mut groups = whole.split(',');
    let first = groups.next()?.trim_start_matches(['-', '+']);
    let leading = (1..=3).contains(&first.len());
    if !leading || !groups.all(|group| group.len() == 3) || fraction.is_some_and(|f| f.contains(',')) {
        return None;
    }
    Some(Cow::Owned(text.replace(',', "")))
}

/// `[+-]digits[.digits][e[+-]digits]`, with at least one digit before the exponent.
fn is_number(text: &str) -> bool {
    let (mantissa, exponent) = text.split_once(['e', 'E']).map_or((text, None), |(m, e)| (m, Some(e)));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let whole = unsigned(whole);
    let digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
    // Three digits of exponent are beyond any decimal already.
    let exponent_fine = exponent.map(unsigned).is_none_or(|e| (1..=3).contains(&e.len()) && digits(e));
    (!whole.is_empty() || !fraction.is_empty()) && digits(whole) && digits(fraction) && exponent_fine
}

fn unsigned(part: &str) -> &str {
    part.strip_prefix(['-', '+']).unwrap_or(part)
}

#[cfg(test)]
mod tests {
    use super::{Decimal, NumberFault, hundredths, parse, plain, whole};

    #[test]
    fn reads_what_departments_write() {
        for (text, expected) in [
            ("335", "335"),
            (" 1,234,567.80 ", "1234567.80"),
            ("２．９７４２", "2.9742"),
            ("5.0E-4", "0.00050"),
            ("-12.5", "-12.5"),
            ("+12.5", "12.5"),
            ("0.0000", "0.0000"),
            (".5", "0.5"),
            ("0.10000000000000000000000000000000", "0.1"),
        ] {
            let number = parse(text).unwrap();
            assert_eq!(number, expected.parse().unwrap(), "{text}");
        }
    }

    #[test]
    fn the_short_way_says_the_same_as_decimals() {
        for text in
            ["0", "335", "0.0000", "2.9742", "42720", "000.50", "999999999999999999", "9999999999999999.9"]
        {
            let (digits, places) = plain(text).unwrap();
            assert_eq!(Decimal::new(digits, places), Decimal::from_str_exact(text).unwrap(), "{text}");
            assert_eq!(places, Decimal::from_str_exact(text).unwrap().scale(), "{text}");
        }
        for text in ["", ".", ".5", "5.", "-1", "+1", "1.2.3", "１", "1e3", "1,234", "9999999999999999999"] {
            assert_eq!(plain(text), None, "{text}");
        }
        assert_eq!(whole("2.9742", 6), Some(2_974_200));
        assert_eq!(whole("1.005", 2), None);
        assert_eq!(whole("999999999999999999", 6), None);
    }

    #[test]
    fn refuses_what_is_not_a_number() {
        for text in
            ["", "-", ".", "1,23", "1,2345", "12a", "≥1.2", "1.2.3", "1e", "e5", "NaN", "--1", "1.234,5"]
        {
            assert_eq!(parse(text), Err(NumberFault::NotANumber), "{text}");
        }
        assert_eq!(parse(&"9".repeat(40)), Err(NumberFault::OutOfRange));
    }

    #[test]
    fn hundredths_round_half_away_from_zero() {
        let case = |text: &str| hundredths(parse(text).unwrap()).map(|r| (r.value, r.rounded));
        assert_eq!(case("1.005"), Ok((101, true)));
        assert_eq!(case("-1.005"), Ok((-101, true)));
        assert_eq!(case("1.0000"), Ok((100, false)));
        assert_eq!(case("92233720368547758.07"), Ok((i64::MAX, false)));
        assert_eq!(case("92233720368547758.08"), Err(NumberFault::OutOfRange));
    }
}
