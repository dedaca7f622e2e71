//! What the value functions share: reading by the type alone, and the findings about numbers and dates.

use super::function::Args;
use crate::error::codes::{mapping as codes, value};
use crate::model::{Fault, Value};
use crate::text::number::NumberFault;

/// The value as plain text.
pub(super) fn write(value: &Value) -> Result<String, Fault> {
    match value {
        Value::List(_) | Value::Rows(_) => Err(Fault::new(
            codes::MESSAGE_WRITE,
            "这里只能写一个值，记录里是一组。",
            "核对映射里的字段类型。",
        )),
        other => Ok(other.plain_text()),
    }
}

/// A number finer than what is kept.
pub(super) fn finer_than(unit: &str) -> Fault {
    let rule = format!("换算后比{unit}更细，直接取整会改变数值。");
    Fault::new(value::TOO_MANY_DECIMALS, rule, "核对数值和单位；确需取整时由中枢在映射里写明 round。")
}

/// A number that is not one, or not a possible one.
pub(super) fn number_fault(fault: NumberFault) -> Fault {
    Fault::from(fault)
}

/// A day or moment in none of the agreed patterns.
pub(super) fn date_fault(args: &Args) -> Fault {
    let patterns: Vec<_> = args.patterns().map(|it| it.written.as_str()).collect();
    let hint = if patterns.is_empty() {
        "写成“2026-03-01”的样子，并核对这一天是否存在。".to_owned()
    } else {
        format!("写成 {} 的样子，并核对这一天是否存在。", patterns.join(" 或 "))
    };
    Fault::new(value::NOT_A_DATE, "不是约定格式的日期，或没有这一天。", hint)
}
