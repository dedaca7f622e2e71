//! `money`: an amount in the unit the partner uses, kept in 分.

use super::super::function::{Act, Args, Function, Need, Param, ParamKind, example, fails, plain};
use super::super::natural;
use crate::model::{Fault, FieldType, Parsed, Value};
use crate::text::amount::{Money, MoneyUnit};

pub(super) const FUNCTION: Function = Function {
    name: "money",
    summary: "金额，必须写明来文的单位；精确到分，除不尽就报错，写 round 则四舍五入",
    params: &[
        Param {
            title: "单位",
            kind: ParamKind::Choice(&[("yuan", "元"), ("wan_yuan", "万元"), ("fen", "分")]),
            need: Need::One,
        },
        Param { title: "取整", kind: ParamKind::Choice(super::ROUND), need: Need::Maybe },
    ],
    act: Act::Value { read, write, fits, one_way: super::rounding_is_one_way },
    examples: &[
        example("yuan", "1,234.50", "\"1234.50\""),
        example("wan_yuan", "356", "\"3560000.00\""),
        example("fen", "100", "\"1.00\""),
        example("wan_yuan,round", "0.1234567", "\"1234.57\""),
        fails("wan_yuan", "0.1234567"),
        fails("yuan", "面议"),
    ],
};

fn fits(ty: &FieldType) -> bool {
    matches!(ty, FieldType::Money)
}

fn unit(args: &Args) -> MoneyUnit {
    match args.text(0) {
        "wan_yuan" => MoneyUnit::TenThousandYuan,
        "fen" => MoneyUnit::Fen,
        _ => MoneyUnit::Yuan,
    }
}

fn read(text: &str, args: &Args, _: &FieldType) -> Result<Parsed, Fault> {
    let parsed = Money::parse_unit(text, unit(args)).map_err(natural::number_fault)?;
    if parsed.rounded && !args.has("round") {
        return Err(natural::finer_than("分"));
    }
    Ok(plain(Value::Money(parsed.value)))
}

fn write(value: &Value, args: &Args, _: &FieldType) -> Result<String, Fault> {
    match value {
        Value::Money(money) => Ok(money.in_unit(unit(args)).normalize().to_string()),
        other => natural::write(other),
    }
}
