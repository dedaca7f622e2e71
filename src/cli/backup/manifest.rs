//! The list inside a backup: which files, how long, which digests, made when and by which version.

use std::fs::{self, File};
use std::io::Read;
use std::path::Path;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::{settle, unwritable};
use crate::crypto::Sha256;
use crate::error::{Error, Place, Problem, Result, codes};

const NAME: &str = "manifest.json";

/// What a backup holds.
#[derive(Debug, Serialize, Deserialize)]
pub(in crate::cli) struct Manifest {
    /// Version of the program that made it.
    pub version: String,
    /// When, UTC.
    pub taken_at: DateTime<Utc>,
    /// Migrations the database had.
    pub migrations: Vec<String>,
    /// The files.
    pub files: Vec<Entry>,
}

/// One file of a backup.
#[derive(Debug, Serialize, Deserialize)]
pub(in crate::cli) struct Entry {
    /// Name in the folder.
    pub name: String,
    /// Length in bytes.
    pub bytes: u64,
    /// Lower-case hex.
    pub sha256: String,
}

impl Manifest {
    /// Lists the files that stand in a folder now.
    pub(super) fn of(folder: &Path, migrations: Vec<String>, taken_at: DateTime<Utc>) -> Result<Self> {
        let mut files = Vec::new();
        for entry in fs::read_dir(folder).map_err(|e| unreadable(folder, &e))? {
            let path = entry.map_err(|e| unreadable(folder, &e))?.path();
            let name = path.file_name().map(|it| it.to_string_lossy().into_owned()).unwrap_or_default();
            let (bytes, sha256) = digest(&path)?;
            files.push(Entry { name, bytes, sha256 });
        }
        files.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(Self { version: env!("CARGO_PKG_VERSION").to_owned(), taken_at, migrations, files })
    }

    pub(super) fn save(&self, folder: &Path) -> Result<()> {
        let path = folder.join(NAME);
        let text = serde_json::to_string_pretty(self).map_err(Error::internal)?;
        fs::write(&path, text).map_err(|e| unwritable(&path, &e))?;
        settle(&path)
    }

    /// Reads the list of a backup and compares every file with it.
    ///
    /// # Errors
    /// `backup_damaged` with one problem per file that is missing or other than listed.
    pub(in crate::cli) fn verified(folder: &Path) -> Result<Self> {
        let path = folder.join(NAME);
        let damaged = |detail: String| Error::new(codes::machine::BACKUP_DAMAGED, detail);
        let text = fs::read_to_string(&path).map_err(|e| {
            damaged(format!("{} 里没有可读的 {NAME}，不是 hub backup 生成的备份。", folder.display()))
                .because(e)
        })?;
        let manifest: Self = serde_json::from_str(&text)
            .map_err(|e| damaged(format!("{} 读不懂，备份不完整。", path.display())).because(e))?;
        let problems: Vec<Problem> = manifest.files.iter().filter_map(|entry| entry.fault(folder)).collect();
        if problems.is_empty() {
            return Ok(manifest);
        }
        Err(damaged(format!("备份 {} 有 {} 个文件与清单不符，没有恢复。", folder.display(), problems.len()))
            .with_problems(problems))
    }

    /// Whether a file of this name is part of it.
    pub(in crate::cli) fn has(&self, name: &str) -> bool {
        self.files.iter().any(|it| it.name == name)
    }

    /// Length of all files together.
    pub(in crate::cli) fn bytes(&self) -> u64 {
        self.files.iter().map(|it| it.bytes).sum()
    }
}

impl Entry {
    fn fault(&self, folder: &Path) -> Option<Problem> {
        let path = folder.join(&self.name);
        let rule = match digest(&path) {
            Ok((_, sha256)) if sha256 == self.sha256 => return None,
            Ok(_) => "内容与备份时不同",
            Err(_) => "文件不在或读不了",
        };
        let at = Place { path: path.display().to_string(), ..Place::default() };
        Some(Problem::error(codes::machine::BACKUP_DAMAGED, rule, "换用另一份备份").at(at))
    }
}

/// Length and SHA-256 of a file, read piece by piece: databases do not fit into memory.
fn digest(path: &Path) -> Result<(u64, String)> {
    let mut file = File::open(path).map_err(|e| unreadable(path, &e))?;
    let mut hash = Sha256::new()?;
    let mut buffer = vec![0; 1 << 16];
    let mut bytes = 0;
    loop {
        let n = file.read(&mut buffer).map_err(|e| unreadable(path, &e))?;
        let Some(piece) = buffer.get(..n).filter(|it| !it.is_empty()) else { break };
        hash.update(piece)?;
        bytes += n as u64;
    }
    Ok((bytes, hash.finish_hex()?))
}

fn unreadable(path: &Path, error: &std::io::Error) -> Error {
    Error::new(codes::machine::FILE, format!("读不了 {}，请核对路径和权限。", path.display())).because(error)
}
