//! People: accounts, their roles, their sessions.

use chrono::{DateTime, Utc};
use diesel::prelude::*;

use super::conn::{Conn, each_backend};
use super::types::{AccountId, Instant, SessionId};
use super::words::{Role, Standing};
use crate::error::{Error, Result, codes};
use crate::schema::{account, role_assignment, session};

/// A person's account.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable, Insertable, AsChangeset, Identifiable)]
#[diesel(table_name = account, treat_none_as_default_value = false, treat_none_as_null = true)]
pub struct Account {
    /// Its id.
    pub id: AccountId,
    /// What is typed to sign in; unique.
    pub login: String,
    /// The person's name.
    pub name: String,
    /// Department the person works in.
    pub department: Option<String>,
    /// Division whose data the person may see; none for all.
    pub division: Option<String>,
    /// Telephone, for colleagues.
    pub phone: Option<String>,
    /// Argon2id, PHC text.
    pub password_hash: String,
    /// Whether the person may sign in.
    pub status: Standing,
    /// Whether the password must be changed at the next sign-in.
    pub must_change_password: bool,
    /// When it was last changed.
    pub password_changed_at: Instant,
    /// Wrong passwords in a row.
    pub failed_tries: i32,
    /// No sign-in until then.
    pub locked_until: Option<Instant>,
    /// Last time signed in.
    pub last_login_at: Option<Instant>,
    /// When the account was made.
    pub created_at: Instant,
    /// By whom.
    pub created_by: String,
}

/// A signed-in session.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable, Insertable, Identifiable)]
#[diesel(table_name = session, treat_none_as_default_value = false)]
pub struct Session {
    /// SHA-256 of the cookie's token.
    pub id: SessionId,
    /// Whose.
    pub account_id: AccountId,
    /// Token that forms must carry.
    pub csrf: String,
    /// Address it was opened from.
    pub ip: Option<String>,
    /// Browser it was opened with.
    pub user_agent: Option<String>,
    /// When it was opened.
    pub created_at: Instant,
    /// When it was last used, to the minute.
    pub last_seen_at: Instant,
    /// When it ends at the latest.
    pub expires_at: Instant,
}

/// Adds an account; the login must be new.
pub fn insert_account(conn: &mut Conn, row: &Account) -> Result<()> {
    match diesel::insert_into(account::table).values(row).execute(conn).map_err(Error::from) {
        Err(error) if error.code == codes::record::DUPLICATE => {
            Err(Error::new(codes::record::DUPLICATE, format!("登录名“{}”已有人使用，请换一个。", row.login)))
        }
        other => other.map(|_| ()),
    }
}

/// Writes everything known of an account.
pub fn save_account(conn: &mut Conn, row: &Account) -> Result<()> {
    diesel::update(account::table.find(&row.id)).set(row).execute(conn)?;
    Ok(())
}

/// An account by what is typed to sign in.
pub fn find_account_by_login(conn: &mut Conn, login: &str) -> Result<Option<Account>> {
    Ok(account::table
        .filter(account::login.eq(login))
        .select(Account::as_select())
        .get_result(conn)
        .optional()?)
}

/// An account that must exist.
pub fn get_account(conn: &mut Conn, id: &AccountId) -> Result<Account> {
    let found: Option<Account> =
        account::table.find(id).select(Account::as_select()).get_result(conn).optional()?;
    found.ok_or_else(|| Error::new(codes::record::NOT_FOUND, format!("没有编号为“{id}”的账号。")))
}

/// All accounts by login, each with its roles.
pub fn list_accounts(conn: &mut Conn) -> Result<Vec<(Account, Vec<Role>)>> {
    let accounts: Vec<Account> =
        account::table.order(account::login).select(Account::as_select()).load(conn)?;
    let roles: Vec<(AccountId, Role)> =
        role_assignment::table.select((role_assignment::account_id, role_assignment::role)).load(conn)?;
    Ok(accounts
        .into_iter()
        .map(|it| {
            let mut mine: Vec<Role> =
                roles.iter().filter(|(id, _)| *id == it.id).map(|(_, role)| *role).collect();
            mine.sort();
            (it, mine)
        })
        .collect())
}

/// Notes a wrong password, and until when the account is locked if it was one too many. Returns the tries in a row.
pub fn note_failed_login(
    conn: &mut Conn,
    id: &AccountId,
    locked_until: Option<DateTime<Utc>>,
) -> Result<i32> {
    Ok(diesel::update(account::table.find(id))
        .set((
            account::failed_tries.eq(account::failed_tries + 1),
            account::locked_until.eq(locked_until.map(Instant::from)),
        ))
        .returning(account::failed_tries)
        .get_result(conn)?)
}

/// Notes a sign-in: tries start again from none.
pub fn note_login(conn: &mut Conn, id: &AccountId, now: DateTime<Utc>) -> Result<()> {
    diesel::update(account::table.find(id))
        .set((
            account::failed_tries.eq(0),
            account::locked_until.eq(None::<Instant>),
            account::last_login_at.eq(Some(Instant::from(now))),
        ))
        .execute(conn)?;
    Ok(())
}

/// Writes a new password hash and ends every session of the account.
pub fn set_password(
    conn: &mut Conn,
    id: &AccountId,
    hash: &str,
    must_change: bool,
    now: DateTime<Utc>,
) -> Result<()> {
    diesel::update(account::table.find(id))
        .set((
            account::password_hash.eq(hash),
            account::must_change_password.eq(must_change),
            account::password_changed_at.eq(Instant::from(now)),
            account::failed_tries.eq(0),
            account::locked_until.eq(None::<Instant>),
        ))
        .execute(conn)?;
    diesel::delete(session::table.filter(session::account_id.eq(id))).execute(conn)?;
    Ok(())
}

/// The roles of an account, in order.
pub fn list_roles(conn: &mut Conn, of: &AccountId) -> Result<Vec<Role>> {
    let mut roles: Vec<Role> = role_assignment::table
        .filter(role_assignment::account_id.eq(of))
        .select(role_assignment::role)
        .load(conn)?;
    roles.sort();
    Ok(roles)
}

/// Gives a role; giving it again changes nothing.
pub fn grant_role(conn: &mut Conn, to: &AccountId, role: Role, by: &str, now: DateTime<Utc>) -> Result<()> {
    let row = (
        role_assignment::account_id.eq(to),
        role_assignment::role.eq(role),
        role_assignment::granted_at.eq(Instant::from(now)),
        role_assignment::granted_by.eq(by),
    );
    each_backend!(conn => diesel::insert_into(role_assignment::table)
        .values(row)
        .on_conflict((role_assignment::account_id, role_assignment::role))
        .do_nothing()
        .execute(conn))?;
    Ok(())
}

/// Takes a role away.
pub fn revoke_role(conn: &mut Conn, from: &AccountId, role: Role) -> Result<()> {
    diesel::delete(role_assignment::table.find((from, role))).execute(conn)?;
    Ok(())
}

/// Opens a session.
pub fn insert_session(conn: &mut Conn, row: &Session) -> Result<()> {
    diesel::insert_into(session::table).values(row).execute(conn)?;
    Ok(())
}

/// Who is signed in.
#[derive(Debug, Clone, PartialEq)]
pub struct SignedIn {
    /// The session.
    pub session: Session,
    /// The person.
    pub account: Account,
    /// What the person may do.
    pub roles: Vec<Role>,
}

/// The session of a token's digest, if it has neither ended nor stood idle since before `idle_since` and the account is active.
pub fn find_session(
    conn: &mut Conn,
    id: &SessionId,
    now: DateTime<Utc>,
    idle_since: DateTime<Utc>,
) -> Result<Option<SignedIn>> {
    let found: Option<(Session, Account)> = session::table
        .inner_join(account::table)
        .filter(session::id.eq(id))
        .filter(session::expires_at.gt(Instant::from(now)))
        .filter(session::last_seen_at.ge(Instant::from(idle_since)))
        .filter(account::status.eq(Standing::Active))
        .select((Session::as_select(), Account::as_select()))
        .get_result(conn)
        .optional()?;
    let Some((session, account)) = found else { return Ok(None) };
    let roles = list_roles(conn, &account.id)?;
    Ok(Some(SignedIn { session, account, roles }))
}

/// Notes that a session was used.
pub fn touch_session(conn: &mut Conn, id: &SessionId, now: DateTime<Utc>) -> Result<()> {
    diesel::update(session::table.find(id))
        .set(session::last_seen_at.eq(Instant::from(now)))
        .execute(conn)?;
    Ok(())
}

/// Ends a session.
pub fn delete_session(conn: &mut Conn, id: &SessionId) -> Result<()> {
    diesel::delete(session::table.find(id)).execute(conn)?;
    Ok(())
}

/// Removes sessions that have ended.
pub fn purge_sessions(conn: &mut Conn, now: DateTime<Utc>) -> Result<usize> {
    Ok(diesel::delete(session::table.filter(session::expires_at.le(Instant::from(now)))).execute(conn)?)
}

#[cfg(test)]
mod tests {
    use super::Role;

    #[test]
    fn words_read_back() {
        for role in Role::ALL {
            assert_eq!(Role::parse(role.as_str()), Some(*role));
        }
    }
}
