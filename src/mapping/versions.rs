//! Two versions of a mapping side by side: what of the agreement changed, and what the same messages say by each.
//!
//! Nobody can tell from two files alone whether a sender's messages will still be taken; who switches a new version on looks at
//! both: [`compare`] tells what its sender must know, [`differences`] what becomes of messages that came before.

use std::collections::BTreeMap;

use serde::Serialize;

use super::describe::{Description, FieldDescription, RecordDescription};
use super::{Mapping, Reading};
use crate::model::{Body, Claim, KindId, Schema};

/// What a change means for messages as they are sent today.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Bearing {
    /// What was taken may be refused, or what was read is read no more.
    Breaking,
    /// Read otherwise: only messages show whether it comes to the same.
    Uncertain,
    /// What was taken is taken as before.
    Compatible,
}

impl Bearing {
    /// For people.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Breaking => "不兼容",
            Self::Uncertain => "须核对",
            Self::Compatible => "兼容",
        }
    }
}

/// One change between two versions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct VersionChange {
    /// What it means.
    pub bearing: Bearing,
    /// What changed, Chinese.
    pub what: String,
}

/// What changed between two versions of one message, the weightiest first.
#[must_use]
pub fn compare(old: &Mapping, new: &Mapping) -> Vec<VersionChange> {
    let (old, new) = (old.describe(), new.describe());
    let mut found = Found::default();
    found.envelope(&old, &new);
    for before in &old.records {
        match new.records.iter().find(|it| same_record(before, it)) {
            Some(after) => found.record(before, after),
            None => found.push(Bearing::Breaking, format!("不再读出{}（{}）。", before.title, before.rows)),
        }
    }
    for after in &new.records {
        if !old.records.iter().any(|it| same_record(it, after)) {
            found.push(Bearing::Compatible, format!("新读出{}（{}）。", after.title, after.rows));
        }
    }
    if !found.0.is_empty() && new.version <= old.version {
        let what = format!("内容有变，版本号仍为 {}，应当增加。", new.version);
        found.push(Bearing::Breaking, what);
    }
    found.0.sort_by_key(|it| it.bearing);
    found.0
}

fn same_record(a: &RecordDescription, b: &RecordDescription) -> bool {
    a.kind == b.kind && a.rows == b.rows
}

#[derive(Default)]
struct Found(Vec<VersionChange>);

impl Found {
    fn push(&mut self, bearing: Bearing, what: String) {
        self.0.push(VersionChange { bearing, what });
    }

    fn changed<T: PartialEq>(&mut self, bearing: Bearing, (old, new): (&T, &T), say: impl Fn(&T) -> String) {
        if old != new {
            self.push(bearing, format!("{}，改为{}。", say(old), say(new)));
        }
    }

    fn envelope(&mut self, old: &Description, new: &Description) {
        let list = |what: &'static str| {
            move |it: &Vec<String>| match it.is_empty() {
                true => format!("没有{what}"),
                false => format!("{what}为 {}", it.join("、")),
            }
        };
        self.changed(Bearing::Breaking, (&old.format, &new.format), |it| format!("格式为 {it}"));
        self.changed(Bearing::Uncertain, (&old.charset, &new.charset), |it| {
            format!("字符集为 {}", it.as_deref().unwrap_or("由报文声明"))
        });
        self.changed(Bearing::Breaking, (&old.rows, &new.rows), |it| {
            format!("逐行位置为 {}", it.as_deref().unwrap_or("整份一行"))
        });
        self.changed(Bearing::Uncertain, (&old.id, &new.id), list("报文编号"));
        self.changed(Bearing::Uncertain, (&old.accept, &new.accept), list("接收条件"));
        self.changed(Bearing::Uncertain, (&old.not_found, &new.not_found), list("“查无”的标志"));
        self.changed(Bearing::Uncertain, (&old.null, &new.null), list("空值写法"));
        let whole = |it: &bool| if *it { "一行有错即整份退回" } else { "有错的行单独退回" }.to_owned();
        let bearing = if new.whole { Bearing::Breaking } else { Bearing::Compatible };
        self.changed(bearing, (&old.whole, &new.whole), whole);
        self.changed(Bearing::Uncertain, (&old.writes, &new.writes), |it| {
            if *it { "能写回" } else { "不能写回" }.to_owned()
        });
    }

    fn record(&mut self, old: &RecordDescription, new: &RecordDescription) {
        if old.when != new.when {
            let what =
                format!("{}的读取条件由“{}”改为“{}”。", old.title, old.when.join("；"), new.when.join("；"));
            self.push(Bearing::Uncertain, what);
        }
        if old.key != new.key {
            let what =
                format!("{}的业务键由 {} 改为 {}。", old.title, old.key.join("＋"), new.key.join("＋"));
            self.push(Bearing::Breaking, what);
        }
        self.fields(&old.title, &old.fields, &new.fields);
    }

    fn fields(&mut self, of: &str, old: &[FieldDescription], new: &[FieldDescription]) {
        for before in old {
            match new.iter().find(|it| it.field == before.field) {
                Some(after) => self.field(of, before, after),
                None => {
                    self.push(
                        Bearing::Breaking,
                        format!("{of}：不再读{}（{}）。", before.title, from(before)),
                    );
                }
            }
        }
        for after in new.iter().filter(|it| !old.iter().any(|old| old.field == it.field)) {
            let (bearing, must) =
                if after.required { (Bearing::Breaking, "必填") } else { (Bearing::Compatible, "选填") };
            self.push(bearing, format!("{of}：新读{}（{}），{must}。", after.title, from(after)));
        }
    }

    fn field(&mut self, of: &str, old: &FieldDescription, new: &FieldDescription) {
        let of = format!("{of}：{}", new.title);
        if old.required != new.required {
            let (bearing, what) = match new.required {
                true => (Bearing::Breaking, "由选填改为必填"),
                false => (Bearing::Compatible, "由必填改为选填"),
            };
            self.push(bearing, format!("{of}{what}。"));
        }
        let how = |it: &FieldDescription| {
            let mut parts = vec![from(it)];
            parts.extend(it.steps.iter().map(|it| format!("→ {it}")));
            parts.extend(it.default.iter().map(|it| format!("没有时为“{it}”")));
            parts.extend(Some(&it.unknown).filter(|it| !it.is_empty()).cloned());
            parts.extend(it.null.iter().map(|it| format!("“{it}”作空")));
            parts.join(" ")
        };
        let (before, after) = (how(old), how(new));
        if before != after {
            self.push(Bearing::Uncertain, format!("{of}的读法由“{before}”改为“{after}”。"));
        }
        self.fields(&of, &old.fields, &new.fields);
    }
}

fn from(it: &FieldDescription) -> String {
    let from = it.from.join("、");
    match (from.is_empty(), it.how.is_empty()) {
        (false, true) => from,
        (true, _) => it.how.clone(),
        (false, false) => format!("{from}，{}", it.how),
    }
}

/// A value that two versions read otherwise from the same message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FieldDifference {
    /// Kind.
    pub kind: String,
    /// What names the record: its first complete business key, masked where it concerns a person; else its number in the message.
    pub record: String,
    /// Field.
    pub field: String,
    /// Chinese title of kind and field.
    pub title: String,
    /// What the old version reads, masked; none when it reads nothing.
    pub old: Option<String>,
    /// What the new one reads.
    pub new: Option<String>,
}

/// What two versions read otherwise, field by field. Records are told apart by their business keys.
#[must_use]
pub fn differences(schema: &Schema, old: &Reading, new: &Reading) -> Vec<FieldDifference> {
    let (old, mut new) = (by_record(schema, &old.claims), by_record(schema, &new.claims));
    let mut found = Vec::new();
    for (name, before) in old {
        let after = new.remove(&name);
        differ(schema, &name, Some(before), after, &mut found);
    }
    for (name, after) in new {
        differ(schema, &name, None, Some(after), &mut found);
    }
    found
}

type Name = (KindId, String);

fn by_record<'c>(schema: &Schema, claims: &'c [Claim]) -> BTreeMap<Name, &'c Claim> {
    let mut named = BTreeMap::new();
    for (n, claim) in claims.iter().enumerate() {
        let body: Body = claim.fields.iter().map(|it| (it.field, it.value.clone())).collect();
        let key = schema.kind_at(claim.kind).and_then(|kind| kind.keys_of(&body).into_iter().next());
        let name = key.map_or_else(|| format!("第 {} 条", n + 1), |it| it.value);
        // Two claims of one record in one message: the later ones by their number.
        let name =
            if named.contains_key(&(claim.kind, name.clone())) { format!("{name} #{n}") } else { name };
        named.insert((claim.kind, name), claim);
    }
    named
}

fn differ(
    schema: &Schema,
    (kind, name): &Name,
    old: Option<&Claim>,
    new: Option<&Claim>,
    found: &mut Vec<FieldDifference>,
) {
    let Some(kind) = schema.kind_at(*kind) else { return };
    let personal = kind.keys.first().is_some_and(|key| {
        key.iter().any(|id| kind.fields.get(*id).is_some_and(crate::model::Field::is_personal))
    });
    let record = if personal { "（含个人信息）".to_owned() } else { name.clone() };
    for field in &kind.fields {
        let said = |of: Option<&Claim>| {
            of.and_then(|it| it.fields.iter().find(|it| it.field == field.id)).map(|it| it.value.clone())
        };
        let (before, after) = (said(old), said(new));
        if before != after {
            found.push(FieldDifference {
                kind: kind.name.clone(),
                record: record.clone(),
                field: field.name.clone(),
                title: format!("{}·{}", kind.title, field.title),
                old: before.map(|it| field.display_masked(&it)),
                new: after.map(|it| field.display_masked(&it)),
            });
        }
    }
}
