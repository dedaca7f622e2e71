//! Request bodies: collected up to the limit and never beyond it.

use std::time::Duration;

use actix_web::error::PayloadError;
use actix_web::http::header::{CONTENT_ENCODING, CONTENT_LENGTH};
use actix_web::{HttpRequest, rt, web};
use futures_util::StreamExt;

use crate::error::{Error, Result, codes};

/// How long the rest of a body that is too large is read and thrown away, so that its sender gets to read the answer
/// instead of a reset connection.
const DRAIN: Duration = Duration::from_secs(20);

/// Reads the body. Memory is bounded by `limit`, whatever the sender declares or sends.
///
/// # Errors
/// `body_too_large`, `body_incomplete` (broken off, or nothing came for `patience`), `content_type_unsupported` for
/// a compressed body, whose true size nobody could know.
pub async fn read(
    req: &HttpRequest,
    mut payload: web::Payload,
    limit: u64,
    patience: Duration,
) -> Result<Vec<u8>> {
    if let Some(encoding) = req.headers().get(CONTENT_ENCODING)
        && encoding != "identity"
    {
        return Err(Error::new(
            codes::transport::CONTENT_TYPE,
            "不接受压缩的正文（Content-Encoding），请按原文发送。",
        ));
    }
    let declared: Option<u64> =
        req.headers().get(CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse().ok());
    if declared.is_some_and(|length| length > limit) {
        drain(&mut payload).await;
        return Err(too_large(limit));
    }
    let mut body = Vec::with_capacity(usize::try_from(declared.unwrap_or(0)).unwrap_or(0));
    loop {
        let next = rt::time::timeout(patience, payload.next()).await;
        match next {
            Ok(None) => return Ok(body),
            Ok(Some(Ok(chunk))) => {
                if (body.len() + chunk.len()) as u64 > limit {
                    drop(body);
                    drain(&mut payload).await;
                    return Err(too_large(limit));
                }
                body.extend_from_slice(&chunk);
            }
            Ok(Some(Err(error))) => return Err(broken(&error)),
            Err(_elapsed) => {
                return Err(Error::new(
                    codes::transport::BODY_INCOMPLETE,
                    format!("等了 {} 秒没有收到后续正文，已放弃。", patience.as_secs()),
                ));
            }
        }
    }
}

async fn drain(payload: &mut web::Payload) {
    let rest = async { while let Some(Ok(_chunk)) = payload.next().await {} };
    // Whether the sender finished or not, it gets the same answer.
    let _ = rt::time::timeout(DRAIN, rest).await;
}

fn too_large(limit: u64) -> Error {
    Error::new(
        codes::transport::BODY_TOO_LARGE,
        format!("正文超过上限 {} 字节（{} MiB）。", limit, limit >> 20),
    )
}

fn broken(error: &PayloadError) -> Error {
    Error::new(codes::transport::BODY_INCOMPLETE, "正文没有收全，连接中断。").because(error)
}
