//! Settings, read once: flags over `HUB_*` environment over one TOML file over the defaults of [`KEYS`].
//!
//! Every setting is one row of the table in `config/keys.rs`; the example file, `hub config show` and the messages about
//! wrong values all come from that row. No other room reads the environment, and no room imports this one: `boot`
//! hands each room its own small settings struct, declared in that room.

mod example;
mod file;
mod keys;
mod value;

pub use example::example;
pub use keys::{KEYS, Key};

use std::collections::BTreeMap;
use std::path::PathBuf;

use crate::boot::LogSettings;
use crate::error::{Error, Problem, Result, codes};

/// Where the value in force came from; later ones win.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Origin {
    /// The table's default.
    Default,
    /// The settings file.
    File,
    /// A `HUB_*` variable.
    Environment,
    /// A flag of the command line.
    Flag,
}

impl Origin {
    /// The word for people.
    #[must_use]
    pub fn chinese(self) -> &'static str {
        match self {
            Self::Default => "默认",
            Self::File => "配置文件",
            Self::Environment => "环境变量",
            Self::Flag => "命令行",
        }
    }
}

/// All settings of one process.
#[derive(Debug, Clone, Default)]
pub struct Config {
    /// Directory of everything the hub writes: database, secret key, backups.
    pub data: PathBuf,
    /// `postgres://…` or `sqlite://…`; none means SQLite in `data`.
    pub database_url: Option<String>,
    /// Mappings that add to or replace the embedded ones.
    pub mappings: Option<PathBuf>,
    /// Templates that add to or replace the embedded ones.
    pub templates: Option<PathBuf>,
    /// Directory of font files, searched first.
    pub fonts: Option<PathBuf>,
    /// The master secret as text; none means `data/secret.key`.
    pub secret: Option<String>,
    /// Database connections for reading (SQLite) or for everything (PostgreSQL).
    pub connections: u32,
    /// Shared commits of intake.
    pub group: crate::store::GroupSettings,
    /// HTTP server.
    pub web: crate::web::Settings,
    /// Verification of signed requests.
    pub signature: crate::signing::Settings,
    /// Reading bulk files.
    pub import: crate::intake::ImportSettings,
    /// Folders partners drop files into.
    pub drop: crate::ways::drop::Settings,
    /// Frames over TCP.
    pub frames: crate::ways::frames::Settings,
    /// What goes out to partners.
    pub outbox: crate::outbox::Settings,
    /// Background work.
    pub worker: crate::worker::Settings,
    /// Log lines.
    pub log: LogSettings,
    origins: BTreeMap<&'static str, (String, Origin)>,
}

/// Raw texts by key, before they are understood: what the command line or the environment says.
pub type Texts = BTreeMap<String, String>;

impl Config {
    /// Reads everything; all wrong keys and values are reported together.
    ///
    /// `flags` are keyed as in [`KEYS`]. The file is `config` of the flags, else `HUB_CONFIG`, else `hub.toml` in the data
    /// directory when there is one.
    ///
    /// # Errors
    /// `setting` with one problem per wrong key or value; `file` when a named settings file cannot be read.
    pub fn load(flags: &Texts, environment: &Texts) -> Result<Self> {
        let mut problems = Vec::new();
        let mut config = Self::default();
        for key in KEYS {
            config.put(key, key.default.to_owned(), Origin::Default, key.name, None, &mut problems);
        }
        if let Some(path) = file::find(flags, environment)? {
            config.read_file(&path, &mut problems)?;
        }
        for key in KEYS {
            if let Some(text) = environment.get(&key.variable()) {
                let shown = key.variable();
                config.put(key, text.clone(), Origin::Environment, &shown, None, &mut problems);
            }
        }
        problems.extend(unknown_variables(environment));
        for key in KEYS {
            if let Some(text) = flags.get(key.name) {
                let shown = format!("--{}", key.name.replace('_', "-"));
                config.put(key, text.clone(), Origin::Flag, &shown, None, &mut problems);
            }
        }
        if problems.is_empty() {
            return Ok(config);
        }
        Err(Error::new(
            codes::machine::SETTING,
            format!("配置有 {} 处错误，请改正后再启动。", problems.len()),
        )
        .with_problems(problems))
    }

    fn read_file(&mut self, path: &std::path::Path, problems: &mut Vec<Problem>) -> Result<()> {
        let shown = path.display().to_string();
        for entry in file::read(path)? {
            let at = format!("{shown}:{}", entry.name);
            match keys::find(&entry.name) {
                Some(key) => self.put(key, entry.text, Origin::File, &at, Some(entry.line), problems),
                None => problems.push(keys::unknown(&entry.name, at, Some(entry.line))),
            }
        }
        Ok(())
    }

    fn put(
        &mut self,
        key: &'static Key,
        text: String,
        origin: Origin,
        shown: &str,
        line: Option<u32>,
        problems: &mut Vec<Problem>,
    ) {
        match (key.set)(self, text.trim()) {
            Ok(()) => {
                self.origins.insert(key.name, (text, origin));
            }
            Err(rule) => problems.push(key.wrong(&text, &rule, shown, line)),
        }
    }

    /// Every key with the text in force and where it came from; secrets are not shown.
    #[must_use]
    pub fn in_force(&self) -> Vec<(&'static Key, String, Origin)> {
        KEYS.iter()
            .map(|key| {
                let (text, origin) =
                    self.origins.get(key.name).cloned().unwrap_or((String::new(), Origin::Default));
                let shown = if key.secret && !text.is_empty() {
                    "（已设置，不显示）".to_owned()
                } else {
                    text
                };
                (key, shown, origin)
            })
            .collect()
    }
}

/// The process environment, `HUB_*` only.
#[must_use]
pub fn environment() -> Texts {
    std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
        .filter(|(name, _)| name.starts_with("HUB_"))
        .collect()
}

/// The directory the binary stands in.
#[must_use]
pub fn binary_dir() -> Option<PathBuf> {
    Some(std::env::current_exe().ok()?.parent()?.to_path_buf())
}

/// A misspelt `HUB_*` variable would silently do nothing; `HUB_CONFIG` and `HUB_TEST_*` have their own readers.
fn unknown_variables(environment: &Texts) -> Vec<Problem> {
    environment
        .keys()
        .filter(|name| *name != "HUB_CONFIG" && !name.starts_with("HUB_TEST_"))
        .filter(|name| !KEYS.iter().any(|key| key.variable() == **name))
        .map(|name| {
            let dotted = name.trim_start_matches("HUB_").to_ascii_lowercase();
            keys::unknown(&dotted, name.clone(), None)
        })
        .collect()
}

#[cfg(test)]
mod tests;
