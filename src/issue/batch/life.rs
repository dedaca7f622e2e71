//! The life of a batch as a table: which deed leads from which state to which, and who may do it. Pure.
//!
//! ```text
//! 待提交 ─提交─► 核稿中 ─核稿─► 待签发 ─签发─► 待编号印发 ─开始─► 办理中 ─► 已办完
//!                  └──── 退回 ────┴───────────────┘         暂停 ⇅ 继续   └─ 未办成的再办
//! ```
//!
//! The steps are those of a single document ([`crate::issue::life`]), each decided once over all rows: reviewer and signer see
//! every value and every sample before they decide, and what they decided stands in the life of each document.

use super::super::life::{Actor, no_administrator, no_right};
use crate::error::{Error, Result, codes};
use crate::store::{BatchState as S, Role};

/// What a person does to a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum BatchDeed {
    /// 提交核稿.
    Submit,
    /// 核稿通过.
    Pass,
    /// 签发.
    Sign,
    /// 编号印发: numbers are taken row by row from now on.
    Start,
    /// 暂停 after the document at hand.
    Pause,
    /// 继续.
    Resume,
    /// 未办成的再办.
    Rerun,
    /// 退回 to the drafter, with an opinion.
    Return,
    /// 取消: what is issued stays issued.
    Cancel,
}

impl BatchDeed {
    /// Every deed.
    pub const ALL: &[Self] = &[
        Self::Submit,
        Self::Pass,
        Self::Sign,
        Self::Start,
        Self::Pause,
        Self::Resume,
        Self::Rerun,
        Self::Return,
        Self::Cancel,
    ];

    /// As it stands in addresses and on the command line.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Submit => "submit",
            Self::Pass => "pass",
            Self::Sign => "sign",
            Self::Start => "start",
            Self::Pause => "pause",
            Self::Resume => "resume",
            Self::Rerun => "rerun",
            Self::Return => "return",
            Self::Cancel => "cancel",
        }
    }

    /// As it stands in events and the audit, in the past tense.
    #[must_use]
    pub fn past(self) -> &'static str {
        match self {
            Self::Submit => "submitted",
            Self::Pass => "passed",
            Self::Sign => "signed",
            Self::Start => "started",
            Self::Pause => "paused",
            Self::Resume => "resumed",
            Self::Rerun => "rerun",
            Self::Return => "returned",
            Self::Cancel => "cancelled",
        }
    }

    /// As people read it.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Submit => "提交核稿",
            Self::Pass => "全批核稿通过",
            Self::Sign => "全批签发",
            Self::Start => "开始编号印发",
            Self::Pause => "暂停",
            Self::Resume => "继续",
            Self::Rerun => "未办成的再办一次",
            Self::Return => "退回",
            Self::Cancel => "取消",
        }
    }

    /// The deed of a name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|it| it.name() == name)
    }

    /// The deed of an event.
    #[must_use]
    pub fn of_event(action: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|it| it.past() == action)
    }

    /// Whether the worker goes on with the batch after it.
    #[must_use]
    pub fn sets_going(self) -> bool {
        matches!(self, Self::Start | Self::Resume | Self::Rerun)
    }
}

/// One row of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BatchMove {
    /// The deed.
    pub deed: BatchDeed,
    /// State before.
    pub from: S,
    /// State after.
    pub to: S,
    /// Who may do it: any of these.
    pub roles: &'static [Role],
    /// Whether nobody but the drafter may do it.
    pub own: bool,
    /// Whether an opinion must be written.
    pub opinion: bool,
}

const DRAFTER: &[Role] = &[Role::Drafter];
const REGISTRAR: &[Role] = &[Role::Registrar];
const CALLING_OFF: &[Role] = &[Role::Signer, Role::Registrar];

const fn step(deed: BatchDeed, from: S, to: S, roles: &'static [Role]) -> BatchMove {
    BatchMove { deed, from, to, roles, own: false, opinion: false }
}

const fn back(from: S, roles: &'static [Role]) -> BatchMove {
    BatchMove { opinion: true, ..step(BatchDeed::Return, from, S::Returned, roles) }
}

const fn off(from: S, roles: &'static [Role]) -> BatchMove {
    BatchMove { opinion: true, ..step(BatchDeed::Cancel, from, S::Cancelled, roles) }
}

/// The drafter's own, while nobody has decided anything: no reason asked.
const fn drop_own(from: S) -> BatchMove {
    BatchMove { own: true, ..step(BatchDeed::Cancel, from, S::Cancelled, DRAFTER) }
}

/// Every move there is. What is not here cannot be done.
pub const BATCH_MOVES: &[BatchMove] = &[
    step(BatchDeed::Submit, S::Checked, S::Reviewing, DRAFTER),
    step(BatchDeed::Submit, S::Returned, S::Reviewing, DRAFTER),
    step(BatchDeed::Pass, S::Reviewing, S::ToSign, &[Role::Reviewer]),
    step(BatchDeed::Sign, S::ToSign, S::ToIssue, &[Role::Signer]),
    step(BatchDeed::Start, S::ToIssue, S::Running, REGISTRAR),
    step(BatchDeed::Pause, S::Running, S::Paused, REGISTRAR),
    step(BatchDeed::Resume, S::Paused, S::Running, REGISTRAR),
    step(BatchDeed::Rerun, S::Done, S::Running, REGISTRAR),
    back(S::Reviewing, &[Role::Reviewer]),
    back(S::ToSign, &[Role::Signer]),
    back(S::ToIssue, REGISTRAR),
    drop_own(S::Checking),
    drop_own(S::Checked),
    drop_own(S::Returned),
    off(S::Checked, CALLING_OFF),
    off(S::Reviewing, CALLING_OFF),
    off(S::ToSign, CALLING_OFF),
    off(S::ToIssue, CALLING_OFF),
    off(S::Running, REGISTRAR),
    off(S::Paused, REGISTRAR),
];

/// What the table needs to know of a batch.
#[derive(Debug, Clone, Copy)]
pub struct BatchStanding<'a> {
    /// Where it stands.
    pub state: S,
    /// Division it belongs to.
    pub division: Option<&'a str>,
    /// Who drafted it.
    pub drafter: &'a str,
}

/// The move a deed is, if this person may make it now.
///
/// # Errors
/// `wrong_state`, `no_right` (role, division, three administrators, somebody else's batch).
pub fn allow_batch(deed: BatchDeed, it: BatchStanding<'_>, who: &Actor) -> Result<&'static BatchMove> {
    let there: Vec<&'static BatchMove> =
        BATCH_MOVES.iter().filter(|row| row.deed == deed && row.from == it.state).collect();
    if there.is_empty() {
        return Err(Error::new(
            codes::document::WRONG_STATE,
            format!("这一批现为“{}”，不能{}。", it.state.title(), deed.title()),
        ));
    }
    no_administrator(who)?;
    if !who.covers(it.division) {
        return Err(no_right("这一批不属于您所在的行政区，不能办理。".to_owned()));
    }
    let fits = |row: &&&'static BatchMove| {
        row.roles.iter().any(|role| who.roles.contains(role)) && (!row.own || it.drafter == who.login)
    };
    there
        .iter()
        .find(fits)
        .copied()
        .ok_or_else(|| no_right(format!("您没有“{}”这一批的权限，可联系本单位管理员。", deed.title())))
}

/// The deeds a person may do now, in the order of the table.
#[must_use]
pub fn open_batch_deeds(it: BatchStanding<'_>, who: &Actor) -> Vec<&'static BatchMove> {
    BatchDeed::ALL.iter().filter_map(|deed| allow_batch(*deed, it, who).ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn may(deed: BatchDeed, state: S, roles: &[Role], division: Option<&str>) -> Option<S> {
        let who = Actor { login: "a".into(), roles: roles.to_vec(), division: division.map(str::to_owned) };
        let it = BatchStanding { state, division: Some("330402"), drafter: "a" };
        allow_batch(deed, it, &who).ok().map(|row| row.to)
    }

    #[test]
    fn each_step_is_one_persons_and_nothing_is_skipped() {
        let mut state = S::Checked;
        for (deed, role) in [
            (BatchDeed::Submit, Role::Drafter),
            (BatchDeed::Pass, Role::Reviewer),
            (BatchDeed::Sign, Role::Signer),
            (BatchDeed::Start, Role::Registrar),
        ] {
            for other in Role::ALL.iter().filter(|it| **it != role) {
                assert_eq!(may(deed, state, &[*other], None), None, "{deed:?} by {other}");
            }
            assert_eq!(
                may(BatchDeed::Start, state, &[Role::Registrar], None).is_some(),
                deed == BatchDeed::Start
            );
            state = may(deed, state, &[role], Some("330400")).unwrap();
        }
        assert_eq!(state, S::Running);
        assert_eq!(may(BatchDeed::Pass, S::Reviewing, &[Role::Reviewer], Some("330411")), None);
        assert_eq!(may(BatchDeed::Pass, S::Reviewing, &[Role::Reviewer, Role::AuditAdmin], None), None);
    }

    #[test]
    fn a_batch_is_dropped_by_its_drafter_and_called_off_with_a_reason() {
        let who = |login: &str, role| Actor { login: login.into(), roles: vec![role], division: None };
        let it = |state| BatchStanding { state, division: None, drafter: "a" };
        let own = allow_batch(BatchDeed::Cancel, it(S::Checked), &who("a", Role::Drafter)).unwrap();
        assert!(!own.opinion);
        assert!(allow_batch(BatchDeed::Cancel, it(S::Checked), &who("b", Role::Drafter)).is_err());
        assert!(allow_batch(BatchDeed::Cancel, it(S::Running), &who("a", Role::Drafter)).is_err());
        assert!(allow_batch(BatchDeed::Cancel, it(S::Running), &who("b", Role::Registrar)).unwrap().opinion);
        assert!(allow_batch(BatchDeed::Cancel, it(S::Done), &who("b", Role::Registrar)).is_err());
    }
}
