//! Blocks → strips, with the white that the standard puts between them.

use super::item::{EdgeSeal, ElementKind, Ink, Item, Pages};
use super::line::Line;
use super::measure::{CELL, LEFT, POINT, SIZE_2, TRACKING, WIDTH};
use super::page::{Frame, Paginator};
use super::shape::{MissingGlyph, Shaper};
use super::strip::{Body, Builder, Style};
use super::table::stretches;
use super::{finish, seal, title};
use crate::document::block::{Align, Block, Document, Head, HeadForm, Imprint, Qr, Text};
use crate::document::font::{FontStore, Role};

/// What is added to the pages of a document for those who look at it.
#[derive(Debug, Clone, Copy, Default)]
pub struct Look<'a> {
    /// Large pale words across every page.
    pub watermark: Option<&'a str>,
    /// Whether specimens are drawn where seals go; otherwise their places stay free.
    pub specimen_seals: bool,
}

/// Lays a document out.
///
/// # Errors
/// The characters that no face draws, each with the place it stands in; then there are no pages.
pub fn lay_out(document: &Document, look: Look<'_>, fonts: &FontStore) -> Result<Pages, Vec<MissingGlyph>> {
    let (mut builder, mut pages, mut imprint) = pages_of(&document.blocks, fonts);
    if lacks_text_on_first_page(&document.blocks, &builder, &pages) {
        (builder, pages, imprint) = pages_of(&addressee_at_foot(&document.blocks), fonts);
    }
    let (mut pages, free) = pages;
    let letter = matches!(document.blocks.first(), Some(Block::Head(Head { form: HeadForm::Letter, .. })));
    finish::imprint(&mut builder, &imprint, &mut pages, (free, letter));
    finish::page_numbers(&mut builder, &mut pages, letter);
    // One page has no edges to join.
    let edge = builder.edge_seal.take().filter(|_| pages.pages.len() > 1);
    pages.edge_seal = edge.map(|organ| EdgeSeal { organ, y: seal::EDGE_Y });
    if look.specimen_seals {
        seal::specimens(&mut pages, fonts);
    }
    if let Some(words) = look.watermark {
        finish::watermark(&mut builder, words, &mut pages);
    }
    pages.elements = builder.elements;
    if builder.shaper.missing.is_empty() { Ok(pages) } else { Err(builder.shaper.missing) }
}

/// The pages before their finish, the first free height of the last, and 版记.
fn pages_of<'a>(blocks: &[Block], fonts: &'a FontStore) -> (Builder<'a>, (Pages, f64), Imprint) {
    let mut builder = Builder::new(Shaper::new(fonts));
    let mut imprint = Imprint::default();
    let mut previous = Kind::Start;
    for block in blocks {
        name(block).clone_into(&mut builder.shaper.block);
        let kind = Kind::of(block);
        builder.blank(gap(previous, kind));
        if kind == Kind::Text && builder.first_text.is_none() {
            builder.first_text = Some(builder.elements.len());
        }
        builder.block(block);
        if let Block::Imprint(it) = block {
            imprint = it.clone();
        }
        previous = kind;
    }
    let strips = std::mem::take(&mut builder.strips);
    let pages = Paginator::run(&builder, strips, Frame::PAGE);
    (builder, pages, imprint)
}

/// 7.3.3: the first page of a document with a head must show text of its body.
fn lacks_text_on_first_page(blocks: &[Block], builder: &Builder<'_>, pages: &(Pages, f64)) -> bool {
    let headed = matches!(blocks.first(), Some(Block::Head(_)));
    let addressed = blocks.iter().any(|block| matches!(block, Block::Addressee(_)));
    let begins = |item: &Item| matches!(item, Item::Begin(it) if it.is_some() && *it == builder.first_text);
    let shown = pages.0.pages.first().is_some_and(|page| page.items.iter().any(begins));
    headed && addressed && builder.first_text.is_some() && !shown
}

/// 7.3.2: then the addressee moves to 版记, above 抄送.
fn addressee_at_foot(blocks: &[Block]) -> Vec<Block> {
    let mut moved = None;
    let mut rest: Vec<Block> = Vec::new();
    let mut foot = Imprint::default();
    for block in blocks {
        match block {
            Block::Addressee(text) => moved = Some(text.clone()),
            Block::Imprint(it) => foot = it.clone(),
            other => rest.push(other.clone()),
        }
    }
    foot.addressee = moved.map(without_colon);
    rest.push(Block::Imprint(foot));
    rest
}

fn without_colon(mut text: Text) -> Text {
    if let Some(run) = text.0.last_mut() {
        run.text = run.text.trim_end_matches('：').to_owned();
    }
    text
}

/// What decides the white between two blocks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// Nothing yet, or a new page, or 版头, which counts its own white.
    Start,
    Title,
    Addressee,
    Text,
    Attachments,
    Attendance,
    Other,
}

impl Kind {
    fn of(block: &Block) -> Self {
        match block {
            Block::Head(_) | Block::PageBreak => Kind::Start,
            Block::Title(_) | Block::Subtitle(_) | Block::Number(..) | Block::Attachment(..) => Kind::Title,
            Block::Addressee(_) => Kind::Addressee,
            Block::Heading { .. }
            | Block::Paragraph(..)
            | Block::Caption(_)
            | Block::Table(_)
            | Block::Qr(_) => Kind::Text,
            Block::Attachments(_) => Kind::Attachments,
            Block::Attendance(..) => Kind::Attendance,
            Block::Sign { .. }
            | Block::Signature { .. }
            | Block::Note(_)
            | Block::Imprint(_)
            | Block::Blank(_)
            | Block::EdgeSeal(_) => Kind::Other,
        }
    }
}

/// Blank lines between two blocks: one below the title (7.3.2), one above 附件说明 (7.3.4) and 出席 (10.3).
fn gap(previous: Kind, next: Kind) -> usize {
    match (previous, next) {
        (Kind::Title, Kind::Addressee | Kind::Text) => 1,
        (Kind::Addressee | Kind::Text | Kind::Other, Kind::Attachments) => 1,
        (Kind::Title | Kind::Text | Kind::Attachments, Kind::Attendance) => 1,
        _ => 0,
    }
}

fn name(block: &Block) -> &'static str {
    match block {
        Block::Head(_) => "版头",
        Block::Title(_) => "标题",
        Block::Subtitle(_) => "副标题",
        Block::Number(..) => "编号",
        Block::Addressee(_) => "主送机关",
        Block::Heading { .. } => "小标题",
        Block::Paragraph(..) => "正文",
        Block::Attachments(_) => "附件说明",
        Block::Sign { .. } => "署名和日期",
        Block::Signature { .. } => "签名和日期",
        Block::Attendance(..) => "出席人员",
        Block::Qr(_) => "二维码",
        Block::EdgeSeal(_) => "骑缝章",
        Block::Note(_) => "附注",
        Block::Attachment(..) => "附件标题",
        Block::Caption(_) => "表题",
        Block::Table(_) => "表格",
        Block::Imprint(_) => "版记",
        Block::Blank(_) | Block::PageBreak => "空行",
    }
}

impl Builder<'_> {
    fn block(&mut self, block: &Block) {
        match block {
            Block::Head(head) => self.head(head),
            Block::Title(parts) => self.title(parts),
            Block::Subtitle(text) => self.aligned(text, Role::Kai, Align::Center),
            Block::Number(align, text) => self.aligned(text, Role::Fang, *align),
            Block::Addressee(text) => {
                self.paragraph(text, Style { first: 0.0, ..Style::BODY });
            }
            Block::Heading { level, mark, head, rest } => self.heading(*level, mark, head, rest),
            Block::Paragraph(align, text) => self.body(*align, text),
            Block::Attachments(names) => self.attachments(names),
            Block::Sign { organs, date, sealed } => self.sign(organs, date, *sealed),
            Block::Signature { post, name, date } => self.signature(post, name, date),
            Block::Attendance(label, text) => self.attendance(label, text),
            Block::Qr(qr) => self.qr(qr),
            Block::EdgeSeal(organ) => self.edge_seal = Some(organ.to_plain()),
            Block::Note(text) => self.note(text),
            Block::Attachment(label, title) => self.attachment(label, title),
            Block::Caption(text) => self.aligned(text, Role::Hei, Align::Center),
            Block::Table(table) => self.table(table),
            Block::Blank(rows) => self.blank(usize::from(*rows)),
            Block::PageBreak => self.push(Body::PageBreak, false),
            Block::Imprint(_) => {}
        }
    }

    /// 标题: 二号小标宋, centred, each line a whole thought (7.3.1).
    fn title(&mut self, parts: &[Text]) {
        let element = self.element(ElementKind::H1, None);
        for part in parts {
            let glyphs = self.shaper.shape(part, Role::Title);
            let mut start = 0;
            for end in title::split(&glyphs, WIDTH / (SIZE_2 * POINT)) {
                let glyphs = glyphs.get(start..end).unwrap_or_default().to_vec();
                let mut line = Line::even(glyphs, 0.0, 0.0, SIZE_2);
                line.x = (WIDTH - line.right()) / 2.0;
                self.row(&line, element, true);
                start = end;
            }
        }
    }

    /// One line of 三号 that stands alone.
    fn aligned(&mut self, text: &Text, role: Role, align: Align) {
        let style = Style { role, first: 0.0, align, keep_next: true, ..Style::BODY };
        self.paragraph(text, style);
    }

    fn body(&mut self, align: Align, text: &Text) {
        let first = if align == Align::Justify { Style::BODY.first } else { 0.0 };
        self.paragraph(text, Style { align, first, ..Style::BODY });
    }

    /// 一、黑体 （一）楷体 1.仿宋 （1）仿宋 (7.3.3); a heading alone on its line stays with the next.
    fn heading(&mut self, level: u8, mark: &str, head: &Text, rest: &Text) {
        let (role, kind) = match level {
            1 => (Role::Hei, ElementKind::H2),
            2 => (Role::Kai, ElementKind::H3),
            _ => (Role::Fang, ElementKind::P),
        };
        let mut text = head.clone().after(mark);
        for run in &mut text.0 {
            run.role = Some(run.role.unwrap_or(role));
        }
        let alone = rest.is_blank();
        text.0.extend(rest.0.iter().cloned());
        let kind = if alone { kind } else { ElementKind::P };
        self.paragraph(&text, Style { kind, keep_next: alone, ..Style::BODY });
    }

    /// 附件说明: names stand under one another, further lines under the name (7.3.4).
    fn attachments(&mut self, names: &[Text]) {
        let label = "附件：";
        for (nth, name) in names.iter().enumerate() {
            let number = if names.len() > 1 { format!("{}.", nth + 1) } else { String::new() };
            let width = self.single(&Text::plain(number.clone()), Role::Fang, 0.0).right() + TRACKING;
            let hang = 5.0 + if number.is_empty() { 0.0 } else { width / CELL };
            let first = if nth == 0 { 2.0 } else { 5.0 };
            let lead = if nth == 0 { format!("{label}{number}") } else { number };
            let style = Style { first, rest: hang, ..Style::BODY };
            self.paragraph(&name.clone().after(&lead), style);
        }
    }

    /// 附件: the label in 黑体 on line 1, the title on line 3, on a new page (7.3.7).
    fn attachment(&mut self, label: &Text, title: &[Text]) {
        self.push(Body::PageBreak, false);
        let line = self.single(label, Role::Hei, 0.0);
        let element = self.element(ElementKind::P, None);
        self.row(&line, element, true);
        self.push(Body::Blank, true);
        self.title(title);
    }

    /// 出席、请假、列席: the label in 黑体, further lines under the character behind the colon (10.3).
    fn attendance(&mut self, label: &str, text: &Text) {
        let mut named = text.clone().after(&format!("{label}："));
        if let Some(run) = named.0.first_mut() {
            run.role = Some(Role::Hei);
        }
        let hang = 2.0 + label.chars().count() as f64 + 1.0;
        self.paragraph(&named, Style { rest: hang, ..Style::BODY });
    }

    /// A QR code with the white around it that readers need: four modules.
    fn qr(&mut self, qr: &Qr) {
        let module = qr.size / qr.side.max(1) as f64;
        let quiet = 4.0 * module;
        let left = LEFT
            + match qr.align {
                Align::Left | Align::Justify => 0.0,
                Align::Center => (WIDTH - qr.size) / 2.0,
                Align::Right => WIDTH - qr.size,
            };
        let mut squares = Vec::new();
        for (row, modules) in qr.dark.chunks(qr.side.max(1)).enumerate() {
            let y = quiet + row as f64 * module;
            for (from, to) in stretches(qr.side, |at| modules.get(at).copied().unwrap_or(false)) {
                let (x1, x2) = (left + from as f64 * module, left + to as f64 * module);
                squares.push(vec![[x1, y], [x2, y], [x2, y + module], [x1, y + module]]);
            }
        }
        let items = vec![Item::Begin(None), Item::Fill(squares, Ink::Black), Item::End];
        self.push(Body::Figure(items, qr.size + 2.0 * quiet), false);
    }

    /// A line that stands where it is told, outside the flow.
    pub(super) fn fixed(&mut self, text: &Text, role: Role, size: f64, x: f64, top: f64) -> Vec<Item> {
        let glyphs = self.shaper.shape(text, role);
        let line = Line::even(glyphs, 0.0, 0.0, size);
        line.items(&self.shaper, x, top, Ink::Black)
    }

    /// Width of a text on one line, mm.
    pub(super) fn width(&mut self, text: &Text, role: Role, size: f64) -> f64 {
        let glyphs = self.shaper.shape(text, role);
        Line::even(glyphs, 0.0, 0.0, size).right()
    }
}
