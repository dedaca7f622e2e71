//! Counters of requests in the text form Prometheus reads; plain atomics, so that counting costs nothing.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// Upper bounds of the latency buckets, in milliseconds.
const BOUNDS_MS: [u64; 9] = [1, 5, 10, 50, 100, 500, 1_000, 5_000, 30_000];

/// One route and status.
#[derive(Default)]
struct Counter {
    count: AtomicU64,
    micros: AtomicU64,
    buckets: [AtomicU64; BOUNDS_MS.len()],
}

/// Method, route pattern, status.
type Label = (String, String, u16);

/// Request counters of one process.
#[derive(Default)]
pub struct Metrics {
    counters: Mutex<BTreeMap<Label, std::sync::Arc<Counter>>>,
}

impl Metrics {
    /// Counts one request.
    pub fn note(&self, method: &str, route: &str, status: u16, took: Duration) {
        let counter = {
            // A panic while the lock was held cannot leave the map half changed.
            let mut counters = self.counters.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            counters.entry((method.to_owned(), route.to_owned(), status)).or_default().clone()
        };
        counter.count.fetch_add(1, Ordering::Relaxed);
        let micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        counter.micros.fetch_add(micros, Ordering::Relaxed);
        let at = BOUNDS_MS.iter().position(|bound| micros <= bound * 1000);
        if let Some(bucket) = at.and_then(|at| counter.buckets.get(at)) {
            bucket.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// The text of all counters.
    #[must_use]
    pub fn text(&self) -> String {
        let counters = self.counters.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let mut out = String::from(
            "# HELP hub_http_request_duration_seconds Requests by route and status.\n\
             # TYPE hub_http_request_duration_seconds histogram\n",
        );
        for ((method, route, status), counter) in counters.iter() {
            let label = format!("method=\"{method}\",route=\"{route}\",status=\"{status}\"");
            write_one(&mut out, &label, counter);
        }
        out
    }
}

fn write_one(out: &mut String, label: &str, counter: &Counter) {
    let name = "hub_http_request_duration_seconds";
    let mut below = 0;
    for (bound, bucket) in BOUNDS_MS.iter().zip(&counter.buckets) {
        below += bucket.load(Ordering::Relaxed);
        let seconds = Duration::from_millis(*bound).as_secs_f64();
        // Writing to a String cannot fail.
        let _ = writeln!(out, "{name}_bucket{{{label},le=\"{seconds}\"}} {below}");
    }
    let count = counter.count.load(Ordering::Relaxed);
    let sum = Duration::from_micros(counter.micros.load(Ordering::Relaxed)).as_secs_f64();
    let _ = writeln!(out, "{name}_bucket{{{label},le=\"+Inf\"}} {count}");
    let _ = writeln!(out, "{name}_sum{{{label}}} {sum}\n{name}_count{{{label}}} {count}");
}

/// A gauge or counter without labels.
pub fn single(out: &mut String, name: &str, kind: &str, help: &str, value: impl std::fmt::Display) {
    let _ = writeln!(out, "# HELP {name} {help}\n# TYPE {name} {kind}\n{name} {value}");
}

#[cfg(test)]
mod tests {
    use super::Metrics;
    use std::time::Duration;

    #[test]
    fn buckets_are_cumulative_and_end_with_all() {
        let metrics = Metrics::default();
        for ms in [0, 3, 60, 99_999] {
            metrics.note("GET", "/healthz", 200, Duration::from_millis(ms));
        }
        let text = metrics.text();
        let label = "method=\"GET\",route=\"/healthz\",status=\"200\"";
        for line in [
            format!("_bucket{{{label},le=\"0.001\"}} 1"),
            format!("_bucket{{{label},le=\"0.005\"}} 2"),
            format!("_bucket{{{label},le=\"0.1\"}} 3"),
            format!("_bucket{{{label},le=\"30\"}} 3"),
            format!("_bucket{{{label},le=\"+Inf\"}} 4"),
            format!("_count{{{label}}} 4"),
        ] {
            assert!(text.contains(&line), "no {line} in\n{text}");
        }
    }
}
