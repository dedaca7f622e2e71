//! `lower`: letters to lower case.

use std::borrow::Cow;

use super::super::function::{Act, Args, Function, example, same};
use crate::model::Fault;

pub(super) const FUNCTION: Function = Function {
    name: "lower",
    summary: "英文字母转成小写",
    params: &[],
    act: Act::Text { read, write: Some(same) },
    examples: &[example("", "PDF", "pdf")],
};

fn read<'a>(text: Cow<'a, str>, _: &Args) -> Result<Option<Cow<'a, str>>, Fault> {
    if text.bytes().any(|b| b.is_ascii_uppercase()) {
        return Ok(Some(Cow::Owned(text.to_ascii_lowercase())));
    }
    Ok(Some(text))
}
