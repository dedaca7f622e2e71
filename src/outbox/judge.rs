//! What an answer means: arrived, refused, again later, or never again.

use std::time::Duration;

use super::transport::Answer;
use crate::error::codes;
use crate::mapping::{Hints, Mapping};

/// What an answer means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// The partner took it.
    Arrived,
    /// The partner will not take this delivery as it is; others may well pass.
    Refused(String),
    /// The partner said no in its own words; it may say yes later, so it is asked a few times.
    Declined(String),
    /// Nothing gets through to the partner now; the time it asked for, where it did.
    Failed(String, Option<Duration>),
    /// HTTP 410: the partner wants nothing more here.
    Gone,
}

/// How often a partner that declines in its own words is asked before a person must decide.
pub(super) const DECLINED_TRIES: i32 = 4;

impl Verdict {
    /// Whether the failure is of the way rather than of this delivery.
    #[must_use]
    pub fn is_failure_of_way(&self) -> bool {
        matches!(self, Self::Failed(..) | Self::Gone)
    }
}

/// Judges an answer. `mapping` is the message whose `accept` rules the partner's own status follows.
#[must_use]
pub fn judge(answer: &Answer, mapping: Option<&Mapping>) -> Verdict {
    let Some(status) = answer.status else {
        return Verdict::Failed(answer.error.clone().unwrap_or_else(|| "没有答复".to_owned()), None);
    };
    match status {
        200..=299 => own_word(answer, mapping),
        410 => Verdict::Gone,
        // Redirects are not followed: where a partner's data goes is agreed, not told by an answer.
        300..=399 => Verdict::Failed(format!("对方要求转到别处（HTTP {status}），中枢不跟随转向"), None),
        // Not found and not admitted are settings at one of the two ends, the same for every delivery.
        401 | 403 | 404 | 407 | 408 | 425 | 429 | 500.. => {
            Verdict::Failed(format!("对方答复 HTTP {status}"), answer.retry_after)
        }
        _ => Verdict::Refused(format!("对方答复 HTTP {status}，不接受这份数据")),
    }
}

fn own_word(answer: &Answer, mapping: Option<&Mapping>) -> Verdict {
    let Some(mapping) = mapping else { return Verdict::Arrived };
    let hints = Hints { content_type: answer.content_type.clone(), now: None, ..Hints::default() };
    match mapping.judge(&answer.body, &hints) {
        Ok(()) => Verdict::Arrived,
        // The credential is of the way: the delivery is as good as before once it is renewed.
        Err(problem) if problem.code == codes::mapping::MESSAGE_EXPIRED => {
            Verdict::Failed(problem.rule, None)
        }
        Err(problem) => Verdict::Declined(problem.rule),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_is_of_the_way_or_of_the_delivery() {
        let told = |status: u16| {
            let retry_after = Some(Duration::from_secs(7));
            judge(&Answer { status: Some(status), retry_after, ..Answer::default() }, None)
        };
        assert_eq!(told(204), Verdict::Arrived);
        assert_eq!(told(410), Verdict::Gone);
        for status in [400, 409, 413, 422] {
            assert!(matches!(told(status), Verdict::Refused(_)), "{status}");
        }
        for status in [301, 401, 404, 500, 502] {
            assert!(told(status).is_failure_of_way(), "{status}");
        }
        for status in [429, 503] {
            assert!(
                matches!(told(status), Verdict::Failed(_, Some(after)) if after.as_secs() == 7),
                "{status}"
            );
        }
        let silent = Answer { error: Some("超时".to_owned()), ..Answer::default() };
        assert_eq!(judge(&silent, None), Verdict::Failed("超时".to_owned(), None));
    }
}
