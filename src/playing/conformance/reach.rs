//! Whether the hub is there, over which transport, at which time, and whether it says what it offers.

use chrono::{DateTime, Utc};

use super::{Finding, Suite, shown, text, unanswered};
use crate::clock;
use crate::crypto::Certificate;
use crate::error::Result;

/// Certificates are told of so long before they end.
const SOON_DAYS: i64 = 30;

/// Clocks may differ by the signature's window of 90 seconds; half of it is told.
const NEAR_SECONDS: i64 = 45;
const WINDOW_SECONDS: i64 = 90;

/// `/readyz` answers.
pub(super) fn reach(suite: &Suite) -> Result<Finding> {
    Ok(match suite.open("/readyz") {
        Err(why) => Finding::failed(
            format!("{} {why}", suite.line.base),
            "核对网址和端口；防火墙、网闸放行；证书由自建机构签发的，加 --ca",
        ),
        Ok(reply) if reply.status == 200 && text(&reply, "/status") == "ok" => {
            Finding::passed(format!("{}，{} 毫秒", suite.line.base, reply.took.as_millis()))
        }
        Ok(reply) => Finding::failed(
            format!("{}：{}", suite.line.base, shown(&reply)),
            "这个网址上不是中枢，或中枢的数据库不可用（hub doctor）",
        ),
    })
}

/// TLS with a certificate that holds for a while, or the same machine.
pub(super) fn tls(suite: &Suite) -> Result<Finding> {
    let Some(host) = suite.line.base.strip_prefix("http://") else { return certificate(suite) };
    let is_local = ["127.", "localhost", "[::1]"].iter().any(|it| host.starts_with(it));
    Ok(match is_local {
        true => Finding::passed("本机，不经网络"),
        false if suite.line.identity.scheme.covers_body => Finding::doubtful(
            "明文 HTTP，报文内容在途可见（签名仍防改动）",
            "请中枢提供 HTTPS（设置 tls，或由 nginx 提供）",
        ),
        false => Finding::failed(
            "明文 HTTP，而这种签名方案不含正文，报文在途可被改动",
            "请中枢提供 HTTPS，或换用 hmac-sha256、sm2-sm3",
        ),
    })
}

fn certificate(suite: &Suite) -> Result<Finding> {
    let reply = match suite.open("/healthz") {
        Ok(reply) => reply,
        Err(why) => return Ok(unanswered(&why)),
    };
    let Some(der) = reply.certificate else {
        return Ok(Finding::doubtful("看不到中枢的证书", "核对网址"));
    };
    let certificate = Certificate::from_der(&der)?;
    let (_, until) = certificate.validity()?;
    let days = (until - clock::now()).num_days();
    let seen = format!("HTTPS，证书 {}，还有 {days} 天", certificate.holder());
    Ok(match days < SOON_DAYS {
        true => Finding::doubtful(seen, "请中枢及时更换证书"),
        false => Finding::passed(seen),
    })
}

/// The hub's `Date` against our own clock.
pub(super) fn clocks(suite: &Suite) -> Result<Finding> {
    let before = clock::now();
    let reply = match suite.open("/healthz") {
        Ok(reply) => reply,
        Err(why) => return Ok(unanswered(&why)),
    };
    let told = reply.header("date").and_then(|it| DateTime::parse_from_rfc2822(it).ok());
    let Some(told) = told.map(|it| it.with_timezone(&Utc)) else {
        return Ok(Finding::doubtful("答复里没有 Date，比不了时钟", "核对中间的代理是否去掉了它"));
    };
    // `Date` is cut to the second; what it means lies in the middle of the second.
    let middle = before + (clock::now() - before) / 2;
    let off = (told - middle).num_milliseconds() + 500;
    let tenths = off.abs() / 100;
    let seen = format!("中枢{} {}.{} 秒", if off < 0 { "慢" } else { "快" }, tenths / 10, tenths % 10);
    let cure = "两边都用 NTP 校时；相差超过 90 秒，签名一律被拒绝";
    Ok(match off.abs() / 1000 {
        seconds if seconds > WINDOW_SECONDS => Finding::failed(seen, cure),
        seconds if seconds > NEAR_SECONDS => Finding::doubtful(seen, cure),
        _ => Finding::passed(seen),
    })
}

/// `/openapi.json` describes the exchange.
pub(super) fn openapi(suite: &Suite) -> Result<Finding> {
    let reply = match suite.open("/openapi.json") {
        Ok(reply) => reply,
        Err(why) => return Ok(unanswered(&why)),
    };
    let description = reply.json();
    let version = text(&reply, "/openapi");
    let paths = description.get("paths").and_then(|it| it.as_object());
    let has = |start: &str| paths.is_some_and(|it| it.keys().any(|path| path.starts_with(start)));
    Ok(match reply.status == 200 && version.starts_with("3.") && has("/api/v1/exchange/") {
        true => {
            Finding::passed(format!("OpenAPI {version}，{} 个网址", paths.map_or(0, serde_json::Map::len)))
        }
        false => Finding::failed(
            format!("/openapi.json：{}", shown(&reply)),
            "核对网址是不是中枢的根；代理要放行 /openapi.json",
        ),
    })
}

/// `/api/v1/codes` lists the error codes.
pub(super) fn error_codes(suite: &Suite) -> Result<Finding> {
    let reply = match suite.open("/api/v1/codes") {
        Ok(reply) => reply,
        Err(why) => return Ok(unanswered(&why)),
    };
    let count = reply.json().get("codes").and_then(|it| it.as_array()).map_or(0, Vec::len);
    Ok(match reply.status == 200 && count > 0 {
        true => Finding::passed(format!("{count} 个错误码，各有原因和办法")),
        false => {
            Finding::failed(format!("/api/v1/codes：{}", shown(&reply)), "升级中枢，或让代理放行这个网址")
        }
    })
}
