//! The message catalogue: Fluent files built into the program, one bundle for each language.

use std::sync::LazyLock;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use unic_langid::{LanguageIdentifier, langid};

use crate::Locale;

macro_rules! sources {
    ($locale:literal) => {
        [
            include_str!(concat!("../messages/", $locale, "/common.ftl")),
            include_str!(concat!("../messages/", $locale, "/home.ftl")),
            include_str!(concat!("../messages/", $locale, "/calling.ftl")),
            include_str!(concat!("../messages/", $locale, "/answer.ftl")),
            include_str!(concat!("../messages/", $locale, "/incident.ftl")),
            include_str!(concat!("../messages/", $locale, "/people.ftl")),
            include_str!(concat!("../messages/", $locale, "/rehearsal.ftl")),
            include_str!(concat!("../messages/", $locale, "/settings.ftl")),
            include_str!(concat!("../messages/", $locale, "/sign-in.ftl")),
            include_str!(concat!("../messages/", $locale, "/guide.ftl")),
            include_str!(concat!("../messages/", $locale, "/message.ftl")),
            include_str!(concat!("../messages/", $locale, "/errors.ftl")),
            include_str!(concat!("../messages/", $locale, "/demo.ftl")),
            include_str!(concat!("../messages/", $locale, "/time.ftl")),
            include_str!(concat!("../messages/", $locale, "/cli.ftl")),
        ]
    };
}

type Texts = FluentBundle<FluentResource>;

static JA: LazyLock<Texts> = LazyLock::new(|| build(langid!("ja"), &sources!("ja")).0);
static EN: LazyLock<Texts> = LazyLock::new(|| build(langid!("en"), &sources!("en")).0);

/// Takes in what can be read, and says what could not: a fault in one text never takes the others away.
fn build(language: LanguageIdentifier, sources: &[&str]) -> (Texts, Vec<String>) {
    let mut texts = FluentBundle::new_concurrent(vec![language]);
    // The marks that Fluent puts round values show up as rubbish in mail and on telephones.
    texts.set_use_isolating(false);
    let mut faults = Vec::new();
    for source in sources {
        let resource =
            FluentResource::try_new((*source).to_owned()).unwrap_or_else(|(rest, errors)| {
                faults.extend(errors.iter().map(ToString::to_string));
                rest
            });
        if let Err(errors) = texts.add_resource(resource) {
            faults.extend(errors.iter().map(ToString::to_string));
        }
    }
    (texts, faults)
}

/// The key that a line of a Fluent file begins, if it does.
fn key_of_line(line: &str) -> Option<String> {
    let (key, _) = line.split_once(" =")?;
    key.starts_with(|first: char| first.is_ascii_alphabetic()).then(|| key.to_owned())
}

fn texts(locale: Locale) -> &'static Texts {
    match locale {
        Locale::Ja => &JA,
        Locale::En => &EN,
    }
}

/// The text of `key`, or the key itself when there is none.
pub(crate) fn format(
    locale: Locale,
    key: &str,
    count: Option<i64>,
    values: &[(&str, &str)],
) -> String {
    let texts = texts(locale);
    let Some(pattern) = texts.get_message(key).and_then(|message| message.value()) else {
        debug_assert!(false, "no text `{key}` in {locale:?}: add it to crates/wording/messages");
        return key.to_owned();
    };
    let mut args = FluentArgs::with_capacity(values.len().saturating_add(1));
    if let Some(count) = count {
        args.set("count", FluentValue::from(count));
    }
    for (name, value) in values {
        args.set(*name, FluentValue::from(*value));
    }
    let mut errors = Vec::new();
    let text = texts.format_pattern(pattern, Some(&args), &mut errors).into_owned();
    debug_assert!(errors.is_empty(), "text `{key}` in {locale:?}: {errors:?}");
    text
}

/// Whether the text exists.
pub(crate) fn has(locale: Locale, key: &str) -> bool {
    texts(locale).has_message(key)
}

/// Every key with the values it takes.
pub(crate) fn list_keys(locale: Locale) -> Vec<(String, Vec<String>)> {
    let sources = match locale {
        Locale::Ja => sources!("ja"),
        Locale::En => sources!("en"),
    };
    let mut found: Vec<(String, Vec<String>)> = Vec::new();
    for line in sources.iter().flat_map(|source| source.lines()) {
        if let Some(key) = key_of_line(line) {
            found.push((key, Vec::new()));
        } else if line.starts_with('#') {
            continue;
        }
        if let Some((_, values)) = found.last_mut() {
            values.extend(values_in(line));
        }
    }
    for (_, values) in &mut found {
        values.sort();
        values.dedup();
    }
    found.sort();
    found
}

/// The names behind `$` in a line of a Fluent file.
fn values_in(line: &str) -> impl Iterator<Item = String> + '_ {
    line.split('$').skip(1).map(|rest| {
        rest.chars().take_while(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_')).collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_is_read_whole() {
        let languages = [
            (Locale::Ja, langid!("ja"), sources!("ja")),
            (Locale::En, langid!("en"), sources!("en")),
        ];
        for (locale, language, sources) in languages {
            let faults = build(language, &sources).1;
            assert!(faults.is_empty(), "{locale:?}: {faults:#?}");
            let keys = list_keys(locale);
            assert!(keys.len() > 200, "{locale:?} has only {} texts", keys.len());
            for (key, _) in keys {
                assert!(
                    has(locale, &key),
                    "{locale:?}: `{key}` looks like a text but cannot be looked up"
                );
            }
        }
    }
}
