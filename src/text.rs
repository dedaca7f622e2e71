//! Exact values written as text: dates, money, areas, widths and masks, in the spellings people and departments use.
//!
//! Everything here is pure and exact: a number never passes through a float, and a text that is not understood is
//! refused rather than guessed.

pub mod amount;
pub mod area;
pub mod blank;
pub mod charset;
pub mod date;
pub mod mask;
pub mod number;
pub mod width;
