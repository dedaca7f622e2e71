//! 不动产权证书号 and 不动产登记证明号: `浙（2022）嘉南不动产权第0012345号`.

use std::fmt;

use super::{Checked, IdentFault, shape};

/// One-character names of the provinces that issue certificates.
const PROVINCES: &str = "京津冀晋蒙辽吉黑沪苏浙皖闽赣鲁豫鄂湘粤桂琼渝川蜀贵黔云滇藏陕秦甘陇青宁新";

/// The number of a certificate of the unified registration (since 2015).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct CertNo {
    /// Province in one character.
    pub province: char,
    /// Year of issue.
    pub year: u16,
    /// City or county, `嘉南`.
    pub place: String,
    /// `true` for 不动产证明 (pre-notice, mortgage), `false` for 不动产权 (title).
    pub proof: bool,
    /// Sequence, printed with seven digits.
    pub sequence: u32,
}

impl CertNo {
    /// Checks a number; numbers of certificates from before the unified registration only warn.
    ///
    /// # Errors
    /// Empty, or longer than 60 characters.
    pub fn check(text: &str) -> Result<Checked, IdentFault> {
        let squeezed = squeeze_cjk(text);
        let length = squeezed.chars().count();
        if length == 0 || length > 60 {
            return Err(IdentFault::length("不动产权证号", "不超过 60 个字", length));
        }
        Ok(match Self::read(&squeezed) {
            Some(number) => Checked { text: number.to_string(), warning: None },
            None => Checked { text: squeezed, warning: Some(fault()) },
        })
    }

    /// Reads a number of the unified registration; ASCII brackets, blanks and missing zeros are forgiven.
    ///
    /// # Errors
    /// Any other shape.
    pub fn parse(text: &str) -> Result<Self, IdentFault> {
        Self::read(&squeeze_cjk(text)).ok_or_else(fault)
    }

    fn read(text: &str) -> Option<Self> {
        let (province, rest) = text.split_once('（')?;
        let (year, rest) = rest.split_once('）')?;
        let (place, number, proof) = match rest.split_once("不动产权第") {
            Some((place, number)) => (place, number, false),
            None => rest.split_once("不动产证明第").map(|(place, number)| (place, number, true))?,
        };
        let number = number.strip_suffix('号')?;
        let mut province = province.chars();
        let first = province.next().filter(|c| PROVINCES.contains(*c) && province.next().is_none())?;
        let plausible = year.len() == 4 && shape::digits(year) && shape::digits(number) && number.len() <= 9;
        if !plausible || place.is_empty() {
            return None;
        }
        Some(Self {
            province: first,
            year: year.parse().ok()?,
            place: place.to_owned(),
            proof,
            sequence: number.parse().ok()?,
        })
    }
}

fn fault() -> IdentFault {
    IdentFault::new(
        "不动产权证号与统一登记后的编号形式不同。",
        "一般写作 浙（2022）嘉南不动产权第0012345号；老证号可保留。",
    )
}

/// No blanks, digits half width, brackets full width.
fn squeeze_cjk(text: &str) -> String {
    let half = crate::text::width::half_width_alphanumeric(text);
    half.chars()
        .filter(|c| !c.is_whitespace())
        .map(|c| match c {
            '(' | '〔' | '[' => '（',
            ')' | '〕' | ']' => '）',
            c => c,
        })
        .collect()
}

impl fmt::Display for CertNo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = if self.proof { "不动产证明" } else { "不动产权" };
        write!(f, "{}（{}）{}{kind}第{:07}号", self.province, self.year, self.place, self.sequence)
    }
}
