//! How often one address may ask what anybody may ask: a bucket for each address that fills again with time.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Mutex;
use std::time::{Duration, Instant};

/// Questions at once.
const BURST: f64 = 20.0;
/// Questions a second in the long run.
const RATE: f64 = 0.5;
/// Addresses remembered at most; at 32 bytes each about 2 MiB. Beyond that the full buckets are forgotten first.
const ADDRESSES: usize = 50_000;

/// The buckets.
#[derive(Debug, Default)]
pub struct Throttle(Mutex<HashMap<IpAddr, (f64, Instant)>>);

impl Throttle {
    /// Whether this address may ask now; if not, how long it should wait.
    ///
    /// # Errors
    /// The time to wait.
    pub fn ask(&self, from: IpAddr, now: Instant) -> Result<(), Duration> {
        let mut buckets = match self.0.lock() {
            Ok(buckets) => buckets,
            // A thread that died while counting leaves counts, which are as good as any.
            Err(poisoned) => poisoned.into_inner(),
        };
        if buckets.len() >= ADDRESSES && !buckets.contains_key(&from) {
            buckets.retain(|_, (left, at)| filled(*left, *at, now) < BURST);
            if buckets.len() >= ADDRESSES {
                return Err(Duration::from_secs(1));
            }
        }
        let (left, at) = buckets.entry(from).or_insert((BURST, now));
        *left = filled(*left, *at, now);
        *at = now;
        if *left < 1.0 {
            return Err(Duration::from_secs_f64((1.0 - *left) / RATE));
        }
        *left -= 1.0;
        Ok(())
    }
}

fn filled(left: f64, at: Instant, now: Instant) -> f64 {
    (left + now.saturating_duration_since(at).as_secs_f64() * RATE).min(BURST)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_is_let_through_and_then_one_every_two_seconds() {
        let (throttle, start) = (Throttle::default(), Instant::now());
        let (one, other): (IpAddr, IpAddr) = ([192, 0, 2, 1].into(), [192, 0, 2, 2].into());
        assert_eq!((0..30).filter(|_| throttle.ask(one, start).is_ok()).count(), 20);
        assert_eq!(throttle.ask(one, start), Err(Duration::from_secs(2)));
        assert!(throttle.ask(other, start).is_ok(), "each address has its own bucket");
        let later = start + Duration::from_secs(4);
        assert_eq!((0..30).filter(|_| throttle.ask(one, later).is_ok()).count(), 2);
    }
}
