//! Faces by role: which file draws which character, how wide it is, where its ink lies.
//!
//! Files are opened through `fontdb`, which maps them into memory for as long as a look-up lasts, and only when a
//! character first needs them. What layout asks again and again (character → glyph, advance, box) is read once per face and
//! kept: about 180 KB for a face of twenty thousand characters.

mod face;
mod manifest;
mod outline;
pub(in crate::document) mod sfnt;

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result, codes};

pub(in crate::document) use face::Face;
use manifest::Manifest;
pub(in crate::document) use outline::Segment;

/// The list of faces that the hub ships with; see `assets/fonts.toml`.
pub const MANIFEST: &str = include_str!("../../assets/fonts.toml");

/// What a text is set in. The names are those of GB/T 9704; the faces behind them are in the list of faces.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// 仿宋: body text.
    Fang,
    /// 小标宋: titles and the mark of the issuing organ.
    Title,
    /// 黑体: first-level headings, labels.
    Hei,
    /// 楷体: second-level headings, names of signers.
    Kai,
    /// 宋体: page numbers.
    Song,
}

impl Role {
    /// Every role, in the order of its number.
    pub const ALL: [Role; 5] = [Role::Fang, Role::Title, Role::Hei, Role::Kai, Role::Song];

    /// Chinese name, as people call it.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Role::Fang => "仿宋",
            Role::Title => "小标宋",
            Role::Hei => "黑体",
            Role::Kai => "楷体",
            Role::Song => "宋体",
        }
    }

    fn key(self) -> &'static str {
        match self {
            Role::Fang => "fang",
            Role::Title => "title",
            Role::Hei => "hei",
            Role::Kai => "kai",
            Role::Song => "song",
        }
    }
}

/// Number of a face within one [`FontStore`].
pub type FaceId = u16;

/// One face of the list and what was found of it; for `hub doctor`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FaceFile {
    /// Name in the list, or the file name of a face dropped into `custom/`.
    pub id: String,
    /// Where it is; none when no folder has it.
    pub path: Option<PathBuf>,
    /// SHA-256 that the list expects; none for faces of `custom/`.
    pub sha256: Option<String>,
    /// Debian package it comes from.
    pub package: Option<String>,
    /// Licence of the file; none for faces of `custom/`.
    pub licence: Option<String>,
}

/// All faces of a process. Cheap to share behind an `Arc`; every method takes `&self`.
pub struct FontStore {
    db: fontdb::Database,
    slots: Vec<Slot>,
    chains: [Vec<FaceId>; 5],
    files: Vec<FaceFile>,
    pub(in crate::document) made: super::pdf::Made,
}

struct Slot {
    id: fontdb::ID,
    path: PathBuf,
    face: OnceLock<Option<Face>>,
}

impl std::fmt::Debug for FontStore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("FontStore").field("files", &self.files).finish_non_exhaustive()
    }
}

impl FontStore {
    /// Finds the faces of `list` (see [`MANIFEST`]) in `folders`, the first folder that has a file winning. Nothing is read yet.
    ///
    /// # Errors
    /// When the list is not well formed, or a role has no face at all: then nothing could be printed.
    pub fn open(list: &str, folders: &[PathBuf]) -> Result<Self> {
        let manifest = Manifest::parse(list)?;
        let mut store = Self {
            db: fontdb::Database::new(),
            slots: Vec::new(),
            chains: Default::default(),
            files: Vec::new(),
            made: super::pdf::Made::default(),
        };
        let mut by_id: HashMap<&str, FaceId> = HashMap::new();
        for spec in &manifest.faces {
            let path = folders.iter().map(|folder| folder.join(&spec.file)).find(|path| path.is_file());
            store.files.push(FaceFile {
                id: spec.id.clone(),
                path: path.clone(),
                sha256: Some(spec.sha256.clone()),
                package: Some(spec.package.clone()),
                licence: Some(spec.licence.clone()),
            });
            if let Some(path) = path {
                let slot = store.push(&path, spec.index);
                by_id.insert(&spec.id, slot);
            }
        }
        for role in Role::ALL {
            let mut chain = store.find_custom(manifest.custom(role.key()), folders);
            chain.extend(manifest.chain(role.key()).iter().filter_map(|id| by_id.get(id.as_str())));
            if chain.is_empty() {
                return Err(no_face(role, folders));
            }
            if let Some(place) = store.chains.get_mut(role as usize) {
                *place = chain;
            }
        }
        Ok(store)
    }

    /// What was found of each face of the list, and the faces of `custom/`.
    #[must_use]
    pub fn files(&self) -> &[FaceFile] {
        &self.files
    }

    fn find_custom(&mut self, names: &[String], folders: &[PathBuf]) -> Vec<FaceId> {
        let mut found = Vec::new();
        for name in names {
            let path =
                folders.iter().map(|folder| folder.join("custom").join(name)).find(|path| path.is_file());
            if let Some(path) = path {
                self.files.push(FaceFile {
                    id: name.clone(),
                    path: Some(path.clone()),
                    sha256: None,
                    package: None,
                    licence: None,
                });
                found.push(self.push(&path, 0));
            }
        }
        found
    }

    /// Registers a face without opening its file; only `source` and `index` of the entry are ever used.
    fn push(&mut self, path: &Path, index: u32) -> FaceId {
        let id = self.db.push_face_info(fontdb::FaceInfo {
            id: fontdb::ID::dummy(),
            source: fontdb::Source::File(path.to_owned()),
            index,
            families: Vec::new(),
            post_script_name: String::new(),
            style: fontdb::Style::Normal,
            weight: fontdb::Weight::NORMAL,
            stretch: fontdb::Stretch::Normal,
            monospaced: false,
        });
        self.slots.push(Slot { id, path: path.to_owned(), face: OnceLock::new() });
        u16::try_from(self.slots.len() - 1).unwrap_or(u16::MAX)
    }

    /// The tables of a face; none when its file cannot be read as a font.
    pub(in crate::document) fn face(&self, id: FaceId) -> Option<&Face> {
        let slot = self.slots.get(usize::from(id))?;
        slot.face.get_or_init(|| self.db.with_face_data(slot.id, Face::read).flatten()).as_ref()
    }

    /// The first face of a role that draws `c`, and the glyph.
    pub(in crate::document) fn resolve(&self, role: Role, c: char) -> Option<(FaceId, u16)> {
        let chain = self.chains.get(role as usize)?;
        chain.iter().find_map(|&id| match self.face(id)?.glyph(c) {
            0 => None,
            glyph => Some((id, glyph)),
        })
    }

    /// The face a role is normally set in.
    pub(in crate::document) fn first(&self, role: Role) -> Option<&Face> {
        self.face(*self.chains.get(role as usize)?.first()?)
    }

    /// Hands the bytes of a face file and the face's number in it to `work`.
    pub(in crate::document) fn with_bytes<T>(
        &self,
        id: FaceId,
        work: impl FnOnce(&[u8], u32) -> T,
    ) -> Result<T> {
        let slot = self.slots.get(usize::from(id)).ok_or_else(|| Error::internal("no such face"))?;
        self.db.with_face_data(slot.id, work).ok_or_else(|| {
            Error::new(codes::document::FONT_FILE, format!("字体文件读不出来：{}。", slot.path.display()))
        })
    }
}

fn no_face(role: Role, folders: &[PathBuf]) -> Error {
    let looked: Vec<String> = folders.iter().map(|folder| folder.display().to_string()).collect();
    Error::new(
        codes::document::FONT_FILE,
        format!(
            "没有找到{}字体，公文无法排版。找过的目录：{}。请运行 make setup（或 deploy/fonts.sh 目录）取得字体。",
            role.title(),
            looked.join("、")
        ),
    )
}
