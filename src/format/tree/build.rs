//! Growing a tree: nodes are pushed in the order of the text and linked to the one before.

use std::collections::BTreeMap;

use super::{Graft, Kind, NOTHING, Node, Piece};
use crate::error::{Code, codes};

use super::super::limits::Limits;

/// Nodes and the texts that had to be changed. Apart from the message text, so that a parser may read that while it pushes.
#[derive(Debug, Clone, Default)]
pub(in super::super) struct Arena {
    pub nodes: Vec<Node>,
    pub side: String,
    /// In order of their roots.
    pub grafts: Vec<Graft>,
    /// Host node to root of what was unwrapped from it.
    pub hosts: BTreeMap<u32, u32>,
}

/// A node that is still open, with its last child.
#[derive(Debug, Clone, Copy)]
pub(in super::super) struct Frame {
    pub node: u32,
    pub last: u32,
}

impl Frame {
    pub fn of(node: u32) -> Self {
        Self { node, last: NOTHING }
    }
}

/// Why reading stopped: made into a problem with its place by the caller, who has the tree.
#[derive(Debug, Clone)]
pub(in super::super) struct Fault {
    pub code: Code,
    pub rule: String,
    pub hint: String,
    /// The innermost node that was open.
    pub within: u32,
    /// Where, relative to the text that was being parsed.
    pub at: std::ops::Range<usize>,
    pub value: Option<String>,
}

impl Fault {
    pub fn new(
        code: Code,
        at: std::ops::Range<usize>,
        rule: impl Into<String>,
        hint: impl Into<String>,
    ) -> Box<Self> {
        Box::new(Self { code, rule: rule.into(), hint: hint.into(), within: 0, at, value: None })
    }

    pub fn within(mut self: Box<Self>, node: u32) -> Box<Self> {
        self.within = node;
        self
    }

    pub fn showing(mut self: Box<Self>, value: impl Into<String>) -> Box<Self> {
        self.value = Some(value.into());
        self
    }
}

impl Arena {
    /// Room for a text of this length; grows when the guess was low.
    pub fn for_text(length: usize) -> Self {
        Self { nodes: Vec::with_capacity((length / 24).clamp(8, 4096)), ..Self::default() }
    }

    /// The number the next node will have.
    #[inline]
    pub fn next_id(&self) -> u32 {
        self.nodes.len() as u32
    }

    /// Adds a node that is in nobody's list of children.
    pub fn push_root(&mut self, kind: Kind, parent: u32, start: u32, end: u32) -> u32 {
        let id = self.next_id();
        let name = Piece { start, end: start };
        self.nodes.push(Node {
            name,
            value: Piece::NONE,
            start,
            end,
            parent,
            first: NOTHING,
            next: NOTHING,
            ordinal: 0,
            kind,
        });
        id
    }

    /// Adds a node as last child of an open one.
    #[inline]
    pub fn push(
        &mut self,
        under: &mut Frame,
        kind: Kind,
        name: Piece,
        value: Piece,
        span: (u32, u32),
    ) -> u32 {
        let id = self.next_id();
        let (parent, (start, end)) = (under.node, span);
        self.nodes.push(Node {
            name,
            value,
            start,
            end,
            parent,
            first: NOTHING,
            next: NOTHING,
            ordinal: 0,
            kind,
        });
        let before = if under.last == NOTHING { parent } else { under.last };
        if let Some(node) = self.nodes.get_mut(before as usize) {
            *(if under.last == NOTHING { &mut node.first } else { &mut node.next }) = id;
        }
        under.last = id;
        id
    }

    /// Appends to the side buffer.
    pub fn keep(&mut self, text: &str, limits: &Limits) -> Result<Piece, Box<Fault>> {
        let start = self.side.len();
        if start + text.len() > limits.unwrapped() {
            return Err(too_much(limits));
        }
        self.side.push_str(text);
        Ok(Piece { start: Piece::SIDE + start as u32, end: Piece::SIDE + self.side.len() as u32 })
    }

    /// Checks the number of nodes; called for each element, object or row.
    #[inline]
    pub fn check_nodes(&self, limits: &Limits, at: usize) -> Result<(), Box<Fault>> {
        if self.nodes.len() <= limits.nodes { Ok(()) } else { Err(too_many(limits, at)) }
    }

    /// The document whose root this node is, when it was unwrapped.
    pub fn graft_of_root(&self, root: u32) -> Option<&Graft> {
        let n = self.grafts.binary_search_by_key(&root, |graft| graft.root).ok()?;
        self.grafts.get(n)
    }
}

#[cold]
fn too_much(limits: &Limits) -> Box<Fault> {
    Fault::new(
        codes::format::EXPANDS_TOO_MUCH,
        0..0,
        format!("报文中转义或内嵌的内容展开后超过 {} 的上限。", size(limits.unwrapped() as u64)),
        "请拆成几条报文分别发送。",
    )
}

#[cold]
fn too_many(limits: &Limits, at: usize) -> Box<Fault> {
    Fault::new(
        codes::format::TOO_MANY_NODES,
        at..at,
        format!("一条报文最多 {} 个数据项（元素、属性、键、单元格合计）。", limits.nodes),
        "请分批发送，或改用 CSV、XLSX 批量导入。",
    )
}

#[cold]
pub(in super::super) fn too_deep(limits: &Limits, at: usize) -> Box<Fault> {
    Fault::new(
        codes::format::TOO_DEEP,
        at..at,
        format!("层级超过 {} 层。", limits.depth),
        "请检查报文是否重复嵌套；正常的报文不会有这么多层。",
    )
}

/// A size as people say it.
pub(in super::super) fn size(bytes: u64) -> String {
    match bytes {
        0..1024 => format!("{bytes} 字节"),
        1024..1_048_576 => format!("{} KB", bytes >> 10),
        _ => format!("{} MB", bytes >> 20),
    }
}
