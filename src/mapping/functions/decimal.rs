//! `decimal`: an exact decimal, never a float.

use super::super::function::{Act, Args, Function, Need, Param, ParamKind, example, fails, plain};
use super::super::natural;
use crate::model::{Fault, FieldType, Parsed, Value};
use crate::text::number;

pub(super) const FUNCTION: Function = Function {
    name: "decimal",
    summary: "小数，精确保存；小数位超出字段规定就报错，写 round 则四舍五入",
    params: &[Param { title: "取整", kind: ParamKind::Choice(super::ROUND), need: Need::Maybe }],
    act: Act::Value { read, write, fits, one_way: super::rounding_is_one_way },
    examples: &[
        example("", "1.20", "\"1.2\""),
        example("", "5.0E-2", "\"0.05\""),
        example("round", "1.005", "\"1.01\""),
        fails("", "1.005"),
        fails("", "约1.2"),
    ],
};

fn fits(ty: &FieldType) -> bool {
    matches!(ty, FieldType::Decimal { .. })
}

fn read(text: &str, args: &Args, ty: &FieldType) -> Result<Parsed, Fault> {
    match ty {
        FieldType::Decimal { scale } if args.has("round") => {
            let number = number::parse(text).map_err(natural::number_fault)?;
            Ok(plain(Value::Decimal(number::round(number, *scale).value.normalize())))
        }
        _ => ty.parse(text),
    }
}

fn write(value: &Value, _: &Args, _: &FieldType) -> Result<String, Fault> {
    natural::write(value)
}
