//! Charset detection on what partners really send: right, wrong, marked, broken, endless.

use std::io::Read;

use super::{Charset, Utf8Reader, decode, encode};

const SENTENCE: &str = "嘉兴市人民防空办公室：地下室建筑面积１２３４．５㎡，㐀龥";

#[test]
fn the_bytes_decide_and_a_wrong_claim_is_reported() {
    let utf8 = SENTENCE.as_bytes().to_vec();
    let gbk = encode("财政局缴款码", Charset::Gbk).unwrap();
    let gb18030 = encode(SENTENCE, Charset::Gb18030).unwrap();
    let check = |bytes: &[u8], declared: Option<&str>, used: Charset, mismatch: bool| {
        let it = decode(bytes, declared);
        assert_eq!((it.used, it.mismatch, it.replaced), (used, mismatch, None), "{declared:?} {bytes:?}");
    };
    check(&utf8, None, Charset::Utf8, false);
    check(&utf8, Some("utf-8"), Charset::Utf8, false);
    check(&utf8, Some("GB2312"), Charset::Utf8, true);
    check(&gbk, Some("gb2312"), Charset::Gbk, false);
    check(&gbk, Some("UTF-8"), Charset::Gb18030, true);
    check(&gbk, None, Charset::Gb18030, false);
    check(&gb18030, Some("GBK"), Charset::Gbk, false);
    check(b"<a/>", Some("GBK"), Charset::Gbk, false);
    check(b"<a/>", Some("ISO-8859-99"), Charset::Utf8, true);
    assert_eq!(decode(&gb18030, None).text, SENTENCE);
}

#[test]
fn short_gbk_words_that_look_like_utf8_follow_the_claim() {
    // Two-byte sequences only: valid as UTF-8, meant as GBK.
    let bytes = encode("模", Charset::Gbk).unwrap();
    assert!(std::str::from_utf8(&bytes).is_ok());
    assert_eq!(decode(&bytes, Some("GBK")).text, "模");
}

#[test]
fn marks_are_taken_off_and_counted() {
    let it = decode(b"\xEF\xBB\xBF<a/>", Some("GBK"));
    assert_eq!((it.text.as_ref(), it.mark, it.used), ("<a/>", 3, Charset::Utf8));
    let it = decode(b"\xFF\xFEA\x00\x2D\x4E", None);
    assert_eq!((it.text.as_ref(), it.mark, it.used), ("A中", 2, Charset::Utf16Le));
}

#[test]
fn broken_bytes_are_replaced_and_located() {
    let mut bytes = "不动产登记中心不动产登记中心".as_bytes().to_vec();
    bytes.insert(6, 0xFF);
    let it = decode(&bytes, Some("utf-8"));
    let replaced = it.replaced.unwrap();
    assert_eq!((it.used, replaced.offset, replaced.count, it.mismatch), (Charset::Utf8, 6, 1, false));
    assert!(it.text.starts_with("不动\u{FFFD}产"));
    let mut bytes = b"\xEF\xBB\xBF".to_vec();
    bytes.extend(b"ab\xFFcd");
    assert_eq!(decode(&bytes, None).replaced.unwrap().offset, 5);
}

#[test]
fn a_character_outside_the_charset_is_an_error() {
    let fault = encode("姓名：𠮷野", Charset::Gbk).unwrap_err();
    assert_eq!((fault.character, fault.offset), ('𠮷', "姓名：".len()));
    assert_eq!(decode(&encode("𠮷野", Charset::Gb18030).unwrap(), Some("gb18030")).text, "𠮷野");
}

#[test]
fn the_streaming_reader_agrees_with_decoding_at_once() {
    let long = format!("{}{}", "a,b,c\n".repeat(30_000), format!("{SENTENCE}\n").repeat(5_000));
    let check = |bytes: &[u8], declared: Option<&str>| {
        for step in [1, 7, 4096] {
            let mut text = String::new();
            let mut reader = Utf8Reader::new(Slow(bytes, step), declared);
            reader.read_to_string(&mut text).unwrap();
            let whole = decode(bytes, declared);
            assert!(text == whole.text, "{declared:?} step {step}");
            assert_eq!(reader.replaced(), whole.replaced);
            assert_eq!((reader.mismatch(), reader.mark()), (whole.mismatch, whole.mark), "{declared:?}");
        }
    };
    for text in [long.as_str(), SENTENCE, "", "abc"] {
        check(text.as_bytes(), None);
        check(text.as_bytes(), Some("gbk"));
        check(&encode(text, Charset::Gb18030).unwrap(), None);
        check(&encode(text, Charset::Gb18030).unwrap(), Some("GBK"));
        check(&[b"\xEF\xBB\xBF", text.as_bytes()].concat(), Some("UTF-8"));
    }
}

/// Gives a few bytes at a time, as a socket does.
struct Slow<'a>(&'a [u8], usize);

impl Read for Slow<'_> {
    fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
        let n = self.1.min(out.len());
        self.0.read(&mut out[..n])
    }
}
