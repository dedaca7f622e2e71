//! XML to a tree: quick-xml's events, pushed as they come.
//!
//! Kept: elements and attributes by their local names, text, CDATA, the five entities and numeric references. Left out:
//! comments, processing instructions, namespace declarations, white space between elements. Refused: DOCTYPE, hence
//! every entity of one's own. An element with both text and elements keeps its runs of text as `#text` children.

mod entity;
mod fault;
#[cfg(test)]
mod tests;

use quick_xml::events::{BytesRef, BytesStart, Event};
use quick_xml::reader::Reader;

use super::ReadSpec;
use super::tree::{Arena, Fault, Frame, Kind, Piece, TEXT_RUN, too_deep};

pub(super) use entity::{forbidden, resolve, unescape};

/// Findings that do not stop the reading.
pub(super) type Notes = Vec<Box<Fault>>;

type Step<T = ()> = Result<T, Box<Fault>>;

/// The charset an XML declaration names, if there is one at the beginning of the bytes.
pub(super) fn declared_charset(bytes: &[u8]) -> Option<String> {
    let head = bytes.get(..bytes.len().min(256)).unwrap_or_default();
    let head = head.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(head).trim_ascii_start();
    if !head.get(..5)?.eq_ignore_ascii_case(b"<?xml") {
        return None;
    }
    let declaration = head.get(..head.windows(2).position(|pair| pair == b"?>")?)?;
    let at = declaration.windows(8).position(|word| word.eq_ignore_ascii_case(b"encoding"))? + 8;
    let rest = declaration.get(at..)?.trim_ascii_start().strip_prefix(b"=")?.trim_ascii_start();
    let quote = rest.first().filter(|c| matches!(c, b'"' | b'\''))?;
    let label = rest.get(1..)?.split(|c| c == quote).next()?;
    std::str::from_utf8(label).ok().map(str::to_owned)
}

/// Reads `text` into the arena. `base` says in which buffer offsets count. Returns the node above the document element.
pub(super) fn parse(
    text: &str,
    base: u32,
    parent: u32,
    arena: &mut Arena,
    spec: &ReadSpec,
    notes: &mut Notes,
) -> Step<u32> {
    let end = base + text.len() as u32;
    let root = arena.push_root(Kind::Object, parent, base, end);
    let mut parser =
        Parser { text, base, arena, spec, notes, stack: Vec::with_capacity(8), carriage_returns: false };
    parser.stack.push(Open::new(root, 0));
    let controls = entity::controls(text);
    if controls.forbidden {
        let at = forbidden(text).unwrap_or(0);
        return Err(fault::control_character(text, at).within(root));
    }
    parser.carriage_returns = controls.carriage_return;
    match parser.run() {
        Ok(()) => Ok(root),
        Err(fault) => {
            let within = parser.stack.last().map_or(root, |open| open.frame.node);
            Err(if fault.within == 0 { fault.within(within) } else { fault })
        }
    }
}

/// An element whose end tag has not come yet.
struct Open {
    frame: Frame,
    /// Where its content begins.
    content: u32,
    run: Run,
    /// Whether it has elements inside.
    elements: bool,
    nil: bool,
}

/// The text since the last element; without a piece when there was none.
#[derive(Clone, Copy)]
struct Run {
    piece: Piece,
    /// Where it began in the text.
    at: u32,
    /// Whether it had to be put together in the side buffer; it is then the last thing there.
    kept: bool,
}

impl Run {
    const NONE: Self = Self { piece: Piece::NONE, at: 0, kept: false };
}

impl Open {
    fn new(node: u32, content: usize) -> Self {
        Self { frame: Frame::of(node), content: content as u32, run: Run::NONE, elements: false, nil: false }
    }
}

struct Parser<'p> {
    text: &'p str,
    base: u32,
    arena: &'p mut Arena,
    spec: &'p ReadSpec,
    notes: &'p mut Notes,
    /// The virtual root first.
    stack: Vec<Open>,
    carriage_returns: bool,
}

impl<'p> Parser<'p> {
    fn run(&mut self) -> Step {
        let mut reader = Reader::from_str(self.text);
        reader.config_mut().allow_dangling_amp = self.spec.lenient;
        let mut before = 0;
        loop {
            // Looked at in place: moving the event out of the result costs as much as parsing it.
            let event = reader.read_event();
            let after = reader.buffer_position() as usize;
            match &event {
                Ok(Event::Start(tag)) => self.open(tag, before, after, after - 1)?,
                Ok(Event::End(_)) => self.close(before, after)?,
                Ok(Event::Text(_)) => {
                    if self.spec.lenient {
                        self.note_ampersand(before, after);
                    }
                    self.add(before, after, before)?;
                }
                Ok(Event::Empty(tag)) => {
                    self.open(tag, before, after, after - 2)?;
                    self.close(after, after)?;
                }
                Ok(Event::CData(_)) => self.add(before + 9, after - 3, before)?,
                Ok(Event::GeneralRef(reference)) => self.reference(reference, before, after)?,
                Ok(Event::Decl(_)) if before > 0 => self.note(fault::late_declaration(before..after)),
                Ok(Event::PI(pi)) if pi.target().eq_ignore_ascii_case("xml") => {
                    self.note(fault::bad_declaration(before..after));
                }
                Ok(Event::Decl(_) | Event::PI(_) | Event::Comment(_)) => {}
                Ok(Event::DocType(_)) => return Err(fault::doctype(before..after)),
                Ok(Event::Eof) => return self.finish(),
                Err(error) => return Err(fault::of(error, reader.error_position() as usize, self.text)),
            }
            before = after;
        }
    }

    fn finish(&mut self) -> Step {
        let end = self.text.len();
        match (self.stack.len(), self.stack.last()) {
            (1, Some(root)) if root.elements => self.flush(end),
            (0 | 1, _) => Err(fault::no_element(end)),
            (_, open) => {
                let node = open.and_then(|open| self.arena.nodes.get(open.frame.node as usize));
                let at = node.map_or(end, |node| (node.start - self.base) as usize);
                let name = node.map_or("", |node| self.slice(node.name));
                Err(fault::unclosed(name, at..end))
            }
        }
    }

    /// The range in the text of a piece that was made by [`Self::piece`].
    fn range(&self, piece: Piece) -> std::ops::Range<usize> {
        let offset = |at: u32| at.wrapping_sub(self.base) as usize;
        offset(piece.start)..offset(piece.end)
    }

    fn slice(&self, piece: Piece) -> &str {
        self.text.get(self.range(piece)).unwrap_or_default()
    }

    fn piece(&self, from: usize, to: usize) -> Piece {
        Piece { start: self.base + from as u32, end: self.base + to as u32 }
    }

    fn open(&mut self, tag: &BytesStart<'_>, before: usize, after: usize, end_of_tag: usize) -> Step {
        self.flush(before)?;
        // The virtual root is on the stack too.
        if self.stack.len() > self.spec.limits.depth {
            return Err(too_deep(&self.spec.limits, before));
        }
        let name = tag.name().as_ref().len();
        let from = before + 1;
        let local = from + self.local(from, from + name)?;
        let piece = self.piece(local, from + name);
        let span = (self.base + before as u32, self.base + after as u32);
        let top = self.stack.len() == 1;
        let Some(above) = self.stack.last_mut() else { return Ok(()) };
        if top && above.elements {
            return Err(fault::second_element(before..after));
        }
        above.elements = true;
        let node = self.arena.push(&mut above.frame, Kind::Text, piece, Piece::NONE, span);
        let mut open = Open::new(node, after);
        if from + name < end_of_tag {
            self.attributes(tag, &mut open, from + name).map_err(|fault| fault.within(node))?;
        }
        self.stack.push(open);
        self.arena.check_nodes(&self.spec.limits, before)
    }

    /// Length of the prefix with its colon; refuses what is not a name.
    #[inline]
    fn local(&self, from: usize, to: usize) -> Step<usize> {
        let name = self.text.as_bytes().get(from..to).unwrap_or_default();
        let plain = match name {
            [first, rest @ ..] => {
                class(*first) == START && rest.iter().fold(START, |all, b| all | class(*b)) <= INSIDE
            }
            [] => false,
        };
        if plain { Ok(0) } else { self.prefixed(name, from) }
    }

    #[cold]
    fn prefixed(&self, name: &[u8], from: usize) -> Step<usize> {
        let prefix = name.iter().position(|b| *b == b':').map_or(0, |at| at + 1);
        let parts = [name.get(..prefix.saturating_sub(1)), name.get(prefix..)];
        let sound = |part: &[u8]| match part {
            [first, rest @ ..] => {
                class(*first) == START && rest.iter().fold(START, |all, b| all | class(*b)) <= INSIDE
            }
            [] => false,
        };
        if prefix > 0 && parts.iter().all(|part| part.is_some_and(sound)) {
            return Ok(prefix);
        }
        let range = from..from + name.len();
        Err(fault::bad_name(self.text.get(range.clone()).unwrap_or_default(), range))
    }

    fn attributes(&mut self, tag: &BytesStart<'_>, open: &mut Open, offset: usize) -> Step {
        let start_of_tag = offset - tag.name().as_ref().len();
        for attribute in tag.attributes() {
            let attribute = attribute.map_err(|error| fault::of_attribute(&error, start_of_tag, tag))?;
            let key = attribute.key.as_ref();
            let from = offset_of(key, self.text).unwrap_or(offset);
            let prefix = self.local(from, from + key.len())?;
            if key == "xmlns" || (prefix == 6 && key.starts_with("xmlns:")) {
                continue;
            }
            let value: &str = &attribute.value;
            let at = offset_of(value, self.text).unwrap_or(offset);
            let span = self.piece(at, at + value.len());
            let piece = if value.bytes().any(|b| matches!(b, b'&' | b'<' | b'\t' | b'\n' | b'\r')) {
                self.attribute_value(value, at)?
            } else {
                span
            };
            open.nil |= prefix > 0 && key.ends_with(":nil") && matches!(value, "true" | "1");
            let name = self.piece(from + prefix, from + key.len());
            self.arena.push(&mut open.frame, Kind::Attribute, name, piece, (span.start, span.end));
        }
        Ok(())
    }

    #[cold]
    fn attribute_value(&mut self, value: &str, at: usize) -> Step<Piece> {
        if let Some(less) = value.find('<') {
            return Err(fault::less_than_in_attribute(at + less));
        }
        // XML 1.0 §3.3.3: white space in attributes is read as spaces.
        let spaced = value.replace("\r\n", " ").replace(['\t', '\n', '\r'], " ");
        let plain = match unescape(&spaced, false) {
            Ok(plain) => plain,
            Err(unknown) => {
                let fault = fault::entity(&unknown, at..at + value.len());
                if !self.spec.lenient {
                    return Err(fault);
                }
                self.note(fault.within(self.arena.next_id()));
                unescape(&spaced, true).unwrap_or(spaced)
            }
        };
        self.arena.keep(&plain, &self.spec.limits)
    }

    /// Adds a piece of text, begun at `at`, to the run of the open element.
    #[inline]
    fn add(&mut self, from: usize, to: usize, at: usize) -> Step {
        let piece = self.piece(from, to);
        let Some(open) = self.stack.last_mut() else { return Ok(()) };
        if open.run.piece.is_none() && !self.carriage_returns {
            open.run = Run { piece, at: at as u32, kept: false };
            return Ok(());
        }
        let text = self.text.get(from..to).unwrap_or_default();
        if text.contains('\r') {
            // XML 1.0 §2.11: line ends are read as one newline.
            return self.append(&text.replace("\r\n", "\n").replace('\r', "\n"), at);
        }
        if open.run.piece.is_none() {
            open.run = Run { piece, at: at as u32, kept: false };
            return Ok(());
        }
        self.append(text, at)
    }

    /// Continues the run in the side buffer, after moving there what it was so far.
    fn append(&mut self, more: &str, at: usize) -> Step {
        let limits = &self.spec.limits;
        let mut run = self.stack.last().map_or(Run::NONE, |open| open.run);
        if run.piece.is_none() {
            run = Run { piece: self.arena.keep(more, limits)?, at: at as u32, kept: true };
        } else {
            if !run.kept {
                let before = self.text.get(self.range(run.piece)).unwrap_or_default();
                run = Run { piece: self.arena.keep(before, limits)?, kept: true, ..run };
            }
            run.piece.end = self.arena.keep(more, limits)?.end;
        }
        if let Some(open) = self.stack.last_mut() {
            open.run = run;
        }
        Ok(())
    }

    /// Remembers a finding; a message full of the same fault needs no more of them.
    fn note(&mut self, fault: Box<Fault>) {
        if self.notes.len() < self.spec.limits.findings {
            self.notes.push(fault);
        }
    }

    /// A lone `&` that the lenient reader took as text.
    fn note_ampersand(&mut self, from: usize, to: usize) {
        if self.text.as_bytes().get(from..to).unwrap_or_default().contains(&b'&') {
            let within = self.stack.last().map_or(0, |open| open.frame.node);
            self.note(fault::raw_ampersand(self.text, from).within(within));
        }
    }

    #[cold]
    fn reference(&mut self, reference: &BytesRef<'_>, before: usize, after: usize) -> Step {
        let name = reference.as_ref();
        let unknown =
            || fault::entity(&entity::Unknown { name: name.to_owned(), closed: true }, before..after);
        match resolve(name) {
            Some(c) => self.append(c.encode_utf8(&mut [0; 4]), before),
            None if self.spec.lenient => {
                let within = self.stack.last().map_or(0, |open| open.frame.node);
                self.note(unknown().within(within));
                let kept = self.text.get(before..after).unwrap_or_default();
                self.append(if name == "nbsp" { "\u{A0}" } else { kept }, before)
            }
            None => Err(unknown()),
        }
    }

    /// Ends the run of text before a tag inside an element with elements: white space is dropped, text becomes a child.
    #[inline]
    fn flush(&mut self, at: usize) -> Step {
        let Some(open) = self.stack.last_mut() else { return Ok(()) };
        let piece = open.run.piece;
        if piece.is_none() {
            return Ok(());
        }
        open.run.piece = Piece::NONE;
        let run = Run { piece, at: open.run.at, kept: open.run.kept };
        if self.is_blank(run) { Ok(()) } else { self.flush_text(run, at) }
    }

    fn is_blank(&self, run: Run) -> bool {
        let bytes = if run.kept {
            let range = (run.piece.start & Piece::OFFSET) as usize..(run.piece.end & Piece::OFFSET) as usize;
            self.arena.side.as_bytes().get(range)
        } else {
            self.text.as_bytes().get(self.range(run.piece))
        };
        bytes.unwrap_or_default().iter().all(|b| matches!(b, b' ' | b'\t' | b'\n' | b'\r'))
    }

    #[cold]
    fn flush_text(&mut self, run: Run, at: usize) -> Step {
        if self.stack.len() == 1 {
            return Err(fault::text_outside(run.at as usize..at));
        }
        let name = self.arena.keep(TEXT_RUN, &self.spec.limits)?;
        let span = self.piece(run.at as usize, at);
        if let Some(open) = self.stack.last_mut() {
            self.arena.push(&mut open.frame, Kind::Text, name, run.piece, (span.start, span.end));
        }
        self.arena.check_nodes(&self.spec.limits, at)
    }

    #[inline]
    fn close(&mut self, before: usize, after: usize) -> Step {
        if self.stack.last().is_some_and(|open| open.elements) {
            self.flush(before)?;
        }
        let Some(open) = self.stack.pop() else { return Ok(()) };
        let Some(node) = self.arena.nodes.get_mut(open.frame.node as usize) else { return Ok(()) };
        if open.elements {
            node.kind = Kind::Object;
            node.end = self.base + after as u32;
        } else {
            let content = Piece { start: self.base + open.content, end: self.base + before as u32 };
            if content.start < content.end {
                (node.start, node.end) = (content.start, content.end);
            } else {
                node.end = self.base + after as u32;
            }
            // Without a run there is nothing but comments between the tags.
            let empty = Piece { start: content.start, end: content.start };
            node.value = if open.run.piece.is_none() { empty } else { open.run.piece };
        }
        if open.nil && !open.elements {
            node.kind = Kind::Null;
            node.value = Piece::NONE;
        }
        Ok(())
    }
}

const START: u8 = 0;
const INSIDE: u8 = 1;

/// What a byte may be in a name: its beginning, inside it, or nothing. Every character beyond ASCII passes; names that
/// only Unicode's tables would refuse do no harm.
#[expect(clippy::indexing_slicing, reason = "evaluated by the compiler, which refuses an index out of range")]
static CLASSES: [u8; 256] = {
    let mut classes = [2; 256];
    let mut byte = 0;
    while byte < 256 {
        classes[byte] = match byte as u8 {
            b'a'..=b'z' | b'A'..=b'Z' | b'_' | 0x80.. => START,
            b'0'..=b'9' | b'-' | b'.' => INSIDE,
            _ => 2,
        };
        byte += 1;
    }
    classes
};

fn class(byte: u8) -> u8 {
    CLASSES.get(usize::from(byte)).copied().unwrap_or(2)
}

/// Where a part of the text begins in it; none when the part lies elsewhere.
#[inline]
pub(super) fn offset_of(part: &str, text: &str) -> Option<usize> {
    let offset = part.as_ptr().addr().checked_sub(text.as_ptr().addr())?;
    (offset + part.len() <= text.len()).then_some(offset)
}
