//! What every handler shares.

use std::sync::Arc;

use super::console::Pages;
use super::metrics::Metrics;
use super::server::Settings;
use super::throttle::Throttle;
use crate::crypto::MasterKey;
use crate::error::Result;
use crate::intake::Intake;
use crate::issue::Desk;
use crate::outbox::Outbox;
use crate::signing;
use crate::store::KeyId;
use crate::tracking::Tracking;

/// Files by path, as `boot` read them.
pub type Files = std::collections::BTreeMap<String, Vec<u8>>;

/// The state behind the server, made once by `boot`.
pub struct App {
    /// Server settings.
    pub settings: Settings,
    /// Settings of signature verification.
    pub signature: signing::Settings,
    /// Intake, and with it the database, the model and the mappings.
    pub intake: Intake,
    /// Task tracking.
    pub tracking: Tracking,
    /// What goes out.
    pub outbox: Outbox,
    /// Secrets of partners' keys.
    pub keys: Keys,
    /// The files of model and mappings, for samples.
    pub mapping_files: Arc<Files>,
    /// Document templates and console pages.
    pub templates: Arc<Files>,
    /// What documents are issued with.
    pub desk: Desk,
    /// Templates and files of the console.
    pub pages: Pages,
    /// Request counters.
    pub metrics: Metrics,
    /// How often one address may verify documents.
    pub throttle: Throttle<std::net::IpAddr>,
    /// How often one address may try a message in the portal.
    pub trials: Throttle<std::net::IpAddr>,
    /// How often each partner may ask.
    pub quotas: Throttle<crate::store::PartnerId>,
}

/// Derives the secrets of partners' keys.
#[derive(Debug, Clone)]
pub struct Keys(pub MasterKey);

impl Keys {
    /// The secret of a key; its bytes as text are what signs.
    ///
    /// # Errors
    /// `internal` when the crypto library fails.
    pub fn secret(&self, id: &KeyId) -> Result<String> {
        self.0.partner_secret(id.as_str())
    }
}
