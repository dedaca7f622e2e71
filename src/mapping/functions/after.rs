//! `after`: what stands after a word.

use std::borrow::Cow;

use super::super::function::{Act, Args, Function, Need, Param, ParamKind, empty, example};
use crate::model::Fault;

pub(super) const FUNCTION: Function = Function {
    name: "after",
    summary: "取指定文字之后的部分；没有这个文字就当作空",
    params: &[Param { title: "文字", kind: ParamKind::Text, need: Need::One }],
    act: Act::Text { read, write: None },
    examples: &[example("：", "土地用途：住宅", "住宅"), empty("：", "住宅")],
};

fn read<'a>(text: Cow<'a, str>, args: &Args) -> Result<Option<Cow<'a, str>>, Fault> {
    let part = text.split_once(args.text(0)).map(|(_, after)| after.trim().to_owned());
    Ok(part.filter(|it| !it.is_empty()).map(Cow::Owned))
}
