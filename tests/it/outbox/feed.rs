//! Positions: given after commit, without gaps, in the order of versions within a record.

use std::sync::mpsc::channel;

use chrono::{DateTime, Utc};
use hub::store::*;

use crate::store::builders::{at, partner};
use crate::support::each_db::{Fresh, each_db};

/// A record of its own with its first change, as intake writes them.
pub fn record(conn: &mut Conn, n: u32, when: DateTime<Utc>) -> RecordId {
    let id = RecordId::fresh(at(0));
    let body = serde_json::Map::new();
    let weighed = Weighed {
        id: &id,
        before: None,
        kind: "parcel",
        title: "地块",
        division: Some("330402"),
        body: &body,
        sources: &Sources::default(),
        keys: &[],
        search: &format!("parcel {n}"),
        message: None,
    };
    let saved = save_record(conn, &weighed, when).unwrap();
    change(conn, &id, saved.version, when);
    id
}

pub fn change(conn: &mut Conn, id: &RecordId, version: i32, when: DateTime<Utc>) {
    let change = NewChange {
        record: id,
        kind: "parcel",
        version,
        division: Some("330402"),
        message: None,
        fields: &["location".to_owned()],
    };
    insert_change(conn, &change, when).unwrap();
}

#[test]
fn a_reader_by_position_misses_nothing_though_the_first_to_write_commits_last() {
    // SQLite has one writer at a time, so the order of commits can differ from `seq` on PostgreSQL only.
    let fresh = Fresh::postgres();
    let store = fresh.migrated();
    let (wrote, has_written) = channel();
    let (go, gone) = channel::<()>();
    let slow = {
        let store = store.clone();
        std::thread::spawn(move || {
            store
                .write(|conn| {
                    let id = record(conn, 1, at(0));
                    wrote.send(id.clone()).unwrap();
                    gone.recv().unwrap();
                    Ok(id)
                })
                .unwrap()
        })
    };
    let first = has_written.recv().unwrap();
    let second = store.write(|conn| Ok(record(conn, 2, at(0)))).unwrap();
    assert_eq!(store.write(|conn| number_changes(conn, 10)).unwrap(), 1);
    let seen = |after: i64| store.read(|conn| list_feed(conn, "parcel", after, i64::MAX, 10)).unwrap();
    let page = seen(0);
    assert_eq!(page.iter().map(|it| it.change.record_id.clone()).collect::<Vec<_>>(), [second]);
    let cursor = page[0].position;

    go.send(()).unwrap();
    assert_eq!(slow.join().unwrap(), first);
    assert_eq!(store.write(|conn| number_changes(conn, 10)).unwrap(), 1);
    let page = seen(cursor);
    assert_eq!(page.len(), 1);
    assert_eq!(page[0].change.record_id, first);
    assert!(page[0].change.seq < seen(0)[0].change.seq, "it was written first and is numbered second");
    assert_eq!(page[0].position, cursor + 1);
}

#[test]
fn concurrent_numberers_give_every_change_one_position_without_gaps() {
    each_db(|store| {
        store
            .write(|conn| {
                partner(conn, "trial");
                Ok(())
            })
            .unwrap();
        let ids: Vec<RecordId> =
            store.write(|conn| Ok((0..20).map(|n| record(conn, n, at(0))).collect())).unwrap();
        std::thread::scope(|scope| {
            for writer in 0..3 {
                let ids = &ids;
                scope.spawn(move || {
                    for (n, id) in ids.iter().enumerate().filter(|(n, _)| n % 3 == writer) {
                        for version in 2..=6 {
                            store
                                .write(|conn| {
                                    change(conn, id, version, at(0));
                                    Ok(())
                                })
                                .unwrap();
                        }
                        let _ = n;
                    }
                });
            }
            for _ in 0..3 {
                scope.spawn(|| {
                    for _ in 0..15 {
                        store.write(|conn| number_changes(conn, 7)).unwrap();
                    }
                });
            }
        });
        while store.write(|conn| number_changes(conn, 7)).unwrap() > 0 {}
        let feed = store.read(|conn| list_feed(conn, "parcel", 0, i64::MAX, 1000)).unwrap();
        assert_eq!(feed.iter().map(|it| it.position).collect::<Vec<_>>(), (1..=120).collect::<Vec<i64>>());
        assert_eq!(store.read(find_feed_head).unwrap(), 120);
        for id in &ids {
            let versions: Vec<i32> =
                feed.iter().filter(|it| it.change.record_id == *id).map(|it| it.change.version).collect();
            assert_eq!(versions, (1..=6).collect::<Vec<_>>());
        }
    });
}

#[test]
fn couriers_share_the_outlets_and_take_over_from_the_dead() {
    each_db(|store| {
        store
            .write(|conn| {
                for n in 0..6 {
                    let id = partner(conn, &format!("p{n}"));
                    save_subscription(conn, &pushed(&id))?;
                }
                Ok(())
            })
            .unwrap();
        let hold = |id: &str, minutes: i64| {
            let courier = Courier { id, until: at(minutes + 2), alive_since: at(minutes - 3) };
            store.write(|conn| hold_outlets(conn, courier, at(minutes))).unwrap().len()
        };
        assert_eq!(hold("a", 0), 6, "alone, it holds all");
        assert_eq!(hold("b", 0), 0, "nothing is free yet");
        assert_eq!(hold("a", 1), 3, "it keeps its share and lets the rest run out");
        assert_eq!(hold("b", 3), 3);
        let both = |minutes: i64| {
            let mine = |id: &str| {
                let held = |it: &PartnerId| {
                    store.write(|conn| find_held_outlet(conn, it, id, at(minutes))).unwrap().is_some()
                };
                (0..6).filter(|n| held(&PartnerId::from(format!("p{n}")))).collect::<Vec<_>>()
            };
            (mine("a"), mine("b"))
        };
        let (_, b) = both(3);
        assert_eq!(b.len(), 3);
        // `a` is never seen again.
        assert_eq!(hold("b", 6), 6);
        let (a, b) = both(6);
        assert_eq!((a.len(), b.len()), (0, 6));
        store.write(|conn| release_outlets(conn, "b")).unwrap();
        assert_eq!(hold("c", 6), 6, "given back in order, free at once");
    });
}

pub fn pushed(of: &PartnerId) -> Subscription {
    Subscription {
        id: SubscriptionId::from(format!("{of}-parcels")),
        partner: of.clone(),
        title: "地块".into(),
        kind: "parcel".into(),
        fields: Json::list(),
        personal: Json::list(),
        purpose: String::new(),
        division: None,
        watched: Json::list(),
        message: None,
        answer: None,
        mode: SubscriptionMode::Push,
        url: Some("http://127.0.0.1:9/".into()),
        status: Standing::Active,
        stopped: None,
        cursor: 0,
        deadline_seconds: 3600,
        expires_at: None,
        created_at: at(0).into(),
        created_by: "test".into(),
        updated_at: at(0).into(),
    }
}
