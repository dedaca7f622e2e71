//! XML as partners write it, well and badly.

use super::super::{Format, ReadSpec, read};

/// Renders what was read: path, kind and value of each node, or the problems.
fn show(bytes: &[u8], spec: &ReadSpec) -> String {
    super::super::tests::show(bytes, spec)
}

#[test]
fn smoke() {
    let spec = ReadSpec { format: Format::Xml, ..ReadSpec::default() };
    println!("{}", show("<?xml version=\"1.0\"?>\n<a x='1' y='&lt;2'>\n <b>甲&amp;乙</b><b><![CDATA[<c/>]]></b><d/>混合<e> </e>\n</a>".as_bytes(), &spec));
    println!("{}", show(b"<a><b>http://x?a=1&b=2</b></a>", &spec));
    println!("{}", show(b"<a><b>http://x?a=1&b=2&c=3;</b></a>", &spec));
    let spec = ReadSpec { lenient: true, ..spec };
    println!("{}", show(b"<a><b>http://x?a=1&b=2&nbsp;</b><c>1&b=2;3</c><d>a&</d></a>", &spec));
    let _ = read(b"", &spec);
}
