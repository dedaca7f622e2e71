//! `code`: the partner's code through a table of `codes.toml`, or a code of the model's list itself.

use super::super::function::{Act, Args, Function, Need, Param, ParamKind, both_ways, example, fails, plain};
use super::super::natural;
use crate::model::{Fault, FieldType, Parsed, Value};

pub(super) const FUNCTION: Function = Function {
    name: "code",
    summary: "代码：按 codes.toml 的对照表换成我方代码，没有对照表时就是模型代码表里的代码；写出时换回去",
    params: &[Param { title: "表名", kind: ParamKind::Codes, need: Need::One }],
    act: Act::Value { read, write, fits, one_way: both_ways },
    examples: &[example("示例税种", "10119", "\"deed_tax\""), fails("示例税种", "99999")],
};

fn fits(ty: &FieldType) -> bool {
    matches!(ty, FieldType::Code(_))
}

fn read(text: &str, args: &Args, ty: &FieldType) -> Result<Parsed, Fault> {
    let Some(table) = args.table().filter(|it| !it.is_list()) else { return ty.parse(text) };
    match table.ours(text) {
        Some(ours) => Ok(plain(Value::Code(ours.to_owned()))),
        None => Err(table.unknown(text)),
    }
}

fn write(value: &Value, args: &Args, _: &FieldType) -> Result<String, Fault> {
    match (value, args.table().filter(|it| !it.is_list())) {
        (Value::Code(ours), Some(table)) => {
            table.theirs(ours).map(str::to_owned).ok_or_else(|| table.cannot_write(ours))
        }
        (other, _) => natural::write(other),
    }
}
