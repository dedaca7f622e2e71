//! The five departments against one hub: each sends its own messages and gets the others' changes, while the hub and the departments'
//! own systems are killed again and again. An oracle counts: every message acknowledged is stored exactly once, and every change that is
//! subscribed to arrives at least once and in order.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use hub::boot::load_model;
use hub::config::{Config, Texts};
use hub::playing::{Composer, samples, usual};
use hub::store::{MessageFilter, MessageId, MessageState, Page, Store, find_message, list_messages};
use serde_json::{Value, json};

use super::kill::{kill, on, open};
use crate::support::command::expect;
use crate::support::each_db::{Fresh, each_fresh};

/// Who is told of what: each department of another's work.
const FLOWS: [(&str, &str); 5] = [
    ("natural-resources", "address"),
    ("civil-affairs", "tax_payment"),
    ("tax", "title_registration"),
    ("finance", "project"),
    ("data-bureau", "fund_record"),
];

/// Variants of each message; the tax office sends each of its payments in so many versions.
const VARIANTS: u64 = 8;
const VERSIONS: u64 = 5;

/// The suite waits for so long and no longer.
const PATIENCE: Duration = Duration::from_secs(80);

#[test]
fn departments_lose_nothing_and_double_nothing_while_hub_and_departments_are_killed() {
    each_fresh(|fresh| {
        let dir = tempfile::tempdir().unwrap();
        let mut town = Town::found(fresh, dir.path());
        let started = Instant::now();
        // Each round kills the hub in the middle of its work; every second one a department's systems with it.
        for round in 0..6 {
            town.tend_for(Duration::from_millis(900));
            town.hub.kill();
            let unlucky = round % FLOWS.len();
            if round % 2 == 1 {
                town.departments[unlucky].sending.kill();
                town.departments[(unlucky + 2) % FLOWS.len()].receiving.kill();
            }
            std::thread::sleep(Duration::from_millis(150));
            town.hub.start();
        }
        assert!(town.departments.iter().any(|it| !it.sending.is_done()), "the kills came when all was done");
        while !town.is_done() {
            assert!(started.elapsed() < PATIENCE, "{}", town.shown());
            town.tend_for(Duration::from_millis(200));
        }
        town.judge(&open(fresh));
    });
}

/// A process that is started again whenever it has died, until it has ended well by itself.
struct Process {
    make: Box<dyn Fn() -> Command>,
    child: Option<Child>,
    done: bool,
    kills: u32,
}

impl Process {
    fn new(make: impl Fn() -> Command + 'static) -> Self {
        let mut new = Self { make: Box::new(make), child: None, done: false, kills: 0 };
        new.start();
        new
    }

    fn start(&mut self) {
        if self.child.is_none() && !self.done {
            self.child = Some((self.make)().spawn().unwrap());
        }
    }

    /// SIGKILL; nothing when it has ended.
    fn kill(&mut self) {
        self.tend();
        if let Some(child) = self.child.take() {
            kill(child);
            self.kills += 1;
        }
    }

    /// Looks whether it ended. Only a partner that was refused or could not be answered ends otherwise than well.
    fn tend(&mut self) {
        if let Some(child) = &mut self.child
            && let Some(status) = child.try_wait().unwrap()
        {
            assert!(status.success(), "ended by itself with {status}");
            (self.child, self.done) = (None, true);
        }
    }

    fn is_done(&self) -> bool {
        self.done
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if let Some(child) = self.child.take() {
            kill(child);
        }
    }
}

/// One department: what sends for it, what receives for it, and what both wrote down.
struct Department {
    name: &'static str,
    kind: &'static str,
    letters: BTreeSet<String>,
    answers: PathBuf,
    book: PathBuf,
    sending: Process,
    receiving: Process,
}

struct Town {
    hub: Process,
    departments: Vec<Department>,
}

/// A port nobody uses now; the process that gets it can be killed and come back to it.
fn port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

impl Town {
    fn found(fresh: &Fresh, dir: &Path) -> Self {
        let data = dir.join("data");
        expect(0, on(fresh, &data).arg("migrate"));
        expect(0, on(fresh, &data).args(["--json", "partner", "list"]));
        let address = format!("127.0.0.1:{}", port());
        let departments: Vec<Department> = FLOWS
            .iter()
            .zip(1..)
            .map(|((name, kind), seed)| {
                Department::found(fresh, dir, (name, kind), &format!("http://{address}"), seed)
            })
            .collect();
        let (url, data) = (fresh.url.clone(), data.clone());
        let hub = Process::new(move || {
            let mut command = crate::support::command::hub(&data);
            command.args(["--database-url", &url, "serve", "--listen", &address, "--quiet"]);
            for (name, value) in [
                ("ALLOW", "127.0.0.1"),
                ("BACKOFF", "40ms"),
                ("POLL", "20ms"),
                ("LEASE", "1s"),
                ("TIMEOUT", "2s"),
            ] {
                command.env(format!("HUB_OUTBOX_{name}"), value);
            }
            command.env("HUB_LOG_LEVEL", "off").stdout(Stdio::null()).stderr(Stdio::null());
            command
        });
        Self { hub, departments }
    }

    /// Lets everybody work; whoever was killed comes back.
    fn tend_for(&mut self, time: Duration) {
        let until = Instant::now() + time;
        while Instant::now() < until {
            for it in &mut self.departments {
                it.sending.tend();
                it.sending.start();
                it.receiving.start();
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    fn is_done(&self) -> bool {
        let sent = self.departments.iter().all(|it| it.sending.is_done());
        sent && {
            let told = self.told();
            self.departments
                .iter()
                .all(|it| it.arrived().values().map(Vec::len).sum::<usize>() >= told[it.kind].len())
        }
    }

    fn shown(&self) -> String {
        let told = self.told();
        let line = |it: &Department| {
            let arrived: usize = it.arrived().values().map(Vec::len).sum();
            let wanted = told.get(it.kind).map_or(0, BTreeSet::len);
            format!(
                "{}: sent all {}, arrived {arrived} of {wanted} {}",
                it.name,
                it.sending.is_done(),
                it.kind
            )
        };
        self.departments.iter().map(line).collect::<Vec<_>>().join("\n")
    }

    /// Versions of records that acknowledged messages told of, by kind: what the subscribers must get.
    fn told(&self) -> BTreeMap<String, BTreeSet<(String, i64)>> {
        let mut told: BTreeMap<String, BTreeSet<(String, i64)>> = BTreeMap::new();
        for answer in self.departments.iter().flat_map(Department::acknowledged) {
            for it in answer["receipt"]["records"].as_array().unwrap() {
                if it["effect"] != "unchanged" {
                    let version =
                        (it["record_id"].as_str().unwrap().to_owned(), it["version"].as_i64().unwrap());
                    told.entry(it["kind"].as_str().unwrap().to_owned()).or_default().insert(version);
                }
            }
        }
        for (_, kind) in FLOWS {
            told.entry(kind.to_owned()).or_default();
        }
        told
    }

    /// The oracle.
    fn judge(&self, store: &Store) {
        let mut ids: BTreeSet<String> = BTreeSet::new();
        for it in &self.departments {
            // Each letter has one message id, however often it was sent and by however many lives of its sender.
            let mut of_each: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
            for answer in it.acknowledged() {
                let letter =
                    format!("{}/{}", answer["message"].as_str().unwrap(), answer["from"].as_str().unwrap());
                of_each
                    .entry(letter)
                    .or_default()
                    .insert(answer["receipt"]["message_id"].as_str().unwrap().to_owned());
            }
            assert_eq!(of_each.keys().cloned().collect::<BTreeSet<_>>(), it.letters, "{}", it.name);
            for (letter, stored) in of_each {
                assert_eq!(stored.len(), 1, "{}: {letter} is stored as {stored:?}", it.name);
                assert!(ids.insert(stored.first().unwrap().clone()), "{letter} shares its id");
            }
        }
        for id in &ids {
            let message = store.read(|conn| find_message(conn, &MessageId::from(id.as_str()))).unwrap();
            assert_eq!(message.expect("an acknowledged message is missing").state, MessageState::Accepted);
        }
        let listed =
            store.read(|conn| list_messages(conn, &MessageFilter::default(), Page::first(1))).unwrap();
        assert_eq!(
            usize::try_from(listed.total).unwrap(),
            ids.len(),
            "what was not acknowledged is not stored"
        );

        let told = self.told();
        for it in &self.departments {
            let arrived = it.arrived();
            for (record, versions) in &arrived {
                let ascending = versions.windows(2).all(|pair| pair[0] < pair[1]);
                assert!(ascending, "{}: versions of {record} came as {versions:?}", it.name);
            }
            let all: BTreeSet<(String, i64)> = arrived
                .into_iter()
                .flat_map(|(record, versions)| versions.into_iter().map(move |it| (record.clone(), it)))
                .collect();
            assert_eq!(all, told[it.kind], "{} and its {}", it.name, it.kind);
        }
        let versions = told["tax_payment"].iter().map(|it| it.1).max();
        assert!(versions >= Some(VERSIONS as i64), "the order of versions was put to the test: {versions:?}");
        assert!(self.hub.kills >= 6 && self.departments.iter().map(|it| it.sending.kills).sum::<u32>() > 0);
        assert!(self.departments.iter().map(|it| it.receiving.kills).sum::<u32>() > 0);
        assert_eq!(store.check_integrity().unwrap(), Vec::<String>::new());
    }
}

impl Department {
    fn found(
        fresh: &Fresh,
        dir: &Path,
        (name, kind): (&'static str, &'static str),
        hub: &str,
        seed: u32,
    ) -> Self {
        let data = dir.join("data");
        let said = |args: &[&str]| -> Value {
            let said =
                expect(0, on(fresh, &data).env("HUB_OUTBOX_ALLOW", "127.0.0.1").arg("--json").args(args));
            serde_json::from_str(&said.out).unwrap()
        };
        let key = said(&["key", "create", name]);
        let secret = said(&["subscription", "secret", name])["webhook_secret"].as_str().unwrap().to_owned();
        let own = format!("127.0.0.1:{}", port());
        let url = format!("http://{own}");
        said(&["subscription", "add", name, "--partner", name, "--kind", kind, "--url", &url]);
        let (files, answers) = (dir.join(name), dir.join(format!("{name}.answers")));
        let (book, letters) = (dir.join(format!("{name}.book")), write_letters(name, &files));
        let place = dir.join("partner");
        let play = move || {
            let mut command = crate::support::command::hub(&place);
            command.args(["--json", "--quiet", "partner", "play", name, "--seed", &seed.to_string()]);
            command.env("HUB_LOG_LEVEL", "off").stderr(Stdio::null());
            command
        };
        let pair = format!("{}:{}", key["key"].as_str().unwrap(), key["secret"].as_str().unwrap());
        let (to, heard, make) = (hub.to_owned(), answers.clone(), play.clone());
        let sending = Process::new(move || {
            let mut command = make();
            command
                .args(["--to", &to, "--key", &pair, "--patience", "60", "--pace", "25", "--files"])
                .arg(&files);
            command.args(["--duplicate", "10%", "--drop-connection", "10%", "--out-of-order", "10%"]);
            command.stdout(File::options().create(true).append(true).open(&heard).unwrap());
            command
        });
        let entered = book.clone();
        let receiving = Process::new(move || {
            let mut command = play();
            command.args(["--receive", &own, "--webhook-secret", &secret, "--record"]).arg(&entered);
            command.args(["--wrong-answer", "5%", "--drop-connection", "5%"]);
            command.stdout(Stdio::null());
            command
        });
        Self { name, kind, letters, answers, book, sending, receiving }
    }

    /// Answers that said yes; a killed sender may have torn its last line.
    fn acknowledged(&self) -> Vec<Value> {
        lines(&self.answers).into_iter().filter(|it| it["status"] == 200).collect()
    }

    /// Versions of each record in the order in which they were first taken.
    fn arrived(&self) -> BTreeMap<String, Vec<i64>> {
        let mut by_record: BTreeMap<String, Vec<i64>> = BTreeMap::new();
        for it in lines(&self.book).iter().filter(|it| it["taken"] == true && it["repeat"] == false) {
            assert_eq!(it["kind"], self.kind);
            let record = it["record"].as_str().unwrap().to_owned();
            by_record.entry(record).or_default().push(it["version"].as_i64().unwrap());
        }
        by_record
    }
}

fn lines(path: &Path) -> Vec<Value> {
    let text = fs::read(path).unwrap_or_default();
    text.split(|it| *it == b'\n').filter_map(|line| serde_json::from_slice(line).ok()).collect()
}

/// Writes what a department sends, `message/file`; the same bytes in every life of its sender.
fn write_letters(department: &str, to: &Path) -> BTreeSet<String> {
    let model = load_model(&Config::load(&Texts::new(), &Texts::new()).unwrap()).unwrap();
    let mut names = BTreeSet::new();
    for sample in usual(samples(&model.mappings, &model.files, department, &[]).unwrap()) {
        let mapping = model.mappings.get(department, &sample.message).unwrap();
        let composer = Composer::new(mapping, &model.schema, &sample).unwrap();
        let folder = to.join(&sample.message);
        fs::create_dir_all(&folder).unwrap();
        for serial in 1..=VARIANTS {
            let bytes = composer.variant(mapping, serial, hub::clock::now()).unwrap().bytes;
            // Payments come in versions: paid more each time.
            let versions = if sample.message == "payment_result" { VERSIONS } else { 1 };
            for version in 1..=versions {
                let name = format!("{version}-{serial:03}");
                let bytes = if versions > 1 { paid(&bytes, serial, version) } else { bytes.clone() };
                fs::write(folder.join(&name), bytes).unwrap();
                names.insert(format!("{}/{name}", sample.message));
            }
        }
    }
    names
}

/// A payment result under an id of its own, with another amount paid.
fn paid(bytes: &[u8], serial: u64, version: u64) -> Vec<u8> {
    let mut message: Value = serde_json::from_slice(bytes).unwrap();
    message["result"]["head"]["tran_seq"] = json!(format!("soak-{serial}-{version}"));
    for row in message["result"]["body"]["jkxxlb"].as_array_mut().unwrap() {
        row["sjje"] = json!(format!("{}.00", serial * 1000 + version));
    }
    serde_json::to_vec(&message).unwrap()
}
