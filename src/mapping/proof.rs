//! Proving a folder: its samples read as expected, its bad samples are refused as expected, and what it writes reads back.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde_json::Value as Json;

use super::report::{Detail, pretty};
use super::write::{RecordView, Stamps};
use super::{Diagnostic, Files, Hints, Mapping, Outcome, Reading, check};
use crate::error::Severity;
use crate::model::{Body, Claim, KindId, Schema};

/// What came of proving a folder.
#[derive(Debug, Default)]
pub struct Proof {
    /// What is wrong with the files themselves.
    pub diagnostics: Vec<Diagnostic>,
    /// One case for each sample and each way back.
    pub cases: Vec<Case>,
    /// Expected results as they would be now, where they differ from those in the folder or are missing.
    pub updates: Files,
}

/// One case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Case {
    /// `partner/message`.
    pub mapping: String,
    /// The sample, relative to the mappings folder.
    pub file: String,
    /// What was tried.
    pub trial: Trial,
    /// What went wrong, Chinese with the differing lines; none when it held.
    pub failure: Option<String>,
    /// Values of the sample that the mapping never looks at.
    pub unread: Vec<String>,
}

/// What a case tries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trial {
    /// A good sample reads as expected.
    Reads,
    /// A bad sample is refused as expected.
    Refuses,
    /// What was read is written and reads the same.
    WritesBack,
}

impl Proof {
    /// Whether everything held.
    #[must_use]
    pub fn holds(&self) -> bool {
        self.diagnostics.iter().all(|it| it.severity != Severity::Error)
            && self.cases.iter().all(|it| it.failure.is_none())
    }
}

/// Proves every mapping of the files. `now` stands where a mapping writes the moment of writing.
#[must_use]
pub fn test(files: &Files, schema: &Schema, now: DateTime<Utc>) -> Proof {
    let (mappings, diagnostics) = check(files, schema);
    let mut proof = Proof { diagnostics, ..Proof::default() };
    for mapping in mappings.iter() {
        let folder = format!("{}/{}/", mapping.partner, mapping.message);
        let mut samples = 0;
        for (path, bytes) in files.range(folder.clone()..) {
            let Some(name) = path.strip_prefix(&folder) else { break };
            let Some((trial, expected)) = expected_name(name) else { continue };
            samples += usize::from(trial == Trial::Reads);
            let reading = mapping.read(bytes, &Hints::default());
            let expected = format!("{folder}{expected}");
            proof.cases.push(compare(
                mapping,
                path,
                trial,
                &reading,
                files,
                &expected,
                schema,
                &mut proof.updates,
            ));
            // Where the partner says there is nothing, what stands in the place of the rows is no data.
            let data = trial == Trial::Reads && reading.outcome != Outcome::NotFound;
            if let Some(case) = proof.cases.last_mut().filter(|_| data) {
                case.unread = mapping.unread(bytes);
            }
            if trial == Trial::Reads && mapping.is_reversible() {
                proof.cases.push(writes_back(mapping, path, &reading, schema, now));
            }
        }
        if samples == 0 {
            proof.cases.push(Case {
                mapping: name_of(mapping),
                file: folder,
                trial: Trial::Reads,
                failure: Some("文件夹里没有样例报文，至少放一份 sample.*".to_owned()),
                unread: Vec::new(),
            });
        }
    }
    proof
}

fn name_of(mapping: &Mapping) -> String {
    format!("{}/{}", mapping.partner, mapping.message)
}

/// What a file of a message folder is to show; none when it is no sample.
pub(super) fn kind_of(name: &str) -> Option<Trial> {
    expected_name(name).map(|(trial, _)| trial)
}

/// What a file of the folder is for, and the name of its expected result.
fn expected_name(name: &str) -> Option<(Trial, String)> {
    if name.contains('/') || name == "expected.json" || name.ends_with(".expected.json") {
        return None;
    }
    let (stem, _) = name.rsplit_once('.')?;
    if stem == "sample" {
        return Some((Trial::Reads, "expected.json".to_owned()));
    }
    let trial = match stem {
        _ if stem.starts_with("sample-") => Trial::Reads,
        _ if stem.starts_with("bad-") => Trial::Refuses,
        _ => return None,
    };
    Some((trial, format!("{stem}.expected.json")))
}

#[expect(clippy::too_many_arguments, reason = "one comparison with all it compares, called in one place")]
fn compare(
    mapping: &Mapping,
    file: &str,
    trial: Trial,
    reading: &Reading,
    files: &Files,
    expected: &str,
    schema: &Schema,
    updates: &mut Files,
) -> Case {
    let got = reading.to_json(schema, Detail::Expected);
    let wanted = files.get(expected);
    let known: Option<Json> = wanted.and_then(|it| serde_json::from_slice(it).ok());
    let mut failure = match (wanted, &known) {
        (None, _) => Some(format!("缺少 {expected}；核对读出的结果后用 --update 生成")),
        (Some(_), None) => Some(format!("{expected} 不是 JSON")),
        (_, Some(known)) if *known == got => None,
        (_, Some(known)) => {
            Some(format!("与 {expected} 不同：\n{}", difference(&pretty(known), &pretty(&got))))
        }
    };
    if known.as_ref() != Some(&got) {
        updates.insert(expected.to_owned(), pretty(&got).into_bytes());
    }
    let wrong_kind = match trial {
        Trial::Reads if reading.outcome == Outcome::Refused => {
            let why: Vec<String> = reading.errors().take(5).map(ToString::to_string).collect();
            Some(format!("样例被整份退回：\n{}", why.join("\n")))
        }
        Trial::Refuses if reading.errors().next().is_none() => Some("这份坏样例没有报出任何错误".to_owned()),
        _ => None,
    };
    failure = wrong_kind.or(failure);
    Case { mapping: name_of(mapping), file: file.to_owned(), trial, failure, unread: Vec::new() }
}

fn writes_back(
    mapping: &Mapping,
    file: &str,
    reading: &Reading,
    schema: &Schema,
    now: DateTime<Utc>,
) -> Case {
    let bodies: Vec<(KindId, Body)> = reading.claims.iter().map(|it| (it.kind, body(it))).collect();
    let rows = reading.claims.iter().map(|it| it.row.unwrap_or(0));
    let views: Vec<RecordView<'_>> = bodies
        .iter()
        .zip(rows)
        .map(|((kind, body), group)| RecordView { kind: *kind, body, group })
        .collect();
    // The digits of a frame are not looked at when reading; who holds the token checks them.
    let mac = |_: &[u8]| "0".repeat(64);
    let mut stamps = Stamps::new(now, reading.message_key.clone().unwrap_or_else(|| "0".to_owned()));
    stamps.mac = Some(&mac);
    stamps.arguments = mapping.arguments().map(|name| (name.to_owned(), name.to_owned())).collect();
    let failure = match mapping.write(&views, &stamps) {
        Err(error) => Some(format!("写不回去：{error}")),
        Ok(bytes) => {
            let again = mapping.read(&bytes, &Hints::default());
            let (before, after) = (said(mapping, reading, schema), said(mapping, &again, schema));
            (before != after).then(|| {
                let why: Vec<String> = again.errors().take(5).map(ToString::to_string).collect();
                format!(
                    "写回再读与原来不同：\n{}{}\n写出的报文：\n{}",
                    difference(&before.join("\n"), &after.join("\n")),
                    why.join("\n"),
                    String::from_utf8_lossy(&bytes)
                )
            })
        }
    };
    Case {
        mapping: name_of(mapping),
        file: file.to_owned(),
        trial: Trial::WritesBack,
        failure,
        unread: Vec::new(),
    }
}

fn body(claim: &Claim) -> Body {
    claim.fields.iter().map(|it| (it.field, it.value.clone())).collect()
}

/// What the claims say, without places, sorted: rows of different records may be grouped when written.
fn said(mapping: &Mapping, reading: &Reading, schema: &Schema) -> Vec<String> {
    let mut lines = Vec::new();
    for claim in &reading.claims {
        let Some(kind) = schema.kind_at(claim.kind) else { continue };
        let written = mapping.written_fields(claim.kind, &body(claim));
        let mut fields = BTreeMap::new();
        for it in &claim.fields {
            let Some(field) = kind.fields.get(it.field) else { continue };
            if written.contains(&it.field) {
                fields.insert(field.name.clone(), it.value.to_json(&field.ty).to_string());
            }
        }
        let shown: Vec<String> = fields.into_iter().map(|(name, value)| format!("{name}={value}")).collect();
        lines.push(format!("{} {}", kind.name, shown.join(" ")));
    }
    lines.sort();
    lines
}

/// The lines that differ, `-` expected and `+` found.
fn difference(wanted: &str, got: &str) -> String {
    let (wanted, got): (Vec<&str>, Vec<&str>) = (wanted.lines().collect(), got.lines().collect());
    let same_start = wanted.iter().zip(&got).take_while(|(a, b)| a == b).count();
    let same_end = wanted.iter().rev().zip(got.iter().rev()).take_while(|(a, b)| a == b).count();
    let middle = |lines: &[&str], mark: &str| {
        let end = lines.len().saturating_sub(same_end).max(same_start);
        let part = lines.get(same_start..end).unwrap_or_default();
        let shown: String = part.iter().take(30).map(|it| format!("{mark} {}\n", it.trim_end())).collect();
        let more = part.len().saturating_sub(30);
        if more > 0 { format!("{shown}{mark} ……还有 {more} 行\n") } else { shown }
    };
    middle(&wanted, "-") + &middle(&got, "+")
}
