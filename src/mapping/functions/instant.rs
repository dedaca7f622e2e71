//! `instant`: a moment, by patterns tried in order; Beijing time when no zone is written.

use super::super::function::{Act, Args, Function, Need, Param, ParamKind, both_ways, example, fails, plain};
use super::super::natural;
use super::super::pattern::Pattern;
use crate::model::{Fault, FieldType, Parsed, Value};

pub(super) const FUNCTION: Function = Function {
    name: "instant",
    summary: "时刻，按所列格式依次试；没有时区的按北京时间；不写格式则常见写法都认",
    params: &[Param { title: "格式", kind: ParamKind::Pattern, need: Need::Many }],
    act: Act::Value { read, write, fits, one_way: both_ways },
    examples: &[
        example("yyyy-MM-dd HH:mm:ss", "2021-11-10 10:27:25", "\"2021-11-10T02:27:25Z\""),
        example("yyyyMMddHHmmss", "20220105150305", "\"2022-01-05T07:03:05Z\""),
        example("yyyy-MM-dd'T'HH:mm:ssXXX", "2019-06-14T10:30:18+08:00", "\"2019-06-14T02:30:18Z\""),
        example("epoch_ms", "1646064000000", "\"2022-02-28T16:00:00Z\""),
        fails("yyyy-MM-dd HH:mm:ss", "2021-11-10 25:00:00"),
    ],
};

fn fits(ty: &FieldType) -> bool {
    matches!(ty, FieldType::Instant)
}

fn read(text: &str, args: &Args, _: &FieldType) -> Result<Parsed, Fault> {
    let any = Pattern::any();
    let found = if args.words.is_empty() {
        any.read_instant(text)
    } else {
        args.patterns().find_map(|it| it.read_instant(text))
    };
    found.map(|it| plain(Value::Instant(it))).ok_or_else(|| natural::date_fault(args))
}

fn write(value: &Value, args: &Args, _: &FieldType) -> Result<String, Fault> {
    let Value::Instant(at) = value else { return natural::write(value) };
    let any = Pattern::any();
    let pattern = args.patterns().next().unwrap_or(&any);
    pattern.write_instant(*at).ok_or_else(|| natural::date_fault(args))
}
