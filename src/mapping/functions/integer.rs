//! `integer`: a whole number.

use super::super::function::{Act, Args, Function, both_ways, example, fails};
use super::super::natural;
use crate::model::{Fault, FieldType, Parsed, Value};

pub(super) const FUNCTION: Function = Function {
    name: "integer",
    summary: "整数；“3.0”也认，“3.5”不认",
    params: &[],
    act: Act::Value { read, write, fits, one_way: both_ways },
    examples: &[example("", "120", "120"), example("", "3.0", "3"), fails("", "3.5"), fails("", "三")],
};

fn fits(ty: &FieldType) -> bool {
    matches!(ty, FieldType::Integer)
}

fn read(text: &str, _: &Args, ty: &FieldType) -> Result<Parsed, Fault> {
    ty.parse(text)
}

fn write(value: &Value, _: &Args, _: &FieldType) -> Result<String, Fault> {
    natural::write(value)
}
