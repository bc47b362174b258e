//! The shape of a Rust file: its length, its first line, words that may not stand in it, doors to the outside.

use crate::source::{self, Source, is_word};
use crate::tree::{File, Tree};

/// The most production lines a file may have. Aim for half.
const LINES_MAX: usize = 500;

/// Code that is not finished, is switched off, or hides a warning. Written in halves, so that a plain search of
/// the tree for them stays empty.
const UNFINISHED: &[[&str; 2]] = &[
    ["todo", "!("],
    ["unimplemented", "!("],
    ["dbg", "!("],
    ["#[ig", "nore"],
    ["#[al", "low("],
    ["#![al", "low("],
];

/// A note that something is wrong, anywhere in a file.
const NOTE_OF_A_FAULT: [&str; 2] = ["FIX", "ME"];

/// Calls that bring in the time, chance or the environment.
const OUTSIDE_CALLS: &[&str] = &[
    "SystemTime::now",
    "Instant::now",
    "Timestamp::now",
    "Zoned::now",
    "getrandom::",
    "OsRng",
    "env::var",
];

/// The only places that may make such calls, and why.
const DOORS: &[(&str, &str)] = &[
    ("crates/ippo/src/clock.rs", "the real port::Clock"),
    ("crates/ippo/src/entropy.rs", "the real port::Entropy"),
    ("crates/ippo/src/config.rs", "reads the environment once, at start"),
    ("crates/ippo/src/config/", "the same, in parts"),
    ("crates/ippo/src/bench.rs", "measures real time"),
    ("crates/ippo/src/bench/", "the same, in parts"),
];

/// Files with more production lines than a person proofreads at once.
pub(crate) fn too_long(tree: &Tree) -> Vec<String> {
    let mut found = Vec::new();
    for file in rust(tree).filter(|file| !file.is_test()) {
        let lines = source::production(&file.text).lines().count();
        if lines > LINES_MAX {
            found.push(format!("{}: {lines} production lines, at most {LINES_MAX}", file.path));
        }
    }
    found
}

/// Modules that do not say what they are for.
pub(crate) fn without_module_doc(tree: &Tree) -> Vec<String> {
    let silent = tree.sources().filter(|file| !file.text.starts_with("//!"));
    silent.map(|file| file.path.clone()).collect()
}

/// Code that is unfinished or switched off.
pub(crate) fn unfinished(tree: &Tree) -> Vec<String> {
    let mut found = Vec::new();
    for file in rust(tree) {
        let code = Source::new(&file.text).code();
        for (number, line) in code.lines().enumerate() {
            let words = UNFINISHED.iter().map(|halves| halves.concat());
            found.extend(
                words
                    .filter(|word| has_word(line, word))
                    .map(|word| format!("{}:{}: {word}", file.path, number + 1)),
            );
        }
        let note = NOTE_OF_A_FAULT.concat();
        for (number, _) in file.lines().filter(|(_, line)| line.contains(&note)) {
            found.push(format!("{}:{number}: {note}", file.path));
        }
    }
    found
}

/// Calls to the clock, to chance or to the environment outside their doors.
pub(crate) fn outside_calls(tree: &Tree) -> Vec<String> {
    let mut found = Vec::new();
    for file in tree.sources().filter(|file| !file.is_test() && !is_door(file)) {
        let code = Source::production(&file.text).code();
        for (number, line) in code.lines().enumerate() {
            for call in OUTSIDE_CALLS.iter().filter(|call| has_word(line, call)) {
                found.push(format!("{}:{}: {call}", file.path, number + 1));
            }
        }
    }
    found
}

fn rust(tree: &Tree) -> impl Iterator<Item = &File> {
    tree.all().filter(|file| file.extension() == "rs")
}

fn is_door(file: &File) -> bool {
    DOORS.iter().any(|(door, _)| match door.strip_suffix('/') {
        Some(folder) => file.path.starts_with(folder) && file.path[folder.len()..].starts_with('/'),
        None => file.path == *door,
    })
}

/// Whether `word` stands in `line` and is not the end of a longer name.
fn has_word(line: &str, word: &str) -> bool {
    line.match_indices(word).any(|(at, _)| at == 0 || !is_word(line.as_bytes()[at - 1]))
}

#[test]
fn the_length_rule_counts_production_lines_only() {
    let production = "//! a\n".repeat(LINES_MAX);
    let tests = "#[cfg(test)]\nmod tests {\n".to_owned() + &"// b\n".repeat(300) + "}\n";
    let tree = Tree::of(&[
        ("crates/web/src/fits.rs", &format!("{production}{tests}")),
        ("crates/web/src/long.rs", &format!("{production}fn c() {{}}\n{tests}")),
        ("crates/web/tests/it/long.rs", &format!("{production}fn c() {{}}\n")),
    ]);
    assert_eq!(too_long(&tree), ["crates/web/src/long.rs: 501 production lines, at most 500"]);
}

#[test]
fn the_module_rule_finds_a_file_without_a_first_line() {
    let tree = Tree::of(&[("crates/web/src/a.rs", "//! a\n"), ("crates/web/src/b.rs", "use x;\n")]);
    assert_eq!(without_module_doc(&tree), ["crates/web/src/b.rs"]);
}

#[test]
fn the_unfinished_rule_finds_code_and_notes_but_not_quotations() {
    let bad: Vec<String> = UNFINISHED.iter().map(|halves| halves.concat()).collect();
    let code = bad.join("\n");
    let quoted = format!("// {}\nlet a = \"{}\";", bad.concat(), bad.concat());
    let note = format!("// {}", NOTE_OF_A_FAULT.concat());
    let tree = Tree::of(&[
        ("crates/web/src/code.rs", &code),
        ("crates/web/src/quoted.rs", &quoted),
        ("crates/web/src/note.rs", &note),
        ("crates/web/src/fine.rs", "#[expect(clippy::panic)] fn my_todo() {}"),
    ]);
    let found = unfinished(&tree);
    assert_eq!(found.iter().filter(|f| f.starts_with("crates/web/src/code.rs")).count(), bad.len());
    assert_eq!(found.len(), bad.len() + 1, "{found:?}");
}

#[test]
fn the_door_rule_finds_a_clock_behind_no_door() {
    let call = "fn f() { std::time::Instant::now(); }";
    let test = "#[cfg(test)]\nmod tests {\n    fn f() { std::env::var(\"A\"); }\n}\n";
    let tree = Tree::of(&[
        ("crates/engine/src/run.rs", call),
        ("crates/engine/src/tested.rs", test),
        ("crates/engine/src/told.rs", "// SystemTime::now is banned\nenv!(\"A\");"),
        ("crates/ippo/src/clock.rs", call),
        ("crates/ippo/src/bench/http.rs", call),
        ("crates/ippo/src/benchmark.rs", call),
    ]);
    assert_eq!(
        outside_calls(&tree),
        [
            "crates/engine/src/run.rs:1: Instant::now",
            "crates/ippo/src/benchmark.rs:1: Instant::now"
        ]
    );
}
