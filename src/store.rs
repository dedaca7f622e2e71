//! Memory: connections, migrations, queries. The only door to the database.
//!
//! Deeds hand a closure to [`Store::write`] or, on the hot path, to a [`GroupWriter`]; inside it they call the free
//! functions of the table groups below with the connection they were given. Everything done in one closure happens
//! together or not at all. Reads go through [`Store::read`] and see one consistent state.

mod account;
mod audit;
mod backup;
mod batch;
mod change;
mod claim;
mod clear;
mod conn;
mod delivery;
mod discrepancy;
mod document;
mod feed;
mod fixed;
mod group;
mod import;
mod job;
mod link;
mod mending;
mod message;
mod migrate;
mod number;
mod open;
mod outlet;
mod partner;
mod provenance;
mod reconciliation;
mod record;
mod service;
mod setting;
mod subscription;
mod task;
mod types;
mod view;
mod words;

pub use account::*;
pub use audit::*;
pub use batch::*;
pub use change::*;
pub use claim::*;
pub use clear::*;
pub use conn::{Conn, lost_race, read_tx, savepoint, write_tx};
pub use delivery::*;
pub use discrepancy::*;
pub use document::*;
pub use feed::*;
pub use group::{GroupSettings, GroupStats, GroupWriter};
pub use import::*;
pub use job::*;
pub use link::*;
pub use mending::*;
pub use message::*;
pub use migrate::Status;
pub use number::*;
pub use open::{Address, Settings};
pub use outlet::*;
pub use partner::*;
pub use provenance::*;
pub use reconciliation::*;
pub use record::*;
pub use service::*;
pub use setting::*;
pub use subscription::*;
pub use task::*;
pub use types::*;
pub use words::*;

use crate::error::Result;
use open::{Pools, check_out};

/// The open database; cheap to clone and to hand to threads.
#[derive(Clone)]
pub struct Store {
    pools: Pools,
}

impl Store {
    /// Opens the database of the settings. Nothing is migrated; see [`Store::migrate`].
    pub fn open(settings: &Settings) -> Result<Self> {
        Pools::open(settings).map(|pools| Self { pools })
    }

    /// Where the data lives.
    #[must_use]
    pub fn address(&self) -> &Address {
        &self.pools.address
    }

    /// Reads one consistent state.
    pub fn read<T>(&self, f: impl FnOnce(&mut Conn) -> Result<T>) -> Result<T> {
        read_tx(&mut *check_out(&self.pools.readers)?, f)
    }

    /// Writes in one transaction of its own. `f` runs again when another process won a race, see [`write_tx`].
    pub fn write<T>(&self, f: impl FnMut(&mut Conn) -> Result<T>) -> Result<T> {
        write_tx(&mut *check_out(&self.pools.writers)?, f)
    }
}
