//! One document: values → markup → blocks → pages → PDF, and what was printed where.

use std::sync::Arc;

use chrono::NaiveDate;
use serde_json::{Map, Value as Json};

use super::block::{Document, FieldNo};
use super::font::FontStore;
use super::kind::{Kind, Shown};
use super::layout::item::{Item, Pages, SealPlace};
use super::layout::{Look, MissingGlyph, lay_out};
use super::markup;
use super::pdf::{self, Base, Meta};
use crate::error::{Error, Place, Problem, Result, codes};
use crate::text::date;

/// What a document is made for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// To be issued: every field, the number and the date must be there.
    Issue,
    /// To be looked at: what is missing is shown as 【its title】.
    Preview,
}

/// What is not in the form.
#[derive(Debug, Clone)]
pub struct Options<'a> {
    /// 文号, taken from the register before.
    pub number: Option<&'a str>,
    /// 成文日期.
    pub date: Option<NaiveDate>,
    /// What it is made for.
    pub purpose: Purpose,
    /// Words across every page: 草稿, 演示, 作废.
    pub watermark: Option<&'a str>,
    /// Id of the document; files of different documents differ by it.
    pub id: &'a str,
}

/// A value and where it was printed.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Placed {
    /// `field`, or `field/row/column` for a value of a table, rows counted from 0.
    pub path: String,
    /// What was printed.
    pub text: String,
    /// Page, from 1.
    pub page: usize,
    /// Left edge of its first character, mm from the left edge of the sheet.
    pub x: f64,
    /// Baseline of its first character, mm from the upper edge of the sheet.
    pub y: f64,
    /// Line of the template that prints it, from 1.
    pub line: u32,
}

/// A document ready to be kept.
#[derive(Debug, Clone)]
pub struct Rendered {
    /// The file. The same kind, values, options and faces give the same bytes.
    pub pdf: Vec<u8>,
    /// Number of pages.
    pub page_count: usize,
    /// Every printed value, in reading order; a field printed twice is there twice.
    pub placed: Vec<Placed>,
    /// The text in reading order, a line per paragraph or cell.
    pub text: String,
    /// Where seals go.
    pub seals: Vec<SealPlace>,
}

/// Makes a document of `kind` from canonical `values`.
///
/// # Errors
/// The fields that are missing or wrong (each by its name), characters that no face draws, words that the kind forbids, or a template that cannot be filled.
pub fn render(
    kind: &Kind,
    values: &Map<String, Json>,
    options: &Options<'_>,
    fonts: &FontStore,
) -> Result<Rendered> {
    let (document, pages) = lay_out_values(kind, values, options, fonts)?;
    let text = pages.to_text();
    forbidden(kind, &text)?;
    let placed = placed(&document, &pages);
    let mut meta = meta(kind, values, options);
    if options.purpose == Purpose::Issue {
        meta.data = Some(data(kind, values, options, &placed));
    }
    Ok(Rendered {
        pdf: pdf::write(&pages, &*base(kind, fonts)?, &meta, fonts)?,
        page_count: pages.pages.len(),
        placed,
        text,
        seals: pages.seals,
    })
}

/// What a file of this document says about itself.
pub(super) fn meta(kind: &Kind, values: &Map<String, Json>, options: &Options<'_>) -> Meta {
    Meta {
        title: kind.label(values),
        author: values.get("issuer").and_then(Json::as_str).unwrap_or_default().to_owned(),
        subject: [options.number.unwrap_or_default(), &kind.title].join(" ").trim().to_owned(),
        date: options.date,
        id: format!("{}@{} {}", kind.name, kind.version, options.id),
        ..Meta::default()
    }
}

/// The canonical values of the fields that are printed, and no others: the file must not tell more than its pages do.
fn data(kind: &Kind, values: &Map<String, Json>, options: &Options<'_>, placed: &[Placed]) -> Vec<u8> {
    let printed = |name: &str| {
        placed
            .iter()
            .any(|it| it.path.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with('/')))
    };
    let told: Map<String, Json> = values
        .iter()
        .filter(|(name, _)| printed(name))
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    let data = serde_json::json!({
        "kind": kind.name, "version": kind.version, "title": kind.title,
        "number": options.number, "date": options.date, "values": told,
    });
    data.to_string().into_bytes()
}

/// The pages alone, for tests and for other writers.
///
/// # Errors
/// Those of [`render`] up to layout.
pub fn lay_out_values(
    kind: &Kind,
    values: &Map<String, Json>,
    options: &Options<'_>,
    fonts: &FontStore,
) -> Result<(Document, Pages)> {
    if options.purpose == Purpose::Issue {
        let problems = not_issuable(kind, values, options);
        if !problems.is_empty() {
            let detail = format!("《{}》还不能生成：有 {} 处需要补正。", kind.title, problems.len());
            return Err(Error::new(codes::document::FORM_FIELD, detail).with_problems(problems));
        }
    }
    let mut shown = kind.show(values, options.purpose == Purpose::Preview);
    add_builtins(kind, options, &mut shown);
    let document = blocks(kind, &shown)?;
    // Whoever looks at a draft sees where seals will go; in what is issued that place is free for the real ones.
    let specimen_seals = options.purpose == Purpose::Preview;
    let pages = lay_out(&document, Look { watermark: options.watermark, specimen_seals }, fonts)
        .map_err(|missing| missing_glyphs(kind, &document, &missing))?;
    Ok((document, pages))
}

fn not_issuable(kind: &Kind, values: &Map<String, Json>, options: &Options<'_>) -> Vec<Problem> {
    let mut problems = kind.problems(values);
    let mut need = |there: bool, field: &str, rule: &str, hint: &str| {
        if !there {
            problems.push(Problem::error(codes::document::FORM_FIELD, rule, hint).of_field(field));
        }
    };
    if kind.template.uses("number") {
        need(options.number.is_some(), "number", "还没有文号。", "签发后先编号，再生成正式文件。");
    }
    if kind.template.uses("date") {
        need(options.date.is_some(), "date", "还没有成文日期。", "成文日期为签发日期，请先签发。");
    }
    problems
}

/// Number and date; a preview leaves room where they will stand.
fn add_builtins(kind: &Kind, options: &Options<'_>, shown: &mut Shown) {
    let blank = kind.numbering.as_ref().map(|numbering| {
        let year =
            options.date.map_or_else(|| "\u{3000}\u{3000}".to_owned(), |date| date.format("%Y").to_string());
        numbering.pattern.replace("{year}", &year).replace("{n}", "\u{3000}")
    });
    let number = options.number.map(str::to_owned).or(blank).unwrap_or_default();
    let date =
        options.date.map_or_else(|| "\u{3000}\u{3000}年\u{3000}月\u{3000}日".to_owned(), date::chinese);
    shown.texts.insert("number".to_owned(), Json::from(number));
    shown.texts.insert("date".to_owned(), Json::from(date));
}

fn blocks(kind: &Kind, shown: &Shown) -> Result<Document> {
    let text = kind.template.fill(&shown.texts, &shown.raw)?;
    markup::parse(&kind.template_file, &text).map_err(|problems| {
        Error::new(codes::document::RENDER, format!("《{}》的模板在本次数据上不能排版。", kind.title))
            .with_problems(problems)
    })
}

/// The fonts that all documents of this kind share. Made from the sample, so that they do not depend on which document came first.
fn base(kind: &Kind, fonts: &FontStore) -> Result<Arc<Base>> {
    fonts.made.base(&format!("{}@{}", kind.name, kind.version), || {
        let sample = &kind.sample;
        let options = Options {
            number: sample.number.as_deref(),
            date: sample.date,
            purpose: Purpose::Preview,
            watermark: None,
            id: "",
        };
        let (_, pages) = lay_out_values(kind, &sample.values, &options, fonts)?;
        Base::build(&pages, fonts)
    })
}

fn missing_glyphs(kind: &Kind, document: &Document, missing: &[MissingGlyph]) -> Error {
    let mut problems = Vec::new();
    for lost in missing {
        let rule = format!(
            "{}及后备字体都没有“{}”（U+{:04X}）这个字，它在{}里。",
            lost.role.title(),
            lost.c,
            u32::from(lost.c),
            lost.block
        );
        let mut problem = Problem::error(
            codes::document::MISSING_GLYPH,
            rule,
            "请核对用字；确需此字的，请管理员补充字体。",
        );
        if let Some(field) = lost.field.and_then(|field| document.fields.get(field as usize)) {
            problem = problem.of_field(&field.path).at(Place {
                path: kind.template_file.clone(),
                line: Some(field.line),
                ..Place::default()
            });
        }
        problems.push(problem.showing(&lost.c.to_string()));
    }
    let detail = format!("《{}》有 {} 个字没有字体可用，不能生成。", kind.title, problems.len());
    Error::new(codes::document::MISSING_GLYPH, detail).with_problems(problems)
}

pub(super) fn forbidden(kind: &Kind, text: &str) -> Result<()> {
    let mut problems = Vec::new();
    for rule in &kind.forbidden {
        for word in rule.words.iter().filter(|word| text.contains(word.as_str())) {
            let found = format!("《{}》中不能出现“{word}”：{}", kind.title, rule.reason);
            problems.push(
                Problem::error(codes::document::FORM_FIELD, found, "请修改含有这个词的字段。").showing(word),
            );
        }
    }
    if problems.is_empty() {
        return Ok(());
    }
    let detail = format!("《{}》有不应出现的用语，不能生成。", kind.title);
    Err(Error::new(codes::document::FORM_FIELD, detail).with_problems(problems))
}

fn placed(document: &Document, pages: &Pages) -> Vec<Placed> {
    let mut found: Vec<(FieldNo, Placed)> = Vec::new();
    for (page, number) in pages.pages.iter().zip(1..) {
        for item in &page.items {
            let Item::Glyphs(it) = item else { continue };
            let Some(field) = it.field else { continue };
            match found.last_mut() {
                Some((last, placed)) if *last == field => placed.text.push_str(&it.text),
                _ => {
                    let Some(source) = document.fields.get(field as usize) else { continue };
                    let (path, line) = (source.path.clone(), source.line);
                    found.push((
                        field,
                        Placed { path, text: it.text.clone(), page: number, x: it.x, y: it.y, line },
                    ));
                }
            }
        }
    }
    found.into_iter().map(|(_, placed)| placed).collect()
}
