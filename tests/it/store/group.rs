//! Group commit: every answer true, the failing one alone undone, nothing lost at the end.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Barrier, mpsc};

use hub::error::{Error, codes};
use hub::store::*;

use super::builders::{at, claim, message, partner};
use crate::support::each_db::{each_db, each_fresh};

fn put(conn: &mut Conn, key: &str) -> hub::error::Result<()> {
    set_setting(conn, key, "1", "test", at(0))
}

fn keys(store: &Store) -> Vec<String> {
    store
        .read(list_settings)
        .unwrap()
        .into_iter()
        .map(|(key, _)| key)
        .filter(|key| !key.starts_with("store."))
        .collect()
}

#[test]
fn failing_closures_are_undone_alone() {
    const THREADS: usize = 8;
    const EACH: usize = 40;
    each_db(|store| {
        let writer = GroupWriter::start(store, GroupSettings::default()).unwrap();
        let start = Barrier::new(THREADS);
        std::thread::scope(|scope| {
            for thread in 0..THREADS {
                let (writer, start) = (&writer, &start);
                scope.spawn(move || {
                    start.wait();
                    for n in 0..EACH {
                        let key = format!("k{thread:02}-{n:02}");
                        let outcome = writer.write(move |conn| {
                            put(conn, &key)?;
                            match n % 4 {
                                1 => Err(Error::new(codes::record::STALE, "试验")),
                                // A statement the database refuses: on PostgreSQL it spoils everything up to its savepoint.
                                2 => grant_role(conn, &AccountId::from("nobody"), Role::Viewer, "x", at(0)),
                                3 => panic!("a closure that panics"),
                                _ => Ok(()),
                            }
                        });
                        let code = outcome.err().map(|error| error.code);
                        let expected = [
                            None,
                            Some(codes::record::STALE),
                            Some(codes::record::BROKEN_LINK),
                            Some(codes::machine::INTERNAL),
                        ][n % 4];
                        assert_eq!(code, expected, "{n}");
                    }
                });
            }
        });
        let stats = writer.stats();
        assert_eq!((stats.answered, stats.waiting), ((THREADS * EACH) as u64, 0));
        let kept = keys(store);
        assert_eq!(kept.len(), THREADS * EACH / 4, "{kept:?}");
        assert!(kept.iter().all(|key| key[4..].parse::<usize>().unwrap() % 4 == 0));
    });
}

#[test]
fn waiting_closures_share_a_commit() {
    each_fresh(|fresh| {
        let store = fresh.migrated();
        let writer =
            GroupWriter::start(&store, GroupSettings { writers: 1, ..GroupSettings::default() }).unwrap();
        let (gate, opened) = mpsc::channel::<()>();
        let (answers, answered) = mpsc::channel();
        let (begun, has_begun) = mpsc::channel::<()>();
        // The first holds the writer until twenty more wait behind it.
        let hold = move |_: &mut Conn| {
            begun.send(()).unwrap();
            opened.recv().map_err(Error::internal)
        };
        writer.submit(hold, |outcome| outcome.unwrap()).unwrap();
        has_begun.recv().unwrap();
        for n in 0..20 {
            let answers = answers.clone();
            let work = move |conn: &mut Conn| {
                put(conn, &format!("k{n:02}"))?;
                if n % 5 == 4 { Err(Error::new(codes::record::STALE, "试验")) } else { Ok(()) }
            };
            writer.submit(work, move |outcome| answers.send((n, outcome.is_ok())).unwrap()).unwrap();
        }
        gate.send(()).unwrap();
        for _ in 0..20 {
            let (n, kept) = answered.recv().unwrap();
            assert_eq!(kept, n % 5 != 4, "{n}");
        }
        assert_eq!(writer.stats().commits, 2, "one for the first, one for the twenty");
        assert_eq!(keys(&store).len(), 16);
    });
}

#[test]
fn when_the_commit_fails_each_is_tried_alone() {
    each_fresh(|fresh| {
        let store = fresh.migrated();
        let it = store
            .write(|conn| {
                let sender = partner(conn, "tax");
                let it = message(&sender, "m");
                insert_message(conn, &it, b"{}")?;
                Ok(it)
            })
            .unwrap();
        let writer =
            GroupWriter::start(&store, GroupSettings { writers: 1, ..GroupSettings::default() }).unwrap();
        let (gate, opened) = mpsc::channel::<()>();
        let (begun, has_begun) = mpsc::channel::<()>();
        let (answers, answered) = mpsc::channel();
        let hold = move |_: &mut Conn| {
            begun.send(()).unwrap();
            opened.recv().map_err(Error::internal)
        };
        writer.submit(hold, |outcome| outcome.unwrap()).unwrap();
        has_begun.recv().unwrap();
        for n in 0..6 {
            let (it, answers) = (it.clone(), answers.clone());
            let work = move |conn: &mut Conn| {
                put(conn, &format!("k{n}"))?;
                if n == 3 {
                    // The record of this claim never comes; the database finds out at COMMIT.
                    let orphan = claim(&RecordId::from("nowhere"), &it, "tax", at(0), &[]);
                    insert_claim(conn, &orphan, &[])?;
                }
                Ok(())
            };
            let answer = move |outcome: hub::error::Result<()>| {
                answers.send((n, outcome.err().map(|error| error.code))).unwrap();
            };
            writer.submit(work, answer).unwrap();
        }
        gate.send(()).unwrap();
        for _ in 0..6 {
            let (n, code) = answered.recv().unwrap();
            assert_eq!(code, (n == 3).then_some(codes::record::BROKEN_LINK), "{n}");
        }
        assert_eq!(keys(&store), ["k0", "k1", "k2", "k4", "k5"]);
        writer.write(|conn| put(conn, "after")).unwrap();
    });
}

#[test]
fn a_full_queue_says_busy_and_closing_answers_what_was_submitted() {
    each_db(|store| {
        let writer = GroupWriter::start(store, GroupSettings { queue: 3, batch: 1, writers: 1 }).unwrap();
        let (gate, opened) = mpsc::channel::<()>();
        let (begun, has_begun) = mpsc::channel::<()>();
        let answered = Arc::new(AtomicU32::new(0));
        let count = |answered: &Arc<AtomicU32>| {
            let answered = Arc::clone(answered);
            move |outcome: hub::error::Result<()>| {
                outcome.unwrap();
                answered.fetch_add(1, Ordering::SeqCst);
            }
        };
        let hold = move |_: &mut Conn| {
            begun.send(()).unwrap();
            opened.recv().unwrap();
            Ok(())
        };
        writer.submit(hold, count(&answered)).unwrap();
        has_begun.recv().unwrap();
        for n in 0..3 {
            writer.submit(move |conn| put(conn, &format!("k{n}")), count(&answered)).unwrap();
        }
        let full = writer.submit(|conn| put(conn, "too much"), |_| ()).unwrap_err();
        assert_eq!(full.code, codes::machine::BUSY);
        assert!(full.code.info().retry);

        std::thread::scope(|scope| {
            scope.spawn(|| writer.close());
            gate.send(()).unwrap();
        });
        assert_eq!(answered.load(Ordering::SeqCst), 4);
        assert_eq!(keys(store), ["k0", "k1", "k2"]);
        let late = writer.write(|conn| put(conn, "late")).unwrap_err();
        assert_eq!(late.code, codes::machine::SHUTTING_DOWN);
    });
}
