//! Forms with a file (`multipart/form-data`), read with bounds on every part.

use actix_multipart::{Field, Multipart};
use actix_web::{HttpRequest, web};
use futures_util::StreamExt;

use crate::crypto::Sha256;
use crate::error::{Error, Result, codes};

/// Most bytes of all fields that are no file together.
const FIELDS: usize = 64 * 1024;

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
