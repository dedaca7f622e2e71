//! One `[[record]]`: its kind, rows, key and fields.

use std::sync::Arc;

use super::super::file::{FieldFile, Origin, RecordFile};
use super::super::path::Step;
use super::super::plan::{Check, FieldPlan, OriginPlan, RecordPlan, SetPlan};
use super::super::source::nearest;
use super::super::trie::{FrameId, Places};
use super::Compiler;
use super::field::Scope;
use crate::error::codes::mapping as codes;
use crate::model::{FieldId, Fields, Kind, KindId};

/// A record whose frames are not numbered yet.
pub(super) struct Draft {
    kind: KindId,
    name: String,
    title: String,
    rows: Vec<Step>,
    alone: bool,
    when: Vec<Check>,
    accept: Vec<Check>,
    key: Vec<usize>,
    fields: Vec<FieldDraft>,
    set: Vec<SetPlan>,
    line: u32,
}

/// A field and, for sub-rows, where they stand.
pub(super) struct FieldDraft {
    pub plan: FieldPlan,
    pub rows: Option<(Vec<Step>, Vec<FieldDraft>)>,
}

impl Compiler<'_> {
    pub(super) fn record(&mut self, file: &RecordFile, top: Option<&[Step]>) -> Option<Draft> {
        let base = top.unwrap_or_default().to_vec();
        if let (true, Some(rows)) = (self.table, &file.rows) {
            self.source.error(
                codes::MAPPING_CONFLICT,
                &rows.span,
                "表格文件不写 rows",
                "表格的每一行就是一条，去掉 rows",
            );
            return None;
        }
        let rows = self.rows(file.rows.as_ref(), &base);
        let when = self.checks(&file.when, &rows);
        let accept = self.checks(&file.accept, &rows);
        let set = self.sets(&file.set, &rows);
        let name = file.kind.as_ref()?;
        let schema = self.schema;
        let Some(kind) = schema.kind(&name.value) else {
            let hint = nearest(&name.value, schema.kinds().map(|it| it.name.as_str())).map_or_else(
                || "用 hub model show 查看全部种类".to_owned(),
                |it| format!("是不是想写 {it}？"),
            );
            self.source.error(
                codes::MAPPING_UNKNOWN_KIND,
                &name.span,
                format!("模型里没有“{}”这类记录", name.value),
                hint,
            );
            return None;
        };
        let fields = self.fields(&file.fields, &kind.fields, &kind.name, &Scope::Row(&rows));
        let key = self.key(file, kind, &fields);
        let inside = top.is_some_and(|top| rows.starts_with(top));
        if file.alone && inside {
            self.source.warn(
                codes::MAPPING_CONFLICT,
                &file.head,
                "alone 不起作用：文件已有 rows，收退以它为单位",
                "去掉 alone",
            );
        }
        Some(Draft {
            kind: kind.id,
            name: kind.name.clone(),
            title: kind.title.clone(),
            rows,
            alone: file.alone,
            when,
            accept,
            key,
            fields,
            set,
            line: self.line(file.head.start),
        })
    }

    /// The business key: one of those that the model registers, with every field mapped.
    fn key(&self, file: &RecordFile, kind: &Kind, fields: &[FieldDraft]) -> Vec<usize> {
        let place = |name: &str| fields.iter().position(|it| it.plan.field.name == name);
        let name_of = |id: &FieldId| kind.fields.get(*id).map(|it| it.name.as_str());
        let keys: Vec<Vec<&str>> =
            kind.keys.iter().map(|key| key.iter().filter_map(name_of).collect()).collect();
        let written =
            |keys: &[Vec<&str>]| keys.iter().map(|it| it.join(" + ")).collect::<Vec<_>>().join("；");
        let Some(said) = &file.key else {
            let found =
                keys.iter().find_map(|key| key.iter().map(|name| place(name)).collect::<Option<Vec<_>>>());
            let written_wrong = file.fields.len() > fields.len();
            return found.unwrap_or_else(|| {
                if written_wrong {
                    return Vec::new();
                }
                self.source.error(
                    codes::MAPPING_KEY,
                    &file.head,
                    format!("{}（{}）的主键没有映射，认不出是哪一条", kind.title, kind.name),
                    format!("至少映射其中一组：{}", written(&keys)),
                );
                Vec::new()
            });
        };
        let mut names: Vec<&str> = said.iter().map(|it| it.value.as_str()).collect();
        names.sort_unstable();
        let span = said.first().map_or(file.head.clone(), |it| it.span.clone());
        let registered = keys.iter().any(|key| {
            let mut key = key.clone();
            key.sort_unstable();
            key == names
        });
        if !registered {
            self.source.error(
                codes::MAPPING_KEY,
                &span,
                format!("{} 不是 {} 登记的主键", names.join(" + "), kind.name),
                format!("可用：{}", written(&keys)),
            );
            return Vec::new();
        }
        let mut found = Vec::new();
        for name in said {
            match place(&name.value) {
                Some(n) => found.push(n),
                // A field that is there but wrong has its own finding.
                None if file.fields.iter().any(|it| it.name.value == name.value) => {}
                None => self.source.error(
                    codes::MAPPING_KEY,
                    &name.span,
                    format!("主键字段 {} 没有映射", name.value),
                    "在 [record.fields] 里写明它从哪里取",
                ),
            }
        }
        found
    }

    /// Fields of a record or a sub-row, checked against those of the model.
    pub(super) fn fields(
        &mut self,
        files: &[FieldFile],
        known: &Fields,
        owner: &str,
        scope: &Scope<'_>,
    ) -> Vec<FieldDraft> {
        let mut out = Vec::new();
        for file in files {
            let Some(field) = known.find(&file.name.value) else {
                let hint = nearest(&file.name.value, known.iter().map(|it| it.name.as_str())).map_or_else(
                    || format!("用 hub model show {owner} 查看全部字段"),
                    |it| format!("是不是想写 {it}？"),
                );
                let message = format!("{owner} 没有字段 {}", file.name.value);
                self.source.error(codes::MAPPING_UNKNOWN_FIELD, &file.name.span, message, hint);
                // The rest of the entry is still examined for paths.
                if let Origin::From(path) = &file.origin {
                    self.origin_path(path, scope);
                }
                continue;
            };
            out.extend(self.field(file, field, owner, scope));
        }
        out
    }

    pub(super) fn line(&self, at: usize) -> u32 {
        let before = self.source.text.get(..at).unwrap_or_default();
        u32::try_from(before.matches('\n').count() + 1).unwrap_or(u32::MAX)
    }
}

impl Draft {
    /// Numbers the frames.
    pub(super) fn finish(self, places: &Places, unit: Option<FrameId>) -> RecordPlan {
        let frame = places.frame_at(&self.rows);
        let unit = unit.and_then(|it| places.depth_below(frame, it)).or(self.alone.then_some(0));
        RecordPlan {
            kind: self.kind,
            name: self.name,
            title: self.title,
            frame,
            unit,
            when: self.when,
            accept: self.accept,
            key: self.key,
            fields: self.fields.into_iter().map(|it| it.finish(places, frame)).collect(),
            set: self.set,
            line: self.line,
        }
    }
}

/// One plain name below the row: its path needs no looking up.
fn suffix(origin: &OriginPlan, places: &Places, row: FrameId) -> Option<Arc<str>> {
    let OriginPlan::From(key) = origin else { return None };
    let below = places.path(*key).strip_prefix(places.frame(row)?.path.as_slice())?;
    let [step] = below else { return None };
    let name = step.name.as_deref().filter(|it| step.tests.is_empty() && !it.contains(['/', '~']))?;
    (places.slot(*key).up == 0).then(|| format!("/{name}").into())
}

impl FieldDraft {
    fn finish(self, places: &Places, outer: FrameId) -> FieldPlan {
        let mut plan = self.plan;
        plan.suffix = suffix(&plan.origin, places, outer);
        if let Some((rows, fields)) = self.rows {
            let frame = places.frame_at(&rows);
            let fields = fields.into_iter().map(|it| it.finish(places, frame)).collect();
            plan.origin = match plan.origin {
                OriginPlan::Table { from, row, cell, columns, .. } => {
                    OriginPlan::Table { from, row, cell, columns, fields }
                }
                _ => {
                    OriginPlan::Rows { frame, levels: places.depth_below(frame, outer).unwrap_or(0), fields }
                }
            };
        }
        plan
    }
}
