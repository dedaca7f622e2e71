//! Writing a message: canonical records → the partner's tree → bytes in its format and charset.
//!
//! The plan that reads is walked backwards: each record opens its row, each field is put where it is read from, and what
//! reading demands (`accept`, `when`) is made true.

mod output;
mod render;

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};

use super::Mapping;
use super::compile::in_json;
use super::file::{Many, Stamp, Trial, WriteAs};
use super::path::{Step, show};
use super::plan::{Check, FieldPlan, OriginPlan, RecordPlan, SetPlan};
use super::steps;
use super::trie::{FrameId, SlotKey};
use crate::error::codes::mapping as codes;
use crate::error::{Error, Problem};
use crate::model::{Body, Fault, FieldId, KindId, Value};

use output::{Leaf, Out};

/// What `[write]` says.
#[derive(Debug)]
pub(super) struct WritePlan {
    /// What stands for an absent value; none leaves it out.
    pub null: Option<String>,
    /// Paths whose order among siblings is fixed.
    pub order: Vec<Vec<Step>>,
    pub set: Vec<SetPlan>,
}

/// One record to write.
#[derive(Debug, Clone, Copy)]
pub struct RecordView<'v> {
    /// Its kind.
    pub kind: KindId,
    /// What is known of it.
    pub body: &'v Body,
    /// Records of one number share a row where the mapping reads several kinds from one row.
    pub group: u32,
}

/// Makes the 64 digits that close a frame from the bytes they cover.
pub type Mac<'s> = &'s dyn Fn(&[u8]) -> String;

/// What a message needs besides its records.
pub struct Stamps<'s> {
    /// The moment of writing.
    pub now: DateTime<Utc>,
    /// The message's own identifier.
    pub message_id: String,
    /// A fresh identifier for fields that want one.
    pub uuid: String,
    /// Named values that the mapping asks for with `give`.
    pub arguments: BTreeMap<String, String>,
    /// Makes the 64 digits that close a frame from the bytes they cover; only frames need it.
    pub mac: Option<Mac<'s>>,
}

impl Stamps<'_> {
    /// The usual stamps: moment and identifier.
    pub fn new(now: DateTime<Utc>, message_id: impl Into<String>) -> Self {
        let message_id = message_id.into();
        Self { now, uuid: message_id.clone(), message_id, arguments: BTreeMap::new(), mac: None }
    }
}

impl Mapping {
    /// Whether the mapping declares that it can write.
    #[must_use]
    pub fn is_reversible(&self) -> bool {
        self.write.is_some()
    }

    /// Names of the fields that are written for a record.
    pub(super) fn written_fields(&self, kind: KindId, body: &Body) -> Vec<FieldId> {
        let plan = self.plan_for(kind, body);
        let fields = plan.iter().flat_map(|(_, it)| &it.fields);
        fields.filter(|it| it.write != WriteAs::Skip).map(|it| it.field.id).collect()
    }

    /// The plan that writes a record: the first of its kind whose constants the record does not contradict.
    fn plan_for(&self, kind: KindId, body: &Body) -> Option<(usize, &RecordPlan)> {
        self.records.iter().enumerate().find(|(_, it)| it.kind == kind && constants_agree(it, body))
    }

    /// Writes records as the partner's message.
    ///
    /// # Errors
    /// The mapping does not write, or a record cannot be said in the partner's format; each finding names its field.
    pub fn write(&self, records: &[RecordView<'_>], stamps: &Stamps<'_>) -> Result<Vec<u8>, Error> {
        let Some(plan) = &self.write else {
            let detail = format!("“{}”的映射没有声明可以写出。", self.title);
            return Err(Error::new(codes::MESSAGE_WRITE, detail));
        };
        let mut writer = Writer::new(self, plan);
        for view in records {
            writer.record(view);
        }
        writer.envelope(stamps, records.len());
        let Writer { out, problems, .. } = writer;
        if problems.is_empty() {
            return render::bytes(self, plan, &out, stamps);
        }
        Err(Error::new(codes::MESSAGE_WRITE, format!("无法写成“{}”。", self.title)).with_problems(problems))
    }
}

struct Writer<'w> {
    mapping: &'w Mapping,
    plan: &'w WritePlan,
    out: Out,
    /// The row of each group, where rows are accepted one by one.
    units: BTreeMap<u32, usize>,
    /// Rows that a record of a plan already stands in, as (place of the plan, row).
    taken: BTreeSet<(usize, usize)>,
    problems: Vec<Problem>,
}

impl<'w> Writer<'w> {
    fn new(mapping: &'w Mapping, plan: &'w WritePlan) -> Self {
        Self {
            mapping,
            plan,
            out: Out::new(),
            units: BTreeMap::new(),
            taken: BTreeSet::new(),
            problems: Vec::new(),
        }
    }

    fn record(&mut self, view: &RecordView<'_>) {
        let mapping = self.mapping;
        let found = mapping.plan_for(view.kind, view.body);
        let Some((at, plan)) = found else {
            self.refuse(
                "这份报文里没有这类记录的位置。".to_owned(),
                "核对选用的报文，或在映射里加上这类记录。",
            );
            return;
        };
        let Some(row) = self.row(at, plan, view.group) else {
            self.refuse(format!("对方的报文里这里只能写一条{}。", plan.title), "分成几份报文发送。");
            return;
        };
        let base = self.frame_path(plan.frame);
        self.fields(&plan.fields, view.body, row, base, &plan.name);
        for set in &plan.set {
            self.put_stamp(row, base, set, &Stamp::clone(&set.stamp), None);
        }
        for check in plan.when.iter().chain(&plan.accept) {
            self.make_true(check, row, base);
        }
    }

    fn refuse(&mut self, rule: String, hint: &str) {
        self.problems.push(Problem::error(codes::MESSAGE_WRITE, rule, hint));
    }

    fn frame_path(&self, frame: FrameId) -> &'w [Step] {
        self.mapping.places.frame(frame).map_or(&[], |it| it.path.as_slice())
    }

    /// A new row for a record; none when the place can only be taken once and is.
    fn row(&mut self, at: usize, plan: &RecordPlan, group: u32) -> Option<usize> {
        let path = self.frame_path(plan.frame);
        let (node, below) = match self.mapping.unit.filter(|_| plan.unit.is_some()) {
            Some(unit) => {
                let unit_path = self.frame_path(unit);
                (self.unit_row(group, unit_path)?, path.get(unit_path.len()..).unwrap_or_default())
            }
            None => (self.out.root(), path),
        };
        let row = if below.is_empty() { node } else { self.out.append(node, below, self.in_json(path))? };
        self.taken.insert((at, row)).then_some(row)
    }

    fn unit_row(&mut self, group: u32, path: &[Step]) -> Option<usize> {
        if let Some(row) = self.units.get(&group) {
            return Some(*row);
        }
        let root = self.out.root();
        // The rows of a table stand directly below the root.
        let row = if path.is_empty() {
            self.out.item(root)
        } else {
            self.out.append(root, path, self.in_json(path))?
        };
        self.units.insert(group, row);
        Some(row)
    }

    fn in_json(&self, path: &[Step]) -> bool {
        in_json(Some(self.mapping.format.spec.format), &self.mapping.unwrap, path)
    }

    fn fields(&mut self, plans: &'w [FieldPlan], body: &Body, row: usize, base: &[Step], owner: &str) {
        for plan in plans.iter().filter(|it| it.write != WriteAs::Skip) {
            let value = body.get(plan.field.id);
            if let Err(fault) = self.field(plan, value, row, base, owner) {
                let problem = fault.into_error().of_field(format!("{owner}.{}", plan.field.name));
                let shown = value.map_or_else(String::new, |it| plan.field.display_masked(it));
                self.problems.push(problem.showing(&shown));
            }
        }
    }

    fn field(
        &mut self,
        plan: &'w FieldPlan,
        value: Option<&Value>,
        row: usize,
        base: &[Step],
        owner: &str,
    ) -> Result<(), Fault> {
        let key = match (&plan.origin, value) {
            (OriginPlan::Constant(_) | OriginPlan::Cell(_), _) => return Ok(()),
            (OriginPlan::Rows { frame, fields, .. }, Some(Value::Rows(rows))) => {
                self.sub_rows(fields, rows, row, base, (*frame, owner));
                return Ok(());
            }
            (OriginPlan::Rows { .. }, _) => return Ok(()),
            (OriginPlan::Table { from, row: end, cell, columns, fields }, Some(Value::Rows(rows))) => {
                let text = mini_table(fields, rows, columns.len(), (end, cell))?;
                return self.put(row, base, *from, Leaf::text(text));
            }
            (OriginPlan::Join(keys, between), Some(value)) => {
                let text = steps::write(value, &plan.steps, plan.convert.as_ref(), &plan.ty)?;
                for (key, part) in keys.iter().zip(parts(&text, keys.len(), between, &plan.cut)) {
                    self.put(row, base, *key, Leaf::text(part))?;
                }
                return self.also(plan, &text, row, base);
            }
            (OriginPlan::Join(keys, _), None) => {
                for key in keys {
                    self.nothing(plan, row, base, *key);
                }
                return Ok(());
            }
            (OriginPlan::From(key), _) => *key,
            (OriginPlan::First(keys), _) => match keys.first() {
                Some(key) => *key,
                None => return Ok(()),
            },
            (OriginPlan::Table { from, .. }, _) => *from,
        };
        let bare = plan.write == WriteAs::Bare;
        match value {
            None => {
                self.nothing(plan, row, base, key);
                Ok(())
            }
            Some(Value::List(values)) if !plan.steps.iter().any(|it| it.splits()) => {
                let texts = steps::write_each(values, &plan.steps, plan.convert.as_ref(), &plan.ty)?;
                self.put_list(row, base, key, texts, bare);
                Ok(())
            }
            Some(value) => {
                let text = steps::write(value, &plan.steps, plan.convert.as_ref(), &plan.ty)?;
                if let Many::Join(between) = &plan.many {
                    return self.put_each(row, base, key, text.split(between.as_str()).collect());
                }
                self.also(plan, &text, row, base)?;
                self.put(row, base, key, Leaf::new(text, bare))
            }
        }
    }

    /// What the mapping wants written for an absent value, where nothing else stands.
    fn nothing(&mut self, plan: &FieldPlan, row: usize, base: &[Step], key: SlotKey) {
        if let Some(null) = plan.write_null.as_ref().or(self.plan.null.as_ref()) {
            let node = self.out.reach(row, base, self.mapping.places.path(key));
            self.out.set_blank(node, Leaf::null(null, plan.write == WriteAs::Bare));
        }
    }

    /// Puts a written text, or a part of it, in the further places that say the same.
    fn also(&mut self, plan: &FieldPlan, text: &str, row: usize, base: &[Step]) -> Result<(), Fault> {
        for also in &plan.also {
            if let Some(text) = steps::words(Cow::Borrowed(text), &also.steps)? {
                self.put_at(row, base, &also.path, Leaf::text(text))?;
            }
        }
        Ok(())
    }

    /// Puts values that reading joined back one by one: elements can be repeated, an attribute cannot.
    fn put_each(&mut self, row: usize, base: &[Step], key: SlotKey, texts: Vec<&str>) -> Result<(), Fault> {
        if let [text] = texts.as_slice() {
            return self.put(row, base, key, Leaf::text(*text));
        }
        let path = self.mapping.places.path(key);
        let Some((last, above)) = path.split_last() else { return Ok(()) };
        if self.in_json(path) || last.name.as_deref().is_none_or(|it| it.starts_with('@')) {
            let rule = format!("对方报文的 {} 只能写一个，这里有 {} 个。", show(path), texts.len());
            return Err(Fault::new(codes::MESSAGE_WRITE, rule, "分成几份报文发送。"));
        }
        let parent = self.out.reach(row, base, above);
        for text in texts {
            let node = self.out.new_child(parent, last);
            self.out.set(node, Leaf::text(text));
        }
        Ok(())
    }

    fn sub_rows(
        &mut self,
        fields: &'w [FieldPlan],
        rows: &[Body],
        row: usize,
        base: &[Step],
        (frame, owner): (FrameId, &str),
    ) {
        let path = self.frame_path(frame);
        for body in rows {
            let below = path.get(base.len()..).unwrap_or_default();
            match self.out.append(row, below, self.in_json(path)) {
                Some(inner) => self.fields(fields, body, inner, path, owner),
                None => self.refuse(
                    "对方的报文里这里只能写一行。".to_owned(),
                    "在映射里把 rows 写到列表的元素（以 /* 结尾）。",
                ),
            }
        }
    }

    /// Puts a value where it is read from, seen from a row at `base`.
    fn put(&mut self, row: usize, base: &[Step], key: SlotKey, leaf: Leaf) -> Result<(), Fault> {
        let mapping = self.mapping;
        self.put_at(row, base, mapping.places.path(key), leaf)
    }

    fn put_at(&mut self, row: usize, base: &[Step], path: &[Step], leaf: Leaf) -> Result<(), Fault> {
        let node = self.out.reach(row, base, path);
        if self.out.set(node, leaf) {
            return Ok(());
        }
        let path = show(path);
        let rule = format!("对方报文的 {path} 只有一处，几条记录要写的值不同。");
        Err(Fault::new(codes::MESSAGE_WRITE, rule, "分成几份报文发送，或核对记录。"))
    }

    fn put_list(&mut self, row: usize, base: &[Step], key: SlotKey, texts: Vec<String>, bare: bool) {
        let path = self.mapping.places.path(key);
        let Some((last, above)) = path.split_last() else { return };
        let parent = self.out.reach(row, base, above);
        for text in texts {
            let node = if self.in_json(path) && last.name.is_some() {
                let list = self.out.child(parent, last);
                self.out.item(list)
            } else {
                self.out.new_child(parent, last)
            };
            self.out.set(node, Leaf::new(text, bare));
        }
    }

    /// Makes a condition true where nothing else has been written.
    fn make_true(&mut self, check: &'w Check, row: usize, base: &[Step]) {
        match check {
            Check::Any(inner) => {
                if let Some(first) = inner.first() {
                    self.make_true(first, row, base);
                }
            }
            Check::At { key, trial: Trial::Is(words), .. } => {
                let node = self.out.reach(row, base, self.mapping.places.path(*key));
                if let Some(word) = words.first().filter(|_| !self.out.is_set(node)) {
                    self.out.set(node, Leaf::text(word));
                }
            }
            Check::At { .. } => {}
        }
    }

    /// What the message as a whole needs: fixed values, its identifier, the status that reading demands, the list itself.
    fn envelope(&mut self, stamps: &Stamps<'_>, count: usize) {
        let root = self.out.root();
        let plan = self.plan;
        for set in &plan.set {
            self.put_stamp(root, &[], set, &set.stamp, Some((stamps, count)));
        }
        let mapping = self.mapping;
        if let Some(first) = mapping.id.first() {
            let node = self.out.reach(root, &[], mapping.places.path(*first));
            if !self.out.is_set(node) {
                self.out.set(node, Leaf::text(&stamps.message_id));
            }
        }
        for check in &mapping.accept {
            self.make_true(check, root, &[]);
        }
        if let Some((last, list)) = mapping.unit.and_then(|it| self.frame_path(it).split_last())
            && last.name.is_none()
        {
            let list = self.out.reach(root, &[], list);
            self.out.make_list(list);
        }
    }

    fn put_stamp(
        &mut self,
        row: usize,
        base: &[Step],
        set: &SetPlan,
        stamp: &Stamp,
        stamps: Option<(&Stamps<'_>, usize)>,
    ) {
        let text = match (stamp, stamps) {
            (Stamp::Constant(text), _) => Some(text.clone()),
            (Stamp::Now(pattern), Some((it, _))) => pattern.write_instant(it.now),
            (Stamp::MessageId, Some((it, _))) => Some(it.message_id.clone()),
            (Stamp::Uuid, Some((it, _))) => Some(it.uuid.clone()),
            (Stamp::Count, Some((_, count))) => Some(count.to_string()),
            (Stamp::Argument { name, default }, Some((it, _))) => {
                it.arguments.get(name).or(default.as_ref()).cloned()
            }
            (_, None) => None,
        };
        match text {
            Some(text) => {
                let node = self.out.reach(row, base, &set.path);
                self.out.set(node, Leaf::new(text, set.bare));
            }
            None => self.refuse(
                format!("没有给出写 {} 要用的值。", show(&set.path)),
                "由调用方给出映射里 give 要的参数。",
            ),
        }
    }
}

/// The constants of a record tell which of several plans of one kind a record belongs to.
fn constants_agree(plan: &RecordPlan, body: &Body) -> bool {
    plan.fields.iter().all(|field| match &field.origin {
        OriginPlan::Constant(value) => body.get(field.field.id).is_none_or(|it| it == value),
        _ => true,
    })
}

/// The parts of a joined text, in the order of their places.
fn parts<'t>(text: &'t str, places: usize, between: &str, cut: &[usize]) -> Vec<&'t str> {
    if cut.is_empty() {
        return text.splitn(places, between).collect();
    }
    let mut rest = text;
    let mut parts = Vec::with_capacity(places);
    for width in cut {
        let end = rest.char_indices().nth(*width).map_or(rest.len(), |(at, _)| at);
        let (part, after) = rest.split_at(end);
        parts.push(part);
        rest = after;
    }
    parts.push(rest);
    parts
}

fn mini_table(
    fields: &[FieldPlan],
    rows: &[Body],
    columns: usize,
    (end, between): (&str, &str),
) -> Result<String, Fault> {
    let mut text = String::new();
    for body in rows {
        let mut cells = vec![String::new(); columns];
        for field in fields {
            let (OriginPlan::Cell(n), Some(value)) = (&field.origin, body.get(field.field.id)) else {
                continue;
            };
            let said = steps::write(value, &field.steps, field.convert.as_ref(), &field.ty)?;
            if said.contains(between) || said.contains(end) {
                let rule = format!("“{said}”里有这种小表格的分隔符“{between}”或“{end}”。");
                return Err(Fault::new(codes::MESSAGE_WRITE, rule, "改掉值里的分隔符。"));
            }
            if let Some(cell) = cells.get_mut(*n) {
                *cell = said;
            }
        }
        text.push_str(&cells.join(between));
        text.push_str(end);
    }
    Ok(text)
}

impl Mapping {
    /// Names of the values that the caller must give in [`Stamps::arguments`].
    pub fn arguments(&self) -> impl Iterator<Item = &str> {
        let sets = self.write.iter().flat_map(|it| &it.set);
        sets.filter_map(|it| match &it.stamp {
            Stamp::Argument { name, default: None } => Some(name.as_str()),
            _ => None,
        })
    }
}
