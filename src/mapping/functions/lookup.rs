//! `lookup`: a text through a free table of `codes.toml`; written back through the same table.

use std::borrow::Cow;

use super::super::function::{Act, Args, Function, Need, Param, ParamKind, example, fails};
use crate::model::Fault;

pub(super) const FUNCTION: Function = Function {
    name: "lookup",
    summary: "按 codes.toml 里的对照表换成另一个文字；写出时换回去",
    params: &[Param { title: "表名", kind: ParamKind::Table, need: Need::One }],
    act: Act::Text { read, write: Some(write) },
    examples: &[example("示例街道", "001", "新嘉街道"), fails("示例街道", "999")],
};

fn read<'a>(text: Cow<'a, str>, args: &Args) -> Result<Option<Cow<'a, str>>, Fault> {
    let Some(table) = args.table() else { return Ok(Some(text)) };
    match table.ours(&text) {
        Some(ours) => Ok(Some(Cow::Owned(ours.to_owned()))),
        None => Err(table.unknown(&text)),
    }
}

fn write(text: &str, args: &Args) -> Result<String, Fault> {
    let Some(table) = args.table() else { return Ok(text.to_owned()) };
    table.theirs(text).map(str::to_owned).ok_or_else(|| table.cannot_write(text))
}
