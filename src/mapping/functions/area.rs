//! `area`: an area in the unit the partner uses, kept in 0.01 ㎡.

use super::super::function::{Act, Args, Function, Need, Param, ParamKind, example, fails, plain};
use super::super::natural;
use crate::model::{Fault, FieldType, Parsed, Value};
use crate::text::area::{Area, AreaUnit};

pub(super) const FUNCTION: Function = Function {
    name: "area",
    summary: "面积，必须写明来文的单位；精确到 0.01 平方米，更细就报错，写 round 则四舍五入",
    params: &[
        Param {
            title: "单位",
            kind: ParamKind::Choice(&[("sqm", "平方米"), ("hectare", "公顷"), ("mu", "亩")]),
            need: Need::One,
        },
        Param { title: "取整", kind: ParamKind::Choice(super::ROUND), need: Need::Maybe },
    ],
    act: Act::Value { read, write, fits, one_way: super::rounding_is_one_way },
    examples: &[
        example("sqm", "3250.5", "\"3250.50\""),
        example("hectare", "2.9742", "\"29742.00\""),
        example("mu,round", "1.5", "\"1000.00\""),
        fails("hectare", "0.12345678"),
        fails("sqm", "-1"),
    ],
};

fn fits(ty: &FieldType) -> bool {
    matches!(ty, FieldType::Area)
}

fn unit(args: &Args) -> AreaUnit {
    match args.text(0) {
        "hectare" => AreaUnit::Hectare,
        "mu" => AreaUnit::Mu,
        _ => AreaUnit::SquareMetre,
    }
}

fn read(text: &str, args: &Args, _: &FieldType) -> Result<Parsed, Fault> {
    let parsed = Area::parse_unit(text, unit(args)).map_err(natural::number_fault)?;
    if parsed.rounded && !args.has("round") {
        return Err(natural::finer_than("0.01 平方米"));
    }
    Ok(plain(Value::Area(parsed.value)))
}

fn write(value: &Value, args: &Args, _: &FieldType) -> Result<String, Fault> {
    match value {
        Value::Area(area) => Ok(area.in_unit(unit(args)).normalize().to_string()),
        other => natural::write(other),
    }
}
