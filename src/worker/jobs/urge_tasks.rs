//! Every working day at nine: takes the rungs of the urging ladder that are due (提醒, 催办, 督办单, 通报).

use chrono::{DateTime, TimeDelta, Utc};

use super::Context;
use crate::clock;
use crate::error::Result;
use crate::store::{self, Conn, Job, NewJob};

/// Name in the queue.
pub const KIND: &str = "urge_tasks";

/// Nine in the morning in China, counted from midnight UTC.
const HOUR_UTC: u32 = 1;

/// Urges, and enqueues the next run. A second run on the same day finds every rung taken.
pub fn run(context: &Context, _job: &Job) -> Result<()> {
    let now = clock::now();
    let tracking = &context.tracking;
    if tracking.calendar.is_working_day(clock::china_date(now)) {
        for plan in tracking.plans()? {
            let taken = tracking.remind(&plan.id, false, now)?;
            tracing::info!(plan.id = %plan.id, tasks = taken.len(), "tasks.urged");
        }
    }
    context.store.write(|conn| enqueue(conn, next_morning(now), now))
}

/// Enqueues the first run; the day is part of the key, so two processes that start together enqueue one.
pub fn enqueue_first(conn: &mut Conn, now: DateTime<Utc>) -> Result<()> {
    enqueue(conn, next_morning(now), now)
}

fn enqueue(conn: &mut Conn, at: DateTime<Utc>, now: DateTime<Utc>) -> Result<()> {
    let key = format!("{KIND} {}", at.format("%Y-%m-%d"));
    let new = NewJob {
        kind: KIND,
        payload: &serde_json::json!({}),
        order_key: None,
        dedup_key: Some(&key),
        priority: 10,
        run_at: at,
        max_tries: 10,
    };
    store::enqueue(conn, &new, now).map(|_id| ())
}

/// The first nine o'clock after an instant.
fn next_morning(now: DateTime<Utc>) -> DateTime<Utc> {
    let today = now.date_naive().and_hms_opt(HOUR_UTC, 0, 0).map(|at| at.and_utc());
    match today {
        Some(at) if at > now => at,
        Some(at) => at + TimeDelta::days(1),
        // One o'clock exists on every day of UTC.
        None => now + TimeDelta::days(1),
    }
}

#[cfg(test)]
mod tests {
    use super::next_morning;

    #[test]
    fn the_next_run_is_the_next_nine_o_clock_in_china() {
        for (now, next) in [
            ("2026-03-02T00:59:59Z", "2026-03-02T01:00:00Z"),
            ("2026-03-02T01:00:00Z", "2026-03-03T01:00:00Z"),
            ("2026-12-31T20:00:00Z", "2027-01-01T01:00:00Z"),
        ] {
            assert_eq!(next_morning(now.parse().unwrap()).to_rfc3339(), next.replace('Z', "+00:00"));
        }
    }
}
