//! Whether the hub knows its partner, and nobody else.

use chrono::TimeDelta;

use super::{Finding, Suite, refused, shown, unanswered};
use crate::clock;
use crate::error::{Result, codes};
use crate::playing::line::{Answered, Ask, Travel};

/// Beyond any window a hub may be set to.
const LONG_AGO: TimeDelta = TimeDelta::hours(2);

type Headers = Vec<(&'static str, String)>;

/// Signs a dry run and sends what `change` makes of its body and headers.
fn asked(
    suite: &Suite,
    change: impl FnOnce(&mut Vec<u8>, &mut Headers, &Ask<'_>) -> Result<()>,
) -> Result<Answered> {
    let (path, nonce) = (suite.check_address(), clock::fresh_id());
    let ask = suite.ask(&path, &nonce, clock::now());
    let mut headers = suite.line.sign(&ask)?;
    let mut body = suite.letter.bytes.clone();
    change(&mut body, &mut headers, &ask)?;
    Ok(suite.line.send_with(&Ask { body: &body, ..ask }, &headers, Travel::Whole))
}

/// What is rightly signed comes in.
pub(super) fn accepted(suite: &Suite) -> Result<Finding> {
    let answered = asked(suite, |_, _, _| Ok(()))?;
    let cure = "按答复所附的待签文本逐行核对；密钥、签名方案与发放时的一致（hub key schemes）；请中枢确认密钥有效、单位未停用、来访地址在约定网段";
    Ok(match answered {
        Err(why) => unanswered(&why),
        Ok(reply) if matches!(reply.status, 401 | 403 | 429) => Finding::failed(shown(&reply), cure),
        Ok(reply) if reply.status >= 500 => Finding::failed(shown(&reply), "看中枢日志，报障编号在答复里"),
        Ok(reply) if matches!(reply.status, 200 | 207 | 422) => {
            Finding::passed(format!("{}，HTTP {}", suite.line.identity.scheme.title, reply.status))
        }
        Ok(reply) => Finding::failed(shown(&reply), "核对网址中的单位和报文标识（见 /openapi.json）"),
    })
}

/// Unsigned is refused.
pub(super) fn missing(suite: &Suite) -> Result<Finding> {
    let answered = asked(suite, |_, headers, _| {
        headers.clear();
        Ok(())
    })?;
    Ok(refused(&answered, 401, codes::transport::SIGNATURE_MISSING, OPEN))
}

const OPEN: &str = "中枢放进了没有正确签名的请求，请立即停用这个网址并核对代理和中枢版本";

/// A signature of another request is refused.
pub(super) fn wrong(suite: &Suite) -> Result<Finding> {
    let answered = asked(suite, |_, headers, ask| {
        // The signature of the next second under the headers of this one: every scheme signs the time.
        let other = suite.line.sign(&Ask { at: ask.at + TimeDelta::seconds(1), ..ask.clone() })?;
        let signature =
            |name: &str| ["X-Hub-Signature", "X-BG-HMAC-SIGNATURE", "gjzwfwpt_sign", "sign"].contains(&name);
        for (mine, theirs) in headers.iter_mut().zip(other).filter(|(mine, _)| signature(mine.0)) {
            mine.1 = theirs.1;
        }
        Ok(())
    })?;
    Ok(refused(&answered, 401, codes::transport::SIGNATURE_WRONG, OPEN))
}

/// A body changed after signing is refused, where the scheme covers it.
pub(super) fn changed(suite: &Suite) -> Result<Finding> {
    if !suite.line.identity.scheme.covers_body {
        return Ok(Finding::skipped("这种签名方案不含正文，只靠 HTTPS 保护"));
    }
    let answered = asked(suite, |body, _, _| {
        body.push(b' ');
        Ok(())
    })?;
    Ok(refused(&answered, 401, codes::transport::SIGNATURE_WRONG, OPEN))
}

/// The same request a second time is refused.
pub(super) fn replayed(suite: &Suite) -> Result<Finding> {
    let (path, nonce) = (suite.check_address(), clock::fresh_id());
    let ask = suite.ask(&path, &nonce, clock::now());
    let headers = suite.line.sign(&ask)?;
    if let Err(why) = suite.line.send_with(&ask, &headers, Travel::Whole) {
        return Ok(unanswered(&why));
    }
    let answered = suite.line.send_with(&ask, &headers, Travel::Whole);
    let cure = "中枢没有认出重放的请求；经多个中枢进程时，核对它们是否用同一个数据库";
    Ok(refused(&answered, 401, codes::transport::NONCE_REPLAYED, cure))
}

/// A request of two hours ago is refused.
pub(super) fn late(suite: &Suite) -> Result<Finding> {
    let (path, nonce) = (suite.check_address(), clock::fresh_id());
    let ask = suite.ask(&path, &nonce, clock::now() - LONG_AGO);
    let answered = suite.line.send(&ask, Travel::Whole)?;
    Ok(refused(&answered, 401, codes::transport::CLOCK_SKEW, "核对中枢的 signature.window 设置"))
}

/// A key opens no other partner's door.
pub(super) fn other(suite: &Suite) -> Result<Finding> {
    let Some(other) = &suite.other else { return Ok(Finding::skipped("映射里只有这一个单位")) };
    let answered = suite.post(&format!("/api/v1/exchange/{other}/check"), &suite.letter.bytes)?;
    match &answered {
        Ok(reply) if reply.status == 404 => Ok(Finding::skipped(format!("中枢没有单位或报文 {other}"))),
        _ => Ok(refused(&answered, 403, codes::transport::KEY_OF_OTHER, OPEN)),
    }
}
