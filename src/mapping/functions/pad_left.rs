//! `pad_left`: fills up in front to a width, for numbers whose leading zeros were lost.

use std::borrow::Cow;

use super::super::function::{Act, Args, Function, Need, Param, ParamKind, example, same};
use crate::model::Fault;

pub(super) const FUNCTION: Function = Function {
    name: "pad_left",
    summary: "在前面补足到规定位数，默认补 0（用于丢了前导零的编号）",
    params: &[
        Param { title: "位数", kind: ParamKind::Number, need: Need::One },
        Param { title: "补什么", kind: ParamKind::Text, need: Need::Maybe },
    ],
    act: Act::Text { read, write: Some(same) },
    examples: &[example("4", "101", "0101"), example("4", "0101", "0101"), example("3,x", "7", "xx7")],
};

fn read<'a>(text: Cow<'a, str>, args: &Args) -> Result<Option<Cow<'a, str>>, Fault> {
    let missing = args.number(0).unwrap_or(0).saturating_sub(text.chars().count());
    if missing == 0 {
        return Ok(Some(text));
    }
    let fill = if args.text(1).is_empty() { "0" } else { args.text(1) };
    Ok(Some(Cow::Owned(fill.repeat(missing) + &text)))
}
