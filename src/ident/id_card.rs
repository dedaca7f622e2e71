//! 公民身份号码 of persons, GB 11643-1999.

use std::fmt;

use chrono::NaiveDate;

use super::{Division, IdentFault, shape, squeeze};

/// A citizen identity number with a possible birth date and a right check character.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct IdCard(String);

impl IdCard {
    /// Reads a number; full width and a lower-case `x` are forgiven.
    ///
    /// # Errors
    /// Wrong length or characters, an unknown province, an impossible birth date, or a wrong check character. The fault
    /// never repeats the number.
    pub fn parse(text: &str) -> Result<Self, IdentFault> {
        let code = squeeze(text);
        let length = code.chars().count();
        if length != 18 {
            return Err(IdentFault::length("公民身份号码", " 18 位", length));
        }
        let shape_fault = || {
            IdentFault::new(
                "公民身份号码前 17 位应为数字，末位为数字或 X。",
                "请核对是否混入了字母或其他符号。",
            )
        };
        let (body, check) = code.split_at_checked(17).ok_or_else(shape_fault)?;
        if !shape::digits(body) || !(shape::digits(check) || check == "X") {
            return Err(shape_fault());
        }
        if !Division::is_province(&code) {
            return Err(IdentFault::new("公民身份号码前两位不是省级行政区划代码。", "请核对前六位。"));
        }
        if birth_date(&code).is_none() {
            return Err(IdentFault::new("公民身份号码中的出生日期不存在。", "请核对第 7 至 14 位。"));
        }
        if !check.starts_with(check_character(body)) {
            return Err(IdentFault::new(
                "公民身份号码校验码不正确（GB 11643-1999）。",
                "请对照身份证逐位核对。",
            ));
        }
        Ok(Self(code.into_owned()))
    }

    /// The number. Personal data: mask it before it is shown or logged.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn birth_date(code: &str) -> Option<NaiveDate> {
    let number = |from: usize, to: usize| code.get(from..to)?.parse::<u32>().ok();
    let year = i32::try_from(number(6, 10)?).ok()?;
    NaiveDate::from_ymd_opt(year, number(10, 12)?, number(12, 14)?).filter(|_| year >= 1800)
}

fn check_character(body: &str) -> char {
    const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    let sum: u32 = body.chars().filter_map(|c| c.to_digit(10)).zip(WEIGHTS).map(|(d, w)| d * w).sum();
    "10X98765432".chars().nth((sum % 11) as usize).unwrap_or('1')
}

impl fmt::Display for IdCard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for IdCard {
    /// Masked, so that a number never reaches a log by accident.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "IdCard({})", crate::text::mask::id_number(&self.0))
    }
}
