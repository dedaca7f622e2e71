//! Claims: what one department says about one thing, from one message, with the place of every value in that message.
//!
//! One row holds all fields of a claim, packed: places of one message share the beginning of their path, so it is written once.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::conn::Conn;
use super::types::{ClaimId, Instant, Json, MessageId, PartnerId, RecordId};
use crate::error::{Place, Result};
use crate::schema::claim;

/// One value a department claims, and where it stood in the message.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredField {
    /// Name of the field in its kind.
    pub field: String,
    /// The value in canonical JSON.
    pub value: Value,
    /// Where it stood.
    pub place: Place,
}

/// A claim as it stands in the store.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredClaim {
    /// Its id.
    pub id: ClaimId,
    /// The thing it is about.
    pub record_id: RecordId,
    /// The message it came in.
    pub message_id: MessageId,
    /// Kind of the record.
    pub kind: String,
    /// Department that claims.
    pub department: String,
    /// Partner that sent it.
    pub partner: PartnerId,
    /// `partner/message@version` of the mapping that read it.
    pub mapping: String,
    /// Row of a bulk file.
    pub row: Option<i32>,
    /// Whether a newer claim of the same department has not replaced it entirely.
    pub current: bool,
    /// When the message came.
    pub claimed_at: DateTime<Utc>,
    /// The values.
    pub fields: Vec<StoredField>,
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = claim, treat_none_as_default_value = false)]
struct Row {
    id: ClaimId,
    record_id: RecordId,
    message_id: MessageId,
    kind: String,
    department: String,
    partner: PartnerId,
    mapping: String,
    row: Option<i32>,
    current: bool,
    claimed_at: Instant,
    fields: Json,
}

impl Row {
    fn unpack(self) -> Result<StoredClaim> {
        Ok(StoredClaim {
            fields: self.fields.read::<Packed>()?.unpack(),
            id: self.id,
            record_id: self.record_id,
            message_id: self.message_id,
            kind: self.kind,
            department: self.department,
            partner: self.partner,
            mapping: self.mapping,
            row: self.row,
            current: self.current,
            claimed_at: self.claimed_at.utc(),
        })
    }
}

/// The fields of one claim as JSON text: `{"at": "/Message/Data/", "f": [[name, value, rest of path, start, end, line, decoded]]}`.
#[derive(Serialize, Deserialize)]
struct Packed {
    at: String,
    f: Vec<PackedField>,
}

/// Name, value, rest of the path, start, end, line, whether the place counts decoded bytes.
type PackedField = (String, Value, String, u64, u64, Option<u32>, bool);

impl Packed {
    fn pack(fields: &[StoredField]) -> Self {
        let at = common_start(fields.iter().map(|it| it.place.path.as_str())).to_owned();
        let f = fields
            .iter()
            .map(|it| {
                let rest = it.place.path.get(at.len()..).unwrap_or_default().to_owned();
                let Place { start, end, line, decoded, .. } = it.place;
                (it.field.clone(), it.value.clone(), rest, start, end, line, decoded)
            })
            .collect();
        Self { at, f }
    }

    fn unpack(self) -> Vec<StoredField> {
        let Self { at, f } = self;
        f.into_iter()
            .map(|(field, value, rest, start, end, line, decoded)| StoredField {
                field,
                value,
                place: Place { path: format!("{at}{rest}"), start, end, line, decoded },
            })
            .collect()
    }
}

/// The longest beginning all paths share, ending on a character boundary.
fn common_start<'a>(mut paths: impl Iterator<Item = &'a str>) -> &'a str {
    let Some(first) = paths.next() else { return "" };
    paths.fold(first, |start, path| {
        let shared = start.char_indices().zip(path.chars()).find(|((_, a), b)| a != b);
        let end = shared.map_or(start.len().min(path.len()), |((at, _), _)| at);
        start.get(..end).unwrap_or_default()
    })
}

/// Stores a claim. Older claims of the same department that it repeats in every field stop being current: they stay for
/// the past and for provenance, but need not be weighed again.
///
/// `older` are the current claims of the record as loaded by [`load_claims`]; none for a new record.
pub fn insert_claim(conn: &mut Conn, new: &StoredClaim, older: &[StoredClaim]) -> Result<()> {
    let row = Row {
        id: new.id.clone(),
        record_id: new.record_id.clone(),
        message_id: new.message_id.clone(),
        kind: new.kind.clone(),
        department: new.department.clone(),
        partner: new.partner.clone(),
        mapping: new.mapping.clone(),
        row: new.row,
        current: new.current,
        claimed_at: new.claimed_at.into(),
        fields: Json::of(&Packed::pack(&new.fields))?,
    };
    diesel::insert_into(claim::table).values(&row).execute(conn)?;
    for old in older.iter().filter(|old| replaces(new, old)) {
        diesel::update(claim::table.find(&old.id)).set(claim::current.eq(false)).execute(conn)?;
    }
    Ok(())
}

/// Whether `new` says again everything `old` said.
#[must_use]
pub fn replaces(new: &StoredClaim, old: &StoredClaim) -> bool {
    new.department == old.department
        && new.claimed_at >= old.claimed_at
        && old.fields.iter().all(|was| new.fields.iter().any(|is| is.field == was.field))
}

/// The claims that still count for a record, oldest first.
pub fn load_claims(conn: &mut Conn, of: &RecordId) -> Result<Vec<StoredClaim>> {
    let rows: Vec<Row> = claim::table
        .filter(claim::record_id.eq(of))
        .filter(claim::current.eq(true))
        .order((claim::claimed_at, claim::id))
        .select(Row::as_select())
        .load(conn)?;
    rows.into_iter().map(Row::unpack).collect()
}

/// Every claim ever made about a record, oldest first.
pub fn list_claims(conn: &mut Conn, of: &RecordId) -> Result<Vec<StoredClaim>> {
    let rows: Vec<Row> = claim::table
        .filter(claim::record_id.eq(of))
        .order((claim::claimed_at, claim::id))
        .select(Row::as_select())
        .load(conn)?;
    rows.into_iter().map(Row::unpack).collect()
}

/// Claims by id, in no order.
pub fn load_claims_by_id(conn: &mut Conn, ids: &[ClaimId]) -> Result<Vec<StoredClaim>> {
    let rows: Vec<Row> = claim::table.filter(claim::id.eq_any(ids)).select(Row::as_select()).load(conn)?;
    rows.into_iter().map(Row::unpack).collect()
}

/// The claims of one message in order of row, after `after_row`, at most `limit`: what a message made of itself.
pub fn list_claims_of_message(
    conn: &mut Conn,
    of: &MessageId,
    after_row: i32,
    limit: i64,
) -> Result<Vec<StoredClaim>> {
    let rows: Vec<Row> = claim::table
        .filter(claim::message_id.eq(of))
        .filter(claim::row.is_null().or(claim::row.gt(after_row).assume_not_null()))
        .order((claim::row, claim::id))
        .limit(limit)
        .select(Row::as_select())
        .load(conn)?;
    rows.into_iter().map(Row::unpack).collect()
}

#[cfg(test)]
mod tests {
    use super::{Packed, StoredField, common_start};
    use crate::error::Place;
    use serde_json::json;

    #[test]
    fn packing_keeps_every_place() {
        let field = |name: &str, path: &str| StoredField {
            field: name.into(),
            value: json!("12.50"),
            place: Place { path: path.into(), start: 7, end: 12, line: Some(3), decoded: true },
        };
        for paths in
            [vec!["/报文/数据/面积", "/报文/数据/用途"], vec!["A!C2"], vec!["/a", "/a/b", ""], vec![]]
        {
            let fields: Vec<_> = paths.iter().enumerate().map(|(i, p)| field(&format!("f{i}"), p)).collect();
            let text = serde_json::to_string(&Packed::pack(&fields)).unwrap();
            let back: Packed = serde_json::from_str(&text).unwrap();
            assert_eq!(back.unpack(), fields);
        }
    }

    #[test]
    fn the_shared_beginning_ends_on_a_character() {
        let check = |paths: &[&str], start: &str| assert_eq!(common_start(paths.iter().copied()), start);
        check(&["/数据/甲", "/数据/乙"], "/数据/");
        check(&["甲", "甴"], ""); // share their first two bytes
        check(&["/a/b", "/a"], "/a");
    }
}
