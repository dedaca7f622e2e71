//! `ref`: the business key of another record; what happens when that record is not there yet is said with `unknown`.

use super::super::function::{Act, Args, Function, Need, Param, ParamKind, both_ways, example};
use super::super::natural;
use crate::model::{Fault, FieldType, Parsed, Value};

pub(super) const FUNCTION: Function = Function {
    name: "ref",
    summary: "引用另一条记录的编号；必须同时写 unknown：hold 先收下等对方到齐，error 对方没到就退回",
    params: &[Param { title: "记录.字段", kind: ParamKind::Field, need: Need::Maybe }],
    act: Act::Value { read, write, fits, one_way: both_ways },
    examples: &[example("", "3304022026B00017", "\"3304022026B00017\"")],
};

fn fits(ty: &FieldType) -> bool {
    matches!(ty, FieldType::Ref { .. })
}

fn read(text: &str, _: &Args, ty: &FieldType) -> Result<Parsed, Fault> {
    ty.parse(text)
}

fn write(value: &Value, _: &Args, _: &FieldType) -> Result<String, Fault> {
    natural::write(value)
}
