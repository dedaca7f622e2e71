//! Blocks → pages of placed items, after GB/T 9704-2012. Pure: the same blocks and faces give the same pages.
//!
//! Blocks become strips (a line of the grid, a row of a table), strips become pages, and last come what only whole pages
//! know: page numbers and the imprint at the foot of the last page. Lengths are millimetres from the top left corner of the sheet.

mod finish;
mod flow;
mod head;
mod kinsoku;
mod line;
mod page;
mod seal;
mod shape;
mod sign;
mod strip;
mod table;
mod title;

pub mod item;
pub mod measure;

pub use flow::{Look, lay_out};
pub use seal::draw as draw_seal;
pub use shape::MissingGlyph;
