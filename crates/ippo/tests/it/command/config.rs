//! The configuration: everything wrong at once, each with its place; and the documents made from the same list.

use crate::command::place::{Place, repository};

const WRONG: &str = r#"[server]
lisen = "127.0.0.1:1"
listen = 8470
public_url = "https://ippo.example.co.jp/"
[organisation]
last_resort = []
domains = ["example.co.jp", "no domain"]
timezone = "Asia/Edo"
[escalation]
voice_after = "soon"
voice_max = { calls = 3, within = "15m", each = 1 }
loop_every = "1ms"
[channels.mail]
smtp = "imap://user:hunter2@mail.example.co.jp"
[channels.webhook]
secret = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="
secret_file = "secret"
[paging]
on = true
"#;

#[test]
fn everything_that_is_wrong_is_listed_at_once_with_its_place() {
    let place = Place::empty();
    place.write("ippo.toml", WRONG);
    let ran = place
        .ippo_with(&["serve"], &[("IPPO_LOG__LEVEL", "loud"), ("IPPO_STORE__ULR", "sqlite:x")])
        .expect(2);
    for expected in [
        "ippo.toml:2: server.lisen is not known\n  -> did you mean server.listen?",
        "ippo.toml:3: server.listen is a whole number, where text in quotes belongs\n  -> write for example listen = ",
        "ippo.toml:4: server.public_url is \"https://ippo.example.co.jp/\", which is not an http or https address that ends without a slash",
        "ippo.toml:6: organisation.last_resort is empty: name at least one",
        "ippo.toml:7: organisation.domains holds \"no domain\", which is not a domain",
        "ippo.toml:8: organisation.timezone is \"Asia/Edo\", which no time zone is called",
        "ippo.toml:10: escalation.voice_after is \"soon\", which is not an amount of time",
        "ippo.toml:11: escalation.voice_max has a key \"each\" that is not known",
        "ippo.toml:12: escalation.loop_every has an amount of 1ms\n  -> give at least 10ms and at most 24h",
        "ippo.toml:13: channels.mail.from is missing",
        "ippo.toml:17: channels.webhook.secret_file is set together with channels.webhook.secret\n  -> keep one of the two",
        "ippo.toml:18: paging is not known",
        "IPPO_LOG__LEVEL: log.level is \"loud\"",
        "IPPO_STORE__ULR: store.ulr is not known\n  -> did you mean store.url?",
    ] {
        assert!(ran.err.contains(expected), "{expected}\n--- is not in\n{}", ran.err);
    }
    assert!(!ran.err.contains("hunter2"), "a secret was printed:\n{}", ran.err);
    assert!(!place.path("ippo.db").exists(), "nothing may be started");
}

#[test]
fn a_file_that_is_no_toml_names_each_bad_line() {
    let place = Place::empty();
    place.write("ippo.toml", "[server\nlisten = \"127.0.0.1:1\"\n[store]\nurl = sqlite\n");
    let ran = place.ippo(&["migrate"]).expect(2);
    assert!(ran.err.contains("ippo.toml:1: cannot be read as TOML"), "{}", ran.err);
    assert!(ran.err.contains("ippo.toml:4: cannot be read as TOML"), "{}", ran.err);
}

#[test]
fn a_file_that_was_named_has_to_be_there() {
    let ran = Place::empty().ippo(&["migrate", "--config", "gone.toml"]).expect(2);
    assert!(ran.err.contains("gone.toml: cannot be read"), "{}", ran.err);
    assert!(ran.err.contains("ippo init writes one"), "{}", ran.err);
}

#[test]
fn without_a_file_the_defaults_and_the_environment_are_enough() {
    let place = Place::empty();
    place.ippo(&["migrate"]).expect(0);
    assert!(place.path("ippo.db").exists());
    place.ippo_with(&["migrate"], &[("IPPO_STORE__URL", "sqlite:other.db")]).expect(0);
    assert!(place.path("other.db").exists());
}

#[test]
fn the_database_stands_beside_its_configuration_wherever_the_command_is_typed() {
    let place = Place::configured();
    std::fs::create_dir(place.path("elsewhere")).unwrap();
    let config = place.path("ippo.toml");
    let mut command = place.command(&["migrate", "--config", config.to_str().unwrap()]);
    assert!(command.current_dir(place.path("elsewhere")).status().unwrap().success());
    assert!(place.path("ippo.db").exists());
}

#[test]
fn a_database_that_is_not_there_is_not_made_by_asking_it_something() {
    let place = Place::configured();
    for arguments in [&["directory", "export"][..], &["backup", "x"], &["export", "inc_1"]] {
        let ran = place.ippo(arguments).expect(3);
        assert!(ran.err.contains("there is no database at"), "{}", ran.err);
    }
    assert!(!place.path("ippo.db").exists());
}

#[test]
fn the_documents_are_those_that_the_program_makes() {
    let place = Place::empty();
    for (chapter, file) in [("config", "docs/config.md"), ("cli", "docs/cli.md")] {
        let made = place.ippo(&["docs", chapter]).expect(0).out;
        assert!(made == repository(file), "{file} is stale: ippo docs {chapter} > {file}");
    }
}
