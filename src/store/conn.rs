//! One connection to either database, and the two kinds of transaction everything runs in.

use std::time::Duration;

use diesel::connection::{AnsiTransactionManager, SimpleConnection, TransactionManager};
use diesel::prelude::*;
use diesel::result::{DatabaseErrorKind, Error as DbError};

use crate::crypto;
use crate::error::codes::{machine, record};
use crate::error::{Error, Result};

/// A connection to SQLite or PostgreSQL; the same queries run on both.
#[derive(diesel::MultiConnection)]
pub enum Conn {
    /// The database file inside the hub.
    Sqlite(diesel::SqliteConnection),
    /// A server shared by many hub processes.
    Postgres(diesel::PgConnection),
}

/// Runs a body against whichever database is behind the connection; written once, type-checked once per database.
///
/// Needed only for what `MultiConnection` cannot say: upserts and inserts of several rows.
macro_rules! each_backend {
    ($conn:ident => $body:expr) => {
        match $conn {
            $crate::store::Conn::Sqlite($conn) => $body,
            $crate::store::Conn::Postgres($conn) => $body,
        }
    };
}
pub(super) use each_backend;

/// How often a transaction is tried again after losing a race before the caller is told to come back later.
const TRIES: u32 = 12;

/// One write transaction, tried again when another process won a race.
///
/// SQLite takes the write lock at once (`BEGIN IMMEDIATE`): a transaction that reads first and writes later would
/// otherwise fail whenever somebody wrote in between. `f` may run several times and must keep nothing between runs.
pub fn write_tx<T>(conn: &mut Conn, mut f: impl FnMut(&mut Conn) -> Result<T>) -> Result<T> {
    let mut tries = 1;
    loop {
        begin_write(conn)?;
        match end(conn, &mut f) {
            Err(error) if lost_race(&error) && tries < TRIES => {
                step_aside(tries);
                tries += 1;
            }
            outcome => return outcome,
        }
    }
}

/// Waits a random moment, longer each time up to 64 ms, so that those who met do not meet again.
fn step_aside(tries: u32) {
    let random = crypto::random_bytes::<1>().map_or(0, |[byte]| u64::from(byte));
    std::thread::sleep(Duration::from_micros((1 << tries.min(6)) * 1000 * random / 255));
}

/// One read of a consistent state: everything inside sees the database as of its first query.
pub fn read_tx<T>(conn: &mut Conn, f: impl FnOnce(&mut Conn) -> Result<T>) -> Result<T> {
    match conn {
        Conn::Sqlite(c) => AnsiTransactionManager::begin_transaction_sql(c, "BEGIN DEFERRED")?,
        Conn::Postgres(c) => AnsiTransactionManager::begin_transaction_sql(
            c,
            "BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY",
        )?,
    }
    end(conn, f)
}

/// Runs `f` so that its failure undoes only itself; the transaction around it goes on.
pub fn savepoint<T>(conn: &mut Conn, f: impl FnOnce(&mut Conn) -> Result<T>) -> Result<T> {
    Transactions::begin_transaction(conn)?;
    end(conn, f)
}

pub(super) type Transactions = <Conn as Connection>::TransactionManager;

pub(super) fn begin_write(conn: &mut Conn) -> Result<()> {
    match conn {
        Conn::Sqlite(c) => AnsiTransactionManager::begin_transaction_sql(c, "BEGIN IMMEDIATE")?,
        Conn::Postgres(c) => AnsiTransactionManager::begin_transaction(c)?,
    }
    Ok(())
}

/// Commits what `f` did or rolls it back.
fn end<T>(conn: &mut Conn, f: impl FnOnce(&mut Conn) -> Result<T>) -> Result<T> {
    match f(conn) {
        Ok(value) => Transactions::commit_transaction(conn).map(|()| value).map_err(Error::from),
        Err(error) => match Transactions::rollback_transaction(conn) {
            Ok(()) | Err(DbError::BrokenTransactionManager) => Err(error),
            Err(rollback) => Err(error.because(format!("and rolling back failed: {rollback}"))),
        },
    }
}

/// Whether another transaction won and the same thing may succeed when tried again.
#[must_use]
pub fn lost_race(error: &Error) -> bool {
    error.code == machine::LOST_RACE
}

/// An error that makes the transaction around it run again.
pub(super) fn race(cause: impl std::fmt::Display) -> Error {
    Error::new(machine::LOST_RACE, "另一项操作刚刚改动了同一数据，请稍后重试。").because(cause)
}

impl From<DbError> for Error {
    fn from(error: DbError) -> Self {
        let cause = format!("database: {error}");
        match &error {
            DbError::NotFound => Self::new(record::NOT_FOUND, "没有找到所要的数据。").because(cause),
            DbError::DatabaseError(kind, detail) => match kind {
                DatabaseErrorKind::SerializationFailure => race(cause),
                DatabaseErrorKind::UniqueViolation => {
                    Self::new(record::DUPLICATE, "已有相同的数据，不能重复登记。").because(cause)
                }
                DatabaseErrorKind::ForeignKeyViolation => {
                    Self::new(record::BROKEN_LINK, "所引用的数据不存在，或仍被其他数据引用。").because(cause)
                }
                // diesel gives no SQLSTATE for a deadlock (40P01); the server says it in its own language.
                _ if ["deadlock detected", "检测到死锁"].iter().any(|it| detail.message().contains(it)) => {
                    race(cause)
                }
                _ if detail.message().contains("database is locked") => busy(cause),
                DatabaseErrorKind::ClosedConnection | DatabaseErrorKind::UnableToSendCommand => lost(cause),
                _ => Self::new(machine::DATABASE, "数据库未能完成这一步，已记入日志。").because(cause),
            },
            DbError::BrokenTransactionManager => lost(cause),
            _ => Self::new(machine::DATABASE, "数据库未能完成这一步，已记入日志。").because(cause),
        }
    }
}

fn busy(cause: String) -> Error {
    Error::new(machine::BUSY, "数据库正忙，请稍后重试。").because(cause)
}

fn lost(cause: String) -> Error {
    Error::new(machine::DATABASE, "与数据库的连接中断，请稍后重试。").because(cause)
}

/// Runs statements that take no values, such as the settings of a connection.
pub(super) fn batch(conn: &mut Conn, sql: &str) -> Result<()> {
    conn.batch_execute(sql).map_err(Error::from)
}
