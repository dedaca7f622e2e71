//! Forms with a file (`multipart/form-data`), read with bounds on every part.

use actix_multipart::{Field, Multipart};
use actix_web::error::PayloadError;
use actix_web::http::header::HeaderMap;
use actix_web::{HttpRequest, web};
use futures_util::StreamExt;

use crate::crypto::Sha256;
use crate::error::{Error, Result, codes};

/// Most bytes of all fields that are no file together.
const FIELDS: usize = 64 * 1024;

/// Most parts of a form that is a message.
const PARTS: usize = 64;

/// One part of a form that is a message.
#[derive(Debug)]
pub struct Part {
    /// Name of the field.
    pub name: String,
    /// Name of the file, when it is one.
    pub file: Option<String>,
    /// Its own `Content-Type`, when it has one.
    pub content_type: Option<String>,
    /// Its content.
    pub bytes: Vec<u8>,
}

/// A form with a file.
#[derive(Debug, Default)]
pub struct Uploaded {
    /// The fields.
    pub form: std::collections::BTreeMap<String, String>,
    /// Name and content of the file; none when no file was chosen.
    pub file: Option<(String, Vec<u8>)>,
}

/// Reads a form with one file. Memory is bounded by `limit` bytes for the file and 64 KiB for the fields, whatever is sent.
///
/// # Errors
/// `upload` when the file is larger than `limit`, `body_incomplete` when the form breaks off or is none.
pub async fn read(req: &HttpRequest, payload: web::Payload, limit: usize) -> Result<Uploaded> {
    let mut parts = Multipart::new(req.headers(), payload);
    let (mut found, mut room) = (Uploaded::default(), FIELDS);
    while let Some(part) = parts.next().await {
        let mut part = part.map_err(broken)?;
        let (name, file) = names(&part);
        if let Some(file) = file {
            let bytes = collect(&mut part, limit).await?;
            if !file.is_empty() || !bytes.is_empty() {
                found.file = Some((file, bytes));
            }
            continue;
        }
        let bytes = collect(&mut part, room).await?;
        room -= bytes.len();
        found.form.insert(name, String::from_utf8_lossy(&bytes).into_owned());
    }
    Ok(found)
}

/// The SHA-256 of the first file of a form, fed as it comes: nothing of it is kept. `None` when the form has no file or an
/// empty one.
///
/// # Errors
/// As [`read`].
pub async fn hash(req: &HttpRequest, payload: web::Payload, limit: u64) -> Result<Option<String>> {
    let mut parts = Multipart::new(req.headers(), payload);
    while let Some(part) = parts.next().await {
        let mut part = part.map_err(broken)?;
        if names(&part).1.is_none() {
            continue;
        }
        let (mut digest, mut size) = (Sha256::new()?, 0_u64);
        while let Some(chunk) = part.next().await {
            let chunk = chunk.map_err(broken)?;
            size += chunk.len() as u64;
            if size > limit {
                return Err(too_large(limit));
            }
            digest.update(&chunk)?;
        }
        return if size == 0 { Ok(None) } else { digest.finish_hex().map(Some) };
    }
    Ok(None)
}

/// Takes a form apart that is in memory as a whole, because a signature over all of it was checked first. Memory is that of
/// the body once more.
///
/// # Errors
/// `form_parts` when it is no form of that kind, breaks off, or has more than 64 parts.
pub async fn parts(headers: &HeaderMap, body: Vec<u8>) -> Result<Vec<Part>> {
    let size = body.len();
    let whole = futures_util::stream::iter([Ok::<_, PayloadError>(web::Bytes::from(body))]);
    let (mut form, mut found) = (Multipart::new(headers, whole), Vec::new());
    while let Some(part) = form.next().await {
        let mut part = part.map_err(malformed)?;
        if found.len() == PARTS {
            return Err(malformed(format!("more than {PARTS} parts")));
        }
        let (name, file) = names(&part);
        let content_type = part.content_type().map(ToString::to_string);
        let bytes = collect(&mut part, size).await.map_err(malformed)?;
        found.push(Part { name, file, content_type, bytes });
    }
    Ok(found)
}

fn malformed(cause: impl std::fmt::Display) -> Error {
    Error::new(
        codes::transport::FORM_PARTS,
        format!("multipart/form-data 正文读不出来：请核对 boundary，文件名用 UTF-8，最多 {PARTS} 个部分。"),
    )
    .because(cause)
}

/// Name of a part, and the name of its file when it is one.
fn names(part: &Field) -> (String, Option<String>) {
    let head = part.content_disposition();
    let name = head.and_then(|it| it.get_name()).unwrap_or_default().to_owned();
    // Some browsers send the whole path.
    let file = head
        .and_then(|it| it.get_filename())
        .map(|it| it.rsplit(['/', '\\']).next().unwrap_or(it).to_owned());
    (name, file)
}

async fn collect(part: &mut Field, limit: usize) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    while let Some(chunk) = part.next().await {
        let chunk = chunk.map_err(broken)?;
        if bytes.len() + chunk.len() > limit {
            return Err(too_large(limit as u64));
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes)
}

fn too_large(limit: u64) -> Error {
    Error::new(codes::document::UPLOAD, format!("文件超过 {} MiB，请压缩或分开上传。", limit >> 20))
}

fn broken(cause: impl std::fmt::Display) -> Error {
    Error::new(codes::transport::BODY_INCOMPLETE, "文件没有传全，请重新选择文件再传。").because(cause)
}
