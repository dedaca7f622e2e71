//! A partner's answer held against `accept`: HTTP 200 with a failure inside is a failure.

use super::super::Mapping;
use super::super::reading::Hints;
use super::super::unwrap;
use super::Run;
use crate::error::codes::mapping as codes;
use crate::error::{Problem, Severity};
use crate::format::{self, Format};

impl Mapping {
    /// Whether the mapping says by which status a message counts as a success.
    #[must_use]
    pub fn has_accept(&self) -> bool {
        !self.accept.is_empty() && !self.is_table()
    }

    /// Reads no more of an answer than its status, and says what the partner said when it is no success.
    ///
    /// # Errors
    /// The answer cannot be read, or a rule of `accept` does not hold; the finding carries the partner's own words where the
    /// rule names their place.
    pub fn judge(&self, bytes: &[u8], hints: &Hints) -> Result<(), Problem> {
        let mut spec = self.format.spec.clone();
        spec.header_charset = hints.charset();
        let mut document = format::read(bytes, &spec).map_err(first)?;
        let found = unwrap::all(&mut document.tree, &self.unwrap, self.format.names, &spec);
        if let Some(bad) = found.into_iter().find(|it| it.severity == Severity::Error) {
            return Err(bad);
        }
        let run = Run::new(self, &document.tree);
        if let Some(problem) = run.expired() {
            return Err(problem);
        }
        let failed = self.accept.iter().find(|it| !run.holds(it, 0));
        failed.map_or(Ok(()), |it| Err(run.status_problem(it, 0, codes::MESSAGE_STATUS)))
    }

    /// The media type a message of this mapping is sent with.
    #[must_use]
    pub fn media_type(&self) -> &'static str {
        match self.format.spec.format {
            Format::Xml => "application/xml",
            Format::Json => "application/json",
            Format::Csv => "text/csv",
            Format::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            Format::Form => "application/x-www-form-urlencoded",
            Format::Frame => "application/octet-stream",
        }
    }
}

fn first(problems: Vec<Problem>) -> Problem {
    problems.into_iter().find(|it| it.severity == Severity::Error).unwrap_or_else(|| {
        Problem::error(codes::MESSAGE_STATUS, "对方的答复读不出来。", "请对方核对答复的格式。")
    })
}

impl Mapping {
    /// Why records of a kind cannot be sent in this message; none when they can.
    #[must_use]
    pub fn cannot_send(&self, kind: crate::model::KindId) -> Option<String> {
        if !self.is_reversible() {
            return Some(format!("“{}”的映射没有声明可以写出（[write]）", self.title));
        }
        if !self.records.iter().any(|it| it.kind == kind) {
            return Some(format!("“{}”里没有这类记录的位置", self.title));
        }
        if self.format.spec.format == Format::Frame {
            return Some(format!("“{}”是定长报文，只能经定长报文通道发送", self.title));
        }
        let given: Vec<&str> = self.arguments().collect();
        (!given.is_empty())
            .then(|| format!("写“{}”需要调用方给出 {}，订阅给不出", self.title, given.join("、")))
    }
}
