//! The doctor: well means everything is well, and anything else says what to do.

use crate::command::place::{CONFIG, Place};

fn problems(shape: &serde_json::Value) -> Vec<(String, String)> {
    let text =
        |check: &serde_json::Value, name: &str| check[name].as_str().unwrap_or_default().to_owned();
    let checks =
        shape["checks"].as_array().unwrap().iter().filter(|check| check["state"] == "problem");
    checks.map(|check| (text(check, "check"), text(check, "what"))).collect()
}

#[test]
fn all_is_well_when_everything_is_in_place() {
    let place = Place::with_people();
    let ran = place.ippo(&["doctor", "--json"]);
    let shape = ran.json();
    assert_eq!(problems(&shape), []);
    assert_eq!((shape["ok"].as_bool(), ran.code), (Some(true), 0));
    let text = place.ippo(&["doctor"]).expect(0).out;
    assert!(text.ends_with("All is well.\n"), "{text}");
}

#[test]
fn what_is_missing_is_named_with_what_to_do() {
    let place = Place::configured();
    let lonely = "[[person]]\nid = \"per_suzuki\"\nname = \"鈴木\"\n\n[[person]]\nid = \"per_a\"\nname = \"A\"\n\n\
                  [[team]]\nid = \"team_x\"\nname = \"X\"\nmembers = [\"per_a\"]\n";
    place.write("people.toml", lonely);
    place.ippo(&["directory", "import", "people.toml"]).expect(0);
    let ran = place.ippo(&["doctor", "--json"]).expect(1);
    let found = problems(&ran.json());
    let has = |check: &str, part: &str| {
        found.iter().any(|(name, what)| name == check && what.contains(part))
    };
    assert!(has("routes", "鈴木 (per_suzuki) cannot be reached"), "{found:?}");
    assert!(has("line", "X (team_x)") && has("line", "[only_last_resort]"), "{found:?}");
    assert!(!ran.json()["ok"].as_bool().unwrap());
    let text = place.ippo(&["doctor"]).expect(1).out;
    assert!(text.contains("-> add a contact that a channel can use"), "{text}");
}

#[test]
fn a_broken_configuration_and_a_missing_database_are_findings_and_no_crash() {
    let place = Place::empty();
    place
        .write("ippo.toml", CONFIG.replace("timezone = \"Asia/Tokyo\"", "timezone = \"Asia/Edo\""));
    let found = problems(&place.ippo(&["doctor", "--json"]).expect(1).json());
    assert!(
        found.len() == 1 && found[0].0 == "config" && found[0].1.contains("Asia/Edo"),
        "{found:?}"
    );
    place.write("ippo.toml", CONFIG);
    let found = problems(&place.ippo(&["doctor", "--json"]).expect(1).json());
    assert!(found.len() == 1 && found[0].1.contains("there is no database"), "{found:?}");
    place.write(
        "ippo.db",
        "this is not a database, whatever its name says: it only has to be long enough for that",
    );
    let found = problems(&place.ippo(&["doctor", "--json"]).expect(1).json());
    assert!(found.len() == 1 && found[0].1.contains("store_damaged"), "{found:?}");
}
