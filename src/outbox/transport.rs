//! The network: one signed request to a partner and what came back. The only place that sends.

mod guard;

pub use guard::Allow;

use std::sync::atomic::{AtomicI32, Ordering};
use std::time::{Duration, Instant as Watch};

use chrono::{DateTime, Utc};
use futures_util::StreamExt;
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderValue, RETRY_AFTER, USER_AGENT};

use super::build::Parcel;
use super::judge::judge;
use super::seal::seal;
use super::turn::{Done, Go};
use super::{Outbox, Settings};
use crate::error::{Error, Result};

/// An answer is read so far and no farther; what partners answer is a status, not data.
const ANSWER_LIMIT: usize = 256 * 1024;

/// The longest wait a partner may ask for; longer ones are cut.
const LONGEST_RETRY_AFTER: Duration = Duration::from_secs(24 * 3600);

/// What came back.
#[derive(Debug, Clone, Default)]
pub struct Answer {
    /// HTTP status; none when nothing was answered.
    pub status: Option<u16>,
    /// How long the partner asks to be left alone.
    pub retry_after: Option<Duration>,
    /// `Content-Type`.
    pub content_type: Option<String>,
    /// Body, at most 256 KiB.
    pub body: Vec<u8>,
    /// From the first byte sent to the last one read.
    pub took: Duration,
    /// What went wrong where nothing was answered, for people.
    pub error: Option<String>,
}

/// Sends to all partners; keeps connections open between requests.
#[derive(Clone)]
pub struct Transport {
    client: reqwest::Client,
    allow: Allow,
    concurrency: usize,
    breaker: i32,
}

impl Transport {
    /// # Errors
    /// `internal` when TLS cannot be set up.
    pub fn new(settings: &Settings) -> Result<Self> {
        let client = reqwest::Client::builder()
            .timeout(settings.timeout)
            .connect_timeout(settings.timeout.min(Duration::from_secs(5)))
            // Where data goes is agreed; an answer cannot send it elsewhere.
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .pool_max_idle_per_host(settings.concurrency)
            .build()
            .map_err(Error::internal)?;
        Ok(Self {
            client,
            allow: settings.allow.clone(),
            concurrency: settings.concurrency.max(1),
            breaker: settings.breaker.max(1),
        })
    }

    /// Sends what one turn took, a few at a time. Once the way failed so often in a row that the circuit is to open, the rest
    /// is left unsent: it waits as it is and no try is counted.
    pub async fn send_all(
        &self,
        outbox: &Outbox,
        go: &Go,
        parcels: Vec<Parcel>,
        now: impl Fn() -> DateTime<Utc> + Copy,
    ) -> Vec<Done> {
        let failures = AtomicI32::new(go.failures);
        let sent = futures_util::stream::iter(parcels.into_iter().map(|parcel| {
            let failures = &failures;
            async move {
                if failures.load(Ordering::Relaxed) >= self.breaker {
                    return None;
                }
                let done = self.deliver(outbox, go, parcel, now()).await;
                match done.verdict.is_failure_of_way() {
                    true => failures.fetch_add(1, Ordering::Relaxed),
                    false => failures.swap(0, Ordering::Relaxed),
                };
                Some(done)
            }
        }));
        sent.buffer_unordered(self.concurrency).filter_map(|it| async { it }).collect().await
    }

    async fn deliver(&self, outbox: &Outbox, go: &Go, parcel: Parcel, now: DateTime<Utc>) -> Done {
        let answer =
            match seal(parcel.delivery.id.as_str(), now, &parcel.body, &go.secrets, outbox.sm2.as_ref()) {
                Ok(headers) => self.send(&parcel, headers).await,
                Err(error) => Answer { error: Some(error.detail), ..Answer::default() },
            };
        let mapping =
            parcel.answer.as_deref().and_then(|it| outbox.mappings.get(parcel.delivery.partner.as_str(), it));
        let verdict = judge(&answer, mapping);
        Done::sent(parcel, &answer, verdict, now)
    }

    async fn send(&self, parcel: &Parcel, headers: [(&'static str, String); 3]) -> Answer {
        let watch = Watch::now();
        // Checked before every request: the list may have become shorter since the subscription was made.
        let url = match self.allow.check(&parcel.url) {
            Ok(url) => url,
            Err(error) => return Answer { error: Some(error.detail), ..Answer::default() },
        };
        let mut request = self
            .client
            .post(url)
            .header(CONTENT_TYPE, HeaderValue::from_static(parcel.media_type))
            .header(USER_AGENT, HeaderValue::from_static(concat!("hub/", env!("CARGO_PKG_VERSION"))));
        for (name, value) in headers {
            request = request.header(name, value);
        }
        let answer = match request.body(parcel.body.clone()).send().await {
            Ok(response) => read(response).await,
            Err(error) => Answer { error: Some(why(&error)), ..Answer::default() },
        };
        Answer { took: watch.elapsed(), ..answer }
    }
}

async fn read(mut response: reqwest::Response) -> Answer {
    let mut answer = Answer {
        status: Some(response.status().as_u16()),
        retry_after: retry_after(response.headers()),
        content_type: response.headers().get(CONTENT_TYPE).and_then(|it| Some(it.to_str().ok()?.to_owned())),
        ..Answer::default()
    };
    loop {
        match response.chunk().await {
            Ok(Some(bytes)) if answer.body.len() < ANSWER_LIMIT => {
                let room = ANSWER_LIMIT - answer.body.len();
                answer.body.extend(bytes.iter().take(room));
            }
            Ok(_) => return answer,
            // The status alone does not say that it was taken: the partner's own word may have been in what was lost.
            Err(error) => return Answer { status: None, error: Some(why(&error)), ..answer },
        }
    }
}

/// Seconds, or a date (RFC 9110 §10.2.3); a date is counted from the answer's own `Date`, since clocks differ.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let text = |name: &str| headers.get(name)?.to_str().ok();
    let said = text(RETRY_AFTER.as_str())?.trim();
    let wait = match said.parse::<u64>() {
        Ok(seconds) => Duration::from_secs(seconds),
        Err(_no_number) => {
            let at = DateTime::parse_from_rfc2822(said).ok()?;
            let now = DateTime::parse_from_rfc2822(text("date")?).ok()?;
            (at - now).to_std().ok()?
        }
    };
    Some(wait.min(LONGEST_RETRY_AFTER))
}

fn why(error: &reqwest::Error) -> String {
    if error.is_timeout() {
        "对方没有在限定时间内答复".to_owned()
    } else if error.is_connect() {
        "连不上对方".to_owned()
    } else {
        "与对方的连接中断".to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wait_is_read_in_both_spellings_and_bounded() {
        let wait = |pairs: &[(&'static str, &'static str)]| {
            let mut headers = HeaderMap::new();
            for (name, value) in pairs {
                headers.insert(*name, HeaderValue::from_static(value));
            }
            retry_after(&headers).map(|it| it.as_secs())
        };
        assert_eq!(wait(&[("retry-after", "120")]), Some(120));
        assert_eq!(wait(&[("retry-after", "99999999")]), Some(86_400));
        let date = ("date", "Wed, 21 Oct 2026 07:28:00 GMT");
        assert_eq!(wait(&[("retry-after", "Wed, 21 Oct 2026 07:29:30 GMT"), date]), Some(90));
        assert_eq!(wait(&[("retry-after", "Wed, 21 Oct 2026 07:00:00 GMT"), date]), None, "in the past");
        assert_eq!(wait(&[("retry-after", "soon")]), None);
        assert_eq!(wait(&[]), None);
    }
}
