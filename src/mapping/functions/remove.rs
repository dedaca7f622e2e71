//! `remove`: a word goes wherever it stands.

use std::borrow::Cow;

use super::super::function::{Act, Args, Function, Need, Param, ParamKind, empty, example, same};
use crate::model::Fault;

pub(super) const FUNCTION: Function = Function {
    name: "remove",
    summary: "去掉文字里出现的指定文字，可写多个",
    params: &[
        Param { title: "文字", kind: ParamKind::Text, need: Need::One },
        Param { title: "文字", kind: ParamKind::Text, need: Need::Many },
    ],
    act: Act::Text { read, write: Some(same) },
    examples: &[
        example("￥|元", "￥1200元", "1200"),
        example("'&nbsp;'", "1号&nbsp;地下", "1号地下"),
        empty("-", "--"),
    ],
};

fn read<'a>(text: Cow<'a, str>, args: &Args) -> Result<Option<Cow<'a, str>>, Fault> {
    let mut text = text;
    for n in 0..args.words.len() {
        if text.contains(args.text(n)) {
            text = Cow::Owned(text.replace(args.text(n), ""));
        }
    }
    Ok(Some(text).filter(|it| !it.is_empty()))
}
