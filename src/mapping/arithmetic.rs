//! Exact multiplication and division of decimals in text, for the functions that scale.

use rust_decimal::Decimal;

use super::function::refuse;
use crate::model::Fault;
use crate::text::number;

/// `text` × `by`, exactly.
pub(super) fn times(text: &str, by: usize) -> Result<String, Fault> {
    let product = decimal(text)?.checked_mul(Decimal::from(by)).ok_or_else(too_large)?;
    Ok(product.normalize().to_string())
}

/// `text` ÷ `by`; refused when it does not come out even.
pub(super) fn divide(text: &str, by: usize) -> Result<String, Fault> {
    let number = decimal(text)?;
    let by = Decimal::from(by);
    let quotient = number.checked_div(by).ok_or_else(too_large)?.normalize();
    // A quotient that ends needs few places; one that does not fills all 28.
    if quotient.scale() > 20 {
        return Err(refuse(format!("{text} 除以 {by} 除不尽。"), "核对数值和单位。"));
    }
    Ok(quotient.to_string())
}

fn decimal(text: &str) -> Result<Decimal, Fault> {
    number::parse(text).map_err(|fault| refuse(fault.rule(), "只写数字，如 1234.56。"))
}

fn too_large() -> Fault {
    refuse("数值超出可计算的范围。", "核对数值和单位。")
}
