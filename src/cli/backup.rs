//! `hub backup`: a consistent copy of an SQLite hub while it runs, with what is needed to start from it again.
//!
//! A backup is a folder: the database, the master key (without it no partner's key works any more), and a list of both
//! with their digests. It is written under another name and renamed when everything is on the disk, so a folder that
//! bears the final name is whole.

pub(super) mod manifest;

use std::fs;
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::{Path, PathBuf};

use super::{Call, Exit};
use crate::boot;
use crate::clock;
use crate::config::Config;
use crate::error::{Error, Result, codes};
use crate::store::{self, Store};
use manifest::Manifest;

/// The database inside a backup.
pub(super) const DATABASE: &str = "hub.db";
/// The master key inside a backup, under the name it has in the data directory.
pub(super) const KEY: &str = "secret.key";

#[derive(clap::Args)]
#[command(about = "备份运行中的中枢（SQLite）：数据库、主密钥和校验清单")]
pub(super) struct Args {
    #[arg(value_name = "DIR", help = "备份存放目录；每次在其中新建一个以时间命名的文件夹")]
    to: PathBuf,
}

pub(super) fn run(args: Args, call: &mut Call) -> Result<Exit> {
    let store = Store::open(&store::Settings::at(boot::database_url(&call.config)))?;
    let now = clock::now();
    let name = now.with_timezone(&clock::china()).format("hub-%Y%m%d-%H%M%S").to_string();
    let done = args.to.join(&name);
    if done.exists() {
        return Err(Error::new(
            codes::machine::FILE,
            format!("备份 {} 已存在，请稍后再试。", done.display()),
        ));
    }
    let unfinished = args.to.join(format!(".{name}.part"));
    let written = write(&store, &call.config, &unfinished, now).and_then(|manifest| {
        fs::rename(&unfinished, &done).map_err(|e| unwritable(&done, &e))?;
        Ok(manifest)
    });
    if written.is_err() {
        // What was written is of no use; that it could not be removed changes nothing about the failure.
        let _ = fs::remove_dir_all(&unfinished);
    }
    let manifest = written?;
    if !manifest.has(KEY) {
        call.out.note("主密钥来自环境变量或配置文件，不在备份里，请另行妥善保存。");
    }
    let row = serde_json::json!({ "backup": done, "manifest": manifest });
    call.out.either(&row, || format!("已备份到 {}（{} 字节）。", done.display(), manifest.bytes()));
    Ok(Exit::Ok)
}

fn write(
    store: &Store,
    config: &Config,
    folder: &Path,
    now: chrono::DateTime<chrono::Utc>,
) -> Result<Manifest> {
    fs::DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(|e| unwritable(folder, &e))?;
    let database = folder.join(DATABASE);
    store.backup_to(&database)?;
    settle(&database)?;
    let key = config.data.join(KEY);
    if config.secret.is_none() && key.exists() {
        let copy = folder.join(KEY);
        fs::copy(&key, &copy).map_err(|e| unwritable(&copy, &e))?;
        settle(&copy)?;
    }
    let manifest = Manifest::of(folder, store.migration_status()?.applied, now)?;
    manifest.save(folder)?;
    Ok(manifest)
}

/// Readable by its owner only, and on the disk.
pub(super) fn settle(file: &Path) -> Result<()> {
    let settled = fs::set_permissions(file, fs::Permissions::from_mode(0o600))
        .and_then(|()| fs::File::open(file)?.sync_all());
    settled.map_err(|e| unwritable(file, &e))
}

pub(super) fn unwritable(path: &Path, error: &std::io::Error) -> Error {
    Error::new(codes::machine::FILE, format!("写不了 {}，请核对路径、权限和磁盘空间。", path.display()))
        .because(error)
}
