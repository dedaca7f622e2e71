//! `boolean`: yes or no, in the partner's words.

use super::super::function::{Act, Args, Function, Need, Param, ParamKind, both_ways, example, fails, plain};
use super::super::natural;
use crate::error::codes;
use crate::model::{Fault, FieldType, Parsed, Value};

pub(super) const FUNCTION: Function = Function {
    name: "boolean",
    summary: "是或否。可写明两个词：先“是”后“否”；不写则认 1/0、true/false、Y/N、是/否，写出为 true/false",
    params: &[
        Param { title: "“是”的写法", kind: ParamKind::Text, need: Need::Maybe },
        Param { title: "“否”的写法", kind: ParamKind::Text, need: Need::Maybe },
    ],
    act: Act::Value { read, write, fits, one_way: both_ways },
    examples: &[
        example("", "Y", "true"),
        example("", "否", "false"),
        example("1|2", "2", "false"),
        example("已验收|未验收", "已验收", "true"),
        fails("1|2", "0"),
        fails("", "可能"),
    ],
};

fn fits(ty: &FieldType) -> bool {
    matches!(ty, FieldType::Boolean)
}

fn words(args: &Args) -> Option<(&str, &str)> {
    (!args.words.is_empty()).then(|| (args.text(0), args.text(1)))
}

fn read(text: &str, args: &Args, _: &FieldType) -> Result<Parsed, Fault> {
    let found = match words(args) {
        Some((yes, _)) if text == yes => Some(true),
        Some((_, no)) if text == no => Some(false),
        Some(_) => None,
        None => match text.to_ascii_lowercase().as_str() {
            "1" | "true" | "y" | "yes" | "是" => Some(true),
            "0" | "false" | "n" | "no" | "否" => Some(false),
            _ => None,
        },
    };
    let (yes, no) = words(args).unwrap_or(("是", "否"));
    found.map(|it| plain(Value::Boolean(it))).ok_or_else(|| {
        Fault::new(
            codes::value::NOT_A_BOOLEAN,
            "不是约定的“是”或“否”的写法。",
            format!("写成“{yes}”或“{no}”。"),
        )
    })
}

fn write(value: &Value, args: &Args, _: &FieldType) -> Result<String, Fault> {
    let Value::Boolean(yes) = value else { return natural::write(value) };
    Ok(match words(args) {
        Some((word, _)) if *yes => word.to_owned(),
        Some((_, word)) => word.to_owned(),
        None => yes.to_string(),
    })
}
