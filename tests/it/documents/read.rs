//! The PDF as outside readers see it: qpdf, poppler and zbar. `make setup` installs them.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

fn run(tool: &str, arguments: &[&str], file: &Path) -> String {
    let mut command = Command::new(tool);
    let output = match command.args(arguments).arg(file).arg("-").output() {
        Ok(output) => output,
        Err(cause) => panic!("{tool} cannot be run ({cause}); `make setup` installs poppler-utils and qpdf"),
    };
    assert!(output.status.success(), "{tool}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

fn run_plain(tool: &str, arguments: &[&str], file: &Path) -> String {
    let output = match Command::new(tool).args(arguments).arg(file).output() {
        Ok(output) => output,
        Err(cause) => panic!("{tool} cannot be run ({cause}); `make setup` installs poppler-utils and qpdf"),
    };
    assert!(output.status.success(), "{tool}: {}", String::from_utf8_lossy(&output.stdout));
    String::from_utf8(output.stdout).unwrap()
}

/// qpdf finds nothing to complain about.
pub fn check(file: &Path) {
    let said = run_plain("qpdf", &["--check"], file);
    assert!(!said.contains("WARNING"), "{said}");
}

/// Title, tagging, version and so on.
pub fn info(file: &Path) -> BTreeMap<String, String> {
    let line = |line: &str| {
        line.split_once(':').map(|(key, value)| (key.trim().to_owned(), value.trim().to_owned()))
    };
    run_plain("pdfinfo", &[], file).lines().filter_map(line).collect()
}

pub fn page_count(file: &Path) -> usize {
    info(file)["Pages"].parse().unwrap()
}

/// Name, embedded, subset, unicode of each font.
pub fn fonts(file: &Path) -> Vec<[String; 4]> {
    let said = run_plain("pdffonts", &[], file);
    let face = |line: &str| {
        let words: Vec<&str> = line.split_whitespace().collect();
        let flags = words.len() - 5;
        [0, flags, flags + 1, flags + 2].map(|at| words[at].to_owned())
    };
    said.lines().skip(2).map(face).collect()
}

/// The text of a page in drawing order.
pub fn text(file: &Path, page: usize) -> String {
    let page = page.to_string();
    run("pdftotext", &["-raw", "-f", &page, "-l", &page], file)
}

/// A line of text as `pdftotext -bbox-layout` measures it, mm.
#[derive(Debug, Clone)]
pub struct Line {
    pub left: f64,
    pub right: f64,
    /// Upper and lower edge of the font box.
    pub top: f64,
    pub bottom: f64,
    pub text: String,
}

fn attribute(tag: &str, name: &str) -> f64 {
    let from = tag.find(&format!("{name}=\"")).unwrap() + name.len() + 2;
    let value: f64 = tag[from..].split('"').next().unwrap().parse().unwrap();
    value * 25.4 / 72.0
}

/// The words of a page in drawing order.
pub fn words(file: &Path, page: usize) -> Vec<Line> {
    let page = page.to_string();
    let html = run("pdftotext", &["-bbox-layout", "-f", &page, "-l", &page], file);
    let word = |word: &str| {
        let text = word.split_once('>').unwrap().1.trim_end_matches("</word>");
        let text = text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&");
        let [left, right, top, bottom] = ["xMin", "xMax", "yMin", "yMax"].map(|name| attribute(word, name));
        Line { left, right, top, bottom, text }
    };
    html.lines().filter_map(|line| line.trim().strip_prefix("<word ")).map(word).collect()
}

/// Lines of a page from top to bottom: words whose boxes share their foot.
pub fn lines(file: &Path, page: usize) -> Vec<Line> {
    let mut lines: Vec<Line> = Vec::new();
    for word in words(file, page) {
        match lines.iter_mut().find(|line| (line.bottom - word.bottom).abs() < 0.3) {
            Some(line) => {
                if word.left > line.left {
                    line.text.push_str(&word.text);
                } else {
                    line.text.insert_str(0, &word.text);
                }
                line.left = line.left.min(word.left);
                line.right = line.right.max(word.right);
            }
            None => lines.push(word),
        }
    }
    lines.sort_by(|a, b| a.bottom.total_cmp(&b.bottom));
    lines
}

/// What a QR code on a page says, read by zbar.
pub fn qr(file: &Path, page: usize) -> String {
    let folder = tempfile::tempdir().unwrap();
    let (number, picture) = (page.to_string(), folder.path().join("page"));
    let mut drawn = Command::new("pdftoppm");
    drawn.args(["-r", "150", "-singlefile", "-png", "-f", &number, "-l", &number]).arg(file).arg(&picture);
    assert!(drawn.status().unwrap().success());
    run_plain("zbarimg", &["-q", "--raw"], &picture.with_extension("png")).trim().to_owned()
}

/// Left edge and baseline of a word, mm.
pub fn place_of(file: &Path, page: usize, text: &str) -> (f64, f64) {
    let number = page.to_string();
    let html = run("pdftotext", &["-bbox-layout", "-f", &number, "-l", &number], file);
    let wanted = format!(">{text}</word>");
    let word =
        html.lines().find(|line| line.contains(&wanted)).unwrap_or_else(|| panic!("{text} is not there"));
    let (top, bottom) = (attribute(word, "yMin"), attribute(word, "yMax"));
    // Fandol faces declare 0.88 above the baseline and 0.12 below it.
    (attribute(word, "xMin"), bottom - (bottom - top) * 0.12)
}

/// A page as grey or coloured pixels, ten to the millimetre.
pub struct Picture {
    pub width: usize,
    pub height: usize,
    pixels: Vec<u8>,
}

impl Picture {
    pub fn of(file: &Path, page: usize) -> Self {
        let number = page.to_string();
        let arguments = ["-r", "254", "-f", &number, "-l", &number];
        let output = Command::new("pdftoppm").args(arguments).arg(file).output();
        let output = output.expect("pdftoppm cannot be run; `make setup` installs poppler-utils");
        let bytes = output.stdout;
        // P6, width, height, 255, pixels.
        let mut at = 0;
        let mut header = Vec::new();
        while header.len() < 4 {
            let end = at + bytes[at..].iter().position(u8::is_ascii_whitespace).unwrap();
            header.push(std::str::from_utf8(&bytes[at..end]).unwrap().to_owned());
            at = end + 1;
        }
        let (width, height) = (header[1].parse().unwrap(), header[2].parse().unwrap());
        Self { width, height, pixels: bytes[at..].to_vec() }
    }

    fn rgb(&self, x: usize, y: usize) -> [u8; 3] {
        let at = (y * self.width + x) * 3;
        [self.pixels[at], self.pixels[at + 1], self.pixels[at + 2]]
    }

    pub fn is_black(&self, x: usize, y: usize) -> bool {
        self.rgb(x, y).iter().all(|it| *it < 110)
    }

    pub fn is_red(&self, x: usize, y: usize) -> bool {
        let [red, green, blue] = self.rgb(x, y);
        red > 150 && green < 110 && blue < 110
    }

    /// The rows, in mm from the top, on which `ink` holds for at least `least` pixels.
    pub fn rows(&self, ink: impl Fn(&Self, usize, usize) -> bool, least: usize) -> Vec<f64> {
        let inked = |y: &usize| (0..self.width).filter(|x| ink(self, *x, *y)).count() >= least;
        (0..self.height).filter(inked).map(|y| y as f64 / 10.0).collect()
    }

    /// The columns, in mm from the left, on which `ink` holds within the rows `from..to` mm.
    pub fn columns(&self, ink: impl Fn(&Self, usize, usize) -> bool, from: f64, to: f64) -> Vec<f64> {
        let rows = (from * 10.0) as usize..(to * 10.0) as usize;
        let inked = |x: &usize| rows.clone().any(|y| ink(self, *x, y));
        (0..self.width).filter(inked).map(|x| x as f64 / 10.0).collect()
    }
}
