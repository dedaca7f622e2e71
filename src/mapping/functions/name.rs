//! `name`: the Chinese name of a code; written back as the name.

use super::super::function::{Act, Args, Function, Need, Param, ParamKind, both_ways, example, fails};
use super::super::natural;
use crate::model::{Fault, FieldType, Parsed, Value};

pub(super) const FUNCTION: Function = Function {
    name: "name",
    summary: "来文写的是代码的中文名称（或通用别名）：换成代码；写出时换回名称",
    params: &[Param { title: "代码表", kind: ParamKind::Codes, need: Need::Maybe }],
    act: Act::Value { read, write, fits, one_way: both_ways },
    examples: &[example("", "契税", "\"deed_tax\""), fails("", "房产税")],
};

fn fits(ty: &FieldType) -> bool {
    matches!(ty, FieldType::Code(_))
}

fn read(text: &str, _: &Args, ty: &FieldType) -> Result<Parsed, Fault> {
    ty.parse(text)
}

fn write(value: &Value, _: &Args, ty: &FieldType) -> Result<String, Fault> {
    match (value, ty) {
        (Value::Code(code), FieldType::Code(list)) => Ok(list.title_of(code).to_owned()),
        (other, _) => natural::write(other),
    }
}
