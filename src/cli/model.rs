//! `hub model show`: the canonical model as it is in force.

use serde_json::json;

use super::{Call, Exit};
use crate::boot;
use crate::error::{Error, Result, codes};
use crate::model::{Field, FieldType, Fields, Kind, Schema, Sensitivity};

#[derive(clap::Args)]
#[command(about = "查看标准模型：记录种类、字段、主键、权威部门")]
pub(super) struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(clap::Subcommand)]
enum What {
    #[command(about = "列出记录种类，或一种记录的全部字段")]
    Show {
        #[arg(value_name = "KIND", help = "记录种类，如 parcel；不给则列出全部")]
        kind: Option<String>,
    },
}

pub(super) fn run(args: Args, call: &mut Call) -> Result<Exit> {
    let What::Show { kind } = args.what;
    let files = boot::mappings(call.config.mappings.as_deref())?;
    let schema = boot::load_schema(&files)?;
    match kind {
        None => list(&schema, call),
        Some(name) => {
            let kind = schema.kind(&name).ok_or_else(|| {
                Error::new(
                    codes::record::NOT_FOUND,
                    format!("没有“{name}”这类记录，hub model show 列出全部。"),
                )
            })?;
            show(&schema, kind, call);
        }
    }
    Ok(Exit::Ok)
}

fn list(schema: &Schema, call: &mut Call) {
    for kind in schema.kinds() {
        let row = json!({
            "kind": kind.name, "title": kind.title, "description": kind.description,
            "fields": kind.fields.len(), "keys": key_names(kind),
        });
        call.out.either(&row, || {
            format!("{}\t{}\t{} 个字段\t{}", kind.name, kind.title, kind.fields.len(), kind.description)
        });
    }
}

fn key_names(kind: &Kind) -> Vec<String> {
    kind.keys.iter().map(|key| kind.key_name(key)).collect()
}

fn show(schema: &Schema, kind: &Kind, call: &mut Call) {
    if call.out.is_json() {
        let fields: Vec<_> = kind.fields.iter().map(as_json).collect();
        call.out.json(&json!({
            "kind": kind.name, "title": kind.title, "description": kind.description,
            "keys": key_names(kind), "fields": fields,
        }));
        return;
    }
    call.out.line(&format!("{}（{}）", kind.title, kind.name));
    call.out.line(&kind.description);
    call.out.line(&format!("业务主键：{}", key_names(kind).join("、")));
    print_fields(schema, &kind.fields, 0, call);
}

fn print_fields(schema: &Schema, fields: &Fields, depth: usize, call: &mut Call) {
    for field in fields.iter() {
        let mut notes = vec![field.ty.title()];
        notes.extend(field.required.then(|| "必填".to_owned()));
        notes.extend(field.authority.as_deref().map(|id| format!("以{}为准", department(schema, id))));
        notes.extend((field.sensitivity == Sensitivity::Personal).then(|| "个人信息".to_owned()));
        let indent = "  ".repeat(depth + 1);
        call.out.line(&format!(
            "{indent}{}\t{}\t{}\t{}",
            field.name,
            field.title,
            notes.join("，"),
            field.description
        ));
        if let FieldType::Rows(columns) = &field.ty {
            print_fields(schema, columns, depth + 1, call);
        }
    }
}

fn department<'a>(schema: &'a Schema, id: &'a str) -> &'a str {
    let name = schema.department(id).and_then(|it| it.current());
    name.map_or(id, |it| it.short.as_str())
}

fn as_json(field: &Field) -> serde_json::Value {
    let columns: Option<Vec<_>> = match &field.ty {
        FieldType::Rows(columns) => Some(columns.iter().map(as_json).collect()),
        _ => None,
    };
    json!({
        "field": field.name, "title": field.title, "type": field.ty.name(), "unit": field.unit_text(),
        "required": field.required, "authority": field.authority, "sensitivity": field.sensitivity,
        "description": field.description, "columns": columns,
    })
}
