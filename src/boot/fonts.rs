//! Where fonts are looked for, in order; the document room opens the files lazily.

use std::path::{Path, PathBuf};

/// The directories that exist: the one set, `fonts` beside the binary, the package's, the source tree's.
#[must_use]
pub fn font_dirs(set: Option<&Path>, binary_dir: Option<&Path>) -> Vec<PathBuf> {
    let mut dirs: Vec<PathBuf> = Vec::new();
    dirs.extend(set.map(Path::to_path_buf));
    dirs.extend(binary_dir.map(|dir| dir.join("fonts")));
    dirs.push(PathBuf::from("/usr/share/hub/fonts"));
    dirs.push(PathBuf::from("assets/fonts"));
    dirs.retain(|dir| dir.is_dir());
    dirs
}
