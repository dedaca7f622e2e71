//! Files laid into a folder: taken once, answered beside, put away; also when the process dies in the middle.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use hub::store::{MessageFilter, Page, count_records, list_messages};
use serde_json::Value;

use super::kill::{on, open, start};
use crate::support::command::expect;
use crate::support::each_db::{Fresh, each_fresh};
use crate::support::parcels::{csv, message, row, xml};

struct Desk<'a> {
    fresh: &'a Fresh,
    dir: tempfile::TempDir,
}

impl<'a> Desk<'a> {
    fn new(fresh: &'a Fresh) -> Self {
        let desk = Self { fresh, dir: tempfile::tempdir().unwrap() };
        std::fs::create_dir_all(desk.at("drop/trial/in/parcels_csv")).unwrap();
        std::fs::create_dir_all(desk.at("drop/trial/in/parcels")).unwrap();
        expect(0, on(fresh, &desk.at("data")).arg("migrate"));
        desk
    }

    fn at(&self, path: &str) -> PathBuf {
        self.dir.path().join(path)
    }

    fn serve(&self) -> super::kill::Served {
        let mut command: Command = on(self.fresh, &self.at("data"));
        command.env("HUB_DROP_FOLDER", self.at("drop"));
        command.env("HUB_DROP_POLL", "20ms").env("HUB_DROP_QUIET", "100ms").env("HUB_IMPORT_BATCH", "20");
        start(command)
    }

    /// The names in a folder, hidden ones too.
    fn names(&self, folder: &str) -> Vec<String> {
        let Ok(read) = std::fs::read_dir(self.at(folder)) else { return Vec::new() };
        let mut all: Vec<String> =
            read.map(|it| it.unwrap().file_name().to_string_lossy().into_owned()).collect();
        all.sort();
        all
    }

    fn day(&self, folder: &str) -> String {
        let days = self.names(&format!("drop/trial/{folder}"));
        assert_eq!(days.len(), 1, "{days:?}");
        format!("drop/trial/{folder}/{}", days[0])
    }
}

fn wait(what: &str, done: impl Fn() -> bool) {
    let started = Instant::now();
    while !done() {
        assert!(started.elapsed() < Duration::from_secs(60), "{what} did not happen");
        std::thread::sleep(Duration::from_millis(10));
    }
}

fn put(path: &Path, bytes: &[u8]) {
    // As a careful sender does it.
    let under_way = path.with_extension("tmp");
    std::fs::write(&under_way, bytes).unwrap();
    std::fs::rename(under_way, path).unwrap();
}

#[test]
fn files_are_taken_answered_in_the_partners_form_and_put_away() {
    each_fresh(|fresh| {
        let desk = Desk::new(fresh);
        let served = desk.serve();
        put(&desk.at("drop/trial/in/Biz001.xml"), xml("D1", 1, "29742").as_bytes());
        put(&desk.at("drop/trial/in/Biz002.xml"), xml("D2", 2, "many").as_bytes());
        put(&desk.at("drop/trial/in/parcels/三月.json"), &message("D3", &[row(3)]));
        put(&desk.at("drop/trial/in/strange.txt"), b"?");
        put(&desk.at("drop/trial/in/half.xml.part"), b"<message");
        wait("four answers", || desk.names("drop/trial/out").len() == 4);
        wait("files put away", || desk.names("drop/trial/in") == ["half.xml.part", "parcels", "parcels_csv"]);
        served.kill();

        let read = |name: &str| std::fs::read_to_string(desk.at("drop/trial/out").join(name)).unwrap();
        assert_eq!(
            read("Rep001.xml"),
            "<respond id=\"D1\" flag=\"1\" code=\"\">接收 1 条，退回 0 条。</respond>"
        );
        let refused = read("Rep002.xml");
        assert!(refused.starts_with("<respond id=\"D2\" flag=\"2\" code=\"E4"), "{refused}");
        let receipt: Value = serde_json::from_str(&read("三月.json.receipt.json")).unwrap();
        assert_eq!((&receipt["outcome"], &receipt["accepted"]), (&"accepted".into(), &1.into()));
        let strange: Value = serde_json::from_str(&read("strange.txt.receipt.json")).unwrap();
        assert_eq!(strange["error"]["code"], "E1051");
        assert_eq!(desk.names(&desk.day("done")), ["Biz001.xml", "三月.json"]);
        assert_eq!(desk.names(&desk.day("refused")), ["Biz002.xml", "strange.txt"]);
    });
}

#[test]
fn names_in_gbk_are_answered_in_gbk() {
    let fresh = Fresh::sqlite();
    let desk = Desk::new(&fresh);
    let served = desk.serve();
    // Biz人防.xml
    let name = OsStr::from_bytes(b"Biz\xc8\xcb\xb7\xc0.xml");
    put(&desk.at("drop/trial/in").join(name), xml("G1", 1, "29742").as_bytes());
    let answer = desk.at("drop/trial/out").join(OsStr::from_bytes(b"Rep\xc8\xcb\xb7\xc0.xml"));
    wait("an answer in GBK", || answer.is_file());
    served.kill();
    let store = open(&fresh);
    let all = store.read(|conn| list_messages(conn, &MessageFilter::default(), Page::first(9))).unwrap();
    assert_eq!(all.total, 1);
}

#[test]
fn a_kill_in_the_middle_loses_no_file_and_takes_none_twice() {
    each_fresh(|fresh| {
        let desk = Desk::new(fresh);
        const ROWS: u32 = 1_500;
        put(&desk.at("drop/trial/in/parcels_csv/all.csv"), csv(1..=ROWS).as_bytes());
        for n in 1..=20 {
            let name = format!("drop/trial/in/Biz{n:03}.xml");
            put(&desk.at(&name), xml(&format!("K{n}"), 5_000 + n, "100").as_bytes());
        }
        for after in [150, 400, 700] {
            let served = desk.serve();
            std::thread::sleep(Duration::from_millis(after));
            served.kill();
        }
        let served = desk.serve();
        wait("all answered", || {
            desk.names("drop/trial/out").iter().filter(|it| !it.starts_with('.')).count() == 21
        });
        wait("all put away", || desk.names("drop/trial/in/parcels_csv").is_empty());
        served.kill();
        let store = open(fresh);
        let all = store.read(|conn| list_messages(conn, &MessageFilter::default(), Page::first(99))).unwrap();
        assert_eq!(all.total, 21, "every file is one message");
        assert_eq!(store.read(count_records).unwrap(), [("parcel".to_owned(), i64::from(ROWS) + 20)]);
        assert_eq!(desk.names(&desk.day("done")).len(), 21);
        assert_eq!(store.check_integrity().unwrap(), Vec::<String>::new());
    });
}
