//! Workbooks: the parts of the package that hold data, read as streams.
//!
//! Read with zip and quick-xml directly, for three reasons: the digits of a number are taken as the file has them (a reader
//! that goes through floats loses the end of 18-digit numbers that other programs store exactly), every part is unpacked
//! through a [`Guard`], and nothing is allocated because a file claims a size.

mod merged;
mod number;
mod parts;
mod sheet;
mod strings;
mod styles;
#[cfg(test)]
mod tests;

use std::io::{BufReader, Read, Seek, SeekFrom};

use quick_xml::events::{BytesStart, Event};
use quick_xml::reader::Reader;
use zip::ZipArchive;
use zip::read::ZipFile;

use super::guard::{Guard, GuardLimits, Tripped};
use super::tree::size;
use super::{Limits, ReadSpec};
use crate::error::{Problem, codes};

pub(super) use sheet::SheetRows;
use strings::Strings;
use styles::Styles;

type Checked<T> = Result<T, Problem>;

/// A workbook with the sheet to be read chosen.
pub(super) struct Workbook<R> {
    archive: ZipArchive<R>,
    strings: Strings,
    styles: Styles,
    sheet: String,
    part: String,
}

impl<R: Read + Seek> Workbook<R> {
    pub fn open(mut reader: R, spec: &ReadSpec) -> Result<Self, Vec<Problem>> {
        let mut magic = [0; 8];
        let read = reader.read(&mut magic).unwrap_or(0);
        if magic.get(..read).is_some_and(|head| head.starts_with(&[0xD0, 0xCF, 0x11, 0xE0])) {
            return Err(vec![unreadable("这是旧版 .xls 或加了密码的工作簿。")]);
        }
        let archive = reader.seek(SeekFrom::Start(0)).ok().and_then(|_| ZipArchive::new(reader).ok());
        let Some(mut archive) = archive else {
            return Err(vec![unreadable("不是 xlsx 文件，或文件已损坏。")]);
        };
        let book = parts::find(&mut archive, &spec.limits).map_err(|problem| vec![problem])?;
        let chosen = match &spec.table.sheet {
            Some(name) => book.sheets.iter().find(|sheet| sheet.name.trim() == name.trim()),
            None => book.sheets.iter().find(|sheet| !sheet.hidden).or(book.sheets.first()),
        };
        let Some(chosen) = chosen else {
            let names: Vec<&str> = book.sheets.iter().map(|sheet| sheet.name.as_str()).collect();
            let wanted = spec.table.sheet.as_deref().unwrap_or_default();
            let rule = format!("没有名为“{wanted}”的工作表；现有：{}。", names.join("、"));
            return Err(vec![Problem::error(codes::format::SHEET_MISSING, rule, "请按约定修改工作表名称。")]);
        };
        let (sheet, part) = (chosen.name.clone(), chosen.part.clone());
        let load = |archive: &mut ZipArchive<R>| {
            let strings = Strings::load(archive, book.strings.as_deref(), &spec.limits)?;
            let styles = Styles::load(archive, book.styles.as_deref(), book.from_1904, &spec.limits)?;
            Ok((strings, styles))
        };
        let (strings, styles) = load(&mut archive).map_err(|problem: Problem| vec![problem])?;
        Ok(Self { archive, strings, styles, sheet, part })
    }

    /// Name of the sheet.
    pub fn sheet(&self) -> &str {
        &self.sheet
    }

    /// The rows of the sheet. Merged ranges stand behind the rows in the file, so the sheet is unpacked twice.
    pub fn rows(&mut self, spec: &ReadSpec) -> Result<SheetRows<'_, R>, Vec<Problem>> {
        let merged = merged::merged_down(&mut self.archive, &self.part, &spec.limits)
            .map_err(|problem| vec![problem])?;
        let xml = open_part(&mut self.archive, &self.part, &spec.limits)
            .and_then(|xml| xml.ok_or_else(|| unreadable("工作表的内容不在文件里。")))
            .map_err(|problem| vec![problem])?;
        Ok(SheetRows::new(xml, &self.strings, &self.styles, &self.sheet, merged, &spec.limits))
    }
}

/// A part that is being unpacked.
pub(super) type Part<'z, R> = BufReader<Guard<ZipFile<'z, R>>>;

/// Events of a part, with a buffer of their own.
pub(super) struct Events<'z, R: Read> {
    reader: Reader<Part<'z, R>>,
    buffer: Vec<u8>,
    name: String,
    limits: Limits,
}

impl<'z, R: Read> Events<'z, R> {
    fn new(part: Part<'z, R>, name: &str, limits: &Limits) -> Self {
        let mut reader = Reader::from_reader(part);
        // Parts may be entered in the middle, behind what need not be parsed.
        reader.config_mut().check_end_names = false;
        reader.config_mut().allow_unmatched_ends = true;
        Self { reader, buffer: Vec::with_capacity(512), name: name.to_owned(), limits: limits.clone() }
    }

    /// The next event; none at the end of the part.
    pub fn next(&mut self) -> Checked<Option<Event<'_>>> {
        self.buffer.clear();
        self.reader.get_mut().get_mut().complete();
        match self.reader.read_event_into(&mut self.buffer) {
            Ok(Event::Eof) => Ok(None),
            Ok(Event::DocType(_)) => Err(unreadable("工作簿里有 DOCTYPE。")),
            Ok(event) => Ok(Some(event)),
            Err(_) => {
                let guard = self.reader.get_ref().get_ref();
                Err(stopped(guard.tripped(), &self.name, &self.limits))
            }
        }
    }
}

/// Opens a part; none when the package has none of this name.
pub(super) fn open_part<'z, R: Read + Seek>(
    archive: &'z mut ZipArchive<R>,
    name: &str,
    limits: &Limits,
) -> Checked<Option<Events<'z, R>>> {
    Ok(open_raw(archive, name, limits)?.map(|part| Events::new(part, name, limits)))
}

fn open_raw<'z, R: Read + Seek>(
    archive: &'z mut ZipArchive<R>,
    name: &str,
    limits: &Limits,
) -> Checked<Option<Part<'z, R>>> {
    let exact = archive.index_for_name(name);
    let index = exact.or_else(|| {
        // Part names are compared without regard to case (ECMA-376-2 §6.2.2.3).
        let mut names = archive.file_names();
        names.position(|it| it.is_ok_and(|it| it.replace('\\', "/").eq_ignore_ascii_case(name)))
    });
    let Some(index) = index else { return Ok(None) };
    let file =
        archive.by_index(index).map_err(|_damaged| unreadable("压缩包里的内容打不开，可能已加密或损坏。"))?;
    let guard = GuardLimits {
        total: limits.workbook,
        packed: Some((file.compressed_size(), limits.ratio)),
        row: limits.row,
    };
    Ok(Some(BufReader::new(Guard::new(file, guard))))
}

/// The value of an attribute by local name.
pub(super) fn attribute(tag: &BytesStart<'_>, name: &str) -> Option<String> {
    let found =
        tag.attributes().with_checks(false).flatten().find(|it| it.key.local_name().as_ref() == name)?;
    super::xml::unescape(&found.value, true).ok()
}

fn stopped(tripped: Option<Tripped>, part: &str, limits: &Limits) -> Problem {
    let expands = |rule: String| {
        Problem::error(
            codes::format::EXPANDS_TOO_MUCH,
            rule,
            "请检查文件是否正常；数据很多时请拆分或改用 CSV。",
        )
    };
    match tripped {
        Some(Tripped::Total) => expands(format!("工作簿解压后超过 {}。", size(limits.workbook))),
        Some(Tripped::Ratio) => expands(format!("工作簿的压缩比超过 {} 倍，疑似压缩炸弹。", limits.ratio)),
        Some(Tripped::Row) => expands(format!("一个单元格或一段内容超过 {}。", size(limits.row as u64))),
        None => unreadable(&format!("内部文件 {part} 已损坏。")),
    }
}

pub(super) fn unreadable(what: &str) -> Problem {
    Problem::error(
        codes::format::WORKBOOK_UNREADABLE,
        what,
        "请用表格软件打开后另存为 xlsx（不加密码）再发。",
    )
}
