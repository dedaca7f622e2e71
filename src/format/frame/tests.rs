//! The non-tax frame: right, cut, miscounted.

use super::super::tests::show;
use super::super::{Format, Frame, Nested, ReadSpec, read};
use crate::text::charset::{Charset, encode};

const XML: &str =
    "<?xml version=\"1.0\" encoding=\"GBK\"?><CFX><HEAD><MsgNo>5996</MsgNo></HEAD><MSG>财政</MSG></CFX>";

fn frame() -> Vec<u8> {
    Frame::write("5996", &encode(XML, Charset::Gbk).unwrap(), |_| {
        "0123456789abcdefABCDEF".repeat(3)[..64].to_owned()
    })
}

fn refused(bytes: &[u8], expected: &str) {
    let spec = ReadSpec { format: Format::Frame, ..ReadSpec::default() };
    let shown = show(bytes, &spec);
    assert!(shown.starts_with(expected), "{shown}");
}

#[test]
fn a_frame_is_taken_apart_and_its_xml_opened() {
    let bytes = frame();
    let parts = Frame::split(&bytes).unwrap();
    assert_eq!((parts.message_no, parts.signed.len(), parts.mac.len()), ("5996", bytes.len() - 87, 64));
    assert_eq!(Frame::length(&bytes), Some(bytes.len()));
    let spec = ReadSpec { format: Format::Frame, ..ReadSpec::default() };
    let mut document = read(&bytes, &spec).unwrap();
    assert!(document.problems.is_empty() && document.charset == Charset::Gbk);
    let xml = document.tree.find("xml").unwrap();
    assert_eq!(document.tree.value(xml), Some(XML));
    let mut warnings = Vec::new();
    let inner = document.tree.unwrap(xml, &Nested::Xml, &spec, &mut warnings).unwrap();
    let message = document.tree.child(document.tree.child(inner, "CFX").unwrap(), "MSG").unwrap();
    assert_eq!(document.tree.value(message), Some("财政"));
    let place = document.tree.place(message);
    assert_eq!((place.path.as_str(), place.decoded), ("/xml ▸ /CFX/MSG", true));
    assert!(read(&[bytes.as_slice(), b"\r\n"].concat(), &spec).is_ok());
}

#[test]
fn a_wrong_frame_is_explained() {
    let bytes = frame();
    refused(
        &bytes[..bytes.len() - 1],
        "! E2051  值“181     ”：报文头写的长度是 181 字节，实际收到 180 字节。",
    );
    refused(b"x", "! E2052  值“x”：报文开头 8 个字符应是整帧长度");
    refused(
        b"30      CNNONTAX2.05996<a/>xyz",
        "! E2052  值“CNNONTAX2.0”：长度之后应是 CNNONTAX 和版本号 1.0。",
    );
    refused(b"30      CNNONTAX1.0ABCD<a/>xyz", "! E2052  值“ABCD”：版本号之后应是 4 位数字的报文编号。");
    refused(b"30      CNNONTAX1.05996<a/>xyz", "! E2052  值“<a/>xyz”：报文末尾应是 64 位十六进制校验码。");
    refused(b"99999999999999999999", "! E2051");
}
