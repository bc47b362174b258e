//! Error codes: each code has a page that says what to do, and each page a code.

use std::collections::{BTreeMap, BTreeSet};

use crate::source::{Source, line_of};
use crate::tree::{File, Tree};

const PAGES: &str = "docs/errors";

/// Rooms whose errors a person or script can meet. A function called `code` is for errors there.
const ROOMS: &[&str] = &["domain", "store", "channels", "engine", "web", "ippo"];

/// What pages show: the codes there are shapes and states of a screen.
const VIEWS: &str = "crates/web/src/view/";

/// Codes without a page and pages without a code.
pub(crate) fn codes_and_pages_that_differ(tree: &Tree) -> Vec<String> {
    let codes = codes(tree);
    let pages: BTreeSet<&str> = tree
        .under(PAGES, "md")
        .filter(|file| file.name() != "README.md")
        .map(|file| file.name().trim_end_matches(".md"))
        .collect();
    let without_page = codes.iter().filter(|(code, _)| !pages.contains(code.as_str()));
    let without_code = pages.iter().filter(|page| !codes.contains_key(**page));
    let without_page =
        without_page.map(|(code, at)| format!("{PAGES}/{code}.md is missing ({at})"));
    let without_code =
        without_code.map(|page| format!("{PAGES}/{page}.md: no code is called that"));
    without_page.chain(without_code).collect()
}

/// Every text in the shape of a code inside a function called `code`, with the place where it first stands.
fn codes(tree: &Tree) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    let has_errors = |file: &&File| ROOMS.contains(&file.room()) && !file.path.starts_with(VIEWS);
    for file in tree.sources().filter(has_errors).filter(|file| !file.is_test()) {
        let source = Source::production(&file.text);
        let literals = source.literals();
        for body in source.bodies_of("code") {
            for literal in literals.iter().filter(|l| body.contains(&l.start) && is_code(l.text)) {
                let place = format!("{}:{}", file.path, line_of(&file.text, literal.start));
                found.entry(literal.text.to_owned()).or_insert(place);
            }
        }
    }
    found
}

fn is_code(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_lowercase())
        && text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
}

#[test]
fn the_code_rule_compares_codes_and_pages_both_ways() {
    let code = "fn code(self) -> &'static str {\n    match self {\n        Self::A => \"a_gone\",\n        \
                Self::B(b) => b.code(),\n        Self::C { .. } => { \"c_full\" }\n    }\n}\n\
                fn name() -> &'static str { \"not_a_code\" }\n";
    let tree = Tree::of(&[
        ("crates/engine/src/error.rs", code),
        ("crates/wording/src/lib.rs", "fn code() -> &str { \"ja\" }"),
        ("crates/web/src/view/lanes.rs", "fn code() -> &str { \"planned\" }"),
        ("docs/errors/README.md", ""),
        ("docs/errors/a_gone.md", ""),
        ("docs/errors/old.md", ""),
    ]);
    assert_eq!(
        codes_and_pages_that_differ(&tree),
        [
            "docs/errors/c_full.md is missing (crates/engine/src/error.rs:5)",
            "docs/errors/old.md: no code is called that",
        ]
    );
}
