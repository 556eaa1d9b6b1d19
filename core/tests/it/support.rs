//! Reading the law folder in tests; the rules themselves never touch files.

use std::path::{Path, PathBuf};

/// Every TOML file of the law folder: path relative to it, and text.
pub fn law_files() -> Vec<(String, String)> {
    files_of(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../law"))
}

/// Every file of law in a folder: path relative to it, and text.
pub fn files_of(root: &Path) -> Vec<(String, String)> {
    let mut files = Vec::new();
    let mut folders: Vec<PathBuf> = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "toml" || extension == "lock") {
                let name = path.strip_prefix(root).unwrap().to_string_lossy().into_owned();
                files.push((name, std::fs::read_to_string(&path).unwrap()));
            }
        }
    }
    files.sort();
    files
}
