//! `remove_suffix`: a word at the end goes when it is there, such as the copy mark of a licence.

use std::borrow::Cow;

use super::super::function::{Act, Args, Function, Need, Param, ParamKind, empty, example, same};
use crate::model::Fault;

pub(super) const FUNCTION: Function = Function {
    name: "remove_suffix",
    summary: "去掉末尾的指定文字，没有就不动",
    params: &[Param { title: "文字", kind: ParamKind::Text, need: Need::One }],
    act: Act::Text { read, write: Some(same) },
    examples: &[
        example("（1-1）", "91330400MA28A0000X（1-1）", "91330400MA28A0000X"),
        example("平方米", "320.5平方米", "320.5"),
        empty("年", "年"),
    ],
};

fn read<'a>(text: Cow<'a, str>, args: &Args) -> Result<Option<Cow<'a, str>>, Fault> {
    let rest = match text {
        Cow::Borrowed(text) => Cow::Borrowed(text.strip_suffix(args.text(0)).unwrap_or(text).trim()),
        Cow::Owned(text) => Cow::Owned(text.strip_suffix(args.text(0)).unwrap_or(&text).trim().to_owned()),
    };
    Ok(Some(rest).filter(|it| !it.is_empty()))
}
