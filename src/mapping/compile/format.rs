//! The format settings and the nested documents, checked.

use super::super::file::{FormatFile, UnwrapFile};
use super::super::path::Step;
use super::super::source::{At, Source, nearest};
use super::super::walk::Names;
use super::Compiler;
use crate::error::codes::mapping as codes;
use crate::format::{Format, ReadSpec, TableSpec};
use crate::text::charset::Charset;

/// How a message is read and written.
#[derive(Debug, Clone)]
pub(in super::super) struct FormatPlan {
    pub spec: ReadSpec,
    pub names: Names,
    /// Form values are written percent-encoded.
    pub percent: bool,
    /// XML is written with its declaration.
    pub declaration: bool,
}

/// A value that holds a document.
#[derive(Debug, Clone)]
pub(in super::super) struct Unwrap {
    pub at: Vec<Step>,
    pub layers: Vec<Layer>,
    /// XML inside is written with its declaration.
    pub declaration: bool,
}

/// One wrapping, outermost first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in super::super) enum Layer {
    /// Base64 of text in this charset.
    Base64(Option<String>),
    /// Markup escaped once more than XML does by itself.
    Escaped,
    /// Percent-encoded text in this charset.
    Percent(Option<String>),
    Xml,
    Json,
    Form,
}

const KINDS: &[(&str, Format)] = &[
    ("xml", Format::Xml),
    ("json", Format::Json),
    ("csv", Format::Csv),
    ("xlsx", Format::Xlsx),
    ("form", Format::Form),
    ("frame", Format::Frame),
];

impl FormatPlan {
    /// The settings of the message over those of the partner.
    pub fn check(source: &Source<'_>, own: Option<&FormatFile>, shared: Option<&FormatFile>) -> Option<Self> {
        let empty = FormatFile::default();
        let own_or = own.unwrap_or(&empty);
        let shared = shared.unwrap_or(&empty);
        let Some(kind) = own_or.kind.as_ref().or(shared.kind.as_ref()) else {
            source.error(
                codes::MAPPING_MISSING_KEY,
                &own.map_or(0..0, |it| it.span.clone()),
                "没有写明报文格式",
                "写 format = { kind = \"json\" }；可用 xml、json、csv、xlsx、form、frame",
            );
            return None;
        };
        let Some((_, format)) = KINDS.iter().find(|(name, _)| *name == kind.value) else {
            let hint = nearest(&kind.value, KINDS.iter().map(|it| it.0)).map_or_else(
                || "可用：xml、json、csv、xlsx、form、frame".to_owned(),
                |it| format!("是不是想写 {it}？"),
            );
            source.error(codes::MAPPING_FORMAT, &kind.span, format!("不支持格式“{}”", kind.value), hint);
            return None;
        };
        let charset = own_or.charset.as_ref().or(shared.charset.as_ref());
        if let Some(charset) = charset {
            check_charset(source, &charset.value, &charset.span);
        }
        let table = table(source, own_or, *format);
        fits(source, own_or.many.as_ref().map(|it| &it.span), *format, &[Format::Json], "many");
        let spec = ReadSpec {
            format: *format,
            many: own_or.many.as_ref().or(shared.many.as_ref()).is_some_and(|it| it.value),
            charset: charset.map(|it| it.value.clone()),
            lenient: own_or.lenient || shared.lenient,
            table,
            ..ReadSpec::default()
        };
        let names = Names {
            trim: own_or.trim_names || shared.trim_names,
            ignore_case: own_or.ignore_case || shared.ignore_case,
        };
        let percent = own_or.percent.as_ref().or(shared.percent.as_ref());
        let declaration = own_or.declaration.as_ref().or(shared.declaration.as_ref());
        fits(source, own_or.percent.as_ref().map(|it| &it.span), *format, &[Format::Form], "percent");
        let xml = [Format::Xml, Format::Frame];
        fits(source, own_or.declaration.as_ref().map(|it| &it.span), *format, &xml, "declaration");
        Some(Self {
            spec,
            names,
            percent: percent.is_none_or(|it| it.value),
            declaration: declaration.is_none_or(|it| it.value),
        })
    }
}

/// Whether a full path lies in JSON, where a list and its elements are one level and a name stands once: the message may be
/// XML with JSON inside, or the other way round, so the innermost document decides.
pub(in super::super) fn in_json(format: Option<Format>, unwraps: &[Unwrap], path: &[Step]) -> bool {
    let around = unwraps.iter().filter(|it| path.starts_with(&it.at)).max_by_key(|it| it.at.len());
    around.map_or(format == Some(Format::Json), |it| it.layers.last() == Some(&Layer::Json))
}

/// CSV or XLSX: one row after the other.
pub(in super::super) fn is_table(format: Format) -> bool {
    matches!(format, Format::Csv | Format::Xlsx)
}

fn check_charset(source: &Source<'_>, label: &str, span: &std::ops::Range<usize>) {
    if Charset::from_label(label).is_none() {
        source.error(
            codes::MAPPING_FORMAT,
            span,
            format!("不认识字符集“{label}”"),
            "可用 utf-8、gbk、gb2312、gb18030、utf-16le、utf-16be",
        );
    }
}

/// Reports a setting that the format does not know.
fn fits(
    source: &Source<'_>,
    said: Option<&std::ops::Range<usize>>,
    format: Format,
    known: &[Format],
    name: &str,
) {
    if let Some(span) = said.filter(|_| !known.contains(&format)) {
        source.error(codes::MAPPING_CONFLICT, span, format!("{name} 不适用于这种格式"), "去掉这一项");
    }
}

fn table(source: &Source<'_>, file: &FormatFile, format: Format) -> TableSpec {
    let mut table = TableSpec::default();
    fits(source, file.separator.as_ref().map(|it| &it.span), format, &[Format::Csv], "separator");
    fits(source, file.sheet.as_ref().map(|it| &it.span), format, &[Format::Xlsx], "sheet");
    if let Some(separator) = &file.separator {
        match separator.value.as_bytes() {
            [one] => table.delimiter = *one,
            _ if separator.value == "\\t" => table.delimiter = b'\t',
            _ => source.error(
                codes::MAPPING_FORMAT,
                &separator.span,
                "separator 应是一个半角字符",
                "如 separator = \",\"、\";\"、\"\\t\"",
            ),
        }
    }
    table.sheet = file.sheet.as_ref().map(|it| it.value.clone());
    if let Some(header) = file.header {
        table.header_row = header.max(1);
    }
    table
}

impl Compiler<'_> {
    pub(super) fn unwraps(&self, files: &[UnwrapFile]) -> Vec<Unwrap> {
        files
            .iter()
            .filter_map(|it| {
                let unwrap = Unwrap {
                    at: self.full(&it.at, &[])?,
                    layers: self.layers(&it.how)?,
                    declaration: it.declaration,
                };
                self.check_layers(&unwrap, &it.how.span);
                Some(unwrap)
            })
            .collect()
    }

    fn layers(&self, how: &At<String>) -> Option<Vec<Layer>> {
        let mut layers = Vec::new();
        let mut parts = how.value.split('+').map(str::trim).peekable();
        while let Some(part) = parts.next() {
            let last = parts.peek().is_none();
            let (name, charset) = part.split_once(':').map_or((part, None), |(a, b)| (a, Some(b)));
            if let Some(label) = charset {
                check_charset(self.source, label, &how.span);
            }
            layers.push(match (name, last) {
                ("base64", false) => Layer::Base64(charset.map(str::to_owned)),
                ("percent", false) => Layer::Percent(charset.map(str::to_owned)),
                ("escaped", false) => Layer::Escaped,
                ("xml", true) => Layer::Xml,
                ("json", true) => Layer::Json,
                ("form", true) => Layer::Form,
                _ => {
                    self.source.error(
                        codes::MAPPING_SHAPE,
                        &how.span,
                        format!("不认识嵌套写法“{}”", how.value),
                        "从外到里写，如 xml、json、base64+json、base64:gbk+xml、escaped+xml",
                    );
                    return None;
                }
            });
        }
        Some(layers)
    }
}
