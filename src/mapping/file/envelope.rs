//! The envelope of a message: format, nested documents, and what a partner's messages have in common.

use std::sync::Arc;

use super::super::answer::Answer;
use super::super::drop::DropFolders;
use super::super::path::Path;
use super::super::source::{At, Source, Table};
use super::{choice, path};

/// `format = { … }`.
#[derive(Debug, Clone, Default)]
pub(in super::super) struct FormatFile {
    pub kind: Option<At<String>>,
    pub charset: Option<At<String>>,
    /// Small slips of syntax are accepted and reported as warnings.
    pub lenient: bool,
    /// JSON: several documents one behind the other, read as a list of them.
    pub many: Option<At<bool>>,
    /// Names are compared without surrounding blanks, or without regard to case.
    pub trim_names: bool,
    pub ignore_case: bool,
    /// CSV: the separator of columns.
    pub separator: Option<At<String>>,
    /// XLSX: the sheet, by name or number from 1.
    pub sheet: Option<At<String>>,
    /// CSV and XLSX: the row that holds the column names, from 1.
    pub header: Option<u32>,
    /// Form: values are written percent-encoded, as the standard says.
    pub percent: Option<At<bool>>,
    /// XML: whether the declaration is written.
    pub declaration: Option<At<bool>>,
    pub span: std::ops::Range<usize>,
}

impl FormatFile {
    pub fn read(table: &Table<'_>) -> Self {
        let names: Vec<String> =
            table.texts("names").unwrap_or_default().into_iter().map(|it| it.value).collect();
        for name in &names {
            if !["trim", "ignore_case"].contains(&name.as_str())
                && let Some(value) = table.get("names")
            {
                table.wrong("names", value, " [\"trim\"]、[\"ignore_case\"] 或两者");
            }
        }
        let format = Self {
            kind: table.text("kind"),
            charset: table.text("charset"),
            lenient: table.flag("lenient").is_some_and(|it| it.value),
            many: table.flag("many"),
            trim_names: names.iter().any(|it| it == "trim"),
            ignore_case: names.iter().any(|it| it == "ignore_case"),
            separator: table.text("separator"),
            sheet: table.scalar("sheet"),
            header: table.number("header").map(|it| it.value),
            percent: table.flag("percent"),
            declaration: table.flag("declaration"),
            span: table.span.clone(),
        };
        table.finish();
        format
    }
}

/// One `unwrap` entry: a document inside a value.
#[derive(Debug)]
pub(in super::super) struct UnwrapFile {
    pub at: At<Path>,
    pub how: At<String>,
    /// Whether the XML inside is written with a declaration.
    pub declaration: bool,
}

impl UnwrapFile {
    pub fn read(table: &Table<'_>) -> Option<Self> {
        let at = path(table, "at");
        if table.get("at").is_none() {
            table.missing("at", "写明哪一项里装着文档，如 at = \"/resws/body\"");
        }
        let how = table.need_text("as", "写明里面是什么：xml、json、base64:gbk+xml ……");
        let declaration = table.flag("declaration").is_none_or(|it| it.value);
        table.finish();
        Some(Self { at: at?, how: how?, declaration })
    }
}

/// `partner.toml`.
#[derive(Debug, Default)]
pub(in super::super) struct PartnerFile {
    pub title: String,
    pub department: Option<At<String>>,
    pub format: Option<FormatFile>,
    pub null: Option<Vec<At<String>>>,
    pub whole: Option<bool>,
    pub drop: Option<DropFolders>,
    /// For messages that say none themselves.
    pub answer: Option<Arc<Answer>>,
}

impl PartnerFile {
    pub fn read(source: &Source<'_>) -> Self {
        let parsed = source.parse();
        let root = Table::new(source, parsed.get_ref(), 0..source.text.len());
        let title = root.need_text("title", "写上单位名称，如 title = \"市自然资源和规划局\"");
        let department =
            root.need_text("department", "写上模型里的部门标识，如 department = \"natural_resources\"");
        // Notes for people; nothing reads them.
        root.text("notes");
        let mut partner =
            Self { title: title.map(|it| it.value).unwrap_or_default(), department, ..Self::default() };
        if let Some(defaults) = root.table("defaults") {
            partner.format = defaults.table("format").map(|it| FormatFile::read(&it));
            partner.null = defaults.texts("null");
            partner.whole = choice(&defaults, "on_error", &["row", "message"]).map(|it| it == "message");
            defaults.finish();
        }
        partner.drop = root.table("drop").map(|it| DropFolders::read(&it));
        partner.answer = root.table("answer").and_then(|it| Answer::read(&it)).map(Arc::new);
        root.finish();
        partner
    }
}
