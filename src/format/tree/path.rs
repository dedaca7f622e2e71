//! Where a node stands, in the words of its format. Rendered only when somebody asks.

use std::fmt::Write;

use super::{Kind, NOTHING, Node, NodeId, Piece, Style, Tree};
use crate::error::Place;

/// Between the place of a value and the place inside the document it holds.
const ARROW: &str = " ▸ ";

/// How many bytes of text share one entry of the line table.
const BLOCK: usize = 128;

/// How many siblings are looked at one by one to number a node among its namesakes.
const FEW: usize = 16;

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

    /// [`Tree::place`] with an empty path, for a caller that knows the path already, because it came along it.
    #[must_use]
    pub fn range(&self, id: NodeId) -> Place {
        self.node(id)
            .map_or_else(Place::default, |node| self.place_of(id, node.start, node.end, String::new()))
    }

    /// A range inside a node, based like the node's own.
    pub(in super::super) fn place_at(&self, id: NodeId, start: u32, end: u32) -> Place {
        self.place_of(id, start, end, self.path(id))
    }

    fn place_of(&self, id: NodeId, start: u32, end: u32, path: String) -> Place {
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

    /// Line of an offset in the message text, from 1: newlines before its block, counted once for the whole text, and those
    /// before it inside the block.
    fn line(&self, offset: u32) -> u32 {
        // A block has at most 128 newlines, so a byte holds the sum; that way many are compared at once.
        let newlines = |block: &[u8]| u32::from(block.iter().map(|b| u8::from(*b == b'\n')).sum::<u8>());
        let blocks = self.lines.get_or_init(|| {
            let mut sum = 0;
            let mut before = |block: &[u8]| {
                let before = sum;
                sum += newlines(block);
                before
            };
            self.text.as_bytes().chunks(BLOCK).map(&mut before).collect()
        });
        let block = offset as usize / BLOCK;
        let Some(before) = blocks.get(block) else {
            return self.text.as_bytes().chunks(BLOCK).map(newlines).sum::<u32>() + 1;
        };
        let inside = self.text.as_bytes().get(block * BLOCK..offset as usize).unwrap_or_default();
        before + newlines(inside) + 1
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

    /// Writes the steps from the root down to the node. As deep as the nesting of the message, which is limited.
    fn write_path(&self, path: &mut String, id: NodeId) {
        match self.style_of(id) {
            Style::Xml => {
                let before = path.len();
                self.write_xpath(path, id.0);
                if path.is_empty() || path.len() == before || path.ends_with(ARROW) {
                    path.push('/');
                }
            }
            Style::Pointer => self.write_pointer(path, id.0),
            Style::Plain => self.write_host(path, id.0, &Style::Plain),
            style => self.write_cell(path, id.0, style),
        }
    }

    /// How places are written in the document the node belongs to.
    fn style_of(&self, id: NodeId) -> &Style {
        if self.arena.grafts.is_empty() {
            return &self.style;
        }
        let mut at = id.0;
        while let Some(node) = self.at(at) {
            if let Some(graft) = self.arena.graft_of_root(at) {
                return &graft.style;
            }
            at = node.parent;
        }
        &self.style
    }

    /// The way to the node an inner document was unwrapped from, when `root` is the root of one.
    fn write_host(&self, path: &mut String, root: u32, style: &Style) {
        let Some(node) = self.at(root) else { return };
        if self.arena.grafts.is_empty() || self.arena.graft_of_root(root).is_none() {
            return;
        }
        self.write_path(path, NodeId(node.parent));
        // A layer that is only text adds nothing to the way.
        if *style != Style::Plain {
            path.push_str(ARROW);
        }
    }

    fn is_root(&self, id: u32, node: &Node) -> bool {
        node.parent == NOTHING || (!self.arena.grafts.is_empty() && self.arena.graft_of_root(id).is_some())
    }

    fn write_xpath(&self, path: &mut String, id: u32) {
        let Some(node) = self.at(id) else { return };
        if self.is_root(id, node) {
            return self.write_host(path, id, &Style::Xml);
        }
        self.write_xpath(path, node.parent);
        let name = self.piece(node.name);
        path.push('/');
        if node.kind == Kind::Attribute {
            path.push('@');
        }
        path.push_str(if name == TEXT_RUN { "text()" } else { name });
        let number = self.ordinal_among_namesakes(id);
        if number > 0 {
            let _ = write!(path, "[{number}]");
        }
    }

    /// RFC 6901; the pointer of the whole document is empty.
    fn write_pointer(&self, path: &mut String, id: u32) {
        let Some(node) = self.at(id) else { return };
        if self.is_root(id, node) {
            return self.write_host(path, id, &Style::Pointer);
        }
        self.write_pointer(path, node.parent);
        path.push('/');
        if self.at(node.parent).is_some_and(|above| above.kind == Kind::Array) {
            let _ = write!(path, "{}", node.ordinal);
            return;
        }
        let name = self.piece(node.name);
        if name.contains(['~', '/']) {
            path.push_str(&name.replace('~', "~0").replace('/', "~1"));
        } else {
            path.push_str(name);
        }
    }

    /// Rows are numbered as Excel shows them; a cell is a column number with its row.
    fn write_cell(&self, path: &mut String, id: u32, style: &Style) {
        let Some(node) = self.at(id) else { return };
        let above = self.at(node.parent);
        let (column, row) = match (above, self.row.number) {
            (Some(above), 0) if above.parent != NOTHING => (Some(node.ordinal), Some(above.ordinal)),
            (Some(_), 0) => (None, Some(node.ordinal)),
            (None, 0) => (None, None),
            (Some(_), number) => (Some(node.ordinal), Some(number)),
            (None, number) => (None, Some(number)),
        };
        let moved = self.moved.binary_search_by_key(&id, |(cell, _)| *cell).ok();
        let moved = moved.and_then(|at| self.moved.get(at)).map(|(_, row)| *row);
        let _ = match (style, column, moved.or(row)) {
            (Style::Sheet(sheet), Some(c), Some(r)) => write!(path, "{sheet}!{}{r}", column_letters(c)),
            (Style::Sheet(sheet), None, Some(r)) => write!(path, "{sheet}!{r}:{r}"),
            (Style::Sheet(sheet), ..) => write!(path, "{sheet}"),
            (_, Some(c), Some(r)) => write!(path, "R{r}C{}", c + 1),
            (_, None, Some(r)) => write!(path, "R{r}"),
            _ => Ok(()),
        };
    }

    /// 0 when no sibling shares the name, else the number among those that do, from 1. Counted at once among a few siblings;
    /// otherwise computed once for the whole tree.
    fn ordinal_among_namesakes(&self, at: u32) -> u32 {
        if self.ordinals.get().is_none()
            && let Some(number) = self.ordinal_among_few(at)
        {
            return number;
        }
        let table = self.ordinals.get_or_init(|| {
            let mut table = Vec::new();
            self.count_namesakes(&mut table);
            table
        });
        table.get(at as usize).copied().unwrap_or(0)
    }

    /// The same for a node with at most [`FEW`] siblings; none when there are more.
    fn ordinal_among_few(&self, at: u32) -> Option<u32> {
        let node = self.at(at)?;
        if node.kind == Kind::Attribute {
            return Some(0);
        }
        let name = self.piece(node.name);
        let (mut number, mut same) = (0, 0);
        let mut next = self.at(node.parent)?.first;
        for _ in 0..FEW {
            let Some(sibling) = self.at(next) else { break };
            if sibling.kind != Kind::Attribute && self.piece(sibling.name) == name {
                same += 1;
                number = if next == at { same } else { number };
            }
            next = sibling.next;
        }
        (next == NOTHING).then_some(if same > 1 { number } else { 0 })
    }

    /// Continues the table, if there is one, over the nodes of a document that was just unwrapped.
    pub(in super::super) fn number_new_namesakes(&mut self) {
        if let Some(mut table) = self.ordinals.take() {
            self.count_namesakes(&mut table);
            self.ordinals = table.into();
        }
    }

    /// Extends the table to all nodes. Siblings are always added together, so earlier entries stay right.
    fn count_namesakes(&self, table: &mut Vec<u32>) {
        let known = table.len();
        table.resize(self.arena.nodes.len(), 0);
        let mut group: Vec<(u64, u32)> = Vec::with_capacity(32);
        for parent in self.arena.nodes.iter().skip(known) {
            group.clear();
            let mut at = parent.first;
            while let Some(node) = self.at(at) {
                if node.kind != Kind::Attribute {
                    group.push((digest(self.piece(node.name)), at));
                }
                at = node.next;
            }
            if group.len() > 1 {
                group.sort_unstable();
                for run in group.chunk_by(|a, b| a.0 == b.0).filter(|run| run.len() > 1) {
                    self.number_namesakes(run, table);
                }
            }
        }
    }

    /// Numbers siblings whose names have the same digest; nearly always they have the same name.
    #[cold]
    fn number_namesakes(&self, run: &[(u64, u32)], table: &mut [u32]) {
        let name = |at: u32| self.at(at).map_or("", |node| self.piece(node.name));
        let mut named: Vec<(&str, u32)> = run.iter().map(|(_, at)| (name(*at), *at)).collect();
        named.sort_unstable();
        for same in named.chunk_by(|a, b| a.0 == b.0).filter(|same| same.len() > 1) {
            for (n, (_, at)) in (1..).zip(same) {
                if let Some(slot) = table.get_mut(*at as usize) {
                    *slot = n;
                }
            }
        }
    }
}

/// A quick stand-in for a name: equal names have equal digests.
fn digest(name: &str) -> u64 {
    let word = |bytes: Option<&[u8; 8]>| bytes.map_or(0, |it| u64::from_le_bytes(*it));
    let bytes = name.as_bytes();
    if bytes.len() < 8 {
        return bytes.iter().fold(bytes.len() as u64, |sum, b| sum << 8 | u64::from(*b));
    }
    word(bytes.first_chunk()) ^ word(bytes.last_chunk()).rotate_left(29) ^ bytes.len() as u64
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
