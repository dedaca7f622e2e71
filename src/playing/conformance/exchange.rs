//! The exchange itself: a message stored once however often it is sent, and what flows back.

use serde_json::Value;

use super::{Finding, Suite, refused, shown, text, unanswered};
use crate::clock;
use crate::crypto;
use crate::error::{Result, codes};
use crate::playing::line::{Answered, Ask, Travel};

const NOT_STORED: &str = "没有检查：要把样例存进中枢，确认可以的（沙箱、测试环境）请加 --store";

/// A message is taken with a receipt that can be asked for again.
pub(super) fn accept(suite: &Suite) -> Result<Finding> {
    if !suite.store {
        return Ok(Finding::skipped(NOT_STORED));
    }
    let key = suite.letter.idempotency_key()?;
    let reply = match under_key(suite, &key, &suite.letter.bytes)? {
        Ok(reply) => reply,
        Err(why) => return Ok(unanswered(&why)),
    };
    let (receipt, message) = (text(&reply, "/receipt_id"), text(&reply, "/message_id"));
    if !matches!(reply.status, 200 | 207) || receipt.is_empty() || message.is_empty() {
        return Ok(Finding::failed(shown(&reply), "样例应被收下并给出回执；按 problems 逐条核对"));
    }
    Ok(match suite.get(&format!("/api/v1/messages/{message}"))? {
        Ok(again) if again.status == 200 => {
            Finding::passed(format!("回执 {receipt}，凭报文编号 {message} 可查"))
        }
        Ok(again) => Finding::failed(shown(&again), "收下的报文应能凭 message_id 查到"),
        Err(why) => unanswered(&why),
    })
}

/// The same message again under the same key of idempotency is the same message: not every message has an id of its own.
pub(super) fn repeat(suite: &Suite) -> Result<Finding> {
    if !suite.store {
        return Ok(Finding::skipped(NOT_STORED));
    }
    let (key, mut ids) = (suite.letter.idempotency_key()?, Vec::new());
    for _ in 0..2 {
        match under_key(suite, &key, &suite.letter.bytes)? {
            Ok(reply) => {
                let is_repeat = reply.json().get("duplicate") == Some(&Value::Bool(true));
                ids.push((text(&reply, "/message_id"), is_repeat));
            }
            Err(why) => return Ok(unanswered(&why)),
        }
    }
    Ok(match ids.as_slice() {
        [(first, _), (again, true)] if first == again && !first.is_empty() => {
            Finding::passed(format!("仍是报文 {first}，标为重复"))
        }
        other => Finding::failed(
            format!("两次发送得到 {other:?}"),
            "同一个 Idempotency-Key 下的同一份报文重发应得到原回执，不得再入一次库",
        ),
    })
}

/// A key of idempotency cannot be used for another content.
///
/// The key is bound to a copy of the sample that has one line break more, which nobody else sends: so the answer does not depend on who
/// sent the sample before, and the check can be made again and again.
pub(super) fn idempotency(suite: &Suite) -> Result<Finding> {
    if !suite.store {
        return Ok(Finding::skipped(NOT_STORED));
    }
    if !suite.is_text() {
        return Ok(Finding::skipped("这种报文多一个字节就不成报文"));
    }
    let mut copy = suite.letter.bytes.clone();
    copy.push(b'\n');
    let key = format!("verify-{}", crypto::sha256_hex(&copy)?);
    match under_key(suite, &key, &copy)? {
        Err(why) => return Ok(unanswered(&why)),
        Ok(reply) if !matches!(reply.status, 200 | 207) => {
            return Ok(Finding::failed(shown(&reply), "带 Idempotency-Key 的样例应被收下"));
        }
        Ok(_) => {}
    }
    let answered = under_key(suite, &key, &suite.letter.bytes)?;
    Ok(refused(&answered, 409, codes::record::KEY_REUSED, "同一个 Idempotency-Key 换了内容应答 409"))
}

fn under_key(suite: &Suite, key: &str, body: &[u8]) -> Result<Answered> {
    let (path, nonce) = (suite.address(), clock::fresh_id());
    let content_type = Some(suite.letter.content_type.as_str());
    let ask = Ask { method: "POST", path: &path, content_type, body, at: clock::now(), nonce: &nonce };
    let mut headers = suite.line.sign(&ask)?;
    headers.push(("Idempotency-Key", key.to_owned()));
    Ok(suite.line.send_with(&ask, &headers, Travel::Whole))
}

/// The same cursor gives the same changes, and the next one is told.
pub(super) fn pull(suite: &Suite) -> Result<Finding> {
    let Some(subscription) = &suite.subscription else {
        return Ok(Finding::skipped("没有检查：请用 --subscription 给出本单位的一个拉取订阅"));
    };
    let path = format!("/api/v1/changes?subscription={subscription}&since=0&limit=20");
    let mut seen = Vec::new();
    for _ in 0..2 {
        match suite.get(&path)? {
            Ok(reply) if matches!(reply.status, 200 | 204) => {
                let next = reply.header("x-hub-next-cursor").unwrap_or_default().to_owned();
                seen.push((next, reply.body));
            }
            Ok(reply) => {
                return Ok(Finding::failed(
                    shown(&reply),
                    "核对订阅编号；推送的订阅不能拉取（hub subscription list）",
                ));
            }
            Err(why) => return Ok(unanswered(&why)),
        }
    }
    Ok(match seen.as_slice() {
        [(next, first), (_, again)] if !next.is_empty() && first == again => {
            Finding::passed(format!("下一个游标 {next}，同一游标两次所得相同"))
        }
        [(next, _), _] if next.is_empty() => {
            Finding::failed("答复里没有 X-Hub-Next-Cursor", "核对中间的代理是否去掉了答复头")
        }
        _ => Finding::failed("同一游标两次所得不同", "请中枢核对；其间订阅有改动的，再查一次"),
    })
}

/// What the hub counts of today.
pub(super) fn reconciliation(suite: &Suite) -> Result<Finding> {
    let day = clock::china_date(clock::now());
    let path = format!("/api/v1/exchange/{}/reconciliation?date={day}", suite.line.identity.partner);
    Ok(match suite.get(&path)? {
        Ok(reply) if reply.status == 200 && reply.body.starts_with(b"<?xml") => {
            Finding::passed(format!("{day} 的账，{} 字节 XML", reply.body.len()))
        }
        Ok(reply) => Finding::failed(shown(&reply), "对账应答 200 和 XML"),
        Err(why) => unanswered(&why),
    })
}
