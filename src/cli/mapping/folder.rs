//! A mapping folder on disk, whichever level of the tree it is: all partners, one partner, one message.

use std::path::{Path, PathBuf};

use crate::boot::{self, Files};
use crate::config::Config;
use crate::error::{Error, Result, codes};
use crate::model::Schema;

/// The folder's files with their paths as below `mappings/`, and the model they are checked against.
pub(super) struct Folder {
    pub files: Files,
    pub schema: Schema,
    /// Partner and message, when the folder is that of one message.
    pub message: Option<(String, String)>,
    /// Where a path of `files` stands on disk.
    prefix: String,
    dir: PathBuf,
}

impl Folder {
    /// Reads the folder. The model is the hub's own, with what the folder brings along under `model/`.
    ///
    /// # Errors
    /// `file` when it cannot be read; `parameter` when it holds no mapping; `setting` when the model is wrong.
    pub fn open(dir: &Path, config: &Config) -> Result<Self> {
        let dir = dir.canonicalize().map_err(|e| {
            Error::new(codes::machine::FILE, format!("读不了 {}：路径不存在或没有权限。", dir.display()))
                .because(e)
        })?;
        let shipped = boot::mappings(config.mappings.as_deref())?;
        let own = boot::read_dir(&dir)?;
        let name =
            |path: &Path| path.file_name().map(|it| it.to_string_lossy().into_owned()).unwrap_or_default();
        let (prefix, message) = if own.contains_key("map.toml") {
            let partner = dir.parent().map(name).unwrap_or_default();
            (format!("{partner}/{}/", name(&dir)), Some((partner, name(&dir))))
        } else if own.contains_key("partner.toml") {
            (format!("{}/", name(&dir)), None)
        } else {
            (String::new(), None)
        };
        let mut files: Files =
            own.into_iter().map(|(path, bytes)| (format!("{prefix}{path}"), bytes)).collect();
        if let Some((partner, _)) = &message {
            add_partner_files(&mut files, partner, &dir, &shipped);
        }
        if !files.keys().any(|path| path.ends_with("/map.toml")) {
            return Err(Error::new(
                codes::transport::PARAMETER,
                format!("{} 里没有 map.toml，请给出映射目录、单位文件夹或报文文件夹。", dir.display()),
            ));
        }
        let schema = boot::load_schema(&with_model(&shipped, &files))?;
        files.retain(|path, _| !path.starts_with("model/"));
        Ok(Self { files, schema, message, prefix, dir })
    }

    /// Writes files of the folder, by their paths as below `mappings/`.
    ///
    /// # Errors
    /// `file`.
    pub fn write(&self, files: &Files) -> Result<()> {
        for (path, bytes) in files {
            let Some(rest) = path.strip_prefix(&self.prefix) else { continue };
            let path = self.dir.join(rest);
            std::fs::write(&path, bytes).map_err(|e| {
                Error::new(codes::machine::FILE, format!("写不了 {}。", path.display())).because(e)
            })?;
        }
        Ok(())
    }
}

/// What a message folder needs from the folder above it: read beside it, else taken from the hub's own.
fn add_partner_files(files: &mut Files, partner: &str, dir: &Path, shipped: &Files) {
    for name in ["partner.toml", "codes.toml"] {
        let key = format!("{partner}/{name}");
        let beside = dir.parent().and_then(|above| std::fs::read(above.join(name)).ok());
        if let Some(bytes) = beside.or_else(|| shipped.get(&key).cloned()) {
            files.insert(key, bytes);
        }
    }
}

fn with_model(shipped: &Files, own: &Files) -> Files {
    let model = |files: &Files| {
        files
            .iter()
            .filter(|(path, _)| path.starts_with("model/"))
            .map(|(path, bytes)| (path.clone(), bytes.clone()))
            .collect::<Files>()
    };
    let mut all = model(shipped);
    all.extend(model(own));
    all
}
