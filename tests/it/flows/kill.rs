//! The process is killed at any moment: everything acknowledged is there once, nothing is there half, and the work goes on.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use hub::store::{
    MessageFilter, MessageId, MessageState, Page, Settings, Store, count_import, count_records, find_message,
    list_claims_of_message, list_messages,
};
use serde_json::Value;

use crate::support::app::Client;
use crate::support::command::{expect, hub};
use crate::support::each_db::{Fresh, each_fresh};
use crate::support::parcels::{csv, message, no, row};

/// The binary on a fresh database and a data directory of its own.
pub fn on(fresh: &Fresh, data: &Path) -> Command {
    let mut command = hub(data);
    command.args(["--database-url", &fresh.url]);
    command
}

pub fn open(fresh: &Fresh) -> Store {
    Store::open(&Settings::at(&fresh.url)).unwrap()
}

/// SIGKILL: the process gets no chance to finish anything.
pub fn kill(mut child: Child) {
    child.kill().unwrap();
    child.wait().unwrap();
}

const ROWS: u32 = 2_000;

#[test]
fn an_import_killed_again_and_again_loses_no_row_and_doubles_none() {
    each_fresh(|fresh| {
        let data = tempfile::tempdir().unwrap();
        expect(0, on(fresh, data.path()).arg("migrate"));
        let file = data.path().join("parcels.csv");
        std::fs::write(&file, csv(1..=ROWS)).unwrap();
        let import = || {
            let mut command = on(fresh, data.path());
            command
                .env("HUB_IMPORT_BATCH", "50")
                .args(["--json", "import", "trial", "parcels_csv"])
                .arg(&file);
            command
        };
        let mut acknowledged = BTreeSet::new();
        for rows_before_the_kill in [1, 120, 433] {
            acknowledged.extend(acknowledged_until_killed(import(), rows_before_the_kill));
        }
        assert!(acknowledged.len() > 500, "{}", acknowledged.len());
        let store = open(fresh);
        let id = only_message(&store);
        let stored = rows_of(&store, &id);
        assert!(acknowledged.is_subset(&stored), "an acknowledged row is missing");

        let said = expect(0, &mut import());
        let receipt: Value = serde_json::from_str(said.out.lines().last().unwrap()).unwrap();
        assert_eq!((&receipt["accepted"], &receipt["refused"]), (&ROWS.into(), &0.into()), "{receipt}");
        assert_eq!(only_message(&store), id);
        let totals = store.read(|conn| count_import(conn, &id)).unwrap();
        assert_eq!((totals.created, totals.updated), (i64::from(ROWS), 0));
        assert_eq!(rows_of(&store, &id).len(), ROWS as usize);
        assert_eq!(store.read(count_records).unwrap(), [("parcel".to_owned(), i64::from(ROWS))]);
        assert_eq!(store.check_integrity().unwrap(), Vec::<String>::new());
    });
}

/// Rows the import told as stored before it was killed after so many.
fn acknowledged_until_killed(mut import: Command, rows: usize) -> BTreeSet<i32> {
    let mut child = import.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut told = BTreeSet::new();
    for _ in 0..rows {
        told.extend(lines.next().map(|line| row_of(&line.unwrap())));
    }
    kill(child);
    // What it wrote before it died is still in the pipe; its last line may be torn.
    told.extend(lines.map_while(Result::ok).filter(|line| line.ends_with('}')).map(|line| row_of(&line)));
    told
}

fn row_of(line: &str) -> i32 {
    let value: Value = serde_json::from_str(line).unwrap();
    i32::try_from(value["row"].as_i64().unwrap()).unwrap()
}

fn only_message(store: &Store) -> MessageId {
    let listed = store.read(|conn| list_messages(conn, &MessageFilter::default(), Page::first(9))).unwrap();
    assert_eq!(listed.total, 1, "the same file is the same message");
    listed.rows[0].id.clone()
}

/// Rows with a claim, each of which must have exactly one.
fn rows_of(store: &Store, id: &MessageId) -> BTreeSet<i32> {
    let claims = store.read(|conn| list_claims_of_message(conn, id, 0, 1_000_000)).unwrap();
    let rows: BTreeSet<i32> = claims.iter().filter_map(|it| it.row).collect();
    assert_eq!(rows.len(), claims.len(), "a row was stored twice");
    rows
}

/// A served hub, a process of its own.
pub struct Served {
    child: Child,
    pub base: String,
}

impl Served {
    pub fn kill(self) {
        kill(self.child);
    }
}

fn serve(fresh: &Fresh, data: &Path) -> Served {
    start(on(fresh, data))
}

pub fn start(mut command: Command) -> Served {
    command.args(["serve", "--listen", "127.0.0.1:0"]).env("HUB_LOG_LEVEL", "off");
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
    let line = lines.next().expect("the server says where it listens").unwrap();
    let base = line.split_once("http://").unwrap_or_else(|| panic!("{line}")).1;
    Served { child, base: format!("http://{base}") }
}

fn client(fresh: &Fresh, data: &Path, base: &str) -> Client {
    client_of("trial", fresh, data, base)
}

pub fn client_of(partner: &str, fresh: &Fresh, data: &Path, base: &str) -> Client {
    let said = expect(0, on(fresh, data).args(["--json", "key", "create", partner]));
    let key: Value = serde_json::from_str(&said.out).unwrap();
    Client::new(base, partner, key["key"].as_str().unwrap(), key["secret"].as_str().unwrap())
}

#[test]
fn messages_acknowledged_before_the_kill_are_there_once_and_none_is_there_half() {
    each_fresh(|fresh| {
        let data = tempfile::tempdir().unwrap();
        expect(0, on(fresh, data.path()).arg("migrate"));
        let served = serve(fresh, data.path());
        let sent = Arc::new(Mutex::new(Vec::new()));
        let acknowledged = post_until_killed(fresh, data.path(), served, &sent);
        assert!(acknowledged.len() > 20, "{}", acknowledged.len());

        let served = serve(fresh, data.path());
        let store = open(fresh);
        for id in acknowledged.values() {
            let message = store
                .read(|conn| find_message(conn, id))
                .unwrap()
                .expect("an acknowledged message is missing");
            assert_eq!(message.state, MessageState::Accepted);
        }
        nothing_is_half(&store);

        // What was not answered is sent again as it was; what had been taken is recognised.
        let partner = client(fresh, data.path(), &served.base);
        let numbers: BTreeSet<u32> = sent.lock().unwrap().iter().copied().collect();
        for n in &numbers {
            let receipt = partner.send("parcels", body(*n)).expect(200).json;
            if let Some(id) = acknowledged.get(n) {
                assert_eq!(receipt["message_id"], id.as_str());
                assert_eq!(receipt["duplicate"], true);
            }
        }
        nothing_is_half(&store);
        let all = i64::try_from(numbers.len()).unwrap();
        assert_eq!(store.read(count_records).unwrap(), [("parcel".to_owned(), all)]);
        let listed =
            store.read(|conn| list_messages(conn, &MessageFilter::default(), Page::first(1))).unwrap();
        assert_eq!(listed.total, all);
        assert_eq!(store.check_integrity().unwrap(), Vec::<String>::new());
        served.kill();
    });
}

fn body(n: u32) -> Vec<u8> {
    message(&format!("M{n}"), &[row(n)])
}

type Acknowledged = std::collections::BTreeMap<u32, MessageId>;

/// Eight clients post as fast as they are answered; the server is killed in the middle.
fn post_until_killed(
    fresh: &Fresh,
    data: &Path,
    served: Served,
    sent: &Arc<Mutex<Vec<u32>>>,
) -> Acknowledged {
    let down = Arc::new(AtomicBool::new(false));
    let threads: Vec<_> = (0..8)
        .map(|n| {
            let partner = client(fresh, data, &served.base);
            let (down, sent) = (down.clone(), sent.clone());
            std::thread::spawn(move || {
                let mut answered = Acknowledged::new();
                for k in 0.. {
                    if down.load(Ordering::Relaxed) {
                        break;
                    }
                    let number = n * 10_000 + k;
                    sent.lock().unwrap().push(number);
                    let Some(reply) = partner.post("parcels", body(number)).try_send() else { break };
                    let receipt = reply.expect(200).json;
                    answered.insert(number, MessageId::from(receipt["message_id"].as_str().unwrap()));
                }
                answered
            })
        })
        .collect();
    std::thread::sleep(Duration::from_millis(700));
    served.kill();
    down.store(true, Ordering::Relaxed);
    threads.into_iter().flat_map(|it| it.join().unwrap()).collect()
}

/// Every message that stands has its claim and its record, and there is no record without one.
fn nothing_is_half(store: &Store) {
    let mut records = 0;
    let mut page = Page::first(500);
    loop {
        let listed = store.read(|conn| list_messages(conn, &MessageFilter::default(), page)).unwrap();
        if listed.rows.is_empty() {
            break;
        }
        for it in listed.rows {
            assert_eq!(it.state, MessageState::Accepted);
            let claims = store.read(|conn| list_claims_of_message(conn, &it.id, 0, 9)).unwrap();
            assert_eq!(claims.len(), 1, "message {} has {} claims", it.id, claims.len());
            let record =
                store.read(|conn| hub::store::find_record(conn, &claims[0].record_id)).unwrap().unwrap();
            let number: u32 = it.message_key.unwrap()[1..].parse().unwrap();
            assert!(record.body.as_str().contains(&no(number)));
            records += 1;
        }
        page.number += 1;
    }
    let counted = store.read(count_records).unwrap();
    assert_eq!(counted.iter().map(|(_, n)| *n).sum::<i64>(), records);
}
