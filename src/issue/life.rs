//! The life of a document as a table: which deed leads from which state to which, and who may do it. Pure.
//!
//! ```text
//! 草稿 ─提交─► 核稿中 ─核稿─► 待签发 ─签发─► 待编号 ─编号─► 待用印 ─用印─► 待印发 ─印发─► 已印发 ─送达─► 已送达 ─归档─► 已归档
//!   ▲            │             │              │               │
//!   └────────────┴──── 退回 (with an opinion; the number, once taken, stays with the document)
//! ```

use crate::error::{Error, Result, codes};
use crate::store::{DocumentState as S, Role};

/// What a person does to a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Deed {
    /// 提交核稿.
    Submit,
    /// 核稿通过.
    Pass,
    /// 签发.
    Sign,
    /// 编号: number and 成文日期.
    Number,
    /// 用印: the final file.
    Seal,
    /// 印发.
    Issue,
    /// 送达完毕: every service registered has ended and at least one succeeded.
    Serve,
    /// 归档.
    Archive,
    /// 退回 to the drafter, with an opinion.
    Return,
    /// 取回 one's own last step while nobody has acted on it.
    Withdraw,
    /// 转办 to another person who may do the step.
    Transfer,
    /// 作废.
    Void,
    /// 重发: a new draft that will replace this one.
    Reissue,
}

impl Deed {
    /// Every deed.
    pub const ALL: &[Self] = &[
        Self::Submit,
        Self::Pass,
        Self::Sign,
        Self::Number,
        Self::Seal,
        Self::Issue,
        Self::Serve,
        Self::Archive,
        Self::Return,
        Self::Withdraw,
        Self::Transfer,
        Self::Void,
        Self::Reissue,
    ];

    /// As it stands in addresses and on the command line.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Submit => "submit",
            Self::Pass => "pass",
            Self::Sign => "sign",
            Self::Number => "number",
            Self::Seal => "seal",
            Self::Issue => "issue",
            Self::Serve => "serve",
            Self::Archive => "archive",
            Self::Return => "return",
            Self::Withdraw => "withdraw",
            Self::Transfer => "transfer",
            Self::Void => "void",
            Self::Reissue => "reissue",
        }
    }

    /// As it stands in events and the audit, in the past tense.
    #[must_use]
    pub fn past(self) -> &'static str {
        match self {
            Self::Submit => "submitted",
            Self::Pass => "passed",
            Self::Sign => "signed",
            Self::Number => "numbered",
            Self::Seal => "sealed",
            Self::Issue => "issued",
            Self::Serve => "served",
            Self::Archive => "archived",
            Self::Return => "returned",
            Self::Withdraw => "withdrawn",
            Self::Transfer => "transferred",
            Self::Void => "voided",
            Self::Reissue => "reissued",
        }
    }

    /// As people read it.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Submit => "提交核稿",
            Self::Pass => "核稿通过",
            Self::Sign => "签发",
            Self::Number => "编号",
            Self::Seal => "用印",
            Self::Issue => "印发",
            Self::Serve => "送达完毕",
            Self::Archive => "归档",
            Self::Return => "退回",
            Self::Withdraw => "取回",
            Self::Transfer => "转办",
            Self::Void => "作废",
            Self::Reissue => "重发",
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

    /// Whether it takes the document one step on.
    #[must_use]
    pub fn is_step(self) -> bool {
        !matches!(self, Self::Return | Self::Withdraw | Self::Transfer | Self::Void | Self::Reissue)
    }
}

/// One row of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Move {
    /// The deed.
    pub deed: Deed,
    /// State before.
    pub from: S,
    /// State after.
    pub to: S,
    /// Who may do it: any of these.
    pub roles: &'static [Role],
    /// Whose deed it may be besides: nobody else's than the drafter's, than the one's who did the step it undoes.
    pub own: Own,
    /// Whether an opinion must be written.
    pub opinion: bool,
}

/// What ties a deed to one person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Own {
    /// Nothing but the holder: a document held by somebody waits for that person.
    Holder,
    /// Nothing at all.
    Anybody,
    /// The person drafted the document.
    Drafter,
    /// The last event is this deed, and the person did it.
    Last(Deed),
}

const DRAFTER: &[Role] = &[Role::Drafter];
const REVIEWER: &[Role] = &[Role::Reviewer];
const SIGNER: &[Role] = &[Role::Signer];
const REGISTRAR: &[Role] = &[Role::Registrar];
const VOIDING: &[Role] = &[Role::Signer, Role::Registrar];

const fn step(deed: Deed, from: S, to: S, roles: &'static [Role]) -> Move {
    Move { deed, from, to, roles, own: Own::Holder, opinion: false }
}

const fn back(from: S, roles: &'static [Role]) -> Move {
    Move { deed: Deed::Return, from, to: S::Returned, roles, own: Own::Holder, opinion: true }
}

const fn undo(deed: Deed, from: S, to: S, roles: &'static [Role]) -> Move {
    Move { deed: Deed::Withdraw, from, to, roles, own: Own::Last(deed), opinion: false }
}

/// Anybody who may do the step may pass it on, also for a colleague who is away; the opinion says why.
const fn pass_on(at: S, roles: &'static [Role]) -> Move {
    Move { deed: Deed::Transfer, from: at, to: at, roles, own: Own::Anybody, opinion: true }
}

const fn void(from: S, roles: &'static [Role], own: Own) -> Move {
    Move { deed: Deed::Void, from, to: S::Void, roles, own, opinion: true }
}

const fn again(at: S) -> Move {
    Move { deed: Deed::Reissue, from: at, to: at, roles: DRAFTER, own: Own::Anybody, opinion: false }
}

/// Every move there is. What is not here cannot be done.
pub const MOVES: &[Move] = &[
    step(Deed::Submit, S::Draft, S::Reviewing, DRAFTER),
    step(Deed::Submit, S::Returned, S::Reviewing, DRAFTER),
    step(Deed::Pass, S::Reviewing, S::ToSign, REVIEWER),
    step(Deed::Sign, S::ToSign, S::ToNumber, SIGNER),
    step(Deed::Number, S::ToNumber, S::ToSeal, REGISTRAR),
    step(Deed::Seal, S::ToSeal, S::ToIssue, REGISTRAR),
    step(Deed::Issue, S::ToIssue, S::Issued, REGISTRAR),
    step(Deed::Serve, S::Issued, S::Served, &[Role::Drafter, Role::Registrar]),
    step(Deed::Archive, S::Served, S::Archived, REGISTRAR),
    // Not everything is served on somebody: a document that only goes to the file says why it needs no service.
    Move { opinion: true, ..step(Deed::Archive, S::Issued, S::Archived, REGISTRAR) },
    back(S::Reviewing, REVIEWER),
    back(S::ToSign, SIGNER),
    back(S::ToNumber, REGISTRAR),
    back(S::ToSeal, REGISTRAR),
    undo(Deed::Submit, S::Reviewing, S::Draft, DRAFTER),
    undo(Deed::Pass, S::ToSign, S::Reviewing, REVIEWER),
    undo(Deed::Sign, S::ToNumber, S::ToSign, SIGNER),
    pass_on(S::Draft, DRAFTER),
    pass_on(S::Returned, DRAFTER),
    pass_on(S::Reviewing, REVIEWER),
    pass_on(S::ToSign, SIGNER),
    pass_on(S::ToNumber, REGISTRAR),
    pass_on(S::ToSeal, REGISTRAR),
    pass_on(S::ToIssue, REGISTRAR),
    void(S::Draft, DRAFTER, Own::Drafter),
    void(S::Returned, DRAFTER, Own::Drafter),
    void(S::Draft, VOIDING, Own::Anybody),
    void(S::Returned, VOIDING, Own::Anybody),
    void(S::Reviewing, VOIDING, Own::Anybody),
    void(S::ToSign, VOIDING, Own::Anybody),
    void(S::ToNumber, VOIDING, Own::Anybody),
    void(S::ToSeal, VOIDING, Own::Anybody),
    void(S::ToIssue, VOIDING, Own::Anybody),
    void(S::Issued, VOIDING, Own::Anybody),
    void(S::Served, VOIDING, Own::Anybody),
    void(S::Archived, VOIDING, Own::Anybody),
    again(S::Issued),
    again(S::Served),
    again(S::Archived),
    again(S::Void),
];

/// Who acts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    /// Login.
    pub login: String,
    /// What the person may do.
    pub roles: Vec<Role>,
    /// Division whose documents the person works on, or the beginning of one; none for all.
    pub division: Option<String>,
}

impl Actor {
    /// The command line of the machine the hub runs on: whoever can start it may do every step.
    #[must_use]
    pub fn operator(login: &str) -> Self {
        let roles = vec![Role::Drafter, Role::Reviewer, Role::Signer, Role::Registrar];
        Self { login: login.to_owned(), roles, division: None }
    }

    /// Whether a document of this division is the person's business.
    #[must_use]
    pub fn covers(&self, division: Option<&str>) -> bool {
        let Some(mine) = &self.division else { return true };
        division.is_some_and(|it| it.starts_with(scope(mine)))
    }
}

/// The leading digits a division shares with everything inside it: `330400` (the city) is `3304`.
#[must_use]
pub fn scope(division: &str) -> &str {
    match division.get(..6).unwrap_or(division) {
        city if city.ends_with("00") && city.len() == 6 => city.get(..4).unwrap_or(city),
        county => county,
    }
}

/// What the table needs to know of a document.
#[derive(Debug, Clone, Copy)]
pub struct Standing<'a> {
    /// Title, for messages.
    pub title: &'a str,
    /// Where it stands.
    pub state: S,
    /// Whom it waits for; none for anybody who may do the step.
    pub holder: Option<&'a str>,
    /// Division it belongs to.
    pub division: Option<&'a str>,
    /// Who drafted it.
    pub drafter: &'a str,
    /// What was done last, and by whom.
    pub last: Option<(&'a str, &'a str)>,
}

/// The move a deed is, if this person may make it now.
///
/// # Errors
/// `wrong_state`, `no_right` (role, division, three administrators), `held_by_other`.
pub fn allow(deed: Deed, it: &Standing<'_>, who: &Actor) -> Result<&'static Move> {
    let there: Vec<&'static Move> =
        MOVES.iter().filter(|row| row.deed == deed && row.from == it.state).collect();
    if there.is_empty() {
        return Err(Error::new(
            codes::document::WRONG_STATE,
            format!("《{}》现为“{}”，不能{}。", it.title, it.state.title(), deed.title()),
        ));
    }
    no_administrator(who)?;
    if !who.covers(it.division) {
        return Err(no_right(format!("《{}》不属于您所在的行政区，不能办理。", it.title)));
    }
    let roles_fit = |row: &&Move| row.roles.iter().any(|role| who.roles.contains(role));
    let mine: Vec<&'static Move> = there.into_iter().filter(roles_fit).collect();
    if mine.is_empty() {
        return Err(no_right(format!("您没有“{}”权限，可联系本单位管理员。", deed.title())));
    }
    let mut refusal = None;
    for row in mine {
        match owned(row, it, who) {
            Ok(()) => return Ok(row),
            Err(error) => refusal = Some(error),
        }
    }
    Err(refusal.unwrap_or_else(|| no_right(format!("您没有“{}”权限。", deed.title()))))
}

const ADMINISTRATORS: &[Role] = &[Role::SystemAdmin, Role::SecurityAdmin, Role::AuditAdmin];

/// 三员 keep the machine and its account, not the business (GB/T 22239-2019 8.1.5).
pub(super) fn no_administrator(who: &Actor) -> Result<()> {
    if who.roles.iter().any(|role| ADMINISTRATORS.contains(role)) {
        return Err(no_right("系统、安全、审计管理员不办理公文，请用业务账号。".to_owned()));
    }
    Ok(())
}

pub(super) fn no_right(detail: String) -> Error {
    Error::new(codes::people::NO_RIGHT, detail)
}

fn owned(row: &Move, it: &Standing<'_>, who: &Actor) -> Result<()> {
    match row.own {
        Own::Anybody => Ok(()),
        Own::Holder => match it.holder {
            Some(holder) if holder != who.login => Err(Error::new(
                codes::document::HELD_BY_OTHER,
                format!("《{}》现由 {holder} 办理。需要改由他人办理的，请先转办。", it.title),
            )),
            _ => Ok(()),
        },
        Own::Drafter if it.drafter == who.login => Ok(()),
        Own::Drafter => Err(no_right("只有拟稿人本人可以撤销草稿。".to_owned())),
        Own::Last(deed) if it.last == Some((deed.past(), &who.login)) => Ok(()),
        Own::Last(_) => Err(Error::new(
            codes::document::WRONG_STATE,
            format!("上一步不是您办的，或已有人接办，不能取回《{}》。", it.title),
        )),
    }
}

/// The deeds a person may do now, in the order of the table.
#[must_use]
pub fn open_deeds(it: &Standing<'_>, who: &Actor) -> Vec<&'static Move> {
    let mut found: Vec<&'static Move> = Vec::new();
    for &deed in Deed::ALL {
        found.extend(allow(deed, it, who));
    }
    found
}

#[cfg(test)]
mod tests;
