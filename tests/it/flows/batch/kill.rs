//! The process is killed while it issues a batch: each row has its document whole or none, and in the end each has one.

use std::time::Duration;

use hub::clock;
use hub::issue::{self, Actor, BatchDeed, BatchOrder};
use hub::store::{
    BatchId, BatchState, Conn, DocumentFilter, DocumentState, ItemFilter, ItemState, Page, Store,
    count_batch_items, find_number_of, get_batch, get_document, list_batch_items, list_document_events,
    list_document_files, list_documents, list_gaps, list_register,
};

use super::{SERIES, good, office};
use crate::flows::kill::{on, open, start};
use crate::support::each_db::each_fresh;

const ROWS: usize = 60;

/// Documents that are issued; panics when a row is so by half.
fn issued(conn: &mut Conn, id: &BatchId) -> usize {
    let items = list_batch_items(conn, id, ItemFilter::default(), 1_000).unwrap();
    assert_eq!(items.len(), ROWS);
    let mut done = 0;
    for item in &items {
        let Some(document) = &item.document_id else {
            assert_eq!(item.state, ItemState::Ready, "row {}", item.row);
            continue;
        };
        done += 1;
        let document = get_document(conn, document).unwrap();
        assert_eq!((item.state, document.state), (ItemState::Done, DocumentState::Issued));
        let taken = find_number_of(conn, &document.id).unwrap().unwrap();
        assert_eq!(Some(taken.number), document.number);
        assert_eq!(list_document_files(conn, &document.id).unwrap().len(), 2);
        assert_eq!(list_document_events(conn, &document.id).unwrap().len(), 7);
    }
    // There is no document that is no row's, and no number that is no document's.
    let all = list_documents(conn, &DocumentFilter::default(), Page::first(1)).unwrap().total;
    assert_eq!(all, i64::try_from(done).unwrap());
    let year = chrono::Datelike::year(&clock::china_date(clock::now()));
    assert_eq!(list_register(conn, SERIES, year).unwrap().len(), done);
    assert_eq!(list_gaps(conn, SERIES, year).unwrap(), [] as [i32; 0]);
    done
}

fn wait(store: &Store, id: &BatchId, enough: impl Fn(i64, BatchState) -> bool) {
    let until = std::time::Instant::now() + Duration::from_secs(120);
    while std::time::Instant::now() < until {
        let (counts, batch) =
            store.read(|conn| Ok((count_batch_items(conn, id)?, get_batch(conn, id)?))).unwrap();
        if enough(counts.done, batch.state) {
            return;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    panic!("it does not go on");
}

#[test]
fn a_kill_in_the_middle_loses_no_document_and_doubles_none() {
    each_fresh(|fresh| {
        let data = tempfile::tempdir().unwrap();
        let office = office(&fresh.url);
        let id = office.signed(&good(&office.app, ROWS));
        let hub = &office.app.hub;
        let (order, who) = (BatchOrder::of(&id), Actor::operator("bianhao"));
        let begun =
            |conn: &mut Conn| issue::act_batch(conn, &hub.desk, BatchDeed::Start, &order, &who, clock::now());
        hub.store.write(begun).unwrap();
        drop(office);
        let serve = || {
            let mut command = on(fresh, data.path());
            // A worker that died is followed by another as soon as its lease has run out.
            command.env("HUB_WORKER_LEASE", "1s").env("HUB_WORKER_POLL", "100ms");
            command.arg("--fonts").arg(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fonts"));
            start(command)
        };
        let store = open(fresh);
        let mut counts = Vec::new();
        for upto in [1, 17, 30] {
            let served = serve();
            wait(&store, &id, |done, _| done >= upto);
            served.kill();
            counts.push(store.read(|conn| Ok(issued(conn, &id))).unwrap());
        }
        assert!(counts.iter().any(|it| *it < ROWS), "no kill came in between: {counts:?}");
        let served = serve();
        wait(&store, &id, |_, state| state == BatchState::Done);
        served.kill();
        assert_eq!(store.read(|conn| Ok(issued(conn, &id))).unwrap(), ROWS, "{counts:?}");
        assert_eq!(store.check_integrity().unwrap(), Vec::<String>::new());
    });
}
