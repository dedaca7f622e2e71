//! What a hub must do for a partner, asked one question after another from outside; each with a verdict, what was seen and the cure.
//!
//! Nothing is stored at the hub unless the suite may store: then one message, and a copy with a line break more. The questions stand in the order in which
//! somebody who connects for the first time would ask them.

mod content;
mod exchange;
mod proof;
mod reach;

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::compose::Letter;
use super::line::{Answered, Ask, Line, Reply, Travel};
use crate::clock;
use crate::error::{Code, Result};

/// What came of a question.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// As it should be.
    Passed,
    /// It works, but somebody should look at it.
    Doubtful,
    /// Not as it should be.
    Failed,
    /// Not asked, and why.
    Skipped,
}

/// One question and its answer.
#[derive(Debug, Clone, Serialize)]
pub struct Check {
    /// Stable name.
    pub name: &'static str,
    /// Chinese title.
    pub title: &'static str,
    /// What came of it.
    pub verdict: Verdict,
    /// What was seen, Chinese.
    pub seen: String,
    /// What to do, Chinese; none when nothing is to be done.
    pub cure: Option<String>,
}

/// What the suite works with.
pub struct Suite {
    /// The way to the hub.
    pub line: Line,
    /// A good message of the partner.
    pub letter: Letter,
    /// A bad one of the same kind, whose faults can be told.
    pub bad: Option<Letter>,
    /// Another partner the hub should know.
    pub other: Option<String>,
    /// A pull subscription of the partner.
    pub subscription: Option<String>,
    /// Bytes a message may have at the hub.
    pub limit: usize,
    /// Whether the good message may be stored.
    pub store: bool,
}

/// What a question comes to.
struct Finding(Verdict, String, Option<String>);

impl Finding {
    fn passed(seen: impl Into<String>) -> Self {
        Self(Verdict::Passed, seen.into(), None)
    }

    fn doubtful(seen: impl Into<String>, cure: impl Into<String>) -> Self {
        Self(Verdict::Doubtful, seen.into(), Some(cure.into()))
    }

    fn failed(seen: impl Into<String>, cure: impl Into<String>) -> Self {
        Self(Verdict::Failed, seen.into(), Some(cure.into()))
    }

    fn skipped(why: impl Into<String>) -> Self {
        Self(Verdict::Skipped, why.into(), None)
    }
}

type Question = fn(&Suite) -> Result<Finding>;

/// All questions. The first decides whether there is any sense in the others.
const QUESTIONS: &[(&str, &str, Question)] = &[
    ("reach", "能否连上", reach::reach),
    ("tls", "传输加密", reach::tls),
    ("clock", "双方时钟", reach::clocks),
    ("openapi", "接口描述", reach::openapi),
    ("codes", "错误码表", reach::error_codes),
    ("signature", "签名被认可", proof::accepted),
    ("signature_missing", "没有签名的被拒绝", proof::missing),
    ("signature_wrong", "签名不对的被拒绝", proof::wrong),
    ("body_changed", "正文被改的被拒绝", proof::changed),
    ("replay", "重放的被拒绝", proof::replayed),
    ("clock_off", "时间不对的被拒绝", proof::late),
    ("other_partner", "不能以别的单位的名义发送", proof::other),
    ("dry_run", "试算不入库", content::dry_run),
    ("bad_message", "坏报文指明错在哪里", content::bad),
    ("charset", "字符编码不对的被拒绝", content::charset),
    ("too_large", "过大的被拒绝", content::too_large),
    ("unknown_message", "没有的报文说得清", content::unknown_message),
    ("method", "方法不对的说得清", content::method),
    ("accept", "正式发送得到回执", exchange::accept),
    ("repeat", "重发不重复入库", exchange::repeat),
    ("idempotency_key", "幂等键不许换内容", exchange::idempotency),
    ("pull", "拉取变更", exchange::pull),
    ("reconciliation", "对账", exchange::reconciliation),
];

/// Asks everything, telling each check as it is made; the worst verdict. Holds one message of just over the limit at most.
///
/// # Errors
/// `setting` when the key is none of its scheme: then nothing can be asked.
pub fn verify(suite: &Suite, mut tell: impl FnMut(Check)) -> Result<Verdict> {
    let (mut worst, mut reached) = (Verdict::Passed, true);
    for (at, (name, title, ask)) in QUESTIONS.iter().enumerate() {
        let finding = if reached { ask(suite)? } else { Finding::skipped("连不上中枢，没有检查") };
        let Finding(verdict, seen, cure) = finding;
        if verdict == Verdict::Failed {
            worst = Verdict::Failed;
            reached = reached && at > 0;
        } else if verdict == Verdict::Doubtful && worst == Verdict::Passed {
            worst = Verdict::Doubtful;
        }
        tell(Check { name, title, verdict, seen, cure });
    }
    Ok(worst)
}

impl Suite {
    fn address(&self) -> String {
        format!("/api/v1/exchange/{}/{}", self.line.identity.partner, self.letter.message)
    }

    fn check_address(&self) -> String {
        format!("{}/check", self.address())
    }

    /// Whether the message is plain text all through.
    fn is_text(&self) -> bool {
        matches!(self.letter.content_type.as_str(), "application/json" | "application/xml" | "text/csv")
    }

    /// The letter about to be posted.
    fn ask<'a>(&'a self, path: &'a str, nonce: &'a str, at: DateTime<Utc>) -> Ask<'a> {
        let content_type = Some(self.letter.content_type.as_str());
        Ask { method: "POST", path, content_type, body: &self.letter.bytes, at, nonce }
    }

    /// Signs and sends a message to an address of the partner's.
    fn post(&self, path: &str, body: &[u8]) -> Result<Answered> {
        let nonce = clock::fresh_id();
        self.line.send(&Ask { body, ..self.ask(path, &nonce, clock::now()) }, Travel::Whole)
    }

    /// Signs and asks for something.
    fn get(&self, path: &str) -> Result<Answered> {
        let nonce = clock::fresh_id();
        let ask = Ask { method: "GET", path, content_type: None, body: b"", at: clock::now(), nonce: &nonce };
        self.line.send(&ask, Travel::Whole)
    }

    /// Asks for something unsigned.
    fn open(&self, path: &str) -> Answered {
        let ask = Ask { method: "GET", path, content_type: None, body: b"", at: clock::now(), nonce: "" };
        self.line.send_with(&ask, &[], Travel::Whole)
    }
}

/// The text at a place of an answer.
fn text(reply: &Reply, at: &str) -> String {
    reply.json().pointer(at).and_then(|it| it.as_str()).unwrap_or_default().to_owned()
}

/// An answer on one line.
fn shown(reply: &Reply) -> String {
    let (code, detail) = (text(reply, "/error/code"), text(reply, "/error/detail"));
    match code.as_str() {
        "" => {
            let start: String = String::from_utf8_lossy(&reply.body).chars().take(80).collect();
            format!("HTTP {} {}", reply.status, start.trim()).trim_end().to_owned()
        }
        _ => format!("HTTP {} {code} {}", reply.status, detail.lines().next().unwrap_or_default()),
    }
}

/// Whether something was refused as it should be: with its status and code, in the envelope, under a trace id.
fn refused(answered: &Answered, status: u16, code: Code, cure: &str) -> Finding {
    let reply = match answered {
        Ok(reply) => reply,
        Err(why) => return unanswered(why),
    };
    let is_right = reply.status == status
        && text(reply, "/error/code") == code.to_string()
        && !text(reply, "/error/trace_id").is_empty();
    match is_right {
        true => Finding::passed(shown(reply)),
        // Shut out, but at another door: whether this one is shut could not be seen.
        false if matches!(reply.status, 401 | 403) => Finding::doubtful(
            format!("被拒绝，但因别的缘故：{}", shown(reply)),
            "先让“签名被认可”通过，再查这一项",
        ),
        false => Finding::failed(format!("{}，应为 HTTP {status} {code}", shown(reply)), cure),
    }
}

fn unanswered(why: &str) -> Finding {
    Finding::failed(
        format!("没有答复：{why}"),
        "看中枢日志里这一刻的记录；中间有代理的，核对它是否截断或改写了请求",
    )
}
