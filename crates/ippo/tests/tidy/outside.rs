//! What must not leak into the tree: paths of one machine, and where one machine fetches its packages.

use crate::source::is_word;
use crate::tree::Tree;

/// Folders of one person or machine, in halves so that this file does not hold them.
const PRIVATE_FOLDERS: &[[&str; 2]] =
    &[["/ho", "me/"], ["/ro", "ot/"], ["/wo", "rk/"], ["/Us", "ers/"]];

/// The one place crates come from.
const CRATES_IO: &str = "registry+https://github.com/rust-lang/crates.io-index";

/// Absolute paths that exist on one machine only.
pub(crate) fn private_paths(tree: &Tree) -> Vec<String> {
    let mut found = Vec::new();
    for file in tree.all().filter(|file| file.path != "Cargo.lock") {
        for (number, line) in file.lines() {
            for folder in PRIVATE_FOLDERS.iter().map(|halves| halves.concat()) {
                let begins_a_path =
                    |at: usize| at == 0 || !is_path(line.as_bytes()[at - 1], at > 1);
                if line.match_indices(&folder).any(|(at, _)| begins_a_path(at)) {
                    found.push(format!("{}:{number}: {folder}", file.path));
                }
            }
        }
    }
    found
}

/// Lock files that name a source of their own.
pub(crate) fn private_sources(tree: &Tree) -> Vec<String> {
    let mut found = Vec::new();
    for file in tree.all().filter(|file| file.name() == "Cargo.lock") {
        let sources = file.lines().filter(|(_, line)| line.starts_with("source = "));
        let foreign =
            sources.filter(|(_, line)| line.trim_matches('"') != format!("source = \"{CRATES_IO}"));
        found.extend(foreign.map(|(number, line)| format!("{}:{number}: {line}", file.path)));
    }
    for file in tree.all().filter(|file| file.name() == "package-lock.json") {
        let resolved = file.lines().filter(|(_, line)| line.contains("\"resolved\""));
        found.extend(
            resolved.map(|(number, line)| format!("{}:{number}: {}", file.path, line.trim())),
        );
    }
    found
}

/// Whether the byte before a folder's name makes it the middle of a longer path or address.
fn is_path(byte: u8, has_more_before: bool) -> bool {
    has_more_before && (is_word(byte) || matches!(byte, b'.' | b'-' | b'}' | b'*'))
}

#[test]
fn the_path_rule_finds_a_path_of_one_machine_and_no_page_of_that_name() {
    let folder = PRIVATE_FOLDERS[0].concat();
    let bad = [format!("see {folder}me/a"), format!("\"file://{folder}b\""), format!("{folder}c")];
    let fine =
        [format!("https://example.test{folder}a"), format!("a/b{folder}c"), "/homes/".into()];
    for (line, expected) in bad.iter().map(|l| (l, 1)).chain(fine.iter().map(|l| (l, 0))) {
        let tree = Tree::of(&[("docs/a.md", line), ("Cargo.lock", line)]);
        assert_eq!(private_paths(&tree).len(), expected, "{line}");
    }
}

#[test]
fn the_source_rule_finds_a_registry_of_ones_own() {
    let lock =
        format!("source = \"{CRATES_IO}\"\nsource = \"registry+https://mirror.test/index\"\n");
    let npm = "{\n  \"resolved\": \"https://mirror.test/a.tgz\"\n}";
    let tree = Tree::of(&[("Cargo.lock", &lock), ("tests/browser/package-lock.json", npm)]);
    assert_eq!(
        private_sources(&tree),
        [
            "Cargo.lock:2: source = \"registry+https://mirror.test/index\"",
            "tests/browser/package-lock.json:2: \"resolved\": \"https://mirror.test/a.tgz\"",
        ]
    );
}
