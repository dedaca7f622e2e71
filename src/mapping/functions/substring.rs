//! `substring`: some characters of the text, counted from 1.

use std::borrow::Cow;

use super::super::function::{Act, Args, Function, Need, Param, ParamKind, empty, example};
use crate::model::Fault;

pub(super) const FUNCTION: Function = Function {
    name: "substring",
    summary: "从第几个字起取几个字（从 1 数起；不写字数就取到末尾）",
    params: &[
        Param { title: "第几个字起", kind: ParamKind::Number, need: Need::One },
        Param { title: "几个字", kind: ParamKind::Number, need: Need::Maybe },
    ],
    act: Act::Text { read, write: None },
    examples: &[
        example("1,6", "330402001001GB00012", "330402"),
        example("7", "330402001", "001"),
        empty("20,2", "330402"),
    ],
};

fn read<'a>(text: Cow<'a, str>, args: &Args) -> Result<Option<Cow<'a, str>>, Fault> {
    let skip = args.number(0).unwrap_or(1).saturating_sub(1);
    let take = args.number(1).unwrap_or(usize::MAX);
    let part: String = text.chars().skip(skip).take(take).collect();
    Ok(Some(part.trim().to_owned()).filter(|it| !it.is_empty()).map(Cow::Owned))
}
