//! One way to look at what was read, and the tests that concern all formats.

use std::fmt::Write;

use super::{ReadSpec, Tree, read};

/// Renders what was read: path, kind and value of each node, then the problems.
pub(super) fn show(bytes: &[u8], spec: &ReadSpec) -> String {
    let mut out = String::new();
    let problems = match read(bytes, spec) {
        Ok(document) => {
            show_tree(&document.tree, &mut out);
            document.problems
        }
        Err(problems) => problems,
    };
    for problem in problems {
        let _ = writeln!(out, "! {problem}");
    }
    out
}

pub(super) fn show_tree(tree: &Tree<'_>, out: &mut String) {
    for id in tree.ids() {
        let _ = write!(out, "{} {:?}", tree.path(id), tree.kind(id));
        if let Some(value) = tree.value(id) {
            let _ = write!(out, " {value:?}");
        }
        let source = tree.source(id);
        let _ = writeln!(out, "  <{}>", source.chars().take(40).collect::<String>());
    }
}
