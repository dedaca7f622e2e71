//! Identifiers with their own rules: what each looks like, its check digit, and its one normal spelling.
//!
//! Every type normalises first (full width, blanks, lower case, brackets), so that two spellings of one number become one
//! key. Where no public rule for an identifier was found, its shape only warns: [`Checked::warning`].

mod cert_no;
mod division;
mod doc_no;
mod id_card;
mod parcel_no;
mod project_code;
mod regulation_no;
mod serial_no;
mod shape;
mod supervision_no;
mod unit_no;
mod uscc;

pub use cert_no::CertNo;
pub use division::Division;
pub use doc_no::DocNo;
pub use id_card::IdCard;
pub use parcel_no::ParcelNo;
pub use project_code::ProjectCode;
pub use regulation_no::RegulationNo;
pub use serial_no::{PayCode, PlaceCode, PlateNo, TaxVoucherNo};
pub use supervision_no::{SupervisionNo, Supply};
pub use unit_no::UnitNo;
pub use uscc::Uscc;

use std::borrow::Cow;

/// Why a text is not the identifier it should be, for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdentFault {
    /// The rule that was broken, Chinese.
    pub rule: Cow<'static, str>,
    /// What to do, Chinese.
    pub hint: Cow<'static, str>,
}

impl IdentFault {
    fn new(rule: impl Into<Cow<'static, str>>, hint: impl Into<Cow<'static, str>>) -> Self {
        Self { rule: rule.into(), hint: hint.into() }
    }

    /// The commonest fault: the wrong number of characters.
    fn length(what: &str, expected: &str, actual: usize) -> Self {
        Self::new(
            format!("{what}应为{expected}，现为 {actual} 位。"),
            "请核对是否漏填、多填或混入了其他字符。",
        )
    }
}

/// An identifier in its normal spelling.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checked {
    /// The normal spelling.
    pub text: String,
    /// Set when the shape is unusual but no public rule allows refusing it.
    pub warning: Option<IdentFault>,
}

/// The identifier types that a field of the model can have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum IdentKind {
    /// 统一社会信用代码, GB 32100-2015.
    Uscc,
    /// 公民身份号码, GB 11643-1999.
    IdCard,
    /// 宗地代码, 19 characters, GB/T 37346-2019.
    ParcelNo,
    /// 不动产单元代码, 28 characters, GB/T 37346-2019.
    UnitNo,
    /// 投资项目代码, GB/T 40058-2021; Zhejiang calls it 项目赋码.
    ProjectCode,
    /// 土地市场电子监管号.
    SupervisionNo,
    /// 行政区划代码, GB/T 2260 and street codes of 9 digits.
    Division,
    /// 发文字号.
    DocNo,
    /// 不动产权证书号 or 不动产登记证明号.
    CertNo,
    /// 行政规范性文件统一编号.
    RegulationNo,
    /// 非税缴款识别码, 20 digits.
    PayCode,
    /// 门牌证号, 15 digits in Jiaxing.
    PlateNo,
    /// 税收完税证明号 or 电子税票号, 18 digits.
    TaxVoucherNo,
    /// 地名代码, 20 digits.
    PlaceCode,
}

/// Every type with its name in model files and its Chinese title, in the order shown to people.
const KINDS: [(IdentKind, &str, &str); 14] = [
    (IdentKind::Uscc, "uscc", "统一社会信用代码"),
    (IdentKind::IdCard, "id_card", "公民身份号码"),
    (IdentKind::ParcelNo, "parcel_no", "宗地代码"),
    (IdentKind::UnitNo, "unit_no", "不动产单元号"),
    (IdentKind::ProjectCode, "project_code", "项目代码"),
    (IdentKind::SupervisionNo, "supervision_no", "电子监管号"),
    (IdentKind::Division, "division", "行政区划代码"),
    (IdentKind::DocNo, "doc_no", "发文字号"),
    (IdentKind::CertNo, "cert_no", "不动产权证号"),
    (IdentKind::RegulationNo, "regulation_no", "规范性文件统一编号"),
    (IdentKind::PayCode, "pay_code", "缴款识别码"),
    (IdentKind::PlateNo, "plate_no", "门牌证号"),
    (IdentKind::TaxVoucherNo, "tax_voucher_no", "税票号码"),
    (IdentKind::PlaceCode, "place_code", "地名代码"),
];

impl IdentKind {
    /// All types in the order shown to people.
    pub fn all() -> impl Iterator<Item = Self> {
        KINDS.iter().map(|(kind, ..)| *kind)
    }

    /// The type by its name in model files.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        KINDS.iter().find(|(_, known, _)| *known == name).map(|(kind, ..)| *kind)
    }

    fn entry(self) -> (&'static str, &'static str) {
        KINDS.iter().find(|(kind, ..)| *kind == self).map_or(("", ""), |(_, name, title)| (*name, *title))
    }

    /// Its name in model files, `uscc`.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.entry().0
    }

    /// Its Chinese title.
    #[must_use]
    pub fn title(self) -> &'static str {
        self.entry().1
    }
}

/// Checks a text against the rules of `kind` and gives its normal spelling.
///
/// # Errors
/// The rule that the text breaks and what to do.
pub fn check(kind: IdentKind, text: &str) -> Result<Checked, IdentFault> {
    let firm = |text: String| Checked { text, warning: None };
    match kind {
        IdentKind::Uscc => Uscc::parse(text).map(|it| firm(it.to_string())),
        IdentKind::IdCard => IdCard::parse(text).map(|it| firm(it.to_string())),
        IdentKind::ParcelNo => ParcelNo::parse(text).map(|it| firm(it.into())),
        IdentKind::UnitNo => UnitNo::parse(text).map(|it| firm(it.into())),
        IdentKind::ProjectCode => ProjectCode::parse(text).map(|it| firm(it.to_string())),
        IdentKind::Division => Division::parse(text).map(|it| firm(it.into())),
        IdentKind::DocNo => DocNo::parse(text).map(|it| firm(it.to_string())),
        IdentKind::RegulationNo => RegulationNo::parse(text).map(|it| firm(it.to_string())),
        IdentKind::SupervisionNo => SupervisionNo::check(text),
        IdentKind::CertNo => CertNo::check(text),
        IdentKind::PayCode => PayCode::check(text),
        IdentKind::PlateNo => PlateNo::check(text),
        IdentKind::TaxVoucherNo => TaxVoucherNo::check(text),
        IdentKind::PlaceCode => PlaceCode::check(text),
    }
}

/// Where the county code stands in identifiers of a kind, when it is part of them.
fn division_at(kind: IdentKind) -> Option<std::ops::Range<usize>> {
    match kind {
        IdentKind::Division
        | IdentKind::ParcelNo
        | IdentKind::UnitNo
        | IdentKind::SupervisionNo
        | IdentKind::PayCode => Some(0..6),
        IdentKind::ProjectCode => Some(5..11),
        _ => None,
    }
}

/// Whether identifiers of a kind tell the county.
#[must_use]
pub fn carries_division(kind: IdentKind) -> bool {
    division_at(kind).is_some()
}

/// The six-digit county code that an identifier in its normal spelling carries.
#[must_use]
pub fn division_of(kind: IdentKind, text: &str) -> Option<String> {
    let code = text.get(division_at(kind)?)?;
    Division::parse(code).ok().map(|division| division.county().to_owned())
}

/// Without any blank, half width, upper case: the first step of most identifiers. Borrows what is so already, as most are.
fn squeeze(text: &str) -> Cow<'_, str> {
    if text.bytes().all(|b| b.is_ascii_graphic() && !b.is_ascii_lowercase()) {
        return Cow::Borrowed(text);
    }
    let half = crate::text::width::half_width(text);
    half.chars().filter(|c| !c.is_whitespace()).map(|c| c.to_ascii_uppercase()).collect::<String>().into()
}

#[cfg(test)]
mod tests;
