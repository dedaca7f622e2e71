//! Where a node stands, in the words of its format. Rendered only when somebody asks.

use std::fmt::Write;

use super::{Kind, Node, NodeId, Piece, Style, Tree};
use crate::error::Place;

/// Name of the nodes that hold a run of text between elements.
pub(in super::super) const TEXT_RUN: &str = "#text";

impl Tree<'_> {
    /// Where the node stands: `XPath`, JSON pointer or cell, with byte range and line.
    ///
    /// Documents that were unwrapped continue the path of their host behind `▸`. Offsets count the bytes as received;
    /// where that is impossible (another charset, an unescaped or base64 value) they count the decoded text and
    /// `decoded` says so.
    #[must_use]
    pub fn place(&self, id: NodeId) -> Place {
        self.node(id).map_or_else(Place::default, |node| self.place_at(id, node.start, node.end))
    }

    /// The path of [`Tree::place`] alone.
    #[must_use]
    pub fn path(&self, id: NodeId) -> String {
        let mut path = String::with_capacity(64);
        self.write_path(&mut path, id);
        path
    }

    /// A range inside a node, based like the node's own.
    pub(in super::super) fn place_at(&self, id: NodeId, start: u32, end: u32) -> Place {
        let path = self.path(id);
        if self.row.number != 0 {
            let (start, end) = self.row.span;
            let line = (self.row.line > 0).then_some(self.row.line);
            return Place { path, start, end, line, decoded: self.decoded };
        }
        let (from, to) = (start & Piece::OFFSET, end & Piece::OFFSET);
        if start & !Piece::OFFSET == Piece::TEXT {
            let mark = if self.decoded { 0 } else { self.mark };
            let line = (!matches!(self.style, Style::Sheet(_))).then(|| self.line(from));
            return Place {
                path,
                start: (from + mark).into(),
                end: (to + mark).into(),
                line,
                decoded: self.decoded,
            };
        }
        let origin = self.inner_start(id);
        let (from, to) = (from.saturating_sub(origin), to.saturating_sub(origin));
        Place { path, start: from.into(), end: to.into(), line: None, decoded: true }
    }

    /// Line of an offset in the message text, from 1. The line table is made once.
    fn line(&self, offset: u32) -> u32 {
        let lines = self.lines.get_or_init(|| {
            let newline = |(at, byte): (usize, u8)| (byte == b'\n').then_some(at as u32);
            self.text.bytes().enumerate().filter_map(newline).collect()
        });
        lines.partition_point(|at| *at < offset) as u32 + 1
    }

    fn at(&self, id: u32) -> Option<&Node> {
        self.arena.nodes.get(id as usize)
    }

    /// Offset in the side buffer of the unwrapped document a node belongs to.
    fn inner_start(&self, id: NodeId) -> u32 {
        let mut at = id.0;
        while let Some(node) = self.at(at) {
            if let Some(graft) = self.arena.graft_of_root(at) {
                return graft.start & Piece::OFFSET;
            }
            at = node.parent;
        }
        0
    }

    fn write_path(&self, path: &mut String, id: NodeId) {
        let mut chain = Vec::with_capacity(12);
        let mut style = &self.style;
        let mut at = id.0;
        while let Some(node) = self.at(at) {
            chain.push(at);
            if let Some(graft) = self.arena.graft_of_root(at) {
                style = &graft.style;
                self.write_path(path, NodeId(node.parent));
                // A layer that is only text adds nothing to the way.
                if graft.style != Style::Plain {
                    path.push_str(" ▸ ");
                }
                break;
            }
            at = node.parent;
        }
        match style {
            Style::Xml => self.write_xpath(path, &chain),
            Style::Pointer => self.write_pointer(path, &chain),
            Style::Grid | Style::Sheet(_) => self.write_cell(path, &chain, style),
            Style::Plain => {}
        }
    }

    /// `chain` goes from the node up to its root, which has no step of its own.
    fn write_xpath(&self, path: &mut String, chain: &[u32]) {
        let steps = chain.len().saturating_sub(1);
        if steps == 0 {
            path.push('/');
        }
        for at in chain.iter().take(steps).rev() {
            let Some(node) = self.at(*at) else { continue };
            let name = self.piece(node.name);
            let _ = match (node.kind, name, self.ordinal_among_namesakes(*at)) {
                (Kind::Attribute, ..) => write!(path, "/@{name}"),
                (_, TEXT_RUN, 0) => write!(path, "/text()"),
                (_, TEXT_RUN, n) => write!(path, "/text()[{n}]"),
                (_, _, 0) => write!(path, "/{name}"),
                (_, _, n) => write!(path, "/{name}[{n}]"),
            };
        }
    }

    /// RFC 6901; the pointer of the whole document is empty.
    fn write_pointer(&self, path: &mut String, chain: &[u32]) {
        for at in chain.iter().take(chain.len().saturating_sub(1)).rev() {
            let Some(node) = self.at(*at) else { continue };
            path.push('/');
            if self.at(node.parent).is_some_and(|above| above.kind == Kind::Array) {
                let _ = write!(path, "{}", node.ordinal);
            } else {
                path.push_str(&self.piece(node.name).replace('~', "~0").replace('/', "~1"));
            }
        }
    }

    /// Rows are numbered as Excel shows them; a cell is a column number with its row.
    fn write_cell(&self, path: &mut String, chain: &[u32], style: &Style) {
        let ordinal = |n: usize| chain.get(n).and_then(|at| self.at(*at)).map(|node| node.ordinal);
        let (column, row) = match (chain.len(), self.row.number) {
            (3, 0) => (ordinal(0), ordinal(1)),
            (2, 0) => (None, ordinal(0)),
            (_, 0) => (None, None),
            (2, number) => (ordinal(0), Some(number)),
            (_, number) => (None, Some(number)),
        };
        let moved = chain.first().and_then(|id| {
            let at = self.moved.binary_search_by_key(id, |(cell, _)| *cell).ok()?;
            self.moved.get(at).map(|(_, row)| *row)
        });
        let _ = match (style, column, moved.or(row)) {
            (Style::Sheet(sheet), Some(c), Some(r)) => write!(path, "{sheet}!{}{r}", column_letters(c)),
            (Style::Sheet(sheet), None, Some(r)) => write!(path, "{sheet}!{r}:{r}"),
            (Style::Sheet(sheet), ..) => write!(path, "{sheet}"),
            (_, Some(c), Some(r)) => write!(path, "R{r}C{}", c + 1),
            (_, None, Some(r)) => write!(path, "R{r}"),
            _ => Ok(()),
        };
    }

    /// 0 when no sibling shares the name, else the number among those that do, from 1. Computed once for the whole tree.
    fn ordinal_among_namesakes(&self, at: u32) -> u32 {
        let table = self.ordinals.get_or_init(|| self.count_namesakes());
        table.get(at as usize).copied().unwrap_or(0)
    }

    fn count_namesakes(&self) -> Box<[u32]> {
        let mut table = vec![0; self.arena.nodes.len()].into_boxed_slice();
        let mut group: Vec<(&str, u32)> = Vec::new();
        for id in self.ids() {
            group.clear();
            let elements = self.children(id).filter(|it| self.kind(*it) != Kind::Attribute);
            group.extend(elements.map(|it| (self.name(it), it.0)));
            if group.len() < 2 {
                continue;
            }
            group.sort_unstable();
            for run in group.chunk_by(|a, b| a.0 == b.0).filter(|run| run.len() > 1) {
                for (n, (_, at)) in run.iter().enumerate() {
                    if let Some(slot) = table.get_mut(*at as usize) {
                        *slot = n as u32 + 1;
                    }
                }
            }
        }
        table
    }
}

/// The letters Excel shows above a column, counted from 0: `A`, `B` … `Z`, `AA`.
#[must_use]
pub fn column_letters(column: u32) -> String {
    let mut letters = Vec::new();
    let mut rest = column + 1;
    while rest > 0 {
        rest -= 1;
        letters.push(b'A' + (rest % 26) as u8);
        rest /= 26;
    }
    letters.iter().rev().map(|b| char::from(*b)).collect()
}
