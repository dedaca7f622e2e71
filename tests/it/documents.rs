//! Documents: samples against their expected layout, and the PDF read again with outside tools.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use hub::document::{FontStore, Kinds, Options, Purpose, font, render};
use hub::model::Schema;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn schema() -> Schema {
    let f = |p: &str, t: &str| (p.to_owned(), t.to_owned());
    let k = |o: u32| {
        format!(
            "title='x'\ndescription='x'\norder={o}\nkeys=[['a']]\nlabel=['a']\nsensitivity='internal'\n[fields]\na={{title='a',type='text'}}\n"
        )
    };
    Schema::load(&[f("project.toml", &k(1)), f("department.toml", &k(2)), f("handover.toml", &k(3))]).unwrap()
}

fn files() -> BTreeMap<String, Vec<u8>> {
    let base = root().join("templates/documents");
    let mut out = BTreeMap::new();
    for dir in std::fs::read_dir(&base).unwrap() {
        for file in std::fs::read_dir(dir.unwrap().path()).unwrap() {
            let p = file.unwrap().path();
            out.insert(
                p.strip_prefix(&base).unwrap().to_str().unwrap().to_owned(),
                std::fs::read(&p).unwrap(),
            );
        }
    }
    out
}

#[test]
fn look() {
    let kinds = match Kinds::load(&files(), &schema()) {
        Ok(k) => k,
        Err(p) => panic!("{}", p.iter().map(|p| p.to_string()).collect::<Vec<_>>().join("\n")),
    };
    let fonts = FontStore::open(font::MANIFEST, &[PathBuf::from("assets/fonts")]).unwrap();
    for kind in kinds.iter() {
        let o = Options {
            number: kind.sample.number.as_deref(),
            date: kind.sample.date,
            purpose: Purpose::Issue,
            watermark: None,
            id: "sample",
        };
        let r = match render(kind, &kind.sample.values, &o, &fonts) {
            Ok(r) => r,
            Err(e) => panic!("{e}"),
        };
        std::fs::create_dir_all("/tmp/docwork/out").unwrap();
        std::fs::write(format!("/tmp/docwork/out/{}.pdf", kind.name), &r.pdf).unwrap();
        println!("{} {} pages {} bytes {} placed", kind.name, r.page_count, r.pdf.len(), r.placed.len());
    }
}
