//! Valid rows by default; a test changes only what it is about.

use chrono::{DateTime, TimeDelta, Utc};
use hub::error::Place;
use hub::store::*;
use serde_json::{Map, Value, json};

/// A fixed moment, `minutes` into the story.
pub fn at(minutes: i64) -> DateTime<Utc> {
    DateTime::parse_from_rfc3339("2026-03-02T01:00:00Z").unwrap().to_utc() + TimeDelta::minutes(minutes)
}

/// A registered partner.
pub fn partner(conn: &mut Conn, id: &str) -> PartnerId {
    let id = PartnerId::from(id);
    save_partner(
        conn,
        &Partner {
            id: id.clone(),
            title: "嘉兴市自然资源和规划局".into(),
            department: "natural_resources".into(),
            division: Some("330400".into()),
            status: Standing::Active,
            ip_allow: Json::list(),
            quota_per_minute: None,
            created_at: at(0).into(),
            updated_at: at(0).into(),
        },
    )
    .unwrap();
    id
}

/// An accepted message with a key of its own.
pub fn message(partner: &PartnerId, key: &str) -> Message {
    Message {
        id: MessageId::fresh(at(0)),
        partner: partner.clone(),
        name: "land_grant".into(),
        mapping_version: Some(1),
        message_key: Some(key.into()),
        idempotency_key: None,
        key_id: None,
        digest: hub::crypto::sha256_hex(key.as_bytes()).unwrap(),
        state: MessageState::Accepted,
        cause: None,
        received_at: at(0).into(),
        content_type: Some("application/json".into()),
        charset: Some("utf-8".into()),
        file_name: None,
        division: Some("330402".into()),
        trace_id: None,
        size: 2,
        record_count: 1,
        receipt: Json::empty(),
        problems: Json::list(),
        replayed_from: None,
        settled_at: None,
        settled_by: None,
        settled_note: None,
    }
}

/// A claim about a record, its fields at places named after them.
pub fn claim(
    record: &RecordId,
    message: &Message,
    department: &str,
    now: DateTime<Utc>,
    fields: &[(&str, Value)],
) -> StoredClaim {
    StoredClaim {
        id: ClaimId::fresh(now),
        record_id: record.clone(),
        message_id: message.id.clone(),
        kind: "parcel".into(),
        department: department.into(),
        partner: message.partner.clone(),
        mapping: "natural-resources/land_grant@1".into(),
        row: None,
        current: true,
        claimed_at: now,
        fields: fields
            .iter()
            .enumerate()
            .map(|(i, (field, value))| StoredField {
                field: (*field).into(),
                value: value.clone(),
                place: Place {
                    path: format!("/data/0/{field}"),
                    start: i as u64 * 10,
                    end: i as u64 * 10 + 5,
                    line: Some(i as u32 + 1),
                    decoded: false,
                },
            })
            .collect(),
    }
}

/// What one message does to one record when its claim simply holds: the shape of intake, without its rules.
pub fn take_in(
    conn: &mut Conn,
    message: &Message,
    key: &str,
    fields: &[(&str, Value)],
    now: DateTime<Utc>,
) -> (RecordId, Saved) {
    let keys = [RecordKey { name: "supervision_no".into(), value: key.into() }];
    let found = find_record_by_keys(conn, "parcel", &keys).unwrap();
    let before = found.as_ref().map(|id| get_record(conn, id).unwrap());
    let id = found.unwrap_or_else(|| RecordId::fresh(now));
    let older = if before.is_some() { load_claims(conn, &id).unwrap() } else { Vec::new() };
    let new = claim(&id, message, "natural_resources", now, fields);
    insert_claim(conn, &new, &older).unwrap();
    let body: Map<String, Value> = fields.iter().map(|(f, v)| ((*f).to_owned(), v.clone())).collect();
    let sources = Sources(fields.iter().map(|(f, _)| ((*f).to_owned(), new.id.clone())).collect());
    let weighed = Weighed {
        id: &id,
        before: before.as_ref(),
        kind: "parcel",
        title: key,
        division: Some("330402"),
        body: &body,
        sources: &sources,
        keys: &keys,
        search: key,
        message: Some(&message.id),
    };
    let saved = save_record(conn, &weighed, now).unwrap();
    if !saved.changed.is_empty() {
        let change = NewChange {
            record: &id,
            kind: "parcel",
            version: saved.version,
            division: Some("330402"),
            message: Some(&message.id),
            fields: &saved.changed,
        };
        insert_change(conn, &change, now).unwrap();
    }
    (id, saved)
}

/// A draft that waits for its number.
pub fn document(conn: &mut Conn) -> DocumentId {
    let row = Document {
        id: DocumentId::fresh(at(0)),
        kind: "obligation_notice".into(),
        title: "重大法律事项告知书".into(),
        state: DocumentState::ToNumber,
        version: 1,
        template_version: "1".into(),
        form: Json::empty(),
        record_kind: None,
        record_id: None,
        department: None,
        division: None,
        holder: None,
        series: None,
        number: None,
        signer: None,
        signed_on: None,
        issued_at: None,
        served_at: None,
        archived_at: None,
        verify_code: None,
        sha256: None,
        replaces: None,
        replaced_by: None,
        void_reason: None,
        voided_at: None,
        demo: false,
        created_by: "li".into(),
        created_at: at(0).into(),
        updated_at: at(0).into(),
    };
    insert_document(conn, &row).unwrap();
    row.id
}

/// Detail of an audit entry.
pub fn detail() -> Value {
    json!({ "records": 1 })
}
