//! What only a whole process shows: the time from nothing to the first letter, and the cost and memory of a batch.

use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use hub::document::{FontStore, Kind, Rendered, render};
use serde_json::Value as Json;

/// Makes one letter.
pub const COLD: &str = "--one-letter";
/// Makes [`LETTERS`] letters.
pub const BATCH: &str = "--batch-of-letters";

const LETTERS: usize = 1_000;

/// Runs this binary again for one of the two, some times over, and prints what it said of the quickest run.
pub fn run(what: &str) {
    let Ok(binary) = std::env::current_exe() else { return };
    let mut best: Option<(f64, String)> = None;
    for _ in 0..if what == COLD { 9 } else { 3 } {
        let start = Instant::now();
        let Ok(output) = Command::new(&binary).arg(what).output() else { return };
        let took = start.elapsed().as_secs_f64() * 1000.0;
        if best.as_ref().is_none_or(|(least, _)| took < *least) {
            best = Some((took, String::from_utf8_lossy(&output.stdout).trim().to_owned()));
        }
    }
    if let Some((took, said)) = best {
        println!("{said}; {took:.0} ms with start and end of the process");
    }
}

/// From nothing to the bytes of one letter.
pub fn cold() {
    let letters = super::kinds("tests/documents");
    let (Some(kind), Some(fonts)) = (letters.get("short_letter"), super::fonts()) else { return };
    let start = Instant::now();
    let made = letter(kind, &fonts, 0);
    let (cpu, peak) = (processor_ms(), peak_mib());
    println!(
        "cold: first letter {:.1} ms after templates and list of faces were read, {} KB, {cpu:.0} ms of processor, peak {peak:.1} MiB",
        start.elapsed().as_secs_f64() * 1000.0,
        made.map_or(0, |it| it.pdf.len() / 1024),
    );
}

/// A thousand letters to different people, on all cores.
pub fn batch() {
    let letters = super::kinds("tests/documents");
    let (Some(kind), Some(fonts)) = (letters.get("short_letter"), super::fonts()) else { return };
    let (next, bytes, failed) = (AtomicUsize::new(0), AtomicUsize::new(0), AtomicUsize::new(0));
    let (before, start) = (processor_ms(), Instant::now());
    let cores = std::thread::available_parallelism().map_or(2, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..cores {
            scope.spawn(|| {
                loop {
                    let nth = next.fetch_add(1, Ordering::Relaxed);
                    if nth >= LETTERS {
                        return;
                    }
                    match letter(kind, &fonts, nth) {
                        Some(made) => bytes.fetch_add(made.pdf.len(), Ordering::Relaxed),
                        None => failed.fetch_add(1, Ordering::Relaxed),
                    };
                }
            });
        }
    });
    let (took, cpu) = (start.elapsed().as_secs_f64(), processor_ms() - before);
    let count = LETTERS as f64;
    println!(
        "batch: {LETTERS} letters on {cores} cores: {:.2} ms of processor each, {:.0} a second, {:.0} KB each, {} failed, peak {:.1} MiB",
        cpu / count,
        count / took,
        bytes.into_inner() as f64 / count / 1024.0,
        failed.into_inner(),
        peak_mib(),
    );
}

/// The sample letter to somebody else: names of three characters that the template does not print.
fn letter(kind: &Kind, fonts: &FontStore, nth: usize) -> Option<Rendered> {
    // All of them are in the small faces of the tests.
    const NAMES: &str = "赵钱孙李周吴郑王冯陈沈韩杨朱秦许何吕张孔曹严华金魏陶姜";
    let names: Vec<char> = NAMES.chars().collect();
    let pick = |step: usize| names.get((nth / step) % names.len());
    let name: String = [1, 27, 729].into_iter().filter_map(pick).collect();
    let mut values = kind.sample.values.clone();
    values.insert("contact".to_owned(), Json::from(format!("{name}，联系电话：0573-8252{nth:04}")));
    let number = format!("嘉人防〔2026〕{}号", nth + 1);
    let id = format!("bench {nth}");
    let options = hub::document::Options { number: Some(&number), id: &id, ..super::options(kind) };
    render(kind, &values, &options, fonts).ok()
}

/// Processor time of this process so far, ms.
fn processor_ms() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let after_name = stat.rsplit(')').next().unwrap_or_default();
    // User and system time are the 14th and 15th field, in hundredths of a second.
    let ticks = after_name.split_whitespace().skip(11).take(2).filter_map(|it| it.parse::<f64>().ok());
    ticks.sum::<f64>() * 10.0
}

/// The most memory this process ever held, MiB.
fn peak_mib() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kib = line.and_then(|line| line.split_whitespace().next()).and_then(|it| it.parse::<f64>().ok());
    kib.unwrap_or(0.0) / 1024.0
}
