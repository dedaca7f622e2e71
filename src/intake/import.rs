//! Bulk files: CSV and workbooks of any length, row by row in bounded memory, a verdict for each row, resumable.
//!
//! The file is one message whose bytes are kept in parts. Its rows are stored in batches, each with the mark of how far the
//! import is in the same transaction. So a process that is killed loses at most the batch at hand, which was not acknowledged,
//! and the next run of the same file (same SHA-256) goes on behind the mark: no row is lost, none is stored twice.
//!
//! Memory: one batch of rows with their claims, one part of 1 MiB, and what [`crate::format::Table`] needs.

mod rows;

use std::io::{Read, Seek};
use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::{Value, json};

use super::Intake;
use super::receipt::as_duplicate;
use crate::crypto::Sha256;
use crate::error::{Error, Problem, Result, Severity, codes};
use crate::mapping::{Hints, Mapping, Outcome};
use crate::store::{
    Identity, ImportTotals, Json, Message, MessageId, MessageRow, MessageState, NewAudit, PartnerId,
    advance_import, append_audit, count_import, count_message_parts, find_repeated, finish_message, fresh_id,
    get_message, insert_message, insert_message_part, insert_message_rows, list_waiting,
};

use rows::Batch;

/// Settings of bulk import.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// Rows in one transaction.
    pub batch: usize,
}

/// A file to be imported.
#[derive(Debug)]
pub struct File<R> {
    /// Its content.
    pub content: R,
    /// Its name, for people.
    pub name: String,
    /// Partner it comes from.
    pub partner: PartnerId,
    /// Name of the message.
    pub message: String,
    /// Who hands it in.
    pub by: String,
    /// When.
    pub at: DateTime<Utc>,
    /// Trace id of this run.
    pub trace_id: String,
}

/// What happens while a file is imported.
#[derive(Debug)]
pub enum Progress<'a> {
    /// A former run was interrupted; rows up to this one are stored already.
    Resuming(u32),
    /// The verdict on one row, after it was stored.
    Row(&'a RowOutcome),
    /// Everything up to this row is stored.
    Stored(u32),
}

/// The verdict on one row.
#[derive(Debug, Clone, Serialize)]
pub struct RowOutcome {
    /// As a spreadsheet counts.
    pub row: u32,
    /// Whether it was taken.
    pub accepted: bool,
    /// Business keys of what it speaks of, `kind:key`.
    pub keys: Vec<String>,
    /// Its findings.
    pub problems: Vec<Problem>,
}

/// Length of a stored part.
const PART: usize = 1 << 20;
/// Findings about the whole file and first findings of rows that the message itself carries; all rows' stand in `message_row`.
const KEPT: usize = 100;

/// Imports a file and returns its receipt: counts instead of a list of records.
///
/// # Errors
/// `unknown_partner`, `unknown_message`; `parameter` for a message that is no table; `file` when the content cannot be read;
/// what the store says. What is wrong with rows is no error; it stands in the receipt.
pub fn import<R: Read + Seek>(
    intake: &Intake,
    settings: &Settings,
    mut file: File<R>,
    tell: &mut dyn FnMut(Progress<'_>),
) -> Result<Value> {
    let mapping = intake.mapping(file.partner.as_str(), &file.message)?;
    let (digest, size) = digest(&mut file.content)?;
    let run = match begin(intake, mapping, &file, &digest, size)? {
        Begun::Repeated(receipt) => return Ok(receipt),
        Begun::Open(run) => run,
    };
    run.store_parts(&mut file.content)?;
    file.content.rewind().map_err(unreadable)?;
    let outcome = run.store_rows(settings, &mut file.content, tell)?;
    run.finish(outcome)
}

fn unreadable(cause: std::io::Error) -> Error {
    Error::new(codes::machine::FILE, "读取文件中途出错，请检查文件和磁盘后再运行一次。").because(cause)
}

fn digest(content: &mut impl Read) -> Result<(String, i64)> {
    let mut hasher = Sha256::new()?;
    let mut buffer = vec![0; PART];
    let mut size: i64 = 0;
    loop {
        let n = content.read(&mut buffer).map_err(unreadable)?;
        let Some(piece) = buffer.get(..n).filter(|it| !it.is_empty()) else { break };
        hasher.update(piece)?;
        size += i64::try_from(n).unwrap_or(0);
    }
    Ok((hasher.finish_hex()?, size))
}

enum Begun<'a> {
    Repeated(Value),
    Open(Box<Run<'a>>),
}

/// One import under way.
struct Run<'a> {
    intake: &'a Intake,
    mapping: &'a Mapping,
    message: Message,
    by: String,
    trace_id: String,
    /// Row up to which an earlier run got.
    done: i32,
}

/// Finds the file again, finished or interrupted, or opens it as a new message.
fn begin<'a, R>(
    intake: &'a Intake,
    mapping: &'a Mapping,
    file: &File<R>,
    digest: &str,
    size: i64,
) -> Result<Begun<'a>> {
    // The file's own digest is its id: the same file is the same message.
    let key = format!("file:{digest}");
    let identity = Identity {
        partner: &file.partner,
        name: &file.message,
        message_key: Some(&key),
        idempotency_key: None,
        digest,
    };
    let message = intake.store.write(|conn| {
        if let Some(found) = find_repeated(conn, identity)? {
            return Ok(Err(as_duplicate(found.receipt.read()?, &file.trace_id)));
        }
        if let Some(waiting) = list_waiting(conn, identity)?.into_iter().next() {
            return Ok(Ok(waiting));
        }
        let message = opened(mapping, file, digest, &key, size);
        insert_message(conn, &message, b"")?;
        Ok(Ok(message))
    })?;
    Ok(match message {
        Err(receipt) => Begun::Repeated(receipt),
        Ok(message) => {
            let unfinished = codes::transport::IMPORT_UNFINISHED.to_string();
            // A file refused as a whole is tried again from its first row.
            let done = if message.cause.as_deref() == Some(&unfinished) { message.record_count } else { 0 };
            let (by, trace_id) = (file.by.clone(), file.trace_id.clone());
            Begun::Open(Box::new(Run { intake, mapping, message, by, trace_id, done }))
        }
    })
}

/// The message of a file whose rows are still to come: in quarantine, so that an interrupted import is seen.
fn opened<R>(mapping: &Mapping, file: &File<R>, digest: &str, key: &str, size: i64) -> Message {
    Message {
        id: MessageId::fresh(file.at),
        partner: file.partner.clone(),
        name: file.message.clone(),
        mapping_version: i32::try_from(mapping.version).ok(),
        message_key: Some(key.to_owned()),
        idempotency_key: None,
        key_id: None,
        digest: digest.to_owned(),
        state: MessageState::Quarantined,
        cause: Some(codes::transport::IMPORT_UNFINISHED.to_string()),
        received_at: file.at.into(),
        content_type: None,
        charset: None,
        file_name: Some(file.name.clone()),
        division: None,
        trace_id: Some(file.trace_id.clone()),
        size,
        record_count: 0,
        receipt: Json::empty(),
        problems: Json::list(),
        replayed_from: None,
        settled_at: None,
        settled_by: None,
        settled_note: None,
    }
}

/// How the rows ended.
struct Ended {
    /// Findings about the file as a whole; with an error among them nothing was taken.
    problems: Vec<Problem>,
    /// First findings of rows.
    first: Vec<Problem>,
    /// Everything was refused because one row was.
    whole_refused: bool,
}

impl Run<'_> {
    /// Keeps the bytes, in parts; those an earlier run kept are passed over.
    fn store_parts(&self, content: &mut (impl Read + Seek)) -> Result<()> {
        let id = &self.message.id;
        let kept = self.intake.store.read(|conn| count_message_parts(conn, id))?;
        let from = u64::try_from(kept).unwrap_or(0) * PART as u64;
        content.seek(std::io::SeekFrom::Start(from)).map_err(unreadable)?;
        for n in kept.. {
            let mut part = Vec::with_capacity(PART);
            content.by_ref().take(PART as u64).read_to_end(&mut part).map_err(unreadable)?;
            if part.is_empty() {
                break;
            }
            self.intake.store.write(|conn| insert_message_part(conn, id, n, &part))?;
        }
        Ok(())
    }

    fn store_rows<R: Read + Seek>(
        &self,
        settings: &Settings,
        content: R,
        tell: &mut dyn FnMut(Progress<'_>),
    ) -> Result<Ended> {
        let mut ended = Ended { problems: Vec::new(), first: Vec::new(), whole_refused: false };
        let mut content = content;
        if self.mapping.is_whole() && self.done == 0 {
            ended.whole_refused = !self.all_good(settings, &mut content, &mut ended, tell)?;
            if ended.whole_refused {
                return Ok(ended);
            }
            content.rewind().map_err(unreadable)?;
        }
        if self.done > 0 {
            tell(Progress::Resuming(u32::try_from(self.done).unwrap_or(0)));
        }
        let mut done = self.done;
        self.each_batch(settings, &mut content, &mut ended, &mut |batch| {
            let outcomes = self.store_batch(batch, done)?;
            done = outcomes.last().and_then(|it| i32::try_from(it.row).ok()).unwrap_or(done);
            outcomes.iter().for_each(|it| tell(Progress::Row(it)));
            tell(Progress::Stored(u32::try_from(done).unwrap_or(0)));
            Ok(first_problems(&outcomes))
        })?;
        Ok(ended)
    }

    /// For a message that is taken as a whole or not at all: goes over all rows before any is stored.
    fn all_good<R: Read + Seek>(
        &self,
        settings: &Settings,
        content: R,
        ended: &mut Ended,
        tell: &mut dyn FnMut(Progress<'_>),
    ) -> Result<bool> {
        let mut good = true;
        self.each_batch(settings, content, ended, &mut |batch| {
            let outcomes = self.intake.store.read(|conn| batch.judge(conn, &self.intake.schema))?;
            let bad: Vec<RowOutcome> = outcomes.into_iter().filter(|it| !it.accepted).collect();
            good &= bad.is_empty();
            bad.iter().for_each(|it| tell(Progress::Row(it)));
            Ok(first_problems(&bad))
        })?;
        Ok(good)
    }

    /// Reads rows behind the mark and hands them on in batches.
    fn each_batch<R: Read + Seek>(
        &self,
        settings: &Settings,
        content: R,
        ended: &mut Ended,
        f: &mut dyn FnMut(Batch) -> Result<Vec<Problem>>,
    ) -> Result<()> {
        let hints =
            Hints { content_type: None, now: Some(self.message.received_at.utc()), ..Hints::default() };
        let mut table = match self.mapping.read_rows(content, &hints) {
            Ok(table) => table,
            Err(problems) => {
                ended.problems.extend(problems);
                return Ok(());
            }
        };
        let mut rows = match table.rows() {
            Ok(rows) => rows,
            Err(problems) => {
                ended.problems.extend(problems);
                return Ok(());
            }
        };
        ended.problems.extend(rows.missing_columns());
        if ended.refuses() {
            return Ok(());
        }
        let mut batch = Batch::new(self.mapping, &self.message);
        for row in rows.by_ref() {
            let row = match row {
                Ok(row) => row,
                // The file is damaged from here on; what was read before stays.
                Err(problem) => {
                    ended.problems.push(problem);
                    break;
                }
            };
            let blank = row.claims.is_empty() && row.problems.is_empty();
            if blank || i64::from(row.number) <= i64::from(self.done) {
                continue;
            }
            batch.push(&self.intake.schema, self.mapping, row);
            if batch.len() >= settings.batch.max(1) {
                let full = std::mem::replace(&mut batch, Batch::new(self.mapping, &self.message));
                ended.note(f(full)?);
            }
        }
        if batch.len() > 0 {
            ended.note(f(batch)?);
        }
        ended.problems.extend(rows.warnings());
        Ok(())
    }

    /// Stores one batch and moves the mark, together.
    fn store_batch(&self, batch: Batch, done: i32) -> Result<Vec<RowOutcome>> {
        let (schema, id) = (self.intake.schema.clone(), self.message.id.clone());
        let batch = Arc::new(batch);
        self.intake.writer.write(move |conn| {
            advance_import(conn, &id, done, batch.last())?;
            let outcomes = batch.store(conn, &schema)?;
            let marked: Vec<MessageRow> =
                outcomes.iter().filter_map(|it| marked(&id, it).transpose()).collect::<Result<_>>()?;
            insert_message_rows(conn, &marked)?;
            Ok(outcomes)
        })
    }

    /// Writes the outcome and returns the receipt.
    fn finish(self, ended: Ended) -> Result<Value> {
        let id = self.message.id.clone();
        self.intake.store.write(|conn| {
            let totals = count_import(conn, &id)?;
            let mut message = get_message(conn, &id)?;
            let outcome = ended.outcome(totals);
            let problems: Vec<&Problem> = ended.problems.iter().chain(&ended.first).collect();
            let error = problems.iter().find(|it| it.severity == Severity::Error);
            let receipt = json!({
                "receipt_id": fresh_id(message.received_at.utc()), "message_id": id,
                "partner": message.partner, "message": message.name, "mapping": self.mapping.label(),
                "file_name": message.file_name, "digest": message.digest, "received_at": message.received_at,
                "outcome": outcome, "dry_run": false, "duplicate": false,
                "accepted": totals.accepted, "refused": totals.refused.max(i64::from(outcome == Outcome::Refused)),
                "created": totals.created, "updated": totals.updated,
                "problems": problems, "trace_id": self.trace_id,
            });
            message.state = match outcome {
                Outcome::Accepted | Outcome::NotFound => MessageState::Accepted,
                Outcome::Partial => MessageState::Partial,
                Outcome::Refused => MessageState::Quarantined,
            };
            message.cause =
                error.filter(|_| outcome != Outcome::Accepted).map(|it| it.code.to_string());
            message.record_count = i32::try_from(totals.created + totals.updated).unwrap_or(i32::MAX);
            message.receipt = Json::of(&receipt)?;
            message.problems = Json::of(&problems)?;
            finish_message(conn, &message)?;
            let detail = json!({ "digest": message.digest, "outcome": outcome, "totals": totals });
            let audit = NewAudit {
                actor: &self.by,
                action: "message.imported",
                object_kind: "message",
                object_id: id.as_str(),
                detail: &detail,
                trace_id: Some(&self.trace_id),
            };
            append_audit(conn, &audit, message.received_at.utc())?;
            Ok(receipt)
        })
    }
}

fn first_problems(outcomes: &[RowOutcome]) -> Vec<Problem> {
    outcomes.iter().flat_map(|it| it.problems.iter().cloned()).take(KEPT).collect()
}

/// The stored verdict of a row that was not simply taken.
fn marked(of: &MessageId, it: &RowOutcome) -> Result<Option<MessageRow>> {
    if it.accepted && it.problems.is_empty() {
        return Ok(None);
    }
    Ok(Some(MessageRow {
        message_id: of.clone(),
        row: i32::try_from(it.row).unwrap_or(i32::MAX),
        state: if it.accepted { MessageState::Accepted } else { MessageState::Refused },
        problems: Json::of(&it.problems)?,
    }))
}

impl Ended {
    fn refuses(&self) -> bool {
        self.whole_refused || self.problems.iter().any(|it| it.severity == Severity::Error)
    }

    fn note(&mut self, problems: Vec<Problem>) {
        let room = KEPT.saturating_sub(self.first.len());
        self.first.extend(problems.into_iter().take(room));
    }

    fn outcome(&self, totals: ImportTotals) -> Outcome {
        match (totals.accepted, totals.refused) {
            (0, 0) if !self.refuses() => Outcome::NotFound,
            (0, _) => Outcome::Refused,
            (_, 0) if !self.refuses() => Outcome::Accepted,
            _ => Outcome::Partial,
        }
    }
}
