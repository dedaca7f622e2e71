//! What the stories need around them: real databases, a real browser.

pub mod browser;
