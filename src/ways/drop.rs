//! Folders partners drop files into, usually by SFTP: `BizMsg` up, `RepMsg` down.
//!
//! ```text
//! <folder>/<partner>/BizMsg/Biz1.xml ─ complete? ─► intake ─► RepMsg/Rep1.xml ─► done/2026-03-01/Biz1.xml
//!                                                        └ refused ─► the same ─► refused/2026-03-01/Biz1.xml
//! ```
//!
//! A file is taken in, then answered, then moved away. A process killed between any two of these finds the file where it
//! was and does the rest: intake knows the bytes again by their digest, and the answer is written over itself. So no file
//! is lost and none is taken twice. One process at a time holds a partner's folder, by a lock that ends with the process.

mod name;
mod place;
mod take;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use crate::error::{Error, Result};
use crate::intake::{ImportSettings, Intake};

use place::{Look, Place};

/// Settings of drop folders.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// The folder that holds one folder for each partner; none means that there are no drop folders.
    pub folder: Option<PathBuf>,
    /// How often it is looked into.
    pub poll: Duration,
    /// How long a file must not change before it counts as complete, where its partner has no other sign.
    pub quiet: Duration,
    /// Largest file that is no table, in bytes: such a message is read as a whole.
    pub limit: u64,
    /// Reading tables, row by row and of any length.
    pub import: ImportSettings,
}

/// A watcher on a thread of its own.
pub struct Watcher {
    stopping: Arc<AtomicBool>,
    thread: std::thread::JoinHandle<()>,
}

/// Starts to watch; none when no folder is set.
///
/// # Errors
/// `internal` when no thread can be had.
pub fn start(intake: Intake, settings: Settings) -> Result<Option<Watcher>> {
    let Some(folder) = settings.folder.clone() else { return Ok(None) };
    let stopping = Arc::new(AtomicBool::new(false));
    let watch = Watch { intake, settings, folder, stopping: stopping.clone() };
    let thread = std::thread::Builder::new()
        .name("drop".to_owned())
        .spawn(move || watch.run())
        .map_err(Error::internal)?;
    Ok(Some(Watcher { stopping, thread }))
}

impl Watcher {
    /// Lets the files at hand be finished and takes no more.
    pub fn stop(self) {
        self.stopping.store(true, Ordering::Relaxed);
        self.thread.thread().unpark();
        if self.thread.join().is_err() {
            tracing::error!("drop.panicked");
        }
    }
}

struct Watch {
    intake: Intake,
    settings: Settings,
    folder: PathBuf,
    stopping: Arc<AtomicBool>,
}

impl Watch {
    /// A thread for each partner, so that a long file of one keeps no other waiting.
    fn run(&self) {
        let partners: BTreeSet<&str> = self.intake.mappings.iter().map(|it| it.partner.as_str()).collect();
        std::thread::scope(|scope| {
            for partner in partners {
                scope.spawn(move || self.watch(partner));
            }
        });
    }

    fn watch(&self, partner: &str) {
        let folders = self.intake.mappings.drop_folders(partner);
        let place = Place::new(self.folder.join(partner), folders);
        let mut looks = BTreeMap::new();
        while !self.stopping.load(Ordering::Relaxed) {
            if let Err(error) = self.round(partner, &place, &mut looks) {
                tracing::warn!(partner, code = %error.code, cause = error.cause.as_deref(), "drop.round_failed");
            }
            std::thread::park_timeout(self.settings.poll);
        }
    }

    fn round(&self, partner: &str, place: &Place, looks: &mut BTreeMap<PathBuf, Look>) -> Result<()> {
        let Some(_held) = place.hold()? else { return Ok(()) };
        let known = |message: &str| self.intake.mappings.get(partner, message).is_some();
        for file in place.complete(looks, self.settings.quiet, &known, Instant::now())? {
            if self.stopping.load(Ordering::Relaxed) {
                break;
            }
            if let Err(error) = take::take(&self.intake, &self.settings, partner, place, &file) {
                let (name, cause) = (&file.name.shown, error.cause.as_deref());
                tracing::warn!(partner, file = %name, code = %error.code, cause, "drop.file_waits");
                if let Some(look) = looks.get_mut(&file.path) {
                    look.wait(Instant::now());
                }
            }
        }
        Ok(())
    }
}
