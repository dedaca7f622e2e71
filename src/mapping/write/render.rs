//! The filled tree as items of the format, and those as bytes.

use super::super::Mapping;
use super::super::compile::{Layer, Unwrap};
use super::super::path::Step;
use super::output::{Leaf, Out};
use super::{Stamps, WritePlan};
use crate::error::codes::mapping as codes;
use crate::error::{Error, Problem};
use crate::format::write::{
    self, Column, ColumnKind, Content, CsvLayout, Inner, InnerForm, Item, JsonLayout, SheetWriter, XmlLayout,
};
use crate::format::{Format, Frame};
use crate::text::charset::Charset;

/// The message as bytes.
pub(super) fn bytes(
    mapping: &Mapping,
    plan: &WritePlan,
    out: &Out,
    stamps: &Stamps<'_>,
) -> Result<Vec<u8>, Error> {
    let render = Render { mapping, plan, out, charset: charset(mapping.format.spec.charset.as_deref()) };
    render.check_wrapped()?;
    let root = render.item(out.root());
    let label = mapping.format.spec.charset.clone();
    let written = match mapping.format.spec.format {
        Format::Xml => {
            write::xml(&only_element(root)?, &xml_layout(render.charset, label, mapping.format.declaration))
        }
        Format::Json => render.json(root),
        Format::Form => write::form(&root, render.charset, mapping.format.percent),
        Format::Csv => write::csv(&list(root), &render.csv_layout()),
        Format::Xlsx => return render.workbook(&list(root)),
        Format::Frame => return render.frame(&root, stamps),
    };
    written.map_err(|found| unwritable(mapping, found))
}

fn unwritable(mapping: &Mapping, found: Vec<Problem>) -> Error {
    Error::new(codes::MESSAGE_WRITE, format!("无法写成“{}”。", mapping.title)).with_problems(found)
}

fn charset(label: Option<&str>) -> Charset {
    label.and_then(Charset::from_label).unwrap_or(Charset::Utf8)
}

fn xml_layout(charset: Charset, label: Option<String>, declaration: bool) -> XmlLayout {
    let declared = label.unwrap_or_else(|| charset.label().to_owned()).to_uppercase();
    XmlLayout { charset, declared: declaration.then_some(declared), ..XmlLayout::default() }
}

/// An XML document has one element at the top.
fn only_element(root: Item) -> Result<Item, Error> {
    match root.content {
        Content::Object(mut children) if children.len() == 1 => Ok(children.remove(0)),
        _ => Err(Error::new(
            codes::MESSAGE_WRITE,
            "XML 最外层必须正好是一个元素，核对映射里的路径是否都从同一个根元素写起。",
        )),
    }
}

fn list(root: Item) -> Item {
    match root.content {
        Content::Array(_) => root,
        _ => Item::array("", Vec::new()),
    }
}

struct Render<'r> {
    mapping: &'r Mapping,
    plan: &'r WritePlan,
    out: &'r Out,
    charset: Charset,
}

impl Render<'_> {
    /// One document, or those of the list one behind the other where the message is read so.
    fn json(&self, root: Item) -> Result<Vec<u8>, Vec<Problem>> {
        let layout = JsonLayout { charset: self.charset, ..JsonLayout::default() };
        match root.content {
            Content::Array(documents) if self.mapping.format.spec.many => {
                let written: Result<Vec<_>, _> =
                    documents.iter().map(|it| write::json(it, &layout)).collect();
                written.map(|it| it.concat())
            }
            _ => write::json(&root, &layout),
        }
    }

    fn item(&self, at: usize) -> Item {
        let Some(node) = self.out.nodes.get(at) else { return Item::text("", "") };
        let name = node.name.trim_start_matches('@').to_owned();
        if let Some(unwrap) = self.wrapped(at) {
            return Item::new(name, self.inner(at, unwrap));
        }
        let content = match &node.leaf {
            Some(leaf) if node.name.starts_with('@') => Content::Attribute(text_of(leaf)),
            Some(leaf) if node.children.is_empty() => content(leaf),
            _ => self.container(at),
        };
        Item::new(name, content)
    }

    fn container(&self, at: usize) -> Content {
        let Some(node) = self.out.nodes.get(at) else { return Content::Null };
        let mut order = node.children.clone();
        order.sort_by_key(|child| self.rank(*child));
        let mut children: Vec<Item> = order.into_iter().map(|it| self.item(it)).collect();
        if let Some(leaf) = &node.leaf {
            children.push(Item::new("#text", content(leaf)));
        }
        if node.list { Content::Array(children) } else { Content::Object(children) }
    }

    /// Where the partner wants a place among its siblings; those without a wish keep their order behind.
    fn rank(&self, node: usize) -> usize {
        if self.plan.order.is_empty() {
            return 0;
        }
        let wanted = |path: &Vec<Step>| self.out.lies_at(node, path, true);
        self.plan.order.iter().position(wanted).unwrap_or(usize::MAX)
    }

    /// An XML document inside a value has one element at the top too: rows that would each need a document of their own
    /// cannot go out in one message.
    fn check_wrapped(&self) -> Result<(), Error> {
        for (at, node) in self.out.nodes.iter().enumerate() {
            let Some(unwrap) = self.wrapped(at) else { continue };
            if node.children.len() > 1 && !unwrap.layers.iter().any(|it| matches!(it, Layer::Json)) {
                let rule =
                    format!("对方报文的 {} 里只能装一份文档，这里有 {} 份。", node.name, node.children.len());
                return Err(Error::new(codes::MESSAGE_WRITE, format!("{rule}分成几份报文发送。")));
            }
        }
        Ok(())
    }

    fn wrapped(&self, node: usize) -> Option<&Unwrap> {
        self.mapping.unwrap.iter().find(|it| self.out.lies_at(node, &it.at, false))
    }

    fn inner(&self, at: usize, unwrap: &Unwrap) -> Content {
        let mut base64 = None;
        let mut label = None;
        let mut json = false;
        let mut escaped = false;
        for layer in &unwrap.layers {
            match layer {
                Layer::Base64(named) => {
                    base64 = Some(charset(named.as_deref()));
                    label = named.clone();
                }
                Layer::Json => json = true,
                // The last two are refused at load where the mapping writes.
                Layer::Xml | Layer::Percent(_) | Layer::Form => {}
                Layer::Escaped => escaped = true,
            }
        }
        let whole = Item::new("", self.container(at));
        let (item, form) = if json {
            (whole, InnerForm::Json(JsonLayout::default()))
        } else {
            let element = only_element(whole).unwrap_or_else(|_| Item::object("empty", Vec::new()));
            (element, InnerForm::Xml(xml_layout(base64.unwrap_or(self.charset), label, unwrap.declaration)))
        };
        let cdata = base64.is_none() && !escaped && self.mapping.format.spec.format == Format::Xml;
        Content::Inner(Box::new(Inner { item, form, cdata, escaped, base64 }))
    }

    fn columns(&self) -> Vec<String> {
        let mut names: Vec<String> = Vec::new();
        for node in self.out.nodes.iter().filter(|it| it.children.is_empty() && it.leaf.is_some()) {
            if !names.contains(&node.name) {
                names.push(node.name.clone());
            }
        }
        // The order of the fields in the mapping, so that the same columns come in the same order whatever is empty.
        let fields: Vec<&str> = self.mapping.columns().collect();
        let mut all: Vec<String> = fields.iter().map(|it| (*it).to_owned()).collect();
        all.extend(names.into_iter().filter(|it| !fields.contains(&it.as_str())));
        all
    }

    fn csv_layout(&self) -> CsvLayout {
        CsvLayout {
            charset: self.charset,
            delimiter: self.mapping.format.spec.table.delimiter,
            columns: self.columns(),
            ..CsvLayout::default()
        }
    }

    fn workbook(&self, table: &Item) -> Result<Vec<u8>, Error> {
        let columns = self.columns();
        let heads = columns
            .iter()
            .map(|title| Column { title: title.clone(), kind: ColumnKind::Text, width: 18, note: None })
            .collect();
        let sheet = self.mapping.format.spec.table.sheet.as_deref().unwrap_or("Sheet1");
        let header = self.mapping.format.spec.table.header_row > 1;
        let mut writer = SheetWriter::new(sheet, header.then_some(self.mapping.title.as_str()), heads)?;
        let Content::Array(rows) = &table.content else { return writer.finish() };
        for row in rows {
            let cells: Vec<String> = columns.iter().map(|name| cell(row, name)).collect();
            writer.row(&cells)?;
        }
        writer.finish()
    }

    fn frame(&self, root: &Item, stamps: &Stamps<'_>) -> Result<Vec<u8>, Error> {
        let Some(mac) = stamps.mac else {
            return Err(Error::new(
                codes::MESSAGE_WRITE,
                "写定长报文要用双方约定的口令计算校验码，调用方没有给出。",
            ));
        };
        let number = cell(root, "message_no");
        let Content::Object(parts) = &root.content else {
            return Err(Error::new(codes::MESSAGE_WRITE, "定长报文里没有内容。"));
        };
        let document = parts.iter().find(|it| it.name == "xml").map(|it| &it.content);
        let xml = match document {
            Some(Content::Inner(inner)) => write::xml(
                &inner.item,
                &xml_layout(
                    self.charset,
                    self.mapping.format.spec.charset.clone(),
                    self.mapping.format.declaration,
                ),
            )
            .map_err(|found| unwritable(self.mapping, found))?,
            Some(Content::Text(text)) => text.clone().into_bytes(),
            _ => return Err(Error::new(codes::MESSAGE_WRITE, "定长报文里没有 xml 部分。")),
        };
        Ok(Frame::write(&number, &xml, mac))
    }
}

fn text_of(leaf: &Leaf) -> String {
    match leaf {
        Leaf::Text(text) | Leaf::Bare(text) => text.clone(),
        Leaf::Null => String::new(),
    }
}

fn content(leaf: &Leaf) -> Content {
    match leaf {
        Leaf::Text(text) => Content::Text(text.clone()),
        Leaf::Bare(text) if text == "true" || text == "false" => Content::Bool(text == "true"),
        Leaf::Bare(text) => Content::Number(text.clone()),
        Leaf::Null => Content::Null,
    }
}

fn cell(row: &Item, name: &str) -> String {
    let Content::Object(cells) = &row.content else { return String::new() };
    cells
        .iter()
        .find(|it| it.name == name)
        .map(|it| match &it.content {
            Content::Text(text) | Content::Number(text) => text.clone(),
            Content::Bool(flag) => flag.to_string(),
            _ => String::new(),
        })
        .unwrap_or_default()
}
