//! Zhejiang's IRS gateway (业务协同网关): five lines, the last with its line break, GMT date, 90 seconds.

use chrono::{DateTime, NaiveDateTime, Utc};

use crate::crypto;
use crate::error::Result;
use crate::signing::{
    Algorithm, Claimed, Example, Form, Head, Keying, Scheme, base64_value, key_id, malformed, required,
};

pub(super) static SCHEME: Scheme = Scheme {
    name: "irs-hmac-sha256",
    title: "浙江 IRS 网关签名头（HMAC-SHA256）",
    about: "X-BG-HMAC-ACCESS-KEY、X-BG-HMAC-ALGORITHM、X-BG-DATE-TIME、X-BG-HMAC-SIGNATURE 四个请求头；待签文本为方法、路径、\
            按参数名排序的查询串、AccessKey、GMT 日期，每行后都换行；HMAC-SHA256，Base64。正文不在签名内，只应走 HTTPS。",
    keying: Keying::Shared,
    covers_body: false,
    form: &FORM,
    algorithm: Algorithm::HmacSha256,
    examples: &[Example {
        about: "请求头见网关接入手册；值为自拟，签名由 openssl dgst -sha256 -hmac 复核",
        method: "POST",
        path: "/api/v1/exchange/data-bureau/project_approval",
        query: "v=1&test1=b&test=a",
        headers: &[
            ("X-BG-HMAC-ACCESS-KEY", "data-bureau-1"),
            ("X-BG-HMAC-ALGORITHM", "hmac-sha256"),
            ("X-BG-DATE-TIME", "Thu, 01 Jan 2026 00:00:00 GMT"),
            ("X-BG-HMAC-SIGNATURE", "eWA6E/3mAlX2ItuxL8+lITCTtXQfOcaWPrziJxDp6to="),
        ],
        body: "{}",
        key: "not-a-real-secret",
        text: "POST\n/api/v1/exchange/data-bureau/project_approval\ntest=a&test1=b&v=1\ndata-bureau-1\nThu, 01 Jan 2026 00:00:00 GMT\n",
    }],
};

static FORM: Form = Form { marker: "X-BG-HMAC-ACCESS-KEY", in_query: false, read, text, stamp, headers };

/// RFC 1123, always GMT.
const DATE: &str = "%a, %d %b %Y %H:%M:%S GMT";

fn read(head: &Head<'_>) -> Result<Claimed> {
    let [key, algorithm, date, signature] = required(
        head,
        ["X-BG-HMAC-ACCESS-KEY", "X-BG-HMAC-ALGORITHM", "X-BG-DATE-TIME", "X-BG-HMAC-SIGNATURE"],
    )?;
    if !algorithm.eq_ignore_ascii_case("hmac-sha256") {
        return Err(malformed("X-BG-HMAC-ALGORITHM 只支持 hmac-sha256。"));
    }
    let at = NaiveDateTime::parse_from_str(date, DATE).map_err(|e| {
        malformed("X-BG-DATE-TIME 应为 GMT 时间，如 Thu, 01 Jan 2026 00:00:00 GMT。").because(e)
    })?;
    Ok(Claimed {
        key: key_id("X-BG-HMAC-ACCESS-KEY", key)?,
        timestamp: date.to_owned(),
        at: at.and_utc(),
        nonce: None,
        signature: base64_value("X-BG-HMAC-SIGNATURE", signature)?,
    })
}

fn text(head: &Head<'_>, claimed: &Claimed, _body: &[u8], _secret: &str) -> Result<Vec<u8>> {
    let query = sorted_by_name(head.query);
    let lines = [head.method, head.path, &query, &claimed.key, &claimed.timestamp, ""];
    Ok(lines.join("\n").into_bytes())
}

/// By name, not by the whole pair: `test=` stands before `test1=` although `1` is less than `=`.
fn sorted_by_name(query: &str) -> String {
    let mut pairs: Vec<(&str, &str)> = query
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        .collect();
    pairs.sort_unstable();
    pairs.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("&")
}

fn stamp(at: DateTime<Utc>) -> String {
    at.format(DATE).to_string()
}

fn headers(claimed: &Claimed) -> Vec<(&'static str, String)> {
    vec![
        ("X-BG-HMAC-ACCESS-KEY", claimed.key.clone()),
        ("X-BG-HMAC-ALGORITHM", "hmac-sha256".to_owned()),
        ("X-BG-DATE-TIME", claimed.timestamp.clone()),
        ("X-BG-HMAC-SIGNATURE", crypto::base64(&claimed.signature)),
    ]
}
