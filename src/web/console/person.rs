//! Who is at the keyboard and what that person may do.

use actix_web::HttpRequest;
use chrono::TimeDelta;

use crate::clock;
use crate::crypto;
use crate::error::{Error, Result, codes};
use crate::issue::{Actor, life};
use crate::store::{Conn, Document, Role, SessionId, SignedIn, find_session, touch_session};

/// Name of the session cookie.
pub const COOKIE: &str = "hub_session";

/// Idle sessions end after 30 minutes, all after 12 hours: the usual values of GB/T 22239 assessors.
pub const IDLE: TimeDelta = TimeDelta::minutes(30);
/// Longest life of a session.
pub const LIFE: TimeDelta = TimeDelta::hours(12);

/// A person who is signed in.
#[derive(Debug, Clone)]
pub struct Person(pub SignedIn);

impl Person {
    /// Login, as it stands in events and audit rows.
    #[must_use]
    pub fn login(&self) -> &str {
        &self.0.account.login
    }

    /// Whether the person has one of the roles.
    #[must_use]
    pub fn is_one_of(&self, roles: &[Role]) -> bool {
        roles.iter().any(|role| self.0.roles.contains(role))
    }

    /// Refuses a person who has none of the roles.
    ///
    /// # Errors
    /// `no_right`, naming the right.
    pub fn must_be(&self, roles: &[Role], deed: &str) -> Result<()> {
        if self.is_one_of(roles) {
            return Ok(());
        }
        Err(Error::new(codes::people::NO_RIGHT, format!("您没有“{deed}”权限，可联系本单位管理员。")))
    }

    /// The person as documents know one.
    #[must_use]
    pub fn actor(&self) -> Actor {
        Actor {
            login: self.login().to_owned(),
            roles: self.0.roles.clone(),
            division: self.0.account.division.clone(),
        }
    }

    /// Refuses a document of another division, as if it were not there.
    ///
    /// # Errors
    /// `record_not_found`.
    pub fn must_see(&self, document: &Document) -> Result<()> {
        if self.actor().covers(document.division.as_deref()) {
            return Ok(());
        }
        Err(Error::new(codes::record::NOT_FOUND, format!("没有编号为“{}”的文书。", document.id)))
    }

    /// Leading digits of the divisions whose documents the person sees; none for all.
    #[must_use]
    pub fn scope(&self) -> Option<String> {
        self.0.account.division.as_deref().map(|it| life::scope(it).to_owned())
    }

    /// Roles in words.
    #[must_use]
    pub fn role_title(&self) -> String {
        let titles: Vec<&str> = self.0.roles.iter().map(|role| role.title()).collect();
        titles.join("、")
    }
}

/// The token of the request's session cookie.
#[must_use]
pub fn token(req: &HttpRequest) -> Option<String> {
    req.cookie(COOKIE).map(|cookie| cookie.value().to_owned()).filter(|it| !it.is_empty())
}

/// The id under which a token's session is kept: its digest, so that the database cannot be used to sign in.
///
/// # Errors
/// `internal` when the crypto library fails.
pub fn session_id(token: &str) -> Result<SessionId> {
    crypto::sha256_hex(token.as_bytes()).map(SessionId::from)
}

/// The person behind a token.
///
/// # Errors
/// `not_signed_in`.
pub fn find(conn: &mut Conn, token: Option<&str>) -> Result<Person> {
    let now = clock::now();
    let found = match token {
        Some(token) => find_session(conn, &session_id(token)?, now, now - IDLE)?,
        None => None,
    };
    found.map(Person).ok_or_else(|| Error::new(codes::people::NOT_SIGNED_IN, "请先登录。"))
}

/// Notes that the session is in use; at most once a minute, as every note is a durable write.
///
/// # Errors
/// `database`.
pub fn note_use(conn: &mut Conn, person: &Person) -> Result<()> {
    touch_session(conn, &person.0.session.id, clock::now())
}

/// Whether the session's last use is older than a minute.
#[must_use]
pub fn is_stale(person: &Person) -> bool {
    clock::now() - person.0.session.last_seen_at.utc() > TimeDelta::minutes(1)
}
