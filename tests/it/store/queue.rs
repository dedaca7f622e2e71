//! The queue: every job done once, in order where order counts, whoever dies.

use std::collections::BTreeMap;
use std::sync::{Barrier, Mutex};

use chrono::{DateTime, TimeDelta, Utc};
use hub::store::*;
use serde_json::json;

use super::builders::at;
use crate::support::each_db::each_db;

fn job<'a>(payload: &'a serde_json::Value, order_key: Option<&'a str>) -> NewJob<'a, serde_json::Value> {
    NewJob { kind: "deliver", payload, order_key, dedup_key: None, priority: 0, run_at: at(0), max_tries: 3 }
}

fn taker(owner: &str) -> Taker<'_> {
    Taker { owner, lease: TimeDelta::minutes(5), kinds: &["deliver"] }
}

fn take(store: &Store, owner: &str, limit: i64, now: DateTime<Utc>) -> Vec<Job> {
    store.write(|conn| claim_jobs(conn, taker(owner), limit, now)).unwrap()
}

#[test]
fn eight_workers_do_every_job_once_and_each_key_in_order() {
    const KEYS: u64 = 5;
    const EACH: u64 = 12;
    each_db(|store| {
        for n in 0..EACH {
            store
                .write(|conn| {
                    for key in 0..KEYS {
                        enqueue(conn, &job(&json!({ "key": key, "n": n }), Some(&format!("k{key}"))), at(0))?;
                    }
                    enqueue(conn, &job(&json!({ "key": 99, "n": n }), None), at(0))
                })
                .unwrap();
        }
        let total = ((KEYS + 1) * EACH) as usize;
        let done: Mutex<Vec<(u64, u64)>> = Mutex::default();
        let start = Barrier::new(8);
        std::thread::scope(|scope| {
            for worker in 0..8 {
                let (done, start) = (&done, &start);
                scope.spawn(move || {
                    let owner = format!("w{worker}");
                    start.wait();
                    while done.lock().unwrap().len() < total {
                        for job in take(store, &owner, 3, at(1)) {
                            let payload: serde_json::Value = job.payload.read().unwrap();
                            let pair = (payload["key"].as_u64().unwrap(), payload["n"].as_u64().unwrap());
                            // Noted before it is finished: a second holder of the same key would show as disorder.
                            done.lock().unwrap().push(pair);
                            assert!(store.write(|conn| finish_job(conn, &job, at(2))).unwrap());
                        }
                    }
                });
            }
        });
        let done = done.into_inner().unwrap();
        assert_eq!(done.len(), total, "some job was done twice");
        let mut by_key: BTreeMap<u64, Vec<u64>> = BTreeMap::new();
        done.into_iter().for_each(|(key, n)| by_key.entry(key).or_default().push(n));
        for key in 0..KEYS {
            assert_eq!(by_key[&key], (0..EACH).collect::<Vec<_>>(), "order of key {key}");
        }
    });
}

#[test]
fn a_lease_that_ran_out_goes_to_another_and_the_first_holder_is_told() {
    each_db(|store| {
        store.write(|conn| enqueue(conn, &job(&json!(1), None), at(0))).unwrap();
        let first = take(store, "a", 1, at(0)).pop().unwrap();
        assert!(take(store, "b", 1, at(4)).is_empty(), "still held");
        let second = take(store, "b", 1, at(6)).pop().unwrap();
        assert_eq!((second.id.clone(), second.tries), (first.id.clone(), 2));
        assert!(!store.write(|conn| finish_job(conn, &first, at(6))).unwrap(), "lost its lease");
        assert!(!store.write(|conn| extend_lease(conn, &first, at(20))).unwrap());
        assert!(store.write(|conn| extend_lease(conn, &second, at(20))).unwrap());
        assert!(take(store, "a", 1, at(15)).is_empty(), "held longer");
        assert!(store.write(|conn| finish_job(conn, &second, at(16))).unwrap());
    });
}

#[test]
fn a_job_that_keeps_failing_is_given_up_and_lets_the_next_of_its_key_pass() {
    each_db(|store| {
        store
            .write(|conn| {
                enqueue(conn, &job(&json!("bad"), Some("k")), at(0))?;
                enqueue(conn, &job(&json!("good"), Some("k")), at(0))
            })
            .unwrap();
        for tries in 1..=3 {
            let held = take(store, "a", 9, at(tries * 10));
            let [bad] = held.as_slice() else { panic!("the second waits for the first: {held:?}") };
            let state = store
                .write(|conn| retry_job(conn, bad, "对方无响应", at(tries * 10 + 5), at(tries * 10)))
                .unwrap();
            assert_eq!(state, if tries < 3 { JobState::Ready } else { JobState::Dead });
        }
        let good = take(store, "a", 9, at(40)).pop().unwrap();
        assert_eq!(good.payload.as_str(), "\"good\"");

        let dead = store.read(|conn| list_jobs(conn, Some(JobState::Dead), Page::first(10))).unwrap();
        assert_eq!((dead.total, dead.rows[0].last_error.as_deref()), (1, Some("对方无响应")));
        store.write(|conn| finish_job(conn, &good, at(41))).unwrap();
        store.write(|conn| revive_job(conn, &dead.rows[0].id, 3, at(50))).unwrap();
        assert_eq!(take(store, "a", 9, at(50)).len(), 1);
    });
}

#[test]
fn a_job_is_not_taken_before_its_time_nor_enqueued_twice_under_one_dedup_key() {
    each_db(|store| {
        let payload = json!(1);
        let later = NewJob { run_at: at(60), dedup_key: Some("digest"), ..job(&payload, None) };
        assert!(store.write(|conn| enqueue(conn, &later, at(0))).unwrap().is_some());
        assert!(store.write(|conn| enqueue(conn, &later, at(0))).unwrap().is_none());
        assert!(take(store, "a", 1, at(59)).is_empty());
        let held = take(store, "a", 1, at(60)).pop().unwrap();
        store.write(|conn| finish_job(conn, &held, at(61))).unwrap();
        assert!(
            store.write(|conn| enqueue(conn, &later, at(62))).unwrap().is_some(),
            "done, so a new one may come"
        );
        assert_eq!(store.write(|conn| purge_jobs(conn, at(120))).unwrap(), 1);
    });
}
