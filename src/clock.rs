//! The only reader of the time and of randomness. Every other room is given `now`, `today` or an id as an argument.

use chrono::{DateTime, FixedOffset, NaiveDate, Utc};

/// This instant, UTC, cut to microseconds so that both databases store it unchanged.
#[must_use]
pub fn now() -> DateTime<Utc> {
    #[expect(clippy::disallowed_methods, reason = "this is the door")]
    let now = Utc::now();
    DateTime::from_timestamp_micros(now.timestamp_micros()).unwrap_or(now)
}

/// The civil date at an instant in China (UTC+8, no daylight saving since 1991).
#[must_use]
pub fn china_date(at: DateTime<Utc>) -> NaiveDate {
    at.with_timezone(&china()).date_naive()
}

/// The end of a civil day in China: the first instant of the next one.
#[must_use]
pub fn end_of_day(day: NaiveDate) -> DateTime<Utc> {
    let next = day.succ_opt().unwrap_or(day).and_time(chrono::NaiveTime::MIN);
    next.and_local_timezone(china()).earliest().map_or(next.and_utc(), |at| at.with_timezone(&Utc))
}

/// A civil day in China: its first instant and that of the next day.
#[must_use]
pub fn day(of: NaiveDate) -> (DateTime<Utc>, DateTime<Utc>) {
    (of.pred_opt().map_or(DateTime::<Utc>::MIN_UTC, end_of_day), end_of_day(of))
}

/// The offset of China Standard Time.
#[must_use]
pub fn china() -> FixedOffset {
    // 8 h is within the ±24 h that chrono accepts; UTC is never reached.
    FixedOffset::east_opt(8 * 3600).unwrap_or_else(|| chrono::Offset::fix(&Utc))
}

/// A fresh id: `UUIDv7`, 32 hex digits, so ids made later sort later.
#[must_use]
pub fn fresh_id() -> String {
    uuid::Uuid::now_v7().simple().to_string()
}
