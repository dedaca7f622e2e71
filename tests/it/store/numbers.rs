//! The register of numbers: one number a document, no gap, no number twice.

use std::sync::Barrier;

use chrono::Datelike;
use hub::store::*;

use super::builders::{at, document};
use crate::support::each_db::each_db;

const SERIES: &str = "嘉人防告";

fn open_series(conn: &mut Conn) -> hub::error::Result<()> {
    save_series(
        conn,
        &NumberSeries {
            id: SERIES.into(),
            title: "告知书".into(),
            pattern: "嘉人防告字〔{year}〕第{n}号".into(),
            created_at: at(0).into(),
        },
    )
}

fn taking() -> Taking<'static> {
    Taking { series: SERIES, year: at(0).year(), by: "li", now: at(0) }
}

#[test]
fn a_document_keeps_its_number_and_the_next_gets_the_next() {
    each_db(|store| {
        store.write(open_series).unwrap();
        let (a, b) = store.write(|conn| Ok((document(conn), document(conn)))).unwrap();
        let number = |id: &DocumentId| store.write(|conn| take_number(conn, taking(), id)).unwrap();
        assert_eq!(number(&a).number, "嘉人防告字〔2026〕第1号");
        assert_eq!(number(&b).n, 2);
        assert_eq!(number(&a).n, 1, "taken again in a second window");

        let undone: hub::error::Result<()> = store.write(|conn| {
            let c = document(conn);
            take_number(conn, taking(), &c)?;
            Err(hub::error::Error::internal("the step after it failed"))
        });
        assert!(undone.is_err());
        let c = store.write(|conn| Ok(document(conn))).unwrap();
        assert_eq!(number(&c).n, 3, "an undone number is given out again");
    });
}

#[test]
fn eight_threads_take_numbers_without_gap_or_repetition() {
    const EACH: usize = 25;
    each_db(|store| {
        store.write(open_series).unwrap();
        let start = Barrier::new(8);
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    start.wait();
                    for round in 0..EACH {
                        let outcome = store.write(|conn| {
                            let id = document(conn);
                            let taken = take_number(conn, taking(), &id)?;
                            // Every fifth is undone after it was numbered.
                            if round % 5 == 4 {
                                Err(hub::error::Error::internal("undone"))
                            } else {
                                Ok(taken)
                            }
                        });
                        assert_eq!(outcome.is_err(), round % 5 == 4, "{outcome:?}");
                    }
                });
            }
        });
        let register = store.read(|conn| list_register(conn, SERIES, 2026)).unwrap();
        let numbers: Vec<i32> = register.iter().map(|row| row.n).collect();
        let expected: Vec<i32> = (1..=(8 * EACH * 4 / 5) as i32).collect();
        assert_eq!(numbers, expected);
        assert!(store.read(|conn| list_gaps(conn, SERIES, 2026)).unwrap().is_empty());
    });
}

#[test]
fn two_windows_number_one_document_once() {
    each_db(|store| {
        store.write(open_series).unwrap();
        let id = store.write(|conn| Ok(document(conn))).unwrap();
        let start = Barrier::new(8);
        let numbers: Vec<i32> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..8)
                .map(|_| {
                    scope.spawn(|| {
                        start.wait();
                        store.write(|conn| take_number(conn, taking(), &id)).unwrap().n
                    })
                })
                .collect();
            threads.into_iter().map(|it| it.join().unwrap()).collect()
        });
        assert_eq!(numbers, [1; 8]);
        assert_eq!(store.read(|conn| list_register(conn, SERIES, 2026)).unwrap().len(), 1);
    });
}

#[test]
fn reserved_void_and_opening_numbers_stay_in_the_register() {
    each_db(|store| {
        store.write(open_series).unwrap();
        store.write(|conn| open_counter(conn, SERIES, 2026, 40)).unwrap();
        assert!(store.write(|conn| open_counter(conn, SERIES, 2026, 10)).is_err());
        let reserved = store.write(|conn| reserve_number(conn, taking(), "留给年度通报")).unwrap();
        assert_eq!((reserved.n, reserved.state), (41, NumberState::Reserved));
        let id = store.write(|conn| Ok(document(conn))).unwrap();
        let used = store.write(|conn| use_reserved_number(conn, taking(), 41, &id)).unwrap();
        assert_eq!((used.state, used.document_id), (NumberState::Used, Some(id.clone())));
        let other = store.write(|conn| Ok(document(conn))).unwrap();
        let again = store.write(|conn| use_reserved_number(conn, taking(), 41, &other)).unwrap_err();
        assert_eq!(again.code, hub::error::codes::record::NUMBER_UNAVAILABLE);
        store.write(|conn| close_number(conn, SERIES, 2026, 41, NumberState::Void, "内容有误")).unwrap();
        assert_eq!(store.write(|conn| take_number(conn, taking(), &other)).unwrap().n, 42);
        let states: Vec<NumberState> = store
            .read(|conn| list_register(conn, SERIES, 2026))
            .unwrap()
            .into_iter()
            .map(|row| row.state)
            .collect();
        assert_eq!(states, [NumberState::Void, NumberState::Used]);
    });
}
