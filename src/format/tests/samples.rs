//! Real messages, where the machine has them: a folder beside the project that is not part of it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::super::{Format, ReadSpec, read};
use crate::error::Severity;

fn files(dir: &Path, out: &mut Vec<PathBuf>) {
    let Ok(entries) = std::fs::read_dir(dir) else { return };
    for path in entries.flatten().map(|it| it.path()) {
        if path.is_dir() { files(&path, out) } else { out.push(path) }
    }
}

fn format_of(path: &Path) -> Option<Format> {
    let name = path.file_name()?.to_str()?;
    Some(match path.extension()?.to_str()? {
        "json" => Format::Json,
        "xml" | "wsdl" | "xsd" => Format::Xml,
        "csv" => Format::Csv,
        "xlsx" => Format::Xlsx,
        "txt" if name.contains("cfx") => Format::Frame,
        _ => return None,
    })
}

#[test]
fn real_messages_are_read_or_refused_for_their_known_faults() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/samples");
    let mut paths = Vec::new();
    files(&folder, &mut paths);
    paths.sort();
    let mut found = BTreeMap::new();
    for path in &paths {
        let Some(format) = format_of(path) else { continue };
        let bytes = std::fs::read(path).unwrap();
        let name = path.file_name().unwrap().to_str().unwrap().split('_').next().unwrap().to_owned();
        let spec = ReadSpec { format, ..ReadSpec::default() };
        let problems = match read(&bytes, &spec) {
            Ok(document) => {
                assert!(document.tree.len() > 1, "{name}");
                document.problems
            }
            Err(problems) => problems,
        };
        for problem in problems {
            found.insert((name.clone(), problem.code.number()), problem.severity);
        }
        let lenient = ReadSpec { lenient: true, many: true, ..spec };
        if matches!(name.as_str(), "tx06" | "nr23" | "fi10" | "db16") {
            assert!(read(&bytes, &lenient).is_ok(), "{name}");
        }
    }
    if paths.is_empty() {
        return;
    }
    let (refused, warned) = (Severity::Error, Severity::Warning);
    let expected = [
        // A hand-made frame whose length was never computed.
        ("fi01", 2051, refused),
        // A raw & in a URL, and UTF-8 that declares GB2312.
        ("fi10", 2003, refused),
        ("fi10", 2021, warned),
        ("fi11", 2021, warned),
        ("fi12", 2021, warned),
        ("fi13", 2021, warned),
        // A template, not a message.
        ("fi15", 2001, refused),
        // Two arrays one behind the other; a key that stands twice; characters lost before the file came to us.
        ("nr23", 2015, refused),
        ("nr24", 2012, refused),
        ("nr27", 2022, refused),
        ("tx06", 2013, refused),
        ("tx13", 2005, warned),
    ];
    let expected: BTreeMap<_, _> =
        expected.map(|(name, code, level)| ((name.to_owned(), code), level)).into();
    assert_eq!(found, expected);
}
