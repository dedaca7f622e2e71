//! Date and time patterns: `%Y-%m-%d` as in C, `yyyy-MM-dd` as in Java documents, and a few words.
//!
//! Times without a zone are Beijing time (UTC+8, GB/T 7408 and every department's practice).

use chrono::format::{Item, Numeric, Pad, Parsed, StrftimeItems, parse};
use chrono::{DateTime, Days, FixedOffset, NaiveDate, NaiveTime, Utc};

use crate::text::date;

/// A pattern checked at load.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pattern {
    /// As written in the mapping file.
    pub written: String,
    form: Form,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Form {
    /// Field by field.
    Items(Vec<Item<'static>>),
    /// Any spelling people use; written as `2026-03-01`.
    Any,
    /// A spreadsheet's day number.
    Serial,
    /// Milliseconds since 1970-01-01 UTC.
    EpochMillis,
    /// `2026年3月1日`.
    Chinese,
}

/// Beijing time.
pub(super) fn beijing() -> FixedOffset {
    // Eight hours are always in range; the fallback only satisfies the type.
    FixedOffset::east_opt(8 * 3600).unwrap_or_else(|| chrono::Offset::fix(&Utc))
}

impl Pattern {
    /// Any spelling people use.
    pub fn any() -> Self {
        Self { written: "any".to_owned(), form: Form::Any }
    }

    /// Reads a pattern; the error is message and hint in Chinese.
    pub fn parse(text: &str) -> Result<Self, (String, String)> {
        let form = match text {
            "any" => Form::Any,
            "serial" => Form::Serial,
            "epoch_ms" => Form::EpochMillis,
            "chinese" => Form::Chinese,
            _ => Form::Items(items(text)?),
        };
        Ok(Self { written: text.to_owned(), form })
    }

    /// The day in `text`.
    pub fn read_date(&self, text: &str) -> Option<NaiveDate> {
        match &self.form {
            Form::Any | Form::Chinese => date::parse(text),
            Form::Serial => serial_date(text).map(|(day, _)| day),
            Form::EpochMillis => epoch_millis(text).map(|at| at.with_timezone(&beijing()).date_naive()),
            Form::Items(items) => padded(text, items).or_else(|| parsed(text, items)?.to_naive_date().ok()),
        }
    }

    /// The moment in `text`.
    pub fn read_instant(&self, text: &str) -> Option<DateTime<Utc>> {
        match &self.form {
            Form::Any | Form::Chinese => date::parse_instant(text),
            Form::Serial => {
                let (day, time) = serial_date(text)?;
                Some(day.and_time(time).and_local_timezone(beijing()).single()?.to_utc())
            }
            Form::EpochMillis => epoch_millis(text),
            Form::Items(items) => {
                let parsed = parsed(text, items)?;
                if let Ok(at) = parsed.to_datetime() {
                    return Some(at.to_utc());
                }
                let day = parsed.to_naive_date().ok()?;
                let time = parsed.to_naive_time().unwrap_or(NaiveTime::MIN);
                Some(day.and_time(time).and_local_timezone(beijing()).single()?.to_utc())
            }
        }
    }

    /// A day as this pattern writes it.
    pub fn write_date(&self, day: NaiveDate) -> Option<String> {
        match &self.form {
            Form::Any => Some(day.format("%Y-%m-%d").to_string()),
            Form::Chinese => Some(date::chinese(day)),
            _ => self
                .write_instant(day.and_time(NaiveTime::MIN).and_local_timezone(beijing()).single()?.to_utc()),
        }
    }

    /// A moment as this pattern writes it.
    pub fn write_instant(&self, at: DateTime<Utc>) -> Option<String> {
        let local = at.with_timezone(&beijing());
        match &self.form {
            Form::Any => Some(local.format("%Y-%m-%d %H:%M:%S").to_string()),
            Form::Chinese => Some(date::chinese(local.date_naive())),
            Form::Serial => {
                let days = local.date_naive().signed_duration_since(serial_origin()?).num_days();
                Some(days.to_string())
            }
            Form::EpochMillis => Some(at.timestamp_millis().to_string()),
            Form::Items(items) => Some(local.format_with_items(items.iter()).to_string()),
        }
    }
}

/// The day in a text that fills the pattern exactly, every number at its full width; none leaves it to the careful way.
fn padded(text: &str, items: &[Item<'static>]) -> Option<NaiveDate> {
    let (mut year, mut month, mut day) = (None, None, None);
    let mut rest = text;
    for item in items {
        match item {
            Item::Literal(it) | Item::Space(it) => rest = rest.strip_prefix(it)?,
            Item::OwnedLiteral(it) | Item::OwnedSpace(it) => rest = rest.strip_prefix(&**it)?,
            Item::Numeric(Numeric::Year, Pad::Zero) if year.is_none() => {
                year = Some(digits(&mut rest, 4, 9999)?)
            }
            Item::Numeric(Numeric::Month, Pad::Zero) if month.is_none() => {
                month = Some(digits(&mut rest, 2, 12)?)
            }
            Item::Numeric(Numeric::Day, Pad::Zero) if day.is_none() => day = Some(digits(&mut rest, 2, 31)?),
            Item::Numeric(Numeric::Hour, Pad::Zero) => {
                digits(&mut rest, 2, 23)?;
            }
            Item::Numeric(Numeric::Minute | Numeric::Second, Pad::Zero) => {
                digits(&mut rest, 2, 59)?;
            }
            _ => return None,
        }
    }
    let whole = rest.is_empty();
    NaiveDate::from_ymd_opt(i32::try_from(year?).ok()?, month?, day?).filter(|_| whole)
}

/// Takes a number of exactly `width` digits, at most `most`.
fn digits(rest: &mut &str, width: usize, most: u32) -> Option<u32> {
    let (taken, after) = rest.split_at_checked(width)?;
    let number =
        taken.bytes().try_fold(0, |sum, b| b.is_ascii_digit().then(|| sum * 10 + u32::from(b - b'0')))?;
    *rest = after;
    (number <= most).then_some(number)
}

fn parsed(text: &str, items: &[Item<'static>]) -> Option<Parsed> {
    let mut parsed = Parsed::new();
    parse(&mut parsed, text, items.iter()).ok()?;
    Some(parsed)
}

fn epoch_millis(text: &str) -> Option<DateTime<Utc>> {
    DateTime::from_timestamp_millis(text.parse().ok()?)
}

/// Day 0 of spreadsheets: 1899-12-30, which makes every serial after 1900-02-28 right.
fn serial_origin() -> Option<NaiveDate> {
    NaiveDate::from_ymd_opt(1899, 12, 30)
}

fn serial_date(text: &str) -> Option<(NaiveDate, NaiveTime)> {
    let (days, fraction) = text.split_once('.').unwrap_or((text, ""));
    let day = serial_origin()?.checked_add_days(Days::new(days.parse::<u32>().ok()?.into()))?;
    // The fraction of a day in seconds; ten digits are finer than a spreadsheet shows.
    let digits: u64 = format!("{fraction:0<10}").get(..10)?.parse().ok()?;
    let seconds = u32::try_from((digits * 86_400 + 5_000_000_000) / 10_000_000_000).ok()?;
    Some((day, NaiveTime::from_num_seconds_from_midnight_opt(seconds.min(86_399), 0)?))
}

fn items(text: &str) -> Result<Vec<Item<'static>>, (String, String)> {
    let bad = |why: &str| (format!("日期格式“{text}”不正确：{why}"), HINT.to_owned());
    let c_style =
        if text.contains('%') { text.to_owned() } else { from_java(text).map_err(|why| bad(&why))? };
    let items = StrftimeItems::new(&c_style).parse_to_owned().ok();
    let items = items.ok_or_else(|| bad("有不认识的 % 记号"))?;
    let has = |names: &[&str]| names.iter().any(|name| c_style.contains(name));
    if !has(&["%Y", "%y", "%F"]) || !has(&["%m", "%-m", "%F", "%b"]) || !has(&["%d", "%-d", "%e", "%F"]) {
        return Err(bad("年、月、日要齐全"));
    }
    if has(&["%I", "%l"]) && !has(&["%p", "%P"]) {
        return Err(bad("%I 是 12 小时制，14:30 会变成 02:30，24 小时制用 %H"));
    }
    Ok(items)
}

const HINT: &str = "写成 %Y-%m-%d、yyyy-MM-dd HH:mm:ss 的样子，或 any、serial、epoch_ms、chinese";

/// Translates the pattern letters of Java documents.
fn from_java(text: &str) -> Result<String, String> {
    let mut out = String::new();
    let mut rest = text;
    while let Some(letter) = rest.chars().next() {
        if letter == '\'' {
            let inside = rest.get(1..).unwrap_or_default();
            let end = inside.find('\'').ok_or("单引号没有配对")?;
            out.push_str(inside.get(..end).unwrap_or_default());
            rest = inside.get(end + 1..).unwrap_or_default();
            continue;
        }
        let run = rest.chars().take_while(|c| *c == letter).count();
        let mark = match (letter, run) {
            ('y', 4) => "%Y",
            ('y', 2) => "%y",
            ('M', 2) => "%m",
            ('M', 1) => "%-m",
            ('d', 2) => "%d",
            ('d', 1) => "%-d",
            ('H', 2) => "%H",
            ('H', 1) => "%-H",
            ('m', 2) => "%M",
            ('s', 2) => "%S",
            ('S', 3) => "%3f",
            ('S', 6) => "%6f",
            ('S', 9) => "%9f",
            ('X', 3) => "%:z",
            ('Z', 1) => "%z",
            ('T', 1) => "T",
            ('h', _) => return Err("hh 是 12 小时制，14:30 会变成 02:30，24 小时制写 HH".to_owned()),
            ('Y', _) => return Err("YYYY 是按周计的年，年末几天会错一年，写 yyyy".to_owned()),
            ('D', _) => return Err("DD 是一年中的第几天，日期写 dd".to_owned()),
            (other, _) if other.is_ascii_alphabetic() => return Err(format!("不认识“{other}”")),
            _ => "",
        };
        if mark.is_empty() {
            out.push(letter);
            rest = rest.get(letter.len_utf8()..).unwrap_or_default();
        } else {
            out.push_str(mark);
            rest = rest.get(run..).unwrap_or_default();
        }
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::{Pattern, items, padded, parsed};

    #[test]
    fn days_are_read_in_every_pattern_seen() {
        for (pattern, text, expected) in [
            ("%Y-%m-%d", "2026-03-01", "2026-03-01"),
            ("yyyyMMdd", "20220105", "2022-01-05"),
            ("yyyyMMddHHmmss", "20170728000000", "2017-07-28"),
            ("%Y%m%d%H%M%S", "20150512000000", "2015-05-12"),
            ("yyyy/M/d", "2016/1/4", "2016-01-04"),
            ("yyyy.MM.dd", "2013.01.04", "2013-01-04"),
            ("yyyy年MM月dd日", "2019年06月27日", "2019-06-27"),
            ("yyyy-MM-dd HH:mm:ss", "2021-11-10 10:27:25", "2021-11-10"),
            ("yyyy-MM-dd'T'HH:mm:ss", "2015-10-29T14:33:13", "2015-10-29"),
            ("yyyy-MM-dd HH:mm:ss.SSSSSS", "2018-09-03 00:00:00.000000", "2018-09-03"),
            ("serial", "42887", "2017-06-01"),
            ("epoch_ms", "1646064000000", "2022-03-01"),
        ] {
            let pattern = Pattern::parse(pattern).unwrap();
            let day = pattern.read_date(text).unwrap_or_else(|| panic!("{} {text}", pattern.written));
            assert_eq!(day.to_string(), expected);
            let back = pattern.write_date(day).unwrap();
            assert_eq!(pattern.read_date(&back), Some(day), "{back}");
        }
        assert_eq!(Pattern::parse("yyyyMMdd").unwrap().read_date("20220230"), None);
        assert_eq!(Pattern::parse("yyyyMMdd").unwrap().read_date("2022-02-03"), None);
    }

    #[test]
    fn the_short_way_to_a_day_never_says_otherwise() {
        let patterns = [
            "yyyy-MM-dd",
            "yyyyMMdd",
            "yyyyMMddHHmmss",
            "yyyy年MM月dd日",
            "yyyy-MM-dd HH:mm:ss",
            "yyyy/M/d",
            "yy-MM-dd",
        ];
        let (mut short, mut both) = (0, 0);
        for pattern in patterns {
            for text in [
                "2026-03-01",
                "2026-3-1",
                "2024-02-29",
                "2026-02-29",
                "20260301",
                "20261301",
                "20260301235959",
                "20260301235960",
                "20260301240000",
                "2026年03月01日",
                "2026-03-01 10:27:25",
                "2026-03-01  10:27:25",
                "2026-03-01 ",
                "+2026-03-01",
                "２０２６-03-01",
                "2026/3/1",
                "2026/03/01",
                "26-03-01",
                "0000-01-01",
                "",
            ] {
                let items = items(pattern).unwrap();
                let careful = parsed(text, &items).and_then(|it| it.to_naive_date().ok());
                let padded = padded(text, &items);
                assert!(padded.is_none() || padded == careful, "{pattern} {text}: {padded:?}, {careful:?}");
                short += usize::from(padded.is_some());
                both += usize::from(careful.is_some());
            }
        }
        assert!(short >= 6 && both > short, "{short} of {both}");
    }

    #[test]
    fn moments_without_zone_are_beijing_time() {
        for (pattern, text, expected) in [
            ("yyyy-MM-dd HH:mm:ss", "2021-11-10 10:27:25", "2021-11-10T02:27:25+00:00"),
            ("yyyy-MM-dd'T'HH:mm:ssXXX", "2019-06-14T10:30:18+08:00", "2019-06-14T02:30:18+00:00"),
            ("yyyyMMddHHmmss", "20220105150305", "2022-01-05T07:03:05+00:00"),
            ("yyyyMMdd", "20220105", "2022-01-04T16:00:00+00:00"),
            ("serial", "42887.5", "2017-06-01T04:00:00+00:00"),
        ] {
            let pattern = Pattern::parse(pattern).unwrap();
            assert_eq!(pattern.read_instant(text).unwrap().to_rfc3339(), expected, "{text}");
        }
    }

    #[test]
    fn traps_of_patterns_are_load_errors() {
        for (pattern, words) in [
            ("yyyy-MM-dd hh:mm:ss", "12 小时制"),
            ("%Y-%m-%d %I:%M", "12 小时制"),
            ("YYYY-MM-dd", "按周"),
            ("yyyy-MM-DD", "第几天"),
            ("yyyy-MM", "齐全"),
            ("%Y-%m-%d %Q", "不认识"),
            ("yyyy-MM-dd q", "不认识"),
        ] {
            let (message, _) = Pattern::parse(pattern).unwrap_err();
            assert!(message.contains(words), "{pattern}: {message}");
        }
    }
}
