//! The path language: how a mapping names a place in a message.
//!
//! `/result/data/*` from the top of the message, `crmj` from the row, `../xmbh` one level up, `@BDCDYH` an XML attribute,
//! `Item[@name='BYUX0004'][@name_cn='产权人']` an element told apart by its attributes, `价格[2]` the second of that name,
//! `'data '` a name written exactly, `*` any name or every element of a JSON list, `.` the row itself.
//! What is matched are local names; XML namespaces are not looked at.

use std::fmt;

/// One level of a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Step {
    /// The name to match, attributes with their `@`; none for `*`.
    pub name: Option<Box<str>>,
    pub tests: Vec<Test>,
}

/// A condition on one level.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Test {
    /// The n-th sibling of that name, from 1.
    Nth(u32),
    /// An attribute (`@name`) or a child has this text.
    Equals(Box<str>, Box<str>),
}

/// A path as written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Path {
    pub absolute: bool,
    /// How many `..` stand in front.
    pub up: usize,
    pub steps: Vec<Step>,
}

impl Path {
    /// Reads a path; the error is a Chinese sentence.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut scan = Scan { rest: text.trim() };
        if scan.rest.is_empty() {
            return Err("路径是空的".to_owned());
        }
        let absolute = scan.eat("/");
        let mut path = Self { absolute, up: 0, steps: Vec::new() };
        if scan.rest.is_empty() || scan.rest == "." {
            return Ok(path);
        }
        loop {
            if scan.rest.starts_with("..") {
                scan.eat("..");
                if absolute || !path.steps.is_empty() {
                    return Err("“..”只能写在相对路径的最前面".to_owned());
                }
                path.up += 1;
            } else {
                path.steps.push(scan.step()?);
            }
            if scan.rest.is_empty() {
                return Ok(path);
            }
            if !scan.eat("/") {
                return Err(format!("“{}”前应为“/”", scan.rest));
            }
        }
    }

    /// The full path, seen from the row at `base`. In JSON a list and its element count as one level for `..`.
    pub fn resolve(&self, base: &[Step], json: bool) -> Result<Vec<Step>, String> {
        if self.absolute {
            return Ok(self.steps.clone());
        }
        let mut full = base.to_vec();
        for _ in 0..self.up {
            let Some(gone) = full.pop() else {
                return Err("“..”超出了报文的最上层".to_owned());
            };
            if json && gone.name.is_none() {
                full.pop();
            }
        }
        full.extend(self.steps.iter().cloned());
        Ok(full)
    }
}

impl Step {
    /// `价格[2]` of a table: a column whose title stands twice is named `价格#2` by `format`.
    pub fn number_column(&mut self) {
        if let ([Test::Nth(n)], Some(name)) = (self.tests.as_slice(), &self.name) {
            if *n > 1 {
                self.name = Some(format!("{name}#{n}").into());
            }
            self.tests.clear();
        }
    }
}

struct Scan<'a> {
    rest: &'a str,
}

impl Scan<'_> {
    fn eat(&mut self, word: &str) -> bool {
        match self.rest.strip_prefix(word) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    fn step(&mut self) -> Result<Step, String> {
        let name = if self.eat("*") { None } else { Some(self.name()?) };
        let mut tests = Vec::new();
        while self.eat("[") {
            tests.push(self.test()?);
            if !self.eat("]") {
                return Err("“[”没有配对的“]”".to_owned());
            }
        }
        Ok(Step { name, tests })
    }

    fn test(&mut self) -> Result<Test, String> {
        let digits: String = self.rest.chars().take_while(char::is_ascii_digit).collect();
        if !digits.is_empty() {
            self.eat(&digits);
            return match digits.parse() {
                Ok(n) if n > 0 => Ok(Test::Nth(n)),
                _ => Err("序号从 1 起".to_owned()),
            };
        }
        let name = self.name()?;
        if !self.eat("=") {
            return Err(format!("“[{name}”后应为 =‘值’"));
        }
        match self.quoted()? {
            Some(value) => Ok(Test::Equals(name, value.into())),
            None => Err("条件的值要用单引号括起来，如 [@name='BYUX0004']".to_owned()),
        }
    }

    fn name(&mut self) -> Result<Box<str>, String> {
        let mark = if self.eat("@") { "@" } else { "" };
        let bare = match self.quoted()? {
            Some(quoted) => quoted,
            None => {
                let end = self.rest.find(['/', '[', ']', '=', '*', '\'', '"']).unwrap_or(self.rest.len());
                let (bare, rest) = self.rest.split_at(end);
                self.rest = rest;
                bare.trim().to_owned()
            }
        };
        if bare.is_empty() || bare == "." {
            return Err(format!("“{}”处缺少名称", if self.rest.is_empty() { "/" } else { self.rest }));
        }
        Ok(format!("{mark}{bare}").into())
    }

    fn quoted(&mut self) -> Result<Option<String>, String> {
        for quote in ["'", "\""] {
            if self.eat(quote) {
                let Some(end) = self.rest.find(quote) else {
                    return Err("引号没有配对".to_owned());
                };
                let (inside, rest) = self.rest.split_at(end);
                self.rest = rest;
                let inside = inside.to_owned();
                self.eat(quote);
                return Ok(Some(inside));
            }
        }
        Ok(None)
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name.as_deref().unwrap_or("*"))?;
        for test in &self.tests {
            match test {
                Test::Nth(n) => write!(f, "[{n}]")?,
                Test::Equals(name, value) => write!(f, "[{name}='{value}']")?,
            }
        }
        Ok(())
    }
}

/// Writes a full path as people write it.
pub(super) fn show(steps: &[Step]) -> String {
    if steps.is_empty() {
        return "/".to_owned();
    }
    steps.iter().map(|step| format!("/{step}")).collect()
}

#[cfg(test)]
mod tests {
    use super::{Path, show};

    fn full(path: &str, base: &str, json: bool) -> String {
        let base = Path::parse(base).unwrap().steps;
        Path::parse(path).and_then(|it| it.resolve(&base, json)).map_or_else(|e| e, |it| show(&it))
    }

    #[test]
    fn paths_are_read_and_resolved() {
        for (path, base, json, expected) in [
            ("/a/b", "/x", false, "/a/b"),
            ("c", "/a/b", false, "/a/b/c"),
            (".", "/a/b", false, "/a/b"),
            ("../@type", "/list/archive/field", false, "/list/archive/@type"),
            ("../head", "/body/list/*", true, "/body/head"),
            ("../head", "/body/list/*", false, "/body/list/head"),
            ("../../../x", "/a/b", false, "“..”超出了报文的最上层"),
            (
                "Item[@name='BYUX0004'][@name_cn='产权人（产权单位）']",
                "/RECORDS",
                false,
                "/RECORDS/Item[@name='BYUX0004'][@name_cn='产权人（产权单位）']",
            ),
            ("'data '/cxjg", "/", true, "/data /cxjg"),
            ("成交价格(万元)[2]", "/", false, "/成交价格(万元)[2]"),
        ] {
            assert_eq!(full(path, base, json), expected, "{path}");
        }
    }

    #[test]
    fn slips_are_refused_with_words() {
        for (path, words) in [
            ("", "空"),
            ("/a//b", "缺少名称"),
            ("a[@x=1]", "单引号"),
            ("a[0]", "从 1 起"),
            ("a/../b", "最前面"),
            ("a['x", "引号"),
            ("a[1", "]"),
        ] {
            let error = Path::parse(path).unwrap_err();
            assert!(error.contains(words), "{path}: {error}");
        }
    }
}
