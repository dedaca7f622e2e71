//! Values by their type alone: how text becomes a value of the model and back when no unit, table or pattern is said.

use super::function::{Args, Fault};
use crate::error::codes::mapping as codes;
use crate::model::{FieldType, Value};
use crate::text::number::NumberFault;

/// The value of that type in `text`.
pub(super) fn read(text: &str, ty: &FieldType) -> Result<Value, Fault> {
    ty.parse(text).map_err(|fault| Fault { code: fault.code, rule: fault.rule, hint: fault.hint })
}

/// The value as plain text.
pub(super) fn write(value: &Value) -> Result<String, Fault> {
    match value {
        Value::List(_) | Value::Rows(_) => Err(Fault {
            code: codes::MESSAGE_WRITE,
            rule: "这里只能写一个值，记录里是一组。".to_owned(),
            hint: "核对映射里的字段类型。".to_owned(),
        }),
        other => match other.to_json() {
            serde_json::Value::String(text) => Ok(text),
            plain => Ok(plain.to_string()),
        },
    }
}

/// A number that is not one.
pub(super) fn number_fault(fault: NumberFault) -> Fault {
    Fault::value(fault.rule(), "核对这一项的数值和写法。")
}

/// A number finer than what is kept.
pub(super) fn finer_than(unit: &str) -> Fault {
    Fault::value(format!("换算后比{unit}更细，直接取整会改变数值。"), "核对数值和单位；确需取整时由中枢在映射里写明 round。")
}

/// A day or moment in none of the agreed patterns.
pub(super) fn date_fault(args: &Args) -> Fault {
    let patterns: Vec<_> = args.patterns().map(|it| it.written.as_str()).collect();
    let hint = if patterns.is_empty() {
        "写成“2026-03-01”的样子，并核对这一天是否存在。".to_owned()
    } else {
        format!("写成 {} 的样子，并核对这一天是否存在。", patterns.join(" 或 "))
    };
    Fault::value("不是约定格式的日期，或没有这一天。", hint)
}
