//! One field: its source, its steps against its type, and what is said about empty and unknown values.

use super::super::catalogue;
use super::super::codes::CodeTable;
use super::super::file::{FieldFile, Origin, WriteAs};
use super::super::function::{Act, Args, Word};
use super::super::path::{Path, Step};
use super::super::plan::{FieldPlan, OriginPlan, StepPlan, Unknown};
use super::super::source::At;
use super::super::steps;
use super::super::trie::SlotKey;
use super::Compiler;
use super::record::FieldDraft;
use crate::error::codes::mapping as codes;
use crate::model::{Field, FieldType, Fields, Value};

/// What `from` counts from.
pub(super) enum Scope<'s> {
    /// A row at this place.
    Row(&'s [Step]),
    /// The columns of a mini table.
    Cells(&'s [String]),
}

impl Compiler<'_> {
    pub(super) fn field(
        &mut self,
        file: &FieldFile,
        field: &Field,
        owner: &str,
        scope: &Scope<'_>,
    ) -> Option<FieldDraft> {
        let (ty, list) = match &field.ty {
            FieldType::List(inner) => (inner.as_ref(), true),
            other => (other, false),
        };
        let owner = format!("{owner}.{}", field.name);
        if let FieldType::Rows(inner) = ty {
            return self.sub_rows(file, field, inner, &owner, scope);
        }
        if let Origin::Rows(..) | Origin::Table(..) = file.origin {
            self.source.error(
                codes::MAPPING_TYPE,
                &file.name.span,
                format!("{owner} 只有一个值，不是下级多行"),
                "去掉 rows、table，用 from 写明取哪里",
            );
            return None;
        }
        let (steps, convert) = self.steps(file, ty, list, &owner)?;
        let nulls: Vec<String> =
            file.null.as_ref().unwrap_or(&self.null).iter().map(|it| it.value.trim().to_owned()).collect();
        let null_values = nulls
            .iter()
            .filter_map(|it| Some(steps::convert(it, &steps, convert.as_ref(), ty).ok()??.value))
            .collect();
        let origin = self.origin(file, scope, &steps, convert.as_ref(), ty);
        let default =
            file.default.as_ref().and_then(|it| self.fixed(it, "default", &steps, convert.as_ref(), ty));
        let unknown = self.unknown(file, ty, &owner);
        self.conflicts(file, list);
        let when = match scope {
            Scope::Row(row) => self.checks(&file.when, row),
            Scope::Cells(_) => Vec::new(),
        };
        let also = match scope {
            Scope::Row(row) => self.also(file, row),
            Scope::Cells(_) => Vec::new(),
        };
        let plan = FieldPlan {
            field: field.clone(),
            ty: ty.clone(),
            list,
            origin: origin?,
            suffix: None,
            steps,
            convert,
            nulls,
            null_values,
            default,
            unknown,
            when,
            required: file.required,
            many: file.many.clone(),
            write: file.write,
            write_null: file.write_null.clone(),
            also,
            cut: file.cut.clone().unwrap_or_default(),
            note: file.note.clone(),
            line: self.line(file.name.span.start),
        };
        if self.reversible && file.write != WriteAs::Skip {
            let row = if let Scope::Row(row) = scope { row } else { &[][..] };
            self.check_reverse(file, &plan, &owner, row);
        }
        Some(FieldDraft { plan, rows: None })
    }

    fn sub_rows(
        &mut self,
        file: &FieldFile,
        field: &Field,
        inner: &Fields,
        owner: &str,
        scope: &Scope<'_>,
    ) -> Option<FieldDraft> {
        let Scope::Row(row) = scope else {
            self.source.error(codes::MAPPING_TYPE, &file.name.span, "小表格里不能再有下级多行", "去掉这一项");
            return None;
        };
        let (origin, rows, fields) = match &file.origin {
            Origin::Rows(path, files) => {
                let rows = self.rows(Some(path), row);
                let fields = self.fields(files, inner, owner, &Scope::Row(&rows));
                (OriginPlan::Constant(Value::Rows(Vec::new())), rows, fields)
            }
            Origin::Table(mini, files) => {
                let from = self.want(&mini.from, row)?;
                let fields = self.fields(files, inner, owner, &Scope::Cells(&mini.columns));
                let origin = OriginPlan::Table {
                    from,
                    row: mini.row.clone(),
                    cell: mini.cell.clone(),
                    columns: mini.columns.clone(),
                    fields: Vec::new(),
                };
                (origin, row.to_vec(), fields)
            }
            _ => {
                self.source.error(
                    codes::MAPPING_TYPE,
                    &file.name.span,
                    format!("{owner} 是下级多行"),
                    "用 rows 写明下级在哪里（或用 table 拆开一段文字），再用 fields 写每行的字段",
                );
                return None;
            }
        };
        let when = self.checks(&file.when, row);
        let plan = FieldPlan {
            field: field.clone(),
            ty: field.ty.clone(),
            list: false,
            origin,
            suffix: None,
            steps: Vec::new(),
            convert: None,
            nulls: Vec::new(),
            null_values: Vec::new(),
            default: None,
            unknown: Unknown::Refuse,
            when,
            required: file.required,
            many: file.many.clone(),
            write: file.write,
            write_null: None,
            also: Vec::new(),
            cut: Vec::new(),
            note: file.note.clone(),
            line: self.line(file.name.span.start),
        };
        Some(FieldDraft { plan, rows: Some((rows, fields)) })
    }

    /// The steps of `as`, and the one that gives the value.
    fn steps(
        &self,
        file: &FieldFile,
        ty: &FieldType,
        list: bool,
        owner: &str,
    ) -> Option<(Vec<StepPlan>, Option<StepPlan>)> {
        let mut before = Vec::new();
        let mut convert: Option<StepPlan> = None;
        let mut sound = true;
        for written in &file.steps {
            let step = match catalogue::step(&written.value, self.folder) {
                Ok(step) => step,
                Err((code, message, hint)) => {
                    self.source.error(code, &written.span, message, hint);
                    sound = false;
                    continue;
                }
            };
            sound &= self.step_fits(written, &step, convert.is_some(), &before, ty, list, owner);
            match step.function.act {
                Act::Value { .. } => convert = Some(step),
                _ => before.push(step),
            }
        }
        if !sound {
            return None;
        }
        let convert = match convert {
            Some(step) => Some(step),
            None => Some(self.natural(file, ty, owner)?),
        };
        let convert = convert.map(|step| with_map(step, file));
        Some((before, convert))
    }

    #[expect(clippy::too_many_arguments, reason = "one check with all it depends on, called in one place")]
    fn step_fits(
        &self,
        written: &At<String>,
        step: &StepPlan,
        done: bool,
        before: &[StepPlan],
        ty: &FieldType,
        list: bool,
        owner: &str,
    ) -> bool {
        let name = step.function.name;
        let (message, hint) = match &step.function.act {
            _ if done => {
                (format!("{name} 写在了给出值的那一步之后"), "把文字处理的步骤写在类型转换之前".to_owned())
            }
            Act::Split { .. } if !list => (
                format!("{owner} 只有一个值，不能用 {name} 拆成多个"),
                "去掉这一步，或改映射到列表字段".to_owned(),
            ),
            Act::Split { .. } if before.iter().any(|it| matches!(it.function.act, Act::Split { .. })) => {
                (format!("{name} 只能用一次"), "几种分隔符写在一个 split 里，如 split:、|；".to_owned())
            }
            Act::Value { fits, .. } if !fits(ty) => (
                format!("{owner} 的类型是{}，{name} 给出的不是", ty.title()),
                catalogue::natural(ty).map_or_else(
                    || unit_hint(ty),
                    |it| format!("改用 {}，或去掉这一步由中枢按类型转换", it.name),
                ),
            ),
            _ => return self.table_fits(written, step, ty),
        };
        self.source.error(codes::MAPPING_TYPE, &written.span, message, hint);
        false
    }

    /// A code table must lead into the code list of the field; a link must be the one of the model.
    fn table_fits(&self, written: &At<String>, step: &StepPlan, ty: &FieldType) -> bool {
        let (message, hint) = match (ty, step.args.table().and_then(|it| it.list.as_deref())) {
            (FieldType::Code(list), Some(found)) if found != list.name => (
                format!("这里换成的是 {found} 的代码，字段要的是 {}", list.name),
                format!("换用 {} 的代码或对照表", list.name),
            ),
            (FieldType::Ref { kind, field, .. }, _) if step.function.name == "ref" => {
                let wanted = format!("{kind}.{field}");
                let said = step.args.text(0);
                if said.is_empty() || said == wanted {
                    return true;
                }
                (format!("这个字段引用的是 {wanted}，不是 {said}"), format!("写成 ref:{wanted}"))
            }
            _ => return true,
        };
        self.source.error(codes::MAPPING_TYPE, &written.span, message, hint);
        false
    }

    /// The step used when none is written.
    fn natural(&self, file: &FieldFile, ty: &FieldType, owner: &str) -> Option<StepPlan> {
        let Some(function) = catalogue::natural(ty) else {
            self.source.error(
                codes::MAPPING_UNIT,
                &file.name.span,
                format!("{owner} 是{}，没有写明来文用的单位", ty.title()),
                unit_hint(ty),
            );
            return None;
        };
        let written = match ty {
            FieldType::Code(list) => format!("{}:{}", function.name, list.name),
            _ => function.name.to_owned(),
        };
        if file.map.is_some() {
            // The table is the one written in the field; any list of the model will do for a start.
            return Some(StepPlan { function, args: Args::default(), written });
        }
        match catalogue::step(&written, self.folder) {
            Ok(step) => Some(step),
            Err((code, message, hint)) => {
                self.source.error(code, &file.name.span, message, hint);
                None
            }
        }
    }

    fn origin(
        &mut self,
        file: &FieldFile,
        scope: &Scope<'_>,
        steps: &[StepPlan],
        convert: Option<&StepPlan>,
        ty: &FieldType,
    ) -> Option<OriginPlan> {
        match &file.origin {
            Origin::From(path) => match self.origin_path(path, scope)? {
                Found::Slot(key) => Some(OriginPlan::From(key)),
                Found::Cell(n) => Some(OriginPlan::Cell(n)),
            },
            Origin::Join(paths, between) => {
                Some(OriginPlan::Join(self.slots(paths, scope)?, between.clone()))
            }
            Origin::First(paths) => Some(OriginPlan::First(self.slots(paths, scope)?)),
            Origin::Constant(said) => {
                self.fixed(said, "constant", steps, convert, ty).map(OriginPlan::Constant)
            }
            Origin::Rows(..) | Origin::Table(..) | Origin::Nowhere => None,
        }
    }

    fn slots(&mut self, paths: &[At<Path>], scope: &Scope<'_>) -> Option<Vec<SlotKey>> {
        let mut keys = Vec::new();
        for path in paths {
            match self.origin_path(path, scope)? {
                Found::Slot(key) => keys.push(key),
                Found::Cell(_) => {
                    self.source.error(
                        codes::MAPPING_PATH,
                        &path.span,
                        "小表格里只能用 from 取一列",
                        "改用 from",
                    );
                    return None;
                }
            }
        }
        Some(keys)
    }

    pub(super) fn origin_path(&mut self, path: &At<Path>, scope: &Scope<'_>) -> Option<Found> {
        let columns = match scope {
            Scope::Row(row) => return self.want(path, row).map(Found::Slot),
            Scope::Cells(columns) => columns,
        };
        let name = match path.value.steps.as_slice() {
            [step] => step.name.as_deref().unwrap_or_default(),
            _ => "",
        };
        let found = columns.iter().position(|it| it == name);
        if found.is_none() {
            self.source.error(
                codes::MAPPING_PATH,
                &path.span,
                "小表格里没有这一列",
                format!("可用的列：{}", columns.join("、")),
            );
        }
        found.map(Found::Cell)
    }

    /// A value written in the file, through the same steps as one from a message.
    fn fixed(
        &self,
        said: &At<String>,
        key: &str,
        steps: &[StepPlan],
        convert: Option<&StepPlan>,
        ty: &FieldType,
    ) -> Option<Value> {
        match steps::convert(&said.value, steps, convert, ty) {
            Ok(Some(parsed)) => Some(parsed.value),
            Ok(None) => {
                self.source.error(
                    codes::MAPPING_CONSTANT,
                    &said.span,
                    format!("{key} 转换后是空的"),
                    "写一个非空的值",
                );
                None
            }
            Err(fault) => {
                self.source.error(
                    codes::MAPPING_CONSTANT,
                    &said.span,
                    format!("{key} 的值“{}”不成立：{}", said.value, fault.rule),
                    fault.hint,
                );
                None
            }
        }
    }

    fn unknown(&self, file: &FieldFile, ty: &FieldType, owner: &str) -> Unknown {
        let said = file.unknown.as_ref();
        match (ty, said.map(|it| it.value.as_str())) {
            (FieldType::Ref { kind, .. }, None) => {
                self.source.error(
                    codes::MAPPING_UNHANDLED,
                    &file.name.span,
                    format!("{owner} 引用的 {kind} 可能还没到达，没有写明怎么办"),
                    "写 unknown = \"hold\"（先收下等对方到齐）或 unknown = \"error\"（退回）",
                );
                Unknown::Hold
            }
            (FieldType::Ref { .. }, Some("hold")) => Unknown::Hold,
            (_, None | Some("error")) => Unknown::Refuse,
            (FieldType::Code(_), Some("null")) => Unknown::Null,
            (FieldType::Code(list), Some(code)) => {
                if list.get(code).is_none() {
                    let span = said.map_or(file.span.clone(), |it| it.span.clone());
                    self.source.error(
                        codes::MAPPING_CONSTANT,
                        &span,
                        format!("unknown 写的 {code} 不是代码表 {} 里的代码", list.name),
                        "可写 error、null，或这张代码表里的一个代码",
                    );
                }
                Unknown::Use(Value::Code(code.to_owned()))
            }
            (_, Some(_)) => {
                let span = said.map_or(file.span.clone(), |it| it.span.clone());
                self.source.error(
                    codes::MAPPING_CONFLICT,
                    &span,
                    "unknown 不适用于这个字段",
                    "unknown 用于代码（error、null 或一个代码）和引用（hold、error）",
                );
                Unknown::Refuse
            }
        }
    }

    fn conflicts(&self, file: &FieldFile, list: bool) {
        let conflict = |message: &str, hint: &str| {
            self.source.error(codes::MAPPING_CONFLICT, &file.name.span, message, hint);
        };
        if file.required && file.default.is_some() {
            conflict("required 和 default 不能同时写", "有默认值就不会缺；去掉其中一个");
        }
        if matches!(file.origin, Origin::Constant(_))
            && (file.required || file.default.is_some() || file.null.is_some())
        {
            conflict("固定值不会为空，不必写 required、default、null", "去掉它们");
        }
        if list && file.many != super::super::file::Many::Refuse {
            conflict("列表字段会收下全部值，many 不起作用", "去掉 many");
        }
    }
}

/// Where a path of a field leads.
pub(super) enum Found {
    Slot(SlotKey),
    Cell(usize),
}

/// Puts the field's own little table in place of the step's.
fn with_map(step: StepPlan, file: &FieldFile) -> StepPlan {
    let Some(pairs) = &file.map else { return step };
    let list = step.args.table().and_then(|it| it.list.clone());
    let pairs = pairs.iter().map(|(theirs, ours)| (theirs.value.as_str(), ours.value.as_str()));
    let table = CodeTable::new(&file.name.value, list.as_deref(), pairs);
    StepPlan { args: Args { words: vec![Word::Table(std::sync::Arc::new(table))] }, ..step }
}

fn unit_hint(ty: &FieldType) -> String {
    match ty {
        FieldType::Money => {
            "写 as = \"money:yuan\"（元）、\"money:wan_yuan\"（万元）或 \"money:fen\"（分）".to_owned()
        }
        _ => "写 as = \"area:sqm\"（平方米）、\"area:hectare\"（公顷）或 \"area:mu\"（亩）".to_owned(),
    }
}
