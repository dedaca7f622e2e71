//! `remove_spaces`: every blank inside the text goes, also full-width and non-breaking ones.

use std::borrow::Cow;

use super::super::function::{Act, Args, Function, example, same};
use crate::model::Fault;

pub(super) const FUNCTION: Function = Function {
    name: "remove_spaces",
    summary: "去掉文字中间的所有空白（首尾空白总会去掉，不必写）",
    params: &[],
    act: Act::Text { read, write: Some(same) },
    examples: &[example("", "绍濂乡庄头村 2 组", "绍濂乡庄头村2组")],
};

fn read<'a>(text: Cow<'a, str>, _: &Args) -> Result<Option<Cow<'a, str>>, Fault> {
    if text.chars().any(char::is_whitespace) {
        return Ok(Some(Cow::Owned(text.chars().filter(|c| !c.is_whitespace()).collect())));
    }
    Ok(Some(text))
}
