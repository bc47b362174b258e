//! The files of the repository, read once, or a small tree made by a test of a rule.

use std::fs;
use std::path::Path;

/// Folders that hold nothing written by hand, whatever their place.
const NOT_OURS: &[&str] = &[".git", "target", "node_modules", "shots"];

/// One text file.
pub(crate) struct File {
    /// Its path from the root of the repository, with `/` between the parts.
    pub(crate) path: String,
    /// What it holds.
    pub(crate) text: String,
}

/// Every text file of the repository, by path.
pub(crate) struct Tree {
    files: Vec<File>,
}

impl Tree {
    /// Reads the repository that this test was built from. Files that are not UTF-8 text are left out.
    ///
    /// # Errors
    /// When a folder cannot be listed or a file cannot be read.
    pub(crate) fn load() -> std::io::Result<Self> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let mut files = Vec::new();
        walk(&root, "", &mut files)?;
        files.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(Self { files })
    }

    /// A tree of these paths and texts, to show that a rule finds what it is for.
    pub(crate) fn of(files: &[(&str, &str)]) -> Self {
        let file =
            |(path, text): &(&str, &str)| File { path: (*path).into(), text: (*text).into() };
        Self { files: files.iter().map(file).collect() }
    }

    /// Every file.
    pub(crate) fn all(&self) -> impl Iterator<Item = &File> {
        self.files.iter()
    }

    /// The files under `folder` whose name ends in `.extension`.
    pub(crate) fn under<'a>(
        &'a self,
        folder: &'a str,
        extension: &'a str,
    ) -> impl Iterator<Item = &'a File> {
        self.files.iter().filter(move |file| {
            file.path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'))
                && file.extension() == extension
        })
    }

    /// The file of exactly this path.
    pub(crate) fn find(&self, path: &str) -> Option<&File> {
        self.files.iter().find(|file| file.path == path)
    }

    /// Rust that is part of a room: everything under `crates/*/src`.
    pub(crate) fn sources(&self) -> impl Iterator<Item = &File> {
        self.files.iter().filter(|file| file.extension() == "rs" && file.is_under_src())
    }
}

impl File {
    /// What follows the last dot of the name; empty without one.
    pub(crate) fn extension(&self) -> &str {
        self.name().rsplit_once('.').map_or("", |(_, extension)| extension)
    }

    /// The last part of the path.
    pub(crate) fn name(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or_default()
    }

    /// The crate's folder name for a file under `crates/`; empty elsewhere.
    pub(crate) fn room(&self) -> &str {
        let rest = self.path.strip_prefix("crates/").unwrap_or_default();
        rest.split_once('/').map_or("", |(room, _)| room)
    }

    /// Whether it is a room's own code, and not one of its tests, examples or data.
    pub(crate) fn is_under_src(&self) -> bool {
        self.path.strip_prefix("crates/").is_some_and(|rest| rest.split('/').nth(1) == Some("src"))
    }

    /// Whether nothing in it is part of the product: a test target, or a test module in a file of its own.
    pub(crate) fn is_test(&self) -> bool {
        let is_folder = self.path.split('/').any(|part| part == "tests");
        is_folder || self.name() == "tests.rs" || self.name().ends_with("_tests.rs")
    }

    /// The whole lines with their numbers, from 1.
    pub(crate) fn lines(&self) -> impl Iterator<Item = (usize, &str)> {
        self.text.lines().enumerate().map(|(index, line)| (index + 1, line))
    }
}

fn walk(folder: &Path, prefix: &str, files: &mut Vec<File>) -> std::io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let path = if prefix.is_empty() { name.clone() } else { format!("{prefix}/{name}") };
        let kind = entry.file_type()?;
        if kind.is_dir() && !NOT_OURS.contains(&name.as_str()) {
            walk(&entry.path(), &path, files)?;
        } else if kind.is_file()
            && let Ok(text) = String::from_utf8(fs::read(entry.path())?)
            && !text.contains('\0')
        {
            files.push(File { path, text });
        }
    }
    Ok(())
}
