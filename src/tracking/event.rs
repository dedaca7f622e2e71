//! What happened to a task: one deed, by whom, when. The stored form is JSON, so names here are never changed, only added.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use super::due::Due;
use super::period::Period;

/// Who acts. The office's people and the command line act for the plan; others for their department.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Actor {
    /// Login or `system`, as the audit rows have it.
    pub id: String,
    /// Name shown to people.
    pub name: String,
    /// Department id; none for the system itself and for the command line on the server.
    pub department: Option<String>,
}

impl Actor {
    /// The hub itself or an operator at the command line: not bound to a department.
    #[must_use]
    pub fn system() -> Self {
        Self { id: "system".to_owned(), name: "系统".to_owned(), department: None }
    }
}

/// One event of one task.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Event {
    /// When, UTC.
    pub at: DateTime<Utc>,
    /// The same moment as a civil date in China; days are counted by it.
    pub day: NaiveDate,
    /// Who.
    pub actor: Actor,
    /// What.
    pub deed: Deed,
}

/// 进度填报.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// The month it speaks of; none lets the day decide (see [`super::light`]).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub period: Option<Period>,
    /// 完成比例, 0 to 100.
    pub percent: u8,
    /// 本期进展.
    pub progress: String,
    /// 存在问题.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub problems: String,
    /// 下步打算.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub next: String,
    /// 佐证: names or numbers of documents, records, files.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub evidence: Vec<String>,
}

/// A deed on a task.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "deed", rename_all = "snake_case")]
pub enum Deed {
    /// 交办 with its first deadline.
    Assigned {
        /// The deadline; none when the plan sets none.
        due: Option<Due>,
    },
    /// 签收 by the lead.
    Received,
    /// 进度填报.
    Reported(Report),
    /// 申请延期.
    ExtensionRequested {
        /// The new deadline asked for.
        due: Due,
        /// Why.
        reason: String,
    },
    /// 同意延期: the requested deadline comes into force, the old one stays on record.
    ExtensionApproved {
        /// 批复意见.
        comment: String,
    },
    /// 不同意延期.
    ExtensionRefused {
        /// Why not.
        reason: String,
    },
    /// 申请办结.
    CompletionRequested {
        /// 完成情况.
        statement: String,
        /// 佐证.
        evidence: Vec<String>,
    },
    /// 复核通过, 办结 as of the day it was asked for.
    CompletionApproved {
        /// 复核意见.
        comment: String,
    },
    /// 复核退回.
    CompletionRefused {
        /// What is missing.
        reason: String,
    },
    /// 撤回 of whichever request is pending.
    RequestWithdrawn,
    /// 办结 decided by the office without a request.
    Completed {
        /// Why it counts as done.
        comment: String,
    },
    /// 退回重办 after 办结.
    Reopened {
        /// Why.
        reason: String,
    },
    /// 销号: off the list for good.
    Closed,
    /// 暂缓.
    Paused {
        /// Why.
        reason: String,
    },
    /// 恢复办理.
    Resumed {
        /// The deadline from now on; none keeps the old one.
        due: Option<Due>,
    },
    /// The breakdown was changed (by import or by the office); the old words stay here.
    Amended {
        /// What changed.
        changes: Vec<Change>,
        /// The new deadline when it changed.
        due: Option<Due>,
    },
    /// A rung of the ladder: 提醒, 催办, 督办单, 通报.
    Urged {
        /// Id of the step in the rules.
        step: String,
        /// Its title then.
        title: String,
        /// What was said.
        message: String,
    },
}

/// One changed field of a task.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// Chinese name of the field.
    pub field: String,
    /// Before.
    pub from: String,
    /// After.
    pub to: String,
}

impl Deed {
    /// Stable name, as stored in the event row's `kind`.
    #[must_use]
    pub fn code(&self) -> &'static str {
        self.words().0
    }

    /// What people call it.
    #[must_use]
    pub fn title(&self) -> &'static str {
        self.words().1
    }

    /// The reason, opinion or progress given with it, if any.
    #[must_use]
    pub fn words_said(&self) -> Option<&str> {
        let said = match self {
            Self::Reported(report) => &report.progress,
            Self::ExtensionApproved { comment }
            | Self::CompletionApproved { comment }
            | Self::Completed { comment } => comment,
            Self::ExtensionRequested { reason, .. }
            | Self::ExtensionRefused { reason }
            | Self::CompletionRefused { reason }
            | Self::Reopened { reason }
            | Self::Paused { reason } => reason,
            Self::CompletionRequested { statement, .. } => statement,
            Self::Urged { message, .. } => message,
            _ => return None,
        };
        Some(said.as_str()).filter(|said| !said.is_empty())
    }

    fn words(&self) -> (&'static str, &'static str) {
        match self {
            Self::Assigned { .. } => ("assigned", "交办"),
            Self::Received => ("received", "签收"),
            Self::Reported(_) => ("reported", "进度填报"),
            Self::ExtensionRequested { .. } => ("extension_requested", "申请延期"),
            Self::ExtensionApproved { .. } => ("extension_approved", "同意延期"),
            Self::ExtensionRefused { .. } => ("extension_refused", "不同意延期"),
            Self::CompletionRequested { .. } => ("completion_requested", "申请办结"),
            Self::CompletionApproved { .. } => ("completion_approved", "复核办结"),
            Self::CompletionRefused { .. } => ("completion_refused", "复核退回"),
            Self::RequestWithdrawn => ("request_withdrawn", "撤回申请"),
            Self::Completed { .. } => ("completed", "直接办结"),
            Self::Reopened { .. } => ("reopened", "退回重办"),
            Self::Closed => ("closed", "销号"),
            Self::Paused { .. } => ("paused", "暂缓"),
            Self::Resumed { .. } => ("resumed", "恢复办理"),
            Self::Amended { .. } => ("amended", "调整"),
            Self::Urged { .. } => ("urged", "催办"),
        }
    }
}
