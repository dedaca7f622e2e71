//! Merged ranges of a sheet. They stand behind the rows in the file, which are skipped without being parsed.

use std::collections::HashMap;
use std::io::{BufRead, Read, Seek};

use quick_xml::events::Event;
use zip::ZipArchive;

use super::super::Limits;
use super::sheet::{MAX_ROW, column_of};
use super::{Checked, Events, Part, attribute, open_raw, stopped};
use crate::error::{Problem, codes};

/// Last row of each merged range that reaches below its first row, by first row and column.
pub(super) type Merged = HashMap<(u32, u32), u32>;

/// The merged ranges of a sheet that span several rows. They stand behind the rows, which are skipped without parsing.
pub(super) fn merged_down<R: Read + Seek>(
    archive: &mut ZipArchive<R>,
    part: &str,
    limits: &Limits,
) -> Checked<Merged> {
    let mut merged = Merged::new();
    let Some(mut raw) = open_raw(archive, part, limits)? else { return Ok(merged) };
    if !skip_rows(&mut raw).map_err(|_interrupted| stopped(raw.get_ref().tripped(), part, limits))? {
        return Ok(merged);
    }
    let mut events = Events::new(raw, part, limits);
    while let Some(event) = events.next()? {
        let (Event::Start(tag) | Event::Empty(tag)) = event else { continue };
        if tag.local_name().as_ref() != "mergeCell" {
            continue;
        }
        let range = attribute(&tag, "ref").unwrap_or_default();
        let Some((first, last)) = range.split_once(':') else { continue };
        if let (Some(column), Some(from), Some(to)) = (column_of(first), row_of(first), row_of(last)) {
            if to > from {
                merged.insert((from, column), to);
            }
            if merged.len() > limits.nodes {
                let rule = format!("合并单元格超过 {} 处。", limits.nodes);
                return Err(Problem::error(codes::format::TOO_MANY_NODES, rule, "请取消合并后再发。"));
            }
        }
    }
    Ok(merged)
}

/// Reads until just behind the end tag of the rows; false when there is none.
fn skip_rows<R: Read>(input: &mut Part<'_, R>) -> std::io::Result<bool> {
    const NAME: &[u8] = b"sheetData>";
    let (mut before, mut closing, mut matched) = (0, false, 0);
    loop {
        input.get_mut().complete();
        let chunk = input.fill_buf()?;
        if chunk.is_empty() {
            return Ok(false);
        }
        let mut used = 0;
        let mut found = false;
        for byte in chunk.iter().copied() {
            used += 1;
            closing = (closing && byte != b'<') || (before == b'<' && byte == b'/');
            // No proper prefix of the name ends with its first letter, so a failed match can only restart here.
            let goes_on = NAME.get(matched) == Some(&byte);
            matched = if goes_on { matched + 1 } else { usize::from(byte == b's') };
            before = byte;
            if matched == NAME.len() {
                matched = 0;
                if closing {
                    found = true;
                    break;
                }
            }
        }
        input.consume(used);
        if found {
            return Ok(true);
        }
    }
}

fn row_of(reference: &str) -> Option<u32> {
    let digits = reference.trim_start_matches(|c: char| c.is_ascii_alphabetic() || c == '$');
    digits.parse().ok().filter(|row| (1..=MAX_ROW).contains(row))
}
