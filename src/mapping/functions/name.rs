//! `name`: the Chinese name of a code; written back as the name.

use super::super::function::{Act, Args, Fault, Function, Need, Param, ParamKind, both_ways, example, fails};
use super::super::natural;
use crate::model::{FieldType, Value};

pub(super) const FUNCTION: Function = Function {
    name: "name",
    summary: "代码的中文名称：换成代码；写出时换回名称",
    params: &[Param { title: "代码表", kind: ParamKind::Codes, need: Need::One }],
    act: Act::Value { read, write, fits, one_way: both_ways },
    examples: &[example("示例税种名称", "契税", "\"deed_tax\""), fails("示例税种名称", "房产税")],
};

fn fits(ty: &FieldType) -> bool {
    matches!(ty, FieldType::Code(_))
}

fn read(text: &str, args: &Args, ty: &FieldType) -> Result<Option<Value>, Fault> {
    let Some(table) = args.table() else { return natural::read(text, ty).map(Some) };
    match table.ours(text) {
        Some(ours) => Ok(Some(Value::Code(ours.to_owned()))),
        None => Err(table.unknown(text)),
    }
}

fn write(value: &Value, args: &Args, _: &FieldType) -> Result<String, Fault> {
    match (value, args.table()) {
        (Value::Code(ours), Some(table)) => {
            table.theirs(ours).map(str::to_owned).ok_or_else(|| table.cannot_write(ours))
        }
        (other, _) => natural::write(other),
    }
}
