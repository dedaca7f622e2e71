//! 发文字号: organ, year in 〔〕, sequence without padding (GB/T 9704-2012, 7.2.5); enforcement papers put 第 before the number.

use std::fmt;

use super::{IdentFault, shape};

/// The number of an official document.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct DocNo {
    /// 机关代字, `嘉政办发`.
    pub organ: String,
    /// Full year.
    pub year: u16,
    /// Number within the year.
    pub sequence: u32,
    /// Whether it is written with 第, `人防告字〔2026〕第4号`.
    pub ordinal: bool,
}

impl DocNo {
    /// Reads a number; any brackets, blanks and leading zeros are forgiven.
    ///
    /// # Errors
    /// Without organ, a four-digit year in brackets, or a number before 号.
    pub fn parse(text: &str) -> Result<Self, IdentFault> {
        Self::read(text).ok_or_else(|| {
            IdentFault::new(
                "发文字号由机关代字、年份、发文顺序号组成，年份为四位并用六角括号〔〕括入（GB/T 9704-2012）。",
                "例如 嘉政办发〔2022〕4号。",
            )
        })
    }

    fn read(text: &str) -> Option<Self> {
        let half = crate::text::width::half_width_alphanumeric(text);
        let squeezed: String = half.chars().filter(|c| !c.is_whitespace()).collect();
        let (organ, rest) = squeezed.split_once(['〔', '[', '(', '【', '（', '［', '﹝', '「'])?;
        let (year, rest) = rest.split_once(['〕', ']', ')', '】', '）', '］', '﹞', '」'])?;
        let number = rest.strip_suffix('号')?;
        let (number, ordinal) = number.strip_prefix('第').map_or((number, false), |number| (number, true));
        let organ_fine =
            !organ.is_empty() && organ.chars().count() <= 20 && organ.chars().all(char::is_alphanumeric);
        if !organ_fine || year.len() != 4 || !shape::digits(year) || !shape::digits(number) {
            return None;
        }
        let (year, sequence) = (year.parse().ok()?, number.parse().ok()?);
        let plausible = (1949..=2999).contains(&year) && sequence > 0;
        plausible.then(|| Self { organ: organ.to_owned(), year, sequence, ordinal })
    }
}

impl fmt::Display for DocNo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ordinal = if self.ordinal { "第" } else { "" };
        write!(f, "{}〔{}〕{ordinal}{}号", self.organ, self.year, self.sequence)
    }
}
