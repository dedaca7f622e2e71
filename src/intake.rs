//! Intake: a partner's message in, records and a receipt out, in one transaction.

mod import;

pub use import::Settings as ImportSettings;
