//! Messages sent as `multipart/form-data` (RFC 7578): the file is the message, or, where the message is a form, its
//! parts are the fields.

use actix_web::HttpRequest;
use actix_web::http::header::CONTENT_TYPE;

use crate::error::{Error, Result, codes};
use crate::mapping::Mapping;
use crate::web::upload::{self, Part};

/// The message of a request.
pub(super) struct Sent {
    pub bytes: Vec<u8>,
    pub content_type: Option<String>,
    /// Name of the file, where one was sent.
    pub file_name: Option<String>,
}

/// The message in a request whose body was verified; anything but `multipart/form-data` is the message itself.
///
/// A file is kept as its bytes without the form around it, so that the same file sent, dropped or imported is the same
/// message.
///
/// # Errors
/// `form_parts`.
pub(super) async fn open(req: &HttpRequest, mapping: &Mapping, bytes: Vec<u8>) -> Result<Sent> {
    let content_type = req.headers().get(CONTENT_TYPE).and_then(|it| it.to_str().ok()).map(str::to_owned);
    let is_multipart = |it: &str| it.trim_start().to_ascii_lowercase().starts_with("multipart/");
    if !content_type.as_deref().is_some_and(is_multipart) {
        return Ok(Sent { bytes, content_type, file_name: None });
    }
    let parts = upload::parts(req.headers(), bytes).await?;
    if mapping.is_form() { Ok(fields(&parts)) } else { one(parts) }
}

/// The one part that is the message. What stands beside it would be lost without anybody noticing, so it is refused.
fn one(mut parts: Vec<Part>) -> Result<Sent> {
    match (parts.pop(), parts.is_empty()) {
        (Some(part), true) => {
            Ok(Sent { bytes: part.bytes, content_type: part.content_type, file_name: part.file })
        }
        (None, _) => Err(Error::new(codes::transport::FORM_PARTS, "表单里一个部分也没有，应有一个文件。")),
        (Some(last), false) => {
            parts.push(last);
            let names: Vec<&str> = parts.iter().map(|it| it.name.as_str()).collect();
            Err(Error::new(
                codes::transport::FORM_PARTS,
                format!(
                    "这种报文只收一个文件，表单里却有 {} 个部分：{}；请只发文件，一份一次。",
                    parts.len(),
                    names.join("、")
                ),
            ))
        }
    }
}

/// The same fields as the standard form (`application/x-www-form-urlencoded`), which is what form mappings read.
fn fields(parts: &[Part]) -> Sent {
    let pair = |it: &Part| format!("{}={}", percent(it.name.as_bytes()), percent(&it.bytes));
    let text = parts.iter().map(pair).collect::<Vec<_>>().join("&");
    let file_name = parts.iter().find_map(|it| it.file.clone());
    Sent {
        bytes: text.into_bytes(),
        content_type: Some("application/x-www-form-urlencoded".to_owned()),
        file_name,
    }
}

/// Percent-encodes all but the unreserved characters (RFC 3986 §2.3), byte by byte: a field in GBK stays one.
fn percent(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len());
    for byte in bytes {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                out.push(char::from(*byte))
            }
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}
