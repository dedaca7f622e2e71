//! What the hub makes of a message, good and bad; nothing here is stored.

use serde_json::Value;

use super::{Finding, Suite, refused, shown, text, unanswered};
use crate::error::{Result, codes};
use crate::playing::line::Reply;

/// Every finding with place, rule and fix.
fn findings(reply: &Reply) -> Vec<Value> {
    let json = reply.json();
    let problems = json.get("problems").or(json.pointer("/error/problems"));
    problems.and_then(Value::as_array).cloned().unwrap_or_default()
}

fn line(finding: &Value) -> String {
    let text = |at: &str| finding.pointer(at).and_then(Value::as_str).unwrap_or_default();
    format!("{} {} {}", text("/code"), text("/place/path"), text("/rule"))
}

/// A dry run gets a receipt that says so.
pub(super) fn dry_run(suite: &Suite) -> Result<Finding> {
    let reply = match suite.post(&suite.check_address(), &suite.letter.bytes)? {
        Ok(reply) => reply,
        Err(why) => return Ok(unanswered(&why)),
    };
    let json = reply.json();
    let is_dry = json.get("dry_run") == Some(&Value::Bool(true)) && json.get("message_id").is_none();
    let errors: Vec<String> = findings(&reply)
        .iter()
        .filter(|it| it.get("severity") == Some(&Value::from("error")))
        .map(line)
        .collect();
    Ok(match (reply.status, is_dry) {
        (200, true) => {
            let of = text(&reply, "/mapping");
            Finding::passed(format!("{}/{} 按 {of} 全部可收", suite.letter.message, suite.letter.from))
        }
        (207 | 422, true) => Finding::doubtful(
            format!("{}/{} 有问题：{}", suite.letter.message, suite.letter.from, errors.join("；")),
            "样例应能全收：核对中枢与本机的映射是不是同一版",
        ),
        // Sent and taken before: the answer is the first receipt, as it would be to sending it again.
        (_, false) if json.get("duplicate") == Some(&Value::Bool(true)) => {
            let of = text(&reply, "/message_id");
            Finding::passed(format!("样例此前已作为报文 {of} 收过，答复原回执并标为重复"))
        }
        _ => Finding::failed(shown(&reply), "试算应答 200 和带 dry_run 的回执"),
    })
}

/// A bad message is told fault by fault, each with its place and cure.
pub(super) fn bad(suite: &Suite) -> Result<Finding> {
    let Some(bad) = &suite.bad else {
        return Ok(Finding::skipped("这种报文的文件夹里没有坏样例（bad-*）"));
    };
    let reply = match suite.post(&suite.check_address(), &bad.bytes)? {
        Ok(reply) => reply,
        Err(why) => return Ok(unanswered(&why)),
    };
    let found = findings(&reply);
    let has = |it: &Value, at: &str| it.pointer(at).and_then(Value::as_str).is_some_and(|it| !it.is_empty());
    let told = |it: &Value| {
        ["/code", "/rule", "/hint"].iter().all(|at| has(it, at))
            && it.get("place").is_some_and(Value::is_object)
    };
    Ok(match found.first() {
        Some(first) if matches!(reply.status, 207 | 422) && found.iter().all(told) => {
            Finding::passed(format!("{}：{} 个问题，如 {}", bad.from, found.len(), line(first)))
        }
        _ => Finding::failed(
            format!("{}：{}，{} 个问题", bad.from, shown(&reply), found.len()),
            "坏报文应答 207 或 422，每个问题有错误码、位置、规则和办法",
        ),
    })
}

/// Bytes of no charset are refused as such, not taken and not a fault of the hub.
pub(super) fn charset(suite: &Suite) -> Result<Finding> {
    let Some(spoilt) = spoilt(&suite.letter.bytes).filter(|_| suite.is_text()) else {
        return Ok(Finding::skipped("这种报文不是文字格式，或没有汉字"));
    };
    let reply = match suite.post(&suite.check_address(), &spoilt)? {
        Ok(reply) => reply,
        Err(why) => return Ok(unanswered(&why)),
    };
    let of_format =
        |it: &&Value| it.get("code").and_then(Value::as_str).is_some_and(|it| it.starts_with("E2"));
    let found = findings(&reply);
    Ok(match found.iter().find(of_format) {
        Some(first) if reply.status == 422 => Finding::passed(line(first)),
        _ => Finding::failed(shown(&reply), "读不成文字的字节应答 422 并指明第几个字节"),
    })
}

/// The bytes with one that no charset in use has, in the middle of a Chinese text.
fn spoilt(bytes: &[u8]) -> Option<Vec<u8>> {
    let at = bytes.iter().position(|it| *it >= 0x80)?;
    let mut spoilt = bytes.to_vec();
    spoilt.splice(at..at, [0xFF, 0xFF]);
    Some(spoilt)
}

/// More than a message may have is refused with the limit.
pub(super) fn too_large(suite: &Suite) -> Result<Finding> {
    let answered = suite.post(&suite.check_address(), &vec![b' '; suite.limit + 1])?;
    if let Ok(reply) = &answered
        && reply.status == 422
    {
        let seen = format!("{} 字节仍被受理，中枢的上限更大", suite.limit + 1);
        return Ok(Finding::doubtful(seen, "用 --limit 给出约定的上限（MiB）再查"));
    }
    let cure = "过大的正文应答 413；中间有代理的，核对它的正文上限（nginx 的 client_max_body_size）不低于中枢的 web.body_limit";
    Ok(refused(&answered, 413, codes::transport::BODY_TOO_LARGE, cure))
}

/// A message that is not agreed on is told as such.
pub(super) fn unknown_message(suite: &Suite) -> Result<Finding> {
    let path = format!("/api/v1/exchange/{}/no_such_message/check", suite.line.identity.partner);
    let answered = suite.post(&path, &suite.letter.bytes)?;
    Ok(refused(&answered, 404, codes::transport::UNKNOWN_MESSAGE, "没有的报文应答 404 并说明到哪里查"))
}

/// A method that is none is told, with those there are.
pub(super) fn method(suite: &Suite) -> Result<Finding> {
    let answered = suite.open(&suite.address());
    let allow = answered.as_ref().ok().and_then(|it| it.header("allow")).unwrap_or_default().to_owned();
    let finding = refused(&answered, 405, codes::transport::METHOD_NOT_ALLOWED, "方法不对应答 405 和 Allow");
    Ok(match (&finding, allow.as_str()) {
        (Finding(super::Verdict::Passed, _, _), "") => {
            Finding::failed("答复里没有 Allow", "应列出可用的方法")
        }
        _ => finding,
    })
}
