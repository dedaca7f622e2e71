//! `replace`: one word for another, everywhere in the text; written back the other way round.

use std::borrow::Cow;

use super::super::function::{Act, Args, Function, Need, Param, ParamKind, example};
use crate::model::Fault;

pub(super) const FUNCTION: Function = Function {
    name: "replace",
    summary: "把文字里的一个词换成另一个词；写出时换回去",
    params: &[
        Param { title: "原词", kind: ParamKind::Text, need: Need::One },
        Param { title: "新词", kind: ParamKind::Text, need: Need::One },
    ],
    act: Act::Text { read, write: Some(write) },
    examples: &[example("[,〔", "铜划拨[2021]10号", "铜划拨〔2021]10号"), example("'_',-", "A_1", "A-1")],
};

fn read<'a>(text: Cow<'a, str>, args: &Args) -> Result<Option<Cow<'a, str>>, Fault> {
    if text.contains(args.text(0)) {
        return Ok(Some(Cow::Owned(text.replace(args.text(0), args.text(1)))));
    }
    Ok(Some(text))
}

fn write(text: &str, args: &Args) -> Result<String, Fault> {
    Ok(text.replace(args.text(1), args.text(0)))
}
