//! Wires everything once: embedded files with their overlays, the model, the database, the master key, fonts, the log.
//!
//! What the binary carries is read here and handed down as plain maps, so that the rooms below know no disk.

mod files;
mod fonts;
mod hub;
mod log;
mod secret;

pub use files::{Files, assets, mappings, model_files, read_dir, templates};
pub use fonts::font_dirs;
pub use hub::{
    Hub, Missing, Model, database_url, load_kinds, load_model, load_schema, make_data_dir, open, open_store,
};
pub use log::{LogFormat, LogSettings, start_log};
pub use secret::{master_key, sm2_key};
