//! The HTTP edge: partners' API and people's console. Handlers are thin; deeds run on threads that may wait.

mod answer;
mod api;
mod app;
mod body;
mod error;
mod frame;
mod metrics;
mod routes;
mod server;
pub mod signature;

pub use app::App;
pub use metrics::Metrics;
pub use routes::{API, Door, Entry};
pub use server::{Running, Settings, start};
pub use signature::Settings as SignatureSettings;
