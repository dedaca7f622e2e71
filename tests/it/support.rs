//! What the stories need around them: real databases, a real browser.

pub mod app;
pub mod browser;
pub mod command;
pub mod contract;
pub mod each_db;
pub mod parcels;
pub mod person;
pub mod postgres;
pub mod subscriber;
