//! What a browser is given: nothing inline that the Content-Security-Policy refuses, nothing from another host.

use crate::source::line_of;
use crate::tree::{File, Tree};

const TEMPLATES: &str = "crates/web/templates";
const ASSETS: &str = "crates/web/assets";

/// Attributes whose value the browser fetches, opens or sends to.
const ADDRESS_ATTRIBUTES: &[&str] =
    &["src", "srcset", "href", "xlink:href", "action", "formaction", "poster", "data", "ping"];

/// One opening tag of a template.
struct Tag<'a> {
    name: &'a str,
    attributes: Vec<(String, &'a str)>,
    /// Where it begins, in bytes.
    start: usize,
    /// What follows it, up to the next `<`.
    inside: &'a str,
}

/// Scripts, styles and handlers written into a template.
pub(crate) fn inline_code(tree: &Tree) -> Vec<String> {
    let mut found = Vec::new();
    each_tag(tree, |file, tag| {
        let has_source = tag.attributes.iter().any(|(name, _)| name == "src");
        // A block of data is not run by the browser.
        let is_data =
            tag.attributes.iter().any(|(n, value)| n == "type" && value.ends_with("json"));
        if tag.name == "script" && !is_data && !(has_source && tag.inside.trim().is_empty()) {
            found.push(place(file, tag, "a script without its own file"));
        }
        if tag.name == "style" {
            found.push(place(file, tag, "a style element"));
        }
        for (name, value) in &tag.attributes {
            let is_handler = name.starts_with("on") && name.len() > 2;
            let is_script = value.trim_start().to_lowercase().starts_with("javascript:");
            if is_handler || is_script || name == "style" {
                found.push(place(file, tag, name));
            }
        }
    });
    found
}

/// Addresses of other hosts in templates and assets.
pub(crate) fn external_addresses(tree: &Tree) -> Vec<String> {
    let mut found = Vec::new();
    each_tag(tree, |file, tag| {
        for (name, value) in &tag.attributes {
            if ADDRESS_ATTRIBUTES.contains(&name.as_str()) && is_external(value) {
                found.push(place(file, tag, value));
            }
        }
    });
    for file in tree.under(ASSETS, "css") {
        for (number, line) in file.lines() {
            let targets =
                line.split("url(").skip(1).map(|rest| rest.trim_start_matches(['"', '\'']));
            if line.contains("@import") || targets.into_iter().any(is_external) {
                found.push(format!("{}:{number}: {}", file.path, line.trim()));
            }
        }
    }
    for file in tree.under(ASSETS, "js") {
        for (number, line) in file.lines() {
            let quoted = line.split(['"', '\'', '`']).skip(1).step_by(2);
            for address in
                quoted.filter(|text| is_external(text) && !text.contains("//www.w3.org/"))
            {
                found.push(format!("{}:{number}: {address}", file.path));
            }
        }
    }
    found
}

fn is_external(value: &str) -> bool {
    let value = value.trim_start().to_lowercase();
    ["http://", "https://", "//", "ws://", "wss://"].iter().any(|start| value.starts_with(start))
}

fn place(file: &File, tag: &Tag<'_>, what: &str) -> String {
    format!("{}:{}: <{}>: {what}", file.path, line_of(&file.text, tag.start), tag.name)
}

fn each_tag(tree: &Tree, mut look: impl FnMut(&File, &Tag<'_>)) {
    let templates = tree.under(TEMPLATES, "html").chain(tree.under(TEMPLATES, "svg"));
    for file in templates {
        let text = without_comments(&file.text);
        tags(&text).iter().for_each(|tag| look(file, tag));
    }
}

/// The text with template and HTML comments blanked, every byte in its place.
fn without_comments(text: &str) -> String {
    let mut kept = text.to_owned();
    for (open, close) in [("{#", "#}"), ("<!--", "-->")] {
        let mut from = 0;
        while let Some(start) = kept[from..].find(open).map(|at| at + from) {
            let end = kept[start..].find(close).map_or(kept.len(), |at| start + at + close.len());
            let blank: String =
                kept[start..end].bytes().map(|b| if b == b'\n' { '\n' } else { ' ' }).collect();
            kept.replace_range(start..end, &blank);
            from = end;
        }
    }
    kept
}

fn tags(text: &str) -> Vec<Tag<'_>> {
    let mut found = Vec::new();
    for (start, _) in text.match_indices('<') {
        let rest = &text[start + 1..];
        if !rest.starts_with(|c: char| c.is_ascii_alphabetic()) {
            continue;
        }
        let length = rest.find(|c: char| c.is_whitespace() || matches!(c, '>' | '/'));
        let name = &rest[..length.unwrap_or(rest.len())];
        let (attributes, end) = attributes(&rest[name.len()..]);
        let after = &rest[name.len() + end..];
        let inside = after.split('<').next().unwrap_or_default();
        found.push(Tag { name, attributes, start, inside });
    }
    found
}

/// The attributes up to the `>` that ends the tag, and where what follows begins.
fn attributes(text: &str) -> (Vec<(String, &str)>, usize) {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(next) = text[at..].chars().next() {
        let rest = &text[at..];
        if next == '>' {
            return (found, at + 1);
        }
        if let Some(skip) = expression(rest) {
            at += skip;
            continue;
        }
        let stops = |c: char| c.is_whitespace() || matches!(c, '=' | '>' | '/' | '{' | '"' | '\'');
        let length = rest.find(stops).unwrap_or(rest.len());
        if length == 0 {
            at += next.len_utf8();
            continue;
        }
        let name = rest[..length].to_lowercase();
        at += length;
        let (value, taken) = value(&text[at..]);
        at += taken;
        found.push((name, value));
    }
    (found, text.len())
}

/// The value after a name, without its quotes, and how many bytes it takes with its `=`.
fn value(text: &str) -> (&str, usize) {
    let Some(rest) = text.trim_start().strip_prefix('=') else {
        return ("", 0);
    };
    let before = text.len() - rest.trim_start().len();
    let rest = rest.trim_start();
    let Some(quote) = rest.chars().next().filter(|c| matches!(c, '"' | '\'')) else {
        let end = expression(rest).unwrap_or_else(|| {
            rest.find(|c: char| c.is_whitespace() || c == '>').unwrap_or(rest.len())
        });
        return (&rest[..end], before + end);
    };
    let mut end = 1;
    while let Some(next) = rest[end..].chars().next() {
        if next == quote {
            return (&rest[1..end], before + end + 1);
        }
        // Quotes inside an expression belong to it.
        end += expression(&rest[end..]).unwrap_or(next.len_utf8());
    }
    (&rest[1..], text.len())
}

/// How long the template expression is that begins here, if one does.
fn expression(text: &str) -> Option<usize> {
    let close = [("{{", "}}"), ("{%", "%}")].iter().find(|(open, _)| text.starts_with(open))?.1;
    Some(text.find(close).map_or(text.len(), |at| at + close.len()))
}

#[test]
fn the_inline_rule_finds_what_the_policy_would_refuse() {
    let problems =
        |html: &str| inline_code(&Tree::of(&[("crates/web/templates/a.html", html)])).len();
    assert_eq!(problems("<script type=module src=\"/app.js\" defer></script>"), 0);
    assert_eq!(problems("<script type=\"application/json\" id=\"a\">{}</script>"), 0);
    assert_eq!(
        problems("{# <script>a</script> #}<!-- <style> --><p>onclick=\"a\" style=\"b\"</p>"),
        0
    );
    assert_eq!(
        problems("<a {% if a > 1 %}class=\"on\"{% endif %} title=\"{{ w.t(\"onclick=\") }}\">"),
        0
    );
    assert_eq!(problems("<script>alert(1)</script>"), 1);
    assert_eq!(problems("<script src=\"/a.js\">alert(1)</script>"), 1);
    assert_eq!(problems("<style>a{}</style>"), 1);
    assert_eq!(problems("<p\n  STYLE='color:red'>"), 1);
    assert_eq!(problems("<button {% if a > b %}disabled{% endif %} onclick=\"a()\">"), 1);
    assert_eq!(problems("<a href=\" JavaScript:a()\">"), 1);
}

#[test]
fn the_address_rule_finds_other_hosts_and_no_namespaces() {
    let problems = |path: &str, text: &str| external_addresses(&Tree::of(&[(path, text)])).len();
    let html = "crates/web/templates/a.html";
    assert_eq!(
        problems(html, "<svg xmlns=\"http://www.w3.org/2000/svg\"><use href=\"#a\"/></svg>"),
        0
    );
    assert_eq!(problems(html, "<a href=\"{{ url }}\"><a href=\"/x//y\"><a href='tel:+81'>"), 0);
    assert_eq!(problems(html, "<img src=\"https://a.test/b.png\">"), 1);
    assert_eq!(problems(html, "<link href=//a.test/b.css>"), 1);
    assert_eq!(problems(html, "<form action='http://a.test/'>"), 1);
    assert_eq!(problems("crates/web/assets/a.css", "a { b: url('https://a.test/c') }"), 1);
    assert_eq!(problems("crates/web/assets/a.css", "a { b: url(\"/c.svg\") }"), 0);
    assert_eq!(problems("crates/web/assets/a.js", "fetch('https://a.test')"), 1);
    assert_eq!(
        problems("crates/web/assets/a.js", "make('http://www.w3.org/2000/svg') // https://a"),
        0
    );
}
