//! The house rules that the compiler cannot see: who may use whom, which room owns
//! which outside crate, how long a file may grow, and that every file says what it is for.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Rooms in reading order. A room may use the rooms it lists and nothing else.
const ROOMS: &[(&str, &[&str])] = &[
    ("error", &[]),
    ("clock", &[]),
    ("schema", &[]),
    ("crypto", &["error"]),
    // Schemes are asked by the door, by ways in other than HTTP and by whoever signs for the hub: hence on the ground.
    ("signing", &["error", "crypto"]),
    ("text", &["error"]),
    ("ident", &["error", "text"]),
    ("model", &["error", "text", "ident", "schema"]),
    ("format", &["error", "text"]),
    ("mapping", &["error", "text", "ident", "model", "format"]),
    ("document", &["error", "text", "model"]),
    ("store", &["error", "ident", "schema", "model", "crypto"]),
    // `clock`: the civil day in China of the instant a message came at.
    ("intake", &["error", "clock", "text", "crypto", "model", "format", "mapping", "store"]),
    ("outbox", &["error", "crypto", "model", "format", "mapping", "store"]),
    // `format`: archive packages are zip files.
    ("issue", &["error", "clock", "text", "crypto", "model", "format", "document", "store"]),
    ("tracking", &["error", "clock", "text", "model", "format", "store"]),
    // crypto: random bytes for the spread of waits; randomness enters by the edges.
    ("worker", &["error", "clock", "crypto", "model", "store", "intake", "outbox", "issue", "tracking"]),
    // mapping: describes files, frames and answers; text: charsets of names and frames.
    ("ways", &["error", "clock", "crypto", "text", "format", "mapping", "store", "intake"]),
    // A partner's own system, from outside: its messages, its signature, its end of a push; never a store. `outbox` for the one seal that
    // both ends must understand alike; `crypto` for the certificate a hub shows.
    ("playing", &["error", "clock", "crypto", "signing", "ident", "model", "mapping", "outbox"]),
    (
        "web",
        // `format` for one thing: the console's lists go out as workbooks.
        &[
            "error", "clock", "crypto", "signing", "text", "ident", "model", "format", "mapping", "store",
            "intake", "outbox", "issue", "tracking",
        ],
    ),
];

/// The top floor wires the rooms together and may use them all; no room may use it.
const TOP: &[&str] = &["config", "boot", "cli", "main", "lib"];

/// Outside crates and the only places that may name them.
const DOORS: &[(&str, &[&str])] = &[
    ("actix_web::", &["web", "boot.rs", "boot", "cli", "playing/receiving.rs"]),
    ("actix_multipart::", &["web/upload.rs"]),
    ("actix_tls::", &["web/tls.rs"]),
    ("diesel::", &["store", "schema.rs", "schema", "model", "ident"]),
    ("quick_xml::", &["format"]),
    ("jiter::", &["format"]),
    ("csv::", &["format"]),
    ("calamine::", &["format"]),
    ("zip::", &["format", "document/package.rs"]),
    ("rust_xlsxwriter::", &["format"]),
    ("encoding_rs::", &["text/charset.rs", "text/charset"]),
    ("simdutf8::", &["text/charset.rs"]),
    ("reqwest::", &["outbox/transport.rs", "outbox/transport", "cli", "playing/line.rs"]),
    // One task for each partner, so that a slow one keeps nobody waiting.
    ("tokio::", &["worker/courier.rs"]),
    ("openssl::", &["crypto", "crypto.rs"]),
    ("argon2::", &["crypto"]),
    ("tera::", &["document/template.rs", "document/template", "web/console"]),
    ("printpdf::", &["document/pdf.rs", "document/pdf"]),
    ("lopdf::", &["document/pdf.rs", "document/pdf"]),
    ("subsetter::", &["document/pdf"]),
    ("qrcodegen::", &["document/markup"]),
    ("fontdb::", &["document/font.rs"]),
    ("ttf_parser::", &["document/font"]),
    ("std::env::", &["config.rs", "config", "main.rs"]),
    ("Utc::now", &["clock.rs"]),
];

const MAX_LINES: usize = 600;
/// Files over the limit today. This list may only get shorter.
const TOO_LONG: &[&str] = &[];

fn sources() -> Vec<(String, String)> {
    fn walk(dir: &Path, out: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(dir).unwrap().map(Result::unwrap) {
            let path = entry.path();
            if path.is_dir() {
                walk(&path, out)
            } else if path.extension().is_some_and(|it| it == "rs") {
                out.push(path)
            }
        }
    }
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut paths = Vec::new();
    walk(&src, &mut paths);
    paths.sort();
    paths
        .into_iter()
        .map(|path| {
            (
                path.strip_prefix(&src).unwrap().to_str().unwrap().to_owned(),
                fs::read_to_string(&path).unwrap(),
            )
        })
        .collect()
}

/// Source without comments; good enough because nobody hides a path in a string.
fn code(text: &str) -> String {
    text.lines().map(|line| line.split("//").next().unwrap()).collect::<Vec<_>>().join("\n")
}

#[test]
fn rooms_only_use_the_rooms_they_list() {
    let names: BTreeSet<&str> = ROOMS.iter().map(|(room, _)| *room).chain(TOP.iter().copied()).collect();
    let mut problems = Vec::new();
    for (file, text) in sources() {
        let room = file.split('/').next().unwrap().trim_end_matches(".rs");
        if TOP.contains(&room) {
            continue;
        }
        let Some((_, allowed)) = ROOMS.iter().find(|(name, _)| *name == room) else {
            problems.push(format!("{file}: `{room}` is not in ROOMS; give it a place and its arrows"));
            continue;
        };
        for part in code(&text).split("crate::").skip(1) {
            let target: String = part.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
            if part.starts_with('{') {
                problems.push(format!("{file}: write one `use crate::room::..` per room"));
            }
            if names.contains(target.as_str()) && target != room && !allowed.contains(&target.as_str()) {
                problems.push(format!("{file}: `{room}` may not use `{target}`"));
            }
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

#[test]
fn outside_crates_come_in_by_their_door() {
    let mut problems = Vec::new();
    for (file, text) in sources() {
        let code = code(&text);
        for (name, doors) in DOORS {
            if code.contains(name)
                && !doors.iter().any(|door| file == *door || file.starts_with(&format!("{door}/")))
            {
                problems.push(format!("{file}: `{name}` belongs to {doors:?}"));
            }
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

#[test]
fn files_are_short_and_say_what_they_are_for() {
    let mut problems = Vec::new();
    for (file, text) in sources() {
        let lines = text.lines().count();
        if lines > MAX_LINES && !TOO_LONG.contains(&file.as_str()) {
            problems.push(format!("{file}: {lines} lines, at most {MAX_LINES}"))
        }
        if lines <= MAX_LINES && TOO_LONG.contains(&file.as_str()) {
            problems.push(format!("{file}: short now, take it off TOO_LONG"))
        }
        if !text.starts_with("//!") {
            problems.push(format!("{file}: first line must be `//! what this file is for`"))
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}
