//! Code lists: the only values a coded field may have, with their titles and the other names departments use.

use std::collections::HashMap;

use crate::text::width::half_width;

/// A list of codes, `mappings/model/codes/<name>.toml`.
#[derive(Debug, Clone)]
pub struct CodeList {
    /// File name without its ending.
    pub name: String,
    /// Chinese title.
    pub title: String,
    /// Standard, document or message the codes come from.
    pub source: String,
    /// Whether the source itself was read; otherwise the list should be checked before it is relied on.
    pub verified: bool,
    /// The codes in their order.
    pub codes: Vec<Code>,
    /// Code, title and aliases to the place in `codes`.
    by_name: HashMap<String, usize>,
}

/// One code of a list.
#[derive(Debug, Clone, PartialEq, Eq, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Code {
    /// What is stored.
    pub code: String,
    /// What people read.
    pub title: String,
    /// Other names seen in messages and forms.
    #[serde(default)]
    pub aliases: Vec<String>,
    /// Heading it stands under, when the list has groups.
    #[serde(default)]
    pub group: Option<String>,
    /// Anything people should know.
    #[serde(default)]
    pub note: Option<String>,
}

impl CodeList {
    /// Builds the list; gives the name that two codes share, if any.
    pub(super) fn new(
        name: String,
        title: String,
        source: String,
        verified: bool,
        codes: Vec<Code>,
    ) -> Result<Self, String> {
        let mut by_name = HashMap::new();
        for (at, code) in codes.iter().enumerate() {
            // As written too, so that a stored code is found without folding it first.
            by_name.insert(code.code.clone(), at);
            let names = [&code.code, &code.title].into_iter().chain(&code.aliases);
            for name in names {
                let known = by_name.insert(fold(name), at);
                if known.is_some_and(|other| other != at) {
                    return Err(name.clone());
                }
            }
        }
        Ok(Self { name, title, source, verified, codes, by_name })
    }

    /// The entry of a stored code.
    #[must_use]
    pub fn get(&self, code: &str) -> Option<&Code> {
        let entry = self.codes.get(*self.by_name.get(code)?)?;
        (entry.code == code).then_some(entry)
    }

    /// The entry by its code, title or an alias; widths, blanks and case do not matter.
    #[must_use]
    pub fn find(&self, text: &str) -> Option<&Code> {
        let at = self.by_name.get(text).or_else(|| self.by_name.get(&fold(text)))?;
        self.codes.get(*at)
    }

    /// The title of a code, or the code itself when the list no longer has it.
    #[must_use]
    pub fn title_of<'a>(&'a self, code: &'a str) -> &'a str {
        self.get(code).map_or(code, |entry| &entry.title)
    }
}

/// The form in which names are compared.
fn fold(text: &str) -> String {
    half_width(text).chars().filter(|c| !c.is_whitespace()).map(|c| c.to_ascii_lowercase()).collect()
}
