//! 投资项目代码 (in Zhejiang 项目赋码): time 4, region 6, department 2, type 2, random 5, check 1, four hyphens (GB/T 40058-2021).

use std::fmt;

use super::{Division, IdentFault, shape, squeeze};

/// A project code with its hyphens. Its check digit is not public, so only the shape is held.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ProjectCode(String);

impl ProjectCode {
    /// Reads a code; missing or odd hyphens are forgiven.
    ///
    /// # Errors
    /// Not 20 digits in five groups, an unknown province, or a time that is neither a year before 2021 nor a month.
    pub fn parse(text: &str) -> Result<Self, IdentFault> {
        let squeezed = squeeze(text);
        let digits: String =
            squeezed.chars().filter(|c| !matches!(c, '-' | '—' | '–' | '‐' | '－' | '_' | '−')).collect();
        let fault = || {
            IdentFault::new(
                "项目代码应为 20 位数字，按 4-6-2-2-6 分组（GB/T 40058-2021）。",
                "例如 2106-330402-04-01-123456；2020 年以前赋码的为 2020-330402-70-03-123456。",
            )
        };
        if !shape::fits("99999999999999999999", &digits) {
            return Err(fault());
        }
        let part = |from: usize, to: usize| digits.get(from..to).ok_or_else(fault);
        let (time, region) = (part(0, 4)?, part(4, 10)?);
        let month = part(2, 4)?.parse().is_ok_and(|month: u8| (1..=12).contains(&month));
        if !(month || matches!(time, "2015" | "2016" | "2017" | "2018" | "2019" | "2020")) {
            return Err(IdentFault::new(
                "项目代码前 4 位应为赋码年月（如 2106）；2015 至 2020 年赋码的为年份。",
                "请核对前 4 位。",
            ));
        }
        if !Division::is_province(region) {
            return Err(IdentFault::new(
                "项目代码第 5 至 10 位不是行政区划代码。",
                "请核对地区代码，如南湖区为 330402。",
            ));
        }
        Ok(Self(format!("{time}-{region}-{}-{}-{}", part(10, 12)?, part(12, 14)?, part(14, 20)?)))
    }

    /// The code with its hyphens.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ProjectCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
