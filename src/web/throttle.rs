//! How often somebody may ask: a bucket for each asker that fills again with time.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::Mutex;
use std::time::{Duration, Instant};

/// Askers remembered at most; at 32 bytes each about 2 MiB. Beyond that the full buckets are forgotten first.
const ASKERS: usize = 50_000;

/// How much an asker may.
#[derive(Debug, Clone, Copy)]
pub struct Pace {
    /// Questions at once.
    pub burst: f64,
    /// Questions a second in the long run.
    pub rate: f64,
}

impl Pace {
    /// So many a minute, all of them at once if need be.
    #[must_use]
    pub fn per_minute(n: u32) -> Self {
        Self { burst: f64::from(n.max(1)), rate: f64::from(n.max(1)) / 60.0 }
    }
}

/// The buckets.
#[derive(Debug)]
pub struct Throttle<K>(Mutex<HashMap<K, Bucket>>);

#[derive(Debug)]
struct Bucket {
    left: f64,
    at: Instant,
    pace: Pace,
}

impl Bucket {
    fn filled(&self, now: Instant) -> f64 {
        let since = now.saturating_duration_since(self.at).as_secs_f64();
        (self.left + since * self.pace.rate).min(self.pace.burst)
    }
}

impl<K> Default for Throttle<K> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<K: Eq + Hash> Throttle<K> {
    /// Whether this asker may ask now; if not, how long it should wait.
    ///
    /// # Errors
    /// The time to wait.
    pub fn ask(&self, asker: K, pace: Pace, now: Instant) -> Result<(), Duration> {
        let mut buckets = match self.0.lock() {
            Ok(buckets) => buckets,
            // A thread that died while counting leaves counts, which are as good as any.
            Err(poisoned) => poisoned.into_inner(),
        };
        if buckets.len() >= ASKERS && !buckets.contains_key(&asker) {
            buckets.retain(|_, it| it.filled(now) < it.pace.burst);
            if buckets.len() >= ASKERS {
                return Err(Duration::from_secs(1));
            }
        }
        let bucket = buckets.entry(asker).or_insert(Bucket { left: pace.burst, at: now, pace });
        bucket.pace = pace;
        bucket.left = bucket.filled(now);
        bucket.at = now;
        if bucket.left < 1.0 {
            return Err(Duration::from_secs_f64((1.0 - bucket.left) / pace.rate));
        }
        bucket.left -= 1.0;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;

    use super::*;

    #[test]
    fn a_burst_is_let_through_and_then_one_every_two_seconds() {
        let (throttle, start) = (Throttle::default(), Instant::now());
        let pace = Pace { burst: 20.0, rate: 0.5 };
        let (one, other): (IpAddr, IpAddr) = ([192, 0, 2, 1].into(), [192, 0, 2, 2].into());
        assert_eq!((0..30).filter(|_| throttle.ask(one, pace, start).is_ok()).count(), 20);
        assert_eq!(throttle.ask(one, pace, start), Err(Duration::from_secs(2)));
        assert!(throttle.ask(other, pace, start).is_ok());
        let later = start + Duration::from_secs(2);
        assert!(throttle.ask(one, pace, later).is_ok());
        assert!(throttle.ask(one, pace, later).is_err());
    }

    #[test]
    fn a_changed_pace_counts_from_the_next_question() {
        let (throttle, start) = (Throttle::default(), Instant::now());
        let ask = |n| throttle.ask("tax", Pace::per_minute(n), start);
        assert!((0..5).all(|_| ask(600).is_ok()));
        assert!(ask(1).is_ok(), "what is left counts, up to the new measure");
        assert!(ask(1).is_err());
    }
}
