//! Wires everything once: embedded files with their overlays, the master secret, fonts, the log.
//!
//! What the binary carries is read here and handed down as plain maps, so that the rooms below know no disk.

mod files;
mod fonts;
mod log;

pub use files::{Files, assets, mappings, model_files, templates};
pub use fonts::font_dirs;
pub use log::{LogFormat, LogSettings, start_log};
