//! Blocks → DOCX (ISO/IEC 29500), for leaders who change a draft by hand. The measures of GB/T 9704 are in its section and styles;
//! where lines and pages end is for the word processor, so its pages may differ from those of the PDF.
//!
//! The same blocks and the same [`Meta`] give the same bytes.

mod paragraph;
mod styles;
mod table;

use super::block::{Align, Block, Document, Head, Imprint, Text};
use super::font::Role;
use super::package;
use super::pdf::Meta;
use super::xml::escape;
use crate::error::Result;
use paragraph::Paragraph;

const HEAD: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n";
const W: &str = "xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\" \
                 xmlns:r=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships\"";

/// Writes a document.
///
/// # Errors
/// When it cannot be packed, which means that memory is out.
pub fn write(document: &Document, meta: &Meta) -> Result<Vec<u8>> {
    let mut body = String::new();
    for block in &document.blocks {
        put(&mut body, block);
    }
    let body = format!("{HEAD}<w:document {W}><w:body>{body}{}</w:body></w:document>", styles::SECTION);
    let part = |name: &str, text: String| (name.to_owned(), text.into_bytes());
    package::pack(&[
        part("[Content_Types].xml", format!("{HEAD}{}", styles::CONTENT_TYPES)),
        part("_rels/.rels", format!("{HEAD}{}", styles::RELATIONS)),
        part("docProps/core.xml", properties(meta)),
        part("word/document.xml", body),
        part("word/_rels/document.xml.rels", format!("{HEAD}{}", styles::DOCUMENT_RELATIONS)),
        part("word/styles.xml", styles::styles()),
        part("word/settings.xml", format!("{HEAD}<w:settings {W}>{}</w:settings>", styles::SETTINGS)),
        part("word/footer_odd.xml", styles::footer("right")),
        part("word/footer_even.xml", styles::footer("left")),
    ])
}

fn properties(meta: &Meta) -> String {
    let dates = meta.date.map_or_else(String::new, |date| {
        let told = |name: &str| {
            format!("<dcterms:{name} xsi:type=\"dcterms:W3CDTF\">{date}T00:00:00+08:00</dcterms:{name}>")
        };
        told("created") + &told("modified")
    });
    format!(
        "{HEAD}<cp:coreProperties xmlns:cp=\"http://schemas.openxmlformats.org/package/2006/metadata/core-properties\" \
         xmlns:dc=\"http://purl.org/dc/elements/1.1/\" xmlns:dcterms=\"http://purl.org/dc/terms/\" \
         xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\"><dc:title>{}</dc:title><dc:subject>{}</dc:subject>\
         <dc:creator>{}</dc:creator>{dates}</cp:coreProperties>",
        escape(&meta.title),
        escape(&meta.subject),
        escape(&meta.author),
    )
}

fn put(out: &mut String, block: &Block) {
    match block {
        Block::Head(head) => put_head(out, head),
        Block::Title(parts) => put_title(out, parts),
        Block::Subtitle(text) => {
            Paragraph::plain().align(Align::Center).keep_next().role(Role::Kai).put(out, text)
        }
        Block::Number(align, text) => Paragraph::plain().align(*align).put(out, text),
        Block::Addressee(text) => Paragraph::plain().put(out, text),
        Block::Heading { level, mark, head, rest } => put_heading(out, *level, mark, head, rest),
        Block::Paragraph(Align::Justify, text) => Paragraph::body().put(out, text),
        Block::Paragraph(align, text) => Paragraph::plain().align(*align).put(out, text),
        Block::Attachments(names) => put_attachments(out, names),
        Block::Sign { organs, date, .. } => put_sign(out, organs, date),
        Block::Note(text) => Paragraph::body().put(out, &text.clone().after("（").before("）")),
        Block::Attachment(label, title) => {
            Paragraph::plain().role(Role::Hei).new_page().put(out, label);
            put_title(out, title);
        }
        Block::Caption(text) => {
            Paragraph::plain().align(Align::Center).keep_next().role(Role::Hei).put(out, text)
        }
        Block::Table(it) => {
            if let Some(caption) = &it.caption {
                Paragraph::plain().align(Align::Center).keep_next().role(Role::Hei).put(out, caption);
            }
            table::put(out, it);
        }
        Block::Signature { post, name, date } => {
            let mut line = post.clone().before("\u{3000}\u{3000}");
            line.0.extend(name.0.iter().cloned());
            put_sign(out, &[line], date);
        }
        Block::Attendance(label, text) => {
            Paragraph::body().put(out, &text.clone().after(&format!("{label}：")))
        }
        // Drawings that belong to the issued file: the code verifies it, the seal is pressed on it.
        Block::Qr(_) | Block::EdgeSeal(_) => {}
        Block::Imprint(imprint) => put_imprint(out, imprint),
        Block::Blank(rows) => (0..*rows).for_each(|_| Paragraph::plain().put(out, &Text::default())),
        Block::PageBreak => out.push_str("<w:p><w:r><w:br w:type=\"page\"/></w:r></w:p>"),
    }
}

/// 版头: marks of secrecy at the left, the organs in large red type, number and signers, the red line.
fn put_head(out: &mut String, head: &Head) {
    for text in [&head.serial, &head.secrecy, &head.urgency].into_iter().flatten() {
        Paragraph::plain().role(Role::Hei).put(out, text);
    }
    for (nth, organ) in head.organs.iter().enumerate() {
        let last = nth + 1 == head.organs.len();
        let organ = if last && head.file_word { organ.clone().before("文件") } else { organ.clone() };
        Paragraph::style("Organ").align(Align::Center).put(out, &organ);
    }
    let mut line = head.number.clone().unwrap_or_default();
    if !head.signers.is_empty() {
        let names: Vec<String> = head.signers.iter().map(Text::to_plain).collect();
        line = line.before(&format!("\u{3000}\u{3000}签发人：{}", names.join("\u{3000}")));
    }
    Paragraph::style("RedLine").align(Align::Center).put(out, &line);
}

fn put_title(out: &mut String, parts: &[Text]) {
    for part in parts {
        Paragraph::style("Title").align(Align::Center).keep_next().put(out, part);
    }
}

/// 一、黑体 （一）楷体 1.仿宋 （1）仿宋; levels are styles, so that the word processor shows the outline.
fn put_heading(out: &mut String, level: u8, mark: &str, head: &Text, rest: &Text) {
    let role = match level {
        1 => Role::Hei,
        2 => Role::Kai,
        _ => Role::Fang,
    };
    let mut text = head.clone().after(mark);
    for run in &mut text.0 {
        run.role = Some(run.role.unwrap_or(role));
    }
    text.0.extend(rest.0.iter().cloned());
    let style = match level {
        1 => "Heading1",
        2 => "Heading2",
        3 => "Heading3",
        _ => "Heading4",
    };
    let paragraph = Paragraph::style(style);
    if rest.is_blank() { paragraph.keep_next() } else { paragraph }.put(out, &text);
}

/// 附件说明: names stand under one another (7.3.4).
fn put_attachments(out: &mut String, names: &[Text]) {
    Paragraph::plain().put(out, &Text::default());
    for (nth, name) in names.iter().enumerate() {
        let number = if names.len() > 1 { format!("{}.", nth + 1) } else { String::new() };
        let lead =
            if nth == 0 { format!("附件：{number}") } else { format!("\u{3000}\u{3000}\u{3000}{number}") };
        Paragraph::body().put(out, &name.clone().after(&lead));
    }
}

/// 署名 and 成文日期 at the right, four characters from the edge, with room for the seal (7.3.5).
fn put_sign(out: &mut String, organs: &[Text], date: &Text) {
    for _ in 0..2 {
        Paragraph::plain().keep_next().put(out, &Text::default());
    }
    for organ in organs {
        Paragraph::plain().align(Align::Right).right(2).keep_next().put(out, organ);
    }
    Paragraph::plain().align(Align::Right).right(4).put(out, date);
}

/// 版记 in a table without sides: rules above, between and below (7.4).
fn put_imprint(out: &mut String, imprint: &Imprint) {
    let mut lines = Vec::new();
    for (label, text) in [("主送：", &imprint.addressee), ("抄送：", &imprint.copies)] {
        lines.extend(text.as_ref().map(|text| text.clone().after(label).before("。")));
    }
    let printer = imprint.printer.clone().unwrap_or_default();
    let printed = imprint.printed_on.clone().map(|date| date.before("印发"));
    if !printer.is_blank() || printed.is_some() {
        let mut line = printer;
        if let Some(date) = printed {
            line = line.before("\t");
            line.0.extend(date.0);
        }
        lines.push(line);
    }
    for line in &lines {
        Paragraph::style("Imprint").put(out, line);
    }
}
