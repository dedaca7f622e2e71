//! 行政规范性文件统一编号: `ZJFC01-2022-0001` (province and city letters, level letter, department, year, sequence).

use std::fmt;

use super::{IdentFault, shape, squeeze};

/// The unified number of a normative document. Letters of cities vary in length, so two or three stand before the level.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct RegulationNo(String);

impl RegulationNo {
    /// Reads a number.
    ///
    /// # Errors
    /// Any other shape.
    pub fn parse(text: &str) -> Result<Self, IdentFault> {
        let code = squeeze(text);
        if ["AAA99-9999-9999", "AAAA99-9999-9999"].iter().any(|pattern| shape::fits(pattern, &code)) {
            return Ok(Self(code.into_owned()));
        }
        Err(IdentFault::new(
            "规范性文件统一编号由地区和层级字母、部门 2 位、年份 4 位、顺序号 4 位组成。",
            "例如 ZJFC01-2022-0001。",
        ))
    }

    /// The number.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for RegulationNo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
