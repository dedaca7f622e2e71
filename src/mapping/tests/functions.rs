//! Every example of every function: read, refused or empty as it says; and back again where it can go back.

use std::borrow::Cow;
use std::sync::Arc;

use super::super::catalogue::{self, Tables, Wrong};
use super::super::codes::CodeTable;
use super::super::function::{Act, Example, Function, Outcome};
use super::super::plan::StepPlan;
use super::schema;
use crate::model::FieldType;

struct Sample;

impl Tables for Sample {
    fn codes(&self, name: &str) -> Result<Arc<CodeTable>, Wrong> {
        Ok(Arc::new(CodeTable::new(name, Some("tax"), [("10119", "deed_tax"), ("10111", "stamp_tax")])))
    }

    fn names(&self, _: &str) -> Result<Arc<CodeTable>, Wrong> {
        Ok(Arc::new(CodeTable::of_list(schema().code_list("tax").unwrap())))
    }

    fn free(&self, name: &str) -> Result<Arc<CodeTable>, Wrong> {
        Ok(Arc::new(CodeTable::new(name, None, [("001", "新嘉街道"), ("002", "解放街道")])))
    }
}

fn type_for(function: &Function) -> FieldType {
    let fits = match function.act {
        Act::Value { fits, .. } => fits,
        _ => |ty: &FieldType| matches!(ty, FieldType::Text),
    };
    let schema = schema();
    let mut all: Vec<FieldType> = Vec::new();
    for kind in schema.kinds() {
        all.extend(kind.fields.iter().map(|it| it.ty.clone()));
    }
    // Plain text before identifiers, so that an example is not held against check digits.
    all.sort_by_key(|ty| !matches!(ty, FieldType::Text));
    all.into_iter().find(fits).unwrap()
}

fn shown(function: &Function, step: &StepPlan, input: &str) -> Result<Option<String>, String> {
    let ty = type_for(function);
    match &function.act {
        Act::Text { read, .. } => read(Cow::Borrowed(input), &step.args)
            .map(|it| it.map(Cow::into_owned))
            .map_err(|it| it.rule.into()),
        Act::Split { read, .. } => Ok(Some(read(input, &step.args).join("\n"))),
        Act::Value { read, .. } => match read(input, &step.args, &ty) {
            Ok(parsed) => Ok(Some(parsed.value.to_json(&ty).to_string())),
            Err(fault) => Err(fault.rule.into()),
        },
    }
}

#[test]
fn every_example_holds() {
    for function in catalogue::all() {
        assert!(!function.examples.is_empty(), "{} has no example", function.name);
        for example in function.examples {
            let Example { params, input, output } = example;
            let written = if params.is_empty() {
                function.name.to_owned()
            } else {
                format!("{}:{params}", function.name)
            };
            let step = catalogue::step(&written, &Sample).unwrap_or_else(|it| panic!("{written}: {it:?}"));
            let got = shown(function, &step, input);
            match output {
                Outcome::Gives(text) => assert_eq!(got, Ok(Some((*text).to_owned())), "{written} {input}"),
                Outcome::Empty => assert_eq!(got, Ok(None), "{written} {input}"),
                Outcome::Fails => assert!(got.is_err(), "{written} {input} gives {got:?}"),
            }
            if matches!(output, Outcome::Gives(_)) && function.one_way(&step.args).is_none() {
                goes_back(function, &step, input, &written);
            }
        }
    }
}

/// What is written is read as the same value again.
fn goes_back(function: &Function, step: &StepPlan, input: &str, written: &str) {
    let ty = type_for(function);
    let back = match &function.act {
        Act::Text { read, write: Some(write) } => {
            let text = read(Cow::Borrowed(input), &step.args).unwrap().unwrap();
            write(&text, &step.args).unwrap()
        }
        Act::Split { read, write } => write(&read(input, &step.args), &step.args),
        Act::Value { read, write, .. } => {
            write(&read(input, &step.args, &ty).unwrap().value, &step.args, &ty).unwrap()
        }
        Act::Text { write: None, .. } => unreachable!("one_way says so"),
    };
    assert_eq!(shown(function, step, &back), shown(function, step, input), "{written}: {input} → {back}");
}

#[test]
fn names_are_unique_and_the_reference_lists_them_all() {
    let reference = catalogue::reference();
    let mut names: Vec<_> = catalogue::all().iter().map(|it| it.name).collect();
    for name in &names {
        assert!(reference.contains(&format!("| `{name}")), "{name}");
    }
    let count = names.len();
    names.sort_unstable();
    names.dedup();
    assert_eq!(count, names.len());
}
