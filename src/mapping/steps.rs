//! Running the steps of a field: from a partner's text to a value and back.

use std::borrow::Cow;

use super::function::Act;
use super::natural;
use super::plan::StepPlan;
use crate::model::{Fault, FieldType, Parsed, Value};

/// The value of one text; none when it turns out empty. Steps that split are not for single values.
pub(super) fn convert(
    text: &str,
    steps: &[StepPlan],
    convert: Option<&StepPlan>,
    ty: &FieldType,
) -> Result<Option<Parsed>, Fault> {
    match words(Cow::Borrowed(text.trim()), steps)? {
        Some(text) => value(&text, convert, ty).map(Some),
        None => Ok(None),
    }
}

/// The values of one text that a step splits.
pub(super) fn convert_list(
    text: &str,
    steps: &[StepPlan],
    convert: Option<&StepPlan>,
    ty: &FieldType,
) -> Result<Vec<Parsed>, Fault> {
    let split = steps.iter().position(|it| matches!(it.function.act, Act::Split { .. }));
    let (before, rest) = steps.split_at(split.unwrap_or(steps.len()));
    let Some(text) = words(Cow::Borrowed(text.trim()), before)? else { return Ok(Vec::new()) };
    let Some((StepPlan { function, args, .. }, after)) = rest.split_first() else {
        return Ok(vec![value(&text, convert, ty)?]);
    };
    let Act::Split { read, .. } = &function.act else { return Ok(Vec::new()) };
    let mut values = Vec::new();
    for part in read(&text, args) {
        if let Some(part) = words(Cow::Owned(part), after)? {
            values.push(value(&part, convert, ty)?);
        }
    }
    Ok(values)
}

/// The text that text steps make of another; none when it turns out empty.
pub(super) fn words<'a>(text: Cow<'a, str>, steps: &[StepPlan]) -> Result<Option<Cow<'a, str>>, Fault> {
    let mut text = text;
    for step in steps {
        if let Act::Text { read, .. } = &step.function.act {
            match read(text, &step.args)? {
                Some(next) => text = next,
                None => return Ok(None),
            }
        }
    }
    Ok(Some(text).filter(|it| !it.is_empty()))
}

fn value(text: &str, convert: Option<&StepPlan>, ty: &FieldType) -> Result<Parsed, Fault> {
    match convert.map(|it| (&it.function.act, &it.args)) {
        Some((Act::Value { read, .. }, args)) => read(text, args, ty),
        _ => ty.parse(text),
    }
}

/// The partner's text for a value: the same steps, last to first.
pub(super) fn write(
    value: &Value,
    steps: &[StepPlan],
    convert: Option<&StepPlan>,
    ty: &FieldType,
) -> Result<String, Fault> {
    match value {
        Value::List(values) => {
            let split = steps.iter().position(|it| matches!(it.function.act, Act::Split { .. }));
            let (before, rest) = steps.split_at(split.unwrap_or(steps.len()));
            let after = rest.get(1..).unwrap_or_default();
            let parts: Vec<String> =
                values.iter().map(|it| back(one(it, convert, ty)?, after)).collect::<Result<_, _>>()?;
            let joined = match rest.first().map(|it| (&it.function.act, &it.args)) {
                Some((Act::Split { write, .. }, args)) => write(&parts, args),
                _ => parts.concat(),
            };
            back(joined, before)
        }
        single => back(one(single, convert, ty)?, steps),
    }
}

/// The texts of a list that is written element by element.
pub(super) fn write_each(
    values: &[Value],
    steps: &[StepPlan],
    convert: Option<&StepPlan>,
    ty: &FieldType,
) -> Result<Vec<String>, Fault> {
    values.iter().map(|it| back(one(it, convert, ty)?, steps)).collect()
}

fn one(value: &Value, convert: Option<&StepPlan>, ty: &FieldType) -> Result<String, Fault> {
    match convert.map(|it| (&it.function.act, &it.args)) {
        Some((Act::Value { write, .. }, args)) => write(value, args, ty),
        _ => natural::write(value),
    }
}

fn back(text: String, steps: &[StepPlan]) -> Result<String, Fault> {
    steps.iter().rev().try_fold(text, |text, step| match &step.function.act {
        Act::Text { write: Some(write), .. } => write(&text, &step.args),
        _ => Ok(text),
    })
}
