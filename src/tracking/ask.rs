//! A deed as a form, the API or the command line says it: one flat set of fields, read into the deed that is meant.

use chrono::NaiveDate;
use serde::Deserialize;

use super::due::{self, Due};
use super::event::{Deed, Report};
use super::period::Period;
use crate::error::{Error, Result, codes::task as code};

/// What somebody asks to be done. Fields that a deed does not use are left alone.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ask {
    /// Which deed: stable name (`reported`) or what people call it (进度填报).
    pub deed: String,
    /// 本期进展, 完成情况, reason or opinion.
    #[serde(default)]
    pub text: String,
    /// New deadline, as people write it: 2026-12-31, 2026年6月底, 15个工作日.
    #[serde(default)]
    pub due: Option<String>,
    /// 完成比例.
    #[serde(default)]
    pub percent: Option<u16>,
    /// 存在问题.
    #[serde(default)]
    pub problems: String,
    /// 下步打算.
    #[serde(default)]
    pub next: String,
    /// 佐证.
    #[serde(default)]
    pub evidence: Vec<String>,
    /// 填报期, `2026-10`; none lets the day decide.
    #[serde(default)]
    pub period: Option<String>,
    /// The version the asker saw.
    #[serde(default)]
    pub seen: Option<i32>,
}

/// Deeds that may be asked for: stable name, title.
pub const DEEDS: &[(&str, &str)] = &[
    ("received", "签收"),
    ("reported", "进度填报"),
    ("extension_requested", "申请延期"),
    ("extension_approved", "同意延期"),
    ("extension_refused", "不同意延期"),
    ("completion_requested", "申请办结"),
    ("completion_approved", "复核办结"),
    ("completion_refused", "复核退回"),
    ("request_withdrawn", "撤回申请"),
    ("completed", "直接办结"),
    ("reopened", "退回重办"),
    ("closed", "销号"),
    ("paused", "暂缓"),
    ("resumed", "恢复办理"),
];

impl Ask {
    /// The deed that is meant. Spans such as 15个工作日 run from `today`.
    pub fn into_deed(self, today: NaiveDate) -> Result<Deed> {
        let asked = self.deed.trim();
        let known = DEEDS.iter().find(|(name, title)| *name == asked || *title == asked);
        let Some((name, _)) = known else {
            let all: Vec<_> = DEEDS.iter().map(|(name, title)| format!("{name}（{title}）")).collect();
            return Err(Error::new(
                code::UNKNOWN_DEED,
                format!("没有“{asked}”这种办理；可用：{}。", all.join("、")),
            ));
        };
        self.read(name, today)
    }

    fn read(self, name: &str, today: NaiveDate) -> Result<Deed> {
        let due = self.due(today)?;
        let text = self.text.trim().to_owned();
        let evidence: Vec<String> =
            self.evidence.iter().map(|item| item.trim().to_owned()).filter(|item| !item.is_empty()).collect();
        Ok(match name {
            "received" => Deed::Received,
            "reported" => Deed::Reported(Report {
                period: self.period()?,
                percent: self.percent()?,
                progress: text,
                problems: self.problems.trim().to_owned(),
                next: self.next.trim().to_owned(),
                evidence,
            }),
            "extension_requested" => {
                let due = due.ok_or_else(|| Error::new(code::DUE_NOT_LATER, "请填写申请的时限。"))?;
                Deed::ExtensionRequested { due, reason: text }
            }
            "extension_approved" => Deed::ExtensionApproved { comment: text },
            "extension_refused" => Deed::ExtensionRefused { reason: text },
            "completion_requested" => Deed::CompletionRequested { statement: text, evidence },
            "completion_approved" => Deed::CompletionApproved { comment: text },
            "completion_refused" => Deed::CompletionRefused { reason: text },
            "request_withdrawn" => Deed::RequestWithdrawn,
            "completed" => Deed::Completed { comment: text },
            "reopened" => Deed::Reopened { reason: text },
            "closed" => Deed::Closed,
            "paused" => Deed::Paused { reason: text },
            _ => Deed::Resumed { due },
        })
    }

    fn due(&self, today: NaiveDate) -> Result<Option<Due>> {
        due::parse(self.due.as_deref().unwrap_or_default(), today).map_err(|text| {
            Error::new(
                code::DUE_UNREADABLE,
                format!("时限“{text}”读不懂，请写成 2026年12月31日、2026年12月底或 15个工作日。"),
            )
        })
    }

    fn percent(&self) -> Result<u8> {
        let asked = self
            .percent
            .ok_or_else(|| Error::new(code::PERCENT_RANGE, "请填写完成比例，0 至 100 的整数。"))?;
        // More than a byte holds is more than a hundred; the state room refuses it with the number.
        Ok(u8::try_from(asked).unwrap_or(u8::MAX))
    }

    fn period(&self) -> Result<Option<Period>> {
        let text = self.period.as_deref().map(str::trim).filter(|text| !text.is_empty());
        text.map(|text| {
            Period::parse(text).ok_or_else(|| {
                Error::new(code::PERIOD_CLOSED, format!("填报期“{text}”读不懂，请写成 2026-10。"))
            })
        })
        .transpose()
    }
}

#[cfg(test)]
mod tests {
    use super::{Ask, DEEDS};
    use crate::error::codes::task as code;
    use crate::tracking::due::Due;
    use crate::tracking::event::Deed;
    use crate::tracking::fixture::day;

    fn ask(json: &str) -> crate::error::Result<Deed> {
        serde_json::from_str::<Ask>(json).unwrap().into_deed(day("2026-03-02"))
    }

    #[test]
    fn every_deed_can_be_asked_for_by_either_name() {
        for (name, title) in DEEDS {
            for asked in [name, title] {
                let json = format!(r#"{{"deed":"{asked}","percent":1,"due":"2026-12-31"}}"#);
                assert_eq!(ask(&json).unwrap().code(), *name);
                assert_eq!(ask(&json).unwrap().title(), *title);
            }
        }
    }

    #[test]
    fn a_report_and_a_request() {
        let Deed::Reported(report) =
            ask(r#"{"deed":"进度填报","percent":60,"text":" 已登记 6 处 ","evidence":[""," 台账 "],"period":"2026-02"}"#).unwrap()
        else {
            panic!()
        };
        assert_eq!((report.percent, report.progress.as_str()), (60, "已登记 6 处"));
        assert_eq!(report.evidence, ["台账"]);
        let asked = ask(r#"{"deed":"extension_requested","due":"10个工作日","text":"测绘未完成"}"#).unwrap();
        let due = Due::WorkingDays { count: 10, after: day("2026-03-02") };
        assert_eq!(asked, Deed::ExtensionRequested { due, reason: "测绘未完成".to_owned() });
    }

    #[test]
    fn what_cannot_be_read_is_said() {
        for (json, expected) in [
            (r#"{"deed":"删除"}"#, code::UNKNOWN_DEED),
            (r#"{"deed":"extension_requested"}"#, code::DUE_NOT_LATER),
            (r#"{"deed":"extension_requested","due":"尽快"}"#, code::DUE_UNREADABLE),
            (r#"{"deed":"reported"}"#, code::PERCENT_RANGE),
            (r#"{"deed":"reported","percent":10,"period":"上月"}"#, code::PERIOD_CLOSED),
        ] {
            assert_eq!(ask(json).unwrap_err().code, expected, "{json}");
        }
    }
}
