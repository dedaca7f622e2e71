//! How a played partner behaves: which misdeeds it commits and how often.

use std::time::Duration;

use super::chance::Chance;

/// What a partner's system may do wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Misdeed {
    /// Receiving: takes its time before it answers. Sending: stops in the middle of the body for as long.
    Slow,
    /// Receiving: does not take the delivery and answers HTTP 500 with a page of HTML.
    WrongAnswer,
    /// Receiving: takes the delivery, then closes the connection without an answer. Sending: closes it in the middle of the body, then
    /// sends again.
    DropConnection,
    /// Sending: sends the same message twice.
    Duplicate,
    /// Sending: lets the next message overtake this one.
    OutOfOrder,
}

impl Misdeed {
    const ALL: [Self; 5] =
        [Self::Slow, Self::WrongAnswer, Self::DropConnection, Self::Duplicate, Self::OutOfOrder];

    /// Chinese title.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Slow => "慢",
            Self::WrongAnswer => "答错",
            Self::DropConnection => "断线",
            Self::Duplicate => "重复",
            Self::OutOfOrder => "乱序",
        }
    }
}

/// How a partner behaves. The default is flawless.
#[derive(Debug, Clone, Default)]
pub struct Manners {
    /// How often it is slow.
    pub slow: Chance,
    /// And by how much.
    pub slow_by: Duration,
    /// How often it answers wrongly.
    pub wrong_answer: Chance,
    /// How often it drops the connection.
    pub drop_connection: Chance,
    /// How often it sends twice.
    pub duplicate: Chance,
    /// How often a message is overtaken.
    pub out_of_order: Chance,
    /// The same seed brings the same misdeeds at the same times.
    pub seed: u64,
}

impl Manners {
    /// Whether a misdeed is committed at the `n`-th time, counted from 1.
    #[must_use]
    pub fn commit(&self, misdeed: Misdeed, n: u64) -> bool {
        let chance = match misdeed {
            Misdeed::Slow => self.slow,
            Misdeed::WrongAnswer => self.wrong_answer,
            Misdeed::DropConnection => self.drop_connection,
            Misdeed::Duplicate => self.duplicate,
            Misdeed::OutOfOrder => self.out_of_order,
        };
        chance.happens(n, self.seed, misdeed as u64)
    }

    /// The misdeeds among `possible` of the `n`-th time.
    pub(super) fn all(&self, possible: &[Misdeed], n: u64) -> Vec<Misdeed> {
        let committed = |it: &Misdeed| possible.contains(it) && self.commit(*it, n);
        Misdeed::ALL.into_iter().filter(|it| committed(it)).collect()
    }
}
