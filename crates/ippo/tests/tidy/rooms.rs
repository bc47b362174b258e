//! Which room may use which: the table of `ARCHITECTURE.md`, and one test binary for each.

use std::collections::BTreeSet;

use toml::{Table, Value};

use crate::tree::{File, Tree};

/// What one room may use.
struct Room {
    name: &'static str,
    /// Rooms it may depend on. Less is fine.
    uses: &'static [&'static str],
    /// Crates of others that belong to another room.
    never: &'static [&'static str],
}

/// Crates that only the web room speaks with.
const HTTP_SERVER: &[&str] = &["axum", "askama", "tower-http"];

/// The rooms, lowest first. A room that is not listed may not exist; a new one is a decision record.
const ROOMS: &[Room] = &[
    // Pure: no IO, no clock, no chance, so that any scenario runs in a test in microseconds.
    Room {
        name: "domain",
        uses: &[],
        never: &["tokio", "rusqlite", "reqwest", "axum", "lettre", "getrandom", "tracing", "hyper"],
    },
    // Pure as well; later.
    Room { name: "lint", uses: &[], never: &["tokio", "rusqlite", "reqwest", "axum", "getrandom"] },
    // Texts only: the catalogue is part of the binary.
    Room { name: "wording", uses: &["domain"], never: &["tokio", "rusqlite", "reqwest", "axum"] },
    // Keeps, never decides, never calls out.
    Room {
        name: "store",
        uses: &["domain"],
        never: &["reqwest", "lettre", "axum", "askama", "hyper", "getrandom"],
    },
    // One attempt, one outcome; no memory of its own.
    Room { name: "channels", uses: &["domain", "wording"], never: &["rusqlite", "axum", "askama"] },
    // Papers from a fold; later.
    Room { name: "documents", uses: &["domain", "wording"], never: &["tokio", "rusqlite", "axum"] },
    // The door and the loop: a channel is a trait here, a page does not exist.
    Room {
        name: "engine",
        uses: &["domain", "store", "wording"],
        never: &["axum", "askama", "tower-http", "http", "hyper", "reqwest", "lettre", "rusqlite"],
    },
    // Pages and API over the door. No SQL, no sending, no concrete channel.
    Room {
        name: "web",
        uses: &["domain", "lint", "wording", "store", "documents", "engine"],
        never: &["rusqlite", "reqwest", "lettre", "getrandom"],
    },
    // Arguments, configuration, wiring. Rules of the product live below.
    Room {
        name: "ippo",
        uses: &["domain", "lint", "wording", "store", "channels", "documents", "engine", "web"],
        never: &["rusqlite", "lettre", "askama"],
    },
    // Fakes and suites. Never a normal dependency of anything.
    Room { name: "testkit", uses: &["domain", "store", "engine"], never: HTTP_SERVER },
];

/// Rooms that use a room, or a crate of another room, which the table does not give them.
pub(crate) fn forbidden_dependencies(tree: &Tree) -> Vec<String> {
    let mut found = Vec::new();
    for manifest in manifests(tree) {
        let Some(room) = ROOMS.iter().find(|room| room.name == manifest.room()) else {
            found.push(format!("{}: the room is not in the table", manifest.path));
            continue;
        };
        let Ok(table) = manifest.text.parse::<Table>() else {
            found.push(format!("{}: not readable as TOML", manifest.path));
            continue;
        };
        for (section, name, _) in dependencies(&table) {
            let is_room = ROOMS.iter().any(|other| other.name == name);
            let is_dev = section == "dev-dependencies";
            let is_allowed = room.uses.contains(&name) || (is_dev && name == "testkit");
            let is_foreign = !is_dev && room.never.contains(&name);
            if (is_room && !is_allowed) || is_foreign {
                found.push(format!("{}: [{section}] {name}", manifest.path));
            }
        }
    }
    found
}

/// Dependencies that name a version of their own instead of the workspace's.
pub(crate) fn dependencies_outside_the_workspace_table(tree: &Tree) -> Vec<String> {
    let mut found = Vec::new();
    for manifest in manifests(tree) {
        let table = manifest.text.parse::<Table>().unwrap_or_default();
        for (section, name, value) in dependencies(&table) {
            let is_inherited = value.get("workspace").and_then(Value::as_bool) == Some(true);
            if !is_inherited {
                found.push(format!("{}: [{section}] {name}", manifest.path));
            }
        }
    }
    found
}

/// Test targets beside `tests/it/main.rs` (and this one): each is a link of its own for everybody.
pub(crate) fn extra_test_binaries(tree: &Tree) -> Vec<String> {
    let mut targets = BTreeSet::new();
    for file in tree.under("crates", "rs") {
        let parts: Vec<&str> = file.path.split('/').collect();
        match parts.as_slice() {
            ["crates", room, "tests", name] => {
                targets.insert((*room, name.trim_end_matches(".rs").to_owned()));
            }
            ["crates", room, "tests", name, "main.rs"] => {
                targets.insert((*room, (*name).to_owned()));
            }
            _ => {}
        }
    }
    for manifest in manifests(tree) {
        let table = manifest.text.parse::<Table>().unwrap_or_default();
        let tests = table.get("test").and_then(Value::as_array).cloned().unwrap_or_default();
        for name in tests.iter().filter_map(|test| test.get("name")).filter_map(Value::as_str) {
            targets.insert((manifest.room(), name.to_owned()));
        }
    }
    let is_extra = |(room, name): &(&str, String)| match name.as_str() {
        "it" => false,
        "tidy" => *room != "ippo",
        _ => true,
    };
    let extra = targets.into_iter().filter(is_extra);
    extra.map(|(room, name)| format!("crates/{room}: test target {name}")).collect()
}

fn manifests(tree: &Tree) -> impl Iterator<Item = &File> {
    tree.under("crates", "toml")
        .filter(|file| file.name() == "Cargo.toml" && file.path.split('/').count() == 3)
}

/// Each dependency of a manifest: its section, the name of the package, and what is said of it.
fn dependencies(manifest: &Table) -> Vec<(&'static str, &str, &Value)> {
    const SECTIONS: [&str; 3] = ["dependencies", "dev-dependencies", "build-dependencies"];
    let for_some_targets = manifest.get("target").and_then(Value::as_table);
    let for_some_targets =
        for_some_targets.into_iter().flat_map(Table::values).filter_map(Value::as_table);
    let mut found = Vec::new();
    for table in std::iter::once(manifest).chain(for_some_targets) {
        for section in SECTIONS {
            let listed = table.get(section).and_then(Value::as_table);
            for (name, value) in listed.into_iter().flatten() {
                let package = value.get("package").and_then(Value::as_str);
                found.push((section, package.unwrap_or(name), value));
            }
        }
    }
    found
}

#[test]
fn the_room_rule_finds_an_edge_upwards_and_a_foreign_crate() {
    let tree = Tree::of(&[
        (
            "crates/store/Cargo.toml",
            "[dependencies]\ndomain.workspace = true\nengine.workspace = true\n",
        ),
        (
            "crates/web/Cargo.toml",
            "[dependencies]\ntestkit.workspace = true\n[dev-dependencies]\ntestkit.workspace = true\n",
        ),
        (
            "crates/domain/Cargo.toml",
            "[target.'cfg(unix)'.dependencies]\nclock = { package = \"tokio\", workspace = true }\n",
        ),
        ("crates/common/Cargo.toml", ""),
    ]);
    assert_eq!(
        forbidden_dependencies(&tree),
        [
            "crates/store/Cargo.toml: [dependencies] engine",
            "crates/web/Cargo.toml: [dependencies] testkit",
            "crates/domain/Cargo.toml: [dependencies] tokio",
            "crates/common/Cargo.toml: the room is not in the table",
        ]
    );
}

#[test]
fn the_workspace_rule_finds_a_version_of_its_own() {
    let text = "[dependencies]\na.workspace = true\nb = \"1\"\nc = { version = \"1\" }\n";
    let tree = Tree::of(&[("crates/web/Cargo.toml", text)]);
    let found = dependencies_outside_the_workspace_table(&tree);
    assert_eq!(
        found,
        ["crates/web/Cargo.toml: [dependencies] b", "crates/web/Cargo.toml: [dependencies] c"]
    );
}

#[test]
fn the_test_binary_rule_finds_files_folders_and_manifest_entries() {
    let tree = Tree::of(&[
        ("crates/web/tests/it/main.rs", ""),
        ("crates/web/tests/it/page.rs", ""),
        ("crates/web/tests/other.rs", ""),
        ("crates/store/tests/second/main.rs", ""),
        ("crates/engine/Cargo.toml", "[[test]]\nname = \"third\"\n"),
        ("crates/ippo/tests/tidy/main.rs", ""),
    ]);
    assert_eq!(
        extra_test_binaries(&tree),
        [
            "crates/engine: test target third",
            "crates/store: test target second",
            "crates/web: test target other",
        ]
    );
}
