//! Reading a whole message: size, charset, then the parser of its format.

use std::io::{Cursor, Read, Seek};

use super::tree::{Arena, Fault, Frame, NOTHING, Piece, Style, size};
use super::{Format, Kind, Limits, NodeId, ReadSpec, Table, Tree, form, frame, json, xml};
use crate::error::{Code, Place, Problem, Severity, codes};
use crate::text::charset::{self, Charset, Decoded};

/// A message that was read.
#[derive(Debug, Clone)]
pub struct Document<'a> {
    /// Its content.
    pub tree: Tree<'a>,
    /// Warnings found on the way, each with its place.
    pub problems: Vec<Problem>,
    /// The charset the bytes were in; UTF-8 for workbooks.
    pub charset: Charset,
}

/// Reads a whole message.
///
/// # Errors
/// All findings, at least one of them an error with its place. Bytes that cannot be decoded are an error, even when the
/// rest can be read, because a replaced character must never reach a record. A table with one bad row is refused as a
/// whole; [`Table`] gives each row its own verdict.
pub fn read<'a>(bytes: &'a [u8], spec: &ReadSpec) -> Result<Document<'a>, Vec<Problem>> {
    let limits = &spec.limits;
    if bytes.len() > limits.message() {
        return Err(vec![too_large(bytes.len(), limits)]);
    }
    if bytes.trim_ascii().is_empty() {
        return Err(vec![Problem::error(codes::format::EMPTY_MESSAGE, "报文是空的。", "请核对发送的内容。")]);
    }
    if spec.format == Format::Xlsx {
        let tree = Tree::new("".into(), Arena::default(), Style::Grid);
        let mut document = Document { tree, problems: Vec::new(), charset: Charset::Utf8 };
        whole_table(&mut document, Cursor::new(bytes), "", spec)?;
        return Ok(document);
    }
    let mut problems = Vec::new();
    if spec.format == Format::Frame {
        frame::split(bytes).map_err(|problem| vec![problem])?;
    }
    let decoded = charset::decode(bytes, declared(bytes, spec).as_deref());
    problems.extend(charset_problems(&decoded));
    let charset = decoded.used;
    let mut tree = Tree::new(decoded.text, Arena::default(), style(spec.format));
    tree.mark = decoded.mark as u32;
    tree.decoded = charset != Charset::Utf8;
    if tree.text.len() > limits.message().saturating_mul(2).min(Limits::ADDRESSABLE) {
        return Err(vec![too_large(tree.text.len(), limits)]);
    }
    if spec.format == Format::Csv {
        let text = std::mem::take(&mut tree.text);
        let spec = ReadSpec { charset: None, header_charset: None, ..spec.clone() };
        let mut document = Document { tree, problems, charset };
        whole_table(&mut document, Cursor::new(text.as_bytes()), &text, &spec)?;
        document.tree.text = text;
        return Ok(document);
    }
    tree.arena = Arena::for_text(tree.text.len());
    let mut notes = Vec::new();
    let parsed = {
        let (text, arena) = (&tree.text, &mut tree.arena);
        match spec.format {
            Format::Json => json::parse(text, Piece::TEXT, NOTHING, arena, spec, &mut notes),
            Format::Form => form::parse(text, Piece::TEXT, NOTHING, arena, spec),
            Format::Frame => frame::parse(text, arena),
            _ => xml::parse(text, Piece::TEXT, NOTHING, arena, spec, &mut notes),
        }
    };
    problems.extend(notes.into_iter().map(|note| located(&tree, *note, Piece::TEXT, Problem::warning)));
    if let Err(fault) = parsed {
        problems.push(located(&tree, *fault, Piece::TEXT, Problem::error));
    }
    if problems.iter().any(|it| it.severity == Severity::Error) {
        return Err(problems);
    }
    Ok(Document { tree, problems, charset })
}

/// Reads all rows of a table into the tree of a document.
fn whole_table<R: Read + Seek>(
    document: &mut Document<'_>,
    reader: R,
    text: &str,
    spec: &ReadSpec,
) -> Result<(), Vec<Problem>> {
    let Document { tree, problems, .. } = document;
    let mut table = Table::open(reader, spec)?;
    let mut rows = table.rows()?;
    tree.style = rows.style().clone();
    tree.names = rows.names();
    let root = tree.arena.push_root(Kind::Array, NOTHING, 0, 0);
    let mut frame = Frame::of(root);
    while let Some(line) = rows.next_line() {
        let pushed = line.and_then(|mut line| {
            problems.append(&mut line.problems);
            let room = tree.arena.check_nodes(&spec.limits, 0);
            let piece = room.and_then(|()| tree.arena.keep(&line.text, &spec.limits));
            let piece = piece.map_err(|fault| located(tree, *fault, Piece::TEXT, Problem::error))?;
            rows.push_row(&line, text, piece.start, &mut frame, tree);
            Ok(())
        });
        if let Err(problem) = pushed {
            problems.push(problem);
            break;
        }
        if problems.len() >= spec.limits.findings {
            let rule = format!("问题超过 {} 处，其余不再列出。", spec.limits.findings);
            let hint = "请先改正已列出的问题。";
            problems.push(Problem::error(codes::format::TOO_MANY_FINDINGS, rule, hint));
            break;
        }
    }
    problems.extend(rows.warnings());
    if problems.iter().any(|it| it.severity == Severity::Error) {
        return Err(std::mem::take(problems));
    }
    Ok(())
}

fn style(format: Format) -> Style {
    match format {
        Format::Json => Style::Pointer,
        Format::Csv => Style::Grid,
        _ => Style::Xml,
    }
}

fn declared(bytes: &[u8], spec: &ReadSpec) -> Option<String> {
    let in_message = || match spec.format {
        Format::Xml => xml::declared_charset(bytes),
        // The header of a frame is ASCII; its XML declares the charset of both.
        Format::Frame => xml::declared_charset(frame::split(bytes).ok()?.signed),
        _ => None,
    };
    spec.charset.clone().or_else(in_message).or_else(|| spec.header_charset.clone())
}

/// Gives a fault its place. `base` is where the text that was parsed begins.
pub(super) fn located(
    tree: &Tree<'_>,
    fault: Fault,
    base: u32,
    level: fn(Code, String, String) -> Problem,
) -> Problem {
    let at = fault.at.start as u32 + base..fault.at.end as u32 + base;
    let place = tree.place_at(NodeId(fault.within), at.start, at.end);
    let problem = level(fault.code, fault.rule, fault.hint).at(place);
    match fault.value {
        Some(value) => problem.showing(&value),
        None => problem,
    }
}

fn too_large(length: usize, limits: &Limits) -> Problem {
    Problem::error(
        codes::format::TOO_LARGE,
        format!("报文有 {}，上限是 {}。", size(length as u64), size(limits.message() as u64)),
        "请分批发送，或改用 CSV、XLSX 批量导入。",
    )
}

/// What decoding found: a wrong declaration, bytes that no charset explains.
pub(super) fn charset_problems(decoded: &Decoded<'_>) -> Vec<Problem> {
    let mut problems = Vec::new();
    let used = decoded.used.label();
    if let Some(declared) = decoded.declared.as_deref().filter(|_| decoded.mismatch) {
        let rule = format!("声明的字符集是 {declared}，内容实际是 {used}，已按实际读取。");
        let hint = format!("请发送方把声明改为 {used}，或按声明的字符集编码。");
        problems.push(Problem::warning(codes::format::CHARSET_MISMATCH, rule, hint).showing(declared));
    }
    if let Some(replaced) = decoded.replaced {
        let at = replaced.offset as u64;
        let rule = format!("有 {} 处字节不能按 {used} 解码，第一处在第 {} 字节。", replaced.count, at + 1);
        let place = Place { start: at, end: at + 1, ..Place::default() };
        problems.push(
            Problem::error(
                codes::format::CHARSET_UNDECODABLE,
                rule,
                "请核对编码后重发；解码不了的字不能入库。",
            )
            .at(place),
        );
    }
    problems
}
