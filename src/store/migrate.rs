//! Bringing the database to this version, and saying how far it is. Both trees of `migrations/` are in the binary.

use diesel::migration::{Migration, MigrationSource, MigrationVersion};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use chrono::{DateTime, Utc};

use super::conn::{Conn, batch, write_tx};
use super::{Store, check_out, view};
use crate::error::codes::machine;
use crate::error::{Error, Result};
use crate::model::Schema;

const SQLITE: EmbeddedMigrations = embed_migrations!("migrations/sqlite");
const POSTGRES: EmbeddedMigrations = embed_migrations!("migrations/postgres");

/// Several processes may start at once; the first migrates, the others wait here. Any number no other program uses will do.
const MIGRATION_LOCK: i64 = 0x6875_6200;

/// How far a database is.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Status {
    /// Migrations done, oldest first.
    pub applied: Vec<String>,
    /// Migrations of this version still to be done.
    pub pending: Vec<String>,
    /// Migrations done by a newer version than this one.
    pub unknown: Vec<String>,
}

impl Status {
    /// Whether this version can work on the database as it is.
    #[must_use]
    pub fn is_current(&self) -> bool {
        self.pending.is_empty() && self.unknown.is_empty()
    }
}

impl Store {
    /// Runs the migrations that are missing, each in a transaction of its own, makes the analysts' views follow the model,
    /// and returns the names of the migrations run. Does nothing to a database that is current.
    pub fn migrate(&self, schema: &Schema, now: DateTime<Utc>) -> Result<Vec<String>> {
        let pending = !self.migration_status()?.pending.is_empty();
        let conn = &mut *check_out(&self.pools.writers)?;
        locked(conn, |conn| {
            if pending {
                // A view would keep PostgreSQL from changing the table below it.
                view::drop_views(conn)?;
            }
            let done = match conn {
                Conn::Sqlite(c) => names(c.run_pending_migrations(SQLITE))?,
                Conn::Postgres(c) => names(c.run_pending_migrations(POSTGRES))?,
            };
            write_tx(conn, |conn| view::rebuild_views(conn, schema, now))?;
            Ok(done)
        })
    }

    /// Undoes every migration. All data is lost; only tests and an abandoned set-up want this.
    pub fn revert_all(&self) -> Result<Vec<String>> {
        let conn = &mut *check_out(&self.pools.writers)?;
        view::drop_views(conn)?;
        locked(conn, |conn| match conn {
            Conn::Sqlite(c) => names(c.revert_all_migrations(SQLITE)),
            Conn::Postgres(c) => names(c.revert_all_migrations(POSTGRES)),
        })
    }

    /// How far the database is.
    pub fn migration_status(&self) -> Result<Status> {
        let conn = &mut *check_out(&self.pools.writers)?;
        let (known, applied) = match conn {
            Conn::Sqlite(c) => (versions::<diesel::sqlite::Sqlite>(SQLITE)?, c.applied_migrations()),
            Conn::Postgres(c) => (versions::<diesel::pg::Pg>(POSTGRES)?, c.applied_migrations()),
        };
        let mut applied: Vec<String> = applied.map_err(failed)?.iter().map(ToString::to_string).collect();
        applied.sort();
        let is_applied = |version: &String| applied.binary_search(version).is_ok();
        Ok(Status {
            pending: known.iter().filter(|(v, _)| !is_applied(v)).map(|(_, name)| name.clone()).collect(),
            unknown: applied.iter().filter(|v| !known.iter().any(|(k, _)| k == *v)).cloned().collect(),
            applied: known.into_iter().filter(|(v, _)| is_applied(v)).map(|(_, name)| name).collect(),
        })
    }

    /// Refuses to go on with a database of another version.
    pub fn require_current(&self) -> Result<()> {
        let status = self.migration_status()?;
        if status.is_current() {
            return Ok(());
        }
        let detail = if status.unknown.is_empty() {
            format!("数据库还缺 {} 项结构升级，请运行 hub migrate。", status.pending.len())
        } else {
            "数据库由更新版本的程序升级过，请换用新版本的 hub。".to_owned()
        };
        Err(Error::new(machine::SCHEMA_BEHIND, detail).because(format!("{status:?}")))
    }
}

fn names(
    done: std::result::Result<Vec<MigrationVersion<'_>>, Box<dyn std::error::Error + Send + Sync>>,
) -> Result<Vec<String>> {
    done.map(|versions| versions.iter().map(ToString::to_string).collect()).map_err(failed)
}

fn versions<DB: diesel::backend::Backend>(source: EmbeddedMigrations) -> Result<Vec<(String, String)>> {
    let all: Vec<Box<dyn Migration<DB>>> = source.migrations().map_err(failed)?;
    let mut all: Vec<_> =
        all.iter().map(|it| (it.name().version().to_string(), it.name().to_string())).collect();
    all.sort();
    Ok(all)
}

fn failed(cause: Box<dyn std::error::Error + Send + Sync>) -> Error {
    Error::new(machine::DATABASE, "数据库结构升级失败，已停在上一项；请把日志交给管理员。").because(cause)
}

/// Runs `f` alone among all processes of one PostgreSQL. SQLite takes its write lock for each migration by itself.
fn locked<T>(conn: &mut Conn, f: impl FnOnce(&mut Conn) -> Result<T>) -> Result<T> {
    if matches!(conn, Conn::Sqlite(_)) {
        return f(conn);
    }
    batch(conn, &format!("SELECT pg_advisory_lock({MIGRATION_LOCK})"))?;
    let outcome = f(conn);
    batch(conn, &format!("SELECT pg_advisory_unlock({MIGRATION_LOCK})"))?;
    outcome
}
