//! JSON as partners write it, well and badly.

use super::super::tests::show;
use super::super::{Format, ReadSpec};

#[test]
fn smoke() {
    let spec = ReadSpec { format: Format::Json, ..ReadSpec::default() };
    for text in [
        r#"{"a ":1.50,"b/c":[1,"x\n\u4e2d",null,true,{}],"n":320180918000000039,"e":[]}"#,
        r#"{"a":1,"b":{"x":1,"y":2,"x":3}}"#,
        "{\"a\":1, // note\n\"b\":\"x\ny\"}",
        "{\"b\":\"x\ny\"}",
        "[1][2]",
        "{\"a\":0101}",
        "",
        "{a:1}",
    ] {
        println!("{text}\n{}", show(text.as_bytes(), &spec));
        let spec = ReadSpec { lenient: true, many: true, ..spec.clone() };
        println!("lenient\n{}", show(text.as_bytes(), &spec));
    }
}
