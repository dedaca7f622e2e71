//! `inclusive`: whether a bound such as `≥1.2` or `>1.2` includes the number itself.

use std::borrow::Cow;

use super::super::bound::{Side, inclusive};
use super::super::function::{Act, Args, Function, Need, Param, ParamKind, empty, example};
use crate::model::Fault;

pub(super) const FUNCTION: Function = Function {
    name: "inclusive",
    summary: "带比较符的写法是否含本数：≥、≤、不大于等为是，＞、＜、大于等为否；没有这一侧的限制就当作空",
    params: &[Param {
        title: "哪一侧",
        kind: ParamKind::Choice(&[("min", "下限"), ("max", "上限")]),
        need: Need::One,
    }],
    act: Act::Text { read, write: None },
    examples: &[
        example("min", "≥1.2", "true"),
        example("max", "小于2.5", "false"),
        example("max", "1.0＜容积率≤2.5", "true"),
        example("min", "1.0＜容积率≤2.5", "false"),
        empty("max", "≥1.2"),
    ],
};

fn read<'a>(text: Cow<'a, str>, args: &Args) -> Result<Option<Cow<'a, str>>, Fault> {
    let side = if args.has("min") { Side::Min } else { Side::Max };
    Ok(inclusive(&text, side).map(|it| Cow::Borrowed(if it { "true" } else { "false" })))
}
