//! `first_number`: the first number in a sentence, such as a term of years.

use std::borrow::Cow;

use super::super::bound::numbers;
use super::super::function::{Act, Args, Function, empty, example};
use crate::model::Fault;

pub(super) const FUNCTION: Function = Function {
    name: "first_number",
    summary: "取文字里的第一个数；没有数就当作空",
    params: &[],
    act: Act::Text { read, write: None },
    examples: &[
        example("", "其他普通商品住房用地70年; 其他商服用地40年;", "70"),
        example("", "约 -3.5 米", "-3.5"),
        empty("", "不限"),
    ],
};

fn read<'a>(text: Cow<'a, str>, _: &Args) -> Result<Option<Cow<'a, str>>, Fault> {
    Ok(numbers(&text)
        .into_iter()
        .next()
        .map(|range| Cow::Owned(text.get(range).unwrap_or_default().to_owned())))
}
