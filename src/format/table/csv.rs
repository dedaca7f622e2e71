//! Lines of a CSV file: decoded as they are read, taken apart by the csv crate.

use std::io::Read;

use csv::{Reader, ReaderBuilder, StringRecord};

use super::super::guard::{Guard, GuardLimits, Tripped};
use super::super::tree::{Kind, Style};
use super::super::{Limits, ReadSpec};
use super::{Cell, Line, row_place};
use crate::error::{Problem, codes};
use crate::text::charset::{Charset, Utf8Reader};

pub(super) struct CsvLines<R> {
    reader: Reader<Guard<Utf8Reader<R>>>,
    record: StringRecord,
    limits: Limits,
    declared: Option<String>,
    /// Newlines inside quoted cells so far: they are lines of the file but not rows of the table.
    inner_lines: u64,
    last: u32,
    mark: u64,
}

impl<R: Read> CsvLines<R> {
    pub fn new(reader: R, spec: &ReadSpec) -> Self {
        let declared = spec.charset.clone().or_else(|| spec.header_charset.clone());
        let limits = GuardLimits { total: u64::MAX, packed: None, row: spec.limits.row };
        let guard = Guard::new(Utf8Reader::new(reader, declared.as_deref()), limits);
        let reader = ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .delimiter(spec.table.delimiter)
            .from_reader(guard);
        Self {
            reader,
            record: StringRecord::new(),
            limits: spec.limits.clone(),
            declared,
            inner_lines: 0,
            last: 0,
            mark: 0,
        }
    }

    pub fn charset(&self) -> Charset {
        self.reader.get_ref().inner().used()
    }

    pub fn charset_warning(&self) -> Option<Problem> {
        let source = self.reader.get_ref().inner();
        let declared = self.declared.as_deref().filter(|_| source.mismatch())?;
        let used = source.used().label();
        let rule = format!("约定的字符集是 {declared}，文件实际是 {used}，已按实际读取。");
        Some(
            Problem::warning(codes::format::CHARSET_MISMATCH, rule, "请核对导出时选用的字符集。")
                .showing(declared),
        )
    }

    pub fn next(&mut self) -> Option<Result<Line, Problem>> {
        match self.reader.read_record(&mut self.record) {
            Ok(false) => None,
            Ok(true) => Some(self.line()),
            Err(_) => Some(Err(self.stopped())),
        }
    }

    fn line(&mut self) -> Result<Line, Problem> {
        self.reader.get_mut().complete();
        self.mark = self.reader.get_ref().inner().mark() as u64;
        let record = &self.record;
        let newlines = record.as_slice().bytes().filter(|b| *b == b'\n').count() as u64;
        let guard = self.reader.get_ref();
        // The parser has counted the newlines it consumed. The one that ends this row is among them, unless the row ended
        // with the carriage return before it or with the file.
        let consumed = self.reader.position().line().saturating_sub(1);
        let pending = u64::from(guard.crlf() || guard.ended());
        let line = (consumed + pending).saturating_sub(newlines).max(1);
        let number = u32::try_from(line.saturating_sub(self.inner_lines)).unwrap_or(u32::MAX);
        // Files whose lines end with a carriage return alone have no newlines to count.
        let number = if number > self.last { number } else { self.last + 1 };
        self.inner_lines += newlines;
        let start = record.position().map_or(0, csv::Position::byte);
        let end = self.reader.position().byte();
        // Quotation marks come in pairs; when the file ends with one left over, the last row has swallowed what follows it.
        if newlines > 0 && guard.ended() && guard.quotes() % 2 == 1 {
            return Err(unpaired(number, line));
        }
        if record.len() > self.limits.columns {
            let rule = format!("这一行有 {} 列，最多 {} 列。", record.len(), self.limits.columns);
            let problem = Problem::error(codes::format::TOO_MANY_NODES, rule, "请核对分隔符。");
            return Err(problem.at(row_place(&Style::Grid, number)));
        }
        self.last = number;
        let cells = (0..record.len()).filter_map(|at| {
            let range = record.range(at)?;
            let (from, to) = (range.start as u32, range.end as u32);
            (from < to).then_some(Cell { column: at as u32, from, to, kind: Kind::Text, origin: 0 })
        });
        Ok(Line {
            number,
            line: u32::try_from(line).unwrap_or(u32::MAX),
            span: (start + self.mark, end + self.mark),
            cells: cells.collect(),
            text: record.as_slice().to_owned(),
            problems: Vec::new(),
        })
    }

    /// Why the reader gave an error: the only ones possible are our own limit and the disk.
    fn stopped(&self) -> Problem {
        let next = self.last + 1;
        match self.reader.get_ref().tripped() {
            Some(Tripped::Row) if self.reader.get_ref().quotes() % 2 == 1 => unpaired(next, 0),
            Some(_) => Problem::error(
                codes::format::TOO_LARGE,
                format!("第 {next} 行超过 {} 的上限。", super::super::tree::size(self.limits.row as u64)),
                "请核对换行和引号。",
            )
            .at(row_place(&Style::Grid, next)),
            None => Problem::error(codes::format::CSV_UNREADABLE, "文件读取中断。", "请重新上传文件。")
                .at(row_place(&Style::Grid, next)),
        }
    }
}

fn unpaired(number: u32, line: u64) -> Problem {
    let mut place = row_place(&Style::Grid, number);
    place.line = u32::try_from(line).ok().filter(|line| *line > 0);
    Problem::error(
        codes::format::CSV_UNREADABLE,
        format!("从第 {number} 行起引号没有成对，后面的行都被当作一个单元格。"),
        "请检查这一行的双引号；内容里的双引号要写成两个。",
    )
    .at(place)
}
