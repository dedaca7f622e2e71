//! From template and values to pages and PDF: blocks, layout, fonts, writer. Pure.
//!
//! ```text
//! kind.toml ─► form, checks ─┐
//! body.tera ─► template ─────┼─► markup ─► blocks ─┬► layout ─► pages ─► PDF, OFD
//! values (canonical JSON) ───┘                     │    ▲
//!                                                  │    └── faces, by role
//!                                                  └► DOCX
//! ```
//!
//! [`Kinds`] holds the kinds of documents, [`FontStore`] the faces, [`render()`] makes one document. Every value that is printed
//! is handed back with its place ([`Rendered::placed`]), so that a figure on paper can be followed to its source.

pub mod block;
pub mod font;
pub mod kind;
pub mod layout;
pub mod pdf;

mod docx;
mod export;
mod markup;
mod ofd;
mod package;
mod render;
mod template;
mod xml;

pub use export::{Format, export};
pub use font::FontStore;
pub use kind::{Binding, FormField, FormType, Kind, Kinds, Numbering, Step};
pub use render::{Options, Placed, Purpose, Rendered, lay_out_values, render};
