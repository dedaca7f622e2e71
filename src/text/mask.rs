//! How personal data is shown to those who need not see it whole.
//!
//! The law (个人信息保护法 art 51) asks for de-identification and names no pattern; these are the usual ones, and of the
//! usual ones those that show less.

/// `张*`, `欧**`: only the first character of a name.
#[must_use]
pub fn name(text: &str) -> String {
    keep(text, 1, 0)
}

/// The name of a party that may be a person or an organisation: organisations are public and stay readable.
#[must_use]
pub fn party(text: &str) -> String {
    if is_organisation(text) { text.to_owned() } else { name(text) }
}

/// Whether a name is surely that of an organisation. In doubt it is taken for a person's and masked.
fn is_organisation(text: &str) -> bool {
    const ENDINGS: [&str; 24] = [
        "公司",
        "企业",
        "集团",
        "工厂",
        "合作社",
        "事务所",
        "合伙）",
        "合伙)",
        "局",
        "厅",
        "委员会",
        "国资委",
        "办公室",
        "政府",
        "中心",
        "学校",
        "大学",
        "学院",
        "医院",
        "研究院",
        "研究所",
        "协会",
        "银行",
        "分行",
    ];
    text.chars().count() >= 6 && !text.contains('·') && ENDINGS.iter().any(|ending| text.ends_with(ending))
}

/// `3****************5`: only the ends of an identity number.
#[must_use]
pub fn id_number(text: &str) -> String {
    if text.chars().count() < 8 { keep(text, 0, 0) } else { keep(text, 1, 1) }
}

/// `138****1234`; shorter numbers lose all but their last two digits.
#[must_use]
pub fn phone(text: &str) -> String {
    if text.chars().count() >= 11 { keep(text, 3, 4) } else { keep(text, 0, 2) }
}

/// An address of a person: the first six characters, enough for the district.
#[must_use]
pub fn address(text: &str) -> String {
    if text.chars().count() > 8 { keep(text, 6, 0) } else { keep(text, 2, 0) }
}

/// A bank account: the last four digits.
#[must_use]
pub fn account(text: &str) -> String {
    if text.chars().count() >= 8 { keep(text, 0, 4) } else { keep(text, 0, 0) }
}

/// Anything else: its first character.
#[must_use]
pub fn text(text: &str) -> String {
    keep(text, 1, 0)
}

/// Keeps `head` and `tail` characters and covers the rest, at least one character always.
fn keep(text: &str, head: usize, tail: usize) -> String {
    let count = text.chars().count();
    let (head, tail) = if head + tail < count { (head, tail) } else { (0, 0) };
    text.chars().enumerate().map(|(i, c)| if i < head || i + tail >= count { c } else { '*' }).collect()
}

#[cfg(test)]
mod tests {
    use super::{account, address, id_number, name, party, phone, text};

    #[test]
    fn masks_show_only_the_ends() {
        assert_eq!(name("张三"), "张*");
        assert_eq!(name("欧阳锋"), "欧**");
        assert_eq!(name("张"), "*");
        assert_eq!(party("张三"), "张*");
        assert_eq!(party("嘉兴市南湖人防资产管理有限公司"), "嘉兴市南湖人防资产管理有限公司");
        assert_eq!(party("买买提·艾力公司"), "买*******", "in doubt a person");
        assert_eq!(party("张大局"), "张**");
        assert_eq!(id_number("330402199003070015"), "3****************5");
        assert_eq!(id_number("12345"), "*****");
        assert_eq!(phone("13812341234"), "138****1234");
        assert_eq!(phone("82081234"), "******34");
        assert_eq!(address("浙江省嘉兴市南湖区中山路108号"), "浙江省嘉兴市**********");
        assert_eq!(account("6222021204001234567"), "***************4567");
        assert_eq!(text("备注内容"), "备***");
        assert_eq!(text(""), "");
    }
}
