//! One walk over a message's tree: every value that the mapping wants lands in its slot, every row opens its frame.
//!
//! Parts of the message that no path leads to are not entered. The cost is linear in what is entered.

use std::collections::BTreeMap;

use super::trie::{Edge, FrameId, Places, SlotKey, TrieNode};
use super::unwrap::{inside, passes};
use crate::format::{Kind, NodeId, Tree};

/// How names are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Names {
    /// Surrounding blanks do not count.
    pub trim: bool,
    /// Upper and lower case are the same.
    pub ignore_case: bool,
}

impl Names {
    /// Whether a name of the message is the one wanted.
    pub fn same(self, wanted: &str, name: &str) -> bool {
        let name = if self.trim { name.trim() } else { name };
        wanted == name || (self.ignore_case && wanted.eq_ignore_ascii_case(name))
    }
}

/// What a walk found.
#[derive(Debug, Default)]
pub(super) struct Filled {
    /// Every frame that was opened, outer before inner; the first is the message.
    pub opened: Vec<Opened>,
    /// Opened frames of each frame of the plan, in order.
    by_frame: Vec<Vec<u32>>,
    slots: Vec<Option<NodeId>>,
    /// Second and later values of each slot that has them, so that asking for one looks at no other.
    more: BTreeMap<u32, Vec<NodeId>>,
}

/// One frame that was opened.
#[derive(Debug, Clone, Copy)]
pub(super) struct Opened {
    pub frame: FrameId,
    pub parent: u32,
    pub node: NodeId,
    base: u32,
}

impl Filled {
    /// Walks the tree.
    pub fn new(tree: &Tree<'_>, places: &Places, names: Names, nested: bool) -> Self {
        let filled = Self { by_frame: vec![Vec::new(); places.frames.len()], ..Self::default() };
        let mut walk = Walk {
            tree,
            places,
            names,
            nested,
            filled,
            current: vec![0; places.frames.len()],
            states: Vec::with_capacity(32),
        };
        walk.states.push(0);
        walk.arrive(tree.root(), 0);
        walk.filled
    }

    /// All opened frames of `frame`.
    pub fn all_rows(&self, frame: FrameId) -> &[u32] {
        self.by_frame.get(usize::from(frame.0)).map_or(&[][..], Vec::as_slice)
    }

    /// The opened frames of `frame` inside the opened frame `within`, which is so many `levels` above them.
    pub fn rows(&self, frame: FrameId, within: u32, levels: u8) -> &[u32] {
        let all = self.all_rows(frame);
        // Opened in order of the text, so the rows of one parent are neighbours.
        let from = all.partition_point(|row| self.up(*row, levels) < within);
        let to = all.partition_point(|row| self.up(*row, levels) <= within);
        all.get(from..to).unwrap_or_default()
    }

    /// The opened frame so many levels above `row`.
    pub fn up(&self, row: u32, levels: u8) -> u32 {
        (0..levels).fold(row, |at, _| self.opened.get(at as usize).map_or(0, |it| it.parent))
    }

    /// The first value wanted by `key`, seen from `row`.
    pub fn first(&self, places: &Places, key: SlotKey, row: u32) -> Option<NodeId> {
        self.slots.get(self.index(places, key, row)?).copied().flatten()
    }

    /// Second and later values wanted by `key`.
    pub fn more(&self, places: &Places, key: SlotKey, row: u32) -> &[NodeId] {
        let index = self.index(places, key, row).and_then(|it| u32::try_from(it).ok());
        index.and_then(|it| self.more.get(&it)).map_or(&[][..], Vec::as_slice)
    }

    /// Whether no slot has more than one value.
    pub fn single(&self) -> bool {
        self.more.is_empty()
    }

    /// Every value in a slot, for coverage.
    pub fn used(&self) -> impl Iterator<Item = NodeId> + '_ {
        self.slots.iter().copied().flatten().chain(self.more.values().flatten().copied())
    }

    fn index(&self, places: &Places, key: SlotKey, row: u32) -> Option<usize> {
        let slot = places.slot(key);
        let opened = self.opened.get(self.up(row, slot.up) as usize)?;
        Some(opened.base as usize + usize::from(slot.slot))
    }
}

struct Walk<'t, 'a> {
    tree: &'t Tree<'a>,
    places: &'t Places,
    names: Names,
    /// Whether documents inside values were opened.
    nested: bool,
    filled: Filled,
    /// The opened frame of each frame of the plan that the walk is inside of.
    current: Vec<u32>,
    /// Nodes of the path tree that match the current node, a stack of groups.
    states: Vec<u32>,
}

impl Walk<'_, '_> {
    /// The walk stands at `node`; what matches it are the states from `from` on.
    fn arrive(&mut self, node: NodeId, from: usize) {
        if self.is_leaf(from) {
            self.fill(node, from, self.states.len());
            return;
        }
        let inner = if self.nested { inside(self.tree, node) } else { node };
        let mut from = from;
        if self.tree.kind(inner) == Kind::Array {
            self.expand(inner, from);
            // What was taken element by element is done; the rest sees the list itself.
            let rest: Vec<u32> =
                self.group(from, self.states.len()).filter(|it| !self.expands(*it)).collect();
            from = self.states.len();
            self.states.extend_from_slice(&rest);
        }
        let to = self.states.len();
        self.open(node, inner, from, to);
        self.fill(node, from, to);
        self.descend(inner, from, to);
    }

    /// Whether nothing but values is wanted here and nothing below.
    fn is_leaf(&self, from: usize) -> bool {
        self.group(from, self.states.len()).all(|it| {
            self.places.nodes.get(it as usize).is_some_and(|it| it.frame.is_none() && it.edges.is_empty())
        })
    }

    fn expands(&self, state: u32) -> bool {
        self.places.nodes.get(state as usize).is_some_and(|it| it.expand)
    }

    /// Frames that take a list element by element.
    fn expand(&mut self, list: NodeId, from: usize) {
        let to = self.states.len();
        let taking: Vec<u32> = self.group(from, to).filter(|it| self.expands(*it)).collect();
        if taking.is_empty() {
            return;
        }
        for child in self.tree.children(list) {
            self.states.extend_from_slice(&taking);
            self.arrive(child, to);
            self.states.truncate(to);
        }
    }

    fn group(&self, from: usize, to: usize) -> impl Iterator<Item = u32> + '_ {
        self.states.get(from..to).unwrap_or_default().iter().copied()
    }

    fn open(&mut self, node: NodeId, inner: NodeId, from: usize, to: usize) {
        for n in from..to {
            let Some(state) = self.state(n) else { continue };
            let Some(frame) = state.frame else { continue };
            if state.expand && self.is_nothing(inner) {
                continue;
            }
            let Some(plan) = self.places.frame(frame) else { continue };
            let opened = u32::try_from(self.filled.opened.len()).unwrap_or(u32::MAX);
            let base = u32::try_from(self.filled.slots.len()).unwrap_or(u32::MAX);
            let parent = self.current.get(usize::from(plan.parent.0)).copied().unwrap_or(0);
            self.filled.opened.push(Opened { frame, parent, node, base });
            self.filled.slots.resize(self.filled.slots.len() + usize::from(plan.slots), None);
            if let Some(rows) = self.filled.by_frame.get_mut(usize::from(frame.0)) {
                rows.push(opened);
            }
            if let Some(current) = self.current.get_mut(usize::from(frame.0)) {
                *current = opened;
            }
        }
    }

    /// A row that holds nothing at all is no row.
    fn is_nothing(&self, node: NodeId) -> bool {
        match self.tree.kind(node) {
            Kind::Null => true,
            Kind::Text => {
                self.tree.value(node).is_none_or(|it| it.trim().is_empty())
                    && self.tree.children(node).next().is_none()
            }
            _ => false,
        }
    }

    fn fill(&mut self, node: NodeId, from: usize, to: usize) {
        for n in from..to {
            let places = self.places;
            let Some(state) = self.states.get(n).and_then(|it| places.nodes.get(*it as usize)) else {
                continue;
            };
            for (owner, slot) in &state.slots {
                let opened = self.current.get(usize::from(owner.0)).copied().unwrap_or(0);
                let base = self.filled.opened.get(opened as usize).map_or(0, |it| it.base);
                let index = base + u32::from(*slot);
                match self.filled.slots.get_mut(index as usize) {
                    Some(free @ None) => *free = Some(node),
                    _ => self.filled.more.entry(index).or_default().push(node),
                }
            }
        }
    }

    fn state(&self, n: usize) -> Option<&TrieNode> {
        self.places.nodes.get(*self.states.get(n)? as usize)
    }

    fn descend(&mut self, node: NodeId, from: usize, to: usize) {
        let places = self.places;
        let wanted = self
            .group(from, to)
            .any(|it| places.nodes.get(it as usize).is_some_and(|it| !it.edges.is_empty()));
        if !wanted {
            return;
        }
        let list = self.tree.kind(node) == Kind::Array;
        let by_hash = !list && !self.names.trim && !self.names.ignore_case;
        for (n, child) in self.tree.children(node).enumerate() {
            let kind = self.tree.kind(child);
            let name = self.tree.name(child);
            for at in from..to {
                let Some(state) = self.states.get(at).and_then(|it| places.nodes.get(*it as usize)) else {
                    continue;
                };
                if by_hash {
                    for edge in state.edges_for(name) {
                        if self.named(edge, name, kind, None) && passes(self.tree, node, child, &edge.tests) {
                            self.states.push(edge.to);
                        }
                    }
                    continue;
                }
                for edge in &state.edges {
                    if self.named(edge, name, kind, list.then_some(n))
                        && passes(self.tree, node, child, &edge.tests)
                    {
                        self.states.push(edge.to);
                    }
                }
            }
            if self.states.len() > to {
                self.arrive(child, to);
                self.states.truncate(to);
            }
        }
    }

    fn named(&self, edge: &Edge, name: &str, kind: Kind, item: Option<usize>) -> bool {
        let Some(wanted) = edge.name.as_deref() else { return kind != Kind::Attribute };
        if let Some(item) = item {
            return wanted.parse() == Ok(item);
        }
        if edge.attribute != (kind == Kind::Attribute) {
            return false;
        }
        self.names.same(wanted, name)
    }
}
