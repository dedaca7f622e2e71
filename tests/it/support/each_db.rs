//! One test body on both databases, each time on a fresh one.

use std::sync::atomic::{AtomicU32, Ordering};

use hub::model::Schema;
use hub::store::{Settings, Store};

use super::postgres;

/// A database of its own for one test; gone when the test is over.
pub struct Fresh {
    /// `SQLite` or `PostgreSQL`.
    pub name: &'static str,
    /// Its address, for a second store on the same data.
    pub url: String,
    _directory: Option<tempfile::TempDir>,
}

impl Fresh {
    /// An empty SQLite file in a new directory.
    pub fn sqlite() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}", directory.path().join("hub.db").display());
        Self { name: "SQLite", url, _directory: Some(directory) }
    }

    /// An empty schema of the test server.
    pub fn postgres() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let schema = format!("t{}", COUNT.fetch_add(1, Ordering::Relaxed));
        let url = postgres::url(&schema);
        postgres::psql(&format!("CREATE SCHEMA {schema}"));
        Self { name: "PostgreSQL", url, _directory: None }
    }

    /// Opens it as it is.
    pub fn open(&self) -> Store {
        Store::open(&Settings::at(&self.url).creating()).unwrap()
    }

    /// Opens it with all tables made; the model is empty, so there are no views.
    pub fn migrated(&self) -> Store {
        let store = self.open();
        store.migrate(&Schema::default(), hub::clock::now()).unwrap();
        store
    }
}

/// Runs a body on a fresh SQLite file and a fresh PostgreSQL schema, tables made. A failure names the database.
pub fn each_db(body: impl Fn(&Store)) {
    each_fresh(|fresh| body(&fresh.migrated()));
}

/// The same, before anything is made.
pub fn each_fresh(body: impl Fn(&Fresh)) {
    for fresh in [Fresh::sqlite(), Fresh::postgres()] {
        let _named = Named(fresh.name);
        body(&fresh);
    }
}

/// Says which database it was when a test fails on the way out.
struct Named(&'static str);

impl Drop for Named {
    #[expect(clippy::print_stderr, reason = "the test runner shows it beside the failure")]
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("… on {}", self.0);
        }
    }
}
