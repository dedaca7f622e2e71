//! A consistent copy of the database while the hub runs.

use std::path::Path;

use diesel::prelude::*;
use diesel::sql_types::Text;

use super::conn::Conn;
use super::{Store, check_out};
use crate::error::codes::machine;
use crate::error::{Error, Result};

impl Store {
    /// Writes a compact copy of an SQLite database to a file that must not exist yet. Intake goes on meanwhile; the copy holds
    /// everything committed when it began.
    ///
    /// # Errors
    /// On PostgreSQL, which has its own tool (`pg_dump`) for this; and when the file exists or cannot be written.
    pub fn backup_to(&self, file: &Path) -> Result<()> {
        let refuse = |detail: String| Err(Error::new(machine::FILE, detail));
        let Some(target) = file.to_str() else {
            return refuse(format!("备份路径“{}”不是合法的 UTF-8 文字。", file.display()));
        };
        if file.exists() {
            return refuse(format!("备份文件“{}”已存在，不会覆盖，请换一个文件名。", file.display()));
        }
        // VACUUM cannot run inside a transaction, hence not `read`.
        match &mut *check_out(&self.pools.readers)? {
            Conn::Sqlite(conn) => {
                diesel::sql_query("VACUUM INTO ?").bind::<Text, _>(target).execute(conn).map_err(
                    |cause| {
                        Error::new(
                            machine::FILE,
                            format!("备份文件“{}”写入失败，请核对路径、权限和磁盘空间。", file.display()),
                        )
                        .because(cause)
                    },
                )?;
                Ok(())
            }
            Conn::Postgres(_) => {
                Err(Error::new(machine::SETTING, "PostgreSQL 数据库请用 pg_dump 备份，见部署说明。"))
            }
        }
    }

    /// Reads the whole SQLite file and checks every page and index; on PostgreSQL the server does this by itself.
    /// Returns what is wrong, empty when nothing is.
    pub fn check_integrity(&self) -> Result<Vec<String>> {
        #[derive(QueryableByName)]
        struct Finding {
            #[diesel(sql_type = Text)]
            integrity_check: String,
        }
        match &mut *check_out(&self.pools.readers)? {
            Conn::Sqlite(conn) => {
                let found: Vec<Finding> = diesel::sql_query("PRAGMA integrity_check").load(conn)?;
                Ok(found.into_iter().map(|it| it.integrity_check).filter(|text| text != "ok").collect())
            }
            Conn::Postgres(_) => Ok(Vec::new()),
        }
    }

    /// Answers quickly whether the database can be written to: takes the write lock and lets it go.
    pub fn ping(&self) -> Result<()> {
        self.write(|_| Ok(()))
    }
}
