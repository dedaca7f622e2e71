//! Which parts of the package are what: workbook, sheets, shared texts, styles.

use std::collections::HashMap;
use std::io::{Read, Seek};

use quick_xml::events::Event;
use zip::ZipArchive;

use super::super::Limits;
use super::{Checked, attribute, open_part, unreadable};

/// What the workbook part says.
#[derive(Debug, Default)]
pub(super) struct Book {
    pub sheets: Vec<SheetPart>,
    pub strings: Option<String>,
    pub styles: Option<String>,
    /// Whether dates count from 1904, as old Macintosh files do.
    pub from_1904: bool,
}

#[derive(Debug)]
pub(super) struct SheetPart {
    pub name: String,
    pub part: String,
    pub hidden: bool,
}

/// A relationship: its type's last word and the part it leads to.
struct Relation {
    kind: String,
    part: String,
}

pub(super) fn find<R: Read + Seek>(archive: &mut ZipArchive<R>, limits: &Limits) -> Checked<Book> {
    let top = relations(archive, "", limits)?;
    let workbook =
        top.values().find(|it| it.kind == "officeDocument").map_or("xl/workbook.xml", |it| &it.part);
    let workbook = workbook.to_owned();
    let related = relations(archive, &workbook, limits)?;
    let part_of = |kind: &str| related.values().find(|it| it.kind == kind).map(|it| it.part.clone());
    let mut book = Book { strings: part_of("sharedStrings"), styles: part_of("styles"), ..Book::default() };
    let Some(mut events) = open_part(archive, &workbook, limits)? else {
        return Err(unreadable("文件里没有工作簿，可能不是 xlsx。"));
    };
    while let Some(event) = events.next()? {
        let (Event::Start(tag) | Event::Empty(tag)) = event else { continue };
        match tag.local_name().as_ref() {
            "workbookPr" => {
                book.from_1904 = matches!(attribute(&tag, "date1904").as_deref(), Some("1" | "true"));
            }
            "sheet" => {
                let target = attribute(&tag, "id").and_then(|id| related.get(&id));
                if let (Some(name), Some(target)) = (attribute(&tag, "name"), target) {
                    let hidden = attribute(&tag, "state").is_some_and(|state| state != "visible");
                    if target.kind == "worksheet" {
                        book.sheets.push(SheetPart { name, part: target.part.clone(), hidden });
                    }
                }
            }
            _ => {}
        }
    }
    Ok(book)
}

/// The relationships of a part, by id; of the package itself when the part is empty.
fn relations<R: Read + Seek>(
    archive: &mut ZipArchive<R>,
    part: &str,
    limits: &Limits,
) -> Checked<HashMap<String, Relation>> {
    let (folder, file) = part.rsplit_once('/').unwrap_or(("", part));
    let name =
        if folder.is_empty() { format!("_rels/{file}.rels") } else { format!("{folder}/_rels/{file}.rels") };
    let mut found = HashMap::new();
    let Some(mut events) = open_part(archive, &name, limits)? else { return Ok(found) };
    while let Some(event) = events.next()? {
        let (Event::Start(tag) | Event::Empty(tag)) = event else { continue };
        if tag.local_name().as_ref() != "Relationship" {
            continue;
        }
        if let (Some(id), Some(kind), Some(target)) =
            (attribute(&tag, "Id"), attribute(&tag, "Type"), attribute(&tag, "Target"))
        {
            let kind = kind.rsplit('/').next().unwrap_or_default().to_owned();
            found.insert(id, Relation { kind, part: resolve(folder, &target) });
        }
    }
    Ok(found)
}

/// A target relative to a folder, as a part name without leading slash.
fn resolve(folder: &str, target: &str) -> String {
    let target = target.replace('\\', "/");
    let joined = match target.strip_prefix('/') {
        Some(absolute) => absolute.to_owned(),
        None if folder.is_empty() => target,
        None => format!("{folder}/{target}"),
    };
    let mut steps: Vec<&str> = Vec::new();
    for step in joined.split('/') {
        match step {
            "" | "." => {}
            ".." => {
                steps.pop();
            }
            _ => steps.push(step),
        }
    }
    steps.join("/")
}
