//! From a cell of the breakdown to its single duties and back, and how strongly each is worded.

use serde::{Deserialize, Serialize};

/// How strong the verb of a duty is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Strength {
    /// 负责: answers for the result.
    #[serde(alias = "负责")]
    Answer,
    /// 指导: guides others who do the work.
    #[serde(alias = "指导")]
    Guide,
    /// 探索: tries out; the result is open.
    #[serde(alias = "探索")]
    Explore,
    /// 保障: provides money or means.
    #[serde(alias = "保障")]
    Provide,
}

impl Strength {
    /// Every strength.
    pub const ALL: [Self; 4] = [Self::Answer, Self::Guide, Self::Explore, Self::Provide];

    /// Stable name, as stored.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Answer => "answer",
            Self::Guide => "guide",
            Self::Explore => "explore",
            Self::Provide => "provide",
        }
    }

    /// The verb.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Answer => "负责",
            Self::Guide => "指导",
            Self::Explore => "探索",
            Self::Provide => "保障",
        }
    }

    /// Reads the stored name.
    #[must_use]
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|strength| strength.code() == code)
    }

    /// What the wording says, for tables that do not say it themselves: the verb the duty opens with, 指导 before 负责
    /// (负责指导…), and 保障 also where it closes a 负责 (负责…经费保障等).
    #[must_use]
    pub fn of(duty: &str) -> Option<Self> {
        let duty = duty.trim();
        let close = duty.trim_end_matches(['。', '；', '等']).trim_end_matches("工作");
        let opens = |verb: &str| duty.starts_with(verb);
        if opens("探索") {
            Some(Self::Explore)
        } else if opens("指导") || opens("负责指导") {
            Some(Self::Guide)
        } else if opens("保障") || (opens("负责") && close.ends_with("保障")) {
            Some(Self::Provide)
        } else if opens("负责") || opens("牵头") {
            Some(Self::Answer)
        } else {
            None
        }
    }
}

/// Splits a cell at its semicolons; each duty stands without its closing mark.
#[must_use]
pub fn split(cell: &str) -> Vec<String> {
    cell.split(['；', ';', '\n'])
        .map(|duty| duty.trim().trim_end_matches('。').trim())
        .filter(|duty| !duty.is_empty())
        .map(str::to_owned)
        .collect()
}

/// Puts duties back into one cell as the annex prints them.
#[must_use]
pub fn join<'a>(duties: impl IntoIterator<Item = &'a str>) -> String {
    let mut cell = duties.into_iter().collect::<Vec<_>>().join("；");
    if !cell.is_empty() {
        cell.push('。');
    }
    cell
}

/// Splits a list of units at its commas, but not inside brackets: 各县（市、区）政府 is one unit.
#[must_use]
pub fn units(list: &str) -> Vec<&str> {
    let mut depth = 0_usize;
    list.split(|mark: char| {
        match mark {
            '（' | '(' | '〔' | '［' | '[' => depth += 1,
            '）' | ')' | '〕' | '］' | ']' => depth = depth.saturating_sub(1),
            _ => {}
        }
        depth == 0 && matches!(mark, '、' | '，' | ',' | '；' | ';' | '\n' | '/')
    })
    .map(str::trim)
    .filter(|unit| !unit.is_empty())
    .collect()
}

#[cfg(test)]
mod tests {
    use super::{Strength, join, split, units};

    #[test]
    fn units_are_split_outside_brackets() {
        assert_eq!(
            units("市人防办、市自然资源和规划局、各县〔市、区〕政府"),
            ["市人防办", "市自然资源和规划局", "各县〔市、区〕政府"]
        );
        assert_eq!(units("市财政局,市税务局\n市国资委"), ["市财政局", "市税务局", "市国资委"]);
        assert!(units(" 、").is_empty());
    }

    #[test]
    fn a_cell_splits_into_duties_and_comes_back_to_the_character() {
        let cell = "负责起草制定改革工作实施意见及配套政策文件等；负责改革工作的统筹协调和落实工作。";
        let duties = split(cell);
        assert_eq!(
            duties,
            ["负责起草制定改革工作实施意见及配套政策文件等", "负责改革工作的统筹协调和落实工作"]
        );
        assert_eq!(join(duties.iter().map(String::as_str)), cell);
        assert_eq!(split(" ；。\n"), Vec::<String>::new());
        assert_eq!(join([]), "");
    }

    #[test]
    fn the_verb_gives_the_strength() {
        for (duty, strength) in [
            ("负责改革工作的统筹协调和落实工作", Some(Strength::Answer)),
            ("负责指导国有人防工程租赁价格的制定", Some(Strength::Guide)),
            ("负责国有人防工程资产管理的监督与指导", Some(Strength::Answer)),
            ("负责机关事业单位结建人防工程维护保养经费保障等", Some(Strength::Provide)),
            ("探索对新竣工人防工程进行不动产登记", Some(Strength::Explore)),
            ("建立台账", None),
        ] {
            assert_eq!(Strength::of(duty), strength, "{duty}");
        }
    }
}
