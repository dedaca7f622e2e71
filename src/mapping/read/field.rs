//! One field of one row: its value, or what is wrong with it.

use super::super::file::Many;
use super::super::plan::{FieldPlan, OriginPlan, RecordPlan, Unknown};
use super::super::steps;
use super::super::trie::SlotKey;
use super::Run;
use crate::error::Problem;
use crate::error::codes::{mapping as codes, value};
use crate::format::{Kind, NodeId, Tree};
use crate::model::{Body, Fault, Parsed, Value};
use crate::text::blank;

/// A value and the node it came from; none for constants and defaults.
#[derive(Debug)]
pub(super) struct Got {
    pub value: Value,
    pub node: Option<NodeId>,
}

/// What stands in a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Raw<'t> {
    Nothing,
    Text(&'t str),
    Group,
}

/// What stands in a node, without surrounding blanks.
pub(super) fn raw<'t>(tree: &'t Tree<'_>, node: NodeId) -> Raw<'t> {
    match tree.kind(node) {
        Kind::Null => Raw::Nothing,
        Kind::Object | Kind::Array => {
            if tree.children(node).next().is_some() {
                Raw::Group
            } else {
                Raw::Nothing
            }
        }
        _ => match tree.value(node).map(|it| if blank::is_bare(it) { it } else { it.trim() }) {
            None | Some("") => Raw::Nothing,
            Some(text) => Raw::Text(text),
        },
    }
}

/// The kind of record a field belongs to, and the path of fields to it, for findings.
struct Owner<'o> {
    record: &'o RecordPlan,
    outer: Option<&'o str>,
}

impl Owner<'_> {
    fn name(&self, field: &FieldPlan) -> String {
        match self.outer {
            Some(outer) => format!("{}.{outer}.{}", self.record.name, field.field.name),
            None => format!("{}.{}", self.record.name, field.field.name),
        }
    }
}

impl<'r> Run<'r, '_> {
    pub(super) fn field(&mut self, record: &RecordPlan, plan: &FieldPlan, row: u32) -> Option<Got> {
        self.value(&Owner { record, outer: None }, plan, row)
    }

    fn value(&mut self, owner: &Owner<'_>, plan: &FieldPlan, row: u32) -> Option<Got> {
        if !plan.when.iter().all(|it| self.holds(it, row)) {
            return None;
        }
        let found = match &plan.origin {
            OriginPlan::Constant(value) => return Some(Got { value: value.clone(), node: None }),
            OriginPlan::Rows { frame, levels, fields } => {
                let rows = self.filled.rows(*frame, row, *levels).to_vec();
                self.sub_rows(owner, plan, fields, &rows)
            }
            OriginPlan::Table { from, row: row_mark, cell, fields, .. } => {
                self.mini_table(owner, plan, fields, *from, row, (row_mark, cell))
            }
            OriginPlan::From(key) if plan.list => self.list(owner, plan, *key, row),
            OriginPlan::From(key) => self.single(owner, plan, *key, row),
            OriginPlan::First(keys) => keys.iter().find_map(|key| {
                if plan.list {
                    self.list(owner, plan, *key, row)
                } else {
                    self.single(owner, plan, *key, row)
                }
            }),
            OriginPlan::Join(keys, between) => self.joined(owner, plan, keys, between, row),
            // Cells are read by their table.
            OriginPlan::Cell(_) => None,
        };
        found.or_else(|| plan.default.as_ref().map(|it| Got { value: it.clone(), node: None }))
    }

    fn single(&mut self, owner: &Owner<'_>, plan: &FieldPlan, key: SlotKey, row: u32) -> Option<Got> {
        let node = self.filled.first(&self.mapping.places, key, row)?;
        if !self.filled.single() {
            let more: Vec<NodeId> = self.filled.more(&self.mapping.places, key, row).to_vec();
            if !more.is_empty() {
                return self.several(owner, plan, node, &more);
            }
        }
        self.one(owner, plan, node)
    }

    fn one(&mut self, owner: &Owner<'_>, plan: &FieldPlan, node: NodeId) -> Option<Got> {
        match raw(self.tree, node) {
            Raw::Nothing => None,
            Raw::Text(text) => {
                self.converted(owner, plan, text, node).map(|value| Got { value, node: Some(node) })
            }
            Raw::Group => {
                self.group_problem(owner, plan, node);
                None
            }
        }
    }

    fn several(
        &mut self,
        owner: &Owner<'_>,
        plan: &FieldPlan,
        first: NodeId,
        more: &[NodeId],
    ) -> Option<Got> {
        let tree = self.tree;
        let texts: Vec<(NodeId, &str)> = std::iter::once(first)
            .chain(more.iter().copied())
            .filter_map(|node| match raw(tree, node) {
                Raw::Text(text) if !plan.nulls.iter().any(|it| it == text) => Some((node, text)),
                _ => None,
            })
            .collect();
        let (node, text) = *match &plan.many {
            Many::Last => texts.last()?,
            _ => texts.first()?,
        };
        if let Many::Join(between) = &plan.many {
            let joined = texts.iter().map(|it| it.1).collect::<Vec<_>>().join(between);
            return self.converted(owner, plan, &joined, node).map(|value| Got { value, node: Some(node) });
        }
        if let (Many::Refuse, Some((other, shown))) = (&plan.many, texts.iter().find(|it| it.1 != text)) {
            let problem = Problem::error(
                codes::MESSAGE_MANY,
                format!("{}只应有一个值，来文在同一处写了几个不同的值。", plan.field.title),
                "只保留正确的一个后重发。",
            );
            self.problem_at(owner, plan, problem, *other, shown);
            return None;
        }
        self.converted(owner, plan, text, node).map(|value| Got { value, node: Some(node) })
    }

    fn list(&mut self, owner: &Owner<'_>, plan: &FieldPlan, key: SlotKey, row: u32) -> Option<Got> {
        let tree = self.tree;
        let first = self.filled.first(&self.mapping.places, key, row)?;
        let mut nodes = vec![first];
        nodes.extend_from_slice(self.filled.more(&self.mapping.places, key, row));
        let leaves = nodes.into_iter().flat_map(|node| {
            let list = tree.kind(node) == Kind::Array;
            let inside: Vec<NodeId> = if list { tree.children(node).collect() } else { vec![node] };
            inside
        });
        let mut values = Vec::new();
        for node in leaves {
            match raw(tree, node) {
                Raw::Nothing => {}
                Raw::Group => self.group_problem(owner, plan, node),
                Raw::Text(text) if plan.nulls.iter().any(|it| it == text) => {}
                Raw::Text(text) => {
                    match steps::convert_list(text, &plan.steps, plan.convert.as_ref(), &plan.ty) {
                        Ok(found) => {
                            for parsed in found {
                                values.extend(self.checked(owner, plan, parsed, node, text));
                            }
                        }
                        Err(fault) => values.extend(self.fault(owner, plan, fault, node, text)),
                    }
                }
            }
        }
        (!values.is_empty()).then_some(Got { value: Value::List(values), node: Some(first) })
    }

    fn joined(
        &mut self,
        owner: &Owner<'_>,
        plan: &FieldPlan,
        keys: &[SlotKey],
        between: &str,
        row: u32,
    ) -> Option<Got> {
        let tree = self.tree;
        let mut parts = Vec::new();
        let mut first = None;
        for key in keys {
            let Some(node) = self.filled.first(&self.mapping.places, *key, row) else { continue };
            if let Raw::Text(text) = raw(tree, node)
                && !plan.nulls.iter().any(|it| it == text)
            {
                first = first.or(Some(node));
                parts.push(text);
            }
        }
        let node = first?;
        let text = parts.join(between);
        self.converted(owner, plan, &text, node).map(|value| Got { value, node: Some(node) })
    }

    fn sub_rows(
        &mut self,
        owner: &Owner<'_>,
        plan: &FieldPlan,
        fields: &[FieldPlan],
        rows: &[u32],
    ) -> Option<Got> {
        let mut out = Vec::new();
        let mut node = None;
        for row in rows {
            let inner = Owner { record: owner.record, outer: Some(&plan.field.name) };
            let mut values = Body::default();
            for field in fields {
                match self.value(&inner, field, *row) {
                    Some(got) => values.set(field.field.id, got.value),
                    None if field.required => self.missing_in_row(&inner, field, *row),
                    None => {}
                }
            }
            if !values.is_empty() {
                node = node.or_else(|| self.filled.opened.get(*row as usize).map(|it| it.node));
                out.push(values);
            }
        }
        (!out.is_empty()).then_some(Got { value: Value::Rows(out), node })
    }

    fn missing_in_row(&mut self, owner: &Owner<'_>, field: &FieldPlan, row: u32) {
        let name = owner.name(field);
        if self.problems.last().is_some_and(|(_, it)| it.field.as_deref() == Some(&name)) {
            return;
        }
        let place = self.expected_place(field, row);
        let problem = Problem::error(
            value::REQUIRED,
            format!("缺少{}，这一项必填。", field.field.title),
            "补上这一项后重发。",
        );
        self.problem(problem.at(place).of_field(name));
    }

    fn mini_table(
        &mut self,
        owner: &Owner<'_>,
        plan: &FieldPlan,
        fields: &[FieldPlan],
        key: SlotKey,
        row: u32,
        (row_mark, cell_mark): (&str, &str),
    ) -> Option<Got> {
        let tree = self.tree;
        let node = self.filled.first(&self.mapping.places, key, row)?;
        let Raw::Text(text) = raw(tree, node) else { return None };
        let mut out = Vec::new();
        for line in text.split(row_mark).map(str::trim).filter(|it| !it.is_empty()) {
            let cells: Vec<&str> = line.split(cell_mark).map(str::trim).collect();
            let inner = Owner { record: owner.record, outer: Some(&plan.field.name) };
            let mut values = Body::default();
            for field in fields {
                if let Some(value) = self.cell(&inner, field, &cells, node) {
                    values.set(field.field.id, value);
                }
            }
            if !values.is_empty() {
                out.push(values);
            }
        }
        (!out.is_empty()).then_some(Got { value: Value::Rows(out), node: Some(node) })
    }

    fn cell(&mut self, owner: &Owner<'_>, field: &FieldPlan, cells: &[&str], node: NodeId) -> Option<Value> {
        let found = match &field.origin {
            OriginPlan::Constant(value) => return Some(value.clone()),
            OriginPlan::Cell(n) => {
                let text = cells.get(*n).copied().filter(|it| !it.is_empty());
                text.and_then(|it| self.converted(owner, field, it, node))
            }
            _ => None,
        };
        found.or_else(|| field.default.clone())
    }

    /// The value of a text, by the null policy and the steps.
    fn converted(&mut self, owner: &Owner<'_>, plan: &FieldPlan, text: &str, node: NodeId) -> Option<Value> {
        if plan.nulls.iter().any(|it| it == text) {
            return None;
        }
        match steps::convert(text, &plan.steps, plan.convert.as_ref(), &plan.ty) {
            Ok(parsed) => self.checked(owner, plan, parsed?, node, text),
            Err(fault) => self.fault(owner, plan, fault, node, text),
        }
    }

    /// Holds a value against the null policy and the limits of its field.
    fn checked(
        &mut self,
        owner: &Owner<'_>,
        plan: &FieldPlan,
        parsed: Parsed,
        node: NodeId,
        text: &str,
    ) -> Option<Value> {
        if plan.null_values.contains(&parsed.value) {
            return None;
        }
        if let Err(fault) = plan.field.check(&parsed.value) {
            return self.fault(owner, plan, fault, node, text);
        }
        if let Some(fault) = parsed.warning {
            self.problem_at(owner, plan, fault.into_warning(), node, text);
        }
        Some(parsed.value)
    }

    /// A text that no step could make a value of.
    fn fault(
        &mut self,
        owner: &Owner<'_>,
        plan: &FieldPlan,
        fault: Fault,
        node: NodeId,
        text: &str,
    ) -> Option<Value> {
        let (instead, hint) = match &plan.unknown {
            Unknown::Null if is_unknown_code(&fault) => (Some(None), "这一项先当作空收下；请核对代码。"),
            Unknown::Use(value) if is_unknown_code(&fault) => {
                (Some(Some(value.clone())), "先按约定的代码收下；请核对代码。")
            }
            _ => (None, ""),
        };
        let problem = match &instead {
            Some(_) => Problem::warning(fault.code, fault.rule, hint),
            None => Problem::error(fault.code, fault.rule, fault.hint),
        };
        self.problem_at(owner, plan, problem, node, text);
        instead.flatten()
    }

    fn group_problem(&mut self, owner: &Owner<'_>, plan: &FieldPlan, node: NodeId) {
        let problem = Problem::error(
            codes::MESSAGE_GROUP,
            format!("{}应为单个值，来文在这里是一组内容。", plan.field.title),
            "按接口文档改为单个值后重发。",
        );
        self.problem(problem.at(self.tree.place(node)).of_field(owner.name(plan)));
    }

    fn problem_at(
        &mut self,
        owner: &Owner<'_>,
        plan: &FieldPlan,
        problem: Problem,
        node: NodeId,
        text: &str,
    ) {
        let shown = plan.field.mask_raw(text);
        let problem = problem.at(self.tree.place(node)).of_field(owner.name(plan)).showing(&shown);
        self.problem(problem);
    }
}

fn is_unknown_code(fault: &Fault) -> bool {
    fault.code == codes::MESSAGE_CODE || fault.code == value::UNKNOWN_CODE
}
