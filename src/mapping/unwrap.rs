//! Opening the documents inside values before the walk, and finding how far a path leads.

use super::compile::{Layer, Unwrap};
use super::path::{Step, Test, show};
use super::walk::Names;
use crate::error::Problem;
use crate::format::{Kind, Nested, NodeId, ReadSpec, Tree};

/// Opens every value that the mapping says holds a document. Empty values and those that are no text stay as they are.
pub(super) fn all(tree: &mut Tree<'_>, unwraps: &[Unwrap], names: Names, spec: &ReadSpec) -> Vec<Problem> {
    let mut problems = Vec::new();
    // A value holds one document, even where the message holds several.
    let spec = &ReadSpec { many: false, ..spec.clone() };
    for unwrap in unwraps {
        for host in find(tree, &unwrap.at, names) {
            if tree.value(host).is_none_or(|it| it.trim().is_empty()) {
                continue;
            }
            let opened = unwrap
                .layers
                .iter()
                .try_fold(host, |at, layer| tree.unwrap(at, &nested(layer), spec, &mut problems));
            if let Err(found) = opened {
                problems.extend(found);
            }
        }
    }
    problems
}

fn nested(layer: &Layer) -> Nested {
    match layer {
        Layer::Base64(charset) => Nested::Base64 { charset: charset.clone() },
        Layer::Percent(charset) => Nested::Percent { charset: charset.clone() },
        Layer::Escaped => Nested::Escaped,
        Layer::Xml => Nested::Xml,
        Layer::Json => Nested::Json,
        Layer::Form => Nested::Form,
    }
}

/// The innermost document that was opened at a node; the node itself when there is none.
pub(super) fn inside(tree: &Tree<'_>, node: NodeId) -> NodeId {
    let mut at = node;
    while let Some(inner) = tree.nested(at) {
        at = inner;
    }
    at
}

/// Every node at a full path.
fn find(tree: &Tree<'_>, path: &[Step], names: Names) -> Vec<NodeId> {
    path.iter().fold(vec![tree.root()], |at, step| {
        at.into_iter().flat_map(|node| below(tree, node, step, names)).collect()
    })
}

/// The text of the first node at a full path.
pub(super) fn first<'t>(tree: &'t Tree<'_>, path: &[Step]) -> Option<&'t str> {
    find(tree, path, Names::default()).into_iter().find_map(|it| tree.value(it))
}

/// How far a full path leads: the last node found, and the step that was not.
pub(super) fn reach(tree: &Tree<'_>, path: &[Step], names: Names) -> (NodeId, Option<String>) {
    let mut at = tree.root();
    for step in path {
        let list = tree.kind(inside(tree, at)) == Kind::Array;
        match below(tree, at, step, names).into_iter().next() {
            Some(next) => at = next,
            // An empty list lacks nothing.
            None if step.name.is_none() && list => return (at, None),
            None => return (at, Some(show(std::slice::from_ref(step)).trim_start_matches('/').to_owned())),
        }
    }
    (at, None)
}

/// The children that one step leads to.
fn below(tree: &Tree<'_>, node: NodeId, step: &Step, names: Names) -> Vec<NodeId> {
    let node = inside(tree, node);
    let list = tree.kind(node) == Kind::Array;
    tree.children(node)
        .enumerate()
        .filter(|(n, child)| matches(tree, node, *child, step, names, list.then_some(*n)))
        .map(|(_, child)| child)
        .collect()
}

/// Whether a child of `parent` is what a step wants; `item` is its number in a list.
pub(super) fn matches(
    tree: &Tree<'_>,
    parent: NodeId,
    child: NodeId,
    step: &Step,
    names: Names,
    item: Option<usize>,
) -> bool {
    let attribute = tree.kind(child) == Kind::Attribute;
    let named = match (step.name.as_deref(), item) {
        (None, _) => !attribute,
        (Some(wanted), Some(item)) => wanted.parse() == Ok(item),
        (Some(wanted), None) => {
            let (wanted, wants_attribute) = wanted.strip_prefix('@').map_or((wanted, false), |it| (it, true));
            wants_attribute == attribute && names.same(wanted, tree.name(child))
        }
    };
    named && passes(tree, parent, child, &step.tests)
}

/// Whether a node passes the conditions in brackets.
pub(super) fn passes(tree: &Tree<'_>, parent: NodeId, node: NodeId, tests: &[Test]) -> bool {
    tests.iter().all(|test| match test {
        Test::Equals(name, value) => {
            let found = match name.strip_prefix('@') {
                Some(name) => tree.attribute(node, name),
                None => tree.child(node, name),
            };
            found.and_then(|it| tree.value(it)).is_some_and(|it| it.trim() == value.as_ref())
        }
        Test::Nth(wanted) => {
            let name = tree.name(node);
            let before = tree.children(parent).take_while(|it| *it != node);
            let before = before.filter(|it| tree.name(*it) == name).count();
            u32::try_from(before + 1) == Ok(*wanted)
        }
    })
}
