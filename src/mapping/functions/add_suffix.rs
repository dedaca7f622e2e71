//! `add_suffix`: a word is put behind; written back without it.

use std::borrow::Cow;

use super::super::function::{Act, Args, Function, Need, Param, ParamKind, example, refuse};
use crate::model::Fault;

pub(super) const FUNCTION: Function = Function {
    name: "add_suffix",
    summary: "在后面加上指定文字；写出时去掉",
    params: &[Param { title: "文字", kind: ParamKind::Text, need: Need::One }],
    act: Act::Text { read, write: Some(write) },
    examples: &[example("000", "330402", "330402000")],
};

fn read<'a>(text: Cow<'a, str>, args: &Args) -> Result<Option<Cow<'a, str>>, Fault> {
    Ok(Some(Cow::Owned(format!("{text}{}", args.text(0)))))
}

fn write(text: &str, args: &Args) -> Result<String, Fault> {
    match text.strip_suffix(args.text(0)) {
        Some(rest) => Ok(rest.to_owned()),
        None => {
            Err(refuse(format!("应以“{}”结尾。", args.text(0)), "核对这一项，对方的报文里写不出别的结尾。"))
        }
    }
}
