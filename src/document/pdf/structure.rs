//! The structure tree: what is a title, a heading, a paragraph, a table, for readers that speak the page aloud.

use lopdf::{Dictionary, Document, Object, ObjectId, dictionary};

use super::integer;
use crate::document::layout::item::{Element, ElementKind};

fn name(kind: ElementKind) -> &'static str {
    match kind {
        ElementKind::H1 => "H1",
        ElementKind::H2 => "H2",
        ElementKind::H3 => "H3",
        ElementKind::P => "P",
        ElementKind::Table => "Table",
        ElementKind::TR => "TR",
        ElementKind::TH => "TH",
        ElementKind::TD => "TD",
    }
}

/// Adds the tree; `marks` lists for each page the element of each marked stretch. Gives the root of the tree.
pub(super) fn add(
    file: &mut Document,
    elements: &[Element],
    pages: &[ObjectId],
    marks: &[Vec<usize>],
) -> ObjectId {
    let root = file.new_object_id();
    let whole = file.new_object_id();
    let ids: Vec<ObjectId> = elements.iter().map(|_| file.new_object_id()).collect();
    let mut kids: Vec<Vec<Object>> = vec![Vec::new(); elements.len()];
    let mut top = Vec::new();
    let mut parents = Vec::new();
    for (number, (page, marks)) in pages.iter().zip(marks).enumerate() {
        let mut of_page = Vec::new();
        for (mcid, element) in marks.iter().enumerate() {
            if let (Some(kids), Some(id)) = (kids.get_mut(*element), ids.get(*element)) {
                kids.push(Object::Dictionary(dictionary! {
                    "Type" => "MCR", "Pg" => *page, "MCID" => integer(mcid),
                }));
                of_page.push(Object::Reference(*id));
            }
        }
        parents.push(integer(number));
        parents.push(Object::Reference(file.add_object(Object::Array(of_page))));
        if let Ok(page) = file.get_object_mut(*page).and_then(Object::as_dict_mut) {
            page.set("StructParents", integer(number));
            page.set("Tabs", "S");
        }
    }
    // Children stand behind their parents, so going backwards each has its children when it is written.
    for (at, (element, id)) in elements.iter().zip(&ids).enumerate().rev() {
        let mut own = kids.get_mut(at).map(std::mem::take).unwrap_or_default();
        if element.parent.is_none() && own.is_empty() {
            continue;
        }
        if matches!(element.kind, ElementKind::Table | ElementKind::TR) {
            own.reverse();
        }
        let parent = element.parent.and_then(|parent| ids.get(parent)).copied().unwrap_or(whole);
        let mut entry = dictionary! {
            "Type" => "StructElem", "S" => name(element.kind), "P" => parent, "K" => Object::Array(own),
        };
        if element.kind == ElementKind::TH {
            let scope = dictionary! { "O" => "Table", "Scope" => "Column" };
            entry.set("A", Object::Dictionary(scope));
        }
        file.set_object(*id, entry);
        match element.parent.and_then(|parent| kids.get_mut(parent)) {
            Some(kids) => kids.push(Object::Reference(*id)),
            None => top.push(Object::Reference(*id)),
        }
    }
    top.reverse();
    file.set_object(
        whole,
        dictionary! { "Type" => "StructElem", "S" => "Document", "P" => root, "K" => Object::Array(top) },
    );
    let parent_tree = file.add_object(dictionary! { "Nums" => Object::Array(parents) });
    let tree: Dictionary = dictionary! {
        "Type" => "StructTreeRoot", "K" => whole, "ParentTree" => parent_tree,
        "ParentTreeNextKey" => integer(pages.len()),
    };
    file.set_object(root, tree);
    root
}
