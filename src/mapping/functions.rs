//! The functions, one file each. The table that people see is in `catalogue`.

mod add_prefix;
mod add_suffix;
mod after;
mod area;
mod before;
mod boolean;
mod bound;
mod code;
mod date;
mod decimal;
mod digits;
mod divide;
mod first_number;
mod full_width_brackets;
mod half_width;
mod inclusive;
mod instant;
mod integer;
mod link;
mod lookup;
mod lower;
mod money;
mod name;
mod pad_left;
mod percent;
mod remove;
mod remove_prefix;
mod remove_spaces;
mod remove_suffix;
mod replace;
mod split;
mod substring;
mod text;
mod times;
mod upper;
mod url_decode;

use super::function::{Args, Function};

/// Every function, in the order of the reference: values first, then words, numbers and lists.
pub(super) const ALL: &[&Function] = &[
    &text::FUNCTION,
    &integer::FUNCTION,
    &decimal::FUNCTION,
    &money::FUNCTION,
    &area::FUNCTION,
    &date::FUNCTION,
    &instant::FUNCTION,
    &boolean::FUNCTION,
    &code::FUNCTION,
    &name::FUNCTION,
    &link::FUNCTION,
    &half_width::FUNCTION,
    &full_width_brackets::FUNCTION,
    &upper::FUNCTION,
    &lower::FUNCTION,
    &remove_spaces::FUNCTION,
    &remove_prefix::FUNCTION,
    &remove_suffix::FUNCTION,
    &remove::FUNCTION,
    &add_prefix::FUNCTION,
    &add_suffix::FUNCTION,
    &replace::FUNCTION,
    &substring::FUNCTION,
    &pad_left::FUNCTION,
    &before::FUNCTION,
    &after::FUNCTION,
    &digits::FUNCTION,
    &first_number::FUNCTION,
    &bound::FUNCTION,
    &inclusive::FUNCTION,
    &times::FUNCTION,
    &divide::FUNCTION,
    &percent::FUNCTION,
    &lookup::FUNCTION,
    &url_decode::FUNCTION,
    &split::FUNCTION,
];

/// The optional last parameter of numbers.
const ROUND: &[(&str, &str)] = &[("round", "四舍五入")];

/// A rounded number does not come back as it was sent.
fn rounding_is_one_way(args: &Args) -> Option<&'static str> {
    args.has("round").then_some("四舍五入后回不到原来的数")
}
