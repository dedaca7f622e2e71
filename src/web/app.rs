//! What every handler shares.

use super::metrics::Metrics;
use super::server::Settings;
use super::signature;

/// The state behind the server, made once by `boot`.
pub struct App {
    /// Server settings.
    pub settings: Settings,
    /// Settings of signature verification.
    pub signature: signature::Settings,
    /// Request counters.
    pub metrics: Metrics,
}
