//! Strips → pages: what belongs together stays together, tables go on with their head repeated.

use super::item::{Item, Page, Pages, SealPlace};
use super::measure::{BOTTOM, CHAR_3, PITCH, TOP};
use super::strip::{Body, Builder, Strip};
use super::table::{Group, Open};

/// Sums of heights; far below what print shows.
const SLACK: f64 = 0.01;
/// White between a table and the text that follows: that between two lines. Below a table lines leave the grid of the page
/// but keep its pitch, so that the white around tables is even.
const AFTER_TABLE: f64 = PITCH - CHAR_3;

/// What a page offers: the heights where its text begins and ends, mm.
#[derive(Debug, Clone, Copy)]
pub(super) struct Frame {
    pub top: f64,
    pub bottom: f64,
}

impl Frame {
    /// The text area (5.2.1).
    pub(super) const PAGE: Frame = Frame { top: TOP, bottom: BOTTOM };
}

/// The pages done, the page at work, and what stands on it.
pub(super) struct Paginator<'a, 'b> {
    builder: &'b Builder<'a>,
    frame: Frame,
    done: Vec<Page>,
    page: Page,
    seals: Vec<SealPlace>,
    /// First free height of the last page.
    y: f64,
    /// Whether anything stands on the last page.
    fresh: bool,
    table: Option<Table>,
}

struct Table {
    open: Open,
    /// The last group drawn on this page; none right after the page began.
    last: Option<Group>,
}

impl<'a, 'b> Paginator<'a, 'b> {
    /// Cuts the strips into pages; gives them and the first free height of the last page.
    pub(super) fn run(builder: &'b Builder<'a>, strips: Vec<Strip>, frame: Frame) -> (Pages, f64) {
        let mut it = Self {
            builder,
            frame,
            done: Vec::new(),
            page: Page::default(),
            seals: Vec::new(),
            y: frame.top,
            fresh: true,
            table: None,
        };
        let mut start = 0;
        let mut strips: Vec<Option<Strip>> = strips.into_iter().map(Some).collect();
        while start < strips.len() {
            let end = chain_end(&strips, start);
            let chain: Vec<Strip> =
                strips.iter_mut().take(end).skip(start).filter_map(Option::take).collect();
            if !it.fresh && !it.chain_fits(&chain) && it.chain_fits_alone(&chain) {
                it.break_page();
            }
            for strip in chain {
                it.put(strip);
            }
            start = end;
        }
        it.finish()
    }

    fn finish(mut self) -> (Pages, f64) {
        self.done.push(self.page);
        (Pages { pages: self.done, seals: self.seals, ..Pages::default() }, self.y)
    }

    fn chain_fits(&self, chain: &[Strip]) -> bool {
        fits(chain, self.y, self.fresh, self.frame)
    }

    fn chain_fits_alone(&self, chain: &[Strip]) -> bool {
        let head = self.table.as_ref().map_or(0.0, |table| table.open.height());
        fits(chain, self.frame.top + head, true, self.frame)
    }

    fn put(&mut self, strip: Strip) {
        match strip.body {
            Body::Row(items) => self.put_row(items, strip.seals),
            Body::Blank => {
                if !self.fresh {
                    self.y += PITCH;
                }
            }
            Body::Head(items, below) => {
                self.page.items.extend(items);
                self.y = below;
                self.fresh = false;
            }
            Body::Figure(items, height) => {
                if self.y + height > self.frame.bottom + SLACK && !self.fresh {
                    self.break_page();
                }
                let top = self.y;
                self.page.items.extend(items.into_iter().map(|item| item.moved(0.0, top)));
                self.y = top + height;
                self.fresh = false;
            }
            Body::Sheet(items) => {
                if !self.fresh {
                    self.break_page();
                }
                self.page.items.extend(items);
                // Nothing else stands on it.
                self.y = self.frame.bottom + PITCH;
                self.fresh = false;
            }
            Body::PageBreak => {
                if !self.fresh {
                    self.break_page();
                }
            }
            Body::Open(open) => self.open_table(open),
            Body::Group(group) => self.put_group(group),
            Body::Close => {
                self.close_frame();
                self.table = None;
                self.y += AFTER_TABLE;
            }
        }
    }

    fn put_row(&mut self, items: Vec<Item>, seals: Vec<(String, f64, f64)>) {
        if self.y + CHAR_3 > self.frame.bottom + SLACK {
            self.break_page();
        }
        let top = self.y;
        let number = self.done.len() + 1;
        self.seals.extend(seals.into_iter().map(|(organ, x, dy)| SealPlace {
            organ,
            page: number,
            x,
            y: top + dy,
        }));
        self.page.items.extend(items.into_iter().map(|item| item.moved(0.0, top)));
        self.y = top + PITCH;
        self.fresh = false;
    }

    fn open_table(&mut self, open: Open) {
        if self.y + open.height() > self.frame.bottom + SLACK && !self.fresh {
            self.break_page();
        }
        self.table = Some(Table { open, last: None });
        self.draw_head(false);
    }

    /// The head rows, on the first page as they are, on the others as decoration that repeats them.
    fn draw_head(&mut self, repeated: bool) {
        let head = self.table.as_ref().map(|table| table.open.head.clone()).unwrap_or_default();
        for group in head {
            self.draw_group(group, repeated);
        }
    }

    fn put_group(&mut self, group: Group) {
        let bottom = self.frame.bottom;
        if self.y + group.height() <= bottom + SLACK {
            self.draw_group(group, false);
            return;
        }
        let head = self.table.as_ref().map_or(0.0, |table| table.open.height());
        let whole = bottom - self.frame.top - head;
        if group.least().is_some_and(|least| self.y + least <= bottom + SLACK) {
            let (upper, lower) = group.split(bottom - self.y);
            self.draw_group(upper, false);
            self.break_page();
            self.put_group(lower);
            return;
        }
        if group.height() <= whole + SLACK {
            self.break_page();
            self.draw_group(group, false);
            return;
        }
        // Higher than any page: split by line, each part as tall as its page allows.
        if bottom - self.y < whole / 4.0 {
            self.break_page();
        }
        let (upper, lower) = group.split(bottom - self.y);
        self.draw_group(upper, false);
        self.break_page();
        self.put_group(lower);
    }

    fn draw_group(&mut self, group: Group, repeated: bool) {
        let y = self.y;
        let first = self.table.as_ref().is_none_or(|table| table.last.is_none());
        let mut items = vec![Item::Begin(None), group.top_rule(y, first), Item::End];
        items.extend(group.items(self.builder, y, repeated));
        self.page.items.extend(items);
        self.y += group.height();
        self.fresh = false;
        if let Some(table) = &mut self.table {
            table.last = Some(group);
        }
    }

    fn close_frame(&mut self) {
        let y = self.y;
        if let Some(last) = self.table.as_mut().and_then(|table| table.last.take()) {
            self.page.items.extend([Item::Begin(None), last.bottom_rule(y), Item::End]);
        }
    }

    fn break_page(&mut self) {
        self.close_frame();
        self.done.push(std::mem::take(&mut self.page));
        self.y = self.frame.top;
        self.fresh = true;
        if self.table.is_some() {
            self.draw_head(true);
        }
    }
}

fn chain_end(strips: &[Option<Strip>], start: usize) -> usize {
    let mut end = start;
    while strips.get(end).and_then(Option::as_ref).is_some_and(|strip| strip.keep_next) {
        end += 1;
    }
    (end + 1).min(strips.len())
}

/// Whether the chain fits on a page of which everything above `y` is taken.
fn fits(chain: &[Strip], mut y: f64, mut fresh: bool, frame: Frame) -> bool {
    for strip in chain {
        match &strip.body {
            Body::Row(_) => {
                if y + CHAR_3 > frame.bottom + SLACK {
                    return false;
                }
                y += PITCH;
            }
            Body::Blank if fresh => continue,
            Body::Blank => y += PITCH,
            Body::Open(open) => y += open.height(),
            // A row that may go on on the next page fits when its first lines do.
            Body::Group(group) => {
                if y + group.least().unwrap_or_else(|| group.height()) > frame.bottom + SLACK {
                    return false;
                }
                y += group.height();
            }
            Body::Head(_, below) => y = *below,
            Body::Figure(_, height) => {
                y += height;
                if y > frame.bottom + SLACK {
                    return false;
                }
            }
            Body::Sheet(_) if !fresh => return false,
            Body::Sheet(_) => y = frame.bottom + PITCH,
            Body::Close => y += AFTER_TABLE,
            Body::PageBreak => {}
        }
        fresh = false;
    }
    true
}
