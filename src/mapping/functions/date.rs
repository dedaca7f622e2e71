//! `date`: a day, by patterns tried in order.

use super::super::function::{Act, Args, Function, Need, Param, ParamKind, both_ways, example, fails, plain};
use super::super::natural;
use super::super::pattern::Pattern;
use crate::model::{Fault, FieldType, Parsed, Value};

pub(super) const FUNCTION: Function = Function {
    name: "date",
    summary: "日期，按所列格式依次试；不写格式则各种常见写法都认，写出为 2026-03-01",
    params: &[Param { title: "格式", kind: ParamKind::Pattern, need: Need::Many }],
    act: Act::Value { read, write, fits, one_way: both_ways },
    examples: &[
        example("", "2022年1月28日", "\"2022-01-28\""),
        example("yyyy-MM-dd|yyyyMMdd", "20220128", "\"2022-01-28\""),
        example("yyyyMMddHHmmss", "20170728000000", "\"2017-07-28\""),
        example("%Y/%m/%d", "2020/1/14", "\"2020-01-14\""),
        example("serial", "42887", "\"2017-06-01\""),
        fails("yyyy-MM-dd", "2022-02-30"),
        fails("yyyyMMdd", "2022-01-28"),
    ],
};

fn fits(ty: &FieldType) -> bool {
    matches!(ty, FieldType::Date)
}

fn read(text: &str, args: &Args, _: &FieldType) -> Result<Parsed, Fault> {
    let any = Pattern::any();
    let found = if args.words.is_empty() {
        any.read_date(text)
    } else {
        args.patterns().find_map(|it| it.read_date(text))
    };
    found.map(|it| plain(Value::Date(it))).ok_or_else(|| natural::date_fault(args))
}

fn write(value: &Value, args: &Args, _: &FieldType) -> Result<String, Fault> {
    let Value::Date(day) = value else { return natural::write(value) };
    let any = Pattern::any();
    let pattern = args.patterns().next().unwrap_or(&any);
    pattern.write_date(*day).ok_or_else(|| natural::date_fault(args))
}
