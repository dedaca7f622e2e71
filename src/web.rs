//! The HTTP edge: partners' API and people's console. Handlers are thin; deeds run on threads that may wait.

mod answer;
mod api;
mod app;
mod auth;
mod body;
mod console;
mod error;
mod frame;
mod limits;
mod metrics;
mod openapi;
mod portal;
mod routes;
mod server;
mod throttle;
mod tls;
mod upload;

pub use app::{App, Keys};
pub use auth::CERTIFICATE;
pub use console::Pages;
pub use metrics::Metrics;
pub use routes::{API, Door, Entry, PAGES, PORTAL};
pub use server::{Running, Settings, start, wait_for_signal};
pub use throttle::Throttle;
pub use tls::{ClientCertificate, Settings as TlsSettings, key_id as certificate_key};
