//! A template and what is printed with it → block markup. The only place that knows Tera.
//!
//! Before Tera sees a template, each `{{ … }}` is put between marks that name the field and cannot be typed, and each line
//! gets its number. So a value is told from the words around it: it can never be taken for markup, and every printed value
//! knows its field and the line of the template that prints it. See [`marks`].

mod filters;
pub(super) mod marks;

use std::collections::BTreeSet;

use serde_json::{Map, Value as Json};

use crate::error::{Code, Error, Place, Problem, codes};
use marks::Marked;

/// Names that every template may use besides its own fields.
pub const BUILTINS: &[(&str, &str)] =
    &[("number", "文号"), ("date", "成文日期"), ("raw", "各字段的规范值，用于判断")];

/// A compiled template.
pub struct Template {
    tera: tera::Tera,
    file: String,
    source: String,
    marked: Marked,
}

impl std::fmt::Debug for Template {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Template").field("file", &self.file).finish_non_exhaustive()
    }
}

const NAME: &str = "body";

impl Template {
    /// Compiles `source`, the text of `file`.
    ///
    /// # Errors
    /// What is wrong with it, with its line.
    pub fn compile(file: &str, source: &str) -> Result<Self, Problem> {
        let marked = marks::mark(source).map_err(|(line, rule)| {
            Problem::error(codes::document::TEMPLATE, rule, "见 docs/templates.md。").at(place(file, line))
        })?;
        let mut tera = tera::Tera::new();
        // Values stand between marks, so nothing has to be escaped; they are cleaned of marks on the way in.
        tera.autoescape_on(Vec::<&str>::new());
        filters::register(&mut tera);
        let it = Self { tera, file: file.to_owned(), source: source.to_owned(), marked };
        it.add()
    }

    fn add(mut self) -> Result<Self, Problem> {
        let text = self.marked.text.clone();
        match self.tera.add_raw_template(NAME, &text) {
            Ok(()) => Ok(self),
            Err(error) => Err(self.problem(codes::document::TEMPLATE, &error)),
        }
    }

    /// Names that the template uses and `known` does not hold, each with its line.
    #[must_use]
    pub fn unknown_names(&self, known: &BTreeSet<&str>) -> Vec<Problem> {
        let Ok(used) = self.tera.get_template_variables(NAME) else { return Vec::new() };
        let mut unknown: Vec<&str> = used
            .into_iter()
            .filter(|name| !known.contains(name) && !BUILTINS.iter().any(|(builtin, _)| builtin == name))
            .collect();
        unknown.sort_unstable();
        unknown
            .into_iter()
            .map(|name| {
                let line = marks::line_of(&self.source, name);
                let hint = nearest(name, known).map_or_else(
                    || "请在 kind.toml 的 [[field]] 中定义，或改正字段名。".to_owned(),
                    |near| format!("是否应为 {near}？"),
                );
                Problem::error(
                    codes::document::TEMPLATE,
                    format!("模板用到的字段 {name} 没有在表单中定义。"),
                    hint,
                )
                .at(place(&self.file, line))
                .of_field(name)
            })
            .collect()
    }

    /// Whether the template asks for a name, printed or to decide by.
    #[must_use]
    pub fn uses(&self, name: &str) -> bool {
        self.tera.get_template_variables(NAME).is_ok_and(|used| used.contains(name))
    }

    /// Fills the template. `shown` are the texts to print, `raw` the canonical values to decide by.
    ///
    /// # Errors
    /// A place that cannot be filled, with its line.
    pub fn fill(&self, shown: &Map<String, Json>, raw: &Map<String, Json>) -> Result<String, Error> {
        let mut context = tera::Context::new();
        for (name, value) in shown {
            context.insert(name.clone(), &clean(value));
        }
        context.insert("raw", &clean(&Json::Object(raw.clone())));
        self.tera.render(NAME, &context).map_err(|error| {
            Error::new(codes::document::RENDER, format!("文书模板 {} 不能展开。", self.file))
                .with_problems(vec![self.problem(codes::document::RENDER, &error)])
                .because(error)
        })
    }

    /// A Tera error as a finding at the line of the template as written.
    fn problem(&self, code: Code, error: &tera::Error) -> Problem {
        let (message, line) = match error.kind() {
            tera::ErrorKind::SyntaxError(report) | tera::ErrorKind::RenderingError(report) => {
                (report.message().to_owned(), self.marked.line_at(report.span().range.start))
            }
            other => (other.to_string(), 1),
        };
        let near = self.source.lines().nth(line.saturating_sub(1) as usize).unwrap_or_default();
        Problem::error(
            code,
            format!("模板第 {line} 行有误：{message}。"),
            "可选字段要先用 {% if %} 判断再打印；语法见 docs/templates.md。",
        )
        .at(place(&self.file, line))
        .showing(near.trim())
    }
}

fn place(file: &str, line: u32) -> Place {
    Place { path: file.to_owned(), line: Some(line), ..Place::default() }
}

/// Texts without the characters that serve as marks.
fn clean(value: &Json) -> Json {
    match value {
        Json::String(text) => Json::String(text.chars().filter(|c| !c.is_control() || *c == '\n').collect()),
        Json::Array(items) => items.iter().map(clean).collect(),
        Json::Object(map) => {
            map.iter().map(|(key, value)| (key.clone(), clean(value))).collect::<Map<_, _>>().into()
        }
        other => other.clone(),
    }
}

/// The known name that differs in the fewest letters, when it is close.
fn nearest<'a>(name: &str, known: &BTreeSet<&'a str>) -> Option<&'a str> {
    let (distance, near) = known.iter().map(|other| (distance(name, other), *other)).min()?;
    (distance <= name.len() / 3).then_some(near)
}

/// Letters to insert, remove or replace.
fn distance(a: &str, b: &str) -> usize {
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.bytes().enumerate() {
        let mut last = i;
        let mut left = i + 1;
        for (cell, y) in row.iter_mut().skip(1).zip(b.bytes()) {
            let here = (last + usize::from(x != y)).min(left + 1).min(*cell + 1);
            last = *cell;
            *cell = here;
            left = here;
        }
        if let Some(first) = row.first_mut() {
            *first = i + 1;
        }
    }
    row.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests;
