//! Texts for people: every key that is asked for exists, and both languages say the same things.

use std::collections::{BTreeMap, BTreeSet};

use crate::source::{Source, is_word, line_of};
use crate::tree::{File, Tree};

const CATALOGUE: &str = "crates/wording/messages";
const LANGUAGES: [&str; 2] = ["ja", "en"];

/// What asks for a text by its key: the methods of `Words`, and the macro.
const CALLS: &[&str] = &[".t(", ".tn(", ".tc(", "t!("];

/// The keys of one language, each with the variables it uses.
type Catalogue = BTreeMap<String, BTreeSet<String>>;

/// Keys that are used in Rust or a template and stand in no catalogue.
pub(crate) fn unknown_keys(tree: &Tree) -> Vec<String> {
    let catalogues: Vec<_> = LANGUAGES.iter().map(|lang| (lang, catalogue(tree, lang).0)).collect();
    let mut found = Vec::new();
    let rust = tree.sources().filter(|file| !file.is_test());
    for file in rust.chain(tree.under("crates/web/templates", "html")) {
        for (line, key) in used_keys(file) {
            let lacking = catalogues.iter().filter(|(_, texts)| !texts.contains_key(&key));
            let lacking: Vec<&str> = lacking.map(|(language, _)| **language).collect();
            if !lacking.is_empty() {
                found.push(format!("{}:{line}: {key} (not in {})", file.path, lacking.join(", ")));
            }
        }
    }
    found
}

/// Keys that stand twice, in one language only, or with other variables in the other.
pub(crate) fn unequal_languages(tree: &Tree) -> Vec<String> {
    let mut found = Vec::new();
    let [(first, doubles), (second, more)] = LANGUAGES.map(|language| catalogue(tree, language));
    found.extend(doubles.into_iter().chain(more).map(|key| format!("{key}: stands twice")));
    let keys: BTreeSet<&String> = first.keys().chain(second.keys()).collect();
    for key in keys {
        match (first.get(key), second.get(key)) {
            (Some(_), None) => found.push(format!("{key}: only in {}", LANGUAGES[0])),
            (None, Some(_)) => found.push(format!("{key}: only in {}", LANGUAGES[1])),
            (Some(a), Some(b)) if a != b => {
                found.push(format!(
                    "{key}: {} uses {a:?}, {} uses {b:?}",
                    LANGUAGES[0], LANGUAGES[1]
                ));
            }
            (Some(_), Some(_)) | (None, None) => {}
        }
    }
    found
}

/// Each key asked for by name in the file, with its line. A key that is put together is not seen here.
fn used_keys(file: &File) -> Vec<(usize, String)> {
    let is_rust = file.extension() == "rs";
    let text =
        if is_rust { Source::production(&file.text).without_comments() } else { file.text.clone() };
    let mut found = Vec::new();
    for call in CALLS {
        for (at, _) in text.match_indices(call) {
            let is_own_name = call.starts_with('.') || at == 0 || !is_word(text.as_bytes()[at - 1]);
            let argument = text[at + call.len()..].trim_start();
            let key = argument.strip_prefix('"').and_then(|rest| rest.split_once('"'));
            if let Some((key, _)) = key.filter(|_| is_own_name) {
                found.push((line_of(&text, at), key.to_owned()));
            }
        }
    }
    found.sort();
    found.dedup();
    found
}

/// The texts of one language, and the keys that stand there more than once.
fn catalogue(tree: &Tree, language: &str) -> (Catalogue, Vec<String>) {
    let folder = format!("{CATALOGUE}/{language}");
    let mut texts = Catalogue::new();
    let mut doubles = Vec::new();
    for file in tree.under(&folder, "ftl") {
        for (key, variables) in messages(&file.text) {
            if texts.insert(key.clone(), variables).is_some() {
                doubles.push(format!("{language}/{}: {key}", file.name()));
            }
        }
    }
    (texts, doubles)
}

/// The messages of a Fluent file: a name at the start of a line, then its lines, indented; attributes as `name.attribute`.
fn messages(text: &str) -> Vec<(String, BTreeSet<String>)> {
    let mut found: Vec<(String, BTreeSet<String>)> = Vec::new();
    let mut message = String::new();
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        let (name, is_attribute) = match line.trim_start().strip_prefix('.') {
            Some(rest) if line.starts_with([' ', '\t']) => (rest, true),
            _ => (line, false),
        };
        let name = name.split_once('=').map(|(name, _)| name.trim_end());
        match name.filter(|name| is_key(name)) {
            Some(name) if is_attribute => {
                found.push((format!("{message}.{name}"), BTreeSet::new()));
            }
            Some(name) => {
                name.clone_into(&mut message);
                found.push((message.clone(), BTreeSet::new()));
            }
            None => {}
        }
        if let Some((_, variables)) = found.last_mut() {
            variables.extend(variables_in(line));
        }
    }
    found
}

fn is_key(name: &str) -> bool {
    name.trim_start_matches('-').starts_with(|c: char| c.is_ascii_alphabetic())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'))
}

fn variables_in(line: &str) -> impl Iterator<Item = String> + '_ {
    line.split('$').skip(1).filter_map(|rest| {
        let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
        let name: String = rest.chars().take_while(|c| is_part(*c)).collect();
        (!name.is_empty()).then_some(name)
    })
}

#[test]
fn the_key_rule_finds_a_key_that_no_catalogue_has() {
    let tree = Tree::of(&[
        (
            "crates/wording/messages/ja/home.ftl",
            "# no $x\nsent = 送りました\n    .note = 済み\nonly-ja = あ\n",
        ),
        ("crates/wording/messages/en/home.ftl", "sent = Sent\n    .note = Done\n"),
        (
            "crates/web/src/page.rs",
            "w.t(\"sent\"); w.tn(\n    \"gone\", &[]); w.t(\"sent.note\"); assert!(\"a\"); // .t(\"b\")\n",
        ),
        ("crates/web/templates/home.html", "<p>\n{{ w.t(\"only-ja\") }}{{ w.t(key) }}"),
    ]);
    assert_eq!(
        unknown_keys(&tree),
        [
            "crates/web/src/page.rs:1: gone (not in ja, en)",
            "crates/web/templates/home.html:2: only-ja (not in en)",
        ]
    );
}

#[test]
fn the_language_rule_finds_missing_keys_other_variables_and_doubles() {
    let ja = "a = { $n }回\nb = { $n ->\n    *[other] { $who }さん\n  }\nc = x\nc = y\n";
    let en =
        "a = { $n } times\nb = { $n ->\n    [one] one\n    *[other] { $n }\n  }\nc = x\nd = z\n";
    let tree = Tree::of(&[
        ("crates/wording/messages/ja/a.ftl", ja),
        ("crates/wording/messages/en/a.ftl", en),
    ]);
    assert_eq!(
        unequal_languages(&tree),
        [
            "ja/a.ftl: c: stands twice",
            "b: ja uses {\"n\", \"who\"}, en uses {\"n\"}",
            "d: only in en",
        ]
    );
}
