//! `digits`: only the digits stay.

use std::borrow::Cow;

use super::super::function::{Act, Args, Function, empty, example};
use crate::model::Fault;

pub(super) const FUNCTION: Function = Function {
    name: "digits",
    summary: "只留下数字",
    params: &[],
    act: Act::Text { read, write: None },
    examples: &[
        example("", "地下二层(B2)共120个", "2120"),
        example("", "0573-8208 0000", "057382080000"),
        empty("", "无"),
    ],
};

fn read<'a>(text: Cow<'a, str>, _: &Args) -> Result<Option<Cow<'a, str>>, Fault> {
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    Ok(Some(digits).filter(|it| !it.is_empty()).map(Cow::Owned))
}
