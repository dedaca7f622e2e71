//! Cell formats, as far as they change what a number means: dates and leading zeros.

use std::collections::HashMap;
use std::io::{Read, Seek};

use quick_xml::events::Event;
use zip::ZipArchive;

use super::super::Limits;
use super::{Checked, attribute, open_part};

/// What a number in a cell is shown as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Look {
    /// As a number.
    Number,
    /// As a date, a time, or both.
    Date,
    /// As hours, minutes and seconds that may exceed a day.
    Duration,
    /// With zeros in front up to this many digits.
    Padded(u8),
}

#[derive(Debug, Default)]
pub(super) struct Styles {
    looks: Vec<Look>,
    pub from_1904: bool,
}

impl Styles {
    pub fn load<R: Read + Seek>(
        archive: &mut ZipArchive<R>,
        part: Option<&str>,
        from_1904: bool,
        limits: &Limits,
    ) -> Checked<Self> {
        let mut styles = Self { looks: Vec::new(), from_1904 };
        let Some(mut events) = open_part(archive, part.unwrap_or("xl/styles.xml"), limits)? else {
            return Ok(styles);
        };
        let mut codes: HashMap<u32, Look> = HashMap::new();
        let mut in_cell_formats = false;
        while let Some(event) = events.next()? {
            match event {
                Event::Start(tag) | Event::Empty(tag) => match tag.local_name().as_ref() {
                    "numFmt" => {
                        let id = attribute(&tag, "numFmtId").and_then(|id| id.parse().ok());
                        if let (Some(id), Some(code)) = (id, attribute(&tag, "formatCode")) {
                            codes.insert(id, look_of(&code));
                        }
                    }
                    "cellXfs" => in_cell_formats = true,
                    "xf" if in_cell_formats => {
                        let id = attribute(&tag, "numFmtId").and_then(|id| id.parse().ok()).unwrap_or(0);
                        styles.looks.push(codes.get(&id).copied().unwrap_or_else(|| built_in(id)));
                    }
                    _ => {}
                },
                Event::End(tag) if tag.local_name().as_ref() == "cellXfs" => in_cell_formats = false,
                _ => {}
            }
        }
        Ok(styles)
    }

    pub fn look(&self, index: usize) -> Look {
        self.looks.get(index).copied().unwrap_or(Look::Number)
    }
}

/// Formats that files name by number only (ECMA-376-1 §18.8.30); 27 to 36 and 50 to 58 are dates in Chinese Excel.
fn built_in(id: u32) -> Look {
    match id {
        14..=22 | 27..=36 | 45 | 47 | 50..=58 => Look::Date,
        46 => Look::Duration,
        _ => Look::Number,
    }
}

/// Reads a format code: its first section, without colours, quoted text and escapes.
fn look_of(code: &str) -> Look {
    let mut plain = String::new();
    let mut duration = false;
    let mut chars = code.chars();
    while let Some(c) = chars.next() {
        match c {
            ';' => break,
            '"' => {
                let _quoted = chars.by_ref().find(|c| *c == '"');
            }
            '\\' | '_' | '*' => {
                let _literal = chars.next();
            }
            '[' => {
                let inside: String = chars.by_ref().take_while(|c| *c != ']').collect();
                let letters = inside.to_ascii_lowercase();
                duration |= !letters.is_empty() && letters.bytes().all(|b| matches!(b, b'h' | b'm' | b's'));
            }
            _ => plain.push(c.to_ascii_lowercase()),
        }
    }
    let zeros = plain.len();
    if duration {
        Look::Duration
    } else if plain.contains(['y', 'd', 'h', 's', 'm']) && plain != "standard" {
        Look::Date
    } else if zeros > 1 && zeros < 32 && plain.bytes().all(|b| b == b'0') {
        Look::Padded(zeros as u8)
    } else {
        Look::Number
    }
}

#[cfg(test)]
mod tests {
    use super::{Look, look_of};

    #[test]
    fn format_codes_tell_dates_from_numbers() {
        let check = |code: &str, look: Look| assert_eq!(look_of(code), look, "{code}");
        check("General", Look::Number);
        check("0.00_);[Red]\\(0.00\\)", Look::Number);
        check("#,##0.00\"元\"", Look::Number);
        check("0.00E+00", Look::Number);
        check("[DBNum1][$-804]General", Look::Number);
        check("@", Look::Number);
        check("yyyy\"年\"m\"月\"d\"日\";@", Look::Date);
        check("yyyy/m/d h:mm", Look::Date);
        check("[$-F800]dddd, mmmm dd, yyyy", Look::Date);
        check("[h]:mm:ss", Look::Duration);
        check("000000", Look::Padded(6));
        check("\"共\"0\"d\"", Look::Number);
    }
}
