//! The hub's own headers with RSA: for partners whose platform signs with certificates it has already.

use crate::signing::hub::FORM;
use crate::signing::{Algorithm, Example, Keying, Scheme};

pub(super) static SCHEME: Scheme = Scheme {
    name: "rsa-sha256",
    title: "中枢签名头（RSA，SHA-256 摘要）",
    about: "请求头和待签文本同 hmac-sha256；用对方的 RSA 私钥按 PKCS #1 v1.5 签名，Base64。密钥至少 2048 位；中枢只存公钥。",
    keying: Keying::Pair,
    covers_body: true,
    form: &FORM,
    algorithm: Algorithm::RsaSha256,
    examples: &[Example {
        about: "密钥和请求为自拟，签名由 openssl dgst -sha256 -sign 算出",
        method: "POST",
        path: "/api/v1/exchange/data-bureau/project_approval",
        query: "",
        headers: &[
            ("X-Hub-Key", "data-bureau-1"),
            ("X-Hub-Timestamp", "2026-01-01T08:00:00+08:00"),
            ("X-Hub-Nonce", "n0nce-0001"),
            (
                "X-Hub-Signature",
                "NgvZAkU05eUe4jbC0jeG+hFGdH+VxJVERkm4A7j1FDfuqTGkki31Wa+I7ki1y4wzdiAfbmZKJ83ilJoRLWkbnIMs/D9y16lGSsVFdOj2jV1cyub5hmKJj3KYJRKglfOSm6J42Aq0zwKBkPXUxg/5glsbGzMZIS8UxgLvnTdyUmGc/c/UQQhbwzgsowF/mLFlF8nh3bWwXohCI28BRGy9cXLnNZhGK/tioJ1QfixGUrMzfeQcDlArv57t+CKLhL8+qHCGzeEgtwM+XYN5fVKsoHCxstWqbg22w7v9Qp5748oE7yyi+fd2QrHaIIt+BgJlkS0DOxtsEZkZ5k3tAtmZcA==",
            ),
        ],
        body: "{}",
        key: include_str!("rsa_sha256.public.pem"),
        text: "POST\n/api/v1/exchange/data-bureau/project_approval\n\ndata-bureau-1\n2026-01-01T08:00:00+08:00\nn0nce-0001\n44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a",
    }],
};
