//! How fast bytes become a tree, as a ratio to the bare event loop of the parser in the same run.
//!
//! `cargo bench --bench format` prints the median of interleaved rounds. The message is the 2 KB, 40-field kind that
//! departments send one by one. The bound of reading XML is quick-xml's own event loop over the same text; of JSON, jiter's
//! own values of the same text; of CSV rows, the csv crate reading the same records.

#![expect(clippy::print_stdout, reason = "a bench reports what it measured")]

use std::fmt::Write;
use std::hint::black_box;
use std::io::Cursor;
use std::time::Instant;

use hub::format::{Format, ReadSpec, Table, read};

const ROUNDS: usize = 41;

fn main() {
    let xml = registration(40);
    let json = payment(40);
    let csv = table(2_000);
    println!("message: {} bytes XML, {} bytes JSON; table: {} bytes CSV", xml.len(), json.len(), csv.len());
    let spec = |format| ReadSpec { format, ..ReadSpec::default() };
    let (xml_spec, json_spec, csv_spec) = (spec(Format::Xml), spec(Format::Json), spec(Format::Csv));
    compare(
        "xml: event loop",
        xml.len(),
        400,
        || events(&xml),
        "xml: tree with places",
        || {
            black_box(read(black_box(xml.as_bytes()), &xml_spec).is_ok());
        },
    );
    compare(
        "xml: tree",
        xml.len(),
        400,
        || {
            black_box(read(black_box(xml.as_bytes()), &xml_spec).is_ok());
        },
        "xml: tree, every place rendered",
        || {
            if let Ok(document) = read(black_box(xml.as_bytes()), &xml_spec) {
                for id in document.tree.ids() {
                    black_box(document.tree.place(id));
                }
            }
        },
    );
    compare(
        "json: jiter's own values",
        json.len(),
        400,
        || {
            black_box(jiter::JsonValue::parse(black_box(json.as_bytes()), false).is_ok());
        },
        "json: tree with places",
        || {
            black_box(read(black_box(json.as_bytes()), &json_spec).is_ok());
        },
    );
    compare(
        "csv: records",
        csv.len(),
        4,
        || records(&csv),
        "csv: rows as trees",
        || {
            if let Ok(mut table) = Table::open(Cursor::new(csv.as_bytes()), &csv_spec) {
                black_box(table.rows().map_or(0, Iterator::count));
            }
        },
    );
}

/// Runs both in turn and prints the median speed of each and of their ratio.
fn compare(bound: &str, bytes: usize, times: u32, mut a: impl FnMut(), name: &str, mut b: impl FnMut()) {
    let mut bounds = Vec::new();
    let mut ours = Vec::new();
    let mut ratios = Vec::new();
    for _ in 0..ROUNDS {
        let (x, y) = (time(times, &mut a), time(times, &mut b));
        bounds.push(x);
        ours.push(y);
        ratios.push(x / y);
    }
    let speed = |seconds: f64| bytes as f64 / seconds / 1e6;
    println!("{bound:<24} {:>8.1} MB/s  {:>7.2} µs", speed(median(&mut bounds)), median(&mut bounds) * 1e6);
    println!(
        "{name:<32} {:>8.1} MB/s  {:>7.2} µs  ratio {:.2}",
        speed(median(&mut ours)),
        median(&mut ours) * 1e6,
        median(&mut ratios)
    );
}

/// Seconds for one call.
fn time(times: u32, work: &mut impl FnMut()) -> f64 {
    let start = Instant::now();
    for _ in 0..times {
        work();
    }
    start.elapsed().as_secs_f64() / f64::from(times)
}

fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

fn events(text: &str) {
    let mut reader = quick_xml::reader::Reader::from_str(black_box(text));
    while let Ok(event) = reader.read_event() {
        if matches!(black_box(event), quick_xml::events::Event::Eof) {
            break;
        }
    }
}

fn records(text: &str) {
    let mut reader = csv::Reader::from_reader(black_box(text.as_bytes()));
    let mut record = csv::StringRecord::new();
    while reader.read_record(&mut record).unwrap_or(false) {
        black_box(&record);
    }
}

/// A registration report: head, one building, its units; names and numbers are invented.
fn registration(fields: usize) -> String {
    let mut out = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Message>\n  <Head>\n");
    for n in 0..fields / 2 {
        let _ = writeln!(out, "    <Field{n:02}>330402{n:06}</Field{n:02}>");
    }
    out.push_str("  </Head>\n  <Data>\n    <Building ZDDM=\"330402001001GB00001\" ZRZH=\"0001\">\n");
    for n in 0..fields / 2 {
        let rest = if n % 10 == 0 { "A&amp;B 座" } else { "" };
        let _ = writeln!(out, "      <Value{n:02}>嘉兴市南湖区某某路 {n} 号{rest}</Value{n:02}>");
    }
    out.push_str("    </Building>\n  </Data>\n</Message>\n");
    out
}

fn payment(fields: usize) -> String {
    let mut out = String::from("{\"head\":{\"rtn_code\":\"200\",\"rtn_msg\":\"成功\"},\"body\":{\"list\":[{");
    for n in 0..fields {
        let _ = write!(out, "{}\"field_{n:02}\":", if n == 0 { "" } else { "," });
        let _ = if n % 3 == 0 {
            write!(out, "1{n}34.50")
        } else {
            write!(out, "\"嘉兴市某某公司第 {n} 项\"")
        };
    }
    out.push_str("}]}}");
    out
}

fn table(rows: usize) -> String {
    let mut out = String::from("工程编号,名称,建筑面积,战时用途,竣工日期,联系人\n");
    for n in 0..rows {
        let _ = writeln!(
            out,
            "330402-{n:06},某某小区人防地下室,{n}.25,二等人员掩蔽所,2026-03-{:02},张某",
            n % 28 + 1
        );
    }
    out
}
