//! The texts of the statements themselves.

use crate::build::World;

pub(crate) async fn every_statement_prepares_and_its_parameters_are_in_order(world: World) {
    let count = world.open().await.check_statements().await.unwrap();
    assert_eq!(count, store::statements().count());
    assert!(count > 60, "{count}");
}

#[test]
fn names_are_given_once() {
    let mut names: Vec<_> = store::statements().map(|(name, _)| name).collect();
    let count = names.len();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), count);
}

#[test]
fn the_ledger_is_only_added_to_and_redacted() {
    for (name, text) in store::statements().filter(|(_, text)| text.contains("ledger_event")) {
        let verb = text.split_whitespace().next().unwrap_or_default();
        match verb {
            "SELECT" | "INSERT" => assert!(!text.contains("DO UPDATE"), "{name}"),
            "UPDATE" => {
                assert_eq!(name, "REDACT_EVENT");
                let set = text.split("SET").nth(1).unwrap().split("WHERE").next().unwrap();
                assert_eq!(set.trim(), "salt = NULL, body_json = NULL");
            }
            other => panic!("{name}: {other}"),
        }
    }
}

#[test]
fn no_statement_uses_what_the_two_databases_do_not_share() {
    const ONE_ONLY: &[&str] = &[
        "now()",
        "current_timestamp",
        "unixepoch",
        "or ignore",
        "or replace",
        "truncate",
        "for update",
        "skip locked",
        "any(",
        "ilike",
        " like ",
        "lower(",
        "string_agg",
        "group_concat",
        "->",
        "rowid",
        "sqlite_",
        "autoincrement",
        "?",
        "\"",
        "::",
    ];
    for (name, text) in store::statements() {
        let text = text.to_lowercase();
        for word in ONE_ONLY {
            assert!(!text.contains(word), "{name} has {word}");
        }
    }
}

#[tokio::test]
async fn no_statement_walks_through_a_whole_table_that_grows() {
    let world = World::in_a_file();
    drop(world.open().await);
    let connection = rusqlite::Connection::open(world.folder.path().join("ippo.db")).unwrap();
    for (name, text) in store::statements() {
        let mut plan = connection.prepare(&format!("EXPLAIN QUERY PLAN {text}")).unwrap();
        let parameters = plan.parameter_count();
        let nothing = rusqlite::params_from_iter((0..parameters).map(|_| rusqlite::types::Null));
        let steps = plan.query_map(nothing, |row| row.get::<_, String>(3)).unwrap();
        let steps = steps.collect::<Result<Vec<_>, _>>().unwrap();
        // The directory is read whole on purpose, and is small.
        let small = ["person", "team", "project", "rota", "migration", "account", "p", "a"];
        let is_small =
            |step: &str| step.strip_prefix("SCAN ").is_none_or(|table| small.contains(&table));
        assert!(steps.iter().all(|step| is_small(step)), "{name}: {steps:?}");
        // One person's rows are few; those of everybody come out of an index in their order.
        let is_sorted = steps.iter().any(|step| step.contains("TEMP B-TREE"));
        let may_sort = ["LIST_PEOPLE", "LIST_TEAMS", "LIST_PROJECTS", "LIST_ROTAS"]
            .into_iter()
            .chain(["LIST_INCIDENTS_VISIBLE", "LIST_SESSIONS", "LIST_TOKENS"])
            .any(|sorted| sorted == name);
        assert!(!is_sorted || may_sort, "{name}: {steps:?}");
    }
}
