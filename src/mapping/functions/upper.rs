//! `upper`: letters to upper case.

use std::borrow::Cow;

use super::super::function::{Act, Args, Function, example, same};
use crate::model::Fault;

pub(super) const FUNCTION: Function = Function {
    name: "upper",
    summary: "英文字母转成大写",
    params: &[],
    act: Act::Text { read, write: Some(same) },
    examples: &[example("", "330402001001gb00012", "330402001001GB00012")],
};

fn read<'a>(text: Cow<'a, str>, _: &Args) -> Result<Option<Cow<'a, str>>, Fault> {
    if text.bytes().any(|b| b.is_ascii_lowercase()) {
        return Ok(Some(Cow::Owned(text.to_ascii_uppercase())));
    }
    Ok(Some(text))
}
