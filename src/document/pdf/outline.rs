//! Bookmarks: titles and headings, nested by level.

use std::collections::BTreeMap;

use lopdf::{Document, Object, ObjectId, dictionary};

use super::words;
use crate::document::layout::item::{ElementKind, Item, Pages};
use crate::document::layout::measure::{PAGE_HEIGHT, POINT};

/// Longer headings run into their paragraph; a bookmark shows their beginning.
const LONGEST: usize = 40;

struct Entry {
    level: usize,
    text: String,
    page: usize,
    /// Upper edge of its first line, points from the foot of the sheet.
    top: f64,
}

/// Adds the bookmarks; gives their root, none when the document has no heading.
pub(super) fn add(file: &mut Document, pages: &Pages, page_ids: &[ObjectId]) -> Option<ObjectId> {
    let entries = entries(pages);
    if entries.is_empty() {
        return None;
    }
    let root = file.new_object_id();
    let ids: Vec<ObjectId> = entries.iter().map(|_| file.new_object_id()).collect();
    // The children of the root and of each entry, in order.
    let mut children: BTreeMap<ObjectId, Vec<ObjectId>> = BTreeMap::new();
    let mut parents = Vec::new();
    let mut open: Vec<(usize, ObjectId)> = Vec::new();
    for (entry, id) in entries.iter().zip(&ids) {
        open.retain(|(level, _)| *level < entry.level);
        let parent = open.last().map_or(root, |(_, id)| *id);
        children.entry(parent).or_default().push(*id);
        parents.push(parent);
        open.push((entry.level, *id));
    }
    for ((entry, id), parent) in entries.iter().zip(&ids).zip(&parents) {
        let Some(page) = page_ids.get(entry.page) else { continue };
        let place = vec![
            Object::Reference(*page),
            "XYZ".into(),
            Object::Null,
            Object::Real(entry.top as f32),
            Object::Null,
        ];
        let mut item = dictionary! { "Title" => words(&entry.text), "Parent" => *parent, "Dest" => place };
        let siblings = children.get(parent).map_or(&[][..], Vec::as_slice);
        let at = siblings.iter().position(|it| it == id).unwrap_or(0);
        if let Some(previous) = at.checked_sub(1).and_then(|at| siblings.get(at)) {
            item.set("Prev", *previous);
        }
        if let Some(next) = siblings.get(at + 1) {
            item.set("Next", *next);
        }
        family(&mut item, children.get(id), true);
        file.set_object(*id, item);
    }
    let mut outlines = dictionary! { "Type" => "Outlines" };
    family(&mut outlines, children.get(&root), false);
    file.set_object(root, outlines);
    Some(root)
}

/// First, last and number of the children; entries below the first level are shown closed, which a negative number says.
fn family(item: &mut lopdf::Dictionary, children: Option<&Vec<ObjectId>>, closed: bool) {
    let Some(children) = children else { return };
    if let (Some(first), Some(last)) = (children.first(), children.last()) {
        item.set("First", *first);
        item.set("Last", *last);
        let count = i64::try_from(children.len()).unwrap_or(i64::MAX);
        item.set("Count", if closed { -count } else { count });
    }
}

fn entries(pages: &Pages) -> Vec<Entry> {
    let mut found: Vec<Entry> = Vec::new();
    let mut last: Option<usize> = None;
    for (page, number) in pages.pages.iter().zip(0..) {
        let mut open: Option<(usize, usize)> = None;
        for item in &page.items {
            match item {
                Item::Begin(element) => open = element.and_then(|at| Some((at, level(pages, at)?))),
                Item::End => open = None,
                Item::Glyphs(it) => {
                    let Some((element, level)) = open else { continue };
                    if last != Some(element) {
                        let top = (PAGE_HEIGHT - it.y) / POINT + it.size;
                        found.push(Entry { level, text: String::new(), page: number, top });
                        last = Some(element);
                    }
                    if let Some(entry) = found.last_mut() {
                        entry.text.push_str(&it.text);
                    }
                }
                _ => {}
            }
        }
    }
    for entry in &mut found {
        if entry.text.chars().count() > LONGEST {
            entry.text = entry.text.chars().take(LONGEST).chain(['…']).collect();
        }
    }
    found
}

fn level(pages: &Pages, element: usize) -> Option<usize> {
    match pages.elements.get(element)?.kind {
        ElementKind::H1 => Some(1),
        ElementKind::H2 => Some(2),
        ElementKind::H3 => Some(3),
        _ => None,
    }
}
