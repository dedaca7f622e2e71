//! `text`: the text itself, checked by the field's type: identifiers with their check digits, links by what they point to.

use super::super::function::{Act, Args, Function, both_ways, example};
use super::super::natural;
use crate::model::{Fault, FieldType, Parsed, Value};

pub(super) const FUNCTION: Function = Function {
    name: "text",
    summary: "文字、编号原样收下（编号按其类型核对位数和校验码）；不写 as 时文字字段就用它",
    params: &[],
    act: Act::Value { read, write, fits, one_way: both_ways },
    examples: &[example("", "南湖区商住用地项目", "\"南湖区商住用地项目\"")],
};

fn fits(ty: &FieldType) -> bool {
    matches!(ty, FieldType::Text | FieldType::Ident(_) | FieldType::Ref { .. })
}

fn read(text: &str, _: &Args, ty: &FieldType) -> Result<Parsed, Fault> {
    ty.parse(text)
}

fn write(value: &Value, _: &Args, _: &FieldType) -> Result<String, Fault> {
    natural::write(value)
}
