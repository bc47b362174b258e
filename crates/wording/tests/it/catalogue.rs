//! Keys, values and voice of the catalogue.

use std::collections::BTreeMap;

use domain::line::Because;
use domain::port::Why;
use wording::{Locale, Words, list_keys};

/// The only text that may carry an exclamation mark.
const BUTTON: &str = "home-button";

/// Words that are not the product's voice: promises nobody can keep, cheering, scolding.
const NOT_OURS: [&str; 8] =
    ["大丈夫", "頑張", "がんば", "気をつけ", "気にしすぎ", "be careful", "don't worry", "just now"];

fn keys(locale: Locale) -> BTreeMap<String, Vec<String>> {
    list_keys(locale).into_iter().collect()
}

fn sources() -> Vec<(String, String)> {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("messages");
    let mut found = Vec::new();
    for language in ["ja", "en"] {
        for file in std::fs::read_dir(folder.join(language)).unwrap() {
            let path = file.unwrap().path();
            found.push((path.display().to_string(), std::fs::read_to_string(&path).unwrap()));
        }
    }
    found
}

#[test]
fn both_languages_have_the_same_texts_with_the_same_values() {
    let (ja, en) = (keys(Locale::Ja), keys(Locale::En));
    let only = |a: &BTreeMap<String, Vec<String>>, b: &BTreeMap<String, Vec<String>>| {
        a.keys().filter(|key| !b.contains_key(*key)).cloned().collect::<Vec<_>>()
    };
    assert!(only(&ja, &en).is_empty(), "only in ja: {:?}", only(&ja, &en));
    assert!(only(&en, &ja).is_empty(), "only in en: {:?}", only(&en, &ja));
    for (key, values) in &ja {
        assert_eq!(values, &en[key], "`{key}` takes other values in en");
    }
}

#[test]
fn no_text_is_defined_twice() {
    for locale in Locale::ALL {
        let list = list_keys(locale);
        for pair in list.windows(2) {
            assert_ne!(pair[0].0, pair[1].0, "`{}` stands twice in {locale:?}", pair[0].0);
        }
    }
}

#[test]
fn every_reason_of_the_domain_has_words() {
    for words in Locale::ALL.map(Words::of) {
        for why in Why::ALL {
            assert!(words.has(&format!("why-{}", why.code())), "why-{}", why.code());
        }
        for because in Because::ALL {
            assert!(
                words.has(&format!("because-{}", because.word())),
                "because-{}",
                because.word()
            );
        }
    }
}

#[test]
fn only_the_button_raises_its_voice() {
    for (file, text) in sources() {
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            let is_button = line.starts_with(BUTTON);
            assert!(is_button || !line.contains(['!', '！']), "{file}: {line}");
            assert!(!is_button || line.contains('!'), "{file}: {line}");
        }
    }
}

#[test]
fn nothing_promises_cheers_or_scolds() {
    for (file, text) in sources() {
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            let lower = line.to_lowercase();
            for word in NOT_OURS {
                assert!(!lower.contains(word), "{file}: `{word}` is not our voice: {line}");
            }
        }
    }
}

#[test]
fn japanese_is_written_in_japanese() {
    let same: Vec<String> = list_keys(Locale::Ja)
        .into_iter()
        .filter(|(key, values)| {
            values.is_empty() && Words::of(Locale::Ja).t(key) == Words::of(Locale::En).t(key)
        })
        .map(|(key, _)| key)
        .collect();
    assert_eq!(same, ["channel-sms", "channel-webhook", "form-id"], "left untranslated");
}
