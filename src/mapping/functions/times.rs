//! `times`: an exact multiplication; written back by division.

use std::borrow::Cow;

use super::super::arithmetic;
use super::super::function::{Act, Args, Function, Need, Param, ParamKind, example, fails};
use crate::model::Fault;

pub(super) const FUNCTION: Function = Function {
    name: "times",
    summary: "乘以一个整数（精确计算）；写出时除回去",
    params: &[Param { title: "乘数", kind: ParamKind::Number, need: Need::One }],
    act: Act::Text { read, write: Some(write) },
    examples: &[example("10000", "356", "3560000"), example("100", "0.35", "35"), fails("10", "三")],
};

fn read<'a>(text: Cow<'a, str>, args: &Args) -> Result<Option<Cow<'a, str>>, Fault> {
    arithmetic::times(&text, args.number(0).unwrap_or(1)).map(|it| Some(Cow::Owned(it)))
}

fn write(text: &str, args: &Args) -> Result<String, Fault> {
    arithmetic::divide(text, args.number(0).unwrap_or(1))
}
