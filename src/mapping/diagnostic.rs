//! What is wrong with a mapping file: code, file, line, column, the words themselves, and what to do, in Chinese.
//!
//! All findings of a load are collected; [`Diagnostic::render`] draws the line with a caret under the words, aligned for
//! full-width characters.

use std::ops::Range;

use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet, renderer::DecorStyle};
use serde::Serialize;

use super::Files;
use crate::error::{Code, Severity};

/// One finding about a mapping file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Diagnostic {
    /// Stable code, 30xx.
    pub code: Code,
    /// Errors refuse the load; warnings do not.
    pub severity: Severity,
    /// File, relative to the mappings folder.
    pub file: String,
    /// Line from 1.
    pub line: u32,
    /// Column from 1, counted in characters.
    pub column: u32,
    /// Bytes of the file it is about.
    pub span: Range<usize>,
    /// What is wrong, Chinese.
    pub message: String,
    /// What to do, Chinese.
    pub hint: String,
}

impl Diagnostic {
    /// A finding at `span` of `text`, which is the content of `file`.
    pub(super) fn new(
        code: Code,
        severity: Severity,
        file: &str,
        text: &str,
        span: Range<usize>,
        message: impl Into<String>,
        hint: impl Into<String>,
    ) -> Self {
        let before = text.get(..span.start.min(text.len())).unwrap_or_default();
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
        Self {
            code,
            severity,
            file: file.to_owned(),
            line: u32::try_from(line).unwrap_or(u32::MAX),
            column: u32::try_from(column).unwrap_or(u32::MAX),
            span,
            message: message.into(),
            hint: hint.into(),
        }
    }

    /// Draws the finding for people: title, line with caret, hint. `files` are those that were loaded.
    #[must_use]
    pub fn render(&self, files: &Files) -> String {
        let text = files.get(&self.file).and_then(|bytes| std::str::from_utf8(bytes).ok()).unwrap_or("");
        let level = match self.severity {
            Severity::Error => Level::ERROR.with_name("错误"),
            Severity::Warning => Level::WARNING.with_name("警告"),
        };
        let end = self.span.end.min(text.len()).max(self.span.start.min(text.len()));
        let span = self.span.start.min(end)..end;
        let code = self.code.to_string();
        let snippet = Snippet::source(text)
            .path(self.file.as_str())
            .annotation(AnnotationKind::Primary.span(span).label(self.hint.as_str()));
        let report = &[level.primary_title(self.message.as_str()).id(code.as_str()).element(snippet)];
        Renderer::plain().decor_style(DecorStyle::Ascii).render(report)
    }
}

impl std::fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}:{}: {} {} {}", self.file, self.line, self.column, self.code, self.message, self.hint)
    }
}

/// Draws all findings, one under the other.
#[must_use]
pub fn render_all(diagnostics: &[Diagnostic], files: &Files) -> String {
    diagnostics.iter().map(|it| it.render(files)).collect::<Vec<_>>().join("\n\n")
}
