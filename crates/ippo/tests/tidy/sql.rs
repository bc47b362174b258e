//! SQL: the ledger only grows, no statement asks what time it is, migrations are numbered without a gap.

use std::collections::{BTreeMap, BTreeSet};

use crate::source::{Source, is_word, line_of};
use crate::tree::{File, Tree};

/// The columns that the one redaction statement empties. Digest, chain and the fact itself stay.
const REDACTED_COLUMNS: &[&str] = &["salt", "body", "body_json"];

/// What asks the database for the time. Upper case, as the text is compared.
const TIME_FUNCTIONS: &[&str] = &[
    "NOW()",
    "'NOW'",
    "CURRENT_TIMESTAMP",
    "CURRENT_TIME",
    "CURRENT_DATE",
    "STRFTIME",
    "UNIXEPOCH",
    "JULIANDAY",
];

const MIGRATIONS: &str = "crates/store/migrations";

/// A piece of SQL and where it stands.
struct Statement {
    place: String,
    /// Upper case, every run of white space one space.
    text: String,
}

/// Statements that change or remove a ledger event, but for the one redaction.
pub(crate) fn ledger_changes(tree: &Tree) -> Vec<String> {
    let mut found = Vec::new();
    let mut redactions = 0;
    for statement in statements(tree) {
        if is_redaction(&statement.text) {
            redactions += 1;
            if redactions > 1 {
                found.push(format!("{}: a second redaction statement", statement.place));
            }
        } else if changes_the_ledger(&statement.text) {
            found.push(format!("{}: {}", statement.place, statement.text));
        }
    }
    found
}

/// Statements of the store that call a time function.
pub(crate) fn time_functions(tree: &Tree) -> Vec<String> {
    let mut found = Vec::new();
    for statement in statements(tree) {
        for function in TIME_FUNCTIONS.iter().filter(|name| calls(&statement.text, name)) {
            found.push(format!("{}: {function}", statement.place));
        }
    }
    found
}

/// Gaps, doubles and half pairs among the migrations.
pub(crate) fn misnumbered_migrations(tree: &Tree) -> Vec<String> {
    let mut found = Vec::new();
    let mut kinds: BTreeMap<usize, BTreeSet<&str>> = BTreeMap::new();
    let direct = tree.under(MIGRATIONS, "sql").filter(|f| f.path.split('/').count() == 4);
    for file in direct {
        let Some((number, rest)) = file.name().split_once('_') else {
            found.push(format!("{}: no number before a _", file.path));
            continue;
        };
        let Some(number) = number.parse().ok().filter(|_| number.len() == 4) else {
            found.push(format!("{}: the number has not four digits", file.path));
            continue;
        };
        let kind = rest.trim_end_matches(".sql").rsplit_once('.').map_or("both", |(_, kind)| kind);
        if !kinds.entry(number).or_default().insert(kind) {
            found.push(format!("{}: the number is taken", file.path));
        }
    }
    for (index, (number, kinds)) in kinds.iter().enumerate() {
        if *number != index + 1 {
            found.push(format!("{MIGRATIONS}: {:04} is missing before {number:04}", index + 1));
            break;
        }
        let is_whole = kinds.iter().eq(&["both"]) || kinds.iter().eq(&["postgres", "sqlite"]);
        if !is_whole {
            found.push(format!(
                "{MIGRATIONS}: {number:04} is neither one file nor a .sqlite.sql and .postgres.sql pair"
            ));
        }
    }
    found
}

/// Whether `name` stands in `text` on its own, and not as part of a longer name.
fn calls(text: &str, name: &str) -> bool {
    let bytes = text.as_bytes();
    text.match_indices(name).any(|(at, _)| {
        let begins = at == 0 || !is_word(bytes[at - 1]);
        let ends = !bytes.get(at + name.len()).is_some_and(|byte| is_word(*byte));
        begins && ends
    })
}

/// Every string of the store's code and every migration, in the form rules compare.
fn statements(tree: &Tree) -> Vec<Statement> {
    let code = tree.sources().filter(|file| file.room() == "store" && !file.is_test());
    let mut found: Vec<Statement> = code.flat_map(strings).collect();
    for file in tree.under(MIGRATIONS, "sql") {
        let lines = file.text.lines().map(|line| line.split("--").next().unwrap_or_default());
        let text = lines.collect::<Vec<_>>().join("\n");
        found.extend(text.split(';').map(|text| statement(file, 0, text)));
    }
    found
}

fn strings(file: &File) -> Vec<Statement> {
    let source = Source::production(&file.text);
    let literals = source.literals();
    literals.iter().map(|l| statement(file, line_of(&file.text, l.start), l.text)).collect()
}

fn statement(file: &File, line: usize, text: &str) -> Statement {
    let place = if line == 0 { file.path.clone() } else { format!("{}:{line}", file.path) };
    // A backslash at the end of a line joins it to the next in Rust.
    let text = text.replace("\\\n", " ").replace("\\n", " ").to_uppercase();
    Statement { place, text: text.split_whitespace().collect::<Vec<_>>().join(" ") }
}

fn changes_the_ledger(text: &str) -> bool {
    const CHANGES: [&str; 5] = [
        "UPDATE LEDGER_EVENT",
        "DELETE FROM LEDGER_EVENT",
        "REPLACE INTO LEDGER_EVENT",
        "DROP TABLE LEDGER_EVENT",
        "TRUNCATE LEDGER_EVENT",
    ];
    let replaces_on_conflict = text.contains("INSERT INTO LEDGER_EVENT")
        && text.split_once("ON CONFLICT").is_some_and(|(_, rest)| rest.contains("DO UPDATE"));
    replaces_on_conflict || CHANGES.iter().any(|change| text.contains(change))
}

/// `UPDATE ledger_event SET salt = NULL, body = NULL WHERE …` and nothing else.
fn is_redaction(text: &str) -> bool {
    let Some(rest) = text.strip_prefix("UPDATE LEDGER_EVENT SET ") else {
        return false;
    };
    let Some((assignments, _)) = rest.split_once(" WHERE ") else {
        return false;
    };
    assignments.split(',').all(|assignment| {
        assignment.split_once('=').is_some_and(|(column, value)| {
            let column = column.trim().to_lowercase();
            REDACTED_COLUMNS.contains(&column.as_str()) && value.trim() == "NULL"
        })
    })
}

#[test]
fn the_ledger_rule_lets_one_redaction_through_and_nothing_more() {
    let redact =
        "UPDATE ledger_event\n SET salt = NULL, body = NULL\n WHERE incident_id = $1 AND seq = $2";
    let quoted = |text: &str| format!("const A: &str = \"{text}\";\n");
    let fine = quoted(redact) + &quoted("INSERT INTO ledger_event (seq) VALUES ($1)");
    let ruled = Tree::of(&[("crates/store/src/ledger.rs", &fine)]);
    assert_eq!(ledger_changes(&ruled), Vec::<String>::new());
    for bad in [
        "UPDATE ledger_event SET salt = NULL, hash = NULL WHERE seq = $1",
        "UPDATE ledger_event SET body = NULL",
        "delete \\\n from ledger_event WHERE seq = $1",
        "INSERT INTO ledger_event (seq) VALUES ($1) ON CONFLICT (seq) DO UPDATE SET body = excluded.body",
        redact,
    ] {
        let text = fine.clone() + &quoted(bad);
        let tree = Tree::of(&[("crates/store/src/ledger.rs", &text)]);
        assert_eq!(ledger_changes(&tree).len(), 1, "{bad}");
    }
    let migration = [("crates/store/migrations/0002_a.sql", "SELECT 1;\nDROP TABLE ledger_event;")];
    assert_eq!(ledger_changes(&Tree::of(&migration)).len(), 1);
}

#[test]
fn the_time_rule_finds_a_statement_that_asks_the_database() {
    let tree = Tree::of(&[
        ("crates/store/src/a.rs", "let now = clock.now(); let s = \"SELECT unixepoch('now')\";"),
        ("crates/store/migrations/0001_a.sql", "-- no CURRENT_TIMESTAMP\nCREATE TABLE a (at_ms);"),
        ("crates/store/migrations/0002_b.sql", "CREATE TABLE b (at DEFAULT current_timestamp);"),
    ]);
    assert_eq!(
        time_functions(&tree),
        [
            "crates/store/src/a.rs:1: 'NOW'",
            "crates/store/src/a.rs:1: UNIXEPOCH",
            "crates/store/migrations/0002_b.sql: CURRENT_TIMESTAMP",
        ]
    );
}

#[test]
fn the_migration_rule_finds_gaps_doubles_and_half_pairs() {
    let problems = |names: &[&str]| {
        let paths: Vec<String> = names.iter().map(|name| format!("{MIGRATIONS}/{name}")).collect();
        let files: Vec<(&str, &str)> = paths.iter().map(|path| (path.as_str(), "")).collect();
        misnumbered_migrations(&Tree::of(&files)).len()
    };
    assert_eq!(problems(&["0001_a.sql", "0002_b.postgres.sql", "0002_b.sqlite.sql"]), 0);
    assert_eq!(problems(&["0001_a.sql", "data/0007.sql"]), 0);
    assert_eq!(problems(&["0001_a.sql", "0003_c.sql"]), 1);
    assert_eq!(problems(&["0002_a.sql"]), 1);
    assert_eq!(problems(&["0001_a.sql", "0001_b.sql"]), 1);
    assert_eq!(problems(&["0001_a.sqlite.sql"]), 1);
    assert_eq!(problems(&["1_a.sql"]), 1);
    assert_eq!(problems(&["first.sql"]), 1);
}
