//! One word for one thing: names in the code do not use the synonyms that `docs/words.md` rules out.

use std::collections::BTreeMap;

use crate::source::Source;
use crate::tree::Tree;

const GLOSSARY: &str = "docs/words.md";

/// The heading of the table that this rule reads: `| not | but | why |`.
const HEADING: &str = "## Not in names";

/// The room of the channels; beside its front door, names there are those of a protocol or vendor.
const CHANNELS: &str = "crates/channels/";

/// Names in Rust that hold a word of the glossary's table.
pub(crate) fn banned_words(tree: &Tree) -> Vec<String> {
    let banned = table(tree);
    if banned.is_empty() {
        return vec![format!("{GLOSSARY}: no table under \"{HEADING}\"")];
    }
    let mut found = Vec::new();
    for file in tree.under("crates", "rs").filter(|file| !speaks_a_protocol(&file.path)) {
        for (line, name) in Source::new(&file.text).identifiers() {
            for part in parts(&name) {
                let singular = part.strip_suffix('s').unwrap_or(&part);
                if let Some(instead) = banned.get(&part).or_else(|| banned.get(singular)) {
                    found.push(format!("{}:{line}: {name} (say {instead})", file.path));
                }
            }
        }
    }
    found
}

fn speaks_a_protocol(path: &str) -> bool {
    let rest = path.strip_prefix(CHANNELS);
    rest.is_some_and(|rest| rest.split('/').count() > 2)
}

/// The words that are ruled out, each with the one to use.
fn table(tree: &Tree) -> BTreeMap<String, String> {
    let text = tree.find(GLOSSARY).map_or("", |file| &file.text);
    let section = text.split_once(HEADING).map_or("", |(_, rest)| rest);
    let section = section.split("\n## ").next().unwrap_or_default();
    let mut banned = BTreeMap::new();
    for row in section.lines().filter_map(|line| line.strip_prefix('|')) {
        let cells: Vec<&str> = row.split('|').map(|cell| cell.trim().trim_matches('`')).collect();
        if let [word, instead, ..] = cells.as_slice()
            && *word != "not"
            && word.starts_with(|c: char| c.is_ascii_lowercase())
        {
            banned.insert((*word).to_owned(), (*instead).to_owned());
        }
    }
    banned
}

/// `TicketId` and `ticket_id` alike as `ticket`, `id`.
fn parts(name: &str) -> Vec<String> {
    let mut found = vec![String::new()];
    let mut was_lower = false;
    for letter in name.chars() {
        if letter == '_' || (letter.is_uppercase() && was_lower) {
            found.push(String::new());
        }
        if letter != '_'
            && let Some(last) = found.last_mut()
        {
            last.extend(letter.to_lowercase());
        }
        was_lower = letter.is_lowercase() || letter.is_ascii_digit();
    }
    found.retain(|part| !part.is_empty());
    found
}

#[test]
fn the_word_rule_reads_the_glossary_and_finds_names_of_either_shape() {
    let glossary = "## Not in names\n\n| not | but | why |\n|---|---|---|\n| ticket | incident | x |\n\n## Next\n| a | b |\n";
    let code =
        "struct TicketId;\nfn open_tickets() {}\nlet a = \"ticket\"; // ticket\nlet ticketing = 1;";
    let tree = Tree::of(&[
        (GLOSSARY, glossary),
        ("crates/web/src/a.rs", code),
        ("crates/channels/src/registry.rs", "struct Ticket;"),
        ("crates/channels/src/tracker/mod.rs", "struct Ticket;"),
        ("crates/channels/tests/it/tracker.rs", "struct Ticket;"),
    ]);
    assert_eq!(
        banned_words(&tree),
        [
            "crates/web/src/a.rs:1: TicketId (say incident)",
            "crates/web/src/a.rs:2: open_tickets (say incident)",
            "crates/channels/src/registry.rs:1: Ticket (say incident)",
        ]
    );
}

#[test]
fn the_word_rule_does_not_pass_when_the_glossary_is_gone() {
    assert_eq!(banned_words(&Tree::of(&[])).len(), 1);
}
