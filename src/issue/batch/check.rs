//! One row of a batch checked: whether its document could be issued, and what is to be put right first.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde_json::{Map, Value as Json};

use super::super::desk::Desk;
use super::super::draft::{self, NewDraft};
use super::super::form::read_form;
use super::super::life::Actor;
use super::sheet::SheetRow;
use crate::clock::china_date;
use crate::document::{Binding, FormField, Kind, Options, Purpose, render};
use crate::error::{Error, Problem, Result, Severity, codes};
use crate::model::{Body, Value};
use crate::store::{
    Batch, BatchItem, Conn, ItemState, Json as JsonText, Record, RecordId, RowFault, find_record_by_keys,
    get_record,
};

/// The alternative keys of the record a kind is drafted from, as far as fields of its form are those keys: pairs of the
/// record's field and the form's.
pub(super) fn keys<'a>(desk: &'a Desk, kind: &'a Kind) -> Vec<Vec<(&'a str, &'a str)>> {
    let Some(subject) = desk.schema.kind(&kind.subject) else { return Vec::new() };
    let form_field = |name: &str| kind.fields.iter().find(|it| is_own(it, &kind.subject, name));
    let pair = |id| {
        let field = subject.fields.get(id)?;
        Some((field.name.as_str(), form_field(&field.name)?.name.as_str()))
    };
    subject.keys.iter().filter_map(|key| key.iter().map(|id| pair(*id)).collect()).collect()
}

/// Whether a field of the form shows just this field of the record it is drafted from.
fn is_own(field: &FormField, subject: &str, name: &str) -> bool {
    match &field.source {
        Some(Binding::Field(steps)) => {
            matches!(steps.as_slice(), [step] if !step.back && step.kind == subject && step.field == name)
        }
        _ => false,
    }
}

/// What rows are checked with.
pub(super) struct Checker<'a> {
    pub desk: &'a Desk,
    pub kind: &'a Kind,
    pub batch: &'a Batch,
    /// The drafter.
    pub who: &'a Actor,
    pub now: DateTime<Utc>,
}

/// What a row says: the values given, the record when it is known, and why they differ.
#[derive(Default)]
pub(super) struct Said {
    pub row: i32,
    pub cells: Vec<String>,
    pub values: Map<String, Json>,
    pub record: Option<RecordId>,
    pub reason: Option<String>,
    pub problems: Vec<Problem>,
    /// The row that says the same.
    pub same_as: Option<u32>,
}

impl Said {
    /// What a row of a sheet says.
    pub fn of(kind: &Kind, row: SheetRow) -> Self {
        let problems = row.problems.into_iter().filter(|it| it.severity == Severity::Error).collect();
        Self {
            row: i32::try_from(row.number).unwrap_or(i32::MAX),
            cells: row.cells,
            values: read_form(kind, &row.texts).values,
            reason: row.reason,
            problems,
            ..Self::default()
        }
    }
}

impl Checker<'_> {
    /// Fills the form and looks for what stands in its way; whether it can be printed is left to [`Checker::print`].
    ///
    /// # Errors
    /// What the store says; findings are kept with the row.
    pub fn check(&self, conn: &mut Conn, said: Said) -> Result<BatchItem> {
        let mut faults = Faults::default();
        faults.add(RowFault::Unreadable, said.problems.clone());
        if let Some(first) = said.same_as {
            let rule = format!("这一行与第 {first} 行完全相同。");
            faults.one(RowFault::Repeated, problem(rule, "请删去重复的行。"));
        }
        let record = match self.record(conn, &said)? {
            Ok(record) => record,
            Err(found) => {
                faults.one(RowFault::Unreadable, found);
                None
            }
        };
        if let Some(record) = record.as_ref().filter(|it| !self.covers(it)) {
            let rule = format!("记录“{}”不属于您所在的行政区。", record.title);
            faults.one(RowFault::Foreign, problem(rule, "请由所属行政区办理，删去这一行。"));
        }
        let new = self.draft(said.values, record.as_ref().map(|it| &it.id));
        let drafted = draft::compose(conn, self.desk, &new, self.now)?;
        let values: Map<String, Json> = drafted.document.form.read()?;
        for found in self.kind.problems(&values) {
            let fault = class_of(&found, &values);
            faults.one(fault, found);
        }
        if said.reason.is_none() {
            for origin in drafted.origins.iter().filter(|it| it.overridden) {
                faults.one(RowFault::Override, self.silent(&origin.name, &origin.value.read()?));
            }
        }
        let (fault, problems) = faults.settle();
        Ok(BatchItem {
            batch_id: self.batch.id.clone(),
            row: said.row,
            title: drafted.document.title,
            cells: JsonText::of(&said.cells)?,
            form: drafted.document.form,
            record_id: record.map(|it| it.id),
            reason: said.reason,
            pages: None,
            state: if fault.is_some() { ItemState::Faulty } else { ItemState::Ready },
            fault,
            problems: JsonText::of(&problems)?,
            document_id: None,
            settled_at: None,
        })
    }

    /// The draft a row asks for.
    pub fn draft<'b>(&'b self, values: Map<String, Json>, subject: Option<&'b RecordId>) -> NewDraft<'b> {
        new_draft(self.batch, values, subject)
    }

    /// The record a row is about: the one it was made from, or the one its key fields name.
    fn record(&self, conn: &mut Conn, said: &Said) -> Result<std::result::Result<Option<Record>, Problem>> {
        if let Some(id) = &said.record {
            return get_record(conn, id).map(|it| Ok(Some(it)));
        }
        let Some(subject) = self.desk.schema.kind(&self.kind.subject) else { return Ok(Ok(None)) };
        let mut body = Body::default();
        for (record_field, form_field) in keys(self.desk, self.kind).into_iter().flatten() {
            let known = subject.fields.find(record_field).zip(said.values.get(form_field));
            let Some((field, json)) = known else { continue };
            if let Ok(value) = Value::from_json(&field.ty, json) {
                body.set(field.id, value);
            }
        }
        match find_record_by_keys(conn, &self.kind.subject, &subject.keys_of(&body)) {
            Ok(Some(id)) => get_record(conn, &id).map(|it| Ok(Some(it))),
            Ok(None) => Ok(Ok(None)),
            Err(error) if error.code == codes::record::AMBIGUOUS_KEY => {
                Ok(Err(problem(error.detail, "请核对这一行的编号。")))
            }
            Err(error) => Err(error),
        }
    }

    /// Whoever decides on the batch must be one who may decide on each of its documents.
    fn covers(&self, record: &Record) -> bool {
        let division = self.batch.division.clone();
        let decider = Actor { division, ..self.who.clone() };
        record.division.is_none() || decider.covers(record.division.as_deref())
    }

    fn silent(&self, name: &str, source: &Json) -> Problem {
        let title = name.split('/').next().and_then(|it| self.kind.field(it)).map_or(name, |it| &it.title);
        let rule = format!("{title}与来源数据“{}”不同，须写明理由。", super::sheet::typed(source));
        Problem::error(codes::document::OVERRIDE_REASON, rule, "请在“改动理由”列写明，或改回来源值、留空。")
            .of_field(name)
    }

    /// Lays a row out as it will be printed: its pages, or why it cannot be printed. Needs no database.
    pub fn print(&self, item: &BatchItem) -> Result<std::result::Result<usize, Vec<Problem>>> {
        let values: Map<String, Json> = item.form.read()?;
        let day = china_date(self.now);
        let number =
            self.kind.numbering.as_ref().map(|it| it.format(chrono::Datelike::year(&day), super::WIDEST));
        let options = Options {
            number: number.as_deref(),
            date: Some(day),
            purpose: Purpose::Issue,
            watermark: None,
            id: item.batch_id.as_str(),
        };
        match render(self.kind, &values, &options, self.desk.faces()?) {
            Ok(rendered) => Ok(Ok(rendered.page_count)),
            Err(error) => Ok(Err(findings(error))),
        }
    }
}

/// The draft of a row of a batch.
pub(super) fn new_draft<'b>(
    batch: &'b Batch,
    values: Map<String, Json>,
    subject: Option<&'b RecordId>,
) -> NewDraft<'b> {
    NewDraft {
        kind: &batch.kind,
        subject,
        values,
        department: batch.department.as_deref(),
        division: batch.division.as_deref(),
        actor: &batch.created_by,
        demo: batch.demo,
    }
}

/// The findings of an error; the error itself when it has none.
pub(super) fn findings(error: Error) -> Vec<Problem> {
    if error.problems.is_empty() {
        return vec![Problem::error(error.code, error.detail, error.code.info().cure)];
    }
    error.problems
}

fn problem(rule: String, hint: &str) -> Problem {
    Problem::error(codes::document::FORM_FIELD, rule, hint)
}

/// A field that is empty is missing, a value that was shown cannot be read, all else is about several fields.
fn class_of(found: &Problem, values: &Map<String, Json>) -> RowFault {
    let path = found.field.as_deref().unwrap_or_default();
    let blank = match draft::at_path(values, path) {
        None | Some(Json::Null) => true,
        Some(Json::String(text)) => text.trim().is_empty(),
        Some(Json::Array(items)) => items.is_empty(),
        Some(_) => false,
    };
    match found.value {
        Some(_) => RowFault::Unreadable,
        None if blank => RowFault::Missing,
        None => RowFault::Contradiction,
    }
}

/// A finding with its class, as it is kept with the row.
#[derive(serde::Serialize)]
pub(super) struct Found {
    pub fault: RowFault,
    #[serde(flatten)]
    pub problem: Problem,
}

/// Findings by class; the first class is to be put right first, and its findings stand first.
#[derive(Default)]
struct Faults(BTreeMap<RowFault, Vec<Problem>>);

impl Faults {
    fn one(&mut self, fault: RowFault, found: Problem) {
        self.0.entry(fault).or_default().push(found);
    }

    fn add(&mut self, fault: RowFault, found: Vec<Problem>) {
        for it in found {
            self.one(fault, it);
        }
    }

    fn settle(self) -> (Option<RowFault>, Vec<Found>) {
        let first = self.0.keys().next().copied();
        let found = |(fault, problems): (RowFault, Vec<Problem>)| {
            problems.into_iter().map(move |problem| Found { fault, problem })
        };
        (first, self.0.into_iter().flat_map(found).collect())
    }
}
