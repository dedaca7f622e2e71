//! `full_width_brackets`: half-width brackets become full-width, as Chinese document numbers write them.

use std::borrow::Cow;

use super::super::function::{Act, Args, Function, example, same};
use crate::model::Fault;

pub(super) const FUNCTION: Function = Function {
    name: "full_width_brackets",
    summary: "半角圆括号转成全角，与中文证号的规范写法一致",
    params: &[],
    act: Act::Text { read, write: Some(same) },
    examples: &[example("", "浙(2026)嘉兴市", "浙（2026）嘉兴市")],
};

fn read<'a>(text: Cow<'a, str>, _: &Args) -> Result<Option<Cow<'a, str>>, Fault> {
    if text.contains(['(', ')']) {
        return Ok(Some(Cow::Owned(text.replace('(', "（").replace(')', "）"))));
    }
    Ok(Some(text))
}
