//! Backup of a running hub, and a start from the backup, with the scripts that operators use.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use hub::boot::{self, Missing};
use hub::config::{Config, Texts};
use hub::store::{MessageId, count_records, find_message};

use crate::support::app::{App, trial_mappings};
use crate::support::{parcels, postgres};

/// One of the scripts, with the settings a service would have.
fn script(name: &str, data: &Path, database: Option<&str>) -> Command {
    let mut command = Command::new(super::top().join("deploy").join(name));
    command.env("HUB", env!("CARGO_BIN_EXE_hub")).env("HUB_DATA", data).env("HUB_MAPPINGS", trial_mappings());
    command.env_remove("HUB_DATABASE_URL").envs(database.map(|url| ("HUB_DATABASE_URL", url)));
    command
}

fn said(output: &Output) -> String {
    [&output.stdout, &output.stderr].map(|it| String::from_utf8_lossy(it).into_owned()).concat()
}

#[track_caller]
fn done(command: &mut Command) -> String {
    let output = command.output().unwrap();
    assert!(output.status.success(), "{command:?}: {}", said(&output));
    said(&output)
}

#[track_caller]
fn refused(command: &mut Command, why: &str) {
    let output = command.output().unwrap();
    assert!(!output.status.success() && said(&output).contains(why), "{command:?}: {}", said(&output));
}

/// A hub that has taken one message, the id of that message, and a partner's key with its secret.
fn hub_with_a_message(settings: &[(&str, &str)]) -> (App, MessageId, String, String) {
    let app = App::with(settings);
    let partner = app.partner("trial");
    let receipt =
        partner.send("parcels", parcels::message("M1", &[parcels::row(1), parcels::row(2)])).expect(200);
    let id = MessageId::from(receipt.json.get("message_id").unwrap().as_str().unwrap());
    let secret = app.hub.keys.partner_secret(&partner.key).unwrap();
    (app, id, partner.key.clone(), secret)
}

/// The only backup in a directory.
fn only_backup(folder: &Path) -> PathBuf {
    let entries: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|it| it.unwrap().path()).collect();
    let [one] = entries.as_slice() else { panic!("{entries:?}") };
    one.clone()
}

fn holds_everything(data: &Path, database: Option<&str>, message: &MessageId, key: &str, secret: &str) {
    let mut texts: Texts = [
        ("data", data.to_str().unwrap()),
        ("mappings", trial_mappings().to_str().unwrap()),
        ("log.level", "off"),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .into();
    texts.extend(database.map(|url| ("database_url".to_owned(), url.to_owned())));
    let hub = boot::open(Config::load(&texts, &Texts::new()).unwrap(), Missing::Refuse).unwrap();
    assert_eq!(hub.store.read(count_records).unwrap(), [("parcel".to_owned(), 2)]);
    assert!(hub.store.read(|conn| find_message(conn, message)).unwrap().is_some());
    assert_eq!(hub.keys.partner_secret(key).unwrap(), secret, "partners' keys still open the door");
    hub.intake.writer.close();
}

#[test]
fn a_running_sqlite_hub_is_backed_up_and_restored() {
    let (app, message, key, secret) = hub_with_a_message(&[]);
    let folder = tempfile::tempdir().unwrap();
    let backups = folder.path().join("backups");
    done(script("backup.sh", &app.hub.config.data, None).arg(&backups));
    let backup = only_backup(&backups);

    let fresh = folder.path().join("fresh");
    done(script("restore.sh", &fresh, None).arg(&backup));
    holds_everything(&fresh, None, &message, &key, &secret);

    refused(script("restore.sh", &fresh, None).arg(&backup), "已存在，不会覆盖");
    holds_everything(&fresh, None, &message, &key, &secret);
}

#[test]
fn a_damaged_backup_is_refused_before_anything_is_written() {
    let (app, ..) = hub_with_a_message(&[]);
    let folder = tempfile::tempdir().unwrap();
    done(script("backup.sh", &app.hub.config.data, None).arg(folder.path()));
    let backup = only_backup(folder.path());
    let database = backup.join("hub.db");
    let mut bytes = std::fs::read(&database).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    std::fs::write(&database, bytes).unwrap();

    let fresh = folder.path().join("fresh");
    refused(script("restore.sh", &fresh, None).arg(&backup), "hub.db：内容与备份时不同");
    assert!(!fresh.exists());
    std::fs::remove_file(backup.join("manifest.json")).unwrap();
    refused(script("restore.sh", &fresh, None).arg(&backup), "不是 hub backup 生成的备份");
}

#[test]
fn old_backups_go_and_nothing_else() {
    let (app, ..) = hub_with_a_message(&[]);
    let folder = tempfile::tempdir().unwrap();
    for name in ["hub-20250101-023000", "hub-files", "hub-20250101-023000.tar"] {
        let path = folder.path().join(name);
        std::fs::create_dir(&path).unwrap();
        super::output(Command::new("touch").args(["-d", "40 days ago"]).arg(&path));
    }
    done(script("backup.sh", &app.hub.config.data, None).arg(folder.path()).arg("30"));
    let mut left: Vec<String> = std::fs::read_dir(folder.path())
        .unwrap()
        .map(|it| it.unwrap().file_name().into_string().unwrap())
        .filter(|name| !name.starts_with("hub-20") || name.starts_with("hub-2025"))
        .collect();
    left.sort();
    assert_eq!(left, ["hub-20250101-023000.tar", "hub-files"]);
}

#[test]
fn a_running_postgresql_hub_is_backed_up_and_restored() {
    let address = |name: &str| {
        postgres::psql(&format!("CREATE DATABASE {name}"));
        let server = postgres::url("public");
        let (host, _search_path) = server.split_once("&options").unwrap();
        host.replace("/postgres?", &format!("/{name}?"))
    };
    let (from, to) = (address("backup_from"), address("backup_to"));
    let (app, message, key, secret) = hub_with_a_message(&[("database_url", &from)]);
    let folder = tempfile::tempdir().unwrap();
    let backups = folder.path().join("backups");
    done(script("backup.sh", &app.hub.config.data, Some(&from)).arg(&backups));
    let backup = only_backup(&backups);

    let fresh = folder.path().join("fresh");
    refused(script("restore.sh", &fresh, Some(&from)).arg(&backup), "目标库不是空库");
    done(script("restore.sh", &fresh, Some(&to)).arg(&backup));
    holds_everything(&fresh, Some(&to), &message, &key, &secret);

    let dump = backup.join("hub.pgdump");
    std::fs::write(&dump, b"not a dump").unwrap();
    refused(script("restore.sh", &fresh, Some(&to)).arg(&backup), "与校验清单不符");
}
