//! 1xxx: who sends, signature, clock, size, repetition.

codes! {
    UNKNOWN_PARTNER = 1001, "unknown_partner", "没有这个对接单位", "网址中的单位标识未登记", "核对网址中的单位标识，或请中枢管理员登记";
    UNKNOWN_MESSAGE = 1002, "unknown_message", "没有这种报文", "网址中的报文标识在该单位名下未登记", "核对网址中的报文标识；全部报文见 /openapi.json";
    SIGNATURE_MISSING = 1003, "signature_missing", "请求没有签名", "缺少 X-Hub-Key、X-Hub-Timestamp、X-Hub-Nonce、X-Hub-Signature 中的一项或几项", "按接口文档“签名”一节补齐四个请求头";
    SIGNATURE_MALFORMED = 1004, "signature_malformed", "签名请求头格式不对", "时间戳、随机数或签名的写法不符合规定", "按提示改正该请求头";
    KEY_UNKNOWN = 1005, "key_unknown", "没有这把密钥", "X-Hub-Key 写错，或密钥从未发放", "核对密钥编号，或请中枢管理员发放密钥";
    KEY_REVOKED = 1006, "key_revoked", "密钥已吊销", "该密钥已被管理员吊销", "改用新密钥；没有新密钥请联系中枢管理员";
    KEY_EXPIRED = 1007, "key_expired", "密钥已过期", "该密钥已过有效期", "改用新密钥；没有新密钥请联系中枢管理员";
    KEY_OF_OTHER = 1008, "key_of_other_partner", "密钥不属于该单位", "用一个单位的密钥访问了另一个单位的接口或报文", "使用本单位的密钥，或核对网址中的单位标识";
    CLOCK_SKEW = 1009, "clock_skew", "请求时间与中枢时钟相差过大", "发送方时钟不准，或请求在途中滞留过久", "校准发送方时钟（NTP）后重新签名发送", retry;
    NONCE_REPLAYED = 1010, "nonce_replayed", "请求被重放", "同一密钥下这个随机数已经用过", "每次请求都生成新的随机数并重新签名；重发同一报文请换随机数，用 Idempotency-Key 防重";
    SIGNATURE_WRONG = 1011, "signature_wrong", "签名不对", "密钥不对、待签文本拼法不对，或正文在签名后被改动", "用 POST 原文逐字节计算正文摘要，按接口文档的待签文本重新签名";
    BODY_TOO_LARGE = 1012, "body_too_large", "正文过大", "正文超过中枢设定的上限", "拆成多份发送；批量数据请交中枢管理员用 hub import 导入";
    BODY_INCOMPLETE = 1013, "body_incomplete", "正文没有收全", "连接中断，或 Content-Length 与实际不符", "检查网络后重发", retry;
    CONTENT_TYPE = 1014, "content_type_unsupported", "不支持这种内容类型", "Content-Type 与该报文的格式不符", "改用提示中的内容类型";
    PATH_UNKNOWN = 1015, "path_unknown", "没有这个网址", "路径写错，或接口版本不对", "核对路径；全部接口见 /openapi.json";
    METHOD_NOT_ALLOWED = 1016, "method_not_allowed", "不支持这种请求方法", "该网址不接受这种 HTTP 方法", "改用提示中的方法";
    PARTNER_DISABLED = 1017, "partner_disabled", "对接单位已停用", "该单位的接入已被管理员停用", "请联系中枢管理员";
    PARAMETER = 1018, "parameter", "请求参数不对", "参数缺失，或值不符合规定", "按提示改正参数";
    MESSAGE_NOT_FOUND = 1019, "message_not_found", "没有这份报文", "编号写错，或该报文不是本单位发送的", "核对受理回执中的 message_id";
    MESSAGE_REFUSED = 1020, "message_refused", "报文未被接收", "报文中的问题使全部记录都不能入库；原文已留存待处理", "按各条问题改正后重发，可沿用同一 Idempotency-Key";
    IMPORT_UNFINISHED = 1021, "import_unfinished", "文件导入未完成", "导入中途被中断", "用同一个文件再运行一次 hub import，已导入的行不会重复";
    KEY_UNUSABLE = 1040, "key_unusable", "公钥用不了", "公钥文件不是 PEM 格式、算法不对或位数不足", "请对方重新导出 PEM 格式的公钥，算法与签名方案一致";
    SCHEME_MISMATCH = 1041, "scheme_mismatch", "签名方案与密钥不符", "请求用的签名头不是这把密钥发放时约定的方案", "按密钥的签名方案签名，或请中枢管理员换发密钥";
    CERTIFICATE_UNKNOWN = 1042, "certificate_unknown", "客户端证书没有登记", "连接所用的客户端证书不属于任何对接单位", "把证书交中枢管理员用 hub key create --scheme client-certificate 登记";
    ADDRESS_NOT_ALLOWED = 1044, "address_not_allowed", "来访地址不在约定的网段", "请求来自约定网段以外的地址", "从约定的服务器发送；地址有变的，请中枢管理员用 hub partner limit 调整";
    QUOTA_USED_UP = 1045, "quota_used_up", "请求过于频繁", "超过约定的每分钟次数", "按 Retry-After 稍后再试；量确需增大的，请中枢管理员用 hub partner limit 调整", retry;
    CERTIFICATE_MISSING = 1043, "certificate_missing", "没有出示客户端证书", "中枢要求双向 TLS，连接没有出示证书，或证书没有通过验证", "用中枢认可的机构签发的客户端证书连接";
    FORM_PARTS = 1050, "form_parts", "表单各部分不对", "multipart/form-data 没有按标准组织，或部分的个数与这种报文不符", "文件放在一个带 filename 的部分里发送；表单类报文逐项发送字段";
    FILE_UNEXPECTED = 1051, "file_unexpected", "不知道这个文件是什么报文", "文件名不合任何报文约定的样子", "按约定命名，或放进以报文标识命名的子文件夹";
    FRAME_DIGEST = 1052, "frame_digest", "报文帧校验码不对", "口令不对，或 XML 在计算校验码之后被改动、转码", "用“约定口令 + XML 原文字节”重算 SHA-256 后重发；口令不明的请与中枢管理员核对";
    FRAME_UNEXPECTED = 1053, "frame_unexpected", "不接收这种报文帧", "报文编号没有约定", "核对报文编号；需要增加的，请中枢管理员在 frames.messages 里写明";
    FRAME_LATE = 1054, "frame_late", "报文帧没有按时收全", "网络太慢或发送中途停住", "检查网络后重新连接、重发整帧", retry;
    FRAMES_FULL = 1055, "frames_full", "连接已满", "同时的连接数达到上限", "用完即断开，或在一个连接里依次发送；稍后再连", retry;
    VARIANT_IMPOSSIBLE = 1060, "variant_impossible", "造不出新报文", "样例报文有错、映射不能写出，或业务键里没有足够位数的编号", "改用 --files 给出自己的报文，或减小 --variants";
    TRIAL_TOO_OFTEN = 1065, "trial_too_often", "试报文过于频繁", "同一地址短时间内在门户的调试台试了很多次", "稍候再试；程序请用签名的 …/check 接口", retry;
}
