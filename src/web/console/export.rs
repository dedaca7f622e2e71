//! A list of records as a file: XLSX, or CSV with a byte order mark for Excel (`?format=csv`). The filters are those of the list.

use actix_web::{HttpRequest, HttpResponse, web};
use serde_json::Value;

use super::files::Sent;
use super::records::{filter_of, known, query};
use super::shell;
use super::view;
use crate::error::{Error, Result, codes};
use crate::format::write::{self, Column, ColumnKind, Content, CsvLayout, Item, SheetWriter};
use crate::model::{Field, FieldType, Kind};
use crate::store::{Conn, Page, RecordFilter, list_records};
use crate::web::app::App;

/// Records read at once.
const BATCH: u32 = 500;
/// Most rows of one file, so that one click cannot take the memory of the server: about 40 MiB of texts.
const MOST: i64 = 50_000;

/// `GET /records/{kind}/export[?format=csv&q=…&division=…]`.
pub async fn records(req: HttpRequest, app: web::Data<App>) -> HttpResponse {
    let (schema, query) = (app.intake.schema.clone(), query(&req));
    let name = req.match_info().query("kind").to_owned();
    shell::send(&req, &app, move |conn, _| {
        let kind = known(&schema, &name)?;
        let rows = rows(conn, kind, &filter_of(kind, &query))?;
        match query.get("format").map(String::as_str) {
            Some("csv") => Ok(sent("text/csv; charset=utf-8", kind, "csv", csv(kind, &rows)?)),
            _ => Ok(sent(
                "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
                kind,
                "xlsx",
                xlsx(kind, &rows)?,
            )),
        }
    })
    .await
}

fn sent(media_type: &str, kind: &Kind, ending: &str, bytes: Vec<u8>) -> Sent {
    Sent { media_type: media_type.to_owned(), name: format!("{}.{ending}", kind.title), inline: false, bytes }
}

/// Name, then every field as the record page shows it (personal values masked), then when it changed last.
fn rows(conn: &mut Conn, kind: &Kind, filter: &RecordFilter) -> Result<Vec<Vec<String>>> {
    let mut rows = Vec::new();
    for number in 1.. {
        let found = list_records(conn, filter, Page { number, size: BATCH })?;
        if found.total > MOST {
            let detail = format!("符合条件的有 {} 条，一次最多导出 {MOST} 条。", found.total);
            return Err(Error::new(codes::record::EXPORT_TOO_LONG, detail));
        }
        for record in &found.rows {
            let body = record.fields()?;
            let mut row = vec![record.title.clone()];
            row.extend(
                kind.fields
                    .iter()
                    .map(|field| body.get(&field.name).map_or_else(String::new, |it| text(field, it))),
            );
            row.push(view::time(record.updated_at.utc()));
            rows.push(row);
        }
        if found.rows.is_empty() {
            break;
        }
    }
    Ok(rows)
}

fn text(field: &Field, value: &Value) -> String {
    match crate::model::Value::from_json(&field.ty, value) {
        Ok(value) if is_number(field) => value.plain_text(),
        Ok(value) => field.display_masked(&value),
        Err(_) => value.to_string(),
    }
}

/// Amounts, areas and counts go out as bare numbers, so that Excel can add them up; their unit stands in the head.
fn is_number(field: &Field) -> bool {
    let numeric = matches!(
        field.ty,
        FieldType::Integer | FieldType::Decimal { .. } | FieldType::Money | FieldType::Area
    );
    numeric && field.sensitivity != crate::model::Sensitivity::Personal
}

fn heads(kind: &Kind) -> Vec<String> {
    let own = kind.fields.iter().map(|field| match &field.unit {
        Some(unit) if is_number(field) => format!("{}（{unit}）", field.title),
        _ => field.title.clone(),
    });
    std::iter::once("记录名称".to_owned()).chain(own).chain(std::iter::once("更新时间".to_owned())).collect()
}

fn xlsx(kind: &Kind, rows: &[Vec<String>]) -> Result<Vec<u8>> {
    let numbers =
        std::iter::once(false).chain(kind.fields.iter().map(is_number)).chain(std::iter::once(false));
    let columns = heads(kind)
        .into_iter()
        .zip(numbers)
        .map(|(title, number)| Column {
            title,
            kind: if number { ColumnKind::Number } else { ColumnKind::Text },
            width: 22,
            note: None,
        })
        .collect();
    let mut sheet = SheetWriter::new(&kind.title, None, columns)?;
    for row in rows {
        sheet.row(row)?;
    }
    sheet.finish()
}

fn csv(kind: &Kind, rows: &[Vec<String>]) -> Result<Vec<u8>> {
    // Two fields may bear one title, so that the writer, which finds cells by column name, gets numbered names.
    let titles = heads(kind);
    let mut columns: Vec<String> = Vec::new();
    for title in titles {
        let same = columns.iter().filter(|it| **it == title).count();
        columns.push(if same == 0 { title } else { format!("{title} {}", same + 1) });
    }
    let items = rows
        .iter()
        .map(|row| {
            let cells = columns
                .iter()
                .zip(row)
                .map(|(name, text)| Item { name: name.clone(), content: Content::Text(text.clone()) });
            Item { name: String::new(), content: Content::Object(cells.collect()) }
        })
        .collect();
    let table = Item { name: kind.name.clone(), content: Content::Array(items) };
    write::csv(&table, &CsvLayout { columns, ..CsvLayout::default() })
        .map_err(|problems| Error::new(codes::format::WRITE_SHAPE, "表格写不出来。").with_problems(problems))
}
