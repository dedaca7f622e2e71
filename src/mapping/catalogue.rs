//! The table of functions: finding one by name, reading its parameters, and writing the reference.

use super::codes::CodeTable;
use super::function::{Act, Args, Function, Need, Outcome, Param, ParamKind, Word};
use super::functions;
use super::pattern::Pattern;
use super::plan::StepPlan;
use super::source::nearest;
use crate::error::{Code, codes::mapping as codes};
use crate::model::FieldType;

/// Every function, in the order of the reference.
#[must_use]
pub fn all() -> &'static [&'static Function] {
    functions::ALL
}

/// What is wrong with a step: code, message, hint.
pub(super) type Wrong = (Code, String, String);

/// Finds the tables that functions name.
pub(super) trait Tables {
    /// The table for `code`.
    fn codes(&self, name: &str) -> Result<std::sync::Arc<CodeTable>, Wrong>;
    /// The Chinese names of a code list.
    fn names(&self, name: &str) -> Result<std::sync::Arc<CodeTable>, Wrong>;
    /// A free table.
    fn free(&self, name: &str) -> Result<std::sync::Arc<CodeTable>, Wrong>;
}

/// Reads one step as written, `name:parameter,parameter`.
pub(super) fn step(written: &str, tables: &dyn Tables) -> Result<StepPlan, Wrong> {
    let (name, rest) = written.split_once(':').map_or((written, None), |(name, rest)| (name, Some(rest)));
    let Some(function) = find(name.trim()) else {
        let hint = nearest(name, functions::ALL.iter().map(|it| it.name))
            .map_or_else(|| "函数表见《映射语言》".to_owned(), |it| format!("是不是想写 {it}？"));
        return Err((codes::MAPPING_UNKNOWN_FUNCTION, format!("没有名为“{name}”的转换函数"), hint));
    };
    let words = match rest {
        Some(rest) => split(rest).map_err(|why| (codes::MAPPING_PARAMETER, why, usage_hint(function)))?,
        None => Vec::new(),
    };
    let args = arguments(function, &words, tables)?;
    Ok(StepPlan { function, args, written: written.to_owned() })
}

/// The function of this name.
#[must_use]
pub fn find(name: &str) -> Option<&'static Function> {
    functions::ALL.iter().copied().find(|it| it.name == name)
}

/// The function a field of this type uses when no step gives its value; none where a unit must be said.
pub(super) fn natural(ty: &FieldType) -> Option<&'static Function> {
    match ty {
        FieldType::Money | FieldType::Area => None,
        _ => functions::ALL.iter().copied().find(|it| match it.act {
            Act::Value { fits, .. } => fits(ty),
            _ => false,
        }),
    }
}

fn usage_hint(function: &Function) -> String {
    format!("写法：{}（{}）", function.usage(), function.summary)
}

/// Splits parameters at `,` and `|`; quotes protect both.
fn split(text: &str) -> Result<Vec<String>, String> {
    let mut words = vec![String::new()];
    let mut quoted = false;
    for letter in text.chars() {
        match letter {
            '\'' => quoted = !quoted,
            ',' | '|' if !quoted => words.push(String::new()),
            other => {
                if let Some(word) = words.last_mut() {
                    word.push(other);
                }
            }
        }
    }
    if quoted { Err(format!("参数“{text}”的单引号没有配对")) } else { Ok(words) }
}

fn arguments(function: &Function, words: &[String], tables: &dyn Tables) -> Result<Args, Wrong> {
    let wrong = |message: String| (codes::MAPPING_PARAMETER, message, usage_hint(function));
    let mut args = Args::default();
    let mut rest = words.iter();
    for param in function.params {
        loop {
            let Some(word) = rest.next() else {
                if param.need == Need::One {
                    return Err(wrong(format!("{} 缺少参数“{}”", function.name, param.title)));
                }
                break;
            };
            args.words.push(argument(function, param, word, tables)?);
            if param.need != Need::Many {
                break;
            }
        }
    }
    if let Some(extra) = rest.next() {
        return Err(wrong(format!("{} 不要参数“{extra}”", function.name)));
    }
    Ok(args)
}

fn argument(function: &Function, param: &Param, word: &str, tables: &dyn Tables) -> Result<Word, Wrong> {
    let wrong = |message: String| (codes::MAPPING_PARAMETER, message, usage_hint(function));
    match &param.kind {
        ParamKind::Text if word.is_empty() => {
            Err(wrong(format!("{} 的参数“{}”是空的", function.name, param.title)))
        }
        ParamKind::Text | ParamKind::Field => Ok(Word::Text(word.to_owned())),
        ParamKind::Number => match word.trim().parse() {
            Ok(number) if number > 0 => Ok(Word::Number(number)),
            _ => Err(wrong(format!("{} 的参数“{}”应为正整数，写的是“{word}”", function.name, param.title))),
        },
        ParamKind::Choice(choices) => {
            choices.iter().find(|(it, _)| *it == word.trim()).map(|(it, _)| Word::Choice(it)).ok_or_else(
                || {
                    let all: Vec<_> = choices.iter().map(|(it, zh)| format!("{it}（{zh}）")).collect();
                    let message = format!("{} 的参数“{}”不能写“{word}”", function.name, param.title);
                    (codes::MAPPING_PARAMETER, message, format!("可写：{}", all.join("、")))
                },
            )
        }
        ParamKind::Pattern => Pattern::parse(word)
            .map(Word::Pattern)
            .map_err(|(message, hint)| (codes::MAPPING_PARAMETER, message, hint)),
        ParamKind::Codes if function.name == "name" => tables.names(word.trim()).map(Word::Table),
        ParamKind::Codes => tables.codes(word.trim()).map(Word::Table),
        ParamKind::Table => tables.free(word.trim()).map(Word::Table),
    }
}

/// The function reference in Markdown, Chinese.
#[must_use]
pub fn reference() -> String {
    let mut out = String::from("| 函数 | 作用 | 可写回 | 例 |\n|---|---|---|---|\n");
    for function in functions::ALL {
        let back = if function.one_way(&Args::default()).is_none() { "是" } else { "否" };
        let mut examples = Vec::new();
        for example in function.examples {
            let step = if example.params.is_empty() {
                function.name.to_owned()
            } else {
                format!("{}:{}", function.name, example.params)
            };
            let output = match example.output {
                Outcome::Gives(text) => format!("`{}`", text.replace('\n', "` `")),
                Outcome::Empty => "空".to_owned(),
                Outcome::Fails => "报错".to_owned(),
            };
            examples.push(format!("`{step}` `{}` → {output}", example.input));
        }
        let row = format!(
            "| `{}` | {} | {back} | {} |\n",
            function.usage().replace('|', "\\|"),
            function.summary,
            examples.join("<br>").replace('|', "\\|")
        );
        out.push_str(&row);
    }
    out
}
