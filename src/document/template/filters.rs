//! Filters of document templates: amounts in capitals, numbers as Chinese numerals.

use crate::text::amount::Money;
use crate::text::date;

/// Makes `capital` and `numeral` known.
pub(super) fn register(tera: &mut tera::Tera) {
    tera.register_filter("capital", capital);
    tera.register_filter("numeral", numeral);
}

/// `1234.50` → `壹仟贰佰叁拾肆元伍角`.
fn capital(value: &tera::Value, _: tera::Kwargs, _: &tera::State<'_>) -> tera::TeraResult<String> {
    let text = value.to_string();
    Money::parse_yuan(&text).map(Money::capital).map_err(|fault| tera::Error::message(fault.rule()))
}

/// `15` → `十五`, up to ninety-nine.
fn numeral(value: u64, _: tera::Kwargs, _: &tera::State<'_>) -> tera::TeraResult<String> {
    match u32::try_from(value) {
        Ok(number) if number < 100 => Ok(date::below_hundred(number)),
        _ => Err(tera::Error::message("numeral takes whole numbers below one hundred")),
    }
}
