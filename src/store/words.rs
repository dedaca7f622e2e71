//! The fixed words of the tables: states, roles, kinds of files.

use diesel::backend::Backend;
use diesel::deserialize::{self, FromSql, FromSqlRow};
use diesel::expression::AsExpression;
use diesel::serialize::{self, Output, ToSql};
use diesel::sql_types::Text;
use serde::{Deserialize, Serialize, Serializer};

use super::types::words;

words! {
    /// Whether a partner or an account may come in.
    Standing {
        Active = "active" "启用",
        Disabled = "disabled" "停用",
    }

    /// Whether a key still opens the door.
    KeyStatus {
        Active = "active" "有效",
        Revoked = "revoked" "已吊销",
    }

    /// What became of a message.
    MessageState {
        /// Everything in it was taken.
        Accepted = "accepted" "已接收",
        /// Some rows were taken, the others refused.
        Partial = "partial" "部分接收",
        /// Could not be mapped; waits for mending and replay.
        Quarantined = "quarantined" "隔离待处理",
        /// Nothing was taken and the sender was told why; also one that waited in quarantine until a better try came or a
        /// person closed it.
        Refused = "refused" "已退回",
        /// Was in quarantine; replayed with success.
        Resolved = "resolved" "已处理",
    }

    /// Where the checking (校核) of a difference stands.
    DiscrepancyState {
        Open = "open" "待认领",
        Assigned = "assigned" "处理中",
        Answered = "answered" "已答复",
        Closed = "closed" "已办结",
    }

    /// Where a job stands.
    JobState {
        Ready = "ready" "待执行",
        Running = "running" "执行中",
        Done = "done" "已完成",
        /// Tried as often as allowed; a person decides.
        Dead = "dead" "已停止重试",
    }

    /// How a subscriber gets its changes.
    SubscriptionMode {
        Push = "push" "推送",
        Pull = "pull" "拉取",
    }

    /// What became of a delivery.
    DeliveryState {
        /// Waits for its first or next try.
        Ready = "ready" "待投递",
        Delivered = "delivered" "已投递",
        /// The partner said no, or the record cannot be said in its message; a person decides.
        Refused = "refused" "被退回",
        /// Not accepted before its deadline; a person decides.
        Dead = "dead" "已逾期",
    }

    /// Whether the way to a partner lets anything through.
    Circuit {
        Closed = "closed" "通畅",
        /// Too many failures in a row: nothing is sent for a while, then one delivery tries the way.
        Open = "open" "熔断",
        /// A person said so: nothing is sent until a person lets it go on.
        Held = "held" "已暂停",
    }

    /// What a person may do. The three administrators (三员) are different people, GB/T 22239 §8.1.5.
    Role {
        SystemAdmin = "system_admin" "系统管理员",
        SecurityAdmin = "security_admin" "安全管理员",
        AuditAdmin = "audit_admin" "审计管理员",
        Steward = "steward" "数据管理员",
        Drafter = "drafter" "拟稿人",
        Reviewer = "reviewer" "核稿人",
        Signer = "signer" "签发人",
        Registrar = "registrar" "编号用印人",
        ReformOffice = "reform_office" "改革办",
        Reporter = "reporter" "任务填报人",
        Viewer = "viewer" "查阅人",
    }

    /// Where a document stands on its way from draft to archive.
    DocumentState {
        Draft = "draft" "草稿",
        Reviewing = "reviewing" "核稿中",
        ToSign = "to_sign" "待签发",
        ToNumber = "to_number" "待编号",
        ToSeal = "to_seal" "待用印",
        ToIssue = "to_issue" "待印发",
        Issued = "issued" "已印发",
        Served = "served" "已送达",
        Archived = "archived" "已归档",
        Returned = "returned" "退回",
        Void = "void" "作废",
    }

    /// Where a batch of documents stands.
    BatchState {
        /// Its rows are being read and checked.
        Checking = "checking" "核对中",
        Checked = "checked" "待提交",
        Reviewing = "reviewing" "核稿中",
        ToSign = "to_sign" "待签发",
        /// Signed; numbers are taken when the registrar starts it.
        ToIssue = "to_issue" "待编号印发",
        Running = "running" "办理中",
        Paused = "paused" "已暂停",
        /// Every row was tried; some may have failed.
        Done = "done" "已办完",
        Returned = "returned" "退回",
        Cancelled = "cancelled" "已取消",
    }

    /// Where a decision over messages in quarantine stands.
    MendingState {
        Running = "running" "处理中",
        Paused = "paused" "已暂停",
        /// Every message was run again; some may still wait.
        Done = "done" "已处理完",
        Cancelled = "cancelled" "已取消",
    }

    /// Where one document of a batch stands.
    ItemState {
        /// Cannot be issued as it was handed in.
        Faulty = "faulty" "有误",
        Ready = "ready" "待办理",
        Done = "done" "已印发",
        /// Tried, and something stood in the way; no number was taken.
        Failed = "failed" "未办成",
    }

    /// What is wrong with a row, in the order in which it is put right.
    RowFault {
        Unreadable = "unreadable" "写法不对",
        Missing = "missing" "必填项没有填",
        Foreign = "foreign" "记录不在本行政区",
        Override = "override" "与来源数据不同，没有写理由",
        Contradiction = "contradiction" "各项之间不符",
        Repeated = "repeated" "与前面的行重复",
        Unprintable = "unprintable" "排不了版",
    }

    /// Where the rows of a batch come from.
    BatchSource {
        Sheet = "sheet" "表格",
        Query = "query" "查询",
    }

    /// How a document is brought to its recipient: 民事诉讼法 2023 第八十八至九十五条.
    ServiceMethod {
        Direct = "direct" "直接送达",
        Left = "left" "留置送达",
        Mail = "mail" "邮寄送达",
        Electronic = "electronic" "电子送达",
        Entrusted = "entrusted" "委托送达",
        Public = "public" "公告送达",
    }

    /// Where a service stands.
    ServiceState {
        Pending = "pending" "在途",
        Served = "served" "已送达",
        /// Came back, or nobody was found: another service must follow.
        Failed = "failed" "未送达",
    }

    /// What a file is to its document.
    FileRole {
        /// Numbered and dated, before the seal.
        Numbered = "numbered" "定稿",
        /// The issued text; never replaced.
        Final = "final" "正本",
        /// As shown to reviewers.
        Preview = "preview" "样稿",
        /// Signed receipt (送达回证) or its scan.
        Receipt = "receipt" "送达回证",
        /// Anything else a clerk attached.
        Attachment = "attachment" "附件",
    }

    /// What a number of the register (文号簿) is used for.
    NumberState {
        Used = "used" "已用",
        Reserved = "reserved" "预留",
        Void = "void" "作废",
        /// Skipped with a reason, so that the gap is explained.
        Skipped = "skipped" "空号",
    }

    /// Whether a plan is being tracked.
    PlanStatus {
        Active = "active" "推进中",
        Closed = "closed" "已结束",
    }

    /// Where a task stands; its light is computed, never stored.
    TaskState {
        Assigned = "assigned" "未签收",
        Active = "active" "进行中",
        /// Completion was asked for and is being checked.
        Reviewing = "reviewing" "待复核",
        Done = "done" "办结",
        Closed = "closed" "销号",
        Suspended = "suspended" "暂缓",
    }

    /// A department's part in a task.
    TaskRole {
        Lead = "lead" "牵头",
        Support = "support" "配合",
    }
}
