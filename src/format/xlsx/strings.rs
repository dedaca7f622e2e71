//! The texts that cells share.

use std::io::{Read, Seek};

use quick_xml::events::Event;
use zip::ZipArchive;

use super::super::Limits;
use super::super::xml::resolve;
use super::{Checked, Events, open_part};

/// All shared texts in one buffer.
#[derive(Debug, Default)]
pub(super) struct Strings {
    buffer: String,
    ends: Vec<u32>,
}

impl Strings {
    pub fn load<R: Read + Seek>(
        archive: &mut ZipArchive<R>,
        part: Option<&str>,
        limits: &Limits,
    ) -> Checked<Self> {
        let mut strings = Self::default();
        let Some(mut events) = open_part(archive, part.unwrap_or("xl/sharedStrings.xml"), limits)? else {
            return Ok(strings);
        };
        loop {
            let item = match events.next()? {
                None => return Ok(strings),
                Some(Event::Start(tag)) => tag.local_name().as_ref() == "si",
                Some(Event::Empty(tag)) if tag.local_name().as_ref() == "si" => {
                    strings.ends.push(strings.buffer.len() as u32);
                    false
                }
                Some(_) => false,
            };
            if item {
                let from = strings.buffer.len();
                rich_text(&mut events, "si", &mut strings.buffer)?;
                unescape_from(&mut strings.buffer, from);
                strings.ends.push(strings.buffer.len() as u32);
            }
        }
    }

    pub fn get(&self, index: usize) -> Option<&str> {
        let end = *self.ends.get(index)? as usize;
        let start =
            index.checked_sub(1).map_or(0, |before| self.ends.get(before).map_or(0, |at| *at as usize));
        self.buffer.get(start..end)
    }
}

/// Appends the text of `<si>` or `<is>`: its `<t>`, or those of its runs; phonetic hints are left out.
pub(super) fn rich_text<R: Read>(events: &mut Events<'_, R>, until: &str, out: &mut String) -> Checked<()> {
    let mut in_text = false;
    let mut phonetic = 0u32;
    while let Some(event) = events.next()? {
        match event {
            Event::Start(tag) => match tag.local_name().as_ref() {
                "t" => in_text = phonetic == 0,
                "rPh" => phonetic += 1,
                _ => {}
            },
            Event::End(tag) => match tag.local_name().as_ref() {
                "t" => in_text = false,
                "rPh" => phonetic = phonetic.saturating_sub(1),
                name if name == until => return Ok(()),
                _ => {}
            },
            event if in_text => push_text(&event, out),
            _ => {}
        }
    }
    Ok(())
}

/// Appends what a text, CDATA or reference event stands for.
pub(super) fn push_text(event: &Event<'_>, out: &mut String) {
    match event {
        Event::Text(text) => out.push_str(&text.xml10_content()),
        Event::CData(text) => out.push_str(&text.xml10_content()),
        Event::GeneralRef(name) => out.extend(resolve(name)),
        _ => {}
    }
}

/// Replaces `_x000D_` and the like (ECMA-376-1 §22.9.2.19) in the part of the buffer that begins at `from`.
pub(super) fn unescape_from(buffer: &mut String, from: usize) {
    let Some(text) = buffer.get(from..).filter(|text| text.contains("_x")) else { return };
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("_x") {
        let (before, tail) = rest.split_at(at);
        plain.push_str(before);
        let code = tail.get(2..6).filter(|hex| hex.bytes().all(|b| b.is_ascii_hexdigit()));
        let character = code
            .filter(|_| tail.as_bytes().get(6) == Some(&b'_'))
            .and_then(|hex| u32::from_str_radix(hex, 16).ok())
            .and_then(char::from_u32);
        match character {
            Some(c) => {
                plain.push(c);
                rest = tail.get(7..).unwrap_or_default();
            }
            None => {
                plain.push_str("_x");
                rest = tail.get(2..).unwrap_or_default();
            }
        }
    }
    plain.push_str(rest);
    buffer.truncate(from);
    buffer.push_str(&plain);
}
