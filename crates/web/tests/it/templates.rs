//! Every template with every sample, in both languages: that it renders the same twice, and keeps the house rules.

use std::collections::BTreeSet;

use web::view::sample;
use wording::{Locale, Words};

/// First load of Home, compressed, in bytes.
const HOME_BYTES_MAX: usize = 40_000;

fn every() -> Vec<(String, String)> {
    let mut all = Vec::new();
    for locale in Locale::ALL {
        for (name, html) in sample::every(Words::of(locale)) {
            all.push((format!("{name}.{}", locale.tag()), html));
        }
    }
    all
}

/// The opening tags of a page: name and the text of the attributes.
fn tags(html: &str) -> Vec<(&str, &str)> {
    let mut found = Vec::new();
    for piece in html.split('<').skip(1) {
        let inside = piece.split_once('>').map_or(piece, |(inside, _)| inside);
        if inside.starts_with(['/', '!']) {
            continue;
        }
        found.push(inside.split_once(char::is_whitespace).unwrap_or((inside, "")));
    }
    found
}

/// The value of an attribute.
fn attribute<'a>(attributes: &'a str, name: &str) -> Option<&'a str> {
    let start = format!(" {name}=\"");
    let padded = attributes.find(&start[1..]).filter(|at| {
        *at == 0 || attributes.as_bytes().get(at - 1).is_some_and(u8::is_ascii_whitespace)
    })?;
    attributes.get(padded + start.len() - 1..)?.split('"').next()
}

/// What a reader sees: the page without its tags.
fn text(html: &str) -> String {
    html.split('<').filter_map(|piece| piece.split_once('>')).map(|(_, text)| text).collect()
}

#[test]
fn every_page_renders_the_same_twice() {
    let (first, second) = (every(), every());
    assert!(first.len() >= 60, "only {} pages", first.len());
    for ((name, html), (_, again)) in first.iter().zip(&second) {
        assert!(html.len() > 1000, "{name} is nearly empty");
        assert_eq!(html, again, "{name} differs from itself");
    }
    let names: BTreeSet<_> = first.iter().map(|(name, _)| name).collect();
    assert_eq!(names.len(), first.len(), "two samples have one name");
}

#[test]
fn every_page_names_its_language_and_has_one_heading_and_one_main_part() {
    for (name, html) in every() {
        let language = name.rsplit('.').next().unwrap();
        assert!(html.contains(&format!("<html lang=\"{language}\"")), "{name}");
        for (tag, what) in [("h1", "heading"), ("main", "main part"), ("title", "title")] {
            let count = tags(&html).iter().filter(|(t, _)| *t == tag).count();
            let svg_titles = if tag == "title" {
                html.matches("<title id=").count()
                    + html.matches("overflow=\"visible\"><title>").count()
            } else {
                0
            };
            assert_eq!(count - svg_titles, 1, "{name}: {what}");
        }
    }
}

#[test]
fn nothing_is_inline_and_nothing_comes_from_elsewhere() {
    for (name, html) in every() {
        for (tag, attributes) in tags(&html) {
            assert_ne!(tag, "style", "{name}: inline style sheet");
            assert!(
                tag != "script" || attributes.contains("src=\"/assets/"),
                "{name}: inline script"
            );
            for attribute in
                attributes.split_whitespace().filter_map(|a| a.split_once('=')).map(|(n, _)| n)
            {
                assert!(!attribute.starts_with("on"), "{name}: handler {attribute}");
                assert_ne!(attribute, "style", "{name}: inline style on {tag}");
            }
            for place in ["href", "src", "action"] {
                if let Some(address) = attribute(attributes, place) {
                    let is_own =
                        ["/", "#", "?", "tel:"].iter().any(|start| address.starts_with(start));
                    assert!(is_own && !address.starts_with("//"), "{name}: {place} {address}");
                }
            }
        }
    }
}

#[test]
fn every_field_has_a_label_and_every_id_stands_once() {
    for (name, html) in every() {
        let all = tags(&html);
        let ids: Vec<&str> = all.iter().filter_map(|(_, a)| attribute(a, "id")).collect();
        let unique: BTreeSet<&str> = ids.iter().copied().collect();
        for id in &unique {
            let count = ids.iter().filter(|other| *other == id).count();
            assert_eq!(count, 1, "{name}: id {id} stands {count} times");
        }
        for (tag, attributes) in &all {
            let reference = ["for", "aria-labelledby", "aria-describedby"]
                .into_iter()
                .filter_map(|kind| attribute(attributes, kind))
                .flat_map(str::split_whitespace);
            for id in reference {
                assert!(unique.contains(id), "{name}: {tag} points at {id}, which is not there");
            }
            let is_field = matches!(*tag, "input" | "select" | "textarea");
            let kind = attribute(attributes, "type").unwrap_or("text");
            if !is_field || kind == "hidden" || matches!(kind, "radio" | "checkbox") {
                continue;
            }
            let id = attribute(attributes, "id")
                .unwrap_or_else(|| panic!("{name}: {tag} {attributes} has no id"));
            assert!(html.contains(&format!("<label for=\"{id}\">")), "{name}: no label for {id}");
        }
    }
}

#[test]
fn choices_stand_inside_their_label_and_inside_a_named_group() {
    for (name, html) in every() {
        for (at, _) in html.match_indices("<input type=\"radio\"") {
            assert!(
                html[..at].ends_with("<label class=\"chip\">"),
                "{name}: a choice outside its label"
            );
            let before = &html[..at];
            assert!(
                before.rfind("<fieldset") > before.rfind("</fieldset"),
                "{name}: a choice outside a group"
            );
        }
    }
}

#[test]
fn every_form_that_changes_something_is_a_post_with_a_token() {
    for (name, html) in every() {
        for form in html.split("<form ").skip(1) {
            let form = form.split("</form>").next().unwrap();
            let is_get = form.contains("method=\"get\"");
            assert!(is_get || form.contains("method=\"post\""), "{name}: {form}");
            assert!(is_get || form.contains("name=\"csrf\""), "{name}: no token: {form}");
            assert!(
                form.contains("<button"),
                "{name}: works without a script only with a button: {form}"
            );
        }
    }
}

#[test]
fn only_the_button_raises_its_voice() {
    for (name, html) in every() {
        let rest = html.replace("緊急です!", "").replace("Urgent!", "");
        assert!(!text(&rest).contains(['!', '！']), "{name}");
    }
}

#[test]
fn every_telephone_link_can_be_dialled() {
    let mut count = 0;
    for (name, html) in every() {
        for (_, attributes) in tags(&html) {
            let Some(number) =
                attribute(attributes, "href").and_then(|href| href.strip_prefix("tel:"))
            else {
                continue;
            };
            let digits = number.strip_prefix('+').unwrap_or(number);
            assert!(
                digits.len() >= 3 && digits.bytes().all(|b| b.is_ascii_digit()),
                "{name}: tel:{number}"
            );
            count += 1;
        }
    }
    assert!(count > 20, "only {count} telephone links in all samples");
}

#[test]
fn people_see_words_and_never_keys_or_codes() {
    for (name, html) in every() {
        let seen = text(&html);
        for (key, _) in wording::list_keys(Locale::Ja) {
            assert!(!key.contains('-') || !seen.contains(&key), "{name} shows the key {key}");
        }
    }
}

#[test]
fn what_people_write_is_never_markup() {
    let (_, html) = every().into_iter().find(|(name, _)| name == "calling.en").unwrap();
    assert!(
        html.contains("&#34;name&#34;:&#34;&#60;Hanako Tanaka&#62;&#34;"),
        "the receipt is not escaped"
    );
}

#[test]
fn first_load_of_home_is_small() {
    let assets = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("assets");
    let size = |file: &str| std::fs::metadata(assets.join(file)).unwrap().len() as usize;
    let (_, home) = every().into_iter().find(|(name, _)| name == "home.ja").unwrap();
    // Not compressed here, so that the limit holds whatever the compression does.
    let whole = home.len() + size("site.css") + size("app.js") + size("icon.svg");
    assert!(whole < 2 * HOME_BYTES_MAX, "{whole} bytes before compression");
    assert!(size("app.js") < 8_192, "app.js has {} bytes", size("app.js"));
}

/// Writes all pages where a browser can look at them: `SHOW_PAGES=folder cargo test -p web pages_for_looking_at`.
#[test]
fn pages_for_looking_at_are_complete_documents() {
    let folder = option_env!("SHOW_PAGES");
    for (name, html) in every() {
        assert!(
            html.starts_with("<!doctype html>") && html.trim_end().ends_with("</html>"),
            "{name}"
        );
        if let Some(folder) = folder {
            let local = html.replace("=\"/assets/", "=\"assets/");
            std::fs::write(std::path::Path::new(folder).join(format!("{name}.html")), local)
                .unwrap();
        }
    }
}
