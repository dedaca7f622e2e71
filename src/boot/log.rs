//! The log: lines on stderr, for people or for a collector. Bodies and personal data never get here.

use tracing_subscriber::EnvFilter;

use crate::error::{Error, Result, codes};

/// How a line looks.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum LogFormat {
    /// For people.
    #[default]
    Text,
    /// One JSON object a line.
    Json,
}

/// What is logged and how.
#[derive(Debug, Clone, Default)]
pub struct LogSettings {
    /// A level, or directives by module such as `info,hub::intake=debug`.
    pub level: String,
    /// How a line looks.
    pub format: LogFormat,
}

/// Starts the log of this process; a second call changes nothing.
///
/// # Errors
/// `setting` when the level is not understood.
pub fn start_log(settings: &LogSettings) -> Result<()> {
    let filter = EnvFilter::try_new(&settings.level).map_err(|e| {
        Error::new(codes::machine::SETTING, format!("日志级别“{}”读不懂。", settings.level)).because(e)
    })?;
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    // Tests start several servers in one process: the first log stays.
    let _already_started = match settings.format {
        LogFormat::Text => builder.with_ansi(false).try_init(),
        LogFormat::Json => builder.json().flatten_event(true).try_init(),
    };
    Ok(())
}
