//! `split`: one text into several, for list fields.

use super::super::function::{Act, Args, Function, Need, Param, ParamKind, example};

pub(super) const FUNCTION: Function = Function {
    name: "split",
    summary: "按分隔符拆成多个值（用于列表字段，可写多个分隔符）；写出时用第一个分隔符连起来",
    params: &[
        Param { title: "分隔符", kind: ParamKind::Text, need: Need::One },
        Param { title: "分隔符", kind: ParamKind::Text, need: Need::Many },
    ],
    act: Act::Split { read, write },
    examples: &[
        example("、", "张三、李四", "张三\n李四"),
        example("';'|；", "住宅70年; 商服40年；", "住宅70年\n商服40年"),
    ],
};

fn read(text: &str, args: &Args) -> Vec<String> {
    let mut parts = vec![text];
    for n in 0..args.words.len() {
        parts = parts.into_iter().flat_map(|part| part.split(args.text(n))).collect();
    }
    parts.into_iter().map(str::trim).filter(|it| !it.is_empty()).map(str::to_owned).collect()
}

fn write(parts: &[String], args: &Args) -> String {
    parts.join(args.text(0))
}
