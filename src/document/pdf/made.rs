//! Fonts that were made before: cut down, compressed, ready to be put into a file.
//!
//! What is kept is found by what it was made from, and making it again gives the same bytes: a file never shows what came before it.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use super::subset::Embedded;
use crate::document::font::{FaceId, FontStore};
use crate::document::layout::item::{Item, Pages};
use crate::error::Result;

/// Fonts of single documents that are kept, and the largest that is worth it: at most 4 MiB together.
const KEPT: usize = 64;
const LARGEST: usize = 64 * 1024;

/// The fonts that all documents of one template share: the characters of its own words and of its sample, which stands for the
/// words that come again: organs, departments, places.
pub struct Base(BTreeMap<FaceId, Embedded>);

/// All fonts that a process has made; lives with the faces.
#[derive(Default)]
pub(in crate::document) struct Made {
    bases: Mutex<HashMap<String, Arc<Base>>>,
    own: Mutex<HashMap<(FaceId, String), Arc<Embedded>>>,
}

/// Digits and the words of dates: no document is without them.
const ALWAYS: &str = "0123456789.年月日";

impl Base {
    /// From the pages of the sample of a template.
    pub(in crate::document) fn build(pages: &Pages, fonts: &FontStore) -> Result<Self> {
        let mut used: BTreeMap<FaceId, BTreeSet<char>> = BTreeMap::new();
        for item in pages.pages.iter().flat_map(|page| &page.items) {
            if let Item::Glyphs(it) = item {
                used.entry(it.face).or_default().extend(it.text.chars());
            }
        }
        let mut faces = BTreeMap::new();
        for (face, mut chars) in used {
            let draws = |c: &char| fonts.face(face).is_some_and(|it| it.glyph(*c) != 0);
            chars.extend(ALWAYS.chars().filter(draws));
            faces.insert(face, Embedded::make(fonts, face, &chars)?);
        }
        Ok(Self(faces))
    }

    /// A base that shares nothing, for pages that belong to no template.
    #[must_use]
    pub fn empty() -> Self {
        Self(BTreeMap::new())
    }

    pub(super) fn face(&self, id: FaceId) -> Option<&Embedded> {
        self.0.get(&id)
    }
}

impl Made {
    /// The base kept under `key`, made by `make` when there is none. The keys are templates and their versions, so there are few.
    pub(in crate::document) fn base(
        &self,
        key: &str,
        make: impl FnOnce() -> Result<Base>,
    ) -> Result<Arc<Base>> {
        let lock = || self.bases.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(base) = lock().get(key) {
            return Ok(Arc::clone(base));
        }
        let base = Arc::new(make()?);
        lock().insert(key.to_owned(), Arc::clone(&base));
        Ok(base)
    }

    /// The font with exactly these characters.
    pub(super) fn own(
        &self,
        fonts: &FontStore,
        face: FaceId,
        chars: &BTreeSet<char>,
    ) -> Result<Arc<Embedded>> {
        let lock = || self.own.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (face, chars.iter().collect::<String>());
        if let Some(font) = lock().get(&key) {
            return Ok(Arc::clone(font));
        }
        let font = Arc::new(Embedded::make(fonts, face, chars)?);
        if font.size() <= LARGEST {
            let mut kept = lock();
            if kept.len() >= KEPT {
                kept.clear();
            }
            kept.insert(key, Arc::clone(&font));
        }
        Ok(font)
    }
}
