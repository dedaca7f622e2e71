//! The master key: from the settings, or a file in the data directory that is made once and readable by its owner only.

use std::fs;
use std::io::Write;
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::Path;

use crate::crypto::{self, MasterKey};
use crate::error::{Error, Result, codes};
use crate::outbox::Sm2Key;

/// The key all partner secrets are derived from.
///
/// # Errors
/// `file` when `secret.key` can be neither read nor made; `setting` when others may read it or it is too short.
pub fn master_key(set: Option<&str>, data: &Path) -> Result<MasterKey> {
    if let Some(text) = set {
        return MasterKey::new(text);
    }
    let path = data.join("secret.key");
    if !path.exists() {
        create(&path)?;
    }
    read(&path)
}

/// Written beside and linked into place, so that a crash never leaves half a key and of two processes starting at once
/// the first wins.
fn create(path: &Path) -> Result<()> {
    let token = crypto::random_token()?;
    let beside = path.with_extension(format!("key.{}", std::process::id()));
    let written = fs::OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(&beside)
        .and_then(|mut file| file.write_all(token.as_bytes()).and_then(|()| file.sync_all()));
    let linked = written.and_then(|()| match fs::hard_link(&beside, path) {
        Err(e) if e.kind() == std::io::ErrorKind::AlreadyExists => Ok(()),
        other => other,
    });
    // Fails only when the file was never made; the error below tells why.
    let _ = fs::remove_file(&beside);
    linked.map_err(|e| {
        Error::new(codes::machine::FILE, format!("建不了主密钥文件 {}。", path.display())).because(e)
    })
}

/// The SM2 key that signs deliveries, from its file.
///
/// # Errors
/// `file` when it cannot be read; `setting` when others may read it; `key_unusable` when it holds no SM2 private key.
pub fn sm2_key(path: &Path) -> Result<Sm2Key> {
    Sm2Key::new(&read_private(path, "SM2 私钥")?)
}

fn read(path: &Path) -> Result<MasterKey> {
    let text = read_private(path, "主密钥")?;
    MasterKey::new(text.trim()).map_err(|_too_short| {
        Error::new(
            codes::machine::SETTING,
            format!("主密钥文件 {} 不足 32 个字符，像是被截断了，请从备份恢复。", path.display()),
        )
    })
}

/// A file that nobody but its owner may read.
fn read_private(path: &Path, what: &str) -> Result<String> {
    let failed = |e: std::io::Error| {
        Error::new(codes::machine::FILE, format!("读不了{what}文件 {}。", path.display())).because(e)
    };
    let mode = fs::metadata(path).map_err(failed)?.permissions().mode();
    if mode & 0o077 != 0 {
        return Err(Error::new(
            codes::machine::SETTING,
            format!("{what}文件 {} 可被他人读取，请执行 chmod 600 后再启动。", path.display()),
        ));
    }
    fs::read_to_string(path).map_err(failed)
}
