//! All paths of a mapping in one tree, so that a message is walked once and every value lands in its slot.
//!
//! A *frame* is a place that may repeat: the rows of a record, and every place above a row that the row looks back to
//! with `..`. Each time the walk enters one, a new set of slots is opened, linked to the enclosing set; so a value of
//! the surrounding record is never mistaken for one of another record. Frame 0 is the whole message.

use super::path::{Step, Test};

/// A frame of the plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct FrameId(pub u16);

/// A wanted value, turned into a [`SlotRef`] when the plan is finished.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct SlotKey(pub u32);

/// Where a wanted value is kept: so many frames up, in that slot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct SlotRef {
    pub up: u8,
    pub slot: u16,
}

/// The finished plan of places.
#[derive(Debug, Default)]
pub(super) struct Places {
    pub nodes: Vec<TrieNode>,
    pub frames: Vec<Frame>,
    refs: Vec<SlotRef>,
    wants: Vec<Vec<Step>>,
}

/// One frame of the plan.
#[derive(Debug)]
pub(super) struct Frame {
    pub path: Vec<Step>,
    pub parent: FrameId,
    pub slots: u16,
}

/// One node of the path tree.
#[derive(Debug, Default)]
pub(super) struct TrieNode {
    pub edges: Vec<Edge>,
    /// Edges by a hash of their name; made when the plan is finished.
    index: Index,
    pub frame: Option<FrameId>,
    /// A JSON list here stands for its elements.
    pub expand: bool,
    /// Slots that want this place, each with the frame that owns it.
    pub slots: Vec<(FrameId, u16)>,
}

/// Finds the few edges that can match a name without comparing with all of them.
#[derive(Debug, Default)]
struct Index {
    /// First edge of each hash, counted from 1; 0 is none.
    heads: Vec<u16>,
    /// The next edge of the same hash, for each edge.
    next: Vec<u16>,
    /// The first edge that matches any name, and the others behind it.
    any: u16,
}

/// Hashes of names; a power of two.
const BUCKETS: usize = 64;

fn bucket(name: &str) -> usize {
    let bytes = name.as_bytes();
    let at = |n: usize| usize::from(bytes.get(n).copied().unwrap_or(0));
    let last = at(bytes.len().wrapping_sub(1));
    (bytes.len()
        ^ at(0).wrapping_mul(5)
        ^ at(1).wrapping_mul(11)
        ^ at(2).wrapping_mul(3)
        ^ last.wrapping_mul(7))
        % BUCKETS
}

impl TrieNode {
    /// The edges that a child of this name may take.
    pub fn edges_for(&self, name: &str) -> impl Iterator<Item = &Edge> {
        let head = self.index.heads.get(bucket(name)).copied().unwrap_or(0);
        self.chain(head).chain(self.chain(self.index.any))
    }

    fn chain(&self, head: u16) -> impl Iterator<Item = &Edge> {
        let mut at = head;
        std::iter::from_fn(move || {
            let n = usize::from(at.checked_sub(1)?);
            at = self.index.next.get(n).copied().unwrap_or(0);
            self.edges.get(n)
        })
    }

    fn make_index(&mut self) {
        let mut index = Index { heads: vec![0; BUCKETS], next: vec![0; self.edges.len()], any: 0 };
        for (n, edge) in self.edges.iter().enumerate() {
            let here = u16::try_from(n + 1).unwrap_or(0);
            let head = match edge.name.as_deref() {
                Some(name) => index.heads.get_mut(bucket(name)),
                None => Some(&mut index.any),
            };
            if let (Some(head), Some(next)) = (head, index.next.get_mut(n)) {
                *next = std::mem::replace(head, here);
            }
        }
        self.index = index;
    }
}

/// A step down.
#[derive(Debug)]
pub(super) struct Edge {
    /// None matches any name; attributes without their `@`.
    pub name: Option<Box<str>>,
    pub attribute: bool,
    pub tests: Vec<Test>,
    pub to: u32,
}

impl Places {
    /// Where the wanted value is kept.
    pub fn slot(&self, key: SlotKey) -> SlotRef {
        self.refs.get(key.0 as usize).copied().unwrap_or(SlotRef { up: 0, slot: u16::MAX })
    }

    /// The full path of a wanted value.
    pub fn path(&self, key: SlotKey) -> &[Step] {
        self.wants.get(key.0 as usize).map_or(&[], Vec::as_slice)
    }

    /// Every path that is looked at, in the order of the file.
    pub fn wanted(&self) -> impl Iterator<Item = &[Step]> {
        self.wants.iter().map(Vec::as_slice)
    }

    pub fn frame(&self, id: FrameId) -> Option<&Frame> {
        self.frames.get(usize::from(id.0))
    }

    /// How many frames `inner` lies below `outer`; none when it does not.
    pub fn depth_below(&self, inner: FrameId, outer: FrameId) -> Option<u8> {
        let mut at = inner;
        for up in 0..=u8::MAX {
            if at == outer {
                return Some(up);
            }
            if at.0 == 0 {
                return None;
            }
            at = self.frame(at)?.parent;
        }
        None
    }
}

/// Collects frames and wanted values, then finishes the plan.
#[derive(Debug, Default)]
pub(super) struct Builder {
    frames: Vec<(Vec<Step>, bool)>,
    wants: Vec<(Vec<Step>, Vec<Step>)>,
}

impl Builder {
    /// Rows at `path`; a JSON list there stands for its elements.
    pub fn rows(&mut self, path: &[Step]) {
        self.add_frame(path, true);
    }

    fn add_frame(&mut self, path: &[Step], expand: bool) {
        match self.frames.iter_mut().find(|(known, _)| known == path) {
            Some((_, known)) => *known |= expand,
            None => self.frames.push((path.to_vec(), expand)),
        }
    }

    /// The value at the full path `path`, wanted by a row at `row`.
    pub fn want(&mut self, row: &[Step], path: Vec<Step>) -> SlotKey {
        let shared = row.iter().zip(&path).take_while(|(a, b)| a == b).count();
        if shared < row.len() && shared > 0 {
            self.add_frame(row.get(..shared).unwrap_or_default(), false);
        }
        let key = SlotKey(u32::try_from(self.wants.len()).unwrap_or(u32::MAX));
        self.wants.push((row.to_vec(), path));
        key
    }

    /// The finished plan.
    pub fn finish(mut self) -> Places {
        self.add_frame(&[], false);
        self.frames.sort_by_key(|(path, _)| path.len());
        let mut places = Places { nodes: vec![TrieNode::default()], ..Places::default() };
        for (path, expand) in &self.frames {
            let id = FrameId(u16::try_from(places.frames.len()).unwrap_or(u16::MAX));
            let parent = deepest(&places.frames, path, |_| true).unwrap_or(FrameId(0));
            places.frames.push(Frame { path: path.clone(), parent, slots: 0 });
            let node = places.node(path);
            if let Some(node) = places.nodes.get_mut(node) {
                node.frame = Some(id);
                node.expand |= *expand;
            }
        }
        for (row, path) in self.wants {
            let slot = places.add_slot(&row, &path);
            places.refs.push(slot);
            places.wants.push(path);
        }
        places.nodes.iter_mut().for_each(TrieNode::make_index);
        places
    }
}

impl Places {
    /// The frame of the rows at `path`.
    pub fn frame_at(&self, path: &[Step]) -> FrameId {
        let found = self.frames.iter().position(|it| it.path == path).unwrap_or(0);
        FrameId(u16::try_from(found).unwrap_or(0))
    }

    fn node(&mut self, path: &[Step]) -> usize {
        let mut at = 0;
        for step in path {
            let next = self.nodes.len();
            let Some(node) = self.nodes.get_mut(at) else { return 0 };
            let attribute = step.name.as_deref().is_some_and(|it| it.starts_with('@'));
            let name = step.name.as_deref().map(|it| it.strip_prefix('@').unwrap_or(it));
            let known = node
                .edges
                .iter()
                .find(|it| it.name.as_deref() == name && it.attribute == attribute && it.tests == step.tests);
            if let Some(edge) = known {
                at = edge.to as usize;
                continue;
            }
            let to = u32::try_from(next).unwrap_or(u32::MAX);
            node.edges.push(Edge { name: name.map(Into::into), attribute, tests: step.tests.clone(), to });
            self.nodes.push(TrieNode::default());
            at = next;
        }
        at
    }

    fn add_slot(&mut self, row: &[Step], path: &[Step]) -> SlotRef {
        // The owner is the innermost frame that holds both the row and the value.
        let owner = deepest(&self.frames, path, |frame| row.starts_with(&frame.path)).unwrap_or(FrameId(0));
        let from = self.frame_at(row);
        let up = self.depth_below(from, owner).unwrap_or(0);
        let node = self.node(path);
        let known = self.nodes.get(node).and_then(|it| it.slots.iter().find(|(frame, _)| *frame == owner));
        if let Some((_, slot)) = known {
            return SlotRef { up, slot: *slot };
        }
        let Some(frame) = self.frames.get_mut(usize::from(owner.0)) else {
            return SlotRef { up, slot: u16::MAX };
        };
        let slot = frame.slots;
        frame.slots += 1;
        if let Some(node) = self.nodes.get_mut(node) {
            node.slots.push((owner, slot));
        }
        SlotRef { up, slot }
    }
}

/// The frame with the longest path that starts `path`, among those that `fits`.
fn deepest(frames: &[Frame], path: &[Step], fits: impl Fn(&Frame) -> bool) -> Option<FrameId> {
    let found = frames
        .iter()
        .enumerate()
        .filter(|(_, frame)| path.starts_with(&frame.path) && fits(frame))
        .max_by_key(|(_, frame)| frame.path.len())?;
    Some(FrameId(u16::try_from(found.0).unwrap_or(0)))
}

impl Places {
    /// Names compared in brackets after an element of this name.
    pub fn tests(&self, name: &str) -> impl Iterator<Item = &str> {
        let edges = self.nodes.iter().flat_map(|it| &it.edges);
        let edges = edges.filter(move |it| it.name.as_deref().is_none_or(|known| known == name));
        edges.flat_map(|it| &it.tests).filter_map(|test| match test {
            Test::Equals(name, _) => Some(name.as_ref()),
            Test::Nth(_) => None,
        })
    }
}
