//! The HTTP edge: partners' API and people's console. Handlers are thin; deeds run in `web::block`.

mod server;
pub mod signature;

pub use server::Settings;
pub use signature::Settings as SignatureSettings;
