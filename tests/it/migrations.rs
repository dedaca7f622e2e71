//! The migrations of both trees: they go up, down and up again, agree with each other and with `schema.rs`.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use diesel::prelude::*;
use diesel::sql_types::Text;
use hub::model::Schema;
use hub::store::{Address, Store};

use crate::support::each_db::{each_db, each_fresh};

#[test]
fn both_trees_hold_the_same_folders_with_up_and_down() {
    let folders = |tree: &str| -> BTreeSet<String> {
        let tree = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations").join(tree);
        std::fs::read_dir(tree)
            .unwrap()
            .map(|entry| {
                let entry = entry.unwrap();
                for file in ["up.sql", "down.sql"] {
                    assert!(entry.path().join(file).exists(), "{:?} lacks {file}", entry.path());
                }
                entry.file_name().into_string().unwrap()
            })
            .collect()
    };
    assert_eq!(folders("sqlite"), folders("postgres"));
}

#[test]
fn up_down_up_leads_to_the_same_tables() {
    each_fresh(|fresh| {
        let store = fresh.open();
        let now = hub::clock::now();
        assert!(!store.migration_status().unwrap().is_current());
        assert_eq!(store.require_current().unwrap_err().code, hub::error::codes::machine::SCHEMA_BEHIND);

        let done = store.migrate(&Schema::default(), now).unwrap();
        assert!(!done.is_empty());
        assert!(store.migrate(&Schema::default(), now).unwrap().is_empty());
        store.require_current().unwrap();
        let first = describe(&store);
        assert!(first.len() > 60, "{first:#?}");

        assert_eq!(store.revert_all().unwrap().len(), done.len());
        let left: Vec<String> =
            describe(&store).into_iter().filter(|it| !it.contains("__diesel_schema_migrations")).collect();
        assert_eq!(left, Vec::<String>::new());

        store.migrate(&Schema::default(), now).unwrap();
        assert_eq!(describe(&store), first);
    });
}

#[test]
fn every_column_is_as_schema_rs_says() {
    let said = said();
    for (table, columns) in &said {
        assert!(columns.len() <= 32, "{table} is wider than 32 columns");
    }
    each_db(|store| {
        let is_sqlite = matches!(store.address(), Address::Sqlite(_));
        let mut real: BTreeMap<String, BTreeMap<String, String>> = BTreeMap::new();
        for row in query(store, if is_sqlite { SQLITE_COLUMNS } else { POSTGRES_COLUMNS }) {
            let [table, column, ty] = row.split('|').collect::<Vec<_>>().try_into().unwrap();
            real.entry(table.into()).or_default().insert(column.into(), ty.into());
        }
        let expected: BTreeMap<_, BTreeMap<_, _>> = said
            .iter()
            .map(|(table, columns)| {
                let columns = columns.iter().map(|(name, ty)| (name.clone(), native(ty, is_sqlite)));
                (table.clone(), columns.collect())
            })
            .collect();
        assert_eq!(real, expected);
    });
}

#[test]
fn every_foreign_key_has_an_index() {
    each_db(|store| {
        let is_sqlite = matches!(store.address(), Address::Sqlite(_));
        let keys = query(store, if is_sqlite { SQLITE_KEYS } else { POSTGRES_KEYS });
        assert!(keys.len() > 20, "{keys:?}");
        let indexes = query(store, if is_sqlite { SQLITE_INDEXES } else { POSTGRES_INDEXES });
        let bare: Vec<_> = keys.iter().filter(|key| !indexes.contains(key)).collect();
        assert!(bare.is_empty(), "no index begins with {bare:?}");
    });
}

/// Tables, columns and types as written in `src/schema.rs` and its parts; `?` marks what may be null.
fn said() -> BTreeMap<String, BTreeMap<String, String>> {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut text = std::fs::read_to_string(src.join("schema.rs")).unwrap();
    for part in std::fs::read_dir(src.join("schema")).unwrap() {
        text.push_str(&std::fs::read_to_string(part.unwrap().path()).unwrap());
    }
    let mut tables: BTreeMap<String, BTreeMap<String, String>> = BTreeMap::new();
    let mut table = String::new();
    for line in text.lines().map(str::trim) {
        if let Some((name, rest)) = line.split_once(" (")
            && rest.ends_with(") {")
        {
            table = name.to_owned();
        } else if let Some((column, ty)) = line.split_once(" -> ")
            && let Some(ty) = ty.strip_suffix(',')
        {
            let ty = match ty.strip_prefix("Nullable<") {
                Some(inner) => format!("{}?", inner.trim_end_matches('>')),
                None => ty.to_owned(),
            };
            tables.entry(table.clone()).or_default().insert(column.to_owned(), ty);
        }
    }
    tables
}

/// The type of a column in the words of one database.
fn native(ty: &str, is_sqlite: bool) -> String {
    let (plain, null) = ty.strip_suffix('?').map_or((ty, ""), |plain| (plain, "?"));
    let native = match (plain, is_sqlite) {
        ("Text", true) => "TEXT",
        ("Integer", true) => "INTEGER",
        ("BigInt", true) => "BIGINT",
        ("Bool", true) => "BOOLEAN",
        ("Date", true) => "DATE",
        ("Timestamp", true) => "TIMESTAMP",
        ("Binary", true) => "BLOB",
        ("Text", false) => "text",
        ("Integer", false) => "integer",
        ("BigInt", false) => "bigint",
        ("Bool", false) => "boolean",
        ("Date", false) => "date",
        ("Timestamp", false) => "timestamp without time zone",
        ("Binary", false) => "bytea",
        other => panic!("no rule for {other:?}"),
    };
    format!("{native}{null}")
}

// An integer that SQLite numbers by itself must be called INTEGER there; it is 64 bits wide all the same.
const SQLITE_COLUMNS: &str = r#"
    SELECT t.name || '|' || c.name || '|'
        || CASE WHEN t.sql LIKE '%AUTOINCREMENT%' AND c.pk = 1 THEN 'BIGINT' ELSE c.type END
        || CASE WHEN c."notnull" = 1 THEN '' ELSE '?' END AS line
    FROM sqlite_master AS t, pragma_table_info(t.name) AS c
    WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite_%' AND t.name NOT LIKE '\_\_diesel%' ESCAPE '\'"#;

const POSTGRES_COLUMNS: &str = r"
    SELECT table_name || '|' || column_name || '|' || data_type
        || CASE WHEN is_nullable = 'NO' THEN '' ELSE '?' END AS line
    FROM information_schema.columns
    WHERE table_schema = current_schema() AND table_name NOT LIKE '\_\_diesel%'";

const SQLITE_KEYS: &str = r#"
    SELECT t.name || '.' || k."from" AS line
    FROM sqlite_master AS t, pragma_foreign_key_list(t.name) AS k
    WHERE t.type = 'table'"#;

const SQLITE_INDEXES: &str = r"
    SELECT t.name || '.' || c.name AS line
    FROM sqlite_master AS t, pragma_index_list(t.name) AS i, pragma_index_info(i.name) AS c
    WHERE t.type = 'table' AND c.seqno = 0";

const POSTGRES_KEYS: &str = r"
    SELECT t.relname || '.' || a.attname AS line
    FROM pg_constraint AS k
    JOIN pg_class AS t ON t.oid = k.conrelid
    JOIN pg_attribute AS a ON a.attrelid = t.oid AND a.attnum = k.conkey[1]
    WHERE k.contype = 'f' AND t.relnamespace = current_schema()::regnamespace";

const POSTGRES_INDEXES: &str = r"
    SELECT t.relname || '.' || a.attname AS line
    FROM pg_index AS i
    JOIN pg_class AS t ON t.oid = i.indrelid
    JOIN pg_attribute AS a ON a.attrelid = t.oid AND a.attnum = i.indkey[0]
    WHERE t.relnamespace = current_schema()::regnamespace";

/// Everything the database says of its tables and indexes, in order.
fn describe(store: &Store) -> Vec<String> {
    let statements: &[&str] = match store.address() {
        Address::Sqlite(_) => &[
            "SELECT name || ': ' || COALESCE(sql, '') AS line FROM sqlite_master WHERE name NOT LIKE 'sqlite_%'",
            "SELECT 'head ' || lane || ' ' || seq || ' ' || hash AS line FROM audit_head",
        ],
        Address::Postgres(_) => &[
            POSTGRES_COLUMNS,
            "SELECT indexdef AS line FROM pg_indexes WHERE schemaname = current_schema()",
            "SELECT conname || ': ' || pg_get_constraintdef(oid) AS line FROM pg_constraint
             WHERE connamespace = current_schema()::regnamespace",
        ],
    };
    let mut lines: Vec<String> = statements.iter().flat_map(|sql| query_if_there(store, sql)).collect();
    lines.sort();
    lines
}

fn query(store: &Store, sql: &str) -> Vec<String> {
    lines(store, sql).unwrap()
}

/// The lines, or none when a table is gone.
fn query_if_there(store: &Store, sql: &str) -> Vec<String> {
    lines(store, sql).unwrap_or_default()
}

fn lines(store: &Store, sql: &str) -> hub::error::Result<Vec<String>> {
    #[derive(QueryableByName)]
    struct Line {
        #[diesel(sql_type = Text)]
        line: String,
    }
    let found: Vec<Line> = store.read(|conn| Ok(diesel::sql_query(sql).load(conn)?))?;
    Ok(found.into_iter().map(|it| it.line).collect())
}
