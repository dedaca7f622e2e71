//! `remove_prefix`: a word in front goes when it is there.

use std::borrow::Cow;

use super::super::function::{Act, Args, Function, Need, Param, ParamKind, empty, example, same};
use crate::model::Fault;

pub(super) const FUNCTION: Function = Function {
    name: "remove_prefix",
    summary: "去掉开头的指定文字，没有就不动",
    params: &[Param { title: "文字", kind: ParamKind::Text, need: Need::One }],
    act: Act::Text { read, write: Some(same) },
    examples: &[
        example("坐落：", "坐落：南湖区中山路1号", "南湖区中山路1号"),
        example("坐落：", "南湖区中山路1号", "南湖区中山路1号"),
        empty("无", "无"),
    ],
};

fn read<'a>(text: Cow<'a, str>, args: &Args) -> Result<Option<Cow<'a, str>>, Fault> {
    let rest = match text {
        Cow::Borrowed(text) => Cow::Borrowed(text.strip_prefix(args.text(0)).unwrap_or(text).trim()),
        Cow::Owned(text) => Cow::Owned(text.strip_prefix(args.text(0)).unwrap_or(&text).trim().to_owned()),
    };
    Ok(Some(rest).filter(|it| !it.is_empty()))
}
