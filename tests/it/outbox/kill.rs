//! Processes are killed at any moment: every change arrives at least once, once in effect, each record in order.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use hub::store::{DeliveryState, count_deliveries};

use crate::flows::kill::{client_of, kill, on, open, start};
use crate::support::command::expect;
use crate::support::each_db::{Fresh, each_fresh};
use crate::support::parcels::{message, row_with};
use crate::support::subscriber::{Got, Says, Subscriber};

const RECORDS: u32 = 20;
const VERSIONS: u32 = 12;

fn quick(mut command: Command) -> Command {
    for (name, value) in [("ALLOW", "127.0.0.1"), ("BACKOFF", "40ms"), ("POLL", "20ms"), ("LEASE", "1s")] {
        command.env(format!("HUB_OUTBOX_{name}"), value);
    }
    command
}

fn prepare(fresh: &Fresh, data: &Path, url: &str) {
    expect(0, on(fresh, data).arg("migrate"));
    expect(0, on(fresh, data).args(["--json", "partner", "list"]));
    expect(0, on(fresh, data).args(["--json", "key", "create", "trial-neighbour"]));
    let mut add = quick(on(fresh, data));
    add.args(["subscription", "add", "parcels", "--partner", "trial-neighbour", "--kind", "parcel"]);
    expect(0, add.args(["--url", url]));
}

fn send(fresh: &Fresh, data: &Path, base: &str, versions: std::ops::RangeInclusive<u32>) {
    let client = client_of("trial", fresh, data, base);
    for version in versions {
        let price = serde_json::json!({ "price": (version * 1000).to_string() });
        let rows: Vec<_> = (1..=RECORDS).map(|n| row_with(n, price.clone())).collect();
        client.send("parcels", message(&format!("M{version}"), &rows)).expect(200);
    }
}

/// What a receiver that keeps receipt ids has after everything: versions of each record in the order it took them.
fn effects(got: &[Got]) -> BTreeMap<String, Vec<i64>> {
    let mut seen = BTreeSet::new();
    let mut by_record: BTreeMap<String, Vec<i64>> = BTreeMap::new();
    for it in got.iter().filter(|it| seen.insert(it.id().to_owned())) {
        let (record, version) = it.version();
        by_record.entry(record).or_default().push(version);
    }
    by_record
}

fn is_complete(got: &[Got]) -> bool {
    let total = usize::try_from(RECORDS * VERSIONS).unwrap();
    effects(got).values().map(Vec::len).sum::<usize>() >= total
}

fn check(got: &[Got], fresh: &Fresh) {
    let by_record = effects(got);
    assert_eq!(by_record.len(), RECORDS as usize);
    for (record, versions) in by_record {
        assert_eq!(versions, (1..=i64::from(VERSIONS)).collect::<Vec<_>>(), "{record}");
    }
    let now = hub::clock::now();
    let hour = chrono::TimeDelta::hours(1);
    let store = open(fresh);
    // The last answers may not be written yet.
    let patience = std::time::Instant::now() + std::time::Duration::from_secs(30);
    loop {
        let counts = store.read(|conn| count_deliveries(conn, now - hour, now + hour)).unwrap();
        let shown: Vec<_> = counts.iter().map(|it| (it.2, it.3)).collect();
        if shown == [(DeliveryState::Delivered, i64::from(RECORDS * VERSIONS))] {
            return;
        }
        assert!(std::time::Instant::now() < patience, "{shown:?}");
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
}

fn work(fresh: &Fresh, data: &Path) -> Child {
    let mut command = quick(on(fresh, data));
    command.arg("work").env("HUB_LOG_LEVEL", "off").stdout(Stdio::null()).stderr(Stdio::null());
    command.spawn().unwrap()
}

#[test]
fn a_hub_killed_while_it_delivers_loses_nothing_and_doubles_nothing_in_effect() {
    each_fresh(|fresh| {
        let data = tempfile::tempdir().unwrap();
        let neighbour = Subscriber::with(|_| Says::status(200).after(std::time::Duration::from_millis(5)));
        prepare(fresh, data.path(), &neighbour.base);
        let mut served = Some(start(quick(on(fresh, data.path()))));
        let base = served.as_ref().unwrap().base.clone();
        send(fresh, data.path(), &base, 1..=VERSIONS);
        for so_many in [30, 90, 150] {
            neighbour.wait(|got| got.len() >= so_many);
            // The first round kills the server that also took the messages; later ones workers alone.
            if let Some(served) = served.take() {
                served.kill();
            }
            let child = work(fresh, data.path());
            neighbour.wait(|got| got.len() >= so_many + 30);
            kill(child);
        }
        let last = work(fresh, data.path());
        let got = neighbour.wait(is_complete);
        check(&got, fresh);
        kill(last);
    });
}

#[test]
fn several_processes_share_the_partners_and_send_nothing_twice() {
    let fresh = Fresh::postgres();
    let data = tempfile::tempdir().unwrap();
    let neighbour = Subscriber::start();
    prepare(&fresh, data.path(), &neighbour.base);
    // A second partner, so that both processes have one.
    expect(0, on(&fresh, data.path()).args(["--json", "key", "create", "trial"]));
    let own = Subscriber::start();
    let mut add = quick(on(&fresh, data.path()));
    add.args(["subscription", "add", "own", "--partner", "trial", "--kind", "parcel"]);
    expect(0, add.args(["--url", &own.base]));

    let workers = [work(&fresh, data.path()), work(&fresh, data.path())];
    let served = start(quick(on(&fresh, data.path())));
    send(&fresh, data.path(), &served.base, 1..=VERSIONS);
    for subscriber in [&neighbour, &own] {
        let got = subscriber.wait(is_complete);
        assert_eq!(got.len(), usize::try_from(RECORDS * VERSIONS).unwrap(), "nothing was sent twice");
        for (record, versions) in effects(&got) {
            assert_eq!(versions, (1..=i64::from(VERSIONS)).collect::<Vec<_>>(), "{record}");
        }
    }
    workers.into_iter().for_each(kill);
    served.kill();
}
