//! From template and values to pages and PDF: blocks, layout, fonts, writer. Pure.

pub mod block;
pub mod font;
pub mod layout;
mod markup;
pub mod pdf;
pub mod template;
