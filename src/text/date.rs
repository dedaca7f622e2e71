//! Dates and times in every spelling departments use, and in the two that official documents print.

use chrono::{DateTime, Datelike, FixedOffset, NaiveDate, NaiveDateTime, NaiveTime, TimeZone, Utc};

use super::width::half_width;

/// Reads a date in any usual spelling.
///
/// Understood are `2026-3-1`, `2026/3/1`, `2026.03.01`, `20260301`, `2026年3月1日`, `二〇二六年三月一日`, full-width digits, and
/// each of them followed by a time of day. An instant with an offset is read as the date in China.
#[must_use]
pub fn parse(text: &str) -> Option<NaiveDate> {
    split(text).and_then(|(date, time, offset)| match (time, offset) {
        (Some(time), Some(offset)) => in_china(date.and_time(time), offset).map(|at| at.date_naive()),
        _ => Some(date),
    })
}

/// Reads an instant; without an offset the text means China Standard Time, without a time of day its midnight.
#[must_use]
pub fn parse_instant(text: &str) -> Option<DateTime<Utc>> {
    let (date, time, offset) = split(text)?;
    let local = date.and_time(time.unwrap_or_default());
    in_china(local, offset.or_else(china)?).map(|at| at.with_timezone(&Utc))
}

/// As documents print it, without zero padding: `2022年1月28日` (GB/T 9704-2012, 7.3.5.4).
#[must_use]
pub fn chinese(date: NaiveDate) -> String {
    format!("{}年{}月{}日", date.year(), date.month(), date.day())
}

/// In Chinese numerals: `二〇二二年一月二十八日`.
#[must_use]
pub fn chinese_numerals(date: NaiveDate) -> String {
    let year: String = date.year().to_string().chars().filter_map(|c| c.to_digit(10)).map(numeral).collect();
    format!("{year}年{}月{}日", below_hundred(date.month()), below_hundred(date.day()))
}

/// A number from 1 to 99 as people say it: `二十八`, for dates and article numbers.
#[must_use]
pub fn below_hundred(number: u32) -> String {
    let (tens, ones) = (number / 10, number % 10);
    let mut out = String::new();
    if tens > 1 {
        out.push(numeral(tens));
    }
    if tens > 0 {
        out.push('十');
    }
    if ones > 0 || tens == 0 {
        out.push(numeral(ones));
    }
    out
}

const NUMERALS: [char; 10] = ['〇', '一', '二', '三', '四', '五', '六', '七', '八', '九'];

fn numeral(digit: u32) -> char {
    NUMERALS.get(digit as usize).copied().unwrap_or('〇')
}

fn china() -> Option<FixedOffset> {
    FixedOffset::east_opt(8 * 3600)
}

fn in_china(local: NaiveDateTime, offset: FixedOffset) -> Option<DateTime<FixedOffset>> {
    Some(offset.from_local_datetime(&local).single()?.with_timezone(&china()?))
}

type Parts = (NaiveDate, Option<NaiveTime>, Option<FixedOffset>);

/// Splits a text into its date, time of day and offset, each in any known spelling.
fn split(text: &str) -> Option<Parts> {
    let half = half_width(text);
    let text = half.trim();
    if text.len() >= 8 && text.bytes().all(|b| b.is_ascii_digit()) {
        return compact(text);
    }
    if text.contains('年') {
        return chinese_parts(text);
    }
    let (date, rest) = text.split_once(['T', ' ']).unwrap_or((text, ""));
    let (time, offset) = time_of_day(rest.trim())?;
    Some((separated(date)?, time, offset))
}

/// `20260301` and `20260301143000` with optional milliseconds.
fn compact(text: &str) -> Option<Parts> {
    let (date, time) = text.split_at_checked(8)?;
    let date = NaiveDate::from_ymd_opt(int(date.get(..4)?)?, uint(date.get(4..6)?)?, uint(date.get(6..)?)?)?;
    let time = match time.len() {
        0 => None,
        6 | 9 => Some(NaiveTime::from_hms_opt(
            uint(time.get(..2)?)?,
            uint(time.get(2..4)?)?,
            uint(time.get(4..6)?)?,
        )?),
        _ => return None,
    };
    Some((date, time, None))
}

/// `2026-3-1`, the separator the same twice: `-`, `/` or `.`.
fn separated(text: &str) -> Option<NaiveDate> {
    let separator = text.chars().find(|c| matches!(c, '-' | '/' | '.'))?;
    let mut parts = text.split(separator);
    let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() || year.len() != 4 {
        return None;
    }
    NaiveDate::from_ymd_opt(int(year)?, uint(month)?, uint(day)?)
}

/// `2026年3月1日`, digits or Chinese numerals, optionally a time after it (`14时30分`, `14:30`).
fn chinese_parts(text: &str) -> Option<Parts> {
    let (year, rest) = text.split_once('年')?;
    let (month, rest) = rest.split_once('月')?;
    let (day, rest) = rest.split_once(['日', '号'])?;
    let year: String = year.trim().chars().map(digit_of).collect::<Option<_>>()?;
    if year.len() != 4 {
        return None;
    }
    let date = NaiveDate::from_ymd_opt(int(&year)?, spoken(month.trim())?, spoken(day.trim())?)?;
    let rest = rest.trim();
    let rest = if rest.contains('时') {
        rest.replace(['时', '分'], ":").replace('秒', "").trim_end_matches(':').to_owned()
    } else {
        rest.to_owned()
    };
    let rest = if !rest.is_empty() && !rest.contains(':') { format!("{rest}:00") } else { rest };
    let (time, offset) = time_of_day(&rest)?;
    Some((date, time, offset))
}

/// `H:M[:S[.fraction]][Z|±HH:MM]`; an empty text is no time.
fn time_of_day(text: &str) -> Option<(Option<NaiveTime>, Option<FixedOffset>)> {
    if text.is_empty() {
        return Some((None, None));
    }
    let (clock, offset) = match text.find(['Z', '+', '-']) {
        Some(at) => (text.get(..at)?, Some(offset_of(text.get(at..)?)?)),
        None => (text, None),
    };
    let mut parts = clock.trim().split(':');
    let (hour, minute) = (uint(parts.next()?)?, uint(parts.next()?)?);
    let seconds = parts.next().unwrap_or("0");
    let (second, fraction) = seconds.split_once('.').unwrap_or((seconds, "0"));
    if parts.next().is_some() || !fraction.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    // Microseconds are what both databases keep.
    let micros: String = fraction.chars().chain("000000".chars()).take(6).collect();
    let time = NaiveTime::from_hms_micro_opt(hour, minute, uint(second)?, uint(&micros)?)?;
    Some((Some(time), offset))
}

fn offset_of(text: &str) -> Option<FixedOffset> {
    if text == "Z" {
        return FixedOffset::east_opt(0);
    }
    let sign = if text.starts_with('-') { -1 } else { 1 };
    let digits: String = text.chars().skip(1).filter(|c| *c != ':').collect();
    let (hours, minutes) = (int(digits.get(..2)?)?, int(digits.get(2..4).unwrap_or("00"))?);
    FixedOffset::east_opt(sign * (hours * 3600 + minutes * 60))
}

/// One digit, Arabic or Chinese, as an ASCII digit.
fn digit_of(c: char) -> Option<char> {
    if c.is_ascii_digit() {
        return Some(c);
    }
    let c = if matches!(c, '○' | '零' | 'Ｏ' | 'O') { '〇' } else { c };
    NUMERALS.iter().position(|n| *n == c).and_then(|n| char::from_digit(n as u32, 10))
}

/// `3`, `03`, `三` or `二十八`.
fn spoken(text: &str) -> Option<u32> {
    if let Some(number) = uint(text) {
        return Some(number);
    }
    let digit = |part: &str, empty: u32| -> Option<u32> {
        let mut chars = part.chars();
        match (chars.next(), chars.next()) {
            (None, _) => Some(empty),
            (Some(c), None) => digit_of(c)?.to_digit(10),
            _ => None,
        }
    };
    match text.split_once('十') {
        Some((tens, ones)) => Some(digit(tens, 1)? * 10 + digit(ones, 0)?),
        None if text.is_empty() => None,
        None => digit(text, 0),
    }
}

fn uint(text: &str) -> Option<u32> {
    let digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    digits.then(|| text.parse().ok()).flatten()
}

fn int(text: &str) -> Option<i32> {
    uint(text).and_then(|number| i32::try_from(number).ok())
}

#[cfg(test)]
mod tests;
