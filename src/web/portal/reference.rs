//! The reference of one message as values for its page: from the mapping's own description, the model and what its samples
//! read. Everything is worked out when the page is asked for; the bound is the samples of one folder.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::samples::{self, Sample};
use crate::mapping::{
    CodesDescription, Complete, Description, FieldDescription, Mapping, Mappings, RecordDescription,
};
use crate::model::{Field, FieldType, Schema, Value as Known};
use crate::web::app::App;

/// Every partner with its messages, for lists.
pub(super) fn partners(mappings: &Mappings) -> Vec<Value> {
    let mut partners: BTreeMap<&str, (&str, Vec<Value>)> = BTreeMap::new();
    for it in mappings.iter() {
        let (_, messages) = partners.entry(&it.partner).or_insert_with(|| (&it.partner_title, Vec::new()));
        messages.push(
            json!({ "name": it.message, "title": it.title, "version": it.version, "summary": it.summary,
            "format": format(it), "charset": it.describe().charset }),
        );
    }
    partners
        .into_iter()
        .map(|(id, (title, messages))| json!({ "id": id, "title": title, "messages": messages }))
        .collect()
}

/// The format by the name engineers know.
pub(super) fn format(of: &Mapping) -> &'static str {
    match of.format_name() {
        "xml" => "XML",
        "json" => "JSON",
        "csv" => "CSV",
        "xlsx" => "XLSX",
        "form" => "表单",
        _ => "定长帧",
    }
}

/// What `Content-Type` a message is sent with.
pub(super) fn content_type(of: &Mapping) -> String {
    let media = match of.format_name() {
        "xml" => "application/xml",
        "json" => "application/json",
        "csv" => "text/csv",
        "xlsx" => return "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet".to_owned(),
        "form" => "application/x-www-form-urlencoded",
        _ => return "application/octet-stream".to_owned(),
    };
    match of.describe().charset {
        Some(charset) => format!("{media}; charset={charset}"),
        None => media.to_owned(),
    }
}

/// Everything the page of a message shows.
pub(super) fn message(app: &App, of: &Mapping) -> Value {
    let (schema, said) = (&app.intake.schema, of.describe());
    let (good, bad) = samples::read(of, &app.mapping_files, schema);
    let records: Vec<Value> = said.records.iter().map(|it| record(it, &good, schema)).collect();
    json!({
        "path": format!("/api/v1/exchange/{}/{}", of.partner, of.message),
        "content_type": content_type(of), "format": format(of), "drop": drop(app, of),
        "answer": samples::answer(of, &good), "records": records, "rules": rules(&said),
        "good": good.iter().map(Sample::shown).collect::<Vec<_>>(),
        "bad": bad.iter().map(Sample::shown).collect::<Vec<_>>(),
        "said": said, "is_form": of.is_form(),
    })
}

/// What holds for the message as a whole: title and words.
fn rules(said: &Description) -> Vec<Value> {
    let rows = said.rows.as_ref().map(|it| format!("{it}，每行单独收下或退回"));
    let whole = said.whole.then(|| "有一行不合格就整份退回".to_owned());
    let all = [
        ("字符集", said.charset.clone()),
        ("报文编号", some(said.id.join(" + "))),
        ("内层报文", some(said.inside.join("；"))),
        ("行", rows),
        ("整份进退", whole),
        ("收下的条件", some(said.accept.join("；"))),
        ("视为无数据", some(said.not_found.join("；"))),
        ("视为空的值", some(said.null.iter().map(|it| format!("“{it}”")).collect::<Vec<_>>().join("、"))),
    ];
    all.into_iter().filter_map(|(title, words)| Some(json!({ "title": title, "words": words? }))).collect()
}

fn some(text: String) -> Option<String> {
    (!text.is_empty()).then_some(text)
}

fn drop(app: &App, of: &Mapping) -> Option<Value> {
    let files = of.drop.as_ref()?;
    let folders = app.intake.mappings.drop_folders(&of.partner);
    let complete = match &folders.complete {
        Complete::Quiet => "文件一段时间不再变化，即视为写完".to_owned(),
        Complete::Renamed => "先以别的名字（.tmp、.part 结尾或以点开头）写完，再改名".to_owned(),
        Complete::Marker(ending) => format!("写完后再放一个以 {ending} 结尾的同名标记文件"),
    };
    Some(json!({ "names": files.names().collect::<Vec<_>>(), "answer": files.answer_name(),
        "inbox": folders.inbox, "answers": folders.answers, "complete": complete }))
}

fn record(of: &RecordDescription, good: &[Sample], schema: &Schema) -> Value {
    let kind = schema.kind(&of.kind);
    let mut rows = Vec::new();
    for it in &of.fields {
        let field = kind.and_then(|kind| kind.field(&it.field));
        let found = good.iter().find_map(|sample| sample.value(&of.kind, &it.field));
        let key = of.key.contains(&it.field);
        let sample = found.map(|(raw, value)| (raw, shown(field, value)));
        rows.push(row(it, type_of(it, field, schema), key, 0, sample));
        let first = found.and_then(|(_, value)| first_row(value));
        let Some(FieldType::Rows(columns)) = field.map(|it| &it.ty) else { continue };
        for inner in &it.fields {
            let column = columns.iter().find(|at| at.name == inner.field);
            let value = column.and_then(|at| first?.iter().find(|(id, _)| *id == at.id));
            let sample = value.map(|(_, value)| (None, shown(column, value)));
            rows.push(row(inner, type_of(inner, column, schema), false, 1, sample));
        }
    }
    json!({ "kind": of.kind, "title": of.title, "rows": of.rows, "when": of.when, "fields": rows })
}

fn first_row(value: &Known) -> Option<&crate::model::Body> {
    match value {
        Known::Rows(rows) => rows.first(),
        _ => None,
    }
}

/// Samples name nobody who lives, so nothing in them is masked.
fn shown(field: Option<&Field>, value: &Known) -> String {
    match (field, value) {
        (_, Known::Rows(rows)) => format!("{} 行", rows.len()),
        (Some(field), value) => field.display_zh(value),
        (None, value) => value.plain_text(),
    }
}

/// The type in words; a link by the title of what it leads to.
fn type_of(of: &FieldDescription, field: Option<&Field>, schema: &Schema) -> String {
    match field.map(|it| &it.ty) {
        Some(FieldType::Ref { kind, .. }) => {
            let title = schema.kind(kind).map_or(kind.as_str(), |it| it.title.as_str());
            format!("关联{title}")
        }
        _ => of.kind.clone(),
    }
}

/// One line of the table of fields; `sample` is what stands in a sample and what it is read as.
fn row(
    of: &FieldDescription,
    type_of: String,
    key: bool,
    depth: u8,
    sample: Option<(Option<&str>, String)>,
) -> Value {
    let (raw, read) = sample.map_or((None, None), |(raw, read)| (raw, Some(read)));
    let raw = raw.filter(|it| read.as_deref() != Some(*it));
    // A single step without parameters says no more than the type does.
    let steps: &[String] =
        if of.steps.iter().any(|it| it.contains(':')) || of.steps.len() > 1 { &of.steps } else { &[] };
    json!({ "name": of.field, "title": of.title, "from": of.from, "how": of.how, "steps": steps,
        "type": type_of, "unit": of.unit, "required": of.required, "key": key, "personal": of.personal,
        "default": of.default, "unknown": of.unknown, "null": of.null, "note": of.note, "meaning": of.meaning,
        "codes": of.codes.as_ref().map(codes), "depth": depth, "raw": raw, "read": read })
}

fn codes(of: &CodesDescription) -> Value {
    let pairs: Vec<Value> = of
        .pairs
        .iter()
        .map(|(theirs, ours, title)| json!({ "theirs": theirs, "ours": ours, "title": title }))
        .collect();
    json!({ "title": of.title, "list": of.list, "is_list": of.is_list, "pairs": pairs })
}
