//! What a mapping function is: a named step from the partner's words to ours and, where possible, back.
//!
//! Each function is one file under `functions/`, listed in `catalogue`. Its examples are its tests and its documentation.
//! Steps see text; the last step of a field gives the typed value.

use std::borrow::Cow;
use std::sync::Arc;

use super::codes::CodeTable;
use super::pattern::Pattern;
use crate::error::codes::mapping as codes;
use crate::model::{Fault, FieldType, Parsed, Value};

/// One entry of the function table.
#[derive(Debug)]
pub struct Function {
    /// Name in the mapping file.
    pub name: &'static str,
    /// What it does, one Chinese sentence.
    pub summary: &'static str,
    /// Its parameters, in order.
    pub params: &'static [Param],
    /// How it works.
    pub act: Act,
    /// Examples, run as tests and shown in the reference.
    pub examples: &'static [Example],
}

/// A parameter.
#[derive(Debug)]
pub struct Param {
    /// Chinese name.
    pub title: &'static str,
    /// What it takes.
    pub kind: ParamKind,
    /// How many times.
    pub need: Need,
}

/// What a parameter takes.
#[derive(Debug)]
pub enum ParamKind {
    /// Any text.
    Text,
    /// A whole number, not negative.
    Number,
    /// One of these words, each with its Chinese meaning.
    Choice(&'static [(&'static str, &'static str)]),
    /// A date pattern.
    Pattern,
    /// A code table of the folder, or a code list of the model.
    Codes,
    /// A free table of the folder.
    Table,
    /// A field of the model, `kind.field`.
    Field,
}

/// How many times a parameter stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Need {
    /// Exactly once.
    One,
    /// Once or not at all.
    Maybe,
    /// Any number, also none; last parameter only.
    Many,
}

/// Text in, text out; none means the value is empty after all.
pub type ReadText = for<'a> fn(Cow<'a, str>, &Args) -> Result<Option<Cow<'a, str>>, Fault>;
/// The way back.
pub type WriteText = fn(&str, &Args) -> Result<String, Fault>;
/// Text in, value of the field's type out.
pub type ReadValue = fn(&str, &Args, &FieldType) -> Result<Parsed, Fault>;
/// The way back.
pub type WriteValue = fn(&Value, &Args, &FieldType) -> Result<String, Fault>;

/// How a function works.
#[derive(Debug)]
pub enum Act {
    /// From text to text. Without `write` it loses what a partner would expect back.
    Text {
        /// The way in.
        read: ReadText,
        /// The way back.
        write: Option<WriteText>,
    },
    /// From one text to several.
    Split {
        /// The way in.
        read: fn(&str, &Args) -> Vec<String>,
        /// The way back.
        write: fn(&[String], &Args) -> String,
    },
    /// From text to a typed value; ends the steps.
    Value {
        /// The way in.
        read: ReadValue,
        /// The way back.
        write: WriteValue,
        /// Whether it gives what a field of this type holds.
        fits: fn(&FieldType) -> bool,
        /// Why it cannot go back with these parameters, Chinese.
        one_way: fn(&Args) -> Option<&'static str>,
    },
}

/// One example: `input` through `name:params` gives `output`.
#[derive(Debug)]
pub struct Example {
    /// Parameters as written after the colon; empty for none.
    pub params: &'static str,
    /// The partner's text.
    pub input: &'static str,
    /// What comes out: a text, or a value as canonical JSON; [`Outcome::Fails`] when it must be refused.
    pub output: Outcome,
}

/// What an example comes to.
#[derive(Debug)]
pub enum Outcome {
    /// This text, or canonical JSON value.
    Gives(&'static str),
    /// Nothing: the value counts as empty.
    Empty,
    /// Refused.
    Fails,
}

/// Makes an example.
pub const fn example(params: &'static str, input: &'static str, output: &'static str) -> Example {
    Example { params, input, output: Outcome::Gives(output) }
}

/// Makes an example that ends empty.
pub const fn empty(params: &'static str, input: &'static str) -> Example {
    Example { params, input, output: Outcome::Empty }
}

/// Makes an example that is refused.
pub const fn fails(params: &'static str, input: &'static str) -> Example {
    Example { params, input, output: Outcome::Fails }
}

/// Parameters as checked at load.
#[derive(Debug, Clone, Default)]
pub struct Args {
    /// In order.
    pub words: Vec<Word>,
}

/// One parameter as checked at load.
#[derive(Debug, Clone)]
pub enum Word {
    /// A text.
    Text(String),
    /// A number.
    Number(usize),
    /// A word of a choice.
    Choice(&'static str),
    /// A date pattern.
    Pattern(Pattern),
    /// A table.
    Table(Arc<CodeTable>),
}

impl Args {
    /// The n-th parameter as text; empty when absent.
    #[must_use]
    pub fn text(&self, n: usize) -> &str {
        match self.words.get(n) {
            Some(Word::Text(it)) => it,
            Some(Word::Choice(it)) => it,
            _ => "",
        }
    }

    /// The n-th parameter as number.
    #[must_use]
    pub fn number(&self, n: usize) -> Option<usize> {
        match self.words.get(n) {
            Some(Word::Number(it)) => Some(*it),
            _ => None,
        }
    }

    /// Whether one of the parameters is this word of a choice.
    #[must_use]
    pub fn has(&self, word: &str) -> bool {
        self.words.iter().any(|it| matches!(it, Word::Choice(found) if *found == word))
    }

    /// The table among the parameters.
    #[must_use]
    pub fn table(&self) -> Option<&CodeTable> {
        self.words.iter().find_map(|it| match it {
            Word::Table(table) => Some(table.as_ref()),
            _ => None,
        })
    }

    /// The date patterns among the parameters, in order.
    pub fn patterns(&self) -> impl Iterator<Item = &Pattern> {
        self.words.iter().filter_map(|it| match it {
            Word::Pattern(pattern) => Some(pattern),
            _ => None,
        })
    }
}

/// A value that is not written as agreed.
pub(super) fn refuse(rule: impl Into<Cow<'static, str>>, hint: impl Into<Cow<'static, str>>) -> Fault {
    Fault::new(codes::MESSAGE_VALUE, rule, hint)
}

impl Function {
    /// Why its steps cannot go back with these parameters; none when they can.
    #[must_use]
    pub fn one_way(&self, args: &Args) -> Option<&'static str> {
        match &self.act {
            Act::Text { write: None, .. } => Some("这一步会丢掉原文的一部分"),
            Act::Text { .. } | Act::Split { .. } => None,
            Act::Value { one_way, .. } => one_way(args),
        }
    }

    /// How it is written in a mapping file, for example `substring:从第几个字起,取几个字`.
    #[must_use]
    pub fn usage(&self) -> String {
        let mut usage = self.name.to_owned();
        for (n, param) in self.params.iter().enumerate() {
            let mark = if n == 0 { ":" } else { "," };
            match param.need {
                Need::One => usage.push_str(&format!("{mark}{}", param.title)),
                Need::Maybe => usage.push_str(&format!("[{mark}{}]", param.title)),
                Need::Many => usage.push_str(&format!("[{mark}{}|…]", param.title)),
            }
        }
        usage
    }
}

/// For functions that only make the text more regular: what is written back is the text itself.
pub(super) fn same(text: &str, _: &Args) -> Result<String, Fault> {
    Ok(text.to_owned())
}

/// A value without anything to remark.
pub(super) fn plain(value: Value) -> Parsed {
    Parsed { value, warning: None }
}

/// For value functions that always go back.
pub(super) fn both_ways(_: &Args) -> Option<&'static str> {
    None
}
