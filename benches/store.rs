//! How fast messages are stored durably, as a ratio to bare inserts of the same bytes in the same run.
//!
//! `cargo bench --bench store` measures SQLite in a temporary directory; `cargo bench --bench store -- URL` measures the
//! PostgreSQL of that address in a schema of its own. Three ways to store the same invented land grants (2 KB, 40 fields):
//!
//! * bound: bare rows of the same sizes into tables without any index, 256 messages a transaction;
//! * group: 64 clients, each waiting for its answer, through the group writer; everything intake stores of a message, with
//!   idempotency, keys, version, change row and audit chain;
//! * single: the same writes, one transaction for each message.
//!
//! All three commit with the same durability (`synchronous=FULL`, or the server's own setting).

#![expect(clippy::print_stdout, reason = "a bench reports what it measured")]
#![expect(missing_docs, reason = "no public items but the columns of one table")]
#![expect(clippy::unwrap_used, reason = "a bench stops at the first failure")]

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant as Watch;

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use hub::error::Place;
use hub::model::Schema;
use hub::store::*;
use serde_json::{Map, Value, json};

const ROUNDS: usize = 7;
const MESSAGES: usize = 4096;
const ALONE: usize = 512;
const CLIENTS: usize = 64;
const BATCH: usize = 256;

diesel::table! {
    bare (id) {
        id -> Text,
        text -> Text,
        bytes -> Binary,
    }
}

fn main() {
    let url = std::env::args().skip(1).find(|arg| arg.contains("://"));
    let directory = tempfile::tempdir().unwrap();
    let file = format!("sqlite://{}", directory.path().join("bench.db").display());
    let schema = format!("bench_{}", fresh_id(hub::clock::now()));
    let store = match &url {
        None => Store::open(&Settings::at(&file).creating()).unwrap(),
        Some(url) => {
            let admin = Store::open(&Settings::at(url)).unwrap();
            execute(&admin, &format!("CREATE SCHEMA {schema}"));
            let joint = if url.contains('?') { '&' } else { '?' };
            Store::open(&Settings::at(format!("{url}{joint}options=-csearch_path%3D{schema}"))).unwrap()
        }
    };
    let bytes = if url.is_some() { "BYTEA" } else { "BLOB" };
    store.migrate(&Schema::default(), hub::clock::now()).unwrap();
    execute(
        &store,
        &format!("CREATE TABLE bare (id TEXT NOT NULL, text TEXT NOT NULL, bytes {bytes} NOT NULL)"),
    );
    store.write(|conn| save_partner(conn, &partner())).unwrap();
    measure(&store);
    if let Some(url) = &url {
        let admin = Store::open(&Settings::at(url)).unwrap();
        execute(&admin, &format!("DROP SCHEMA {schema} CASCADE"));
    }
}

fn measure(store: &Store) {
    let grants = AtomicUsize::new(0);
    let next = || Grant::new(grants.fetch_add(1, Ordering::Relaxed));
    let sizes = next().sizes();
    println!(
        "one message: {} rows, {} bytes, 2 KB of them as received",
        sizes.len(),
        sizes.iter().sum::<usize>()
    );
    let (mut bounds, mut groups, mut singles) = (Vec::new(), Vec::new(), Vec::new());
    let mut shared = 0.0;
    for _ in 0..ROUNDS {
        bounds.push(per_second(MESSAGES, || bare_inserts(store, &sizes)));
        let writer =
            GroupWriter::start(store, GroupSettings { batch: BATCH, ..GroupSettings::default() }).unwrap();
        groups.push(per_second(MESSAGES, || in_groups(&writer, &next)));
        shared = MESSAGES as f64 / writer.stats().commits as f64;
        drop(writer);
        singles.push(per_second(ALONE, || {
            (0..ALONE).for_each(|_| drop(store.write(|conn| next().store(conn)).unwrap()))
        }));
    }
    let ratio = |of: &[f64]| median(of.iter().zip(&bounds).map(|(a, b)| a / b).collect());
    println!("bound: bare inserts        {:>8.0} messages/s", median(bounds.clone()));
    println!(
        "group: {CLIENTS} clients          {:>8.0} messages/s  ratio {:.2}  ({shared:.0} messages a commit)",
        median(groups.clone()),
        ratio(&groups)
    );
    println!(
        "single: one commit each    {:>8.0} messages/s  ratio {:.2}",
        median(singles.clone()),
        ratio(&singles)
    );
}

/// The same bytes with nothing around them.
fn bare_inserts(store: &Store, sizes: &[usize]) {
    let (text, raw) = ("x".repeat(8192), vec![b'x'; 2048]);
    for _ in 0..MESSAGES / BATCH {
        let batch = |conn: &mut Conn| {
            for _ in 0..BATCH {
                for (n, size) in sizes.iter().enumerate() {
                    let bytes = if n == 0 { raw.as_slice() } else { &[] };
                    let id = fresh_id(hub::clock::now());
                    let rest = size.saturating_sub(id.len() + bytes.len());
                    let row = (bare::id.eq(id), bare::text.eq(&text[..rest]), bare::bytes.eq(bytes));
                    diesel::insert_into(bare::table).values(row).execute(conn)?;
                }
            }
            Ok(())
        };
        store.write(batch).unwrap();
    }
}

fn in_groups(writer: &GroupWriter, next: &(impl Fn() -> Grant + Sync)) {
    std::thread::scope(|scope| {
        for _ in 0..CLIENTS {
            scope.spawn(|| {
                for _ in 0..MESSAGES / CLIENTS {
                    let grant = next();
                    writer.write(move |conn| grant.store(conn)).unwrap();
                }
            });
        }
    });
}

/// One land grant as intake would store it.
struct Grant {
    message: Message,
    raw: Vec<u8>,
    record: RecordId,
    claim: StoredClaim,
    body: Map<String, Value>,
    sources: Sources,
    keys: Vec<RecordKey>,
    search: String,
    detail: Value,
    now: DateTime<Utc>,
}

impl Grant {
    fn new(n: usize) -> Self {
        let now = hub::clock::now();
        let number = format!("3304022026B{n:08}");
        let body: Map<String, Value> = (0..40)
            .map(|i| {
                (
                    format!("field_{i:02}"),
                    if i == 0 { json!(number) } else { json!(format!("嘉兴市南湖区第{i}项 {n}")) },
                )
            })
            .collect();
        let mut raw = serde_json::to_vec(&body).unwrap();
        raw.resize(2048, b' ');
        let record = RecordId::fresh(now);
        let message = message(&number, &raw, now);
        let fields = body.iter().enumerate().map(|(i, (field, value))| StoredField {
            field: field.clone(),
            value: value.clone(),
            place: Place {
                path: format!("/result/data/0/{field}"),
                start: i as u64 * 50,
                end: i as u64 * 50 + 40,
                line: Some(i as u32),
                decoded: false,
            },
        });
        let claim = StoredClaim {
            id: ClaimId::fresh(now),
            record_id: record.clone(),
            message_id: message.id.clone(),
            kind: "parcel".into(),
            department: "natural_resources".into(),
            partner: message.partner.clone(),
            mapping: "natural-resources/land_grant@1".into(),
            row: None,
            current: true,
            claimed_at: now,
            fields: fields.collect(),
        };
        let key = |name: &str, value: String| RecordKey { name: name.into(), value };
        Self {
            sources: Sources(body.keys().map(|field| (field.clone(), claim.id.clone())).collect()),
            keys: vec![key("supervision_no", number.clone()), key("contract_no", format!("C{number}"))],
            search: body.values().filter_map(Value::as_str).take(10).collect::<Vec<_>>().join(" "),
            detail: json!({ "digest": message.digest, "accepted": 1, "refused": 0, "outcome": "accepted" }),
            message,
            raw,
            record,
            claim,
            body,
            now,
        }
    }

    fn store(&self, conn: &mut Conn) -> hub::error::Result<MessageId> {
        let it = &self.message;
        let identity = Identity {
            partner: &it.partner,
            name: &it.name,
            message_key: it.message_key.as_deref(),
            idempotency_key: it.idempotency_key.as_deref(),
            digest: &it.digest,
        };
        if let Some(known) = find_repeated(conn, identity)? {
            return Ok(known.id);
        }
        insert_message(conn, it, &self.raw)?;
        let found = find_record_by_keys(conn, "parcel", &self.keys)?;
        assert!(found.is_none(), "every grant of the bench is new");
        insert_claim(conn, &self.claim, &[])?;
        let weighed = Weighed {
            id: &self.record,
            before: None,
            kind: "parcel",
            title: "南湖区某地块",
            division: Some("330402"),
            body: &self.body,
            sources: &self.sources,
            keys: &self.keys,
            search: &self.search,
            message: Some(&it.id),
        };
        let saved = save_record(conn, &weighed, self.now)?;
        let change = NewChange {
            record: &self.record,
            kind: "parcel",
            version: saved.version,
            division: Some("330402"),
            message: Some(&it.id),
            fields: &saved.changed,
        };
        insert_change(conn, &change, self.now)?;
        reconcile_discrepancies(conn, &self.record, &[], self.now)?;
        let audit = NewAudit {
            actor: it.partner.as_str(),
            action: "message.accepted",
            object_kind: "message",
            object_id: it.id.as_str(),
            detail: &self.detail,
            trace_id: it.trace_id.as_deref(),
        };
        append_audit(conn, &audit, self.now)?;
        Ok(it.id.clone())
    }

    /// Bytes of every row [`Grant::store`] makes: message, claim, record, its search text, two keys, change, audit.
    fn sizes(&self) -> Vec<usize> {
        let body = serde_json::to_string(&self.body).unwrap();
        let fields: Vec<String> = self.body.keys().cloned().collect();
        let places: usize = self.claim.fields.iter().map(|it| it.field.len() * 2 + 20).sum();
        vec![
            self.raw.len() + 400,
            body.len() + places + 200,
            body.len() + fields.len() * 14 + 200,
            self.search.len() + 60,
            80,
            80,
            serde_json::to_string(&fields).unwrap().len() + 120,
            self.detail.to_string().len() + 300,
        ]
    }
}

fn message(key: &str, raw: &[u8], now: DateTime<Utc>) -> Message {
    Message {
        id: MessageId::fresh(now),
        partner: PartnerId::from("natural-resources"),
        name: "land_grant".into(),
        mapping_version: Some(1),
        message_key: Some(key.into()),
        idempotency_key: Some(format!("i-{key}")),
        key_id: Some("k1".into()),
        digest: hub::crypto::sha256_hex(raw).unwrap(),
        state: MessageState::Accepted,
        cause: None,
        received_at: now.into(),
        content_type: Some("application/json".into()),
        charset: Some("utf-8".into()),
        file_name: None,
        division: Some("330402".into()),
        trace_id: Some(fresh_id(now)),
        size: raw.len() as i64,
        record_count: 1,
        receipt: Json::of(&json!({ "outcome": "accepted", "accepted": 1, "refused": 0, "problems": [] }))
            .unwrap(),
        problems: Json::list(),
        replayed_from: None,
        settled_at: None,
        settled_by: None,
        settled_note: None,
    }
}

fn partner() -> Partner {
    let now = hub::clock::now().into();
    Partner {
        id: PartnerId::from("natural-resources"),
        title: "自然资源和规划局".into(),
        department: "natural_resources".into(),
        division: None,
        status: Standing::Active,
        ip_allow: Json::list(),
        quota_per_minute: None,
        created_at: now,
        updated_at: now,
    }
}

fn execute(store: &Store, sql: &str) {
    store.write(|conn| Ok(diesel::sql_query(sql).execute(conn)?)).unwrap();
}

fn per_second(count: usize, work: impl FnOnce()) -> f64 {
    let start = Watch::now();
    work();
    count as f64 / start.elapsed().as_secs_f64()
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}
