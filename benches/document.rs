//! How long a document takes, as a ratio to what cannot be saved.
//!
//! `cargo bench --bench document` prints the median of interleaved rounds: a two-page letter, the documents of the shipped
//! kinds and a table of 500 rows, from values to PDF bytes, with warm faces. The floor is what any writer with the fonts at hand
//! must still do: copy their compressed streams and deflate the contents of the pages. Then come processes of their own: one
//! that makes a single letter from nothing, and one that makes 1,000 different letters on all cores, with the processor time
//! and the memory that the system counted. `benches/compare/letters.py` sets the same letter with other engines.

#![expect(clippy::print_stdout, reason = "a bench reports what it measured")]

use std::collections::BTreeMap;
use std::hint::black_box;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Instant;

#[path = "document/process.rs"]
mod process;

use hub::document::{FontStore, Kind, Kinds, Options, Purpose, font, lay_out_values, render};
use hub::model::Schema;
use serde_json::{Map, Value as Json};

const ROUNDS: usize = 41;

fn main() {
    match std::env::args().nth(1).as_deref() {
        Some(process::COLD) => return process::cold(),
        Some(process::BATCH) => return process::batch(),
        _ => {}
    }
    let Some(fonts) = fonts() else {
        println!("no fonts; run deploy/fonts.sh");
        return;
    };
    for (folder, names) in [
        ("tests/documents", &["short_letter"][..]),
        ("templates/documents", &["obligation_notice", "task_breakdown", "handover_certificate"][..]),
    ] {
        let kinds = kinds(folder);
        for kind in names.iter().filter_map(|name| kinds.get(name)) {
            measure(kind, &kind.sample.values, &fonts);
        }
    }
    if let Some(kind) = kinds("templates/documents").get("task_breakdown") {
        measure(kind, &with_rows(&kind.sample.values, 500), &fonts);
    }
    process::run(process::COLD);
    process::run(process::BATCH);
}

/// The full faces when they were fetched, else the small ones of the tests: what is embedded is the same.
fn fonts() -> Option<FontStore> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folders: Vec<PathBuf> =
        ["assets/fonts", "tests/fonts"].iter().map(|folder| root.join(folder)).collect();
    FontStore::open(font::MANIFEST, &folders).ok()
}

/// The same values with the rows of their table repeated up to `count`.
fn with_rows(values: &Map<String, Json>, count: usize) -> Map<String, Json> {
    let mut values = values.clone();
    if let Some(rows) = values.get_mut("rows").and_then(Json::as_array_mut) {
        *rows = rows.iter().cycle().take(count).cloned().collect();
    }
    values
}

fn kinds(folder: &str) -> Kinds {
    let mut files = BTreeMap::new();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    for kind in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        for file in std::fs::read_dir(kind.path()).into_iter().flatten().flatten() {
            let name =
                format!("{}/{}", kind.file_name().to_string_lossy(), file.file_name().to_string_lossy());
            files.insert(name, std::fs::read(file.path()).unwrap_or_default());
        }
    }
    let schema = hub::boot::mappings(None)
        .and_then(|mappings| hub::boot::model_files(&mappings))
        .ok()
        .and_then(|files| Schema::load(&files).ok());
    schema.and_then(|schema| Kinds::load(&files, &schema).ok()).unwrap_or_default()
}

fn options(kind: &Kind) -> Options<'_> {
    let sample = &kind.sample;
    Options {
        number: sample.number.as_deref(),
        date: sample.date,
        purpose: Purpose::Issue,
        watermark: None,
        id: "bench",
    }
}

fn measure(kind: &Kind, values: &Map<String, Json>, fonts: &FontStore) {
    let options = options(kind);
    let first = match render(kind, values, &options, fonts) {
        Ok(first) => first,
        Err(error) => {
            println!("{}: cannot be printed: {error}", kind.name);
            return;
        }
    };
    let (fonts_packed, contents) = parts(&first.pdf);
    let (mut whole, mut layout, mut floor) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        whole.push(time(|| {
            black_box(render(kind, values, &options, fonts).is_ok());
        }));
        layout.push(time(|| {
            black_box(lay_out_values(kind, values, &options, fonts).is_ok());
        }));
        floor.push(time(|| {
            black_box(least(&fonts_packed, &contents).len());
        }));
    }
    let (whole, layout, floor) = (median(whole), median(layout), median(floor));
    println!(
        "{}: {} pages, {} KB: {whole:.2} ms (layout {layout:.2} ms), floor {floor:.2} ms, ratio {:.1}",
        kind.name,
        first.page_count,
        first.pdf.len() / 1024,
        whole / floor
    );
}

/// The compressed font streams of a file, and the contents of its pages.
fn parts(pdf: &[u8]) -> (Vec<Vec<u8>>, Vec<Vec<u8>>) {
    let Ok(file) = lopdf::Document::load_mem(pdf) else { return (Vec::new(), Vec::new()) };
    let packed = file.objects.values().filter_map(|object| object.as_stream().ok());
    let fonts = packed.filter(|stream| stream.dict.has(b"Subtype")).map(|stream| stream.content.clone());
    let pages = file.get_pages();
    (fonts.collect(), pages.values().map(|page| file.get_page_content(*page)).collect())
}

fn least(fonts: &[Vec<u8>], contents: &[Vec<u8>]) -> Vec<u8> {
    let mut out = Vec::with_capacity(256 * 1024);
    for font in fonts {
        out.extend_from_slice(font);
    }
    for content in contents {
        let mut encoder = flate2::write::ZlibEncoder::new(&mut out, flate2::Compression::new(6));
        // Writing to memory cannot fail.
        let _ = encoder.write_all(content).and_then(|()| encoder.finish().map(|_| ()));
    }
    out
}

fn time(work: impl FnOnce()) -> f64 {
    let start = Instant::now();
    work();
    start.elapsed().as_secs_f64() * 1000.0
}

fn median(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    times.get(times.len() / 2).copied().unwrap_or(0.0)
}
