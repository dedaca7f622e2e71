//! From a figure on paper back to the bytes a department sent.

use serde::Serialize;

use crate::error::{Error, Place, Result, codes};
use crate::store::{Conn, DocumentId, DocumentValue, find_message, list_document_values, load_raw};

/// A printed value and where it came from.
#[derive(Debug, Clone, Serialize)]
pub struct Traced {
    /// The value with its record, claim and message.
    pub value: DocumentValue,
    /// The place in the message; none when a clerk typed the value.
    pub place: Option<Place>,
    /// `partner/message` of the message.
    pub message: Option<String>,
    /// The bytes at the place, as the department sent them; none when the place counts decoded text.
    pub bytes: Option<String>,
}

/// Every printed value of a document, or the one named `name`, with the bytes behind it.
///
/// # Errors
/// The document does not print `name`.
pub fn trace(conn: &mut Conn, id: &DocumentId, name: Option<&str>) -> Result<Vec<Traced>> {
    let mut values = list_document_values(conn, id)?;
    if let Some(name) = name {
        values.retain(|it| it.name == name);
        if values.is_empty() {
            return Err(Error::new(codes::record::NOT_FOUND, format!("这份文书没有印出“{name}”。")));
        }
    }
    values.into_iter().map(|value| follow(conn, value)).collect()
}

fn follow(conn: &mut Conn, value: DocumentValue) -> Result<Traced> {
    let place: Option<Place> = value.place.as_ref().map(|it| it.read()).transpose()?;
    let Some(id) = value.message_id.clone() else {
        return Ok(Traced { value, place, message: None, bytes: None });
    };
    let message = find_message(conn, &id)?.map(|it| format!("{}/{}", it.partner, it.name));
    let raw = load_raw(conn, &id)?;
    let bytes = place.as_ref().filter(|it| !it.decoded).and_then(|place| {
        let (start, end) = (usize::try_from(place.start).ok()?, usize::try_from(place.end).ok()?);
        Some(String::from_utf8_lossy(raw.get(start..end)?).into_owned())
    });
    Ok(Traced { value, place, message, bytes })
}
