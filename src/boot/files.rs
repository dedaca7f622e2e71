//! What the binary embeds, and the directories that add to it or replace parts of it.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use crate::error::{Error, Result, codes};

/// Path relative to its root, with `/` on every system, to content.
pub type Files = BTreeMap<String, Vec<u8>>;

#[derive(rust_embed::Embed)]
#[folder = "mappings/"]
#[allow_missing = true]
struct Mappings;

#[derive(rust_embed::Embed)]
#[folder = "templates/"]
#[allow_missing = true]
struct Templates;

// Fonts are files of their own licence and are found on disk (`font_dirs`), so the binary stays free of them.
#[derive(rust_embed::Embed)]
#[folder = "assets/"]
#[exclude = "fonts/*"]
#[allow_missing = true]
struct Assets;

/// Mappings and the canonical model: embedded, then the overlay file by file.
///
/// # Errors
/// `file` when the overlay cannot be read.
pub fn mappings(overlay: Option<&Path>) -> Result<Files> {
    overlaid::<Mappings>(overlay)
}

/// Document templates and console pages: embedded, then the overlay file by file.
///
/// # Errors
/// `file` when the overlay cannot be read.
pub fn templates(overlay: Option<&Path>) -> Result<Files> {
    overlaid::<Templates>(overlay)
}

/// Style sheets, scripts and pictures of the console.
#[must_use]
pub fn assets() -> Files {
    embedded::<Assets>()
}

/// The part of the mappings that describes the model, with paths relative to `model/`, as text.
///
/// # Errors
/// `setting` when a file is not UTF-8.
pub fn model_files(mappings: &Files) -> Result<Vec<(String, String)>> {
    mappings
        .iter()
        .filter_map(|(path, bytes)| Some((path.strip_prefix("model/")?, bytes)))
        .filter(|(path, _)| path.ends_with(".toml"))
        .map(|(path, bytes)| match std::str::from_utf8(bytes) {
            Ok(text) => Ok((path.to_owned(), text.to_owned())),
            Err(e) => Err(Error::new(
                codes::machine::SETTING,
                format!("模型文件 model/{path} 不是 UTF-8，请转换后再启动。"),
            )
            .because(e)),
        })
        .collect()
}

fn embedded<E: rust_embed::Embed>() -> Files {
    E::iter().filter_map(|path| Some((path.to_string(), E::get(&path)?.data.into_owned()))).collect()
}

fn overlaid<E: rust_embed::Embed>(overlay: Option<&Path>) -> Result<Files> {
    let mut files = embedded::<E>();
    if let Some(dir) = overlay {
        files.extend(read_dir(dir)?);
    }
    Ok(files)
}

/// All files below a directory; hidden ones are left out, as editors and version control keep theirs there.
///
/// # Errors
/// `file` when the directory or a file in it cannot be read.
pub fn read_dir(root: &Path) -> Result<Files> {
    let mut files = Files::new();
    let mut waiting: Vec<PathBuf> = vec![root.to_path_buf()];
    while let Some(dir) = waiting.pop() {
        for entry in fs::read_dir(&dir).map_err(|e| unreadable(&dir, &e))? {
            let path = entry.map_err(|e| unreadable(&dir, &e))?.path();
            if path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.')) {
                continue;
            }
            if path.is_dir() {
                waiting.push(path);
            } else {
                let content = fs::read(&path).map_err(|e| unreadable(&path, &e))?;
                files.insert(relative(root, &path), content);
            }
        }
    }
    Ok(files)
}

fn relative(root: &Path, path: &Path) -> String {
    let parts: Vec<_> = path
        .strip_prefix(root)
        .unwrap_or(path)
        .components()
        .map(|part| part.as_os_str().to_string_lossy())
        .collect();
    parts.join("/")
}

fn unreadable(path: &Path, error: &std::io::Error) -> Error {
    Error::new(codes::machine::FILE, format!("读不了 {}：路径不存在或没有权限。", path.display()))
        .because(error)
}
