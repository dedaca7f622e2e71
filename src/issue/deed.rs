//! Doing a deed of the table in [`super::life`]: the checks that need the database, the change, its event and its audit row,
//! all in the caller's transaction. A step somebody else has just done is handed back as it is, so that two windows do it once.

use chrono::{DateTime, NaiveDate, Utc};
use serde_json::{Value as Json, json};

use super::desk::Desk;
use super::event::{Step, note};
use super::final_copy::{self, Wish};
use super::life::{Actor, Deed, MOVES, Move, Standing, allow};
use super::{draft, replace, service};
use crate::error::{Error, Result, codes};
use crate::store::{
    Conn, Document, DocumentEvent, DocumentId, DocumentState, NumberState, Role, Standing as AccountStanding,
    close_number, find_number_of, hold_document, list_accounts, list_document_events, save_document,
};

/// A deed a person asks for, with what the form beside the button says.
#[derive(Debug, Clone, Copy)]
pub struct Order<'a> {
    /// The document.
    pub id: &'a DocumentId,
    /// Its version when the page was opened; none to take it as it stands.
    pub version: Option<i32>,
    /// 意见.
    pub opinion: Option<&'a str>,
    /// Login of the person it goes to; none for anybody who may do the next step.
    pub to: Option<&'a str>,
    /// 成文日期; none for the day it was signed. Asked at 编号 only.
    pub date: Option<NaiveDate>,
    /// Which number. Asked at 编号 only.
    pub number: Wish<'a>,
}

impl<'a> Order<'a> {
    /// A deed without particulars.
    #[must_use]
    pub fn of(id: &'a DocumentId) -> Self {
        Self { id, version: None, opinion: None, to: None, date: None, number: Wish::Next }
    }
}

/// Does a deed. 重发 hands back the new draft, every other deed the document.
///
/// # Errors
/// Those of [`allow`]; `stale_version` when the document was changed after `order.version`; `opinion_required`; what the
/// single steps say (unfilled fields, a number that cannot be had, services that are still out). Then nothing is changed.
pub fn act(
    conn: &mut Conn,
    desk: &Desk,
    deed: Deed,
    order: &Order<'_>,
    who: &Actor,
    now: DateTime<Utc>,
) -> Result<Document> {
    let mut document = hold_document(conn, order.id)?;
    let events = list_document_events(conn, order.id)?;
    if is_done(deed, &document, events.last(), who) {
        return Ok(document);
    }
    let row = allow(deed, &standing(&document, &events), who)?;
    if order.version.is_some_and(|seen| seen != document.version) {
        return Err(Error::new(
            codes::record::STALE,
            format!("《{}》在您打开之后已被他人改动，请重新打开，看过现在的内容再办。", document.title),
        ));
    }
    let opinion = order.opinion.map(str::trim).filter(|it| !it.is_empty());
    if row.opinion && opinion.is_none() {
        return Err(missing_opinion(deed));
    }
    if deed == Deed::Reissue {
        return replace::reissue(conn, desk, &document, who, now);
    }
    let mut done = Doing { desk, order, who, row, opinion, events: &events, now };
    let detail = done.change(conn, &mut document)?;
    document.state = row.to;
    document.holder = done.next_holder(conn, &document)?;
    save_document(conn, &mut document, now)?;
    let step = Step { from: Some(row.from), action: deed.past(), actor: &who.login, opinion, detail };
    note(conn, &document, &step, now)?;
    Ok(document)
}

/// What [`allow`] asks of a document.
#[must_use]
pub fn standing<'a>(document: &'a Document, events: &'a [DocumentEvent]) -> Standing<'a> {
    Standing {
        title: &document.title,
        state: document.state,
        holder: document.holder.as_deref(),
        division: document.division.as_deref(),
        drafter: &document.created_by,
        last: events.last().map(|it| (it.action.as_str(), it.actor.as_str())),
    }
}

/// Whether this very step was done a moment ago, in another window or by a colleague with the same right.
fn is_done(deed: Deed, document: &Document, last: Option<&DocumentEvent>, who: &Actor) -> bool {
    let just_done = match deed {
        Deed::Void => document.state == DocumentState::Void,
        _ => {
            deed.is_step() && last.is_some_and(|it| it.action == deed.past() && it.to_state == document.state)
        }
    };
    let may = |row: &&Move| {
        row.deed == deed && row.to == document.state && row.roles.iter().any(|role| who.roles.contains(role))
    };
    just_done && MOVES.iter().any(|row| may(&row)) && who.covers(document.division.as_deref())
}

fn missing_opinion(deed: Deed) -> Error {
    match deed {
        Deed::Void => Error::new(codes::document::VOID_REASON, "作废须写明理由，理由随文号簿永久保存。"),
        Deed::Archive => {
            Error::new(codes::document::OPINION, "这份文书没有送达记录。确实无须送达的，请写明理由再归档。")
        }
        _ => Error::new(codes::document::OPINION, format!("{}须写明意见，对方据此办理。", deed.title())),
    }
}

struct Doing<'a> {
    desk: &'a Desk,
    order: &'a Order<'a>,
    who: &'a Actor,
    row: &'static Move,
    opinion: Option<&'a str>,
    events: &'a [DocumentEvent],
    now: DateTime<Utc>,
}

impl Doing<'_> {
    /// What the deed changes besides the state; the particulars of its event.
    fn change(&mut self, conn: &mut Conn, document: &mut Document) -> Result<Json> {
        match self.row.deed {
            Deed::Submit | Deed::Pass => {
                draft::must_be_complete(conn, self.desk, document, self.row.deed.title())?;
            }
            Deed::Sign => {
                draft::must_be_complete(conn, self.desk, document, "签发")?;
                document.signer = Some(self.who.login.clone());
            }
            Deed::Number => return self.number(conn, document),
            Deed::Seal => {
                return final_copy::seal(conn, self.desk, document, &self.who.login, self.now);
            }
            Deed::Issue => {
                document.issued_at = Some(self.now.into());
                replace::mark_replaced(conn, document, self.who, self.now)?;
            }
            Deed::Serve => document.served_at = Some(service::all_served(conn, document)?),
            Deed::Archive => {
                service::none_pending(conn, document)?;
                document.archived_at = Some(self.now.into());
            }
            Deed::Void => return self.void(conn, document),
            Deed::Withdraw if self.row.to == DocumentState::ToSign => document.signer = None,
            Deed::Transfer => {
                return Ok(json!({ "from": document.holder, "to": self.order.to }));
            }
            Deed::Return | Deed::Withdraw | Deed::Reissue => {}
        }
        Ok(json!({ "to": self.order.to }))
    }

    /// 成文日期 is the day the responsible person signed (GB/T 9704-2012 7.3.5.4) unless another is given.
    fn number(&self, conn: &mut Conn, document: &mut Document) -> Result<Json> {
        let signed = self.events.iter().rev().find(|it| it.action == Deed::Sign.past());
        let today = crate::clock::china_date(self.now);
        let signed_on = signed.map_or(today, |it| crate::clock::china_date(it.at.utc()));
        let date = self.order.date.unwrap_or(signed_on);
        if date > today {
            return Err(Error::new(
                codes::document::FORM_FIELD,
                format!("成文日期 {date} 还没有到，请填写签发之日。"),
            ));
        }
        let taking =
            final_copy::Numbering { wish: self.order.number, date, actor: &self.who.login, now: self.now };
        final_copy::number(conn, self.desk, document, &taking)?;
        final_copy::keep_numbered(conn, self.desk, document, &self.who.login, self.now)
    }

    fn void(&self, conn: &mut Conn, document: &mut Document) -> Result<Json> {
        let reason = self.opinion.unwrap_or_default();
        document.void_reason = Some(reason.to_owned());
        document.voided_at = Some(self.now.into());
        if let Some(taken) = find_number_of(conn, &document.id)? {
            close_number(conn, &taken.series, taken.year, taken.n, NumberState::Void, reason)?;
        }
        let told = service::recipients(conn, &document.id)?;
        Ok(json!({ "number": document.number, "recipients": told }))
    }

    /// Whom the document waits for next.
    fn next_holder(&self, conn: &mut Conn, document: &Document) -> Result<Option<String>> {
        match (self.row.deed, self.order.to) {
            (Deed::Return, _) => Ok(Some(document.created_by.clone())),
            (Deed::Withdraw, _) => Ok(Some(self.who.login.clone())),
            (Deed::Transfer, None) => {
                Err(Error::new(codes::document::OPINION, "转办须写明转给谁，请填写对方的登录名。"))
            }
            (_, None) => Ok(None),
            (_, Some(to)) => named_person(conn, document, to).map(Some),
        }
    }
}

/// A person who may do the next step on this document.
fn named_person(conn: &mut Conn, document: &Document, login: &str) -> Result<String> {
    let login = login.trim();
    let found = people_for(conn, document.state, document.division.as_deref())?
        .into_iter()
        .any(|(it, _)| it == login);
    if found {
        return Ok(login.to_owned());
    }
    Err(Error::new(
        codes::people::NO_RIGHT,
        format!("“{login}”不能办理这一步：没有这个启用的账号，或没有相应角色，或不在本行政区。"),
    ))
}

/// Login and name of everybody who may do the next step of a document that stands so, in this division.
pub fn people_for(
    conn: &mut Conn,
    state: DocumentState,
    division: Option<&str>,
) -> Result<Vec<(String, String)>> {
    let roles: Vec<Role> = MOVES
        .iter()
        .filter(|row| row.from == state && row.deed.is_step())
        .flat_map(|row| row.roles.iter().copied())
        .collect();
    let fits = |roles_of: &[Role]| roles.iter().any(|role| roles_of.contains(role));
    Ok(list_accounts(conn)?
        .into_iter()
        .filter(|(account, mine)| {
            let who = Actor { login: String::new(), roles: Vec::new(), division: account.division.clone() };
            account.status == AccountStanding::Active && fits(mine) && who.covers(division)
        })
        .map(|(account, _)| (account.login, account.name))
        .collect())
}
