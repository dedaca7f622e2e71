//! Sending letters one after another as a department's system does, with the misdeeds asked for.

use std::time::{Duration, Instant};

use serde::Serialize;
use serde_json::{Value, json};

use super::compose::Letter;
use super::line::{Answered, Ask, Line, Travel};
use super::manners::{Manners, Misdeed};
use crate::clock;
use crate::error::Result;

/// Misdeeds a sender can commit.
const POSSIBLE: &[Misdeed] =
    &[Misdeed::Slow, Misdeed::DropConnection, Misdeed::Duplicate, Misdeed::OutOfOrder];

/// How letters are sent.
#[derive(Debug, Clone, Default)]
pub struct Sending {
    /// Have them checked, nothing is stored.
    pub check: bool,
    /// Wait between two letters.
    pub pace: Duration,
    /// How long a letter is sent again when nothing or "later" was answered; zero gives up at once.
    pub patience: Duration,
    /// What goes wrong on purpose.
    pub manners: Manners,
}

/// What became of a letter.
#[derive(Debug, Clone, Serialize)]
pub struct Sent {
    /// Its number, from 1, in the order in which letters are made.
    pub n: u64,
    /// Message folder.
    pub message: String,
    /// Where it is from.
    pub from: String,
    /// How often it was sent.
    pub tries: u32,
    /// What was done wrong on purpose.
    pub misdeeds: Vec<Misdeed>,
    /// HTTP status; none when nothing was answered.
    pub status: Option<u16>,
    /// Milliseconds the last try took.
    pub ms: u64,
    /// Why nothing was answered, Chinese.
    pub failure: Option<String>,
    /// The receipt, or the error's envelope; null when nothing was answered.
    pub receipt: Value,
}

impl Sent {
    /// Whether the hub took it whole.
    #[must_use]
    pub fn is_taken(&self) -> bool {
        self.status == Some(200)
    }
}

/// Waits between tries, doubled each time up to the second.
const FIRST_WAIT: Duration = Duration::from_millis(100);
const LONGEST_WAIT: Duration = Duration::from_secs(2);

/// Sends the letters, telling of each as it is answered; holds two of them at most.
///
/// # Errors
/// What making a letter says; `setting` when the key is none of the scheme.
pub fn send(
    line: &Line,
    letters: impl Iterator<Item = Result<Letter>>,
    how: &Sending,
    mut tell: impl FnMut(Sent),
) -> Result<()> {
    let mut overtaken: Option<(u64, Letter)> = None;
    for (n, letter) in (1..).zip(letters) {
        let letter = letter?;
        let waiting = overtaken.take();
        if waiting.is_none() && how.manners.commit(Misdeed::OutOfOrder, n) {
            overtaken = Some((n, letter));
            continue;
        }
        for (n, letter) in [Some((n, letter)), waiting].into_iter().flatten() {
            post_all(line, n, &letter, how, &mut tell)?;
        }
    }
    match overtaken {
        Some((n, letter)) => post_all(line, n, &letter, how, &mut tell),
        None => Ok(()),
    }
}

/// One letter, and once more where it is sent twice.
fn post_all(line: &Line, n: u64, letter: &Letter, how: &Sending, tell: &mut impl FnMut(Sent)) -> Result<()> {
    let misdeeds = how.manners.all(POSSIBLE, n);
    let times = if misdeeds.contains(&Misdeed::Duplicate) { 2 } else { 1 };
    for _ in 0..times {
        tell(post(line, n, letter, how, &misdeeds)?);
        std::thread::sleep(how.pace);
    }
    Ok(())
}

fn post(line: &Line, n: u64, letter: &Letter, how: &Sending, misdeeds: &[Misdeed]) -> Result<Sent> {
    let check = if how.check { "/check" } else { "" };
    let path = format!("/api/v1/exchange/{}/{}{check}", line.identity.partner, letter.message);
    let whole = match misdeeds.contains(&Misdeed::Slow) {
        true => Travel::Paused(how.manners.slow_by),
        false => Travel::Whole,
    };
    let broken = misdeeds.contains(&Misdeed::DropConnection);
    if broken {
        // Whatever the hub makes of half a message, nobody is there to hear it.
        let _unheard = once(line, letter, &path, Travel::Broken)?;
    }
    let (until, mut wait) = (Instant::now() + how.patience, FIRST_WAIT);
    let mut tries = u32::from(broken);
    loop {
        tries += 1;
        let answer = once(line, letter, &path, whole)?;
        let again = answer.as_ref().map_or(true, |it| matches!(it.status, 429 | 503));
        if !again || Instant::now() + wait > until {
            return Ok(sent(n, letter, (tries, misdeeds), answer));
        }
        std::thread::sleep(wait);
        wait = (wait * 2).min(LONGEST_WAIT);
    }
}

fn once(line: &Line, letter: &Letter, path: &str, travel: Travel) -> Result<Answered> {
    let ask = Ask {
        method: "POST",
        path,
        content_type: Some(&letter.content_type),
        body: &letter.bytes,
        at: clock::now(),
        nonce: &clock::fresh_id(),
    };
    let mut headers = line.sign(&ask)?;
    headers.push(("Idempotency-Key", letter.idempotency_key()?));
    Ok(line.send_with(&ask, &headers, travel))
}

fn sent(n: u64, letter: &Letter, (tries, misdeeds): (u32, &[Misdeed]), answer: Answered) -> Sent {
    let mut sent = Sent {
        n,
        message: letter.message.clone(),
        from: letter.from.clone(),
        tries,
        misdeeds: misdeeds.to_vec(),
        status: None,
        ms: 0,
        failure: None,
        receipt: json!(null),
    };
    match answer {
        Ok(reply) => {
            sent.receipt = reply.json();
            sent.status = Some(reply.status);
            sent.ms = u64::try_from(reply.took.as_millis()).unwrap_or(u64::MAX);
        }
        Err(why) => sent.failure = Some(why),
    }
    sent
}
