//! How often something happens, and a throw that comes out the same under the same seed.

use std::str::FromStr;

/// How often something happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Chance {
    /// Not at all.
    #[default]
    Never,
    /// At every n-th time: the n-th, the 2n-th and so on.
    Every(u32),
    /// In so many of a thousand, spread by the seed.
    Share(u16),
}

impl FromStr for Chance {
    type Err = String;

    /// `5` is every fifth time, `20%` and `2.5%` a share.
    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || "请写成 5（每 5 次一次）或 20%（约占两成）".to_owned();
        match text.trim().strip_suffix('%') {
            None => match text.trim().parse() {
                Ok(n) if n > 0 => Ok(Self::Every(n)),
                _ => Err(wrong()),
            },
            Some(share) => {
                let (whole, tenth) = share.split_once('.').unwrap_or((share, "0"));
                let digits =
                    |it: &str| it.bytes().all(|b| b.is_ascii_digit()).then(|| it.parse::<u16>().ok());
                match (digits(whole).flatten(), digits(tenth).flatten()) {
                    (Some(whole), Some(tenth))
                        if whole <= 100 && tenth < 10 && whole * 10 + tenth <= 1000 =>
                    {
                        Ok(Self::Share(whole * 10 + tenth))
                    }
                    _ => Err(wrong()),
                }
            }
        }
    }
}

impl Chance {
    /// Whether it happens at the `n`-th time, counted from 1. `seed` and `what` spread the shares.
    pub(super) fn happens(self, n: u64, seed: u64, what: u64) -> bool {
        match self {
            Self::Never => false,
            Self::Every(every) => n.is_multiple_of(u64::from(every)),
            Self::Share(share) => thrown(seed, what, n) % 1000 < u64::from(share),
        }
    }
}

/// A number that looks random and is the same for the same three: `SplitMix64`'s output function (Steele, Lea, Flood 2014) over each
/// in turn.
fn thrown(seed: u64, what: u64, n: u64) -> u64 {
    [what, n].into_iter().fold(mixed(seed), |state, it| mixed(state ^ mixed(it)))
}

fn mixed(state: u64) -> u64 {
    let z = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// First outputs of `SplitMix64` for seed 1234567, as published with the reference implementation.
    #[test]
    fn the_published_numbers_come_out() {
        assert_eq!(mixed(1_234_567), 6_457_827_717_110_365_317);
        assert_eq!(mixed(1_234_567_u64.wrapping_add(0x9E37_79B9_7F4A_7C15)), 3_203_168_211_198_807_973);
    }

    #[test]
    fn chances_are_read_and_wrong_ones_refused() {
        assert_eq!("5".parse(), Ok(Chance::Every(5)));
        assert_eq!("20%".parse(), Ok(Chance::Share(200)));
        assert_eq!("2.5%".parse(), Ok(Chance::Share(25)));
        for wrong in ["0", "", "-1", "101%", "a%", "%", "1.25%", "4294967295%"] {
            assert!(wrong.parse::<Chance>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_share_is_kept_and_repeats_under_its_seed() {
        let times =
            |seed| (1..=10_000).filter(|n| Chance::Share(200).happens(*n, seed, 1)).collect::<Vec<_>>();
        let first = times(7);
        assert!((1_800..2_200).contains(&first.len()), "{}", first.len());
        assert_eq!(first, times(7));
        assert_ne!(first, times(8));
        let every: Vec<u64> = (1..=10).filter(|n| Chance::Every(4).happens(*n, 7, 1)).collect();
        assert_eq!(every, [4, 8]);
        assert!(!(1..=100).any(|n| Chance::Never.happens(n, 7, 1)));
    }
}
