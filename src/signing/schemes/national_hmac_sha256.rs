//! The national data-sharing platform (数据直达): service, requester and time, one behind the other.

use chrono::{DateTime, Utc};

use crate::crypto;
use crate::error::Result;
use crate::signing::{
    Algorithm, Claimed, Example, Form, Head, Keying, Scheme, base64_value, key_id, milliseconds, required,
};

pub(super) static SCHEME: Scheme = Scheme {
    name: "national-hmac-sha256",
    title: "国家平台签名头（HMAC-SHA256）",
    about: "gjzwfwpt_sid（服务标识）、gjzwfwpt_rid（请求者标识，即密钥编号）、gjzwfwpt_rtime（毫秒）、gjzwfwpt_sign 四个请求头；\
            待签文本为 sid、rid、rtime 首尾相接；HMAC-SHA256，Base64。路径和正文都不在签名内，只应走 HTTPS。\
            前面有 nginx 时须设 underscores_in_headers on，否则这些头会被丢弃。",
    keying: Keying::Shared,
    covers_body: false,
    form: &FORM,
    algorithm: Algorithm::HmacSha256,
    examples: &[Example {
        about: "拼法见数据直达接口规范附录 C；值为自拟，签名由 openssl dgst -sha256 -hmac 复核",
        method: "POST",
        path: "/api/v1/exchange/data-bureau/asset_transfer",
        query: "",
        headers: &[
            ("gjzwfwpt_sid", "asset_transfer"),
            ("gjzwfwpt_rid", "data-bureau-1"),
            ("gjzwfwpt_rtime", "1767225600123"),
            ("gjzwfwpt_sign", "C2w5pms3KoGHRMHFbXqFE0yBTAGul+72u1BGa9mkE7c="),
        ],
        body: "{}",
        key: "not-a-real-secret",
        text: "asset_transferdata-bureau-11767225600123",
    }],
};

static FORM: Form = Form { marker: "gjzwfwpt_rid", in_query: false, read, text, stamp, headers };

fn read(head: &Head<'_>) -> Result<Claimed> {
    let [_service, key, time, signature] =
        required(head, ["gjzwfwpt_sid", "gjzwfwpt_rid", "gjzwfwpt_rtime", "gjzwfwpt_sign"])?;
    Ok(Claimed {
        key: key_id("gjzwfwpt_rid", key)?,
        timestamp: time.to_owned(),
        at: milliseconds("gjzwfwpt_rtime", time)?,
        nonce: None,
        signature: base64_value("gjzwfwpt_sign", signature)?,
    })
}

/// The service a request names; when the hub asks, the caller has put it among the headers.
fn service<'a>(head: &Head<'a>) -> &'a str {
    (head.header)("gjzwfwpt_sid").map(str::trim).unwrap_or_default()
}

fn text(head: &Head<'_>, claimed: &Claimed, _body: &[u8], _secret: &str) -> Result<Vec<u8>> {
    Ok([service(head), &claimed.key, &claimed.timestamp].concat().into_bytes())
}

fn stamp(at: DateTime<Utc>) -> String {
    at.timestamp_millis().to_string()
}

fn headers(claimed: &Claimed) -> Vec<(&'static str, String)> {
    vec![
        ("gjzwfwpt_rid", claimed.key.clone()),
        ("gjzwfwpt_rtime", claimed.timestamp.clone()),
        ("gjzwfwpt_sign", crypto::base64(&claimed.signature)),
    ]
}
