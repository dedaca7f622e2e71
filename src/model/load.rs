//! Compiles model files into a [`Schema`], collecting every problem with its file and line.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use rust_decimal::Decimal;
use toml::Spanned;

use super::code_list::CodeList;
use super::department::Department;
use super::field::{Field, FieldId, Fields, Mask, Sensitivity};
use super::field_type::FieldType;
use super::file::{CodeListFile, DataFile, DepartmentsFile, FieldFile, KindFile, in_order};
use super::kind::{Kind, KindId};
use super::schema::Schema;
use crate::error::{Problem, codes};
use crate::ident::{self, IdentKind};

/// Longest text of a field that names no limit of its own.
const MAX_LENGTH: usize = 1000;

/// See [`Schema::load`].
pub(super) fn load(files: &[(String, String)]) -> Result<Schema, Vec<Problem>> {
    let mut loader = Loader::default();
    for (path, text) in files {
        loader.read(path, text);
    }
    let mut order: Vec<usize> = (0..loader.kinds.len()).collect();
    order.sort_by_key(|at| loader.kinds.get(*at).map(|(_, _, file)| file.order));
    let mut kinds = Vec::new();
    for (at, index) in order.into_iter().enumerate() {
        kinds.extend(loader.compile_kind(index, KindId(u16::try_from(at).unwrap_or(u16::MAX))));
    }
    loader.check_departments();
    if !loader.problems.is_empty() {
        return Err(loader.problems);
    }
    let by_name = kinds.iter().map(|kind| (kind.name.clone(), kind.id)).collect::<HashMap<_, _>>();
    let departments = loader.departments.into_iter().map(|(_, department)| department).collect();
    Ok(Schema { kinds, by_name, code_lists: loader.code_lists, departments })
}

/// What has been read so far.
#[derive(Default)]
struct Loader<'a> {
    kinds: Vec<(String, DataFile<'a>, KindFile)>,
    code_lists: BTreeMap<String, Arc<CodeList>>,
    departments: Vec<(Problem, Department)>,
    problems: Vec<Problem>,
}

impl<'a> Loader<'a> {
    fn read(&mut self, path: &'a str, text: &'a str) {
        let Some(stem) = path.strip_suffix(".toml") else { return };
        let source = DataFile { path, text, code: codes::value::MODEL_FILE };
        let outcome = match stem.split_once('/') {
            Some(("codes", name)) => self.read_codes(name, &source),
            Some(_) => Ok(()),
            None if stem == "departments" => self.read_departments(&source),
            None => source.read().map(|file| self.kinds.push((stem.to_owned(), source, file))),
        };
        self.problems.extend(outcome.err().map(|problem| *problem));
    }

    fn read_codes(&mut self, name: &str, source: &DataFile<'_>) -> Result<(), Box<Problem>> {
        let file: CodeListFile = source.read()?;
        let list = CodeList::new(name.to_owned(), file.title, file.source, file.verified, file.codes);
        let list = list.map_err(|twice| {
            let rule = format!("代码表中“{twice}”指向两个不同的代码。");
            Box::new(source.problem(0..0, rule, "代码、名称和别名在同一表内不能重复。"))
        })?;
        self.code_lists.insert(name.to_owned(), Arc::new(list));
        Ok(())
    }

    fn read_departments(&mut self, source: &DataFile<'_>) -> Result<(), Box<Problem>> {
        let file: DepartmentsFile = source.read()?;
        for entry in file.department {
            let at = source.problem(entry.span(), "", "");
            self.departments.push((at, entry.into_inner()));
        }
        Ok(())
    }

    fn check_departments(&mut self) {
        for (at, department) in &self.departments {
            let mut found = |rule: String, hint: &str| {
                let mut problem = at.clone();
                (problem.rule, problem.hint) = (rule, hint.to_owned());
                self.problems.push(problem);
            };
            let id = &department.id;
            if self.departments.iter().filter(|(_, other)| other.id == *id).count() > 1 {
                found(format!("部门“{id}”重复。"), "每个部门只写一次，更名写在 names 里。");
            }
            if department.names.is_empty() {
                found(format!("部门“{id}”没有名称。"), "至少写一个 names 条目。");
            }
            let overlap = department.names.windows(2).any(|pair| match pair {
                [a, b] => a.to.is_none() || b.from.is_none() || a.to >= b.from,
                _ => false,
            });
            if overlap {
                found(
                    format!("部门“{id}”的名称时段重叠或无界。"),
                    "前一名称写 to，后一名称写 from，按时间先后排列。",
                );
            }
            let known = |successor: &String| self.departments.iter().any(|(_, other)| other.id == *successor);
            if let Some(successor) = department.successor.as_ref().filter(|successor| !known(successor)) {
                found(format!("部门“{id}”的承接部门“{successor}”不存在。"), "承接部门须另有条目。");
            }
        }
    }

    fn compile_kind(&mut self, index: usize, id: KindId) -> Option<Kind> {
        // The file is taken out so that problems can be added while it is read, and put back for the links of later kinds.
        let (name, source, file) = self.kinds.get(index)?;
        let mut compiler = Compiler { loader: self, source, problems: Vec::new() };
        let default_authority = compiler.authority(file.authority.as_ref());
        let defaults = Defaults { authority: default_authority, sensitivity: file.sensitivity };
        let fields = compiler.fields(&file.fields, &defaults, false);
        let keys = compiler.keys(file, &fields);
        let division_from = compiler.division(file, &fields);
        let label_from = compiler.names(file, &file.label, &fields);
        if !snake_case(name) {
            compiler.found(0..0, format!("文件名“{name}”不合规。"), "用小写字母、数字和下划线。");
        }
        let kind = Kind {
            id,
            name: name.clone(),
            title: file.title.clone(),
            description: file.description.clone(),
            fields,
            keys,
            division_from,
            label_from,
        };
        let problems = compiler.problems;
        self.problems.extend(problems);
        Some(kind)
    }
}

/// What fields of a kind have when they say nothing.
struct Defaults {
    authority: Option<String>,
    sensitivity: Sensitivity,
}

/// Compiles one kind, looking at the other files for links.
struct Compiler<'l, 'a> {
    loader: &'l Loader<'a>,
    source: &'l DataFile<'a>,
    problems: Vec<Problem>,
}

impl Compiler<'_, '_> {
    fn found(&mut self, span: std::ops::Range<usize>, rule: impl Into<String>, hint: impl Into<String>) {
        self.problems.push(self.source.problem(span, rule, hint));
    }

    fn fields(
        &mut self,
        files: &BTreeMap<Spanned<String>, FieldFile>,
        defaults: &Defaults,
        nested: bool,
    ) -> Fields {
        let mut list = Vec::with_capacity(files.len());
        for (name, file) in in_order(files) {
            if !snake_case(name.get_ref()) {
                let rule = format!("字段名“{}”不合规。", name.get_ref());
                self.found(name.span(), rule, "用小写字母、数字和下划线，以字母开头。");
            }
            let id = FieldId(u16::try_from(list.len()).unwrap_or(u16::MAX));
            list.extend(self.field(id, name, file, defaults, nested));
        }
        Fields::new(list)
    }

    fn field(
        &mut self,
        id: FieldId,
        name: &Spanned<String>,
        file: &FieldFile,
        defaults: &Defaults,
        nested: bool,
    ) -> Option<Field> {
        let authority = match &file.authority {
            Some(none) if none.get_ref() == "none" => None,
            Some(_) => self.authority(file.authority.as_ref()),
            None => defaults.authority.clone(),
        };
        let sensitivity = file.sensitivity.unwrap_or(defaults.sensitivity);
        if file.mask.is_some() && sensitivity != Sensitivity::Personal {
            self.found(
                name.span(),
                "写了 mask 却不是个人信息。",
                "加上 sensitivity = \"personal\"，或去掉 mask。",
            );
        }
        if !file.columns.is_empty() && file.ty.get_ref() != "rows" {
            self.found(file.ty.span(), "只有 rows 类型才有 columns。", "把 type 改为 rows，或去掉 columns。");
        }
        let ty = if file.ty.get_ref() == "rows" {
            self.rows(file, &Defaults { authority: authority.clone(), sensitivity }, nested)?
        } else {
            self.type_of(file.ty.get_ref(), file.ty.span(), 0)?
        };
        Some(Field {
            id,
            name: name.get_ref().clone(),
            title: file.title.clone(),
            ty,
            unit: file.unit.clone(),
            required: file.required,
            authority,
            sensitivity,
            mask: file.mask.unwrap_or(Mask::Text),
            description: file.description.clone(),
            min: file.min.map(Decimal::from),
            max: file.max.map(Decimal::from),
            max_length: file.max_length.unwrap_or(MAX_LENGTH),
        })
    }

    fn rows(&mut self, file: &FieldFile, defaults: &Defaults, nested: bool) -> Option<FieldType> {
        if nested {
            self.found(file.ty.span(), "表格里不能再有表格。", "把内层拆成另一类记录，用 ref 关联。");
            return None;
        }
        if file.columns.is_empty() {
            self.found(file.ty.span(), "表格没有列。", "在 [fields.<名称>.columns] 下写各列。");
        }
        Some(FieldType::Rows(self.fields(&file.columns, defaults, true)))
    }

    fn authority(&mut self, authority: Option<&Spanned<String>>) -> Option<String> {
        let authority = authority?;
        let known = self.loader.departments.iter().any(|(_, it)| it.id == *authority.get_ref());
        if !known {
            let rule = format!("没有部门“{}”。", authority.get_ref());
            self.found(authority.span(), rule, "部门编号见 departments.toml；没有权威部门写 none。");
        }
        Some(authority.get_ref().clone())
    }

    /// Reads a type as written: `text`, `decimal:4`, `code:tax_kind`, `ident:uscc`, `ref:parcel.supervision_no`, `list:text`.
    fn type_of(&mut self, written: &str, span: std::ops::Range<usize>, depth: u8) -> Option<FieldType> {
        let (name, argument) = written.split_once(':').unwrap_or((written, ""));
        let ty = match (name, argument) {
            ("text", "") => Some(FieldType::Text),
            ("integer", "") => Some(FieldType::Integer),
            ("decimal", scale) => {
                scale.parse().ok().filter(|scale| *scale <= 20).map(|scale| FieldType::Decimal { scale })
            }
            ("money", "") => Some(FieldType::Money),
            ("area", "") => Some(FieldType::Area),
            ("date", "") => Some(FieldType::Date),
            ("instant", "") => Some(FieldType::Instant),
            ("boolean", "") => Some(FieldType::Boolean),
            ("code", list) => self.loader.code_lists.get(list).cloned().map(FieldType::Code),
            ("ident", kind) => IdentKind::named(kind).map(FieldType::Ident),
            ("list", item) if depth == 0 => {
                return Some(FieldType::List(Box::new(self.type_of(item, span, depth + 1)?)));
            }
            ("ref", target) => return self.link(target, span, depth),
            _ => None,
        };
        if ty.is_none() {
            let hint = match name {
                "code" => "代码表在 codes/ 下，一表一个文件。",
                "ident" => {
                    "可用：uscc、id_card、parcel_no、unit_no、project_code、supervision_no、division、doc_no、cert_no 等。"
                }
                _ => {
                    "可用：text、integer、decimal:位数、money、area、date、instant、boolean、code:表名、ident:种类、ref:类.字段、list:类型、rows。"
                }
            };
            self.found(span, format!("没有类型“{written}”。"), hint);
        }
        ty
    }

    /// A link takes the type of the field it refers to, which must alone be a key of its kind.
    fn link(&mut self, target: &str, span: std::ops::Range<usize>, depth: u8) -> Option<FieldType> {
        let hint = "写成 ref:类.字段，字段须单独构成那一类的业务键。";
        let Some((kind, field)) = target.split_once('.') else {
            self.found(span, format!("关联“{target}”写法不对。"), hint);
            return None;
        };
        let Some((_, _, file)) = self.loader.kinds.iter().find(|(name, ..)| name == kind) else {
            self.found(span, format!("关联的类“{kind}”不存在。"), hint);
            return None;
        };
        let is_key = file.keys.iter().any(|key| matches!(key.as_slice(), [only] if only.get_ref() == field));
        let declared = file.fields.iter().find(|(name, _)| name.get_ref() == field);
        let Some((_, declared)) = declared.filter(|_| is_key && depth < 4) else {
            self.found(span, format!("关联的字段“{target}”不存在，或不是那一类的业务键。"), hint);
            return None;
        };
        let ty = self.type_of(declared.ty.get_ref(), span, depth + 1)?;
        Some(FieldType::Ref { kind: kind.to_owned(), field: field.to_owned(), ty: Box::new(ty) })
    }

    fn names(&mut self, file: &KindFile, names: &[Spanned<String>], fields: &Fields) -> Vec<FieldId> {
        let mut ids = Vec::new();
        for name in names {
            match fields.find(name.get_ref()) {
                Some(field) => ids.push(field.id),
                // A field whose own entry is wrong has been reported there.
                None if file.fields.contains_key(name) => {}
                None => {
                    let rule = format!("没有字段“{}”。", name.get_ref());
                    self.found(name.span(), rule, "请写本文件 [fields] 下的字段名。");
                }
            }
        }
        ids
    }

    fn keys(&mut self, file: &KindFile, fields: &Fields) -> Vec<Vec<FieldId>> {
        if file.keys.iter().all(Vec::is_empty) {
            self.found(0..0, "没有业务键。", "keys 至少写一组字段，如 [[\"works_no\"]]。");
        }
        let keys: Vec<_> = file.keys.iter().map(|key| self.names(file, key, fields)).collect();
        for name in file.keys.iter().flatten() {
            let unfit = |ty: &FieldType| matches!(ty, FieldType::List(_) | FieldType::Rows(_));
            if fields.find(name.get_ref()).is_some_and(|field| unfit(&field.ty)) {
                self.found(name.span(), "列表和表格不能作业务键。", "请用编号类字段。");
            }
        }
        keys
    }

    fn division(&mut self, file: &KindFile, fields: &Fields) -> Vec<FieldId> {
        for name in &file.division {
            let carries = fields.find(name.get_ref()).is_none_or(|field| carries_division(&field.ty));
            if !carries {
                let rule = format!("字段“{}”不含行政区划。", name.get_ref());
                self.found(
                    name.span(),
                    rule,
                    "用行政区划、宗地代码、不动产单元号、项目代码、电子监管号或缴款识别码字段。",
                );
            }
        }
        self.names(file, &file.division, fields)
    }
}

fn carries_division(ty: &FieldType) -> bool {
    match ty {
        FieldType::Ident(kind) => ident::carries_division(*kind),
        FieldType::Ref { ty, .. } => carries_division(ty),
        _ => false,
    }
}

fn snake_case(name: &str) -> bool {
    let rest = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    name.starts_with(|c: char| c.is_ascii_lowercase()) && name.chars().all(rest) && name.len() <= 40
}

#[cfg(test)]
mod tests;
