//! `bound`: a value with an operator, such as `≥1.2`, gives its lower or upper bound.

use std::borrow::Cow;

use super::super::bound::{Side, bound};
use super::super::function::{Act, Args, Function, Need, Param, ParamKind, empty, example, fails, refuse};
use crate::model::Fault;

pub(super) const FUNCTION: Function = Function {
    name: "bound",
    summary: "从带比较符的写法里取下限或上限；没有这一侧的限制就当作空",
    params: &[
        Param {
            title: "哪一侧",
            kind: ParamKind::Choice(&[("min", "下限"), ("max", "上限")]),
            need: Need::One,
        },
        Param {
            title: "单写一个数时",
            kind: ParamKind::Choice(&[("bare", "也算作这一侧的限制")]),
            need: Need::Maybe,
        },
    ],
    act: Act::Text { read, write: None },
    examples: &[
        example("min", "≥1.2", "1.2"),
        empty("max", "≥1.2"),
        example("max", "1.0≤容积率≤2.5", "2.5"),
        example("min", "1.0-2.5", "1.0"),
        example("max", "不大于 30%", "30"),
        example("max", "＞1且≤2", "2"),
        example("max,bare", "1.8", "1.8"),
        empty("max", "1.8"),
        empty("max", "不限"),
        fails("max", "≤1.8且≤2.0"),
    ],
};

fn read<'a>(text: Cow<'a, str>, args: &Args) -> Result<Option<Cow<'a, str>>, Fault> {
    let side = if args.has("min") { Side::Min } else { Side::Max };
    match bound(&text, side, args.has("bare")) {
        Ok(found) => Ok(found.map(Cow::Owned)),
        Err(rule) => Err(refuse(rule, "写成“≥1.2”“≤2.5”或“1.2-2.5”的样子。")),
    }
}
