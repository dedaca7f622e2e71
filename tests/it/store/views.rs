//! The analysts' views: one per kind of the shipped model, typed, following the model.

use std::path::Path;

use diesel::prelude::*;
use diesel::sql_types::Text;
use hub::model::Schema;
use hub::store::*;
use serde_json::{Map, json};

use super::builders::{at, message, partner};
use crate::support::each_db::each_fresh;

/// A kind with a field of every type.
const TREE: &str = r#"
title = "树"
description = "试验用"
order = 1
keys = [["tag"]]
label = ["tag"]
sensitivity = "open"

[fields]
tag = { title = "编号", type = "text", required = true }
count = { title = "数", type = "integer" }
height = { title = "高", type = "decimal:2", unit = "米" }
price = { title = "价", type = "money" }
shade = { title = "荫", type = "area" }
planted_on = { title = "种植日期", type = "date" }
seen_at = { title = "巡查时间", type = "instant" }
alive = { title = "存活", type = "boolean" }
names = { title = "别名", type = "list:text" }
"#;

fn model(tree: &str) -> Schema {
    Schema::load(&[("tree.toml".to_owned(), tree.to_owned())]).unwrap()
}

fn shipped() -> Schema {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("mappings/model");
    let mut files = Vec::new();
    for folder in [root.clone(), root.join("codes")] {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_some_and(|it| it == "toml") {
                let name = path.strip_prefix(&root).unwrap().to_str().unwrap().to_owned();
                files.push((name, std::fs::read_to_string(path).unwrap()));
            }
        }
    }
    Schema::load(&files).unwrap()
}

fn line(store: &Store, sql: &str) -> hub::error::Result<String> {
    #[derive(QueryableByName)]
    struct Line {
        #[diesel(sql_type = Text)]
        line: String,
    }
    store.read(|conn| Ok(diesel::sql_query(sql).get_result::<Line>(conn)?.line))
}

#[test]
fn a_view_gives_every_field_its_type() {
    each_fresh(|fresh| {
        let store = fresh.open();
        store.migrate(&model(TREE), at(0)).unwrap();
        let body: Map<_, _> = serde_json::from_value(json!({
            "tag": "甲-1", "count": 7, "height": "3.25", "price": "1234567.89", "shade": "12.50",
            "planted_on": "2026-03-12", "seen_at": "2026-03-02T01:00:00Z", "alive": true, "names": ["a", "b"]
        }))
        .unwrap();
        store
            .write(|conn| {
                let it = message(&partner(conn, "tax"), "m");
                insert_message(conn, &it, b"{}")?;
                for kind in ["tree", "bush"] {
                    let weighed = Weighed {
                        id: &RecordId::fresh(at(0)),
                        before: None,
                        kind,
                        title: "甲-1",
                        division: Some("330402"),
                        body: &body,
                        sources: &Sources::default(),
                        keys: &[],
                        search: "",
                        message: Some(&it.id),
                    };
                    save_record(conn, &weighed, at(0))?;
                }
                Ok(())
            })
            .unwrap();
        let reckoned = match store.address() {
            Address::Sqlite(_) => {
                "SELECT printf('%d %.2f %.2f %.2f %s %s %d %s %s', count + 1, height * 2, price + 0.01, shade * 2,
                     date(planted_on, '+1 day'), record_division, alive, names ->> 1, record_title) AS line FROM v_tree"
            }
            Address::Postgres(_) => {
                "SELECT concat_ws(' ', count + 1, height * 2, price + 0.01, shade * 2, planted_on + 1,
                     record_division, alive::int, names ->> 1, record_title) AS line FROM v_tree WHERE seen_at < now()"
            }
        };
        let expected = "8 6.50 1234567.90 25.00 2026-03-13 330402 1 b 甲-1";
        assert_eq!(line(&store, reckoned).unwrap(), expected);
    });
}

#[test]
fn views_follow_the_model() {
    each_fresh(|fresh| {
        let store = fresh.open();
        let count = "SELECT CAST(COUNT(*) AS TEXT) AS line FROM v_tree";
        store.migrate(&model(TREE), at(0)).unwrap();
        assert_eq!(line(&store, count).unwrap(), "0");
        let grown = format!("{TREE}\nrings = {{ title = \"年轮\", type = \"integer\" }}\n");
        store.migrate(&model(&grown), at(0)).unwrap();
        assert_eq!(line(&store, "SELECT CAST(COUNT(rings) AS TEXT) AS line FROM v_tree").unwrap(), "0");
        store.migrate(&Schema::default(), at(0)).unwrap();
        assert!(line(&store, count).is_err(), "the kind is gone, so is its view");
    });
}

#[test]
fn every_kind_of_the_shipped_model_has_a_view() {
    let schema = shipped();
    assert!(schema.kinds().count() > 10);
    each_fresh(|fresh| {
        let store = fresh.open();
        store.migrate(&schema, at(0)).unwrap();
        for kind in schema.kinds() {
            let columns: Vec<&str> = kind.fields.iter().map(|field| field.name.as_str()).collect();
            let sql = format!(
                "SELECT CAST(COUNT(*) AS TEXT) AS line FROM (SELECT \"{}\" FROM v_{}) AS it",
                columns.join("\", \""),
                kind.name
            );
            assert_eq!(line(&store, &sql).unwrap(), "0", "{}", kind.name);
        }
        store.revert_all().unwrap();
    });
}
