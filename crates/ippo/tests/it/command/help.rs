//! Arguments, help, exit codes, and what happens to output that nobody reads.

use std::process::Stdio;

use crate::command::place::Place;

#[test]
fn wrong_usage_ends_with_2_and_help_with_0() {
    let place = Place::empty();
    for wrong in [
        &[][..],
        &["frobnicate"],
        &["report", "--kind", "fire"],
        &["log", "hunch", "x"],
        &["token"],
        &["serve", "x"],
    ] {
        let ran = place.ippo(wrong);
        assert_eq!(ran.code, 2, "{wrong:?}: {}", ran.err);
        assert_eq!(ran.out, "", "{wrong:?}");
        assert!(
            ran.err.contains("Usage") || ran.err.contains("try '--help'"),
            "{wrong:?}: {}",
            ran.err
        );
    }
    for right in
        [&["--help"][..], &["--version"], &["report", "--help"], &["directory", "import", "--help"]]
    {
        let ran = place.ippo(right);
        assert_eq!((ran.code, ran.err.as_str()), (0, ""), "{right:?}");
    }
    assert_eq!(place.ippo(&["--version"]).out, concat!("ippo ", env!("CARGO_PKG_VERSION"), "\n"));
}

#[test]
fn the_commands_are_listed_in_the_language_of_the_terminal() {
    let place = Place::empty();
    let english = place.ippo_with(&["--help"], &[("LANG", "en_GB.UTF-8")]).out;
    let japanese = place.ippo_with(&["--help"], &[("LANG", "ja_JP.UTF-8")]).out;
    assert!(
        english.contains("report       Report: people are called until somebody answers"),
        "{english}"
    );
    assert!(japanese.contains("report       知らせる。"), "{japanese}");
    for command in [
        "demo",
        "init",
        "serve",
        "doctor",
        "directory",
        "token",
        "login",
        "log",
        "rehearse",
        "export",
        "verify",
        "backup",
        "restore",
        "migrate",
        "completions",
    ] {
        assert!(english.contains(&format!("\n  {command} ")), "{command}: {english}");
    }
    assert!(!english.contains("docs"), "what is only for the build stays out of the way");
}

#[test]
fn output_that_nobody_reads_is_no_failure() {
    let place = Place::empty();
    let mut child = place
        .command(&["docs", "config"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
}

#[test]
fn completions_are_made_for_every_shell() {
    let place = Place::empty();
    for shell in ["bash", "zsh", "fish"] {
        let ran = place.ippo(&["completions", shell]).expect(0);
        assert!(ran.out.contains("rehearse"), "{shell}");
    }
}
