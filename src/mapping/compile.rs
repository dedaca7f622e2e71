//! From what a `map.toml` says to a plan that can run, checked against the model on the way.
//!
//! Everything that could go wrong later because of the file itself is found here; findings are collected, never the
//! first one only.

mod field;
mod format;
mod record;
mod reverse;
mod tables;

pub(super) use format::{FormatPlan, Layer, Unwrap, in_json, is_table};
pub(super) use tables::Folder;

use super::Mapping;
use super::file::{Condition, MapFile, PartnerFile};
use super::path::{Path, Step};
use super::plan::{Check, RecordPlan, SetPlan};
use super::source::{At, Source, nearest};
use super::trie::{Builder, SlotKey};
use super::write::WritePlan;
use crate::error::codes::mapping as codes;
use crate::format::Format;
use crate::model::Schema;

/// What one compilation works with.
pub(super) struct Compiler<'c> {
    source: &'c Source<'c>,
    schema: &'c Schema,
    folder: &'c Folder<'c>,
    builder: Builder,
    format: Option<Format>,
    /// Documents inside values, which may be of another format.
    unwrap: Vec<Unwrap>,
    /// Rows of a CSV or XLSX file.
    table: bool,
    null: Vec<At<String>>,
    /// `[write]` stands in the file.
    reversible: bool,
}

/// Compiles one file. The mapping is only usable when the source has no errors.
pub(super) fn compile(
    source: &Source<'_>,
    file: MapFile,
    partner: &PartnerFile,
    folder: &Folder<'_>,
    schema: &Schema,
) -> Option<Mapping> {
    let format = FormatPlan::check(source, file.format.as_ref(), partner.format.as_ref());
    let kind = format.as_ref().map(|it| it.spec.format);
    let mut compiler = Compiler {
        source,
        schema,
        folder,
        builder: Builder::default(),
        format: kind,
        unwrap: Vec::new(),
        table: kind.is_some_and(is_table),
        null: file.null.clone().or_else(|| partner.null.clone()).unwrap_or_default(),
        reversible: file.write.is_some(),
    };
    compiler.unwrap = compiler.unwraps(&file.unwrap);
    let top = compiler.rows(file.rows.as_ref(), &[]);
    if let (true, Some(rows)) = (compiler.table, &file.rows) {
        source.error(
            codes::MAPPING_CONFLICT,
            &rows.span,
            "表格文件不写 rows",
            "表格的每一行就是一条，去掉 rows",
        );
    }
    let accept = compiler.checks(&file.accept, &[]);
    let not_found = compiler.checks(&file.not_found, &[]);
    let expired = compiler.checks(&file.expired, &[]);
    let id = file.id.iter().filter_map(|it| compiler.want(it, &[])).collect();
    let division = file.division.as_ref().and_then(|it| compiler.want(it, &[]));
    let records: Vec<_> = file
        .records
        .iter()
        .filter_map(|it| compiler.record(it, file.rows.as_ref().map(|_| &top[..])))
        .collect();
    let write = file.write.as_ref().map(|it| WritePlan {
        null: it.null.clone(),
        order: it.order.iter().filter_map(|path| compiler.full(path, &[])).collect(),
        set: compiler.sets(&it.set, &[]),
    });
    let ignore = file.ignore.iter().filter_map(|it| compiler.full(it, &[])).collect();
    let department = compiler.department(file.department.as_ref(), partner);
    let compiler_nulls = compiler.null.iter().map(|it| it.value.trim().to_owned()).collect();
    let places = std::mem::take(&mut compiler.builder).finish();
    let unwrap = std::mem::take(&mut compiler.unwrap);
    let unit = (file.rows.is_some() || compiler.table).then(|| places.frame_at(&top));
    let records: Vec<RecordPlan> = records.into_iter().map(|it| it.finish(&places, unit)).collect();
    Some(Mapping {
        partner: folder.partner.to_owned(),
        partner_title: partner.title.clone(),
        message: folder.message.to_owned(),
        title: file.title,
        summary: file.summary,
        version: file.version,
        department: department?,
        file: source.file.to_owned(),
        format: format?,
        unwrap,
        places,
        nulls: compiler_nulls,
        accept,
        not_found,
        expired,
        id,
        division,
        unit,
        whole: file.whole || partner.whole.unwrap_or(false),
        records,
        ignore,
        write,
        drop: file.drop,
        answer: file.answer.or_else(|| partner.answer.clone()),
    })
}

impl Compiler<'_> {
    /// The full path of rows, registered as such; the surrounding rows when none are said.
    fn rows(&mut self, path: Option<&At<Path>>, base: &[Step]) -> Vec<Step> {
        let full = path.and_then(|it| self.full(it, base)).unwrap_or_else(|| base.to_vec());
        self.builder.rows(&full);
        full
    }

    fn in_json(&self, path: &[Step]) -> bool {
        in_json(self.format, &self.unwrap, path)
    }

    fn full(&self, path: &At<Path>, base: &[Step]) -> Option<Vec<Step>> {
        match path.value.resolve(base, self.in_json(base)) {
            Ok(full) => Some(full),
            Err(why) => {
                self.source.error(
                    codes::MAPPING_PATH,
                    &path.span,
                    why,
                    "路径从本行算起；从报文最上层写起用“/”开头",
                );
                None
            }
        }
    }

    /// The slot for the value at `path`, seen from a row at `base`.
    fn want(&mut self, path: &At<Path>, base: &[Step]) -> Option<SlotKey> {
        if self.table && (path.value.absolute || path.value.up > 0 || path.value.steps.len() > 1) {
            self.source.error(
                codes::MAPPING_PATH,
                &path.span,
                "表格里只能写列名",
                "写列名本身，如 from = \"面积(公顷)\"；列名里有斜杠时用单引号括起",
            );
            return None;
        }
        let mut full = self.full(path, base)?;
        if self.table {
            full.iter_mut().for_each(Step::number_column);
        }
        Some(self.builder.want(base, full))
    }

    fn checks(&mut self, conditions: &[Condition], base: &[Step]) -> Vec<Check> {
        conditions.iter().filter_map(|it| self.check(it, base)).collect()
    }

    fn check(&mut self, condition: &Condition, base: &[Step]) -> Option<Check> {
        match condition {
            Condition::Any(inner) => Some(Check::Any(self.checks(inner, base))),
            Condition::At { at, trial, message } => Some(Check::At {
                key: self.want(at, base)?,
                trial: trial.clone(),
                message: message.iter().filter_map(|it| self.want(it, base)).collect(),
            }),
        }
    }

    fn sets(&self, sets: &[super::file::SetFile], base: &[Step]) -> Vec<SetPlan> {
        sets.iter()
            .filter_map(|it| {
                let path = self.full(&it.path, base)?;
                Some(SetPlan { path, stamp: it.stamp.clone(), bare: it.bare })
            })
            .collect()
    }

    fn department(&self, own: Option<&At<String>>, partner: &PartnerFile) -> Option<String> {
        let Some(said) = own else {
            // The partner file is checked by itself; here only its absence matters.
            if partner.department.is_none() {
                self.source.error(
                    codes::MAPPING_MISSING_KEY,
                    &(0..0),
                    "没有写明来文部门",
                    "在 partner.toml 或本文件写 department = \"部门标识\"",
                );
            }
            return partner.department.as_ref().map(|it| it.value.clone());
        };
        check_department(self.source, said, self.schema);
        Some(said.value.clone())
    }
}

/// Reports a department that the model does not have.
pub(super) fn check_department(source: &Source<'_>, said: &At<String>, schema: &Schema) {
    if schema.department(&said.value).is_some() {
        return;
    }
    let hint = nearest(&said.value, schema.departments().map(|it| it.id.as_str())).map_or_else(
        || {
            let all: Vec<_> = schema.departments().map(|it| it.id.as_str()).collect();
            format!("可用：{}", all.join("、"))
        },
        |it| format!("是不是想写 {it}？"),
    );
    source.error(codes::MAPPING_SHAPE, &said.span, format!("模型里没有部门 {}", said.value), hint);
}
