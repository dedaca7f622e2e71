//! One dropped file: into intake, an answer beside it, away with it.

use std::ffi::OsString;
use std::fs::File as Content;
use std::io::Read;

use serde_json::Value;

use super::super::said;
use super::Settings;
use super::place::{Dropped, Place};
use crate::clock;
use crate::error::{Error, Result, codes};
use crate::intake::{self, File, Inbound, Intake};
use crate::mapping::{Mapping, Outcome, Said};
use crate::store::PartnerId;

/// Deals with a file.
///
/// # Errors
/// What may be better later: the machine, the database. The file stays where it is.
pub(super) fn take(
    intake: &Intake,
    settings: &Settings,
    partner: &str,
    place: &Place,
    file: &Dropped,
) -> Result<()> {
    let mapping = match &file.message {
        Some(message) => intake.mappings.get(partner, message),
        None => intake.mappings.of_file(partner, &file.name.shown),
    };
    let now = clock::now();
    let taken = match mapping {
        Some(mapping) => receive(intake, settings, mapping, file),
        None => Err(Error::new(
            codes::transport::FILE_UNEXPECTED,
            format!("文件名“{}”不合任何报文约定的样子。", file.name.shown),
        )),
    };
    let (said, receipt, bytes) = match taken {
        Ok((receipt, bytes)) => (said::of_receipt(&receipt, &file.name.shown, now), Some(receipt), bytes),
        Err(error) if is_the_senders(&error) => {
            (said::of_error(&error, &file.name.shown, now), None, Vec::new())
        }
        Err(error) => return Err(error),
    };
    answer(place, mapping, file, (&said, receipt.as_ref(), &bytes))?;
    let taken = said.outcome != Outcome::Refused;
    tracing::info!(partner, file = %file.name.shown, taken, accepted = said.accepted, refused = said.refused, "drop.file_taken");
    place.put_away(file, taken, clock::china_date(now))
}

/// The receipt, and the bytes of a message that is read as a whole.
fn receive(
    intake: &Intake,
    settings: &Settings,
    mapping: &Mapping,
    file: &Dropped,
) -> Result<(Value, Vec<u8>)> {
    let unreadable = |e: std::io::Error| {
        let detail = format!("落地目录里的 {} 读不了。", file.path.display());
        Error::new(codes::machine::FILE, detail).because(e)
    };
    let mut content = Content::open(&file.path).map_err(unreadable)?;
    let partner = PartnerId::from(mapping.partner.as_str());
    let (at, trace_id) = (clock::now(), clock::fresh_id());
    if mapping.is_table() {
        let (name, message) = (file.name.shown.clone(), mapping.message.clone());
        let file = File { content, name, partner, message, by: "drop".to_owned(), at, trace_id };
        return Ok((intake::import(intake, &settings.import, file, &mut |_progress| {})?, Vec::new()));
    }
    let mut bytes = Vec::new();
    content.by_ref().take(settings.limit + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    if bytes.len() as u64 > settings.limit {
        let detail = format!("{} 超过单份报文上限 {} MiB。", file.name.shown, settings.limit >> 20);
        return Err(Error::new(codes::transport::BODY_TOO_LARGE, detail));
    }
    let inbound = Inbound {
        partner,
        name: mapping.message.clone(),
        bytes: bytes.clone(),
        content_type: None,
        idempotency_key: None,
        key_id: None,
        nonce: None,
        file_name: Some(file.name.shown.clone()),
        trace_id,
        at,
    };
    Ok((intake::receive(intake, inbound)?.receipt, bytes))
}

/// Machine (9xxx) and mapping (3xxx) faults are ours, as is what a second try may mend: the file waits.
fn is_the_senders(error: &Error) -> bool {
    !error.code.info().retry && !matches!(error.code.number(), 3000..=3099 | 9000..=9999)
}

/// The partner's own form where its mapping describes one, else the receipt as JSON.
fn answer(
    place: &Place,
    mapping: Option<&Mapping>,
    file: &Dropped,
    (said, receipt, bytes): (&Said, Option<&Value>, &[u8]),
) -> Result<()> {
    let own = mapping.and_then(|it| it.answer(said, bytes)).transpose()?;
    let named = mapping.and_then(|it| it.drop.as_ref()?.answer_to(&file.name.shown));
    let (usual, body) = match own {
        Some(own) => (file.name.shown.clone(), own),
        None => (format!("{}.receipt.json", file.name.shown), default_body(said, receipt)?),
    };
    let name: OsString = file.name.beside(&named.unwrap_or(usual));
    place.answer(&name, &body)
}

fn default_body(said: &Said, receipt: Option<&Value>) -> Result<Vec<u8>> {
    let refused = serde_json::json!({ "outcome": "refused", "file_name": said.file_name,
        "error": { "code": said.code, "detail": said.text } });
    serde_json::to_vec_pretty(receipt.unwrap_or(&refused)).map_err(Error::internal)
}
