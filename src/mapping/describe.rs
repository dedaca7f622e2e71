//! A mapping as a description: where each field comes from, through which steps, with which rules. For the reference that
//! partners' engineers read.

use serde::Serialize;

use super::codes::CodeTable;
use super::compile::{Layer, Unwrap};
use super::file::{Trial, WriteAs};
use super::function::Word;
use super::path::show;
use super::plan::{Check, FieldPlan, OriginPlan, RecordPlan, Unknown};
use super::proof::Trial as Kind;
use super::trie::SlotKey;
use super::{Files, Mapping};
use crate::format::Format;
use crate::model::{FieldType, Sensitivity};

/// What a mapping reads and how.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Description {
    /// Folder of the partner.
    pub partner: String,
    /// Chinese name of the partner.
    pub partner_title: String,
    /// Folder of the message.
    pub message: String,
    /// Chinese title.
    pub title: String,
    /// One or two sentences, Chinese.
    pub summary: String,
    /// Version.
    pub version: u32,
    /// Department that speaks.
    pub department: String,
    /// `xml`, `json`, `csv`, `xlsx`, `form`, `frame`.
    pub format: &'static str,
    /// Charset agreed on; none leaves it to the message.
    pub charset: Option<String>,
    /// Where the message's identifier stands.
    pub id: Vec<String>,
    /// What is wrapped in what, outermost first, Chinese.
    pub inside: Vec<String>,
    /// Where the rows stand; none when the message is one row.
    pub rows: Option<String>,
    /// What must hold for the message to be accepted, Chinese.
    pub accept: Vec<String>,
    /// What says that there is nothing, Chinese.
    pub not_found: Vec<String>,
    /// What says that a token or key is no longer valid, Chinese.
    pub expired: Vec<String>,
    /// Spellings of nothing.
    pub null: Vec<String>,
    /// Whether one bad row refuses the message.
    pub whole: bool,
    /// Whether the mapping also writes.
    pub writes: bool,
    /// The records it reads.
    pub records: Vec<RecordDescription>,
}

/// One record of a mapping.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RecordDescription {
    /// Kind.
    pub kind: String,
    /// Chinese title of the kind.
    pub title: String,
    /// Where its rows stand.
    pub rows: String,
    /// When a row is read as this kind, Chinese.
    pub when: Vec<String>,
    /// Fields of the business key.
    pub key: Vec<String>,
    /// Line of the map file.
    pub line: u32,
    /// Its fields.
    pub fields: Vec<FieldDescription>,
}

/// One field of a record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FieldDescription {
    /// Name in the model.
    pub field: String,
    /// Chinese title.
    pub title: String,
    /// What it means and its pitfalls, as the model says; may be empty.
    pub meaning: String,
    /// Chinese name of the type.
    pub kind: String,
    /// Unit of the value as the hub keeps it; empty for none.
    pub unit: String,
    /// The codes the sender may write; none when it is no code.
    pub codes: Option<CodesDescription>,
    /// Where the value comes from, as paths from the top of the message; columns for tables.
    pub from: Vec<String>,
    /// How several places make one value, or the constant, Chinese; empty for one place.
    pub how: String,
    /// The steps as written.
    pub steps: Vec<String>,
    /// Whether a row without it is refused.
    pub required: bool,
    /// Spellings of nothing that differ from those of the message.
    pub null: Vec<String>,
    /// Value taken when there is none, for people.
    pub default: Option<String>,
    /// What happens with unknown codes and links, Chinese; empty when nothing special.
    pub unknown: String,
    /// Whether it is about a person.
    pub personal: bool,
    /// Whether it is written back.
    pub written: bool,
    /// Note for people.
    pub note: String,
    /// Line of the map file.
    pub line: u32,
    /// Fields of sub-rows.
    pub fields: Vec<FieldDescription>,
}

/// The codes of one field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CodesDescription {
    /// Chinese title of the table or list.
    pub title: String,
    /// The code list of the model behind it; none for a free table.
    pub list: Option<String>,
    /// Whether the sender writes the codes, titles and other names of that list itself.
    pub is_list: bool,
    /// The sender's word, ours, and its Chinese title where it has one. Empty when the sender writes the list's own.
    pub pairs: Vec<(String, String, String)>,
}

impl Mapping {
    /// The description.
    #[must_use]
    pub fn describe(&self) -> Description {
        let spec = &self.format.spec;
        Description {
            partner: self.partner.clone(),
            partner_title: self.partner_title.clone(),
            message: self.message.clone(),
            title: self.title.clone(),
            summary: self.summary.clone(),
            version: self.version,
            department: self.department.clone(),
            format: self.format_name(),
            charset: spec.charset.clone(),
            id: self.id.iter().map(|it| self.shown(*it)).collect(),
            inside: self.unwrap.iter().map(inside).collect(),
            rows: self.unit.and_then(|it| self.places.frame(it)).map(|it| show(&it.path)),
            accept: self.accept.iter().map(|it| self.condition(it)).collect(),
            not_found: self.not_found.iter().map(|it| self.condition(it)).collect(),
            expired: self.expired.iter().map(|it| self.condition(it)).collect(),
            null: self.nulls.clone(),
            whole: self.whole,
            writes: self.write.is_some(),
            records: self.records.iter().map(|it| self.record_description(it)).collect(),
        }
    }

    /// The format by its name in the map file.
    #[must_use]
    pub fn format_name(&self) -> &'static str {
        match self.format.spec.format {
            Format::Xml => "xml",
            Format::Json => "json",
            Format::Csv => "csv",
            Format::Xlsx => "xlsx",
            Format::Form => "form",
            Format::Frame => "frame",
        }
    }

    /// The good samples beside the map file, by name.
    pub fn samples<'f>(&self, files: &'f Files) -> impl Iterator<Item = (&'f str, &'f [u8])> {
        self.trials(files, Kind::Reads)
    }

    /// The samples that are to be refused, by name.
    pub fn bad_samples<'f>(&self, files: &'f Files) -> impl Iterator<Item = (&'f str, &'f [u8])> {
        self.trials(files, Kind::Refuses)
    }

    fn trials<'f>(&self, files: &'f Files, kind: Kind) -> impl Iterator<Item = (&'f str, &'f [u8])> {
        let folder = format!("{}/{}/", self.partner, self.message);
        let inside = files
            .range(folder.clone()..)
            .map_while(move |(path, bytes)| Some((path.strip_prefix(&folder)?, bytes.as_slice())));
        inside.filter(move |(name, _)| super::proof::kind_of(name) == Some(kind))
    }

    fn record_description(&self, plan: &RecordPlan) -> RecordDescription {
        let key = plan.key.iter().filter_map(|it| plan.fields.get(*it)).map(|it| it.field.name.clone());
        RecordDescription {
            kind: plan.name.clone(),
            title: plan.title.clone(),
            rows: self.places.frame(plan.frame).map(|it| show(&it.path)).unwrap_or_default(),
            when: plan.when.iter().map(|it| self.condition(it)).collect(),
            key: key.collect(),
            line: plan.line,
            fields: plan.fields.iter().map(|it| self.field_description(it)).collect(),
        }
    }

    fn field_description(&self, plan: &FieldPlan) -> FieldDescription {
        let (how, fields) = match &plan.origin {
            OriginPlan::Constant(value) => (format!("固定为“{}”", plan.field.display_zh(value)), &[][..]),
            OriginPlan::Join(_, between) if between.is_empty() => ("几处直接相连".to_owned(), &[][..]),
            OriginPlan::Join(_, between) => (format!("几处用“{between}”相连"), &[][..]),
            OriginPlan::First(_) => ("依次取第一个非空的".to_owned(), &[][..]),
            OriginPlan::Rows { frame, fields, .. } => {
                let rows = self.places.frame(*frame).map(|it| show(&it.path)).unwrap_or_default();
                (format!("{rows} 的每一行"), fields.as_slice())
            }
            OriginPlan::Table { row, cell, columns, fields, .. } => (
                format!("文字里的小表格：行以“{row}”结尾，列以“{cell}”分开：{}", columns.join("、")),
                fields.as_slice(),
            ),
            OriginPlan::From(_) | OriginPlan::Cell(_) => (String::new(), &[][..]),
        };
        let from = match &plan.origin {
            OriginPlan::Cell(n) => vec![format!("第 {} 列", n + 1)],
            other => other.keys().iter().map(|it| self.shown(*it)).collect(),
        };
        let steps = plan.steps.iter().chain(&plan.convert).map(|it| it.written.clone()).collect();
        FieldDescription {
            field: plan.field.name.clone(),
            title: plan.field.title.clone(),
            meaning: plan.field.description.clone(),
            kind: plan.field.ty.title(),
            unit: plan.field.unit_text().to_owned(),
            codes: codes(plan),
            from,
            how,
            steps,
            required: plan.required,
            null: if plan.nulls == self.nulls { Vec::new() } else { plan.nulls.clone() },
            default: plan.default.as_ref().map(|it| plan.field.display_zh(it)),
            unknown: unknown(plan),
            personal: plan.field.sensitivity == Sensitivity::Personal,
            written: self.write.is_some() && plan.write != WriteAs::Skip,
            note: plan.note.clone(),
            line: plan.line,
            fields: fields.iter().map(|it| self.field_description(it)).collect(),
        }
    }

    fn shown(&self, key: SlotKey) -> String {
        let path = show(self.places.path(key));
        // A column is known by its title alone.
        if self.is_table() { path.trim_start_matches('/').to_owned() } else { path }
    }

    fn condition(&self, check: &Check) -> String {
        match check {
            Check::Any(inner) => inner.iter().map(|it| self.condition(it)).collect::<Vec<_>>().join("，或 "),
            Check::At { key, trial, .. } => {
                let at = self.shown(*key);
                match trial {
                    Trial::Is(words) => format!("{at} 是 {}", words.join(" 或 ")),
                    Trial::Not(words) => format!("{at} 不是 {}", words.join("、")),
                    Trial::Contains(words) => format!("{at} 含有 {}", words.join(" 或 ")),
                    Trial::Empty(true) => format!("{at} 为空"),
                    Trial::Empty(false) => format!("{at} 不为空"),
                }
            }
        }
    }
}

fn unknown(plan: &FieldPlan) -> String {
    match &plan.unknown {
        Unknown::Refuse if matches!(plan.ty, FieldType::Ref { .. }) => "对方还没到就退回".to_owned(),
        Unknown::Refuse => String::new(),
        Unknown::Null => "表里没有的代码当作空，并警告".to_owned(),
        Unknown::Use(value) => format!("表里没有的代码按“{}”收下，并警告", plan.field.display_zh(value)),
        Unknown::Hold => "先收下，等所引用的记录到齐".to_owned(),
    }
}

/// The table that reads the field: that of its steps, else the list of its own type.
fn codes(plan: &FieldPlan) -> Option<CodesDescription> {
    let list = match &plan.ty {
        FieldType::Code(list) => Some(list),
        _ => None,
    };
    let steps = plan.steps.iter().chain(&plan.convert);
    let table = steps.filter_map(|it| it.args.words.iter().find_map(as_table)).next_back();
    if let Some(table) = table.filter(|it| !it.is_list()) {
        let title = |ours: &str| list.and_then(|it| it.get(ours)).map(|it| it.title.clone());
        let pairs = table.pairs().into_iter();
        return Some(CodesDescription {
            title: table.title.clone(),
            list: table.list.clone(),
            is_list: false,
            pairs: pairs
                .map(|(theirs, ours)| (theirs.to_owned(), ours.to_owned(), title(ours).unwrap_or_default()))
                .collect(),
        });
    }
    list.map(|it| CodesDescription {
        title: it.title.clone(),
        list: Some(it.name.clone()),
        is_list: true,
        pairs: Vec::new(),
    })
}

fn as_table(word: &Word) -> Option<&CodeTable> {
    match word {
        Word::Table(table) => Some(table),
        _ => None,
    }
}

fn inside(of: &Unwrap) -> String {
    let layers: Vec<String> = of.layers.iter().map(layer).collect();
    format!("{} 的值是{}", show(&of.at), layers.join("，解开后是"))
}

fn layer(of: &Layer) -> String {
    let charset = |it: &Option<String>| it.as_ref().map_or(String::new(), |it| format!("（{it}）"));
    match of {
        Layer::Base64(inner) => format!(" Base64{}", charset(inner)),
        Layer::Escaped => "再次转义的标记".to_owned(),
        Layer::Percent(inner) => format!("百分号编码{}", charset(inner)),
        Layer::Xml => " XML".to_owned(),
        Layer::Json => " JSON".to_owned(),
        Layer::Form => "表单".to_owned(),
    }
}
