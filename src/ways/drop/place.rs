//! The folder of one partner: which files in it are complete, where answers go, where files go that were dealt with.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime};

use chrono::NaiveDate;

use super::name::Name;
use crate::error::{Error, Result, codes};
use crate::mapping::{Complete, DropFolders};

/// Files looked at in one round; the others wait for the next.
const ROUND: usize = 1_000;
/// First and longest wait after a file could not be dealt with.
const WAIT: (Duration, Duration) = (Duration::from_secs(5), Duration::from_secs(600));

/// The folder.
pub(super) struct Place {
    root: PathBuf,
    folders: DropFolders,
}

/// A file that is complete.
#[derive(Debug)]
pub(super) struct Dropped {
    pub path: PathBuf,
    pub name: Name,
    /// Message named by the folder it lies in.
    pub message: Option<String>,
    /// The file that marks it as complete; goes with it.
    pub marker: Option<PathBuf>,
}

/// What was seen of a file so far.
#[derive(Debug)]
pub(super) struct Look {
    size: u64,
    modified: Option<SystemTime>,
    /// Since when it looks like that.
    since: Instant,
    waits: Option<(Instant, Duration)>,
}

impl Look {
    /// It could not be dealt with: it is left alone for a while, longer each time.
    pub fn wait(&mut self, now: Instant) {
        let span = self.waits.map_or(WAIT.0, |(_, span)| (span * 2).min(WAIT.1));
        self.waits = Some((now + span, span));
    }
}

fn failed(path: &Path) -> impl Fn(std::io::Error) -> Error {
    let detail = format!("落地目录里的 {} 读写不了。", path.display());
    move |e| Error::new(codes::machine::FILE, detail.clone()).because(e)
}

impl Place {
    pub fn new(root: PathBuf, folders: DropFolders) -> Self {
        Self { root, folders }
    }

    /// Takes the folder for this process until what is returned is dropped; none when it does not exist or another process
    /// has it. Folders that are missing in it are made.
    pub fn hold(&self) -> Result<Option<File>> {
        if !self.root.is_dir() {
            return Ok(None);
        }
        let path = self.root.join(".hub.lock");
        let lock =
            File::options().create(true).truncate(false).write(true).open(&path).map_err(failed(&path))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(fs::TryLockError::WouldBlock) => return Ok(None),
            Err(fs::TryLockError::Error(e)) => return Err(failed(&path)(e)),
        }
        for folder in [&self.folders.inbox, &self.folders.answers] {
            let path = self.root.join(folder);
            fs::create_dir_all(&path).map_err(failed(&path))?;
        }
        Ok(Some(lock))
    }

    /// The files that are complete, by name; at most [`ROUND`]. `known` tells which folders in the inbox name a message.
    pub fn complete(
        &self,
        looks: &mut BTreeMap<PathBuf, Look>,
        quiet: Duration,
        known: &dyn Fn(&str) -> bool,
        now: Instant,
    ) -> Result<Vec<Dropped>> {
        let inbox = self.root.join(&self.folders.inbox);
        let mut found = Vec::new();
        for entry in entries(&inbox)? {
            let name = Name::of(entry.file_name().as_os_str());
            if entry.path().is_dir() && known(&name.shown) {
                for inner in entries(&entry.path())? {
                    found.push((inner.path(), Some(name.shown.clone())));
                }
            } else {
                found.push((entry.path(), None));
            }
        }
        // A link could lead out of the folder, so only files themselves count.
        found.retain(|(path, _)| fs::symlink_metadata(path).is_ok_and(|it| it.is_file()));
        looks.retain(|path, _| found.iter().any(|(it, _)| it == path));
        found.sort();
        let mut complete = Vec::new();
        for (path, message) in found {
            if complete.len() == ROUND {
                break;
            }
            let name = Name::of(path.file_name().unwrap_or_default());
            if name.is_unfinished() || !stands(looks, &path, now) {
                continue;
            }
            if let Some(marker) = self.is_complete(&path, &name, looks, (quiet, now)) {
                complete.push(Dropped { path, name, message, marker });
            }
        }
        Ok(complete)
    }

    /// Whether a file is complete, and by which marker.
    fn is_complete(
        &self,
        path: &Path,
        name: &Name,
        looks: &BTreeMap<PathBuf, Look>,
        (quiet, now): (Duration, Instant),
    ) -> Option<Option<PathBuf>> {
        match &self.folders.complete {
            Complete::Renamed => Some(None),
            Complete::Quiet => {
                let look = looks.get(path)?;
                (now.saturating_duration_since(look.since) >= quiet).then_some(None)
            }
            Complete::Marker(ending) if name.shown.ends_with(ending.as_str()) => None,
            Complete::Marker(ending) => {
                let names = [format!("{}{ending}", name.shown), format!("{}{ending}", name.stem())];
                names.iter().map(|it| path.with_file_name(name.beside(it))).find(|it| it.is_file()).map(Some)
            }
        }
    }

    /// Writes an answer: another name first, so that the partner never reads half of it.
    pub fn answer(&self, name: &OsStr, bytes: &[u8]) -> Result<()> {
        let folder = self.root.join(&self.folders.answers);
        let mut hidden = std::ffi::OsString::from(".");
        hidden.push(name);
        let (under_way, done) = (folder.join(hidden), folder.join(name));
        let write = || {
            let mut file = File::create(&under_way)?;
            file.write_all(bytes)?;
            file.sync_all()?;
            fs::rename(&under_way, &done)?;
            File::open(&folder)?.sync_all()
        };
        write().map_err(failed(&done))
    }

    /// Moves a file that was dealt with, and its marker, to `done` or `refused` of the day; one of the same name there keeps
    /// its place.
    pub fn put_away(&self, file: &Dropped, taken: bool, day: NaiveDate) -> Result<()> {
        let folder = self.root.join(if taken { "done" } else { "refused" }).join(day.to_string());
        fs::create_dir_all(&folder).map_err(failed(&folder))?;
        // The marker first: a file without one is not taken again.
        for path in file.marker.iter().chain([&file.path]) {
            let name = path.file_name().unwrap_or_default();
            let mut to = folder.join(name);
            let mut n = 2;
            while to.exists() {
                let mut other = name.to_owned();
                other.push(format!(".{n}"));
                to = folder.join(other);
                n += 1;
            }
            fs::rename(path, &to).map_err(failed(path))?;
        }
        Ok(())
    }
}

fn entries(folder: &Path) -> Result<Vec<fs::DirEntry>> {
    let read = fs::read_dir(folder).and_then(Iterator::collect::<std::io::Result<Vec<_>>>);
    read.map_err(failed(folder))
}

/// Notes how a file looks now; whether it may be dealt with.
fn stands(looks: &mut BTreeMap<PathBuf, Look>, path: &Path, now: Instant) -> bool {
    let Ok(seen) = fs::metadata(path) else { return false };
    let (size, modified) = (seen.len(), seen.modified().ok());
    let look = looks.entry(path.to_owned()).or_insert(Look { size, modified, since: now, waits: None });
    if (look.size, look.modified) != (size, modified) {
        *look = Look { size, modified, since: now, waits: None };
    }
    look.waits.is_none_or(|(until, _)| until <= now)
}
