//! Serial numbers known by their length only: payment codes, door-plate certificates, tax vouchers, place names.
//!
//! Their rules were seen in messages, not in a public standard, so another shape warns and is kept.

use super::{Checked, IdentFault, shape, squeeze};

/// Keeps at most 40 letters and digits; warns unless the length is one of `lengths` and all are digits.
fn check(text: &str, title: &str, lengths: &[usize], usual: &str) -> Result<Checked, IdentFault> {
    let code = squeeze(text);
    let plain = code.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '/'));
    if code.is_empty() || code.len() > 40 || !plain {
        return Err(IdentFault::new(
            format!("{title}只能由数字、字母和短横组成，最多 40 位。"),
            format!("一般为{usual}。"),
        ));
    }
    let usual_shape = shape::digits(&code) && lengths.contains(&code.len());
    let warning = (!usual_shape).then(|| {
        IdentFault::new(format!("{title}一般为{usual}，现为 {} 位。", code.len()), "请核对；确实如此可保留。")
    });
    Ok(Checked { text: code.into_owned(), warning })
}

/// 非税缴款识别码: division 6, year 2, `30`, sequence 10.
#[derive(Debug)]
pub struct PayCode;

impl PayCode {
    /// Checks a code.
    ///
    /// # Errors
    /// Empty, too long, or with foreign characters.
    pub fn check(text: &str) -> Result<Checked, IdentFault> {
        check(text, "缴款识别码", &[20], " 20 位数字")
    }
}

/// 门牌证号 as Jiaxing numbers it: district 2, street 3, year 4, kind 1, sequence 5; road signs have three more.
#[derive(Debug)]
pub struct PlateNo;

impl PlateNo {
    /// Checks a number.
    ///
    /// # Errors
    /// Empty, too long, or with foreign characters.
    pub fn check(text: &str) -> Result<Checked, IdentFault> {
        check(text, "门牌证号", &[15, 18], " 15 位数字")
    }
}

/// 税收完税证明号 and 电子税票号, 18 digits; fully digital invoices have 20.
#[derive(Debug)]
pub struct TaxVoucherNo;

impl TaxVoucherNo {
    /// Checks a number.
    ///
    /// # Errors
    /// Empty, too long, or with foreign characters.
    pub fn check(text: &str) -> Result<Checked, IdentFault> {
        check(text, "税票号码", &[18, 20], " 18 位数字")
    }
}

/// 地名代码 of the national place-name library, 20 digits.
#[derive(Debug)]
pub struct PlaceCode;

impl PlaceCode {
    /// Checks a code.
    ///
    /// # Errors
    /// Empty, too long, or with foreign characters.
    pub fn check(text: &str) -> Result<Checked, IdentFault> {
        check(text, "地名代码", &[20], " 20 位数字")
    }
}
