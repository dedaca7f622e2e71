//! The HTTP server: its settings, its start and its orderly end.

use std::time::Duration;

/// Settings of the HTTP server.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// `address:port`; port 0 lets the system choose.
    pub listen: String,
    /// Threads for connections; 0 means one per core.
    pub workers: usize,
    /// Largest request body in bytes.
    pub body_limit: u64,
    /// How long running requests may take to finish when the server stops.
    pub shutdown_grace: Duration,
    /// How long a client may take to send its request head.
    pub client_timeout: Duration,
    /// Whether clients reach us by HTTPS only, through a proxy in front.
    pub https_only: bool,
}
