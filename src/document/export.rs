//! The same document in the formats people ask for.

use serde_json::{Map, Value as Json};

use super::font::FontStore;
use super::kind::Kind;
use super::pdf::{Base, Profile};
use super::render::{Options, forbidden, lay_out_values, meta, render};
use super::{docx, ofd, pdf};
use crate::error::Result;

/// What a document is written as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// PDF as it is issued (PDF/A-3a; drafts PDF/A-2a).
    Pdf,
    /// PDF/A-1b for archives that take nothing newer.
    PdfArchive,
    /// OFD (GB/T 33190-2016).
    Ofd,
    /// DOCX of the text, to be edited by hand; its pages are those of the word processor.
    Docx,
}

impl Format {
    /// All of them, in the order people are offered them.
    pub const ALL: [Format; 4] = [Format::Pdf, Format::Ofd, Format::PdfArchive, Format::Docx];

    /// Its name in addresses and on the command line.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Format::Pdf => "pdf",
            Format::PdfArchive => "pdfa1b",
            Format::Ofd => "ofd",
            Format::Docx => "docx",
        }
    }

    /// The format of a name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Format> {
        Format::ALL.into_iter().find(|it| it.as_str() == name)
    }

    /// How the name of a file ends.
    #[must_use]
    pub fn ending(self) -> &'static str {
        match self {
            Format::Pdf | Format::PdfArchive => "pdf",
            Format::Ofd => "ofd",
            Format::Docx => "docx",
        }
    }

    /// What a browser is told.
    #[must_use]
    pub fn media_type(self) -> &'static str {
        match self {
            Format::Pdf | Format::PdfArchive => "application/pdf",
            Format::Ofd => "application/ofd",
            Format::Docx => "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        }
    }
}

/// Makes a document of `kind` from canonical `values` in a format. The same input gives the same bytes.
///
/// # Errors
/// Those of [`render`].
pub fn export(
    kind: &Kind,
    values: &Map<String, Json>,
    options: &Options<'_>,
    fonts: &FontStore,
    format: Format,
) -> Result<Vec<u8>> {
    if format == Format::Pdf {
        return render(kind, values, options, fonts).map(|made| made.pdf);
    }
    let (document, pages) = lay_out_values(kind, values, options, fonts)?;
    forbidden(kind, &pages.to_text())?;
    let meta = pdf::Meta { profile: Profile::A1b, ..meta(kind, values, options) };
    match format {
        Format::Ofd => ofd::write(&pages, &meta, fonts),
        Format::Docx => docx::write(&document, &meta),
        Format::Pdf | Format::PdfArchive => pdf::write(&pages, &Base::empty(), &meta, fonts),
    }
}
