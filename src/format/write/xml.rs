//! Writing XML.

use quick_xml::escape;

use super::{Content, Item, Path, inner_text};
use crate::error::{Problem, codes};
use crate::text::charset::Charset;

/// How an XML document is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct XmlLayout {
    /// Charset of the bytes, or of the document inside a value.
    pub charset: Charset,
    /// Charset named in the declaration: some partners insist on `GB2312` or `gbk`. None writes no declaration.
    pub declared: Option<String>,
    /// Spaces for each level; none writes everything on one line.
    pub indent: Option<usize>,
    /// Writes `<a></a>` instead of `<a/>` for what is empty.
    pub expand_empty: bool,
}

impl Default for XmlLayout {
    fn default() -> Self {
        Self { charset: Charset::Utf8, declared: Some("UTF-8".into()), indent: None, expand_empty: false }
    }
}

/// Writes a document whose element is `root`.
pub fn xml(root: &Item, layout: &XmlLayout) -> Result<Vec<u8>, Vec<Problem>> {
    let mut path = Path::default();
    let text = text(root, layout, &mut path);
    path.finish(text, layout.charset)
}

pub(super) fn text(root: &Item, layout: &XmlLayout, path: &mut Path) -> String {
    let mut writer = Writer { out: String::with_capacity(1024), layout, path, flat: false };
    if let Some(charset) = &layout.declared {
        writer.out.push_str("<?xml version=\"1.0\" encoding=\"");
        writer.out.push_str(charset);
        writer.out.push_str("\"?>");
        if layout.indent.is_some() {
            writer.out.push('\n');
        }
    }
    if matches!(root.content, Content::Array(_) | Content::Attribute(_)) {
        writer.path.refuse(
            codes::format::WRITE_SHAPE,
            &root.name,
            "XML 最外层必须是一个元素。",
            "请修改映射文件的输出层次。",
        );
        return writer.out;
    }
    writer.element(&root.name, &root.content, 0);
    writer.out
}

struct Writer<'w> {
    out: String,
    layout: &'w XmlLayout,
    path: &'w mut Path,
    /// Whether an element around this has text beside its elements.
    flat: bool,
}

impl Writer<'_> {
    fn element(&mut self, name: &str, content: &Content, level: usize) {
        if !self.path.enter(name) {
            return self.path.leave();
        }
        self.check_name(name);
        self.out.push('<');
        self.out.push_str(name);
        if let Content::Object(children) = content {
            self.attributes(children);
        }
        let opened = self.out.len();
        self.out.push('>');
        self.content(content, level);
        if self.out.len() == opened + 1 && !self.layout.expand_empty {
            self.out.truncate(opened);
            self.out.push_str("/>");
        } else {
            self.out.push_str("</");
            self.out.push_str(name);
            self.out.push('>');
        }
        self.path.leave();
    }

    fn attributes(&mut self, children: &[Item]) {
        for child in children {
            if let Content::Attribute(value) = &child.content {
                self.path.steps.push(format!("@{}", child.name));
                self.check_name(&child.name);
                self.path.check_text(value);
                self.out.push(' ');
                self.out.push_str(&child.name);
                self.out.push_str("=\"");
                // References keep line ends and tabs, which XML 1.0 §3.3.3 would read as spaces.
                let escaped = escape::escape(value.as_str());
                self.out
                    .push_str(&escaped.replace('\n', "&#10;").replace('\r', "&#13;").replace('\t', "&#9;"));
                self.out.push('"');
                self.path.leave();
            }
        }
    }

    fn content(&mut self, content: &Content, level: usize) {
        match content {
            Content::Object(children) => self.children(children, level),
            Content::Array(items) => self.children(items, level),
            Content::Text(text) | Content::Attribute(text) => self.text(text),
            Content::Number(digits) => self.text(digits),
            Content::Bool(value) => self.out.push_str(if *value { "true" } else { "false" }),
            Content::Null => {}
            Content::Cdata(text) => self.cdata(text),
            Content::Inner(inner) => {
                let text = inner_text(inner, self.path);
                if inner.cdata { self.cdata(&text) } else { self.text(&text) }
            }
        }
    }

    fn children(&mut self, children: &[Item], level: usize) {
        let mut any = false;
        // White space between elements would become part of text that stands beside them.
        let mixed = children.iter().any(|child| child.name == "#text");
        let outer = self.flat;
        self.flat |= mixed;
        for child in children {
            match &child.content {
                Content::Attribute(_) => {}
                // Text beside elements, and the text of an element with attributes.
                _ if child.name == "#text" => self.content(&child.content, level),
                Content::Array(items) => {
                    for item in items {
                        any = true;
                        self.newline(level + 1);
                        self.element(&child.name, &item.content, level + 1);
                    }
                }
                content => {
                    any = true;
                    self.newline(level + 1);
                    self.element(&child.name, content, level + 1);
                }
            }
        }
        if any {
            self.newline(level);
        }
        self.flat = outer;
    }

    fn newline(&mut self, level: usize) {
        if let Some(width) = self.layout.indent.filter(|_| !self.flat) {
            self.out.push('\n');
            self.out.extend(std::iter::repeat_n(' ', level * width));
        }
    }

    fn text(&mut self, text: &str) {
        self.path.check_text(text);
        // A carriage return would be read as a newline (XML 1.0 §2.11), so it goes as a reference.
        self.out.push_str(&escape::partial_escape(text).replace('\r', "&#13;"));
    }

    fn cdata(&mut self, text: &str) {
        self.path.check_text(text);
        self.out.push_str("<![CDATA[");
        self.out.push_str(&text.replace("]]>", "]]]]><![CDATA[>"));
        self.out.push_str("]]>");
    }

    fn check_name(&mut self, name: &str) {
        let mut chars = name.chars();
        let start = |c: char| c.is_alphabetic() || c == '_';
        let fits = chars.next().is_some_and(start)
            && chars.all(|c| start(c) || c.is_numeric() || matches!(c, '-' | '.' | ':' | '\u{B7}'));
        if !fits {
            self.path.refuse(
                codes::format::UNWRITABLE_NAME,
                name,
                format!("“{name}”不能作 XML 标签或属性名。"),
                "名称以字母、汉字或下划线开头，只含字母、汉字、数字、-、_、.。",
            );
        }
    }
}
