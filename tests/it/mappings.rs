//! Every mapping folder proves itself: samples read as expected, bad samples are refused as expected, what is written
//! reads back. `UPDATE=1` rewrites the expected results and the function table of the language reference.

mod envelopes;

use std::fs;
use std::path::{Path, PathBuf};

use hub::mapping::{Files, catalogue, render_all, test};
use hub::model::Schema;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("mappings")
}

fn read_all(dir: &Path, root: &Path, files: &mut Files) {
    for entry in fs::read_dir(dir).unwrap().map(Result::unwrap) {
        let path = entry.path();
        if path.is_dir() {
            read_all(&path, root, files);
        } else {
            let name = path.strip_prefix(root).unwrap().to_str().unwrap().replace('\\', "/");
            files.insert(name, fs::read(&path).unwrap());
        }
    }
}

fn schema(files: &Files) -> Schema {
    let model: Vec<(String, String)> = files
        .iter()
        .filter_map(|(path, bytes)| {
            let name = path.strip_prefix("model/").filter(|it| it.ends_with(".toml"))?;
            Some((name.to_owned(), String::from_utf8(bytes.clone()).unwrap()))
        })
        .collect();
    Schema::load(&model).unwrap_or_else(|found| panic!("{found:#?}"))
}

fn updating() -> bool {
    std::env::var_os("UPDATE").is_some_and(|it| it == "1")
}

#[test]
fn every_folder_proves_itself() {
    let root = folder();
    let mut files = Files::new();
    read_all(&root, &root, &mut files);
    let schema = schema(&files);
    prove(&root, files, &schema);
}

/// Proves every folder of `files`, which stand under `root`; with `UPDATE=1` the expected results are rewritten there.
fn prove(root: &Path, mut files: Files, schema: &Schema) {
    let now = "2026-03-01T01:30:00Z".parse().unwrap();
    let mut proof = test(&files, schema, now);
    if updating() {
        for (path, bytes) in &proof.updates {
            fs::write(root.join(path), bytes).unwrap();
            files.insert(path.clone(), bytes.clone());
        }
        proof = test(&files, schema, now);
    }
    let mut wrong = Vec::new();
    if !proof.diagnostics.is_empty() {
        wrong.push(render_all(&proof.diagnostics, &files));
    }
    for case in &proof.cases {
        if let Some(failure) = &case.failure {
            wrong.push(format!("{} {}\n{failure}", case.mapping, case.file));
        }
        if !case.unread.is_empty() {
            wrong.push(format!(
                "{} 有没读的内容（用 ignore 写明不要的）：\n  {}",
                case.file,
                case.unread.join("\n  ")
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

#[test]
fn the_language_reference_lists_the_functions_as_they_are() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/mapping.md");
    let text = fs::read_to_string(&path).unwrap();
    let (before, rest) = text.split_once("program from its function table -->\n").unwrap();
    let (_, after) = rest.split_once("<!-- /functions -->").unwrap();
    let wanted = format!(
        "{before}program from its function table -->\n\n{}\n<!-- /functions -->{after}",
        catalogue::reference()
    );
    if updating() {
        fs::write(&path, &wanted).unwrap();
        return;
    }
    assert!(text == wanted, "docs/mapping.md is behind the function table; run UPDATE=1 cargo test mappings");
}
