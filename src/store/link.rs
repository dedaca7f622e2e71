//! Links between records: works belong to a project, a handover to works. A link names the business key of its target, so
//! it may arrive before the target does.

use diesel::prelude::*;

use super::conn::{Conn, each_backend};
use super::record::Record;
use super::types::RecordId;
use crate::error::Result;
use crate::schema::{record, record_key, record_link};

/// A link from a record to a thing it names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordLink {
    /// Field that holds the link.
    pub field: String,
    /// Kind it points at.
    pub target_kind: String,
    /// Name of the key of that kind.
    pub target_key: String,
    /// Value of that key.
    pub target_value: String,
}

/// Writes the links of a record anew; they follow its body.
pub fn replace_record_links(conn: &mut Conn, of: &RecordId, kind: &str, links: &[RecordLink]) -> Result<()> {
    diesel::delete(record_link::table.filter(record_link::record_id.eq(of))).execute(conn)?;
    let rows: Vec<_> = links
        .iter()
        .map(|link| {
            (
                record_link::record_id.eq(of),
                record_link::field.eq(&link.field),
                record_link::kind.eq(kind),
                record_link::target_kind.eq(&link.target_kind),
                record_link::target_key.eq(&link.target_key),
                record_link::target_value.eq(&link.target_value),
            )
        })
        .collect();
    if !rows.is_empty() {
        each_backend!(conn => diesel::insert_into(record_link::table).values(rows).execute(conn))?;
    }
    Ok(())
}

/// The record a link points at; none when it has not arrived.
pub fn find_link_target(conn: &mut Conn, of: &RecordId, field: &str) -> Result<Option<Record>> {
    let link: Option<(String, String, String)> = record_link::table
        .find((of, field))
        .select((record_link::target_kind, record_link::target_key, record_link::target_value))
        .get_result(conn)
        .optional()?;
    let Some((kind, key, value)) = link else { return Ok(None) };
    super::record::find_record_by_key(conn, &kind, &key, &value)
}

/// The records of every kind that point at a record by any of its keys, in the order of their making; at most 500.
pub fn list_linking_to(conn: &mut Conn, target: &RecordId) -> Result<Vec<(String, Record)>> {
    Ok(record_link::table
        .inner_join(
            record_key::table.on(record_key::kind
                .eq(record_link::target_kind)
                .and(record_key::name.eq(record_link::target_key))
                .and(record_key::value.eq(record_link::target_value))),
        )
        .inner_join(record::table)
        .filter(record_key::record_id.eq(target))
        .order((record::kind, record::created_at, record::id))
        .limit(500)
        .select((record_link::field, Record::as_select()))
        .load(conn)?)
}

/// What a record points at: field and target, in the order of the fields; links whose target has not arrived are left out.
pub fn list_link_targets(conn: &mut Conn, of: &RecordId) -> Result<Vec<(String, Record)>> {
    Ok(record_link::table
        .inner_join(
            record_key::table.on(record_key::kind
                .eq(record_link::target_kind)
                .and(record_key::name.eq(record_link::target_key))
                .and(record_key::value.eq(record_link::target_value))),
        )
        .inner_join(record::table.on(record::id.eq(record_key::record_id)))
        .filter(record_link::record_id.eq(of))
        .order(record_link::field)
        .select((record_link::field, Record::as_select()))
        .load(conn)?)
}
