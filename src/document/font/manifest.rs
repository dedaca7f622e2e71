//! The list of faces (`assets/fonts.toml`): files with their SHA-256, the order of faces for each role, names of licensed files.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::error::{Error, Result, codes};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Manifest {
    #[serde(rename = "face")]
    pub faces: Vec<FaceSpec>,
    roles: BTreeMap<String, Vec<String>>,
    #[serde(default)]
    custom: BTreeMap<String, Vec<String>>,
}

/// One face file. Where its package keeps it (`path`) concerns only `deploy/fonts.sh`.
#[derive(Debug, Deserialize)]
pub(super) struct FaceSpec {
    pub id: String,
    pub file: String,
    /// Number of the face within a collection.
    #[serde(default)]
    pub index: u32,
    pub sha256: String,
    pub package: String,
    pub licence: String,
}

impl Manifest {
    pub(super) fn parse(text: &str) -> Result<Self> {
        toml::from_str(text)
            .map_err(|cause| Error::new(codes::document::FONT_FILE, "字体清单写法有误。").because(cause))
    }

    pub(super) fn chain(&self, role: &str) -> &[String] {
        self.roles.get(role).map_or(&[], Vec::as_slice)
    }

    pub(super) fn custom(&self, role: &str) -> &[String] {
        self.custom.get(role).map_or(&[], Vec::as_slice)
    }
}
