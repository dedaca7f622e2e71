//! 署名、成文日期、印章 (7.3.5) and 附注 (7.3.6).

use super::item::ElementKind;
use super::line::Line;
use super::measure::{CELL, CHAR_3, LEFT, PITCH, WIDTH};
use super::strip::{Body, Builder, Strip};
use crate::document::block::Text;
use crate::document::font::Role;

/// A round seal of an organ measures 42 mm; its centre stands slightly above the text it presses.
const SEAL_LIFT: f64 = 3.0;
/// Centre of a seal below the top of the name it presses: between name and date, and a little higher.
const SEAL_DOWN: f64 = PITCH / 2.0 + CHAR_3 / 2.0 - SEAL_LIFT;
/// Width that a seal takes in a row, so that it neither meets nor touches the next (7.3.5.1).
const SEAL_ROOM: f64 = 45.0;

impl Builder<'_> {
    /// The organs and the date. The block keeps company with the last lines of the text (7.3.5.5).
    pub(super) fn sign(&mut self, organs: &[Text], date: &Text, sealed: bool) {
        if sealed && organs.len() > 1 {
            self.joint_seals(organs, date);
            return;
        }
        self.keep_last_rows(2);
        // With a seal two blank lines, so that its top comes within one line of the text; without, one.
        for _ in 0..if sealed { 2 } else { 1 } {
            self.push(Body::Blank, true);
        }
        let date = self.single(date, Role::Fang, 0.0);
        let names: Vec<Line> = organs.iter().map(|organ| self.single(organ, Role::Fang, 0.0)).collect();
        let widest = names.iter().map(Line::right).fold(0.0, f64::max);
        let (name_x, date_x) =
            if sealed { sealed_places(widest, date.right()) } else { plain_places(widest, date.right()) };
        let centre = date_x + date.right() / 2.0;
        for (mut line, organ) in names.into_iter().zip(organs) {
            line.x = if sealed { centre - line.right() / 2.0 } else { name_x };
            let element = self.element(ElementKind::P, None);
            let items = self.set(&line, LEFT, Some(element));
            let seals = if sealed { vec![(organ.to_plain(), LEFT + centre, SEAL_DOWN)] } else { Vec::new() };
            self.strips.push(Strip { body: Body::Row(items), keep_next: true, seals });
        }
        let element = self.element(ElementKind::P, None);
        self.row(&Line { x: date_x, ..date }, element, false);
    }

    /// 7.3.5.1, jointly: names in order and in rows, a seal on each, the last one pressing name and date. A row holds as many as
    /// stand side by side without their seals touching.
    fn joint_seals(&mut self, organs: &[Text], date: &Text) {
        self.keep_last_rows(2);
        let names: Vec<Line> = organs.iter().map(|organ| self.single(organ, Role::Fang, 0.0)).collect();
        let widest = names.iter().map(Line::right).fold(0.0, f64::max);
        let across = (1..=3).rev().find(|n| WIDTH / *n as f64 >= (widest + CELL).max(SEAL_ROOM)).unwrap_or(1);
        let column = WIDTH / across as f64;
        let rows = names.len().div_ceil(across);
        for (nth, row) in names.chunks(across).enumerate() {
            // From one row of seals to the next five lines, 52 mm; above the first two blank lines.
            for _ in 0..if nth == 0 { 2 } else { 4 } {
                self.push(Body::Blank, true);
            }
            // The last row stands at the right, so that the date comes under its last name.
            let first = if nth + 1 == rows { across - row.len() } else { 0 };
            let mut items = Vec::new();
            let mut seals = Vec::new();
            for (at, (line, organ)) in row.iter().zip(organs.iter().skip(nth * across)).enumerate() {
                let centre = (first + at) as f64 * column + column / 2.0;
                let element = self.element(ElementKind::P, None);
                let line = Line { x: centre - line.right() / 2.0, ..line.clone() };
                items.extend(self.set(&line, LEFT, Some(element)));
                seals.push((organ.to_plain(), LEFT + centre, SEAL_DOWN));
            }
            self.strips.push(Strip { body: Body::Row(items), keep_next: true, seals });
        }
        let mut date = self.single(date, Role::Fang, 0.0);
        date.x = WIDTH - column / 2.0 - date.right() / 2.0;
        let element = self.element(ElementKind::P, None);
        self.row(&date, element, false);
    }

    /// 签名章 (7.3.5.3): two blank lines, the name four characters from the right, the post two characters to its left; a blank line,
    /// the date four characters from the right.
    pub(super) fn signature(&mut self, post: &Text, name: &Text, date: &Text) {
        self.keep_last_rows(2);
        for _ in 0..2 {
            self.push(Body::Blank, true);
        }
        let mut name = self.single(name, Role::Kai, 0.0);
        name.x = WIDTH - 4.0 * CELL - name.right();
        let mut post = self.single(post, Role::Fang, 0.0);
        post.x = name.x - 2.0 * CELL - post.right();
        let (first, second) = (self.element(ElementKind::P, None), self.element(ElementKind::P, None));
        let mut items = self.set(&post, LEFT, Some(first));
        items.extend(self.set(&name, LEFT, Some(second)));
        self.push(Body::Row(items), true);
        self.push(Body::Blank, true);
        let mut date = self.single(date, Role::Fang, 0.0);
        date.x = WIDTH - 4.0 * CELL - date.right();
        let element = self.element(ElementKind::P, None);
        self.row(&date, element, false);
    }

    /// 附注: the line below the date, two characters in, in brackets.
    pub(super) fn note(&mut self, text: &Text) {
        if let Some(last) = self.strips.last_mut() {
            last.keep_next = true;
        }
        let bracketed = text.clone().after("（").before("）");
        self.paragraph(&bracketed, super::strip::Style::BODY);
    }
}

/// 7.3.5.1: the date leaves four characters free on its right and the organ stands centred above it;
/// a long name pushes both to the left until it leaves at least two characters free.
fn sealed_places(name: f64, date: f64) -> (f64, f64) {
    let mut centre = WIDTH - 4.0 * CELL - date / 2.0;
    let over = centre + name / 2.0 - (WIDTH - 2.0 * CELL);
    if over > 0.0 {
        centre -= over;
    }
    (centre - name / 2.0, centre - date / 2.0)
}

/// 7.3.5.2: the organ leaves two characters free; the date begins two characters to the right of it. A date that would then
/// come closer to the edge than two characters leaves two free itself, and the organ moves left with it.
fn plain_places(name: f64, date: f64) -> (f64, f64) {
    let name_x = WIDTH - 2.0 * CELL - name;
    let date_x = name_x + 2.0 * CELL;
    let over = date_x + date - (WIDTH - 2.0 * CELL);
    if over > 0.0 { (name_x - over, date_x - over) } else { (name_x, date_x) }
}

#[cfg(test)]
mod tests {
    use super::{CELL, WIDTH, plain_places, sealed_places};

    fn near(a: f64, b: f64) {
        assert!((a - b).abs() < 1e-9, "{a} is not {b}");
    }

    #[test]
    fn sealed_date_leaves_four_and_the_organ_is_centred_on_it() {
        let (name, date) = sealed_places(10.0 * CELL, 7.0 * CELL);
        near(date + 7.0 * CELL, WIDTH - 4.0 * CELL);
        near(name + 5.0 * CELL, date + 3.5 * CELL);
    }

    #[test]
    fn a_long_sealed_organ_moves_both_to_the_left() {
        let (name, date) = sealed_places(20.0 * CELL, 7.0 * CELL);
        near(name + 20.0 * CELL, WIDTH - 2.0 * CELL);
        near(name + 10.0 * CELL, date + 3.5 * CELL);
    }

    #[test]
    fn plain_date_begins_two_characters_after_the_organ() {
        let (name, date) = plain_places(10.0 * CELL, 7.0 * CELL);
        near(name, WIDTH - 12.0 * CELL);
        near(date, name + 2.0 * CELL);
    }

    #[test]
    fn a_long_plain_date_leaves_two_and_moves_the_organ() {
        let (name, date) = plain_places(5.0 * CELL, 7.0 * CELL);
        near(date + 7.0 * CELL, WIDTH - 2.0 * CELL);
        near(name, date - 2.0 * CELL);
    }
}
