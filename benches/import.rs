//! How much memory the import of a long table takes: 100,000 rows beside one row, each into an empty hub of its own.
//!
//! `cargo bench --bench import` runs `hub import` itself, in a process for each file, on SQLite in a temporary directory;
//! `cargo bench --bench import -- ROWS` takes another number of rows. The rows are the works ledger's first sample row under
//! other numbers, in GBK as the ledger exports it, each a new record. Memory is the peak of resident pages that Linux keeps of a process
//! (`VmHWM`). The bound: 64 MiB more than for one row, whatever the number of rows. Not a bound, but printed: rows a second.

#![expect(clippy::print_stdout, reason = "a bench reports what it measured")]
#![expect(clippy::unwrap_used, reason = "a bench stops at the first failure")]

use std::fs;
use std::io::{BufWriter, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

const ROWS: usize = 100_000;
const BOUND: u64 = 64;

/// Peak memory in KiB and seconds of one import.
struct Measured {
    peak: u64,
    seconds: f64,
}

fn main() {
    let rows = std::env::args().skip(1).find_map(|it| it.parse().ok()).unwrap_or(ROWS);
    let directory = tempfile::tempdir().unwrap();
    let one = measure(directory.path(), 1);
    let many = measure(directory.path(), rows);
    let mib = |kib: u64| kib as f64 / 1024.0;
    println!("one row                {:>8.1} MiB at its peak", mib(one.peak));
    println!(
        "{rows} rows            {:>8.1} MiB at its peak, {:.0} rows/s",
        mib(many.peak),
        rows as f64 / many.seconds
    );
    println!(
        "growth                 {:>8.1} MiB of {BOUND} allowed",
        mib(many.peak.saturating_sub(one.peak))
    );
}

fn measure(directory: &Path, rows: usize) -> Measured {
    let table = directory.join(format!("{rows}.csv"));
    let data = directory.join(format!("hub-{rows}"));
    write_table(&table, rows);
    fs::create_dir(&data).unwrap();
    assert!(hub(&data).arg("migrate").status().unwrap().success(), "no hub was made");
    let started = Instant::now();
    let mut import = hub(&data)
        .args(["--json", "import", "civil-defence", "works_ledger"])
        .arg(&table)
        .stdout(fs::File::create(directory.join("receipt")).unwrap())
        .spawn()
        .unwrap();
    let mut peak = 0;
    // The kernel only ever raises the mark, so the last look before the end counts.
    let status = loop {
        peak = peak_of(import.id()).unwrap_or(peak);
        if let Some(status) = import.try_wait().unwrap() {
            break status;
        }
        std::thread::sleep(Duration::from_millis(5));
    };
    let seconds = started.elapsed().as_secs_f64();
    let told = fs::read_to_string(directory.join("receipt")).unwrap();
    let receipt: serde_json::Value = serde_json::from_str(told.lines().last().unwrap()).unwrap();
    let accepted = receipt.get("accepted").and_then(serde_json::Value::as_u64);
    assert!(status.success() && accepted == Some(rows as u64), "{receipt}");
    Measured { peak, seconds }
}

fn hub(data: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_hub"));
    command.arg("--data").arg(data).arg("--quiet").stdout(Stdio::null());
    command
}

/// Peak of a process's resident memory in KiB; none when it has ended.
fn peak_of(process: u32) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find_map(|it| it.strip_prefix("VmHWM:"))?;
    line.split_whitespace().next()?.parse().ok()
}

/// The head and first row of the ledger's sample, that row again and again for works of other numbers, names and places:
/// every row is a new record, and none leads to the record of another by one of its keys.
fn write_table(path: &Path, rows: usize) {
    let sample = concat!(env!("CARGO_MANIFEST_DIR"), "/mappings/civil-defence/works_ledger/sample.csv");
    let bytes = fs::read(sample).unwrap();
    let (text, _, wrong) = encoding_rs::GBK.decode(&bytes);
    assert!(!wrong, "the sample is not GBK");
    let mut lines = text.lines();
    let titles: Vec<&str> = lines.next().unwrap().split(',').collect();
    let cells: Vec<&str> = lines.next().unwrap().split(',').collect();
    let mut out = BufWriter::new(fs::File::create(path).unwrap());
    let mut write = |line: &str| out.write_all(&encoding_rs::GBK.encode(&format!("{line}\r\n")).0).unwrap();
    write(&titles.join(","));
    for n in 0..rows {
        let row = titles.iter().zip(&cells).map(|(title, cell)| match *title {
            "工程编号" => format!("JXRF-330481-2022-{n:06}"),
            "工程名称" => format!("枕河雅筑{n}号人防工程"),
            "不动产单元号" => format!("330481001010GX{n:05}F90090001"),
            "竣工备案号" => format!("嘉人防备〔2024〕{}号", n + 1),
            _ => (*cell).to_owned(),
        });
        write(&row.collect::<Vec<_>>().join(","));
    }
}
