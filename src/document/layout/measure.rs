//! The measures of GB/T 9704-2012, in millimetres.

/// A4 width.
pub const PAGE_WIDTH: f64 = 210.0;
/// A4 height.
pub const PAGE_HEIGHT: f64 = 297.0;
/// 天头: white above the text area (5.2.1).
pub const TOP: f64 = 37.0;
/// 订口: white left of the text area (5.2.1).
pub const LEFT: f64 = 28.0;
/// Width of the text area (5.2.1).
pub const WIDTH: f64 = 156.0;
/// Height of the text area (5.2.1).
pub const HEIGHT: f64 = 225.0;
/// Right edge of the text area.
pub const RIGHT: f64 = LEFT + WIDTH;
/// Lower edge of the text area.
pub const BOTTOM: f64 = TOP + HEIGHT;
/// One point (1/72 inch).
pub const POINT: f64 = 25.4 / 72.0;
/// Lines of a page (5.2.3).
pub const LINES: usize = 22;
/// Characters of a line (5.2.3).
pub const CHARS: usize = 28;

/// 二号, points.
pub const SIZE_2: f64 = 22.0;
/// 三号, points.
pub const SIZE_3: f64 = 16.0;
/// 四号, points.
pub const SIZE_4: f64 = 14.0;
/// 小四, points.
pub const SIZE_4S: f64 = 12.0;
/// 五号, points.
pub const SIZE_5: f64 = 10.5;

/// Height and width of a 三号 character.
pub const CHAR_3: f64 = SIZE_3 * POINT;
/// From one line to the next: the first character box touches the upper edge of the text area, the last one the lower.
/// (225 mm ÷ 22 would leave white below; GB/T 33476.2-2016 confirms this reading.)
pub const PITCH: f64 = (HEIGHT - CHAR_3) / (LINES as f64 - 1.0);
/// Width of one character in the grid.
pub const CELL: f64 = WIDTH / CHARS as f64;
/// What is added to the advance of each 三号 character so that 28 of them fill the line (it is negative).
pub const TRACKING: f64 = (WIDTH - CHARS as f64 * CHAR_3) / (CHARS as f64 - 1.0);
