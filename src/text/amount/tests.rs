//! Money: exact reading, printing and capital numerals.

use super::{Money, MoneyUnit};
use crate::text::number::NumberFault;

fn yuan(text: &str) -> Money {
    Money::parse_yuan(text).unwrap()
}

#[test]
fn reads_and_prints_exactly() {
    for (text, fen) in [
        ("335", 33_500),
        ("200.04", 20_004),
        ("¥1,234.50", 123_450),
        ("￥１２．３０元", 1_230),
        ("356万元", 356_000_000),
        ("-0.05", -5),
        ("0.0000", 0),
    ] {
        assert_eq!(yuan(text).fen(), fen, "{text}");
    }
    assert_eq!(Money::parse_yuan("0.005"), Err(NumberFault::TooManyDecimals(2)));
    assert_eq!(Money::parse_yuan("壹元"), Err(NumberFault::NotANumber));
    assert_eq!(yuan("-0.05").to_string(), "-0.05");
    assert_eq!(yuan("1234567.8").grouped(), "¥1,234,567.80");
    assert_eq!(yuan("-999").grouped(), "-¥999.00");
    assert_eq!(serde_json::to_string(&yuan("12.3")).unwrap(), "\"12.30\"");
    assert_eq!(serde_json::from_str::<Money>("\"12.30\"").unwrap(), yuan("12.3"));
}

#[test]
fn ten_thousand_yuan_both_ways() {
    let price = Money::parse_unit("35612.3456", MoneyUnit::TenThousandYuan).unwrap();
    assert_eq!((price.value.fen(), price.rounded), (35_612_345_600, false));
    assert_eq!(price.value.in_unit(MoneyUnit::TenThousandYuan).to_string(), "35612.3456");
    let rounded = Money::parse_unit("0.0000005", MoneyUnit::TenThousandYuan).unwrap();
    assert_eq!((rounded.value.fen(), rounded.rounded), (1, true));
}

#[test]
fn capital_numerals_follow_the_payment_rules() {
    for (text, expected) in [
        ("0", "零元整"),
        ("0.05", "伍分"),
        ("0.50", "伍角整"),
        ("1409.50", "壹仟肆佰零玖元伍角整"),
        ("6007.14", "陆仟零柒元壹角肆分"),
        ("1680.32", "壹仟陆佰捌拾元叁角贰分"),
        ("107000.53", "壹拾万零柒仟元伍角叁分"),
        ("16409.02", "壹万陆仟肆佰零玖元零贰分"),
        ("325.04", "叁佰贰拾伍元零肆分"),
        ("10", "壹拾元整"),
        ("10005", "壹万零伍元整"),
        ("100000000", "壹亿元整"),
        ("100000005", "壹亿零伍元整"),
        ("105000000", "壹亿零伍佰万元整"),
        ("1001000", "壹佰万零壹仟元整"),
        ("20010000", "贰仟零壹万元整"),
        ("1234567890.12", "壹拾贰亿叁仟肆佰伍拾陆万柒仟捌佰玖拾元壹角贰分"),
        ("1200000000000", "壹万贰仟亿元整"),
        ("1000000000000", "壹万亿元整"),
        ("-3.2", "负叁元贰角整"),
    ] {
        assert_eq!(yuan(text).capital(), expected, "{text}");
    }
}
