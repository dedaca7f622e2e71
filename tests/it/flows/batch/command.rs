//! The same by the command line.

use std::process::Command;

use serde_json::Value as Json;

use super::{KIND, good, office};
use crate::flows::kill::on;
use crate::support::command::expect;
use crate::support::each_db::each_fresh;

#[test]
fn a_sheet_goes_its_whole_way_by_the_command_line() {
    each_fresh(|fresh| {
        let data = tempfile::tempdir().unwrap();
        let office = office(&fresh.url);
        let sheet = data.path().join("告知.xlsx");
        std::fs::write(&sheet, good(&office.app, 3)).unwrap();
        drop(office);
        let batch = |args: &[&str]| -> Command {
            let mut command = on(fresh, data.path());
            command.arg("--fonts").arg(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fonts"));
            command.args(["--json", "document", "batch"]).args(args);
            command
        };
        let said = |code: i32, args: &[&str]| -> Json {
            let said = expect(code, &mut batch(args));
            serde_json::from_str(said.out.lines().last().unwrap()).unwrap()
        };
        let blank = data.path().join("空表.xlsx");
        said(0, &["blank", KIND, "--output", blank.to_str().unwrap()]);
        assert!(std::fs::read(blank).unwrap().starts_with(b"PK"));
        let made = said(0, &["new", KIND, sheet.to_str().unwrap()]);
        assert_eq!((&made["counts"]["ready"], &made["counts"]["faulty"]), (&3.into(), &0.into()), "{made}");
        let id = made["batch"]["id"].as_str().unwrap();
        for deed in ["submit", "pass", "sign", "start"] {
            said(0, &["act", deed, id]);
        }
        let done = said(0, &["run", id]);
        assert_eq!((&done["counts"]["done"], &done["batch"]["state"]), (&3.into(), &"done".into()));
        let zip = data.path().join("全部.zip");
        said(0, &["archive", id, "--output", zip.to_str().unwrap()]);
        // Read by a program of others.
        let listed = Command::new("python3").args(["-m", "zipfile", "-t"]).arg(&zip).output().unwrap();
        assert!(listed.status.success(), "{listed:?}");
        let list = said(0, &["list"]);
        assert_eq!(list["id"], id);
        expect(2, &mut batch(&["act", "fly", id]));
    });
}
