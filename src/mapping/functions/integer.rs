//! `integer`: a whole number.

use rust_decimal::prelude::ToPrimitive;

use super::super::function::{Act, Args, Fault, Function, both_ways, example, fails};
use super::super::natural;
use crate::model::{FieldType, Value};
use crate::text::number;

pub(super) const FUNCTION: Function = Function {
    name: "integer",
    summary: "整数；“3.0”也认，“3.5”不认",
    params: &[],
    act: Act::Value { read, write: write, fits, one_way: both_ways },
    examples: &[example("", "120", "120"), example("", "3.0", "3"), fails("", "3.5"), fails("", "三")],
};

fn fits(ty: &FieldType) -> bool {
    matches!(ty, FieldType::Integer)
}

fn read(text: &str, _: &Args, _: &FieldType) -> Result<Option<Value>, Fault> {
    let number = number::parse(text).map_err(natural::number_fault)?;
    if !number.fract().is_zero() {
        return Err(Fault::value("应为整数，不能带小数。", "核对这一项，写成整数。"));
    }
    match number.to_i64() {
        Some(whole) => Ok(Some(Value::Integer(whole))),
        None => Err(Fault::value("数值超出可记录的范围。", "核对这一项。")),
    }
}

fn write(value: &Value, _: &Args, _: &FieldType) -> Result<String, Fault> {
    natural::write(value)
}
