//! Loading all mappings of a folder, with every finding.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use super::codes::{self as tables, TableFiles};
use super::compile::{self, Folder};
use super::diagnostic::Diagnostic;
use super::file::{MapFile, PartnerFile};
use super::source::Source;
use super::{Files, Mapping, Mappings};
use crate::error::{Severity, codes::mapping as codes};
use crate::model::Schema;

/// Folders beside those of the partners.
const NOT_PARTNERS: &[&str] = &["model", "calendar", "subscriptions"];

/// Everything found in the files: mappings that are sound, and all findings in order of file and place.
pub(super) fn load(files: &Files, schema: &Schema) -> (Mappings, Vec<Diagnostic>) {
    let mut mappings = Mappings { all: BTreeMap::new(), drops: BTreeMap::new() };
    let mut found = Vec::new();
    for partner in partners(files) {
        let (file, shared) = partner_files(files, &partner, schema, &mut found);
        if let Some(drop) = &file.drop {
            mappings.drops.insert(partner.clone(), drop.clone());
        }
        for message in messages(files, &partner) {
            if let Some(mapping) = one(files, &partner, &message, &file, &shared, schema, &mut found) {
                mappings.all.insert((partner.clone(), message), mapping);
            }
        }
    }
    found.sort_by(|a, b| (&a.file, a.span.start).cmp(&(&b.file, b.span.start)));
    (mappings, found)
}

fn partners(files: &Files) -> BTreeSet<String> {
    let folder = |path: &String| {
        let mut parts = path.split('/');
        let partner = parts.next()?;
        let below = parts.next()?;
        let counts = below == "partner.toml" || parts.next() == Some("map.toml");
        (counts && !NOT_PARTNERS.contains(&partner)).then(|| partner.to_owned())
    };
    files.keys().filter_map(folder).collect()
}

fn messages(files: &Files, partner: &str) -> BTreeSet<String> {
    let prefix = format!("{partner}/");
    files
        .keys()
        .filter_map(|path| path.strip_prefix(&prefix)?.strip_suffix("/map.toml"))
        .filter(|it| !it.contains('/'))
        .map(str::to_owned)
        .collect()
}

fn partner_files(
    files: &Files,
    partner: &str,
    schema: &Schema,
    found: &mut Vec<Diagnostic>,
) -> (PartnerFile, TableFiles) {
    check_name(partner, &format!("{partner}/partner.toml"), found);
    let path = format!("{partner}/partner.toml");
    let file = match text(files, &path, found) {
        Some(text) => {
            let source = Source::new(&path, text);
            let file = PartnerFile::read(&source);
            if let Some(department) = &file.department {
                compile::check_department(&source, department, schema);
            }
            found.extend(source.into_found());
            file
        }
        // A message folder by itself says its department in its own map file.
        None => PartnerFile { title: partner.to_owned(), ..PartnerFile::default() },
    };
    (file, code_tables(files, &format!("{partner}/codes.toml"), schema, found))
}

fn code_tables(files: &Files, path: &str, schema: &Schema, found: &mut Vec<Diagnostic>) -> TableFiles {
    let Some(text) = text(files, path, found) else { return TableFiles::new() };
    let source = Source::new(path, text);
    let all = tables::load(&source, schema);
    found.extend(source.into_found());
    all
}

fn one(
    files: &Files,
    partner: &str,
    message: &str,
    file: &PartnerFile,
    shared: &TableFiles,
    schema: &Schema,
    found: &mut Vec<Diagnostic>,
) -> Option<Mapping> {
    let path = format!("{partner}/{message}/map.toml");
    check_name(message, &path, found);
    let before = found.len();
    let own = code_tables(files, &format!("{partner}/{message}/codes.toml"), schema, found);
    let folder = Folder { partner, message, own: &own, shared, schema, used: RefCell::default() };
    let source = Source::new(&path, text(files, &path, found)?);
    let map = MapFile::read(&source);
    let mapping = compile::compile(&source, map, file, &folder, schema);
    found.extend(source.into_found());
    let sound = found.iter().skip(before).all(|it| it.severity != Severity::Error);
    mapping.filter(|_| sound)
}

fn text<'f>(files: &'f Files, path: &str, found: &mut Vec<Diagnostic>) -> Option<&'f str> {
    let bytes = files.get(path)?;
    match std::str::from_utf8(bytes) {
        Ok(text) => Some(text),
        Err(error) => {
            let message = format!("{path} 不是 UTF-8 文本，第 {} 字节起无法识别", error.valid_up_to() + 1);
            let hint = "另存为 UTF-8 编码";
            found.push(Diagnostic::new(codes::MAPPING_FILE, Severity::Error, path, "", 0..0, message, hint));
            None
        }
    }
}

/// Names stand in addresses of the API, so they are kept plain.
fn check_name(name: &str, path: &str, found: &mut Vec<Diagnostic>) {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '_';
    if name.is_empty() || !name.chars().all(plain) {
        let message = format!("文件夹名“{name}”不合规定");
        let hint = "只用小写字母、数字、连字符和下划线，如 natural-resources、land_grant";
        found.push(Diagnostic::new(codes::MAPPING_FOLDER, Severity::Error, path, "", 0..0, message, hint));
    }
}
