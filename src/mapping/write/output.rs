//! The partner's tree while it is being filled: places are found or made by the same paths that reading uses.

use super::super::path::{Step, Test};

/// A value to be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Leaf {
    Text(String),
    /// JSON: without quotes.
    Bare(String),
    /// JSON `null`, elsewhere empty.
    Null,
}

impl Leaf {
    pub fn new(text: String, bare: bool) -> Self {
        if bare { Self::Bare(text) } else { Self::Text(text) }
    }

    pub fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    /// What the mapping writes for nothing; the word `null` is JSON's own.
    pub fn null(word: &str, bare: bool) -> Self {
        match word {
            "null" => Self::Null,
            "" => Self::text(""),
            word => Self::new(word.to_owned(), bare),
        }
    }

    fn said(&self) -> &str {
        match self {
            Self::Text(text) | Self::Bare(text) => text,
            Self::Null => "",
        }
    }
}

/// One place of the tree.
#[derive(Debug)]
pub(super) struct Node {
    /// Name as in paths, attributes with their `@`; empty for items of a list.
    pub name: String,
    pub tests: Vec<Test>,
    pub parent: usize,
    pub children: Vec<usize>,
    pub leaf: Option<Leaf>,
    /// The leaf only says that there is nothing; a value may take its place.
    pub blank: bool,
    pub list: bool,
}

impl Node {
    fn is_what(&self, step: &Step) -> bool {
        let named = step.name.as_deref().unwrap_or_default() == self.name;
        named && step.tests.iter().all(|it| self.tests.contains(it))
    }
}

/// The tree.
#[derive(Debug)]
pub(super) struct Out {
    pub nodes: Vec<Node>,
}

impl Out {
    pub fn new() -> Self {
        let root = Node {
            name: String::new(),
            tests: Vec::new(),
            parent: 0,
            children: Vec::new(),
            leaf: None,
            blank: false,
            list: false,
        };
        Self { nodes: vec![root] }
    }

    pub fn root(&self) -> usize {
        0
    }

    /// The place at the full path `path`, seen from a row at `base`; made where it is missing.
    pub fn reach(&mut self, row: usize, base: &[Step], path: &[Step]) -> usize {
        let shared = base.iter().zip(path).take_while(|(a, b)| a == b).count();
        let above = (shared..base.len()).fold(row, |at, _| self.nodes.get(at).map_or(0, |it| it.parent));
        path.iter().skip(shared).fold(above, |at, step| self.child(at, step))
    }

    /// The last child that a step names; made when there is none.
    pub fn child(&mut self, parent: usize, step: &Step) -> usize {
        let name = step.name.as_deref().unwrap_or_default();
        let fits =
            |n: &&usize| self.nodes.get(**n).is_some_and(|it| it.name == name && it.tests == step.tests);
        let found = self.nodes.get(parent).and_then(|it| it.children.iter().rev().find(fits)).copied();
        found.unwrap_or_else(|| self.new_child(parent, step))
    }

    /// A new child named by a step, with what its conditions demand.
    pub fn new_child(&mut self, parent: usize, step: &Step) -> usize {
        let node = match &step.name {
            Some(name) => self.push(parent, name, step.tests.clone()),
            None => self.item(parent),
        };
        for test in &step.tests {
            if let Test::Equals(name, value) = test {
                let inner = self.push(node, name, Vec::new());
                self.set(inner, Leaf::text(value.as_ref()));
            }
        }
        node
    }

    /// A new item of a list.
    pub fn item(&mut self, list: usize) -> usize {
        self.make_list(list);
        self.push(list, "", Vec::new())
    }

    pub fn make_list(&mut self, node: usize) {
        if let Some(node) = self.nodes.get_mut(node) {
            node.list = true;
        }
    }

    /// A new row at `below`, seen from `node`; none when the place can hold only one and does.
    pub fn append(&mut self, node: usize, below: &[Step], json: bool) -> Option<usize> {
        let (last, above) = below.split_last()?;
        let parent = above.iter().fold(node, |at, step| self.child(at, step));
        let name = last.name.as_deref();
        let there = self.nodes.get(parent)?.children.iter().any(|n| {
            self.nodes.get(*n).is_some_and(|it| Some(it.name.as_str()) == name && it.tests == last.tests)
        });
        // Only XML repeats a name.
        (!json || name.is_none() || !there).then(|| self.new_child(parent, last))
    }

    pub fn is_set(&self, node: usize) -> bool {
        self.nodes.get(node).is_some_and(|it| it.leaf.is_some())
    }

    /// Puts a value in; false when another value stands there already.
    pub fn set(&mut self, node: usize, leaf: Leaf) -> bool {
        let Some(node) = self.nodes.get_mut(node) else { return false };
        match &node.leaf {
            Some(known) if known.said() != leaf.said() && *known != Leaf::Null && !node.blank => false,
            _ => {
                node.leaf = Some(leaf);
                node.blank = false;
                true
            }
        }
    }

    /// Says that there is nothing, where nothing has been said yet.
    pub fn set_blank(&mut self, node: usize, leaf: Leaf) {
        if let Some(node) = self.nodes.get_mut(node).filter(|it| it.leaf.is_none()) {
            node.leaf = Some(leaf);
            node.blank = true;
        }
    }

    fn push(&mut self, parent: usize, name: &str, tests: Vec<Test>) -> usize {
        let at = self.nodes.len();
        self.nodes.push(Node {
            name: name.to_owned(),
            tests,
            parent,
            children: Vec::new(),
            leaf: None,
            blank: false,
            list: false,
        });
        if let Some(parent) = self.nodes.get_mut(parent) {
            parent.children.push(at);
        }
        at
    }

    /// Whether a place lies at `path` or, with `below`, above it: every step names it, and demands nothing it was not
    /// made for.
    pub fn lies_at(&self, node: usize, path: &[Step], below: bool) -> bool {
        let mut above = Vec::new();
        let mut at = node;
        while at != 0 {
            let Some(node) = self.nodes.get(at) else { break };
            above.push(node);
            at = node.parent;
        }
        let long_enough = if below { path.len() >= above.len() } else { path.len() == above.len() };
        long_enough && above.iter().rev().zip(path).all(|(node, step)| node.is_what(step))
    }
}
