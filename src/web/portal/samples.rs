//! The samples of a message folder: their text, what they are read as, what is wrong with the bad ones, and what a good one
//! is answered in the partner's own form.

use actix_web::{HttpRequest, HttpResponse, web};
use serde_json::{Value, json};

use super::messages::found;
use super::shell::missing;
use crate::clock;
use crate::crypto;
use crate::error::Result;
use crate::mapping::{Files, Hints, Mapping, Outcome, Reading, Said};
use crate::model::{Schema, Value as Known};
use crate::text::charset::decode;
use crate::web::answer::failure;
use crate::web::app::App;
use crate::web::console::files::Sent;
use crate::web::console::view;

/// How much of a sample a page shows; the rest is in the download.
const SHOWN: usize = 16 * 1024;

/// One sample, read.
pub(super) struct Sample {
    name: String,
    bytes: Vec<u8>,
    /// The message as text; none for workbooks.
    text: Option<String>,
    /// Kind, field, what stands in the message where that can be shown, value.
    values: Vec<(String, String, Option<String>, Known)>,
    reading: Reading,
}

/// The good and the bad samples of a message.
pub(super) fn read(of: &Mapping, files: &Files, schema: &Schema) -> (Vec<Sample>, Vec<Sample>) {
    let good = of.samples(files).map(|(name, bytes)| Sample::read(of, name, bytes, schema)).collect();
    let bad = of.bad_samples(files).map(|(name, bytes)| Sample::read(of, name, bytes, schema)).collect();
    (good, bad)
}

impl Sample {
    fn read(of: &Mapping, name: &str, bytes: &[u8], schema: &Schema) -> Self {
        let said = of.describe();
        let text =
            (of.format_name() != "xlsx").then(|| decode(bytes, said.charset.as_deref()).text.into_owned());
        let reading = of.read(bytes, &Hints::default());
        // Places inside a wrapped document count that document, which is not what the page shows.
        let plain = text.as_deref().filter(|_| said.inside.is_empty());
        let values = reading
            .claims
            .iter()
            .filter_map(|claim| Some((claim, schema.kind_at(claim.kind)?)))
            .flat_map(|(claim, kind)| {
                claim.fields.iter().filter_map(move |it| {
                    let raw = plain.and_then(|text| raw(text, &it.spot.place()));
                    Some((kind.name.clone(), kind.fields.get(it.field)?.name.clone(), raw, it.value.clone()))
                })
            })
            .collect();
        Self { name: name.to_owned(), bytes: bytes.to_vec(), text, values, reading }
    }

    /// The first value of a field: what stands in the message, and what it is read as.
    pub(super) fn value(&self, kind: &str, field: &str) -> Option<(Option<&str>, &Known)> {
        let found = self.values.iter().find(|(of, name, _, _)| of == kind && name == field)?;
        Some((found.2.as_deref(), &found.3))
    }

    /// Whether it is the file of this name.
    pub(super) fn is_named(&self, name: &str) -> bool {
        self.name == name
    }

    /// The message as text; none for workbooks.
    pub(super) fn text(&self) -> Option<&str> {
        self.text.as_deref()
    }

    /// For the page.
    pub(super) fn shown(&self) -> Value {
        let text = self.text.as_deref().map(|it| it.chars().take(SHOWN).collect::<String>());
        let cut = self.text.as_ref().is_some_and(|it| it.chars().nth(SHOWN).is_some());
        json!({ "name": self.name, "size": self.bytes.len(), "text": text, "cut": cut,
            "outcome": outcome(self.reading.outcome), "records": self.reading.claims.len(),
            "problems": self.reading.problems.iter().map(view::problem).collect::<Vec<_>>() })
    }
}

fn raw(text: &str, place: &crate::error::Place) -> Option<String> {
    let range = usize::try_from(place.start).ok()?..usize::try_from(place.end).ok()?;
    let found = text.get(range)?.trim().trim_matches('"');
    (!found.is_empty() && found.chars().count() <= 60).then(|| found.to_owned())
}

/// How a message ends, in words.
pub(super) fn outcome(of: Outcome) -> &'static str {
    match of {
        Outcome::Accepted => "全部收下",
        Outcome::Partial => "收下一部分",
        Outcome::Refused => "退回",
        Outcome::NotFound => "无数据",
    }
}

/// What the first good sample is answered in the partner's own form, by files and frames; none when the hub's receipt is
/// all there is.
pub(super) fn answer(of: &Mapping, good: &[Sample]) -> Option<String> {
    let sample = good.first()?;
    own_answer(of, &sample.reading, &sample.bytes, &sample.name)
}

/// What a message that was read so is answered in the partner's own form; ids that only storing gives are in words.
pub(super) fn own_answer(of: &Mapping, reading: &Reading, bytes: &[u8], file_name: &str) -> Option<String> {
    let (accepted, refused) = counts(reading);
    let error = reading.errors().next();
    let said = Said {
        outcome: reading.outcome,
        code: error.map(|it| it.code.to_string()).unwrap_or_default(),
        text: format!(
            "接收 {accepted} 条，退回 {refused} 条。{}",
            error.map(|it| it.rule.as_str()).unwrap_or_default()
        ),
        receipt_id: "回执编号".to_owned(),
        message_id: "中枢的报文编号".to_owned(),
        message_key: reading.message_key.clone().unwrap_or_default(),
        accepted,
        refused,
        file_name: file_name.to_owned(),
        digest: crypto::sha256_hex(bytes).ok()?,
        now: clock::now(),
    };
    let answer = of.answer(&said, bytes)?.ok()?;
    Some(decode(&answer, of.describe().charset.as_deref()).text.into_owned())
}

/// Rows taken and refused, as far as the mapping judges.
pub(super) fn counts(reading: &Reading) -> (u64, u64) {
    let taken = reading.rows.iter().filter(|it| it.accepted).count();
    let size = |n: usize| u64::try_from(n).unwrap_or(u64::MAX);
    (size(taken), size(reading.rows.len() - taken))
}

/// `GET /portal/messages/{partner}/{message}/samples/{name}`: the bytes as they lie in the folder.
pub async fn file(req: HttpRequest, app: web::Data<App>) -> HttpResponse {
    match sample(&req, &app) {
        Ok(sent) => sent.answer(),
        Err(error) => failure(&req, &error),
    }
}

fn sample(req: &HttpRequest, app: &App) -> Result<Sent> {
    let (mapping, name) = (found(req, app)?, req.match_info().query("name"));
    let mut all = mapping.samples(&app.mapping_files).chain(mapping.bad_samples(&app.mapping_files));
    let (name, bytes) =
        all.find(|(it, _)| *it == name).ok_or_else(|| missing(format!("没有样例“{name}”。")))?;
    Ok(Sent {
        // Never a page of ours, whatever stands in it.
        media_type: "application/octet-stream".to_owned(),
        name: name.to_owned(),
        inline: false,
        bytes: bytes.to_vec(),
    })
}
