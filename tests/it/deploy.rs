//! What stands beside the code keeps in step with it: commands, scripts, settings, lists and the README.

mod backup;

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::support::app::App;
use crate::support::parcels;

fn top() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: &str) -> String {
    std::fs::read_to_string(top().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// What a command printed; its failure fails the test.
fn output(command: &mut Command) -> String {
    let out = command.current_dir(top()).output().unwrap();
    assert!(out.status.success(), "{command:?}: {}", String::from_utf8_lossy(&out.stderr));
    String::from_utf8(out.stdout).unwrap()
}

/// A generated file holds what would be generated now; `UPDATE=1 cargo test` rewrites it.
fn same(file: &str, now: &str) {
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(top().join(file), now).unwrap();
    }
    assert!(read(file) == now, "{file} is out of date: `UPDATE=1 cargo test --test it deploy` rewrites it");
}

fn scripts() -> Vec<PathBuf> {
    let folder = std::fs::read_dir(top().join("deploy")).unwrap();
    let paths = folder.map(|entry| entry.unwrap().path());
    let mut found: Vec<PathBuf> =
        paths.filter(|path| path.extension().is_some_and(|it| it == "sh")).collect();
    found.push(top().join(".ci/run"));
    found
}

#[test]
fn every_script_is_executable_and_parses() {
    use std::os::unix::fs::PermissionsExt;
    for script in scripts() {
        let mode = std::fs::metadata(&script).unwrap().permissions().mode();
        assert_ne!(mode & 0o100, 0, "{} is not executable", script.display());
        output(Command::new("sh").arg("-n").arg(&script));
    }
}

#[test]
fn third_party_list_names_what_is_linked_and_shipped() {
    same("docs/third-party.md", &output(&mut Command::new("deploy/licences.sh")));
}

#[test]
fn licence_texts_of_what_is_linked_can_be_gathered() {
    let folder = tempfile::tempdir().unwrap();
    output(Command::new("deploy/licences.sh").arg("texts").arg(folder.path()));
    let texts = std::fs::read_dir(folder.path()).unwrap().count();
    let crates = std::fs::read_to_string("Cargo.lock").unwrap().matches("[[package]]").count();
    assert!(texts * 2 > crates, "{texts} texts for {crates} crates");
}

#[test]
fn example_settings_are_what_the_hub_prints() {
    let example = hub::config::example();
    same("deploy/hub.example.toml", &example);
    for key in hub::config::KEYS {
        assert!(example.contains(&key.variable()), "{} is not explained", key.name);
    }
}

#[test]
fn the_example_of_signing_is_understood_by_the_hub() {
    let app = App::start();
    let partner = app.partner("trial");
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("message.json");
    std::fs::write(&file, parcels::message("M1", &[parcels::row(1)])).unwrap();
    let send = |end: &str, secret: &str| {
        let url = format!("{}/api/v1/exchange/trial/parcels{end}", app.base);
        let mut command = Command::new(top().join("deploy/send.sh"));
        command.arg(url).arg(&file).arg("application/json");
        command.env("PARTNER_KEY", &partner.key).env("PARTNER_SECRET", secret).output().unwrap()
    };
    let right = app.hub.keys.partner_secret(&partner.key).unwrap();
    let checked = send("/check?b=2&a=1", &right);
    assert!(checked.status.success(), "{}", String::from_utf8_lossy(&checked.stdout));
    assert_eq!(app.read(hub::store::count_records), []);

    let sent = send("", &right);
    let receipt: serde_json::Value = serde_json::from_slice(&sent.stdout).unwrap();
    assert_eq!((sent.status.success(), receipt.get("outcome").unwrap().as_str()), (true, Some("accepted")));
    assert_eq!(app.read(hub::store::count_records), [("parcel".to_owned(), 1)]);

    let forged = send("", "another secret");
    assert!(!forged.status.success() && String::from_utf8_lossy(&forged.stdout).contains("E10"));
}

#[test]
fn every_make_command_that_is_written_about_exists() {
    let makefile = read("Makefile");
    let exists = |name: &str| makefile.lines().any(|line| line.starts_with(&format!("{name}:")));
    for file in documents() {
        let text = std::fs::read_to_string(&file).unwrap();
        for name in text.split("make ").skip(1).map(|rest| {
            let end = rest.find(|it: char| !it.is_ascii_lowercase() && it != '-').unwrap_or(rest.len());
            rest.split_at(end).0
        }) {
            assert!(name.is_empty() || exists(name), "{} tells of `make {name}`", file.display());
        }
    }
}

/// The table of the README under this heading, as the cells of each row.
fn readme_table(heading: &str) -> Vec<Vec<String>> {
    let readme = read("README.md");
    let section = readme.split("\n## ").find(|it| it.starts_with(heading)).unwrap();
    let rows = section.lines().filter(|line| line.starts_with("| ")).skip(1);
    rows.map(|row| row.split('|').map(|cell| cell.trim().to_owned()).collect()).collect()
}

/// What stands between backticks.
fn quoted(text: &str) -> impl Iterator<Item = &str> {
    text.split('`').skip(1).step_by(2)
}

#[test]
fn glossary_names_every_kind_by_its_title() {
    let rows = readme_table("名词对照");
    for entry in std::fs::read_dir(top().join("mappings/model")).unwrap().map(Result::unwrap) {
        let path = entry.path();
        let text = if path.is_file() { std::fs::read_to_string(&path).unwrap() } else { continue };
        let Some(title) = text.lines().find_map(|line| line.strip_prefix("title = ")) else { continue };
        let kind = format!("`{}`", path.file_stem().unwrap().to_string_lossy());
        let row = [title.trim_matches('"').to_owned(), kind];
        assert!(rows.iter().any(|cells| cells.get(1..3) == Some(&row)), "the glossary lacks {row:?}");
    }
}

#[test]
fn glossary_uses_words_that_the_code_uses() {
    let mut words = std::collections::BTreeSet::new();
    for folder in ["src", "mappings/model", "migrations"] {
        collect_words(&top().join(folder), &mut words);
    }
    for cells in readme_table("名词对照") {
        for word in quoted(cells.get(2).unwrap()) {
            assert!(
                words.iter().any(|it| it.contains(word)),
                "`{word}` of the glossary is nowhere in the code"
            );
        }
    }
}

fn collect_words(folder: &Path, words: &mut std::collections::BTreeSet<String>) {
    for entry in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
        if entry.path().is_dir() {
            collect_words(&entry.path(), words);
        } else {
            let text = std::fs::read_to_string(entry.path()).unwrap();
            words.insert(entry.path().file_stem().unwrap().to_string_lossy().into_owned());
            let boundary = |it: char| !it.is_ascii_alphanumeric() && it != '_';
            words.extend(text.split(boundary).map(str::to_lowercase));
        }
    }
}

#[test]
fn map_of_rooms_shows_every_room() {
    let shown = readme_table("房间");
    let names: Vec<&str> = shown.iter().flat_map(|cells| quoted(cells.get(2).unwrap())).collect();
    let lib = read("src/lib.rs");
    let rooms: Vec<&str> =
        lib.lines().filter_map(|line| line.strip_prefix("pub mod ")?.strip_suffix(';')).collect();
    assert!(rooms.len() > 10, "{rooms:?}");
    for room in rooms {
        assert!(names.contains(&room), "the map of rooms lacks `{room}`");
    }
}

/// The Markdown files for people, the README among them.
fn documents() -> Vec<PathBuf> {
    let in_docs = std::fs::read_dir(top().join("docs")).unwrap().map(|entry| entry.unwrap().path());
    let tops = ["README.md", "CHANGELOG.md"].map(|name| top().join(name));
    let all = in_docs.chain(tops).filter(|path: &PathBuf| is_markdown(path));
    all.collect()
}

fn is_markdown(path: &Path) -> bool {
    path.extension().is_some_and(|it| it == "md")
}
