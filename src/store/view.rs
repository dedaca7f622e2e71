//! Views for analysts: one per kind (`v_works`, `v_parcel`, …), a typed column for every field, on both databases.
//!
//! They are made from the model, not by migrations: dropped and made again whenever the model's fields change.
//! Exact amounts stay exact on PostgreSQL (`numeric`); SQLite reckons with them as doubles, the exact text is in `record.body`.

use diesel::prelude::*;
use diesel::sql_types::Text;

use super::conn::{Conn, batch};
use crate::crypto;
use crate::error::Result;
use crate::model::{Field, FieldType, Kind, Schema};

/// Setting that holds the digest of the statements last run.
const MARK: &str = "store.views";

/// Makes the views of the model, unless they are already those of this model.
pub(super) fn rebuild_views(
    conn: &mut Conn,
    schema: &Schema,
    now: chrono::DateTime<chrono::Utc>,
) -> Result<()> {
    let statements: Vec<String> = schema.kinds().flat_map(|kind| create_view(conn, kind)).collect();
    let digest = crypto::sha256_hex(statements.join(";\n").as_bytes())?;
    if super::setting::find_setting(conn, MARK)?.as_deref() == Some(&digest)
        && view_names(conn)?.len() == schema.kinds().count()
    {
        return Ok(());
    }
    drop_views(conn)?;
    for statement in &statements {
        batch(conn, statement)?;
    }
    super::setting::set_setting(conn, MARK, &digest, "system", now)
}

/// Removes every view whose name begins with `v_`; migrations may then change the tables below them.
pub(super) fn drop_views(conn: &mut Conn) -> Result<()> {
    for name in view_names(conn)? {
        batch(conn, &format!("DROP VIEW {}", quoted(&name)))?;
    }
    Ok(())
}

fn view_names(conn: &mut Conn) -> Result<Vec<String>> {
    #[derive(QueryableByName)]
    struct Name {
        #[diesel(sql_type = Text)]
        name: String,
    }
    let list = match conn {
        Conn::Sqlite(_) => {
            r"SELECT name FROM sqlite_master WHERE type = 'view' AND name LIKE 'v\_%' ESCAPE '\'"
        }
        Conn::Postgres(_) => {
            r"SELECT viewname::text AS name FROM pg_views WHERE schemaname = current_schema() AND viewname LIKE 'v\_%'"
        }
    };
    let names: Vec<Name> = diesel::sql_query(list).load(conn)?;
    Ok(names.into_iter().map(|it| it.name).collect())
}

/// The statements that make one view.
fn create_view(conn: &Conn, kind: &Kind) -> Vec<String> {
    match conn {
        Conn::Sqlite(_) => vec![sqlite_view(kind)],
        Conn::Postgres(_) => postgres_view(kind),
    }
}

/// What every view shows of the record itself.
const OWN: &str = "r.id AS record_id, r.title AS record_title, r.division AS record_division, \
                   r.version AS record_version, r.valid_from AS record_since, r.updated_at AS record_updated";

fn sqlite_view(kind: &Kind) -> String {
    let columns: String = kind
        .fields
        .iter()
        .map(|field| format!(", {} AS {}", sqlite_column(field), quoted(&field.name)))
        .collect();
    format!(
        "CREATE VIEW {} AS SELECT {OWN}{columns} FROM record AS r WHERE r.kind = {}",
        view_name(kind),
        literal(&kind.name)
    )
}

fn sqlite_column(field: &Field) -> String {
    let value = format!("json_extract(r.body, {})", literal(&format!("$.\"{}\"", field.name)));
    match plain(&field.ty) {
        FieldType::Decimal { .. } | FieldType::Money | FieldType::Area => format!("CAST({value} AS NUMERIC)"),
        _ => value,
    }
}

fn postgres_view(kind: &Kind) -> Vec<String> {
    let view = view_name(kind);
    let columns: String = kind
        .fields
        .iter()
        .map(|field| format!(", {} AS {}", postgres_column(field), quoted(&field.name)))
        .collect();
    // OFFSET 0 keeps the planner from parsing the body once for every column.
    let mut statements = vec![
        format!(
            "CREATE VIEW {view} AS SELECT {OWN}{columns} FROM record AS r \
             CROSS JOIN LATERAL (SELECT r.body::jsonb AS body OFFSET 0) AS b WHERE r.kind = {}",
            literal(&kind.name)
        ),
        format!("COMMENT ON VIEW {view} IS {}", literal(&kind.title)),
    ];
    statements.extend(kind.fields.iter().map(|field| {
        format!("COMMENT ON COLUMN {view}.{} IS {}", quoted(&field.name), literal(&field.title))
    }));
    statements
}

fn postgres_column(field: &Field) -> String {
    let name = literal(&field.name);
    let cast = match plain(&field.ty) {
        FieldType::Integer => "::bigint",
        FieldType::Decimal { .. } | FieldType::Money | FieldType::Area => "::numeric",
        FieldType::Date => "::date",
        FieldType::Instant => "::timestamptz",
        FieldType::Boolean => "::boolean",
        FieldType::List(_) | FieldType::Rows(_) => return format!("(b.body -> {name})"),
        _ => "",
    };
    format!("(b.body ->> {name}){cast}")
}

/// The type of the value itself, behind a link.
fn plain(ty: &FieldType) -> &FieldType {
    match ty {
        FieldType::Ref { ty, .. } => plain(ty),
        ty => ty,
    }
}

fn view_name(kind: &Kind) -> String {
    quoted(&format!("v_{}", kind.name))
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}
