//! The tree every format is read into: a flat list of nodes that point into the text they came from.
//!
//! A node is 44 bytes and owns nothing. Its name and value are ranges of the message text, or, when they had to be
//! unescaped or unwrapped, of one side buffer. So building is a push for each node, walking is an array access, and every
//! node still knows where it stands: [`Tree::place`] renders that on demand only.
//!
//! Shape, for each format:
//!
//! | format | root | below |
//! |---|---|---|
//! | XML | an [`Kind::Object`] without a name | the document element; its attributes ([`Kind::Attribute`]) come before its elements; local names without prefix |
//! | JSON | the top value, without a name | keys in order as written; items of an array have no name and count from 0 |
//! | CSV, XLSX | an [`Kind::Array`] of rows, or one row when read row by row | cells named by their column header |
//! | form | an object | one text for each field |
//! | frame | an object | `application`, `version`, `message_no`, `xml`, `mac` |

mod build;
mod path;

use std::borrow::Cow;
use std::sync::{Arc, OnceLock};

pub(super) use build::{Arena, Fault, Frame, size, too_deep};
pub(super) use path::TEXT_RUN;
pub use path::column_letters;

/// A node of a [`Tree`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct NodeId(pub(super) u32);

/// What a node is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// An element with elements inside, a JSON object, a row, a form.
    Object,
    /// A JSON array, the rows of a table, several documents in one message.
    Array,
    /// Text: an element without elements inside (its value may be empty), a JSON string, a cell, a field.
    Text,
    /// A number; its value is the digits as written, never a float.
    Number,
    /// `true` or `false`.
    Bool,
    /// JSON `null`, an element marked `xsi:nil`, an empty cell. It has no value.
    Null,
    /// An XML attribute; its name has no `@`.
    Attribute,
}

/// A range of one of the buffers; the two top bits of `start` say which.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Piece {
    pub start: u32,
    pub end: u32,
}

impl Piece {
    pub const NONE: Self = Self { start: u32::MAX, end: u32::MAX };
    /// Base of offsets in the message text.
    pub const TEXT: u32 = 0;
    /// Base of offsets in the side buffer.
    pub const SIDE: u32 = 1 << 30;
    /// Base of offsets in the shared column names.
    pub const NAMES: u32 = 2 << 30;
    /// Takes the base off an offset.
    pub const OFFSET: u32 = (1 << 30) - 1;

    pub fn is_none(self) -> bool {
        self.start == u32::MAX
    }
}

#[derive(Debug, Clone, Copy)]
pub(super) struct Node {
    pub name: Piece,
    pub value: Piece,
    /// Where it stands, based like a [`Piece`].
    pub start: u32,
    pub end: u32,
    pub parent: u32,
    pub first: u32,
    pub next: u32,
    /// Item number from 0, or column number from 0, or the row as Excel counts it, by the style of the tree.
    pub ordinal: u32,
    pub kind: Kind,
}

/// Stands for "no node".
pub(super) const NOTHING: u32 = u32::MAX;

/// How places are written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Style {
    /// `/Message/Data/KTT_ZDJBXX[2]/@ZDDM`
    Xml,
    /// `/result/data/0/crmj`
    Pointer,
    /// `R12C3`
    Grid,
    /// `门牌!C7`
    Sheet(Arc<str>),
    /// A text that was unwrapped and has no inner structure.
    Plain,
}

/// A document that was unwrapped out of a value.
#[derive(Debug, Clone)]
pub(super) struct Graft {
    pub root: u32,
    /// Offset of the inner document's first byte, based like a [`Piece`].
    pub start: u32,
    pub style: Style,
}

/// A message as a tree. Borrows the text it was read from when that needed no decoding.
#[derive(Debug, Clone)]
pub struct Tree<'a> {
    pub(super) text: Cow<'a, str>,
    pub(super) arena: Arena,
    pub(super) names: Arc<str>,
    pub(super) style: Style,
    /// Length of the byte order mark in front of the text.
    pub(super) mark: u32,
    /// Whether the bytes were in another charset than the text.
    pub(super) decoded: bool,
    /// For a single row of a table: where it stands.
    pub(super) row: Row,
    /// Cells whose value was filled down from a merged cell, with the row that stands in; in order of nodes.
    pub(super) moved: Vec<(u32, u32)>,
    /// Number of each node among siblings of its name; 0 when it is the only one.
    pub(super) ordinals: OnceLock<Vec<u32>>,
    /// Newlines before each block of the text.
    pub(super) lines: OnceLock<Box<[u32]>>,
}

/// Where a single row stands in its file.
#[derive(Debug, Clone, Default)]
pub(super) struct Row {
    /// As Excel shows it; 0 when the tree is not a single row.
    pub number: u32,
    /// First line in a text file.
    pub line: u32,
    /// First and last byte in the file.
    pub span: (u64, u64),
}

impl<'a> Tree<'a> {
    pub(super) fn new(text: Cow<'a, str>, arena: Arena, style: Style) -> Self {
        Self {
            text,
            arena,
            names: Arc::from(""),
            style,
            mark: 0,
            decoded: false,
            row: Row::default(),
            moved: Vec::new(),
            ordinals: OnceLock::new(),
            lines: OnceLock::new(),
        }
    }

    /// The top node.
    #[must_use]
    pub fn root(&self) -> NodeId {
        NodeId(0)
    }

    /// How many nodes there are, unwrapped documents included.
    #[must_use]
    pub fn len(&self) -> usize {
        self.arena.nodes.len()
    }

    /// Whether there is no node at all; a tree that was read always has its root.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.arena.nodes.is_empty()
    }

    /// Every node in the order of the text; unwrapped documents follow.
    pub fn ids(&self) -> impl Iterator<Item = NodeId> + use<> {
        (0..u32::try_from(self.arena.nodes.len()).unwrap_or(0)).map(NodeId)
    }

    /// Reads a leaf as another text than the message has there. It keeps its place: whoever looks finds what was sent.
    /// `false` for what is no leaf, or when the side buffer is full.
    pub fn reword(&mut self, id: NodeId, text: &str) -> bool {
        let start = self.arena.side.len();
        if matches!(self.kind(id), Kind::Object | Kind::Array) || start + text.len() > Piece::OFFSET as usize
        {
            return false;
        }
        self.arena.side.push_str(text);
        let based = |offset: usize| Piece::SIDE + u32::try_from(offset).unwrap_or(0);
        let Some(node) = self.arena.nodes.get_mut(id.0 as usize) else { return false };
        node.value = Piece { start: based(start), end: based(start + text.len()) };
        if node.kind == Kind::Null {
            node.kind = Kind::Text;
        }
        true
    }

    /// What the node is.
    #[must_use]
    pub fn kind(&self, id: NodeId) -> Kind {
        self.node(id).map_or(Kind::Null, |node| node.kind)
    }

    /// Element or attribute name without prefix, key, column header; empty for the root and for items of an array.
    #[must_use]
    pub fn name(&self, id: NodeId) -> &str {
        self.node(id).map_or("", |node| self.piece(node.name))
    }

    /// The value of a leaf as written, unescaped but not trimmed; none for objects, arrays and nulls.
    #[must_use]
    pub fn value(&self, id: NodeId) -> Option<&str> {
        let value = self.node(id)?.value;
        if value.is_none() { None } else { Some(self.piece(value)) }
    }

    /// The node above; for the root of an unwrapped document the node it was unwrapped from.
    #[must_use]
    pub fn parent(&self, id: NodeId) -> Option<NodeId> {
        let parent = self.node(id)?.parent;
        (parent != NOTHING).then_some(NodeId(parent))
    }

    /// The nodes directly below, attributes first, in the order of the text.
    pub fn children(&self, id: NodeId) -> Children<'_> {
        Children { nodes: &self.arena.nodes, next: self.node(id).map_or(NOTHING, |node| node.first) }
    }

    /// The first child (not attribute) of this name.
    #[must_use]
    pub fn child(&self, id: NodeId, name: &str) -> Option<NodeId> {
        self.children(id).find(|it| self.kind(*it) != Kind::Attribute && self.name(*it) == name)
    }

    /// The attribute of this name.
    #[must_use]
    pub fn attribute(&self, id: NodeId, name: &str) -> Option<NodeId> {
        self.children(id).take_while(|it| self.kind(*it) == Kind::Attribute).find(|it| self.name(*it) == name)
    }

    /// The node reached by names from the root, `@` before an attribute; for an array item its number. For tests and tools.
    #[must_use]
    pub fn find(&self, path: &str) -> Option<NodeId> {
        path.split('/').filter(|step| !step.is_empty()).try_fold(self.root(), |at, step| {
            match step.strip_prefix('@') {
                Some(name) => self.attribute(at, name),
                None if self.kind(at) == Kind::Array => self.children(at).nth(step.parse().ok()?),
                None => self.child(at, step),
            }
        })
    }

    /// The root of the document that was unwrapped out of this node, see [`Tree::unwrap`].
    #[must_use]
    pub fn nested(&self, id: NodeId) -> Option<NodeId> {
        self.arena.hosts.get(&id.0).map(|root| NodeId(*root))
    }

    /// The raw text the node was read from: between the tags of a leaf, between the quotes of an attribute, a JSON token with
    /// its quotes, a whole element or object. Empty for cells.
    #[must_use]
    pub fn source(&self, id: NodeId) -> &str {
        self.node(id).map_or("", |node| self.piece(Piece { start: node.start, end: node.end }))
    }

    /// The whole text.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    pub(super) fn node(&self, id: NodeId) -> Option<&Node> {
        self.arena.nodes.get(id.0 as usize)
    }

    #[inline]
    pub(super) fn piece(&self, piece: Piece) -> &str {
        let range = (piece.start & Piece::OFFSET) as usize..(piece.end & Piece::OFFSET) as usize;
        let buffer: &str = match piece.start & !Piece::OFFSET {
            Piece::TEXT => &self.text,
            Piece::SIDE => &self.arena.side,
            _ => &self.names,
        };
        buffer.get(range).unwrap_or_default()
    }
}

/// The children of a node; see [`Tree::children`].
#[derive(Debug, Clone)]
pub struct Children<'t> {
    nodes: &'t [Node],
    next: u32,
}

impl Iterator for Children<'_> {
    type Item = NodeId;

    #[inline]
    fn next(&mut self) -> Option<NodeId> {
        let node = self.nodes.get(self.next as usize)?;
        let id = NodeId(self.next);
        self.next = node.next;
        Some(id)
    }
}
