//! Documents: samples against their expected layout, and the PDF read again with outside tools.

use std::path::PathBuf;

use hub::document::{FontStore, Kinds, Options, Purpose, font, render};
use hub::model::Schema;

fn kinds() -> Kinds {
    let mappings = hub::boot::mappings(None).unwrap();
    let schema = Schema::load(&hub::boot::model_files(&mappings).unwrap()).unwrap();
    let templates = hub::boot::templates(None).unwrap();
    let files = templates
        .into_iter()
        .filter_map(|(path, bytes)| Some((path.strip_prefix("documents/")?.to_owned(), bytes)));
    Kinds::load(&files.collect(), &schema).unwrap_or_else(|problems| {
        panic!("{}", problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))
    })
}

#[test]
fn look() {
    let kinds = kinds();
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
