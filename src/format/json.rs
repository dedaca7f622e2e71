//! JSON to a tree: jiter's tokens with their positions, without recursion.
//!
//! Numbers stay the digits that were written, so an 18-digit certificate number keeps its end. Keys stay as written,
//! trailing spaces included. A key that stands twice in one object is refused: nobody can say which one is meant.

mod fault;
mod relax;
#[cfg(test)]
mod tests;

use jiter::{Jiter, JiterResult, Peek};

use super::ReadSpec;
use super::tree::{Arena, Fault, Frame, Kind, Piece, too_deep};
use super::xml::{Notes, forbidden, offset_of};

type Step<T = ()> = Result<T, Box<Fault>>;

/// Reads `text` into the arena; `base` says in which buffer offsets count. Returns the root: the top value, or an array of
/// the top values when the message may hold several.
pub(super) fn parse(
    text: &str,
    base: u32,
    parent: u32,
    arena: &mut Arena,
    spec: &ReadSpec,
    notes: &mut Notes,
) -> Step<u32> {
    let relaxed = if spec.lenient { relax::relax(text, notes) } else { None };
    let scanned = relaxed.as_deref().unwrap_or(text);
    let root = arena.next_id();
    let mut parser =
        Parser { text: scanned, original: text, base, arena, spec, stack: Vec::with_capacity(8) };
    let mut tokens = Jiter::new(scanned.as_bytes());
    let done =
        if spec.many { parser.documents(&mut tokens, parent) } else { parser.single(&mut tokens, parent) };
    match done {
        Ok(()) => Ok(root),
        Err(fault) => {
            let within = parser.stack.last().map_or(root, |open| open.frame.node);
            if arena.nodes.len() as u32 == root {
                arena.push_root(Kind::Null, parent, base, base + text.len() as u32);
            }
            Err(if fault.within == 0 { fault.within(within) } else { fault })
        }
    }
}

/// An object or array that is not closed yet.
struct Open {
    frame: Frame,
    array: bool,
    /// How many children came so far.
    count: u32,
}

struct Parser<'p> {
    /// What jiter reads; as long as the original, byte for byte.
    text: &'p str,
    original: &'p str,
    base: u32,
    arena: &'p mut Arena,
    spec: &'p ReadSpec,
    stack: Vec<Open>,
}

impl Parser<'_> {
    fn single(&mut self, tokens: &mut Jiter<'_>, parent: u32) -> Step {
        let peek = self.ask(tokens.peek())?;
        let at = tokens.current_index();
        let root = self.arena.push_root(Kind::Null, parent, self.offset(at), self.offset(at));
        self.value(tokens, peek, root)?;
        self.run(tokens, 0)?;
        self.ask(tokens.finish())
    }

    fn documents(&mut self, tokens: &mut Jiter<'_>, parent: u32) -> Step {
        let end = self.offset(self.text.len());
        let root = self.arena.push_root(Kind::Array, parent, self.base, end);
        self.stack.push(Open { frame: Frame::of(root), array: true, count: 0 });
        while tokens.finish().is_err() {
            let peek = self.ask(tokens.peek())?;
            self.child(tokens, peek, None)?;
            self.run(tokens, 1)?;
        }
        self.stack.clear();
        Ok(())
    }

    /// Reads until the containers above `floor` are closed.
    fn run(&mut self, tokens: &mut Jiter<'_>, floor: usize) -> Step {
        while self.stack.len() > floor {
            let Some(open) = self.stack.last() else { return Ok(()) };
            let first = open.count == 0;
            if open.array {
                let next = if first { tokens.known_array() } else { tokens.array_step() };
                match self.ask(next)? {
                    Some(peek) => self.child(tokens, peek, None)?,
                    None => self.close(tokens)?,
                }
            } else {
                let next = if first { tokens.known_object() } else { tokens.next_key() };
                let key = match next {
                    Ok(Some(key)) => Some(match offset_of(key, self.text) {
                        Some(at) => Ok(Piece {
                            start: self.base + at as u32,
                            end: self.base + (at + key.len()) as u32,
                        }),
                        None => Err(key.to_owned()),
                    }),
                    Ok(None) => None,
                    Err(error) => return Err(fault::of(&error, self.text)),
                };
                match key {
                    Some(key) => {
                        let key = match key {
                            Ok(piece) => piece,
                            Err(unescaped) => self.keep(&unescaped, tokens.current_index())?,
                        };
                        let peek = self.ask(tokens.peek())?;
                        self.child(tokens, peek, Some(key))?;
                    }
                    None => self.close(tokens)?,
                }
            }
        }
        Ok(())
    }

    /// Adds the value that comes next to the innermost container.
    fn child(&mut self, tokens: &mut Jiter<'_>, peek: Peek, key: Option<Piece>) -> Step {
        let at = tokens.current_index();
        let start = self.offset(at);
        let Some(open) = self.stack.last_mut() else { return Ok(()) };
        let name = key.unwrap_or(Piece { start, end: start });
        let node = self.arena.push(&mut open.frame, Kind::Null, name, Piece::NONE, (start, start));
        if let Some(node) = self.arena.nodes.get_mut(node as usize) {
            node.ordinal = open.count;
        }
        open.count += 1;
        self.arena.check_nodes(&self.spec.limits, at)?;
        self.value(tokens, peek, node).map_err(|fault| fault.within(node))
    }

    /// Fills a node with the value that comes next; containers are only opened.
    fn value(&mut self, tokens: &mut Jiter<'_>, peek: Peek, node: u32) -> Step {
        let at = tokens.current_index();
        let (kind, value) = match peek {
            Peek::Object | Peek::Array => return self.open(peek == Peek::Array, node, at),
            Peek::String => (Kind::Text, self.string(tokens, at)?),
            Peek::Null => {
                self.ask(tokens.known_null())?;
                (Kind::Null, Piece::NONE)
            }
            Peek::True | Peek::False => {
                self.ask(tokens.known_bool(peek))?;
                (Kind::Bool, self.token(at, tokens.current_index()))
            }
            _ if peek.is_num() => {
                let number = tokens.known_number_bytes(peek).map(|_| ());
                self.ask(number)?;
                (Kind::Number, self.token(at, tokens.current_index()))
            }
            _ => return Err(fault::no_value(self.text, at)),
        };
        let end = self.offset(tokens.current_index());
        if let Some(node) = self.arena.nodes.get_mut(node as usize) {
            (node.kind, node.value, node.end) = (kind, value, end);
        }
        Ok(())
    }

    fn open(&mut self, array: bool, node: u32, at: usize) -> Step {
        if self.stack.len() >= self.spec.limits.depth + usize::from(self.spec.many) {
            return Err(too_deep(&self.spec.limits, at));
        }
        if let Some(node) = self.arena.nodes.get_mut(node as usize) {
            node.kind = if array { Kind::Array } else { Kind::Object };
        }
        self.stack.push(Open { frame: Frame::of(node), array, count: 0 });
        Ok(())
    }

    fn close(&mut self, tokens: &Jiter<'_>) -> Step {
        let end = self.offset(tokens.current_index());
        if let Some(open) = self.stack.last() {
            let node = open.frame.node;
            if !open.array && open.count > 1 {
                self.refuse_duplicates(node)?;
            }
            if let Some(node) = self.arena.nodes.get_mut(node as usize) {
                node.end = end;
            }
        }
        self.stack.pop();
        Ok(())
    }

    fn string(&mut self, tokens: &mut Jiter<'_>, at: usize) -> Step<Piece> {
        let unescaped = match tokens.known_str() {
            Ok(text) => match offset_of(text, self.text) {
                Some(start) => return Ok(self.token(start, start + text.len())),
                None => text.to_owned(),
            },
            Err(error) => return Err(fault::of(&error, self.text)),
        };
        self.keep(&unescaped, at)
    }

    /// Keeps a string that had escapes.
    fn keep(&mut self, unescaped: &str, at: usize) -> Step<Piece> {
        if forbidden(unescaped).is_some() {
            return Err(fault::control_character(at));
        }
        self.arena.keep(unescaped, &self.spec.limits)
    }

    fn refuse_duplicates(&self, object: u32) -> Step {
        let mut keys: Vec<(&str, u32)> = Vec::new();
        let mut next = self.arena.nodes.get(object as usize).map_or(u32::MAX, |node| node.first);
        while let Some(node) = self.arena.nodes.get(next as usize) {
            keys.push((self.name(node.name), node.start));
            next = node.next;
        }
        keys.sort_unstable();
        let twice = keys.windows(2).find_map(|pair| match pair {
            [a, b] if a.0 == b.0 => Some((a.0, (a.1 - self.base) as usize, (b.1 - self.base) as usize)),
            _ => None,
        });
        twice.map_or(Ok(()), |(key, first, second)| {
            Err(fault::duplicate_key(self.original, key, first, second))
        })
    }

    fn name(&self, piece: Piece) -> &str {
        let own = piece.start & !Piece::OFFSET == self.base & !Piece::OFFSET && piece.start >= self.base;
        let within = own && ((piece.end - self.base) as usize) <= self.original.len();
        if within {
            return self
                .original
                .get((piece.start - self.base) as usize..(piece.end - self.base) as usize)
                .unwrap_or_default();
        }
        let range = (piece.start & Piece::OFFSET) as usize..(piece.end & Piece::OFFSET) as usize;
        self.arena.side.get(range).unwrap_or_default()
    }

    fn offset(&self, at: usize) -> u32 {
        self.base + at as u32
    }

    fn token(&self, from: usize, to: usize) -> Piece {
        Piece { start: self.offset(from), end: self.offset(to) }
    }

    fn ask<T>(&self, answer: JiterResult<T>) -> Step<T> {
        answer.map_err(|error| fault::of(&error, self.text))
    }
}
