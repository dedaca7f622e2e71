//! Numbers in cells as people meant them: digits without float residue, serial dates as dates.

use chrono::{Days, NaiveDate};

use super::styles::Look;

/// What became of a number.
pub(super) struct Rendered {
    pub text: String,
    /// Whether the program that wrote the file has probably cut the number to 15 digits.
    pub digits_lost: bool,
}

/// Renders the content of `<v>`. None when it is no number.
pub(super) fn render(raw: &str, look: Look, from_1904: bool) -> Option<Rendered> {
    let raw = raw.trim();
    let whole = |text: String| Rendered { text, digits_lost: false };
    match look {
        Look::Date => return date(raw.parse().ok()?, from_1904).map(whole),
        Look::Duration => return duration(raw.parse().ok()?).map(whole),
        Look::Number | Look::Padded(_) => {}
    }
    let (sign, digits) = raw.strip_prefix('-').map_or(("", raw), |digits| ("-", digits));
    if !digits.is_empty() && digits.len() <= 40 && digits.bytes().all(|b| b.is_ascii_digit()) {
        // Programs that know integers write all their digits, and they are kept; Excel fills with zeros behind the 15th.
        let cut = digits.trim_start_matches('0').len() > 15 && digits.ends_with('0');
        let digits = if digits.len() > 1 { digits.trim_start_matches('0') } else { digits };
        let digits = if digits.is_empty() { "0" } else { digits };
        return Some(Rendered { text: pad(sign, digits, look), digits_lost: cut });
    }
    let value: f64 = raw.parse().ok().filter(|value: &f64| value.is_finite())?;
    let text = shortest(value)?;
    let digits_lost = !text.contains('.') && text.trim_start_matches('-').len() > 15;
    let padded = match text.strip_prefix('-') {
        Some(digits) => pad("-", digits, look),
        None => pad("", &text, look),
    };
    Some(Rendered { text: padded, digits_lost })
}

fn pad(sign: &str, digits: &str, look: Look) -> String {
    match look {
        Look::Padded(width) if !digits.contains('.') => {
            format!("{sign}{digits:0>width$}", width = usize::from(width))
        }
        _ => format!("{sign}{digits}"),
    }
}

/// Plain decimal digits with at most 15 that count, which is what Excel keeps and shows: `0.30000000000000004` is `0.3`.
fn shortest(value: f64) -> Option<String> {
    let scientific = format!("{:.14e}", value.abs());
    let (mantissa, exponent) = scientific.split_once('e')?;
    let exponent: i32 = exponent.parse().ok().filter(|e: &i32| e.abs() <= 60)?;
    let digits = mantissa.replace('.', "");
    let digits = digits.trim_end_matches('0');
    let point = exponent + 1;
    let plain = match usize::try_from(point) {
        _ if digits.is_empty() => "0".to_owned(),
        Err(_) => format!("0.{}{digits}", "0".repeat(point.unsigned_abs() as usize)),
        Ok(0) => format!("0.{digits}"),
        Ok(point) if point >= digits.len() => format!("{digits}{}", "0".repeat(point - digits.len())),
        Ok(point) => {
            let (whole, fraction) = digits.split_at(point);
            format!("{whole}.{fraction}")
        }
    };
    Some(if value < 0.0 && plain != "0" { format!("-{plain}") } else { plain })
}

/// Serial days since the epoch. Excel believes that 1900 was a leap year: day 60 is 29 February 1900.
fn date(serial: f64, from_1904: bool) -> Option<String> {
    if !(0.0..2_958_466.0).contains(&serial) {
        return None;
    }
    let seconds = (serial * 86_400.0).round() as u64;
    let (days, rest) = (seconds / 86_400, seconds % 86_400);
    let time = format!("{:02}:{:02}:{:02}", rest / 3600, rest / 60 % 60, rest % 60);
    if days == 0 && !from_1904 {
        return Some(time);
    }
    let day = match (from_1904, days) {
        (true, _) => NaiveDate::from_ymd_opt(1904, 1, 1)?.checked_add_days(Days::new(days))?.to_string(),
        (false, 60) => "1900-02-29".to_owned(),
        (false, ..60) => {
            NaiveDate::from_ymd_opt(1899, 12, 31)?.checked_add_days(Days::new(days))?.to_string()
        }
        (false, _) => NaiveDate::from_ymd_opt(1899, 12, 30)?.checked_add_days(Days::new(days))?.to_string(),
    };
    Some(if rest == 0 { day } else { format!("{day} {time}") })
}

fn duration(serial: f64) -> Option<String> {
    let seconds = (serial * 86_400.0).round();
    (0.0..1e12).contains(&seconds).then(|| {
        let seconds = seconds as u64;
        format!("{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60)
    })
}

#[cfg(test)]
mod tests {
    use super::{Look, render};

    #[test]
    fn numbers_are_what_was_meant() {
        let check = |raw: &str, look: Look, expected: &str, lost: bool| {
            let it = render(raw, look, false).unwrap();
            assert_eq!((it.text.as_str(), it.digits_lost), (expected, lost), "{raw}");
        };
        check("1", Look::Number, "1", false);
        check("1.0", Look::Number, "1", false);
        check("-0.0", Look::Number, "0", false);
        check("0.30000000000000004", Look::Number, "0.3", false);
        check("1234.5600000000001", Look::Number, "1234.56", false);
        check("5.0000000000000001E-4", Look::Number, "0.0005", false);
        check("1E3", Look::Number, "1000", false);
        check("330402199001011237", Look::Number, "330402199001011237", false);
        check("330402199001011000", Look::Number, "330402199001011000", true);
        check("3.30402199001011E+17", Look::Number, "330402199001011000", true);
        check("101", Look::Padded(4), "0101", false);
        check("-7", Look::Padded(3), "-007", false);
        check("42887", Look::Date, "2017-06-01", false);
        check("42887", Look::Number, "42887", false);
        check("43466.520833333336", Look::Date, "2019-01-01 12:30:00", false);
        check("0.5", Look::Date, "12:00:00", false);
        check("59", Look::Date, "1900-02-28", false);
        check("60", Look::Date, "1900-02-29", false);
        check("61", Look::Date, "1900-03-01", false);
        check("1.5", Look::Duration, "36:00:00", false);
        assert!(render("x", Look::Number, false).is_none());
        assert!(render("-1", Look::Date, false).is_none());
        assert_eq!(render("0", Look::Date, true).unwrap().text, "1904-01-01");
    }
}
