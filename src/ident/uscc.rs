//! 统一社会信用代码 of legal persons and other organisations, GB 32100-2015.

use std::fmt;

use super::{IdentFault, squeeze};

/// The 31 characters of the code, without I, O, S, V, Z; the place is the value.
const ALPHABET: &str = "0123456789ABCDEFGHJKLMNPQRTUWXY";

/// A unified social credit code with a right check character.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Uscc(String);

impl Uscc {
    /// Reads a code; full width, lower case and the suffix `（1-1）` of business licence copies are forgiven.
    ///
    /// # Errors
    /// Wrong length, a character outside the alphabet, or a wrong check character.
    pub fn parse(text: &str) -> Result<Self, IdentFault> {
        let squeezed = squeeze(text);
        let code = squeezed.split_once('(').map_or(&*squeezed, |(code, _)| code);
        let length = code.chars().count();
        if length != 18 {
            return Err(IdentFault::length("统一社会信用代码", " 18 位", length));
        }
        let (body, check) = code.split_at_checked(17).ok_or_else(foreign)?;
        let expected = check_character(body).ok_or_else(foreign)?;
        if !ALPHABET.contains(check) {
            return Err(foreign());
        }
        if !check.starts_with(expected) {
            return Err(IdentFault::new(
                format!(
                    "统一社会信用代码校验不通过：按前 17 位计算，末位应为“{expected}”，现为“{check}”（GB 32100-2015）。"
                ),
                "请对照营业执照或法人证书逐位核对。",
            ));
        }
        Ok(Self(code.to_owned()))
    }

    /// The code.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn foreign() -> IdentFault {
    IdentFault::new(
        "统一社会信用代码只能含数字和大写字母，不含 I、O、S、V、Z。",
        "请核对是否把 0 写成 O、把 1 写成 I、把 2 写成 Z、把 5 写成 S。",
    )
}

/// The check character of the first 17; `None` when one of them is outside the alphabet.
fn check_character(body: &str) -> Option<char> {
    let mut sum = 0;
    // Weights are the powers of 3 modulo 31.
    let mut weight = 1;
    for c in body.chars() {
        sum += ALPHABET.find(c)? * weight;
        weight = weight * 3 % 31;
    }
    ALPHABET.chars().nth((31 - sum % 31) % 31)
}

impl fmt::Display for Uscc {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
