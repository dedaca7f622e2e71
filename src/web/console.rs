//! The console for people: server-rendered pages in Chinese. Every page works without scripts and asks nothing of the outside.
//!
//! A handler reads what it shows in one consistent read ([`shell::show`]) or does one deed and sends the browser on
//! ([`shell::act`]); who may do what stands in [`person`].

pub mod batch_new;
pub mod batches;
pub mod beside;
pub mod copies;
pub mod deeds;
pub mod deliveries;
pub mod documents;
pub mod drafts;
pub mod export;
pub mod files;
pub mod messages;
pub mod package;
pub mod pages;
pub mod person;
pub mod quarantine;
pub mod reconciliation;
pub mod records;
pub mod registers;
pub mod search;
pub mod services;
pub mod shell;
pub mod sign_in;
pub mod subscriptions;
pub mod tasks;
pub mod verify;
pub mod view;
pub mod workbench;

pub use pages::Pages;
