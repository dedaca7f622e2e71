//! 拟稿: a draft is made from a record, filled in and checked as often as the clerk likes.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde_json::{Map, Value as Json, json};

use super::desk::Desk;
use super::event::{Step, note};
use super::prefill::prefill;
use crate::clock::china_date;
use crate::document::Kind;
use crate::error::{Error, Problem, Result, codes};
use crate::store::{
    Conn, Document, DocumentId, DocumentState, DocumentValue, Json as JsonText, Record, RecordId,
    get_document, get_record, insert_document, list_document_values, replace_document_values, save_document,
};

/// What a draft is made of.
#[derive(Debug, Clone)]
pub struct NewDraft<'a> {
    /// Kind of document.
    pub kind: &'a str,
    /// The record it is about; none for a form that is filled by hand or by `values`.
    pub subject: Option<&'a RecordId>,
    /// Canonical values that are known already; they stand over those of the record.
    pub values: Map<String, Json>,
    /// Department that issues it.
    pub department: Option<&'a str>,
    /// Division it belongs to when no record says so: that of the drafter.
    pub division: Option<&'a str>,
    /// Who drafts it.
    pub actor: &'a str,
    /// Whether it is a demonstration; then every page says so.
    pub demo: bool,
}

/// Makes a draft, prefilled from its record.
///
/// # Errors
/// The kind or the record does not exist, or the record is not of the kind the document is drafted from.
pub fn create(conn: &mut Conn, desk: &Desk, new: &NewDraft<'_>, now: DateTime<Utc>) -> Result<Document> {
    let drafted = compose(conn, desk, new, now)?;
    keep(conn, desk, &drafted, now)?;
    Ok(drafted.document)
}

/// A draft that is not kept yet.
#[derive(Clone)]
pub(super) struct Drafted {
    /// The document.
    pub document: Document,
    /// Its values that come from records.
    pub origins: Vec<DocumentValue>,
}

/// Fills the form of a draft.
///
/// # Errors
/// As [`create`].
pub(super) fn compose(
    conn: &mut Conn,
    desk: &Desk,
    new: &NewDraft<'_>,
    now: DateTime<Utc>,
) -> Result<Drafted> {
    let kind = desk.kind(new.kind)?;
    let subject = new.subject.map(|id| get_record(conn, id)).transpose()?;
    if let Some(record) = &subject {
        fits(desk, kind, record)?;
    }
    let id = DocumentId::fresh(now);
    let mut values: Map<String, Json> =
        kind.fields.iter().filter_map(|field| Some((field.name.clone(), field.default.clone()?))).collect();
    let mut origins = Vec::new();
    if let Some(record) = &subject {
        let found = prefill(conn, desk, kind, record, (&id, china_date(now)))?;
        values.extend(found.values);
        origins = found.origins;
    }
    values.extend(new.values.clone());
    kind.compute(&mut values);
    mark_overrides(&values, &mut origins, &BTreeMap::new(), new.actor)?;
    let document = Document {
        id,
        kind: kind.name.clone(),
        title: kind.label(&values),
        state: DocumentState::Draft,
        version: 1,
        template_version: kind.version.to_string(),
        form: JsonText::of(&values)?,
        record_kind: subject.as_ref().map(|it| it.kind.clone()),
        record_id: subject.as_ref().map(|it| it.id.clone()),
        department: new.department.map(str::to_owned),
        division: subject.and_then(|it| it.division).or_else(|| new.division.map(str::to_owned)),
        holder: Some(new.actor.to_owned()),
        series: kind.numbering.as_ref().map(|it| it.series.clone()),
        number: None,
        signer: None,
        signed_on: None,
        issued_at: None,
        served_at: None,
        archived_at: None,
        verify_code: None,
        sha256: None,
        replaces: None,
        replaced_by: None,
        void_reason: None,
        voided_at: None,
        demo: new.demo,
        created_by: new.actor.to_owned(),
        created_at: now.into(),
        updated_at: now.into(),
    };
    Ok(Drafted { document, origins })
}

/// Keeps a draft with its first event.
pub(super) fn keep(conn: &mut Conn, desk: &Desk, drafted: &Drafted, now: DateTime<Utc>) -> Result<()> {
    let document = &drafted.document;
    let kind = desk.kind(&document.kind)?;
    insert_document(conn, document)?;
    replace_document_values(conn, &document.id, &drafted.origins)?;
    let step = Step {
        from: None,
        action: "drafted",
        actor: &document.created_by,
        opinion: None,
        detail: json!({ "kind": kind.name, "fields": field_titles(kind) }),
    };
    note(conn, document, &step, now)
}

/// Names and titles of the fields of a form, kept with the draft: a later version of the form is compared with them.
pub(super) fn field_titles(kind: &Kind) -> Map<String, Json> {
    kind.fields.iter().map(|it| (it.name.clone(), Json::from(it.title.clone()))).collect()
}

fn fits(desk: &Desk, kind: &Kind, record: &Record) -> Result<()> {
    if record.kind == kind.subject {
        return Ok(());
    }
    let title = |name: &str| desk.schema.kind(name).map_or_else(|| name.to_owned(), |it| it.title.clone());
    Err(Error::new(
        codes::document::WRONG_SUBJECT,
        format!(
            "《{}》须从{}拟稿，所选的“{}”是{}。",
            kind.title,
            title(&kind.subject),
            record.title,
            title(&record.kind)
        ),
    ))
}

/// What a clerk hands in.
#[derive(Debug, Clone, Copy)]
pub struct Edit<'a> {
    /// The document.
    pub id: &'a DocumentId,
    /// Its version when the form was opened.
    pub version: i32,
    /// Canonical values of the form.
    pub values: &'a Map<String, Json>,
    /// Why a value differs from its source, by field.
    pub reasons: &'a BTreeMap<String, String>,
}

/// Saves the form. Where a value differs from that of its source, `edit.reasons` must say why, by field.
///
/// # Errors
/// The document was changed by somebody else since `edit.version`, is no draft any more, or a reason is missing; then nothing is saved.
pub fn save(
    conn: &mut Conn,
    desk: &Desk,
    edit: &Edit<'_>,
    actor: &str,
    now: DateTime<Utc>,
) -> Result<Document> {
    let Edit { id, version, values, reasons } = *edit;
    let mut document = open_draft(conn, id)?;
    document.version = version;
    let kind = desk.kind(&document.kind)?;
    let mut origins = list_document_values(conn, id)?;
    // What was typed has no source to differ from; it stands here when the document was sent back after it was numbered.
    origins.retain(|it| it.record_id.is_some());
    mark_overrides(values, &mut origins, reasons, actor)?;
    let silent: Vec<Problem> = origins
        .iter()
        .filter(|it| it.overridden && it.override_reason.is_none())
        .filter_map(|it| {
            let field = kind.field(it.name.split('/').next()?)?;
            let rule = format!("{}与来源数据不同，须写明理由。", field.title);
            Some(
                Problem::error(
                    codes::document::OVERRIDE_REASON,
                    rule,
                    "请在该项下填写改动理由，或恢复来源值。",
                )
                .of_field(&it.name),
            )
        })
        .collect();
    if !silent.is_empty() {
        let detail = format!("有 {} 项改动了来源数据而没有写理由，未保存。", silent.len());
        return Err(Error::new(codes::document::OVERRIDE_REASON, detail).with_problems(silent));
    }
    let mut values = values.clone();
    kind.compute(&mut values);
    document.form = JsonText::of(&values)?;
    document.title = kind.label(&values);
    save_document(conn, &mut document, now)?;
    replace_document_values(conn, id, &origins)?;
    note(conn, &document, &edited("saved", actor), now)?;
    Ok(document)
}

/// Takes the present values of the sources again; what a clerk wrote over them stays.
///
/// # Errors
/// The document is no draft any more, or was changed by somebody else meanwhile.
pub fn refresh(
    conn: &mut Conn,
    desk: &Desk,
    id: &DocumentId,
    actor: &str,
    now: DateTime<Utc>,
) -> Result<Document> {
    let mut document = open_draft(conn, id)?;
    let kind = desk.kind(&document.kind)?;
    let Some(record) = document.record_id.clone() else { return Ok(document) };
    let record = get_record(conn, &record)?;
    let found = prefill(conn, desk, kind, &record, (id, china_date(now)))?;
    let before: BTreeMap<String, DocumentValue> =
        list_document_values(conn, id)?.into_iter().map(|it| (it.name.clone(), it)).collect();
    let mut values: Map<String, Json> = document.form.read()?;
    let overridden =
        |name: &str| before.values().any(|it| it.overridden && it.name.split('/').next() == Some(name));
    for (name, value) in found.values {
        if !overridden(&name) {
            values.insert(name, value);
        }
    }
    let mut origins = found.origins;
    let reasons = before.into_iter().filter_map(|(name, it)| Some((name, it.override_reason?))).collect();
    mark_overrides(&values, &mut origins, &reasons, actor)?;
    document.title = kind.label(&values);
    document.form = JsonText::of(&values)?;
    save_document(conn, &mut document, now)?;
    replace_document_values(conn, id, &origins)?;
    note(conn, &document, &edited("refreshed", actor), now)?;
    Ok(document)
}

fn edited<'a>(action: &'a str, actor: &'a str) -> Step<'a> {
    Step { from: Some(DocumentState::Draft), action, actor, opinion: None, detail: json!({}) }
}

/// Everything that stands in the way of issuing: empty and wrong fields, and sources that changed since the form was filled.
pub fn problems(conn: &mut Conn, desk: &Desk, document: &Document) -> Result<Vec<Problem>> {
    let kind = desk.kind(&document.kind)?;
    let values: Map<String, Json> = document.form.read()?;
    let mut problems = kind.problems(&values);
    for old in list_document_values(conn, &document.id)? {
        problems.extend(changed_since(conn, kind, &old)?);
    }
    Ok(problems)
}

/// Refuses a document that cannot be issued as it stands.
///
/// # Errors
/// Everything that stands in the way, each by its field; `template_changed`.
pub(super) fn must_be_complete(conn: &mut Conn, desk: &Desk, document: &Document, deed: &str) -> Result<()> {
    super::final_copy::bound_to_this_version(desk.kind(&document.kind)?, document)?;
    let found = problems(conn, desk, document)?;
    if found.is_empty() {
        return Ok(());
    }
    let detail = format!("《{}》还不能{deed}：有 {} 处需要补正。", document.title, found.len());
    Err(Error::new(codes::document::FORM_FIELD, detail).with_problems(found))
}

/// The finding when the record says something else now than when the value was taken.
fn changed_since(conn: &mut Conn, kind: &Kind, old: &DocumentValue) -> Result<Option<Problem>> {
    let (Some(record), Some(name)) = (&old.record_id, &old.field) else { return Ok(None) };
    if old.overridden {
        return Ok(None);
    }
    let record = get_record(conn, record)?;
    if Some(record.version) == old.record_version {
        return Ok(None);
    }
    let now = record.fields()?.remove(name);
    let before: Json = old.value.read()?;
    // Tables are cut to the columns of the form, so they are compared by version alone.
    if now.as_ref() == Some(&before) {
        return Ok(None);
    }
    let title = old
        .name
        .split('/')
        .next()
        .and_then(|it| kind.field(it))
        .map_or(old.name.as_str(), |it| it.title.as_str());
    let rule = format!("{title}的来源数据在拟稿之后已经变更。");
    Ok(Some(
        Problem::error(codes::document::SOURCE_CHANGED, rule, "请点“取最新数据”，核对后再签发。")
            .of_field(&old.name),
    ))
}

/// A document that can still be edited.
pub(super) fn open_draft(conn: &mut Conn, id: &DocumentId) -> Result<Document> {
    let document = get_document(conn, id)?;
    if matches!(document.state, DocumentState::Draft | DocumentState::Returned) {
        return Ok(document);
    }
    Err(Error::new(
        codes::document::NOT_A_DRAFT,
        format!(
            "《{}》现为“{}”，不能修改。办理中的请先取回或退回，已印发的请作废或重发。",
            document.title,
            document.state.title()
        ),
    ))
}

/// Marks the values that stand in the form otherwise than in their source.
pub(super) fn mark_overrides(
    values: &Map<String, Json>,
    origins: &mut [DocumentValue],
    reasons: &BTreeMap<String, String>,
    actor: &str,
) -> Result<()> {
    for origin in origins {
        let given = at_path(values, &origin.name);
        let source: Json = origin.value.read()?;
        origin.overridden = given != Some(&source);
        let reason = reasons.get(&origin.name).map(|it| it.trim()).filter(|it| !it.is_empty());
        if origin.overridden {
            if let Some(reason) = reason {
                origin.override_reason = Some(reason.to_owned());
                origin.override_by = Some(actor.to_owned());
            }
        } else {
            origin.override_reason = None;
            origin.override_by = None;
        }
    }
    Ok(())
}

/// The value at `field` or `field/row/column`.
pub(super) fn at_path<'a>(values: &'a Map<String, Json>, path: &str) -> Option<&'a Json> {
    let mut parts = path.split('/');
    let value = values.get(parts.next()?)?;
    let (Some(row), Some(column)) = (parts.next(), parts.next()) else { return Some(value) };
    value.get(row.parse::<usize>().ok()?)?.get(column)
}
