//! `divide`: an exact division; written back by multiplication.

use std::borrow::Cow;

use super::super::arithmetic;
use super::super::function::{Act, Args, Function, Need, Param, ParamKind, example, fails};
use crate::model::Fault;

pub(super) const FUNCTION: Function = Function {
    name: "divide",
    summary: "除以一个整数（除不尽就报错，不四舍五入）；写出时乘回去",
    params: &[Param { title: "除数", kind: ParamKind::Number, need: Need::One }],
    act: Act::Text { read, write: Some(write) },
    examples: &[example("100", "35", "0.35"), example("10000", "29742", "2.9742"), fails("3", "10")],
};

fn read<'a>(text: Cow<'a, str>, args: &Args) -> Result<Option<Cow<'a, str>>, Fault> {
    arithmetic::divide(&text, args.number(0).unwrap_or(1)).map(|it| Some(Cow::Owned(it)))
}

fn write(text: &str, args: &Args) -> Result<String, Fault> {
    arithmetic::times(text, args.number(0).unwrap_or(1))
}
