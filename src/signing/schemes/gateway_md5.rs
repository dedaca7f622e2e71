//! Zhejiang's older data gateway: an MD5 over key, secret and time.

use chrono::{DateTime, Utc};

use crate::crypto;
use crate::error::Result;
use crate::signing::{
    Algorithm, Claimed, Example, Form, Head, Keying, Scheme, key_id, malformed, milliseconds, query_value,
    required,
};

pub(super) static SCHEME: Scheme = Scheme {
    name: "gateway-md5",
    title: "浙江旧版数据网关（MD5 拼接）",
    about: "appKey、requestTime（毫秒）、sign 三个请求头，也可放在查询串；sign 为 appKey＋密钥＋requestTime 的 MD5，十六进制，大小写均可。\
            MD5 已不安全，路径和正文也不在签名内：只给不能改程序的旧系统用，并且只应走 HTTPS。",
    keying: Keying::Shared,
    covers_body: false,
    form: &FORM,
    algorithm: Algorithm::Md5,
    examples: &[Example {
        about: "值为自拟，签名由 openssl dgst -md5 复核",
        method: "POST",
        path: "/api/v1/exchange/civil-affairs/door_plate",
        query: "",
        headers: &[
            ("appKey", "civil-affairs-1"),
            ("requestTime", "1767225600123"),
            ("sign", "e569811daba663f279494a42cd48ca99"),
        ],
        body: "{}",
        key: "not-a-real-secret",
        text: "civil-affairs-1〈密钥〉1767225600123",
    }],
};

static FORM: Form = Form { marker: "appKey", in_query: true, read, text, stamp, headers };

fn read(head: &Head<'_>) -> Result<Claimed> {
    // Old clients put everything into the query, even of a POST.
    let either = |name: &str| (head.header)(name).or_else(|| query_value(head.query, name));
    let [key, time, signature] =
        required(&Head { header: &either, ..*head }, ["appKey", "requestTime", "sign"])?;
    Ok(Claimed {
        key: key_id("appKey", key)?,
        timestamp: time.to_owned(),
        at: milliseconds("requestTime", time)?,
        nonce: None,
        signature: crypto::from_hex(signature).ok_or_else(|| malformed("sign 应为 32 位十六进制的 MD5。"))?,
    })
}

fn text(_head: &Head<'_>, claimed: &Claimed, _body: &[u8], secret: &str) -> Result<Vec<u8>> {
    Ok([&claimed.key, secret, &claimed.timestamp].concat().into_bytes())
}

fn stamp(at: DateTime<Utc>) -> String {
    at.timestamp_millis().to_string()
}

fn headers(claimed: &Claimed) -> Vec<(&'static str, String)> {
    vec![
        ("appKey", claimed.key.clone()),
        ("requestTime", claimed.timestamp.clone()),
        ("sign", crypto::hex(&claimed.signature)),
    ]
}
