//! Files → kinds, with every problem of every file.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::Arc;

use serde_json::{Map, Value as Json};
use toml::Spanned;

use super::file::{FieldFile, KindFile};
use super::{Binding, Check, FormField, FormType, Kind, Sample, Step};
use crate::document::markup;
use crate::document::template::{BUILTINS, Template};
use crate::error::{Place, Problem, codes};
use crate::model::{FieldType, Schema};

type Files = BTreeMap<String, Vec<u8>>;

pub(super) fn load(files: &Files, schema: &Schema) -> Result<BTreeMap<String, Kind>, Vec<Problem>> {
    let mut kinds = BTreeMap::new();
    let mut problems = Vec::new();
    for path in files.keys() {
        let Some(name) = path.strip_suffix("/kind.toml").filter(|name| !name.contains('/')) else { continue };
        match Loader::new(name, files, schema).kind() {
            Ok(kind) => {
                kinds.insert(name.to_owned(), kind);
            }
            Err(found) => problems.extend(found),
        }
    }
    if problems.is_empty() { Ok(kinds) } else { Err(problems) }
}

struct Loader<'a> {
    name: &'a str,
    files: &'a Files,
    schema: &'a Schema,
    path: String,
    text: String,
    problems: Vec<Problem>,
}

impl<'a> Loader<'a> {
    fn new(name: &'a str, files: &'a Files, schema: &'a Schema) -> Self {
        Self {
            name,
            files,
            schema,
            path: format!("{name}/kind.toml"),
            text: String::new(),
            problems: Vec::new(),
        }
    }

    fn kind(mut self) -> Result<Kind, Vec<Problem>> {
        match self.read() {
            Ok(kind) if self.problems.is_empty() => Ok(kind),
            Ok(_) => Err(self.problems),
            Err(problem) => {
                self.problems.push(*problem);
                Err(self.problems)
            }
        }
    }

    fn file(&self, path: &str) -> Result<String, Box<Problem>> {
        let bytes = self.files.get(path).ok_or_else(|| {
            Box::new(fault(
                path,
                None,
                "缺少这个文件。",
                "每种文书须有 kind.toml、body.tera 和 sample.json。",
            ))
        })?;
        let text = std::str::from_utf8(bytes);
        text.map(str::to_owned).map_err(|error| {
            let rule = format!("文件不是 UTF-8 编码，第 {} 字节起读不懂。", error.valid_up_to() + 1);
            Box::new(fault(path, None, rule, "请另存为 UTF-8。"))
        })
    }

    fn read(&mut self) -> Result<Kind, Box<Problem>> {
        self.text = self.file(&self.path)?;
        let file: KindFile = toml::from_str(&self.text).map_err(|error| {
            let line = error.span().map(|span| line_at(&self.text, span.start));
            Box::new(fault(
                &self.path,
                line,
                format!("写法有误：{}。", error.message()),
                "见 docs/templates.md。",
            ))
        })?;
        if self.schema.kind(file.subject.get_ref()).is_none() {
            self.found(
                file.subject.span(),
                format!("模型没有“{}”这类记录。", file.subject.get_ref()),
                "subject 写拟稿所依据的记录种类。",
            );
        }
        for field in &file.fields {
            let name = field.name.get_ref();
            if BUILTINS.iter().any(|(builtin, _)| builtin == name) {
                self.found(field.name.span(), format!("字段名 {name} 已有他用。"), "请另取字段名。");
            }
        }
        let fields = self.fields(&file.fields, file.subject.get_ref(), None);
        for check in &file.checks {
            for name in check.get_ref().fields() {
                if !fields.iter().any(|field| field.name == name) {
                    self.found(check.span(), format!("检查项用到的字段 {name} 没有定义。"), "请改正字段名。");
                }
            }
        }
        let template_file = format!("{}/body.tera", self.name);
        let template = Template::compile(&template_file, &self.file(&template_file)?).map_err(Box::new)?;
        let known: BTreeSet<&str> = fields.iter().map(|field| field.name.as_str()).collect();
        self.problems.extend(template.unknown_names(&known));
        let sample = self.sample()?;
        let kind = Kind {
            name: self.name.to_owned(),
            title: file.title,
            description: file.description,
            version: file.version,
            subject: file.subject.into_inner(),
            numbering: file.numbering,
            fields,
            checks: file.checks.into_iter().map(Spanned::into_inner).collect(),
            forbidden: file.forbidden,
            sample,
            label: file.label,
            template,
            template_file,
        };
        if self.problems.is_empty() {
            self.try_out(&kind);
        }
        Ok(kind)
    }

    fn sample(&self) -> Result<Sample, Box<Problem>> {
        let path = format!("{}/sample.json", self.name);
        serde_json::from_str(&self.file(&path)?).map_err(|error| {
            let line = u32::try_from(error.line()).ok();
            Box::new(fault(
                &path,
                line,
                format!("样例写法有误：{error}。"),
                "样例含 number、date、values 三项。",
            ))
        })
    }

    /// Fills the template with the sample, then with nothing but its required fields: so a template that prints an optional
    /// field without asking is found now and not when somebody leaves the field empty.
    fn try_out(&mut self, kind: &Kind) {
        let path = format!("{}/sample.json", self.name);
        for problem in kind.problems(&kind.sample.values) {
            let place = Place { path: path.clone(), ..Place::default() };
            self.problems.push(problem.at(place));
        }
        let least = least(kind);
        for values in [&kind.sample.values, &least] {
            let mut shown = kind.show(values, false);
            for (name, _) in BUILTINS.iter().filter(|(name, _)| *name != "raw") {
                shown.texts.insert((*name).to_owned(), Json::from(""));
            }
            match kind.template.fill(&shown.texts, &shown.raw) {
                Ok(text) => {
                    self.problems
                        .extend(markup::parse(&kind.template_file, &text).err().into_iter().flatten());
                }
                Err(error) => self.problems.extend(error.problems),
            }
            if !self.problems.is_empty() {
                return;
            }
        }
    }

    fn fields(&mut self, files: &[FieldFile], subject: &str, rows_of: Option<&str>) -> Vec<FormField> {
        let mut seen = BTreeSet::new();
        let mut group = String::new();
        files
            .iter()
            .filter_map(|file| {
                let name = file.name.get_ref();
                if !seen.insert(name.clone()) {
                    self.found(file.name.span(), format!("字段名 {name} 重复。"), "请另取字段名。");
                }
                // A group goes on until another is named.
                if !file.group.is_empty() {
                    group.clone_from(&file.group);
                }
                self.field(file, subject, rows_of, &group)
            })
            .collect()
    }

    fn field(
        &mut self,
        file: &FieldFile,
        subject: &str,
        rows_of: Option<&str>,
        group: &str,
    ) -> Option<FormField> {
        let source = match &file.from {
            Some(from) => Some(self.binding(from, subject, rows_of)?),
            None => None,
        };
        let ty = self.form_type(file, source.as_ref(), subject)?;
        Some(FormField {
            name: file.name.get_ref().clone(),
            title: file.title.clone(),
            ty,
            unit: file.unit.clone(),
            required: file.required,
            group: group.to_owned(),
            hint: file.hint.clone(),
            long: file.long,
            default: file.default.clone(),
            source,
        })
    }

    fn form_type(&mut self, file: &FieldFile, source: Option<&Binding>, subject: &str) -> Option<FormType> {
        if !file.columns.is_empty() {
            // Columns are fields of the children, or columns of the table field that the binding names.
            let rows_of = match source {
                Some(Binding::Children(step)) => Some(step.kind.clone()),
                Some(Binding::Field(steps)) => {
                    steps.last().map(|step| format!("{}.{}", step.kind, step.field))
                }
                _ => None,
            };
            return Some(FormType::Table(self.fields(&file.columns, subject, rows_of.as_deref())));
        }
        match (&file.ty, source) {
            (Some(ty), _) => {
                let found = self.value_type(ty.get_ref());
                if found.is_none() {
                    self.found(
                        ty.span(),
                        format!("没有类型“{}”。", ty.get_ref()),
                        "可用：text、integer、decimal:位数、money、area、date、boolean、code:表名。",
                    );
                }
                found.map(FormType::Value)
            }
            (None, Some(Binding::Field(steps))) => {
                let ty = steps.last().and_then(|step| self.model_type(step))?;
                Some(FormType::Value(plain(ty)))
            }
            (None, _) => {
                self.found(file.name.span(), "字段没有类型。", "请写 type，或用 from 指明来源字段。");
                None
            }
        }
    }

    fn value_type(&self, written: &str) -> Option<FieldType> {
        let (name, argument) = written.split_once(':').unwrap_or((written, ""));
        Some(match (name, argument) {
            ("text", "") => FieldType::Text,
            ("integer", "") => FieldType::Integer,
            ("decimal", scale) => {
                FieldType::Decimal { scale: scale.parse().ok().filter(|scale| *scale <= 20)? }
            }
            ("money", "") => FieldType::Money,
            ("area", "") => FieldType::Area,
            ("date", "") => FieldType::Date,
            ("boolean", "") => FieldType::Boolean,
            ("code", list) => FieldType::Code(Arc::new(self.schema.code_list(list)?.clone())),
            _ => return None,
        })
    }

    /// The type of a field of a kind, or of a column: `kind.table` as the kind and the column as the field.
    fn model_type(&self, step: &Step) -> Option<&FieldType> {
        match step.kind.split_once('.') {
            Some((kind, table)) => match &self.schema.kind(kind)?.field(table)?.ty {
                FieldType::Rows(columns) => columns.find(&step.field).map(|column| &column.ty),
                _ => None,
            },
            None => self.schema.kind(&step.kind)?.field(&step.field).map(|field| &field.ty),
        }
    }

    /// Reads `from` and holds every step against the model.
    fn binding(&mut self, from: &Spanned<String>, subject: &str, rows_of: Option<&str>) -> Option<Binding> {
        let written = from.get_ref();
        if let Some(rule) = written.strip_prefix("rule:") {
            return Some(Binding::Rule(rule.to_owned()));
        }
        if let Some(kind) = rows_of {
            // Columns name their field alone.
            let step = Step { kind: kind.to_owned(), field: written.clone(), back: false };
            return self.known(from, step).map(|step| Binding::Field(vec![step]));
        }
        if written.starts_with('*') && !written.contains('/') {
            return self.step(from, written, subject).map(Binding::Children);
        }
        self.path(from, written, subject)
    }

    fn path(&mut self, from: &Spanned<String>, written: &str, subject: &str) -> Option<Binding> {
        let mut steps = Vec::new();
        let mut here = subject.to_owned();
        for part in written.split('/') {
            let step = self.step(from, part, &here)?;
            here = match self.model_type(&step) {
                _ if step.back => step.kind.clone(),
                Some(FieldType::Ref { kind, .. }) => kind.clone(),
                _ => String::new(),
            };
            steps.push(step);
        }
        Some(Binding::Field(steps))
    }

    /// One step from a record of kind `here`.
    fn step(&mut self, from: &Spanned<String>, part: &str, here: &str) -> Option<Step> {
        let back = part.starts_with('*');
        let (kind, field) = part.trim_start_matches('*').split_once('.').unwrap_or((part, ""));
        let step = self.known(from, Step { kind: kind.to_owned(), field: field.to_owned(), back })?;
        let right = match self.model_type(&step) {
            Some(FieldType::Ref { kind, .. }) if back => kind == here,
            _ => !back && step.kind == here,
        };
        if right {
            return Some(step);
        }
        let rule = if back {
            format!("{part} 不是指向 {here} 的关联字段。")
        } else {
            format!("来源 {} 中，{part} 处应为 {here} 的字段。", from.get_ref())
        };
        self.found(
            from.span(),
            rule,
            "从 subject 所指的记录出发，沿关联字段一步一步写，用 / 分开；*种类.字段 表示反向：哪条记录的这个字段指向这里。",
        );
        None
    }

    fn known(&mut self, from: &Spanned<String>, step: Step) -> Option<Step> {
        if self.model_type(&step).is_some() {
            return Some(step);
        }
        let rule = format!("模型没有字段 {}.{}。", step.kind, step.field);
        self.found(from.span(), rule, "用 hub model show 查看各类记录的字段。");
        None
    }

    fn found(&mut self, span: Range<usize>, rule: impl Into<String>, hint: &str) {
        let line = line_at(&self.text, span.start);
        self.problems.push(fault(&self.path, Some(line), rule, hint));
    }
}

/// The sample with the fields that are required, always or because another one is filled.
fn least(kind: &Kind) -> Map<String, Json> {
    let values = &kind.sample.values;
    let mut least = Map::new();
    for (name, value) in values {
        let needed = kind.checks.iter().any(|check| match check {
            Check::Needs { field, when } => {
                field == name
                    && kind.field(when).is_some_and(|it| it.required)
                    && values.get(when) != Some(&Json::Bool(false))
            }
            _ => false,
        });
        if needed || kind.field(name).is_some_and(|field| field.required) {
            least.insert(name.clone(), value.clone());
        }
    }
    least
}

/// A link is printed as the text that it is.
fn plain(ty: &FieldType) -> FieldType {
    match ty {
        FieldType::Ref { ty, .. } => plain(ty),
        other => other.clone(),
    }
}

fn line_at(text: &str, byte: usize) -> u32 {
    let before = text.as_bytes().iter().take(byte).filter(|byte| **byte == b'\n').count();
    u32::try_from(before + 1).unwrap_or(u32::MAX)
}

fn fault(path: &str, line: Option<u32>, rule: impl Into<String>, hint: &str) -> Problem {
    let place = Place { path: path.to_owned(), line, ..Place::default() };
    Problem::error(codes::document::TEMPLATE, rule, hint).at(place)
}
