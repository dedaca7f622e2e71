//! `hub restore`: a data directory from a backup. Refuses to touch one that is in use.

use std::fs;
use std::path::{Path, PathBuf};

use super::backup::manifest::Manifest;
use super::backup::{DATABASE, KEY, settle, unwritable};
use super::{Call, Exit};
use crate::boot;
use crate::clock;
use crate::error::{Error, Result, codes};
use crate::store::{self, Address, Store};

#[derive(clap::Args)]
#[command(about = "从备份恢复到一个还没有数据库的数据目录（SQLite）")]
pub(super) struct Args {
    #[arg(value_name = "BACKUP", help = "hub backup 生成的文件夹")]
    from: PathBuf,
}

pub(super) fn run(args: Args, call: &mut Call) -> Result<Exit> {
    let url = boot::database_url(&call.config);
    let Address::Sqlite(database) = Address::parse(&url)? else {
        return Err(Error::new(
            codes::machine::SETTING,
            "PostgreSQL 数据库请用 pg_restore 恢复，见部署说明。",
        ));
    };
    let manifest = Manifest::verified(&args.from)?;
    let key = call.config.data.join(KEY);
    for file in [&database, &key] {
        free(file)?;
    }
    boot::make_data_dir(&call.config)?;
    if manifest.has(KEY) {
        copy(&args.from.join(KEY), &key)?;
    }
    // The database comes last: while it is missing, no process takes the directory for a hub.
    copy(&args.from.join(DATABASE), &database)?;
    check(&url, &database)?;
    report(&manifest, &url, call)
}

/// A database and its key belong together; putting one of them over another hub's would lose that hub.
fn free(file: &Path) -> Result<()> {
    if file.exists() {
        return Err(Error::new(
            codes::machine::FILE,
            format!("{} 已存在，不会覆盖。请先停止服务，把原数据目录改名，再恢复。", file.display()),
        ));
    }
    Ok(())
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    let mut beside = to.as_os_str().to_owned();
    beside.push(".restoring");
    let beside = PathBuf::from(beside);
    fs::copy(from, &beside).map_err(|e| unwritable(&beside, &e))?;
    settle(&beside)?;
    fs::rename(&beside, to).map_err(|e| unwritable(to, &e))
}

fn check(url: &str, database: &Path) -> Result<()> {
    let findings = Store::open(&store::Settings::at(url))?.check_integrity()?;
    if findings.is_empty() {
        return Ok(());
    }
    Err(Error::new(
        codes::machine::BACKUP_DAMAGED,
        format!("恢复出的数据库 {} 内部不一致，请换用另一份备份。", database.display()),
    )
    .because(findings.join("; ")))
}

fn report(manifest: &Manifest, url: &str, call: &mut Call) -> Result<Exit> {
    let status = Store::open(&store::Settings::at(url))?.migration_status()?;
    let data = call.config.data.display().to_string();
    let row = serde_json::json!({ "data": data, "manifest": manifest, "pending": status.pending });
    call.out.either(&row, || {
        format!(
            "已恢复到 {data}，备份时间 {}。",
            manifest.taken_at.with_timezone(&clock::china()).format("%Y-%m-%d %H:%M:%S")
        )
    });
    if !manifest.has(KEY) {
        call.out.note("备份里没有主密钥：启动前请设置与原来相同的 HUB_SECRET，否则对接密钥全部失效。");
    }
    if !status.pending.is_empty() {
        call.out.note("备份来自较早的版本，启动前请运行 hub migrate。");
    }
    Ok(Exit::Ok)
}
