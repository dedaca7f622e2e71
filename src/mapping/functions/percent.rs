//! `percent`: `35%` or `35` becomes 0.35; written back as a percentage without the sign.

use std::borrow::Cow;

use super::super::arithmetic;
use super::super::function::{Act, Args, Function, example, fails};
use crate::model::Fault;

pub(super) const FUNCTION: Function = Function {
    name: "percent",
    summary: "百分数转成小数，百分号可写可不写；写出时乘回 100",
    params: &[],
    act: Act::Text { read, write: Some(write) },
    examples: &[example("", "35%", "0.35"), example("", "100.0", "1"), fails("", "三成五")],
};

fn read<'a>(text: Cow<'a, str>, _: &Args) -> Result<Option<Cow<'a, str>>, Fault> {
    let number = text.trim_end_matches(['%', '％']).trim();
    arithmetic::divide(number, 100).map(|it| Some(Cow::Owned(it)))
}

fn write(text: &str, _: &Args) -> Result<String, Fault> {
    arithmetic::times(text, 100)
}
