//! The hub's own headers with HMAC-SHA256: what a partner gets unless it asks for something else.

use crate::signing::hub::FORM;
use crate::signing::{Algorithm, Example, Keying, Scheme};

pub(super) static SCHEME: Scheme = Scheme {
    name: "hmac-sha256",
    title: "中枢签名头（HMAC-SHA256）",
    about: "X-Hub-* 四个请求头；待签文本七行，含方法、路径、查询串、密钥编号、时间、随机数和正文摘要；HMAC-SHA256，Base64。",
    keying: Keying::Shared,
    covers_body: true,
    form: &FORM,
    algorithm: Algorithm::HmacSha256,
    examples: &[Example {
        about: "查询串按字节排序；值为自拟，签名由 openssl dgst -sha256 -hmac 复核",
        method: "POST",
        path: "/api/v1/exchange/tax/payment_result",
        query: "b=2&a=%20&&b=1",
        headers: &[
            ("X-Hub-Key", "tax-1"),
            ("X-Hub-Timestamp", "1767225600"),
            ("X-Hub-Nonce", "n0nce-0001"),
            ("X-Hub-Signature", "bHcvIbdHI8rC1sDyTYPTtZNo4fG5vlYCTafH+QJGXNw="),
        ],
        body: "{}",
        key: "not-a-real-secret",
        text: "POST\n/api/v1/exchange/tax/payment_result\na=%20&b=1&b=2\ntax-1\n1767225600\nn0nce-0001\n44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a",
    }],
};
