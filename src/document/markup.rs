//! Block markup → blocks. The markup is described for template authors in `docs/templates.md`.
//!
//! Lines are told apart by their first characters (`@标题`, `# 一级标题`, `- 条目`, `|表格行|`); only characters of the template
//! count for that, never those of a value.

mod line;
mod qr;
mod table;

use std::collections::VecDeque;

use super::block::{Align, Block, Document, FieldRef, Head, HeadForm, Imprint, Text};
use crate::error::{Place, Problem, codes};
use crate::text::date;
use line::{Line, Tag, read};

/// Reads the markup that a template gave.
///
/// # Errors
/// Every line that cannot be understood, with the line of the template.
pub(super) fn parse(file: &str, markup: &str) -> Result<Document, Vec<Problem>> {
    let (lines, fields) = read(markup);
    let mut parser = Parser {
        file,
        lines: lines.into(),
        blocks: Vec::new(),
        problems: Vec::new(),
        counts: [0; 4],
        list: [0; 2],
        head: Head::default(),
        imprint: Imprint::default(),
    };
    while let Some(line) = parser.lines.pop_front() {
        parser.line(line);
    }
    if parser.head != Head::default() {
        parser.blocks.insert(0, Block::Head(parser.head));
    }
    if parser.imprint != Imprint::default() {
        parser.blocks.push(Block::Imprint(parser.imprint));
    }
    if parser.problems.is_empty() {
        Ok(Document { blocks: parser.blocks, fields })
    } else {
        Err(parser.problems)
    }
}

struct Parser<'a> {
    file: &'a str,
    lines: VecDeque<Line>,
    blocks: Vec<Block>,
    problems: Vec<Problem>,
    /// Headings counted so far, by level.
    counts: [u32; 4],
    /// List items counted so far, by depth.
    list: [u32; 2],
    /// 版头 and 版记 are one block each, whatever the order of their parts.
    head: Head,
    imprint: Imprint,
}

impl Parser<'_> {
    fn fault(&mut self, line: u32, rule: impl Into<String>, hint: &str) {
        let place = Place { path: self.file.to_owned(), line: Some(line), ..Place::default() };
        self.problems.push(Problem::error(codes::document::TEMPLATE, rule, hint).at(place));
    }

    fn line(&mut self, line: Line) {
        if line.is_blank() {
            return;
        }
        if let Some((depth, item)) = line.item() {
            self.item(depth, item);
            return;
        }
        self.list = [0; 2];
        if let Some((level, rest)) = line.heading() {
            self.heading(level, &rest);
        } else if let Some(tag) = line.tag() {
            self.tag(&line, tag);
        } else if line.starts_with('|') {
            self.fault(line.number, "表格行写在了 @表 与 @表完 之外。", "请在表格前写 @表[列=…]。");
        } else {
            self.blocks.push(Block::Paragraph(Align::Justify, line.text()));
        }
    }

    /// 一、（一）1.（1）, counted by the parser so that parts left out leave no gap.
    fn heading(&mut self, level: usize, rest: &Line) {
        let count = match self.counts.get_mut(level - 1) {
            Some(count) => {
                *count += 1;
                *count
            }
            None => return,
        };
        for deeper in self.counts.iter_mut().skip(level) {
            *deeper = 0;
        }
        let numeral = date::below_hundred(count);
        let mark = match level {
            1 => format!("{numeral}、"),
            2 => format!("（{numeral}）"),
            3 => format!("{count}."),
            _ => format!("（{count}）"),
        };
        let (head, rest) = rest.split_at("||");
        let level = u8::try_from(level).unwrap_or(4);
        self.blocks.push(Block::Heading { level, mark, head, rest: rest.unwrap_or_default() });
    }

    /// `- ` gives 1. 2. 3., `-- ` gives （1）（2）（3）; a line of another kind starts the count again.
    fn item(&mut self, depth: usize, item: Line) {
        let Some(count) = self.list.get_mut(depth - 1) else { return };
        *count += 1;
        let mark = if depth == 1 { format!("{count}.") } else { format!("（{count}）") };
        if depth == 1 {
            self.list = [*count, 0];
        }
        self.blocks.push(Block::Paragraph(Align::Justify, item.text().after(&mark)));
    }

    fn tag(&mut self, line: &Line, tag: Tag) {
        let Tag { name, options, text } = tag;
        let number = line.number;
        match name.as_str() {
            "版式" => self.form(number, text.text().to_plain().trim()),
            "份号" => self.head.serial = Some(text.text()),
            "密级" => self.head.secrecy = Some(text.text()),
            "紧急程度" => self.head.urgency = Some(text.text()),
            "发文机关标志" => {
                let head = &mut self.head;
                head.organs.push(text.text());
                head.file_word |= options.iter().any(|(key, _)| key == "文件");
            }
            "文号" => self.head.number = Some(text.text()),
            "签发人" => self.head.signers.push(text.text()),
            "标题" => self.title(text.parts("//")),
            "副标题" => self.blocks.push(Block::Subtitle(text.text())),
            "编号" => {
                let align = align(&options).unwrap_or(Align::Right);
                self.blocks.push(Block::Number(align, text.text()));
            }
            "主送" => self.blocks.push(Block::Addressee(text.text().before("："))),
            "附件说明" => self.attachments(text.text()),
            "署名" => {
                let sealed = options.iter().any(|(key, _)| key == "盖章");
                self.organ(text.text(), sealed);
            }
            "日期" => self.date(number, text.text()),
            "签名" => {
                let (post, name) = text.split_at("//");
                let name = name.unwrap_or_default();
                self.blocks.push(Block::Signature { post, name, date: Text::default() });
            }
            "出席" | "请假" | "列席" => self.blocks.push(Block::Attendance(name, text.text())),
            "骑缝章" => self.blocks.push(Block::EdgeSeal(text.text())),
            "二维码" => match qr::build(&options, &text.text()) {
                Ok(qr) => self.blocks.push(Block::Qr(qr)),
                Err(rule) => self.fault(number, rule, "写法如 @二维码[左 边长=22] 内容。"),
            },
            "附注" => self.blocks.push(Block::Note(text.text())),
            "附件" => self.blocks.push(Block::Attachment(text.text(), Vec::new())),
            "左" => self.blocks.push(Block::Paragraph(Align::Left, text.text())),
            "中" => self.blocks.push(Block::Paragraph(Align::Center, text.text())),
            "右" => self.blocks.push(Block::Paragraph(Align::Right, text.text())),
            "空行" => {
                let rows = text.text().to_plain().trim().parse().unwrap_or(1);
                self.blocks.push(Block::Blank(rows));
            }
            "换页" => self.blocks.push(Block::PageBreak),
            "主送机关" => self.imprint.addressee = Some(text.text()),
            "抄送" => self.imprint.copies = Some(text.text()),
            "印发机关" => self.imprint.printer = Some(text.text()),
            "印发日期" => self.imprint.printed_on = Some(text.text()),
            "表题" => self.blocks.push(Block::Caption(text.text())),
            "表" => self.table(number, &options),
            _ => self.fault(number, format!("没有“@{name}”这种写法。"), "可用的写法见 docs/templates.md。"),
        }
    }

    fn form(&mut self, line: u32, name: &str) {
        self.head.form = match name {
            "文件" | "纪要" => HeadForm::File,
            "信函" => HeadForm::Letter,
            "命令" => HeadForm::Order,
            _ => {
                return self.fault(line, format!("没有“{name}”这种版式。"), "可用：文件、信函、命令、纪要。");
            }
        };
    }

    fn title(&mut self, mut parts: Vec<Text>) {
        match self.blocks.last_mut() {
            Some(Block::Title(lines) | Block::Attachment(_, lines)) => lines.append(&mut parts),
            _ => self.blocks.push(Block::Title(parts)),
        }
    }

    fn attachments(&mut self, name: Text) {
        match self.blocks.last_mut() {
            Some(Block::Attachments(names)) => names.push(name),
            _ => self.blocks.push(Block::Attachments(vec![name])),
        }
    }

    fn organ(&mut self, organ: Text, seal: bool) {
        match self.blocks.last_mut() {
            Some(Block::Sign { organs, date, sealed }) if date.is_blank() => {
                organs.push(organ);
                *sealed |= seal;
            }
            _ => {
                let date = Text::default();
                self.blocks.push(Block::Sign { organs: vec![organ], date, sealed: seal });
            }
        }
    }

    fn date(&mut self, line: u32, text: Text) {
        match self.blocks.last_mut() {
            Some(Block::Sign { date, .. } | Block::Signature { date, .. }) => *date = text,
            _ => self.fault(line, "@日期 前面没有 @署名 或 @签名。", "请先写 @署名 发文机关。"),
        }
    }

    /// Reads rows up to `@表完`.
    fn table(&mut self, start: u32, options: &[(String, String)]) {
        let mut rows = Vec::new();
        loop {
            let Some(line) = self.lines.pop_front() else {
                self.fault(start, "表格没有结束。", "请在最后一行之后写 @表完。");
                return;
            };
            if line.tag().is_some_and(|tag| tag.name == "表完") {
                break;
            }
            if !line.is_blank() {
                rows.push(line);
            }
        }
        match table::build(start, options, &rows) {
            Ok(mut table) => {
                // A table on its side takes its caption with it onto its sheet.
                if table.landscape
                    && let Some(Block::Caption(_)) = self.blocks.last()
                    && let Some(Block::Caption(caption)) = self.blocks.pop()
                {
                    table.caption = Some(caption);
                }
                self.blocks.push(Block::Table(table));
            }
            Err((line, rule)) => self.fault(line, rule, "表格写法见 docs/templates.md。"),
        }
    }
}

fn align(options: &[(String, String)]) -> Option<Align> {
    options.iter().find_map(|(key, _)| match key.as_str() {
        "左" => Some(Align::Left),
        "中" => Some(Align::Center),
        "右" => Some(Align::Right),
        _ => None,
    })
}

/// Fields in the order in which they are printed; a field printed twice has two entries.
type Fields = Vec<FieldRef>;

#[cfg(test)]
mod tests;
