//! Where the database is, and the connections to it.
//!
//! The address is parsed here and never guessed: left to the driver, a misspelt `postgres://` would quietly become a new,
//! empty SQLite file of that name.

use std::path::{Path, PathBuf};
use std::time::Duration;

use diesel::Connection;
use diesel::r2d2::{ManageConnection, Pool, PooledConnection};

use super::conn::{Conn, batch};
use crate::error::codes::machine;
use crate::error::{Error, Result};

/// How the store is opened.
#[derive(Debug, Clone)]
pub struct Settings {
    /// A path or `sqlite://PATH`, or `postgres://…` / `postgresql://…`.
    pub url: String,
    /// Whether a missing SQLite file is made. Only first set-up may say so.
    pub create: bool,
    /// Connections for reading (SQLite), or for everything (PostgreSQL).
    pub connections: u32,
    /// How long to wait for a free connection or for SQLite's write lock.
    pub patience: Duration,
}

impl Settings {
    /// Usual values for an address.
    #[must_use]
    pub fn at(url: impl Into<String>) -> Self {
        Self { url: url.into(), create: false, connections: 8, patience: Duration::from_secs(10) }
    }

    /// The same, allowed to make a new SQLite file.
    #[must_use]
    pub fn creating(mut self) -> Self {
        self.create = true;
        self
    }
}

/// A database address after parsing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Address {
    /// A file on this machine.
    Sqlite(PathBuf),
    /// A PostgreSQL connection address, handed to libpq as it is.
    Postgres(String),
}

impl Address {
    /// Reads a database address. An unknown scheme is refused.
    pub fn parse(url: &str) -> Result<Self> {
        let refuse = |what: &str| {
            Err(Error::new(
                machine::SETTING,
                format!("数据库地址{what}。请写成文件路径、sqlite://路径 或 postgres://用户@主机/库名。"),
            ))
        };
        let url = url.trim();
        match url.split_once("://") {
            Some(("postgres" | "postgresql", _)) => Ok(Self::Postgres(url.to_owned())),
            Some(("sqlite", path)) => Self::file(path),
            Some((scheme, _)) => refuse(&format!("的类型“{scheme}”不认识")),
            None if url.is_empty() => refuse("为空"),
            // `postgresql:/host` and `sqlite:memory` are typing errors, never file names anyone wants.
            None if url.contains(':') && !is_drive(url) => refuse("写法不对（多写或漏写了斜杠）"),
            None => Self::file(url),
        }
    }

    fn file(path: &str) -> Result<Self> {
        if path.is_empty() || path.contains('?') || path.contains(":memory:") {
            return Err(Error::new(
                machine::SETTING,
                format!("SQLite 数据库须是一个文件路径，现为“{path}”。"),
            ));
        }
        Ok(Self::Sqlite(PathBuf::from(path)))
    }

    /// The address with any password hidden, for logs and pages.
    #[must_use]
    pub fn shown(&self) -> String {
        match self {
            Self::Sqlite(path) => path.display().to_string(),
            Self::Postgres(url) => hide_password(url),
        }
    }
}

fn is_drive(path: &str) -> bool {
    path.as_bytes().get(1) == Some(&b':') && path.as_bytes().first().is_some_and(u8::is_ascii_alphabetic)
}

fn hide_password(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else { return url.to_owned() };
    let rest = match rest.split_once('@') {
        Some((who, host)) => {
            let user = who.split_once(':').map_or(who, |(user, _)| user);
            format!("{user}@{host}")
        }
        None => rest.to_owned(),
    };
    let shown = match rest.split_once("password=") {
        Some((before, after)) => {
            let tail = after.split_once('&').map_or(String::new(), |(_, tail)| format!("&{tail}"));
            format!("{before}password=***{tail}")
        }
        None => rest,
    };
    format!("{scheme}://{shown}")
}

/// Opens connections for the pool.
#[derive(Debug)]
pub(super) struct Opener {
    address: Address,
    create: bool,
    patience: Duration,
    writer: bool,
}

impl Opener {
    fn open(&self) -> Result<Conn> {
        match &self.address {
            Address::Sqlite(path) => self.open_sqlite(path),
            Address::Postgres(url) => open_postgres(url),
        }
    }

    fn open_sqlite(&self, path: &Path) -> Result<Conn> {
        if !self.create && !path.exists() {
            return Err(Error::new(
                machine::NO_DATABASE,
                format!("没有数据库文件“{}”。首次使用请先运行 hub migrate。", path.display()),
            ));
        }
        let text = path.to_str().ok_or_else(|| {
            Error::new(machine::SETTING, format!("数据库路径“{}”不是合法的 UTF-8 文字。", path.display()))
        })?;
        let mut conn = diesel::SqliteConnection::establish(text).map(Conn::Sqlite).map_err(|cause| {
            Error::new(
                machine::DATABASE,
                format!("打不开数据库文件“{}”。请核对路径、权限和磁盘。", path.display()),
            )
            .because(cause)
        })?;
        // FULL: an answer is given only after the bytes are on the disk; group commit shares the cost. The cache is in
        // KiB and an upper bound: 32 MiB for the one writer, 8 MiB for a reader.
        let cache = if self.writer { 32 * 1024 } else { 8 * 1024 };
        batch(
            &mut conn,
            &format!(
                "PRAGMA busy_timeout={}; PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; \
                 PRAGMA temp_store=MEMORY; PRAGMA cache_size=-{cache}; PRAGMA wal_autocheckpoint=4000;",
                self.patience.as_millis()
            ),
        )?;
        Ok(conn)
    }
}

fn open_postgres(url: &str) -> Result<Conn> {
    let mut conn = diesel::PgConnection::establish(url).map(Conn::Postgres).map_err(|cause| {
        Error::new(machine::DATABASE, "连不上 PostgreSQL 数据库。请核对地址、账号，以及数据库是否已启动。")
            .because(cause)
    })?;
    batch(&mut conn, "SET client_min_messages = warning; SET application_name = 'hub'")?;
    Ok(conn)
}

impl ManageConnection for Opener {
    type Connection = Conn;
    type Error = Error;

    fn connect(&self) -> Result<Conn> {
        self.open()
    }

    fn is_valid(&self, conn: &mut Conn) -> Result<()> {
        batch(conn, "SELECT 1")
    }

    fn has_broken(&self, conn: &mut Conn) -> bool {
        use diesel::r2d2::R2D2Connection;
        std::thread::panicking() || conn.is_broken()
    }
}

/// The connections of a store: SQLite has one writer and several readers, PostgreSQL one pool for all.
#[derive(Clone)]
pub(super) struct Pools {
    pub(super) address: Address,
    pub(super) readers: Pool<Opener>,
    pub(super) writers: Pool<Opener>,
}

impl Pools {
    pub(super) fn open(settings: &Settings) -> Result<Self> {
        let address = Address::parse(&settings.url)?;
        let opener =
            |writer, create| Opener { address: address.clone(), create, patience: settings.patience, writer };
        // The first connection is made by hand: its failure is told in full, where the pool would only say "timed out".
        drop(opener(true, settings.create).open()?);
        let pool = |size: u32, opener: Opener| {
            Pool::builder()
                .max_size(size)
                .min_idle(Some(0))
                .connection_timeout(settings.patience)
                .test_on_check_out(matches!(opener.address, Address::Postgres(_)))
                .error_handler(Box::new(LogErrors))
                .build(opener)
                .map_err(|cause| Error::internal(format!("connection pool: {cause}")))
        };
        let readers = pool(settings.connections.max(2), opener(false, false))?;
        let writers = match &address {
            Address::Sqlite(_) => pool(1, opener(true, false))?,
            Address::Postgres(_) => readers.clone(),
        };
        Ok(Self { address, readers, writers })
    }
}

/// A connection from `pool`, or an answer that says to come back later.
pub(super) fn check_out(pool: &Pool<Opener>) -> Result<PooledConnection<Opener>> {
    pool.get()
        .map_err(|cause| Error::new(machine::BUSY, "数据库连接已用完或暂不可用，请稍后重试。").because(cause))
}

#[derive(Debug)]
struct LogErrors;

impl diesel::r2d2::HandleError<Error> for LogErrors {
    fn handle_error(&self, error: Error) {
        tracing::warn!(code = %error.code, cause = error.cause.as_deref(), "store.connection.failed");
    }
}

#[cfg(test)]
mod tests {
    use super::Address;

    #[test]
    fn an_address_is_parsed_and_never_guessed() {
        for path in ["data/hub.db", "/var/lib/hub/hub.db", "hub"] {
            assert_eq!(Address::parse(path).unwrap(), Address::Sqlite(path.into()));
        }
        assert_eq!(Address::parse("sqlite://data/hub.db").unwrap(), Address::Sqlite("data/hub.db".into()));
        for url in ["postgres://hub@db/hub", "postgresql://hub@/postgres?host=/run/pg"] {
            assert_eq!(Address::parse(url).unwrap(), Address::Postgres(url.into()));
        }
        for typo in
            ["", "postgress://hub@db/hub", "mysql://x", "postgres:/hub@db", "sqlite::memory:", "sqlite://"]
        {
            assert!(Address::parse(typo).is_err(), "{typo} was accepted");
        }
    }

    #[test]
    fn a_password_is_never_shown() {
        let shown = |url: &str| Address::parse(url).unwrap().shown();
        assert_eq!(shown("postgres://hub:s3cret@db/hub"), "postgres://hub@db/hub");
        assert_eq!(
            shown("postgres://db/hub?user=a&password=s3cret&x=1"),
            "postgres://db/hub?user=a&password=***&x=1"
        );
    }
}
