//! `half_width`: full-width letters, digits and brackets become half-width.

use std::borrow::Cow;

use super::super::function::{Act, Args, Function, example, same};
use crate::model::Fault;
use crate::text::width;

pub(super) const FUNCTION: Function = Function {
    name: "half_width",
    summary: "全角字母、数字、括号转成半角",
    params: &[],
    act: Act::Text { read, write: Some(same) },
    examples: &[example("", "长干东路１０８号（东）", "长干东路108号(东)")],
};

fn read<'a>(text: Cow<'a, str>, _: &Args) -> Result<Option<Cow<'a, str>>, Fault> {
    Ok(Some(match width::half_width(&text) {
        Cow::Borrowed(_) => text,
        Cow::Owned(done) => Cow::Owned(done),
    }))
}
