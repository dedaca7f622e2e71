//! How long to wait before the next try: doubling, bounded, and spread so that many failures do not come back as one wave.

use std::time::Duration;

use chrono::TimeDelta;

/// The longest wait between two tries of a delivery; the last step of the Svix schedule is 10 h, which is longer than a
/// working day leaves people to mend things.
const LONGEST_TRY: Duration = Duration::from_secs(6 * 3600);

/// The longest time a circuit stays open before one delivery tries the way again.
const LONGEST_OPEN: Duration = Duration::from_secs(600);

/// Wait before the next try of a delivery that was tried `tries` times. `random` spreads it over the upper half.
pub(super) fn next_try(base: Duration, tries: i32, random: u16) -> TimeDelta {
    wait(base, tries, random, LONGEST_TRY)
}

/// How long a circuit that opened for the `opened`th time stays open.
pub(super) fn stay_open(base: Duration, opened: i32, random: u16) -> TimeDelta {
    wait(base, opened, random, LONGEST_OPEN)
}

fn wait(base: Duration, n: i32, random: u16, longest: Duration) -> TimeDelta {
    let power = u32::try_from(n.clamp(1, 30) - 1).unwrap_or_default();
    let whole = base.saturating_mul(2_u32.saturating_pow(power)).min(longest);
    let half = whole / 2;
    let spread = half.mul_f64(f64::from(random) / f64::from(u16::MAX));
    TimeDelta::from_std(half + spread).unwrap_or(TimeDelta::hours(6))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_within_their_half_and_stop_growing() {
        let base = Duration::from_secs(5);
        let ms = |n, random| next_try(base, n, random).num_milliseconds();
        assert_eq!((ms(1, 0), ms(1, u16::MAX)), (2_500, 5_000));
        assert_eq!((ms(4, 0), ms(4, u16::MAX)), (20_000, 40_000));
        assert_eq!(ms(99, u16::MAX), 6 * 3_600_000);
        assert_eq!(ms(0, u16::MAX), 5_000, "never tried counts as once");
        assert_eq!(stay_open(base, 99, u16::MAX), TimeDelta::minutes(10));
    }
}
