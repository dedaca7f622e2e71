//! Zip archives with the same bytes for the same content: names in UTF-8, no clock.

use std::io::{Seek, Write};
use std::sync::{Arc, Mutex};

use zip::write::{SimpleFileOptions, StreamWriter};
use zip::{CompressionMethod, DateTime, ZipWriter};

use crate::error::{Error, Result};

/// Writes an archive file by file; memory is that of one file's buffers.
pub struct ArchiveWriter<W: Write + Seek> {
    zip: ZipWriter<W>,
}

impl<W: Write + Seek> ArchiveWriter<W> {
    /// Begins an archive.
    pub fn new(out: W) -> Self {
        Self { zip: ZipWriter::new(out) }
    }

    /// Adds a file. What is compressed already, such as PDF and photographs, is stored as it is.
    ///
    /// # Errors
    /// Two files of one name, or the disk is full.
    pub fn add(&mut self, name: &str, bytes: &[u8]) -> Result<()> {
        let packed =
            [".pdf", ".jpg", ".jpeg", ".png", ".xlsx"].iter().any(|it| name.to_lowercase().ends_with(it));
        let method = if packed { CompressionMethod::Stored } else { CompressionMethod::Deflated };
        let options = SimpleFileOptions::default()
            .compression_method(method)
            .last_modified_time(DateTime::default())
            .unix_permissions(0o644);
        self.zip.start_file(name, options).map_err(failed)?;
        self.zip.write_all(bytes).map_err(failed)
    }

    /// Ends the archive.
    ///
    /// # Errors
    /// The disk is full.
    pub fn finish(self) -> Result<W> {
        self.zip.finish().map_err(failed)
    }
}

/// Writes an archive that is sent while it is made: each call hands out the bytes that came of it. Memory: one file.
///
/// Sizes stand behind the files instead of before them (data descriptors, APPNOTE 4.3.9), as nothing sent can be mended.
pub struct ArchiveStream {
    archive: ArchiveWriter<StreamWriter<Tap>>,
    out: Tap,
}

impl Default for ArchiveStream {
    fn default() -> Self {
        Self::new()
    }
}

impl ArchiveStream {
    /// Begins an archive.
    #[must_use]
    pub fn new() -> Self {
        let out = Tap::default();
        Self { archive: ArchiveWriter { zip: ZipWriter::new_stream(out.clone()) }, out }
    }

    /// Adds a file; the bytes to be sent.
    ///
    /// # Errors
    /// Two files of one name.
    pub fn add(&mut self, name: &str, bytes: &[u8]) -> Result<Vec<u8>> {
        self.archive.add(name, bytes)?;
        self.archive.zip.flush().map_err(failed)?;
        Ok(self.out.take())
    }

    /// Ends the archive; the last bytes to be sent.
    ///
    /// # Errors
    /// None that are known: nothing is written to a disk.
    pub fn finish(self) -> Result<Vec<u8>> {
        self.archive.finish()?;
        Ok(self.out.take())
    }
}

/// What was written and not yet taken.
#[derive(Debug, Clone, Default)]
struct Tap(Arc<Mutex<Vec<u8>>>);

impl Tap {
    fn take(&self) -> Vec<u8> {
        // Nobody can panic while holding the lock.
        self.0.lock().map(|mut it| std::mem::take(&mut *it)).unwrap_or_default()
    }
}

impl Write for Tap {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        if let Ok(mut out) = self.0.lock() {
            out.extend_from_slice(bytes);
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

fn failed(cause: impl std::fmt::Display) -> Error {
    Error::internal(format!("archive: {cause}"))
}

/// A file name of a text: what file systems forbid becomes `_`, and it is cut so that it fits with an ending.
#[must_use]
pub fn file_name(text: &str) -> String {
    let name: String = text
        .chars()
        .map(|c| if c.is_control() || r#"/\:*?"<>|"#.contains(c) { '_' } else { c })
        .take(80)
        .collect();
    let name = name.trim().trim_matches('.').to_owned();
    if name.is_empty() { "_".to_owned() } else { name }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_archive_sent_in_pieces_is_read_like_any_other() {
        let mut stream = ArchiveStream::new();
        let mut sent = stream.add("明细.xlsx", b"PK").unwrap();
        assert!(!sent.is_empty(), "nothing is held back");
        sent.extend(stream.add("0002 告知书.pdf", b"%PDF-1.7").unwrap());
        sent.extend(stream.add("说明.txt", b"text").unwrap());
        sent.extend(stream.finish().unwrap());
        let mut read = zip::ZipArchive::new(std::io::Cursor::new(sent)).unwrap();
        let mut pdf = Vec::new();
        std::io::Read::read_to_end(&mut read.by_index(1).unwrap(), &mut pdf).unwrap();
        assert_eq!((read.len(), pdf.as_slice()), (3, b"%PDF-1.7".as_slice()));
    }

    #[test]
    fn the_same_files_give_the_same_archive_and_names_survive() {
        let make = || {
            let mut archive = ArchiveWriter::new(std::io::Cursor::new(Vec::new()));
            archive.add("正本.pdf", b"%PDF-").unwrap();
            archive.add("要素.json", b"{}").unwrap();
            archive.finish().unwrap().into_inner()
        };
        assert_eq!(make(), make());
        let mut read = zip::ZipArchive::new(std::io::Cursor::new(make())).unwrap();
        let names: Vec<String> =
            (0..2).map(|n| read.by_index(n).unwrap().name().unwrap().to_string()).collect();
        assert_eq!(names, ["正本.pdf", "要素.json"]);
        assert_eq!(file_name("a/b\\c:..\u{7}"), "a_b_c_.._");
        assert_eq!(file_name("../../etc"), "_.._etc");
    }
}
