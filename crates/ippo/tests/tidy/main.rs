//! The house rules that a machine checks. Each test says what to do when it fails.
//!
//! A rule is a function from the tree of files to a list of places that break it, and has a test of its own beside
//! it, on a small made-up tree, that shows it finding what it is for. The rules read; they build and fetch nothing.

mod codes;
mod outside;
mod pages;
mod rooms;
mod shape;
mod source;
mod sql;
mod texts;
mod tree;
mod words;

use tree::Tree;

/// Runs a rule on the repository and shows every place at once.
#[track_caller]
fn expect_none(rule: impl Fn(&Tree) -> Vec<String>, what_to_do: &str) {
    let tree = Tree::load().map_err(|error| error.to_string());
    let found =
        tree.map_or_else(|error| vec![format!("the tree is unreadable: {error}")], |t| rule(&t));
    assert!(found.is_empty(), "{what_to_do}\n  {}\n", found.join("\n  "));
}

#[test]
fn the_tree_that_the_rules_read_is_the_whole_repository() -> std::io::Result<()> {
    let tree = Tree::load()?;
    for path in
        ["Cargo.toml", "check", "crates/domain/src/lib.rs", "crates/ippo/tests/tidy/main.rs"]
    {
        assert!(tree.find(path).is_some(), "{path} was not read");
    }
    assert!(tree.all().all(|file| !file.path.contains("node_modules")));
    Ok(())
}

#[test]
fn rooms_depend_only_on_what_the_table_gives_them() {
    expect_none(
        rooms::forbidden_dependencies,
        "take the dependency out, or change the table in tidy/rooms.rs with a decision record:",
    );
}

#[test]
fn every_dependency_takes_its_version_from_the_workspace() {
    expect_none(
        rooms::dependencies_outside_the_workspace_table,
        "declare it in [workspace.dependencies] and write `name.workspace = true`:",
    );
}

#[test]
fn every_crate_has_one_integration_test_binary() {
    expect_none(rooms::extra_test_binaries, "move it into tests/it/ as a module of main.rs:");
}

#[test]
fn no_file_is_longer_than_a_person_proofreads() {
    expect_none(shape::too_long, "split it by idea; aim for half of the limit:");
}

#[test]
fn every_module_says_what_it_is_for() {
    expect_none(
        shape::without_module_doc,
        "begin the file with `//!`: what it is for, what it promises, what it leaves to others:",
    );
}

#[test]
fn nothing_is_unfinished_or_switched_off() {
    expect_none(
        shape::unfinished,
        "finish it, or leave it out; a lint is answered with `#[expect(…, reason = …)]`:",
    );
}

#[test]
fn time_chance_and_environment_come_in_by_their_doors() {
    expect_none(
        shape::outside_calls,
        "take it as a parameter (port::Clock, port::Entropy, the configuration), or name a door in tidy/shape.rs:",
    );
}

#[test]
fn nothing_changes_a_ledger_event_but_the_one_redaction() {
    expect_none(sql::ledger_changes, "the ledger only grows: write a new event instead:");
}

#[test]
fn no_statement_asks_the_database_for_the_time() {
    expect_none(sql::time_functions, "bind the time as a parameter:");
}

#[test]
fn migrations_are_numbered_without_a_gap() {
    expect_none(sql::misnumbered_migrations, "give it the next free number of four digits:");
}

#[test]
fn templates_hold_no_code_that_the_browser_would_refuse() {
    expect_none(
        pages::inline_code,
        "move it into a file under crates/web/assets; the policy allows nothing inline:",
    );
}

#[test]
fn pages_fetch_nothing_from_another_host() {
    expect_none(
        pages::external_addresses,
        "put the file under crates/web/assets and serve it ourselves:",
    );
}

#[test]
fn names_use_the_words_of_the_glossary() {
    expect_none(
        words::banned_words,
        "use the word of docs/words.md, or change its table \"Not in names\":",
    );
}

#[test]
fn every_error_code_has_a_page_and_every_page_a_code() {
    expect_none(
        codes::codes_and_pages_that_differ,
        "write the page as docs/errors/README.md says, or remove the one that is left over:",
    );
}

#[test]
fn every_text_that_is_asked_for_is_in_the_catalogue() {
    expect_none(texts::unknown_keys, "add the key to crates/wording/messages/ja and en:");
}

#[test]
fn both_languages_have_equal_keys_and_variables() {
    expect_none(
        texts::unequal_languages,
        "write the text in both languages, with the same variables:",
    );
}

#[test]
fn the_tree_holds_no_path_of_one_machine() {
    expect_none(
        outside::private_paths,
        "write the path relative to the repository, or as an option:",
    );
}

#[test]
fn lock_files_name_no_source_of_their_own() {
    expect_none(
        outside::private_sources,
        "make the lock file again with the ordinary registry (npm: see tests/browser/.npmrc):",
    );
}
