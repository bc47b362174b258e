//! The directory from and to a file: errors by line, all or nothing, and back again.

use crate::command::place::{DIRECTORY, Place};

const WRONG: &str = r#"[[person]]
id = "per_tanaka"
name = "田中"
manager = "per_gone"
contact = [
  { channel = "webhook", address = "http://127.0.0.1:9/x" },
  { channel = "webhook", address = "ftp://127.0.0.1/x" },
]

[[person]]
id = "per tanaka"
name = ""
locale = "fr"

[[person]]
id = "per_tanaka"
name = "もう一人"
absence = [{ from = "2026-12-29", to = "2026-12-01" }]

[[person]]
id = "per_kato"
nam = "加藤"

[[project]]
id = "prj_x"
name = "X"
team = "team_gone"

[[robots]]
id = "r"
"#;

#[test]
fn everything_that_is_wrong_is_named_by_its_line_and_nothing_is_taken() {
    let place = Place::with_people();
    let before = place.ippo(&["directory", "export"]).expect(0).out;
    place.write("wrong.toml", WRONG);
    let ran = place.ippo(&["directory", "import", "wrong.toml"]).expect(1);
    for expected in [
        "wrong.toml: line 4: per_tanaka: manager names per_gone, who is not in the directory",
        "wrong.toml: line 7: per_tanaka: webhook: ",
        "wrong.toml: line 11: person: \"per tanaka\" is not an id",
        "wrong.toml: line 12: per tanaka: the name is empty",
        "wrong.toml: line 13: per tanaka: locale is \"fr\"",
        "wrong.toml: line 16: per_tanaka is there twice",
        "wrong.toml: line 18: per_tanaka: the absence ends on 2026-12-01 before it begins on 2026-12-29",
        "wrong.toml: line 22: per_kato: unknown field `nam`",
        "wrong.toml: line 27: prj_x: team names team_gone, which is not in the directory",
        "wrong.toml: line 29: robots is not known",
        "wrong.toml: organisation: last_resort names per_suzuki, who is not in the directory",
        "Nothing was changed",
    ] {
        assert!(ran.err.contains(expected), "{expected}\n--- is not in\n{}", ran.err);
    }
    assert_eq!(place.ippo(&["directory", "export"]).expect(0).out, before);
}

#[test]
fn an_import_needs_somebody_who_is_called_when_nobody_else_is_left() {
    let place = Place::empty();
    place.write("people.toml", DIRECTORY);
    let ran = place.ippo(&["directory", "import", "people.toml"]).expect(1);
    assert!(ran.err.contains("organisation.last_resort is empty"), "{}", ran.err);
}

#[test]
fn a_dry_run_shows_the_difference_and_changes_nothing() {
    let place = Place::with_people();
    let before = place.ippo(&["directory", "export"]).expect(0).out;
    let changed = DIRECTORY
        .replace("name = \"佐藤\"", "name = \"佐藤 健一\"")
        .replace("[[project]]\nid = \"prj_checkout\"", "[[project]]\nid = \"prj_new\"");
    place.write("changed.toml", changed);
    let ran = place.ippo(&["directory", "import", "--dry-run", "changed.toml"]).expect(0);
    assert_eq!(
        ran.out,
        "~ person per_sato: name\n- project prj_checkout Checkout\n+ project prj_new Checkout\n"
    );
    assert!(ran.err.contains("3 entries would change"), "{}", ran.err);
    assert_eq!(place.ippo(&["directory", "export"]).expect(0).out, before);
    place.ippo(&["directory", "import", "changed.toml"]).expect(0);
    let again = place.ippo(&["directory", "import", "--dry-run", "changed.toml"]).expect(0);
    assert_eq!(again.out, "");
}

#[test]
fn what_is_exported_is_imported_again_without_a_difference() {
    let place = Place::with_people();
    for format in ["toml", "csv"] {
        let name = format!("out.{format}");
        let exported = place.ippo(&["directory", "export", "--format", format]).expect(0).out;
        place.write(&name, &exported);
        let ran = place.ippo(&["directory", "import", "--dry-run", &name]).expect(0);
        assert_eq!(ran.out, "", "{format}:\n{exported}");
    }
}

#[test]
fn people_come_from_a_spreadsheet_and_projects_stay() {
    let place = Place::with_people();
    place.write(
        "people.csv",
        "\u{feff}id,name,locale,manager,deputies,webhook,team,team_lead\r\n\
         per_tanaka,田中 花子,ja,per_sato,,http://127.0.0.1:9/a;http://127.0.0.1:9/b,team_billing;team_new,\r\n\
         per_sato,佐藤,,,per_suzuki,http://127.0.0.1:9/sato,,team_billing\r\n\
         per_suzuki,鈴木,,,,http://127.0.0.1:9/suzuki,,\r\n",
    );
    place.ippo(&["directory", "import", "people.csv"]).expect(0);
    let exported = place.ippo(&["directory", "export"]).expect(0).out;
    for expected in [
        "name = \"田中 花子\"",
        "deputies = [\"per_suzuki\"]",
        "address = \"http://127.0.0.1:9/b\"",
        "id = \"team_new\"",
        "id = \"prj_checkout\"",
    ] {
        assert!(exported.contains(expected), "{expected}\n--- is not in\n{exported}");
    }
}

#[test]
fn a_spreadsheet_names_its_bad_lines_too() {
    let place = Place::with_people();
    place.write("bad.csv", "id,name,fax\nper_a,A,1\n");
    let ran = place.ippo(&["directory", "import", "bad.csv"]).expect(1);
    assert!(ran.err.contains("bad.csv: line 1: column \"fax\" is not known"), "{}", ran.err);
    place.write("bad.csv", "id,name,admin\nper_suzuki,鈴木,\nper_a,A\nper_b,B,maybe\nper_c,,no\n");
    let ran = place.ippo(&["directory", "import", "bad.csv"]).expect(1);
    for expected in [
        "line 3: has 2 columns where the header has 3",
        "line 4: per_b: admin is \"maybe\"",
        "line 5: per_c: the name is empty",
    ] {
        assert!(ran.err.contains(expected), "{expected}\n--- is not in\n{}", ran.err);
    }
}

#[test]
fn an_import_never_locks_the_admins_out() {
    let place = Place::configured();
    let with_admin =
        format!("{DIRECTORY}\n[[person]]\nid = \"per_admin\"\nname = \"管理\"\nadmin = true\n");
    place.write("first.toml", with_admin);
    place.ippo(&["directory", "import", "first.toml"]).expect(0);
    place.write("second.toml", DIRECTORY);
    let ran = place.ippo(&["directory", "import", "second.toml"]).expect(0);
    assert!(ran.err.contains("per_admin is an admin and not in the file"), "{}", ran.err);
    assert!(place.ippo(&["directory", "export"]).expect(0).out.contains("per_admin"));
}

#[test]
fn a_doubtful_contact_is_a_warning_with_its_line_and_is_taken() {
    let place = Place::configured();
    let doubtful = DIRECTORY.replace(
        "contact = [{ channel = \"webhook\", address = \"http://127.0.0.1:9/sato\" }]",
        "contact = [{ channel = \"voice\", address = \"+81\" }, { channel = \"webhook\", address = \"https://hooks.example.com/x\" }]",
    );
    place.write("people.toml", doubtful);
    let ran = place.ippo(&["directory", "import", "people.toml"]).expect(0);
    assert!(
        ran.err.contains("please check: line 10: per_sato: no channel \"voice\" is set up"),
        "{}",
        ran.err
    );
    assert!(
        ran.err.contains("please check: line 10: per_sato: the webhook address is outside"),
        "{}",
        ran.err
    );
}
