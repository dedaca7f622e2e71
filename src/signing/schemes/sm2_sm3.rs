//! The hub's own headers with SM2 and SM3: the national algorithms, no secret shared.

use crate::signing::hub::FORM;
use crate::signing::{Algorithm, Example, Keying, Scheme};

pub(super) static SCHEME: Scheme = Scheme {
    name: "sm2-sm3",
    title: "中枢签名头（国密 SM2，SM3 摘要）",
    about: "请求头和待签文本同 hmac-sha256；用对方的 SM2 私钥签名，用户标识 1234567812345678（GB/T 32918.2、GM/T 0009），\
            签名值 DER 或 r‖s 64 字节，Base64。中枢只存公钥。",
    keying: Keying::Pair,
    covers_body: true,
    form: &FORM,
    algorithm: Algorithm::Sm2Sm3,
    examples: &[Example {
        about: "公钥取自 GB/T 32918.5-2017 附录 A；请求为自拟，签名由 openssl dgst -sm3 -sign … distid:1234567812345678 算出",
        method: "POST",
        path: "/api/v1/exchange/natural-resources/land_grant",
        query: "",
        headers: &[
            ("X-Hub-Key", "natural-resources-1"),
            ("X-Hub-Timestamp", "1767225600"),
            ("X-Hub-Nonce", "n0nce-0001"),
            (
                "X-Hub-Signature",
                "MEUCIF2IG1pnh2xnBXsF7m0hhOzVS7OtsKGoUJalZM0MVi6cAiEAzvLkOlB0SnhhnVq7QykrU92MlDcqVqe6sV2Ijpqq+CU=",
            ),
        ],
        body: "{}",
        key: include_str!("../../crypto/sm2/gbt32918-5.public.pem"),
        text: "POST\n/api/v1/exchange/natural-resources/land_grant\n\nnatural-resources-1\n1767225600\nn0nce-0001\n44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a",
    }],
};
