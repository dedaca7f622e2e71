//! File names as partners write them: UTF-8, or GBK from systems that know nothing else.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt, OsStringExt};

use crate::text::charset::{Charset, decode, encode};

/// A file name and the charset it was written in; what the hub writes back beside it is named in the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Name {
    /// The name as read.
    pub shown: String,
    charset: Charset,
}

impl Name {
    /// Reads a name: UTF-8 where it is that, else GBK, which is what FTP servers on partners' machines send.
    pub fn of(name: &OsStr) -> Self {
        match name.to_str() {
            Some(text) => Self { shown: text.to_owned(), charset: Charset::Utf8 },
            None => {
                Self { shown: decode(name.as_bytes(), Some("gbk")).text.into_owned(), charset: Charset::Gbk }
            }
        }
    }

    /// Another name in the same charset; UTF-8 where that has no room for it.
    pub fn beside(&self, shown: &str) -> OsString {
        encode(shown, self.charset).map_or_else(|_lacks| OsString::from(shown), OsString::from_vec)
    }

    /// The name without its last ending.
    pub fn stem(&self) -> &str {
        self.shown.rsplit_once('.').map_or(self.shown.as_str(), |(stem, _)| stem)
    }

    /// Whether somebody is still writing it, by the habit of those who rename when they have finished.
    pub fn is_unfinished(&self) -> bool {
        let ends = [".tmp", ".part", ".filepart", ".writing"];
        let lower = self.shown.to_ascii_lowercase();
        lower.starts_with('.') || ends.iter().any(|it| lower.ends_with(it))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_in_gbk_is_read_and_answered_in_gbk() {
        let name = Name::of(OsStr::from_bytes(b"\xc8\xcb\xb7\xc0\xcc\xa8\xd5\xcb.xml"));
        assert_eq!((name.shown.as_str(), name.stem()), ("人防台账.xml", "人防台账"));
        assert_eq!(name.beside("答复.json").as_bytes(), b"\xb4\xf0\xb8\xb4.json");
        let plain = Name::of(OsStr::new("人防台账.xml"));
        assert_eq!(plain.beside("答复"), OsStr::new("答复"));
    }

    #[test]
    fn names_of_files_under_way_are_known() {
        for name in [".Biz1.xml", "Biz1.xml.tmp", "Biz1.XML.PART"] {
            assert!(Name::of(OsStr::new(name)).is_unfinished(), "{name}");
        }
        assert!(!Name::of(OsStr::new("Biz1.xml")).is_unfinished());
    }
}
