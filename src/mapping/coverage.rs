//! What of a message the mapping never looks at, so that an integrator sees what was forgotten.

use std::collections::BTreeSet;
use std::io::Cursor;

use super::path::Step;
use super::substitution::general;
use super::unwrap::{self, matches};
use super::walk::Filled;
use super::{Hints, Mapping};
use crate::format::{self, Kind, NodeId, Tree};

impl Mapping {
    /// Paths of values that no part of the mapping reads, list numbers left out, those under `ignore` left out.
    /// Empty when the message cannot be read.
    #[must_use]
    pub fn unread(&self, bytes: &[u8]) -> Vec<String> {
        if self.is_table() {
            let Ok(mut table) = self.read_rows(Cursor::new(bytes), &Hints::default()) else {
                return Vec::new();
            };
            return table.rows().map(|it| it.unread_columns()).unwrap_or_default();
        }
        let Ok(mut document) = format::read(bytes, &self.format.spec) else { return Vec::new() };
        unwrap::all(&mut document.tree, &self.unwrap, self.format.names, &self.format.spec);
        let mut unread = BTreeSet::new();
        self.collect_unread(&document.tree, &mut unread);
        unread.into_iter().collect()
    }

    /// Adds what a tree holds that is not read.
    pub(super) fn collect_unread(&self, tree: &Tree<'_>, unread: &mut BTreeSet<String>) {
        let filled = Filled::new(tree, &self.places, self.format.names, !self.unwrap.is_empty());
        let read: BTreeSet<NodeId> = filled.used().collect();
        for node in tree.ids() {
            let leaf = !matches!(tree.kind(node), Kind::Object | Kind::Array | Kind::Null);
            let said = tree.value(node).is_some_and(|it| !it.trim().is_empty());
            if !leaf || !said || read.contains(&node) || tree.nested(node).is_some() {
                continue;
            }
            // The root of an unwrapped text, and items of a list that is read as a whole.
            if tree.parent(node).is_none_or(|it| read.contains(&it) || tree.value(it).is_some())
                && tree.name(node).is_empty()
            {
                continue;
            }
            if self.ignore.iter().any(|path| self.under(tree, node, path)) || self.tested(tree, node) {
                continue;
            }
            unread.insert(general(&tree.path(node)));
        }
    }

    /// Whether a node lies at or below a path.
    fn under(&self, tree: &Tree<'_>, node: NodeId, path: &[Step]) -> bool {
        let mut above = vec![node];
        while let Some(parent) = above.last().and_then(|it| tree.parent(*it)) {
            above.push(parent);
        }
        above.reverse();
        let mut steps = path.iter();
        let mut wanted = steps.next();
        for pair in above.windows(2) {
            let [parent, child] = pair else { continue };
            let Some(step) = wanted else { return true };
            // The root of an unwrapped document stands for its host.
            if tree.nested(*parent) == Some(*child) {
                continue;
            }
            let list = tree.kind(*parent) == Kind::Array;
            let item = tree.children(*parent).position(|it| it == *child).filter(|_| list);
            if !matches(tree, *parent, *child, step, self.format.names, item) {
                return false;
            }
            wanted = steps.next();
        }
        wanted.is_none()
    }

    /// Whether the node is what a condition in brackets compares, such as `@name` of `Item[@name='X']`.
    fn tested(&self, tree: &Tree<'_>, node: NodeId) -> bool {
        let Some(parent) = tree.parent(node) else { return false };
        let marked = match tree.kind(node) {
            Kind::Attribute => format!("@{}", tree.name(node)),
            _ => tree.name(node).to_owned(),
        };
        self.places.tests(tree.name(parent)).any(|name| name == marked)
    }
}

impl Mapping {
    /// Names of the columns a table is read from, in the order of the fields.
    pub(super) fn columns(&self) -> impl Iterator<Item = &str> {
        self.places.wanted().filter_map(|path| match path {
            [step] => step.name.as_deref(),
            _ => None,
        })
    }
}
