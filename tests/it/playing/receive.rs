//! The kit receives: it checks the seal, enters what came, and the hub delivers through every misdeed once in effect and in order.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::outbox::{QUICK, Working, subscribe, wish};
use crate::support::app::App;
use crate::support::command::{expect, hub};
use crate::support::parcels::{message, row_with};

/// A running kit that receives; killed when it is dropped.
struct Receiver {
    child: Child,
    base: String,
}

impl Receiver {
    fn start(dir: &Path, secret: &str, book: &Path, more: &[&str]) -> Self {
        let mut command: Command = hub(dir);
        command.args([
            "--json",
            "partner",
            "play",
            "trial-neighbour",
            "--webhook-secret",
            secret,
            "--record",
        ]);
        command.arg(book).args(more).env("HUB_LOG_LEVEL", "off").stdout(Stdio::null()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let line = lines.next().expect("the kit says where it listens").unwrap();
        let base = line.split_once("http://").unwrap_or_else(|| panic!("{line}")).1;
        Self { child, base: format!("http://{base}") }
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        let _gone = self.child.kill();
        let _gone = self.child.wait();
    }
}

fn entries(book: &Path) -> Vec<Value> {
    let text = std::fs::read_to_string(book).unwrap_or_default();
    text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect()
}

#[track_caller]
fn wait(book: &Path, holds: impl Fn(&[Value]) -> bool) -> Vec<Value> {
    let patience = Instant::now() + Duration::from_secs(60);
    loop {
        let entries = entries(book);
        if holds(&entries) {
            return entries;
        }
        assert!(Instant::now() < patience, "waited in vain: {entries:#?}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// Versions of each record in the order in which they were first taken.
fn effects(entries: &[Value]) -> BTreeMap<String, Vec<i64>> {
    let mut by_record: BTreeMap<String, Vec<i64>> = BTreeMap::new();
    for it in entries.iter().filter(|it| it["taken"] == true && it["repeat"] == false) {
        let record = it["record"].as_str().unwrap().to_owned();
        by_record.entry(record).or_default().push(it["version"].as_i64().unwrap());
    }
    by_record
}

fn secret_of(app: &App, key: &str) -> String {
    format!("whsec_{}", hub::crypto::base64(&app.hub.keys.webhook_secret(key).unwrap()))
}

fn send(app: &App, versions: std::ops::RangeInclusive<u32>) {
    let client = app.partner("trial");
    for version in versions {
        let price = json!({ "price": (version * 1000).to_string() });
        let rows: Vec<_> = (1..=8).map(|n| row_with(n, price.clone())).collect();
        client.send("parcels", message(&format!("M{version}"), &rows)).expect(200);
    }
}

const VERSIONS: u32 = 5;

fn is_complete(entries: &[Value]) -> bool {
    effects(entries).values().map(Vec::len).sum::<usize>() >= 8 * VERSIONS as usize
}

#[test]
fn deliveries_arrive_once_in_effect_and_in_order_through_every_misdeed() {
    let app = App::with(QUICK);
    let (dir, book) = (tempfile::tempdir().unwrap(), tempfile::NamedTempFile::new().unwrap());
    let secret = secret_of(&app, &app.partner("trial-neighbour").key);
    let misdeeds = [
        ["--receive", "127.0.0.1:0"],
        ["--wrong-answer", "20%"],
        ["--drop-connection", "20%"],
        ["--slow", "10%"],
        ["--slow-by", "1500"],
        ["--seed", "5"],
    ]
    .concat();
    let receiver = Receiver::start(dir.path(), &secret, book.path(), &misdeeds);
    subscribe(&app, &wish("parcels", Some(&receiver.base)));
    let _working = Working::start(&app);
    send(&app, 1..=VERSIONS);
    let entries = wait(book.path(), is_complete);
    for (record, versions) in effects(&entries) {
        assert_eq!(versions, (1..=i64::from(VERSIONS)).collect::<Vec<_>>(), "{record}");
    }
    assert!(entries.iter().all(|it| it["seal"] == "sound"), "{entries:#?}");
    let of = |name: &str| entries.iter().any(|it| it["misdeeds"].as_array().unwrap().contains(&name.into()));
    assert!(of("wrong_answer") && of("drop_connection") && of("slow"));
    assert!(entries.iter().any(|it| it["repeat"] == true), "an answer that was lost is asked for again");
}

#[test]
fn a_receiver_that_was_killed_knows_what_it_had_taken() {
    let app = App::with(QUICK);
    let (dir, book) = (tempfile::tempdir().unwrap(), tempfile::NamedTempFile::new().unwrap());
    let secret = secret_of(&app, &app.partner("trial-neighbour").key);
    // Every third is taken without an answer: the last thing the first process knew of it.
    let first = Receiver::start(
        dir.path(),
        &secret,
        book.path(),
        &["--receive", "127.0.0.1:0", "--drop-connection", "1"],
    );
    let address = first.base.trim_start_matches("http://").to_owned();
    subscribe(&app, &wish("parcels", Some(&first.base)));
    let _working = Working::start(&app);
    send(&app, 1..=1);
    wait(book.path(), |it| it.len() >= 8);
    drop(first);
    let _second = Receiver::start(dir.path(), &secret, book.path(), &["--receive", &address]);
    let answered = |it: &[Value]| {
        let ids: BTreeSet<&str> =
            it.iter().filter(|it| it["answered"] == 200).map(|it| it["id"].as_str().unwrap()).collect();
        ids.len()
    };
    let entries = wait(book.path(), |it| answered(it) == 8);
    assert!(entries.iter().filter(|it| it["answered"] == 200).all(|it| it["repeat"] == true), "{entries:#?}");
    assert!(effects(&entries).values().all(|it| *it == [1]), "{entries:#?}");
}

#[test]
fn a_delivery_sealed_by_another_key_is_turned_away_and_nothing_taken() {
    let app = App::with(QUICK);
    let (dir, book) = (tempfile::tempdir().unwrap(), tempfile::NamedTempFile::new().unwrap());
    let _key = app.partner("trial-neighbour");
    let other = secret_of(&app, "another-key");
    let receiver = Receiver::start(dir.path(), &other, book.path(), &["--receive", "127.0.0.1:0"]);
    let id = subscribe(&app, &wish("parcels", Some(&receiver.base)));
    let _working = Working::start(&app);
    send(&app, 1..=1);
    let entries = wait(book.path(), |it| !it.is_empty());
    assert!(entries.iter().all(|it| it["seal"] == "broken" && it["answered"] == 401 && it["taken"] == false));
    crate::outbox::wait(&app, &id, |it| it.iter().any(|it| it.tries > 0 && it.reason.is_some()));
}

#[test]
fn receiving_without_a_secret_is_refused_before_anything_listens() {
    let dir = tempfile::tempdir().unwrap();
    let receive = ["partner", "play", "tax", "--receive", "127.0.0.1:0"];
    assert!(expect(2, hub(dir.path()).args(receive)).err.contains("--webhook-secret"));
    let wrong = expect(2, hub(dir.path()).args(receive).args(["--webhook-secret", "abc"]));
    assert!(wrong.err.contains("whsec_"), "{}", wrong.err);
}
