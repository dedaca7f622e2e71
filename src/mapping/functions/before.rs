//! `before`: what stands before a word.

use std::borrow::Cow;

use super::super::function::{Act, Args, Function, Need, Param, ParamKind, empty, example};
use crate::model::Fault;

pub(super) const FUNCTION: Function = Function {
    name: "before",
    summary: "取指定文字之前的部分；没有这个文字就取全部",
    params: &[Param { title: "文字", kind: ParamKind::Text, need: Need::One }],
    act: Act::Text { read, write: None },
    examples: &[
        example("（", "幸福小区（一期）", "幸福小区"),
        example("（", "幸福小区", "幸福小区"),
        empty("-", "-9"),
    ],
};

fn read<'a>(text: Cow<'a, str>, args: &Args) -> Result<Option<Cow<'a, str>>, Fault> {
    let Some(end) = text.find(args.text(0)) else { return Ok(Some(text)) };
    let part = text.get(..end).unwrap_or_default().trim().to_owned();
    Ok(Some(part).filter(|it| !it.is_empty()).map(Cow::Owned))
}
