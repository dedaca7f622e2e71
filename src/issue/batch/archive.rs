//! The issued documents of a batch as one zip file with an index, made piece by piece while it is sent.

use std::collections::VecDeque;

use super::workbook::faults;
use crate::error::{Error, Result};
use crate::format::write::{ArchiveStream, Column, ColumnKind, SheetWriter, file_name};
use crate::store::{
    BatchId, Conn, DocumentState, FileRole, IssuedItem, ItemFilter, ItemState, Store, list_batch_items,
    list_document_files, list_issued_items, load_document_file,
};

/// Rows read at once.
const AT_ONCE: i64 = 200;

/// An archive that is being made. Memory: the index and one document.
pub struct BatchArchive {
    store: Store,
    batch: BatchId,
    /// Documents still to be added; none before the index is made.
    waiting: Option<VecDeque<(String, IssuedItem)>>,
    /// None once it is finished.
    stream: Option<ArchiveStream>,
}

impl BatchArchive {
    /// Begins the archive of what is issued so far.
    #[must_use]
    pub fn begin(store: Store, batch: BatchId) -> Self {
        Self { store, batch, waiting: None, stream: Some(ArchiveStream::new()) }
    }

    /// The next bytes: the index first, then one document each, then the directory; none at the end.
    ///
    /// # Errors
    /// What the store says; the archive is then of no use.
    pub fn next_piece(&mut self) -> Result<Option<Vec<u8>>> {
        let Some(mut stream) = self.stream.take() else { return Ok(None) };
        let Some(waiting) = &mut self.waiting else {
            let (index, files) = self.store.read(|conn| index(conn, &self.batch))?;
            self.waiting = Some(files);
            let piece = stream.add("明细.xlsx", &index)?;
            self.stream = Some(stream);
            return Ok(Some(piece));
        };
        let Some((name, item)) = waiting.pop_front() else { return stream.finish().map(Some) };
        let bytes = self.store.read(|conn| final_file(conn, &item))?;
        let piece = stream.add(&name, &bytes)?;
        self.stream = Some(stream);
        Ok(Some(piece))
    }
}

fn final_file(conn: &mut Conn, item: &IssuedItem) -> Result<Vec<u8>> {
    let files = list_document_files(conn, &item.document)?;
    let file = files.iter().find(|it| it.role == FileRole::Final);
    let found = file.map(|it| load_document_file(conn, &it.id)).transpose()?.flatten();
    let (_, bytes) = found
        .ok_or_else(|| Error::internal(format!("document {} is issued without a file", item.document)))?;
    Ok(bytes)
}

/// A line of the index by its row: what became of it.
type Line = (i32, [String; 6]);

/// The files to come, each with its name in the archive.
type Files = VecDeque<(String, IssuedItem)>;

/// The index as a workbook, and the files that follow it.
fn index(conn: &mut Conn, batch: &BatchId) -> Result<(Vec<u8>, Files)> {
    let (mut lines, files) = issued(conn, batch)?;
    for state in [ItemState::Failed, ItemState::Faulty, ItemState::Ready] {
        lines.extend(unissued(conn, batch, state)?);
    }
    lines.sort_by_key(|(row, _)| *row);
    let column = |(title, width): (&str, u16)| Column {
        title: title.to_owned(),
        kind: ColumnKind::Text,
        width,
        note: None,
    };
    let heads =
        [("行号", 8), ("结果", 10), ("文号", 26), ("标题", 44), ("文件", 60), ("SHA-256", 66), ("说明", 60)];
    let mut sheet = SheetWriter::new("明细", None, heads.into_iter().map(column).collect())?;
    for (row, line) in lines {
        let mut cells = vec![row.to_string()];
        cells.extend(line);
        sheet.row(&cells)?;
    }
    Ok((sheet.finish()?, files))
}

fn issued(conn: &mut Conn, batch: &BatchId) -> Result<(Vec<Line>, Files)> {
    let (mut lines, mut files, mut after) = (Vec::new(), VecDeque::new(), 0);
    loop {
        let items = list_issued_items(conn, batch, after, AT_ONCE)?;
        let Some(last) = items.last() else { break };
        after = last.row;
        for item in items {
            let number = item.number.clone().unwrap_or_default();
            let name = file_name(format!("{:04} {number} {}", item.row, item.title).trim());
            let (name, note) = match item.state {
                DocumentState::Void => (String::new(), "已作废，不附文件。"),
                _ => (format!("{name}.pdf"), ""),
            };
            let sha256 = item.sha256.clone().unwrap_or_default();
            let result = item.state.title().to_owned();
            lines.push((
                item.row,
                [result, number, item.title.clone(), name.clone(), sha256, note.to_owned()],
            ));
            if !name.is_empty() {
                files.push_back((name, item));
            }
        }
    }
    Ok((lines, files))
}

fn unissued(conn: &mut Conn, batch: &BatchId, state: ItemState) -> Result<Vec<Line>> {
    let mut filter = ItemFilter { state: Some(state), ..ItemFilter::default() };
    let mut lines = Vec::new();
    loop {
        let items = list_batch_items(conn, batch, filter, AT_ONCE)?;
        let Some(last) = items.last() else { break };
        filter.after = last.row;
        for item in items {
            let empty = String::new;
            let line =
                [state.title().to_owned(), empty(), item.title.clone(), empty(), empty(), faults(&item)?];
            lines.push((item.row, line));
        }
    }
    Ok(lines)
}
