//! Rehearsal from the command line.

use crate::command::place::Place;

#[test]
fn a_rehearsal_says_who_is_called_when_and_what_is_missing() {
    let place = Place::with_people();
    let ran = place
        .ippo(&[
            "rehearse",
            "--reporter",
            "per_tanaka",
            "--at",
            "2026-11-22T03:00:00+09:00",
            "--json",
        ])
        .expect(0);
    let shape = ran.json();
    let line: Vec<&str> = shape["line"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["person"]["id"].as_str().unwrap())
        .collect();
    assert_eq!(line, ["per_sato", "per_suzuki"]);
    assert_eq!(shape["line"][0]["because"], "manager");
    assert_eq!(shape["line"][1]["joins_after_ms"], 180_000);
    assert_eq!(shape["steps"][0]["after_ms"], 0);
    assert_eq!(shape["steps"][0]["channel"], "webhook");
    assert_eq!(shape["steps"][0]["person"]["name"], "佐藤");
    let codes: Vec<&str> = shape["problems"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["code"].as_str().unwrap())
        .collect();
    assert_eq!(codes, ["no_voice", "no_voice"]);
    let text = place.ippo(&["rehearse", "--reporter", "per_tanaka"]).expect(0).out;
    assert!(
        text.contains("1. 佐藤 (manager) at once") && text.contains("00:00  佐藤  Webhook"),
        "{text}"
    );
}

#[test]
fn somebody_unknown_is_answered_with_no() {
    let ran =
        Place::with_people().ippo(&["rehearse", "--reporter", "per_gone", "--json"]).expect(1);
    assert_eq!(ran.json()["problems"][0]["code"], "unknown_reporter");
}
